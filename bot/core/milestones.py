"""Event clocks and the plan of things to announce: what is due now.

A milestone is reached when an event clock has run for so long, or at a moment of the calendar.
"""

import tomllib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from enum import StrEnum
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.durations import parse_signed
from bot.core.errors import MilepostError, Mistake, RuleError
from bot.core.model import EventClock, Tone
from bot.core.toml_places import Path, Place, places
from bot.core.wording import check as check_wording
from bot.core.wording import render

FILE = "milestones.toml"
_KEYS = ("id", "about", "clock", "after", "at", "late", "title", "text", "strand", "accounts", "tone")
_WORDS = ("clock", "after", "time", "hours", "event")
_WORDS_WITHOUT_A_CLOCK = ("time", "event")


class Late(StrEnum):
    """What becomes of a milestone that is found too late."""

    DROP = "drop"
    SAY = "say"


@dataclass(frozen=True, slots=True)
class Milestone:
    """One thing that is announced once, when it is reached.

    Attributes:
        id: Permanent: the store remembers it for ever.
        clock: Id of the event clock; "" for one at a moment of the calendar.
        after: Since that clock's start; negative is before it.
        text: Template of the words; `title` too.
        accounts: Where to; None takes the strand's.
        tone: None takes the strand's.
        at: The moment of the calendar, aware; None for one of a clock.
        late: What becomes of it where it is found too late (an outage, a long quiet spell): it is missed, or said all the same.
    """

    id: str
    clock: str
    after: timedelta
    text: str
    title: str = ""
    about: str = ""
    strand: str = ""
    accounts: tuple[str, ...] | None = None
    tone: Tone | None = None
    at: datetime | None = None
    late: Late = Late.DROP


