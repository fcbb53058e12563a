"""What pydantic found wrong, in plain words, and what to write instead."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.config.settings import zones
from bot.config.words import did_you_mean, meant, shown

_NAME = "^[a-z0-9][a-z0-9_-]{0,39}$"
_CHOICES = re.compile(r"\^\(([\w|-]+)\)\$")
_ADDRESS = re.compile(r"\^\(?(http|ws)s\?://")
_UNITS = re.compile(r"\s*(\d+)\s*(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)\s*", re.IGNORECASE)
_TYPES: Sequence[tuple[tuple[str, ...], str]] = (
    (("int_",), "a whole number"),
    (("float_", "finite_"), "a number"),
    (("bool_",), "true or false"),
    (("string_type", "string_sub", "string_unicode", "path_"), 'text in "quotes"'),
    (("datetime_", "timezone_"), "a moment with zone: 2016-04-24T10:00:00+01:00"),
    (("tuple_", "list_", "set_", "frozen_set_"), 'a list: ["a", "b"]'),
    (("model_", "dict_", "dataclass_"), "a block"),
)


def explain(kind: str, key: str, value: object, limits: Mapping[str, Any], message: str) -> tuple[str, str]:
    """The reason and the hint for one error of pydantic.

    Args:
        kind: pydantic's name of the error.
        key: The key that it belongs to.
        value: What was written.
        limits: What pydantic knows about the limits.
        message: pydantic's own words; taken where we have none.
    """
    match kind:
        case "greater_than_equal" | "less_than_equal" | "greater_than" | "less_than" | "multiple_of":
            return _range(kind, key, value, limits), ""
        case "string_too_short" | "too_short":
            empty = value in ("", [], ())
            return (
                f'"{key}" must not be empty' if empty else f'"{key}" is too short: at least {limits.get("min_length")}'
            ), ""
        case "string_too_long" | "too_long":
            return f'"{key}" is too long: at most {limits.get("max_length")}', ""
        case "string_pattern_mismatch":
            return _pattern(key, str(value), str(limits.get("pattern", "")))
        case "enum" | "literal_error":
            choices = re.findall(r"'([^']*)'", str(limits.get("expected", "")))
            return f'{shown(value)} is not possible for "{key}": write one of {", ".join(choices)}', _choice(
                value, choices
            )
        case "duration":
            return f"{shown(value)} is {message}", _duration(value) if message.startswith("not") else ""
        case "zone":
            near = meant(str(value), zones(), 0.7)
            reason = f"{shown(value)} is not a time zone"
            return reason, f'did you mean "{near}"?' if near else "write an IANA name such as Europe/London"
        case "store":
            return _store(value)
        case "web" | "naive" | "calendar" | "address" | "contact":
            is_not = "is " if message.startswith(("not", "no ", "neither")) else ""
            return f"{shown(value)} {is_not}{message}", ""
        case "value_error" | "assertion_error":
            return _own_words(key, value, str(limits.get("error", message))), ""
        case _:
            return wrong_type(kind, key, value) or (f'"{key}": {message[:1].lower()}{message[1:]}', "")


def wrong_type(kind: str, key: str, value: object) -> tuple[str, str] | None:
    """The reason and the hint for a value of the wrong type, None where the error is another one."""
    for beginnings, words in _TYPES:
        if kind.startswith(beginnings):
            return f'"{key}" must be {words}, not {shown(value)}', _other_type(words, value)
    return None


def _own_words(key: str, value: object, words: str) -> str:
    """A platform's own message as one sentence that names the value or the key."""
    if words.startswith("is "):
        return f"{shown(value)} {words}"
    return words if words[:1] in {'"', "'"} else f'"{key}": {words}'


def _range(kind: str, key: str, value: object, limits: Mapping[str, Any]) -> str:
    words = {
        "greater_than_equal": ("ge", "at least"),
        "less_than_equal": ("le", "at most"),
        "greater_than": ("gt", "more than"),
        "less_than": ("lt", "less than"),
        "multiple_of": ("multiple_of", "a multiple of"),
    }
    name, phrase = words[kind]
    return f'{value if isinstance(value, str) else shown(value)} is out of range: "{key}" must be {phrase} {shown(limits.get(name))}'


