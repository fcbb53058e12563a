"""Types of value in the rule language: how each is written, read and shown."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum

_SHOWN_TEXT = 120
_SHOWN_ENTRIES = 8


class Kind(StrEnum):
    """What a field, a constant or a function's result is."""

    TEXT = "text"
    NUMBER = "number"
    YESNO = "yes/no"
    DURATION = "duration"
    TIME = "time"
    TEXTS = "list of text"


def parse_moment(text: str) -> datetime:
    """Read a date, a time and a zone; gives aware UTC.

    Raises:
        ValueError: It is no time, or it lacks its zone; the message says how to write one.
    """
    try:
        found = datetime.fromisoformat(text.strip())
        return in_utc(found)
    except ValueError:
        raise ValueError(f"{text!r} is not a time: write date, time and zone: 2016-04-24T10:00+01:00") from None


def in_utc(moment: datetime) -> datetime:
    """Turn an aware time into UTC.

    Raises:
        ValueError: It has no zone, or lies outside of the years 1 to 9999.
    """
    if moment.tzinfo is None:
        raise ValueError("needs date, time and zone: 2016-04-24T10:00:00+01:00")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is too far away: write a year from 2 to 9998") from None


def show_duration(length: timedelta) -> str:
    """Write a duration as rules do, by its two largest units: "6d2h", "-30m", "0s"."""
    if length == timedelta.min:
        return "not started"
    left = abs(length) // timedelta(seconds=1)
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        amount, left = divmod(left, size)
        parts.append((amount, unit))
    first = next((index for index, (amount, _) in enumerate(parts) if amount), len(parts) - 1)
    shown = "".join(f"{amount}{unit}" for amount, unit in parts[first : first + 2] if amount)
    return ("-" if length < timedelta(0) else "") + (shown or "0s")


def show(value: object) -> str:
    """Write a value for a person, on one line and never very long."""
    if value is True or value is False:
        return "yes" if value else "no"
    if isinstance(value, timedelta):
        return show_duration(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, tuple):
        entries = [_on_one_line(str(entry)) for entry in value[:_SHOWN_ENTRIES]]
        more = len(value) - len(entries)
        return "[" + ", ".join(entries) + (f", … {more} more" if more > 0 else "") + "]"
    if isinstance(value, str):
        return f"“{_on_one_line(value)}”"
    return str(value)


def _on_one_line(text: str) -> str:
    clean = "".join(character if character.isprintable() else " " for character in text[: _SHOWN_TEXT * 2])
    line = " ".join(clean.split())
    return line if len(line) <= _SHOWN_TEXT and len(text) <= _SHOWN_TEXT * 2 else line[: _SHOWN_TEXT - 1] + "…"