@dataclass(frozen=True, slots=True)
class Plan:
    """All milestones of the desk.

    Attributes:
        name: Content hash, 8 hex digits.
        milestones: In the order of the file.
    """

    name: str = ""
    milestones: tuple[Milestone, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true at one instant.

    Attributes:
        now: Event time, aware UTC.
        clocks: Every event clock by its id.
        event: The event's name.
        zone: The event's, an IANA name.
    """

    now: datetime
    clocks: Mapping[str, EventClock]
    event: str = ""
    zone: str = "UTC"


def due_at(milestone: Milestone, clocks: Mapping[str, EventClock]) -> datetime | None:
    """When a milestone is reached; None where its clock does not exist."""
    if milestone.at is not None:
        return milestone.at.astimezone(UTC)
    clock = clocks.get(milestone.clock)
    return None if clock is None else clock.start_at + milestone.after


def due(plan: Sequence[Milestone], facts: Facts, settled: AbstractSet[str]) -> list[Milestone]:
    """Name the milestones that are reached and not yet settled.

    Args:
        plan: The desk's plan, in any order; may be empty.
        facts: Clocks and time, taken at one instant. A milestone whose time is exactly `now` is due.
        settled: Ids that were told or missed; these are never named again.

    Returns:
        Earliest first, ties in plan order, each id at most once.
    """
    reached = []
    named: set[str] = set()
    for milestone in plan:
        at = due_at(milestone, facts.clocks)
        if at is not None and at <= facts.now and milestone.id not in settled and milestone.id not in named:
            named.add(milestone.id)
            reached.append((at, milestone))
    return [milestone for _, milestone in sorted(reached, key=lambda pair: pair[0])]


def upcoming(
    plan: Sequence[Milestone], facts: Facts, settled: AbstractSet[str], limit: int
) -> list[tuple[str, datetime]]:
    """The next milestones that are not reached yet: id and time, soonest first."""
    found = []
    for milestone in plan:
        at = due_at(milestone, facts.clocks)
        if at is not None and at > facts.now and milestone.id not in settled:
            found.append((milestone.id, at))
    return sorted(found, key=lambda pair: pair[1])[:limit]


def words(milestone: Milestone, facts: Facts) -> tuple[str, str]:
    """A milestone's title and text, with the event's values filled in.

    Raises:
        MilepostError: A template uses a name that does not exist. `load` has checked that, so it cannot happen here.
    """
    values = _values(milestone, facts)
    return (render(milestone.title, values) if milestone.title else "", render(milestone.text, values))


def _values(milestone: Milestone, facts: Facts) -> dict[str, object]:
    if milestone.at is not None:
        at = milestone.at.astimezone(UTC)  # a time that the night leaves out is one that there is
        return {"time": at.astimezone(ZoneInfo(facts.zone)).strftime("%H:%M"), "event": facts.event}
    clock = facts.clocks[milestone.clock]
    at = (clock.start_at + milestone.after).astimezone(ZoneInfo(clock.zone))
    hours = milestone.after.total_seconds() / 3600
    return {
        "clock": clock.name,
        "after": milestone.after,
        "hours": int(hours) if hours == int(hours) else round(hours, 1),
        "time": at.strftime("%H:%M"),
        "event": facts.event,
    }


def load(
    text: str,
    *,
    file: str = FILE,
    clocks: Mapping[str, EventClock],
    strands: Sequence[str],
    accounts: Sequence[str],
    zone: str = "UTC",
) -> Plan:
    """Read a plan.

    Args:
        text: TOML with `[[milestone]]` tables; "" is an empty plan.
        zone: The event's: of moments that are written without one.

    Raises:
        RuleError: With every mistake, each with its place.
    """
    lines = [line.rstrip("\r") for line in text.split("\n")]

    def mistake(where: Place | None, reason: str, hint: str = "") -> Mistake:
        if where is None:
            return Mistake(file, 0, 0, reason, hint=hint)
        line = lines[where.line - 1] if where.line <= len(lines) else ""
        return Mistake(file, where.line, where.column, reason, where.length, line, hint)

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError((_syntax(file, str(error), lines),)) from error
    except (ValueError, RecursionError) as error:  # a number of a thousand digits, a thousand brackets
        raise RuleError((Mistake(file, 0, 0, f"cannot be read: {error}: mend the TOML"),)) from error
    spots = places(text)

    def at(path: Path, *, value: bool = True) -> Place | None:
        spot = spots.get(path)
        return None if spot is None else (spot.value if value else spot.key)

    found: list[Milestone] = []
    wrong: list[Mistake] = []
    wrong.extend(
        mistake(
            at((key,), value=False),
            f"unknown key {key!r}: a plan has [[milestone]] tables",
            "did you mean [[milestone]]?",
        )
        for key in document
        if key != "milestone"
    )
    tables = document.get("milestone", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise RuleError((mistake(at(("milestone",)), "write [[milestone]] with two brackets"),))
    reader = _Reader(at, mistake, clocks, strands, accounts, zone)
    for number, table in enumerate(tables):
        milestone = reader.read(number, table)
        if milestone is not None and milestone.id in {other.id for other in found}:
            reader.wrong.append(
                mistake(
                    at(("milestone", number, "id")),
                    f"the id {milestone.id!r} is used twice: each milestone needs its own",
                )
            )
        elif milestone is not None:
            found.append(milestone)
    wrong.extend(reader.wrong)
    if wrong:
        raise RuleError(tuple(sorted(wrong, key=lambda one: (one.line, one.column))))
    return Plan(sha256(text.encode()).hexdigest()[:8], tuple(found))


def _syntax(file: str, words_of_error: str, lines: list[str]) -> Mistake:
    reason, _, where = words_of_error.partition(" (at ")
    line, column = len(lines), 1
    if where.startswith("line "):
        line_text, _, column_text = where.removeprefix("line ").rstrip(")").partition(", column ")
        line, column = int(line_text), int(column_text)
    return Mistake(
        file, max(line, 1), column, f"{reason}: mend the TOML", 1, lines[line - 1] if 0 < line <= len(lines) else ""
    )


class _Reader:
    """Reads the tables of one plan and collects what is wrong in them."""

    def __init__(
        self,
        at: Any,
        mistake: Any,
        clocks: Mapping[str, EventClock],
        strands: Sequence[str],
        accounts: Sequence[str],
        zone: str,
    ) -> None:
        self.zone = zone
        self.at = at
        self.mistake = mistake
        self.clocks = clocks
        self.strands = strands
        self.accounts = accounts
        self.wrong: list[Mistake] = []

    def read(self, number: int, table: dict[str, Any]) -> Milestone | None:
        before = len(self.wrong)
        for key in table:
            if key not in _KEYS:
                self.bad(
                    ("milestone", number, key), f"unknown key {key!r} in [[milestone]]", _near(key, _KEYS), value=False
                )
        name = self.text(number, table, "id", needed=True)
        if name and not name.replace("-", "").isalnum():
            self.bad(("milestone", number, "id"), "an id has letters, digits and '-' only")
        moment = self.moment(number, table)
        clock = self.text(number, table, "clock", needed="at" not in table)
        if clock and clock not in self.clocks:
            known = ", ".join(self.clocks) or "none: add a [[clock]] to the configuration"
            self.bad(
                ("milestone", number, "clock"),
                f"no event clock is called {clock!r} (there are: {known})",
                _near(clock, tuple(self.clocks)),
            )
        after = timedelta(0) if "at" in table else self.after(number, table)
        text = self.text(number, table, "text", needed=True)
        title = self.text(number, table, "title")
        for key, template in (("text", text), ("title", title)):
            self.wording(number, key, template, _WORDS_WITHOUT_A_CLOCK if "at" in table else _WORDS)
        strand = self.text(number, table, "strand")
        if strand and strand not in self.strands:
            self.bad(
                ("milestone", number, "strand"), f"no strand is called {strand!r}", _near(strand, tuple(self.strands))
            )
        accounts = self.account_names(number, table)
        tone = self.text(number, table, "tone")
        if tone and tone not in tuple(Tone):
            self.bad(("milestone", number, "tone"), f"a tone is one of {', '.join(Tone)}", _near(tone, tuple(Tone)))
        about = self.text(number, table, "about")
        late = self.text(number, table, "late") or Late.DROP
        if late not in tuple(Late):
            self.bad(("milestone", number, "late"), f"late is one of {', '.join(Late)}", _near(late, tuple(Late)))
        if len(self.wrong) > before:
            return None
        said = Tone(tone) if tone else None
        milestone = Milestone(name, clock, after, text, title, about, strand, accounts, said, moment, Late(late))
        return milestone if self.can_be_said(number, milestone) else None

    def wording(self, number: int, key: str, template: str, known: Sequence[str]) -> None:
        try:
            unknown = check_wording(template, known)
        except MilepostError as error:
            self.bad(("milestone", number, key), str(error))
            return
        for word in unknown:
            self.bad(
                ("milestone", number, key),
                f"nothing is called {word!r} here",
                _near(word, known) or f"there are: {', '.join(known)}",
            )

    def can_be_said(self, number: int, milestone: Milestone) -> bool:
        """Say it once in advance: what would fail at its moment is a mistake now."""
        try:
            now = milestone.at or self.clocks[milestone.clock].start_at
            due_at(milestone, self.clocks)
            words(milestone, Facts(now, self.clocks, zone=self.zone))
        except OverflowError:
            self.bad(
                ("milestone", number, "at" if milestone.at else "after"),
                "no calendar goes that far: give a shorter time",
            )
            return False
        except MilepostError as error:
            self.bad(("milestone", number, "text"), str(error))
            return False
        return True

    def moment(self, number: int, table: dict[str, Any]) -> datetime | None:
        """The moment of the calendar, in the event's zone where it names none; None for a milestone of a clock."""
        value = table.get("at")
        if value is None:
            return None
        for key in ("clock", "after"):
            if key in table:
                self.bad(
                    ("milestone", number, key),
                    f"it has 'at' already: a moment of the calendar has no {key!r}",
                    value=False,
                )
        if not isinstance(value, datetime):
            self.bad(("milestone", number, "at"), "at is a moment without quotes: at = 2016-04-24T13:15:00")
            return None
        return value if value.tzinfo else value.replace(tzinfo=ZoneInfo(self.zone))

    def after(self, number: int, table: dict[str, Any]) -> timedelta:
        value = table.get("after")
        if value is None:
            self.bad(("milestone", number), "needs 'after': how long after the clock's start, such as \"4h\"")
            return timedelta(0)
        try:
            return parse_signed(value)
        except ValueError as error:
            self.bad(("milestone", number, "after"), str(error))
            return timedelta(0)

    def account_names(self, number: int, table: dict[str, Any]) -> tuple[str, ...] | None:
        value = table.get("accounts")
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            self.bad(("milestone", number, "accounts"), 'accounts is a list of names: accounts = ["bluesky"]')
            return ()
        for index, name in enumerate(value):
            if name not in self.accounts:
                self.bad(
                    ("milestone", number, "accounts", index),
                    f"no account is called {name!r}",
                    _near(name, tuple(self.accounts)),
                )
        return tuple(value)

    def text(self, number: int, table: dict[str, Any], key: str, *, needed: bool = False) -> str:
        value: object = table.get(key, "")
        if not isinstance(value, str):
            self.bad(("milestone", number, key), f"{key} is a text: write it in quotes")
            return ""
        if needed and not value:
            self.bad(("milestone", number), f"needs {key!r}")
        return value

    def bad(self, path: Path, reason: str, hint: str = "", *, value: bool = True) -> None:
        self.wrong.append(self.mistake(self.at(path, value=value), reason, hint))


def _near(word: str, known: Sequence[str]) -> str:
    near = get_close_matches(word, known, 1)
    return f"did you mean {near[0]!r}?" if near else ""
