"""The words of a configuration: what looks like a secret, what was meant, how a value is shown."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from enum import Enum

from bot.core.durations import write_duration

_SECRET = (
    "password",
    "passwd",
    "passphrase",
    "token",
    "secret",
    "api_key",
    "apikey",
    "access_key",
    "private_key",
    "credential",
)
_LONGEST = 60


def looks_secret(key: str) -> bool:
    """Whether a key names a secret, also with a slip of the pen ("pasword", "apiKey", "bearer-token")."""
    folded = key.casefold().replace("-", "_")
    if any(word in folded for word in _SECRET):
        return True
    return bool(get_close_matches(folded, _SECRET, 1, 0.8))


def meant(wrong: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """What a person most likely meant, "" where nothing is near. Letters' case does not count."""
    folded = {word.casefold(): word for word in known}
    near = get_close_matches(wrong.casefold(), list(folded), 1, cutoff)
    if near:
        return folded[near[0]]
    longer = [word for low, word in folded.items() if len(low) > 2 and _parts(wrong) & {low}]
    return longer[0] if len(longer) == 1 else ""


def _parts(text: str) -> set[str]:
    return set(re.split(r"[^a-z0-9]+", text.casefold()))


def did_you_mean(wrong: str, known: Sequence[str]) -> str:
    """A hint: the nearest of the known words, else all of them; "" where there are none."""
    if near := meant(wrong, known):
        return f'did you mean "{near}"?'
    return f"known here: {', '.join(dict.fromkeys(known))}" if known else ""


def shown(value: object) -> str:
    """A value as a message quotes it: one line, no control characters, at most about 60 characters."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            short = value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
            return '"' + "".join(letter if letter.isprintable() else "\ufffd" for letter in short) + '"'
        case timedelta():
            return write_duration(value)
        case datetime() | date() | time():
            return value.isoformat()
        case Mapping():
            return "a block"
        case list() | tuple():
            return "a list"
        case _:
            text = str(value)
            return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def as_text(value: object) -> str:
    """A setting's value as `config show` prints it: text as it is, lists as in TOML, nothing as ""."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Enum():
            return str(value.value)
        case timedelta():
            return write_duration(value)
        case datetime():
            return value.isoformat()
        case tuple() | list() | set() | frozenset():
            return "[" + ", ".join(_element(part) for part in value) + "]"
        case _:
            return str(value)


def _element(value: object) -> str:
    if isinstance(value, bool | int | float):
        return as_text(value)
    return json.dumps(as_text(value), ensure_ascii=False)
