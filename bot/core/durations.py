"""Durations as people write them: "90s", "15m", "6h", "30d", "2w", "1d12h"."""

import re
from datetime import timedelta

_DURATION = re.compile(r"(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,8})m)?(?:(\d{1,9})s)?")

LONGEST = timedelta(days=36500)


def parse_duration(value: object) -> timedelta:
    """Read a duration.

    Raises:
        ValueError: The text is no duration; the message says how to write one.
    """
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str):
        found = _DURATION.fullmatch(value.strip())
        if found and found.group(0):
            weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
            length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
            if length > LONGEST:
                raise ValueError(f"{value!r} is too long: a duration is at most {LONGEST.days}d")
            return length
    raise ValueError(f"{value!r} is not a duration: write 90s, 15m, 6h, 30d, 2w or 1d12h")


def parse_signed(value: object) -> timedelta:
    """Read a duration that may lie before a start: "4h", "-30m".

    Raises:
        ValueError: As `parse_duration`.
    """
    if isinstance(value, str) and value.strip().startswith("-"):
        return -parse_duration(value.strip()[1:])
    return parse_duration(value)


def write_duration(value: timedelta) -> str:
    """Write a duration the same way, without a sign; "0s" for none. Parts of a second are left out."""
    seconds = int(abs(value.total_seconds()))
    parts = []
    for letter, length in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        number, seconds = divmod(seconds, length)
        if number:
            parts.append(f"{number}{letter}")
    return "".join(parts) or "0s"
