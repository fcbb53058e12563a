"""What timing says: where each entrant of a race is, numbers that are counted, and which of it can be believed.

A row that contradicts itself (a split that is later than the finish, or as late as the one after it) is believed in nothing; a
split that is missing is only missing. Rows are facts: the same row twice is one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

FINISH = "finish"
_HOUR_MS = 3_600_000
_LONGEST_MS = 1_000 * _HOUR_MS


class Standing(StrEnum):
    """How far an entrant has come, as timing says it; the order is that of a race."""

    ENTERED = "entered"
    STARTED = "started"
    FINISHED = "finished"
    STOPPED = "stopped"
    ABSENT = "absent"
    DISQUALIFIED = "disqualified"


@dataclass(frozen=True, slots=True)
class Result:
    """One entrant of a race, as one source tells it now.

    Attributes:
        race: Id of the race, as the source's mapping names it.
        key: Permanent within the race: the bib, or the number of the line.
        name: As it is to be written; "" where the source does not tell it.
        place: From 1; None where there is none (yet).
        times: Every point of the course in its order, the last one is `FINISH`: milliseconds since the start, None where missing.
        standing: As the source says it; FINISHED where it says nothing and there is a finish.
        fields: What else the mapping names, as written: {"gender": "F"}.
    """

    race: str
    key: str
    name: str = ""
    place: int | None = None
    times: tuple[tuple[str, int | None], ...] = ()
    standing: Standing = Standing.ENTERED
    fields: Mapping[str, str] = field(default_factory=dict)

    def at(self, point: str) -> int | None:
        """Milliseconds at a point; None where it is missing or the course has no such point."""
        return dict(self.times).get(point)

    @property
    def sound(self) -> bool:
        """Whether the row agrees with itself: every time that is there is later than those before it."""
        known = [at for _, at in self.times if at is not None]
        return all(at > 0 for at in known[:1]) and all(a < b for a, b in pairwise(known))


def corrected(before: Result, after: Result) -> str:
    """What a source says otherwise than it did, in words; "" where it only says more: a split that was missing, somebody home."""
    found = []
    was, now = dict(before.times), dict(after.times)
    for point in (*now, *(one for one in was if one not in now)):
        old, new = was.get(point), now.get(point)
        if old is not None and old != new:
            found.append(f"{point} {write_time(old)} -> {write_time(new) if new is not None else 'nothing'}")
    for what, old_word, new_word in (("name", before.name, after.name), ("place", before.place, after.place)):
        if old_word and old_word != new_word:
            found.append(f"{what} {old_word} -> {new_word or 'nothing'}")
    ran = (Standing.ENTERED, Standing.STARTED, Standing.FINISHED)
    if before.standing is not after.standing and not (
        before.standing in ran and after.standing in ran and ran.index(before.standing) < ran.index(after.standing)
    ):
        found.append(f"{before.standing} -> {after.standing}")
    return ", ".join(found)


@dataclass(frozen=True, slots=True)
class Row:
    """What one source tells of one entrant now.

    Attributes:
        seq: Of its last change in the store; ascending with time.
        at: When that change was seen (event time).
    """

    source: str
    result: Result
    seq: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """A number that somebody else counts: pounds raised, applicants, starters.

    Attributes:
        name: As the mapping names it.
        value: Whole units; what lies behind a decimal point is cut off by the source's mapping.
    """

    name: str
    value: int


def read_time(written: str) -> int | None:
    """Milliseconds of a time as results write it: "2:03:05", "2:03.05", "0:15:51.4", "12:31"; None for none ("", "-", "DNF").

    Three parts are hours, minutes and seconds, also where the last comes after a point, as the desk itself writes one
    ("3:35.21"); a fraction of minutes and seconds has one digit or three ("12:31.4").
    """
    text = written.strip()
    three = re.fullmatch(r"(\d{1,3})[:.](\d{2})[:.](\d{2})(?:[.,](\d{1,3}))?", text, re.ASCII)
    two = re.fullmatch(r"(\d{1,3}):(\d{2})(?:[.,](\d|\d{3}))?", text, re.ASCII)
    if three:
        hours, minutes, seconds, part = three.groups()
    elif two:
        hours, (minutes, seconds, part) = "0", two.groups()
    else:
        return None
    if int(seconds) > 59 or (three and int(minutes) > 59):
        return None
    total = int(hours) * _HOUR_MS + int(minutes) * 60_000 + int(seconds) * 1_000 + int((part or "0").ljust(3, "0"))
    return total if 0 < total < _LONGEST_MS else None


def write_time(milliseconds: int, style: str = "3:35.21") -> str:
    """A time in the desk's style, "3:35.21" (the default) or "3:35:21", under an hour "12:31".

    Fractions are cut off, never rounded up.
    """
    seconds = milliseconds // 1_000
    hours, minutes, rest = seconds // 3_600, seconds // 60 % 60, seconds % 60
    if not hours:
        return f"{minutes}:{rest:02}"
    return f"{hours}:{minutes:02}{':' if style == '3:35:21' else '.'}{rest:02}"
