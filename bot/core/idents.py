"""Where the store's rooms find `ident`; the names themselves are made in core, which the index and the people's file need too."""

from bot.core.idents import ident

__all__ = ["ident"]
