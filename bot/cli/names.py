"""Names that people type: of strands, accounts, sources, rules and words of the log. One that nobody has is a slip."""

from collections.abc import Collection
from difflib import get_close_matches

from bot.cli.ends import mistyped

_SHOWN = 12


def require(option: str, name: str, known: Collection[str], what: str, *, most: int = _SHOWN) -> None:
    """Refuse a name that nobody has.

    Args:
        option: Where it was typed: "--strand", or the argument's name.
        name: "" was not typed.
        known: In the order in which they are shown.
        what: "strand", "account", …
        most: How many are shown where it is near to none.

    Raises:
        typer.BadParameter: It is none of them; the message says which it may be.
    """
    if not name or name in known:
        return
    by_folded = {one.casefold(): one for one in known}
    begun = [one for one in by_folded if one.startswith(name.casefold())]
    near = get_close_matches(name.casefold(), by_folded, n=1) or begun[:1]
    if near:
        advice = f"did you mean {by_folded[near[0]]!r}?"
    else:
        shown = list(known)[:most]
        advice = (
            f"there are {', '.join(shown)}{', …' if len(known) > len(shown) else ''}" if shown else "there are none"
        )
    raise mistyped(option, f"no {what} is called {name!r}: {advice}")
