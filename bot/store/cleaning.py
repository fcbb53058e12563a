"""Texts that no database takes, made harmless."""

from typing import Any


def clean(value: Any) -> Any:
    """The same value without NUL and lone surrogates in its texts, however deep; lists for tuples."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {key: clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [clean(inner) for inner in value]
    return value