def _pattern(key: str, value: str, pattern: str) -> tuple[str, str]:
    if pattern == _NAME:
        better = re.sub(r"[^a-z0-9_-]+", "-", value.casefold()).strip("-_")[:40]
        words = "small letters a to z, digits, - and _, at most 40, a letter or digit first"
        return f"{shown(value)} is not a name: {words}", f'did you mean "{better}"?' if better else ""
    if found := _CHOICES.fullmatch(pattern):
        choices = found[1].split("|")
        return f'{shown(value)} is not possible for "{key}": write one of {", ".join(choices)}', _choice(value, choices)
    if key == "ids":
        return (
            f"{shown(value)} is not an account id: write platform:id",
            'for example "bluesky:did:plc:…"; handles change hands',
        )
    if key == "language":
        return f"{shown(value)} is not a language: write a BCP 47 tag such as en-GB", ""
    if found := _ADDRESS.match(pattern):
        return (
            f'{shown(value)} is no address for "{key}": write one that begins with {found[1]}s:// or {found[1]}://',
            "",
        )
    return f'{shown(value)} is not possible for "{key}": it must match {pattern}', ""


def _choice(value: object, choices: Sequence[str]) -> str:
    near = meant(str(value), choices)
    return f'did you mean "{near}"?' if near else ""


def _duration(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f'did you mean "{value}s"?'
    if isinstance(value, str) and (found := _UNITS.fullmatch(value)):
        return f'did you mean "{found[1]}{found[2][0].lower()}"?'
    return ""


def _store(value: object) -> tuple[str, str]:
    text = str(value)
    reason = f"{shown(value)} is not a store: write sqlite:///var/milepost.db or postgresql://user@host/name"
    if text.startswith("postgres://"):
        return reason, f'did you mean "postgresql://{text.removeprefix("postgres://")}"?'
    scheme, divider, rest = text.partition("://")
    if near := meant(scheme, ("sqlite", "postgresql")) if divider else "":
        return reason, f'did you mean "{near}://{rest}"?'
    return reason, f'did you mean "sqlite:///{text}"?' if text and not divider else ""


def _other_type(words: str, value: object) -> str:
    if words == "true or false":
        truth = {
            "true": "true",
            "yes": "true",
            "on": "true",
            "1": "true",
            "false": "false",
            "no": "false",
            "off": "false",
            "0": "false",
        }
        near = truth.get(str(value).strip().casefold(), "")
        return f"did you mean {near}?" if near else ""
    if (
        words in {"a whole number", "a number"}
        and isinstance(value, str)
        and re.fullmatch(r"-?\d{1,18}", value.strip())
    ):
        return f"did you mean {int(value)}?"
    if words.startswith("text") and isinstance(value, int | float):
        return f'did you mean "{shown(value)}"?'
    if words.startswith("a list") and isinstance(value, str):
        return f"did you mean [{shown(value)}]?"
    return ""


def with_zone(value: object, zone: str) -> str:
    """A hint for a moment without zone: the same wall clock in the event's zone, "" where that is not known."""
    try:
        naive = datetime.fromisoformat(value.strip()) if isinstance(value, str) else value
        if not isinstance(naive, datetime):
            naive = datetime(naive.year, naive.month, naive.day) if isinstance(naive, date) else None  # noqa: DTZ001 - it has none
        if naive is None or zone not in zones():
            return ""
        return f"did you mean {naive.replace(tzinfo=ZoneInfo(zone)).isoformat()}?"
    except (ValueError, OverflowError):
        return ""


def unknown_key(key: str, block: str, known: Sequence[str], elsewhere: Sequence[str]) -> tuple[str, str]:
    """The reason and the hint for a key that a block does not know.

    Args:
        key: As it is written.
        block: The block as a person knows it.
        known: The keys of that block.
        elsewhere: Blocks that do know it.
    """
    reason = f"unknown key {shown(key)} {'at' if block == 'the top level' else 'in'} {block}"
    if not meant(key, known, 0.75) and elsewhere:
        return reason, f"it belongs in {elsewhere[0]}"
    return reason, did_you_mean(key, known)
