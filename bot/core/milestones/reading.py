"""Reads the desk's plan. Every mistake has its place; what would fail on the day fails here."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from bot.core.errors import MilepostError, Mistake, RuleError
from bot.core.milestones.due import due_at, known, words
from bot.core.milestones.facts import Facts
from bot.core.milestones.mistakes import Mistakes, near
from bot.core.milestones.plan import FILE, Late, Milestone, Plan
from bot.core.milestones.reading_conditions import KEYS, KINDS, Conditions, Surroundings
from bot.core.milestones.reading_races import read_races
from bot.core.milestones.samples import samples
from bot.core.milestones.trying import Trial, read_trials, tried
from bot.core.model import EventClock, Tone
from bot.core.toml_places import places

OWN_KEYS = (
    "id",
    "about",
    "late",
    "title",
    "text",
    "plain",
    "headline",
    "slot",
    "strand",
    "accounts",
    "tone",
    "not_before",
    "cool_down",
    "provisional",
    "important",
    "recap",
    "call",
    "answers",
    "picture",
    "alt",
    "examples",
)
_RISKY = (
    "while you run",
    "while running",
    "while you drive",
    "while driving",
    "climb",
    "cross the course",
    "onto the course",
    "on the track",
    "get closer",
    "as close as you can",
)
_TOP = ("milestone", "race", "times")
_STYLES = ("3:35.21", "3:35:21")
_NEVER = datetime(2016, 4, 24, 12, 0, tzinfo=UTC)  # any time does to try the words of what waits for no time


def load(
    text: str,
    *,
    file: str = FILE,
    clocks: Mapping[str, EventClock],
    strands: Sequence[str],
    accounts: Sequence[str],
    zone: str = "UTC",
    persons: Mapping[str, tuple[str, ...]] | None = None,
    sources: Sequence[str] | None = None,
) -> Plan:
    """Read a plan.

    Args:
        text: TOML with `[[milestone]]` tables; "" is an empty plan.
        zone: The event's: of moments that are written without one.
        persons: Who has a bib in people.toml, with the races; None where that is not looked at.
        sources: Names of the configured sources; None where that is not looked at.

    Raises:
        RuleError: With every mistake, each with its place.
    """
    lines = [line.rstrip("\r") for line in text.split("\n")]
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError((_syntax(file, str(error), lines),)) from error
    except (ValueError, RecursionError) as error:  # a number of a thousand digits, a thousand brackets
        raise RuleError((Mistake(file, 0, 0, f"cannot be read: {error}: mend the TOML"),)) from error
    notes = Mistakes(file, lines, places(text), zone)
    for key in document:
        if key not in _TOP:
            reason = f"unknown key {key!r}: a plan has [[milestone]] and [[race]] tables"
            hint = "did you mean [[race]]?" if near(key, ("race", "races")) else "did you mean [[milestone]]?"
            notes.bad((key,), reason, hint, value=False)
    for key in ("milestone", "race"):
        tables = document.get(key, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise RuleError((notes.mistake((key,), f"write [[{key}]] with two brackets"),))
    reader = _Reader(notes, clocks, strands, accounts, zone, persons)
    reader.sources = sources
    plan = Plan(
        sha256(text.encode()).hexdigest()[:8],
        reader.milestones(document.get("milestone", [])),
        read_races(notes, document.get("race", []), clocks),
        notes.one_of((), document, "times", _STYLES, "a way to write times") or _STYLES[0],
    )
    if not notes.found:
        for trial in reader.trials:
            wrong = tried(trial, plan, clocks, zone)
            if wrong:
                notes.bad(trial.path, wrong)
    if notes.found:
        raise RuleError(tuple(sorted(notes.found, key=lambda one: (one.line, one.column))))
    return plan


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
    """Reads the tables of one plan."""

    def __init__(
        self,
        notes: Mistakes,
        clocks: Mapping[str, EventClock],
        strands: Sequence[str],
        accounts: Sequence[str],
        zone: str,
        persons: Mapping[str, tuple[str, ...]] | None,
    ) -> None:
        self.notes = notes
        self.clocks = clocks
        self.strands = strands
        self.accounts = accounts
        self.zone = zone
        self.conditions = Conditions(notes, Surroundings(clocks, persons))
        self.sources: Sequence[str] | None = None
        self.ids: list[str] = []
        self.trials: list[Trial] = []

    def milestones(self, tables: Sequence[dict[str, Any]]) -> tuple[Milestone, ...]:
        found: dict[str, Milestone] = {}
        for number, table in enumerate(tables):
            milestone = self.milestone(("milestone", number), table)
            if milestone is not None and milestone.id in found:
                reason = f"the id {milestone.id!r} is used twice: each milestone needs its own"
                self.notes.bad(("milestone", number, "id"), reason)
            elif milestone is not None:
                found[milestone.id] = milestone
        for path, name in self.conditions.told:
            if name and name not in self.ids:
                self.notes.bad(path, f"no milestone is called {name!r}", near(name, tuple(self.ids)))
        return tuple(found.values())

    def milestone(self, path: tuple[str, int], table: dict[str, Any]) -> Milestone | None:
        notes = self.notes
        before = len(notes.found)
        notes.keys(path, table, (*OWN_KEYS, *KEYS), "[[milestone]]")
        name = notes.name(path, table, "id", needed=True)
        self.ids.append(name)
        provisional = notes.yes(path, table, "provisional")
        is_timed = not any(kind in table for kind in KINDS)
        when = None if is_timed else self.conditions.read(path, table, provisional=provisional)
        moment, clock, after = None, "", timedelta(0)
        if is_timed:
            moment, clock, after = self.time(path, table)
            if provisional:
                notes.bad((*path, "provisional"), "a time needs nobody to confirm it", value=False)
        milestone = Milestone(
            id=name,
            clock=clock,
            after=after,
            text=notes.text(path, table, "text", needed=True),
            title=notes.text(path, table, "title"),
            about=notes.text(path, table, "about"),
            strand=self.strand(path, table),
            accounts=self.account_names(path, table),
            tone=Tone(tone) if (tone := notes.one_of(path, table, "tone", tuple(Tone), "a tone")) else None,
            at=moment,
            late=Late(notes.one_of(path, table, "late", tuple(Late), "late") or Late.DROP),
            when=when,
            plain=notes.text(path, table, "plain"),
            headline=notes.text(path, table, "headline"),
            slot=notes.name(path, table, "slot"),
            not_before=notes.moment(path, table, "not_before"),
            cool_down=notes.span(path, table, "cool_down"),
            provisional=provisional,
            important=notes.yes(path, table, "important"),
            recap=notes.span(path, table, "recap"),
            call=notes.span(path, table, "call"),
            answers=notes.text(path, table, "answers"),
            picture=notes.text(path, table, "picture"),
            alt=notes.text(path, table, "alt"),
        )
        if bool(milestone.picture) is not bool(milestone.alt.strip()):
            notes.bad(
                path, "a picture and its alt text go together: for those who cannot see it, alt says what it shows"
            )
        self.call(path, table, milestone)
        if milestone.slot and not milestone.headline:
            notes.bad((*path, "slot"), "a slot is for a headline: give the milestone one", value=False)
        if (is_timed or when is not None) and (moment or clock in self.clocks or when is not None):
            self.wordings(path, milestone)
        if len(notes.found) > before or not self.can_be_said(path, milestone):
            return None
        self.trials.extend(read_trials(notes, path, table, milestone))
        return None if len(notes.found) > before else milestone

    def call(self, path: tuple[str, int], table: dict[str, Any], milestone: Milestone) -> None:
        """A call asks for nothing dangerous, and never in quiet mode."""
        notes = self.notes
        if not milestone.call:
            if "answers" in table:
                notes.bad(
                    (*path, "answers"), 'only a call has answers: say how long it is open, call = "1h"', value=False
                )
            return
        if milestone.plain:
            notes.bad((*path, "plain"), "a call waits until quiet mode is over: it has no plain words", value=False)
        if milestone.tone not in {None, Tone.LIGHT}:
            notes.bad((*path, "tone"), "a call is always light: leave the tone out")
        if milestone.answers and self.sources is not None and milestone.answers not in self.sources:
            reason = f"no source is called {milestone.answers!r}"
            notes.bad((*path, "answers"), reason, near(milestone.answers, tuple(self.sources)))
        risky = next((words for words in _RISKY if words in milestone.text.casefold()), "")
        if risky:
            reason = f"nobody may come to harm for an answer: {risky!r} asks for that, or sounds like it"
            notes.bad(
                (*path, "text"), reason, 'ask for it when it is safe: "when you are home", "from where you stand"'
            )

    def strand(self, path: tuple[str, int], table: dict[str, Any]) -> str:
        found = self.notes.text(path, table, "strand")
        if found and found not in self.strands:
            self.notes.bad((*path, "strand"), f"no strand is called {found!r}", near(found, tuple(self.strands)))
        return found

    def time(self, path: tuple[str, int], table: dict[str, Any]) -> tuple[Any, str, timedelta]:
        """The moment, or the clock and how long after its start, of one that waits for a time alone."""
        notes = self.notes
        moment = notes.moment(path, table, "at")
        if "at" in table:
            for key in ("clock", "after"):
                if key in table:
                    reason = f"it has 'at' already: a moment of the calendar has no {key!r}"
                    notes.bad((*path, key), reason, value=False)
            return moment, "", timedelta(0)
        clock = notes.text(path, table, "clock", needed=True)
        if clock and clock not in self.clocks:
            there = ", ".join(self.clocks) or "none: add a [[clock]] to the configuration"
            hint = near(clock, tuple(self.clocks))
            notes.bad((*path, "clock"), f"no event clock is called {clock!r} (there are: {there})", hint)
        if "after" not in table:
            notes.bad(path, "needs 'after': how long after the clock's start, such as \"4h\"")
        return None, clock, notes.span(path, table, "after", signed=True)

    def names(self, milestone: Milestone) -> dict[str, object]:
        """What the words may name, with harmless values."""
        facts = Facts(milestone.at or next((one.start_at for one in self.clocks.values() if one.id == milestone.clock), _NEVER), self.clocks, zone=self.zone)  # fmt: skip
        return known(milestone, facts) | self.found(milestone)

    def found(self, milestone: Milestone) -> dict[str, object]:
        """What results and a recap would fill in."""
        recap = {"items": ["Ana López wins the race", "Four hours gone"]} if milestone.recap else {}
        return dict(samples(milestone.when)) | recap

    def wordings(self, path: tuple[str, int], milestone: Milestone) -> None:
        try:
            there = tuple(self.names(milestone))
        except OverflowError:
            return  # said by `can_be_said`
        for key in ("text", "title", "plain", "headline"):
            template = getattr(milestone, key)
            if not template:
                continue
            try:
                self.notes.wording((*path, key), template, there)
            except MilepostError as error:
                self.notes.bad((*path, key), str(error))

    def can_be_said(self, path: tuple[str, int], milestone: Milestone) -> bool:
        """Say it once in advance: what would fail at its moment is a mistake now."""
        try:
            now = milestone.at or (self.clocks[milestone.clock].start_at if milestone.clock else _NEVER)
            facts = Facts(now, self.clocks, zone=self.zone)
            due_at(milestone, self.clocks)
            for plainly in (False, True):
                words(milestone, facts, self.found(milestone), plainly=plainly)
        except OverflowError:
            reason = "no calendar goes that far: give a shorter time"
            self.notes.bad((*path, "at" if milestone.at else "after"), reason)
            return False
        except MilepostError as error:
            self.notes.bad((*path, "text"), str(error))
            return False
        return True

    def account_names(self, path: tuple[str, int], table: dict[str, Any]) -> tuple[str, ...] | None:
        value = table.get("accounts")
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            self.notes.bad((*path, "accounts"), 'accounts is a list of names: accounts = ["bluesky"]')
            return ()
        for index, name in enumerate(value):
            if name not in self.accounts:
                hint = near(name, tuple(self.accounts))
                self.notes.bad((*path, "accounts", index), f"no account is called {name!r}", hint)
        return tuple(value)
