"""The examples that stand in the plan: what timing, counters or the clock say, and what is told then, or that nothing is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.core.errors import MilepostError
from bot.core.milestones.board import Board, Mark
from bot.core.milestones.conditions import Moment, Watched, leaves, moments
from bot.core.milestones.due import PROVISIONAL, is_due, words
from bot.core.milestones.facts import Facts, moment
from bot.core.milestones.mistakes import Mistakes
from bot.core.milestones.plan import Milestone, Plan
from bot.core.model import EventClock
from bot.core.people import People, Person
from bot.core.results import FINISH, Result, Row, Standing, Tally, read_time
from bot.core.toml_places import Path

_KEYS = ("rows", "counts", "marked", "told", "now", "after", "says", "silent")
_ROW_KEYS = ("race", "key", "name", "place", "standing", "times", "finish", "fields", "source")


@dataclass(frozen=True, slots=True)
class Trial:
    """One example.

    Attributes:
        path: Where it stands.
        milestone: Id of the one that it is an example of.
        rows: What timing says.
        now: When; None for the moment at which the milestone is reached, or any.
        says: The words that are told; "" where nothing is.
    """

    path: Path
    milestone: str
    rows: tuple[Row, ...] = ()
    tallies: tuple[Tally, ...] = ()
    posts: int = 0
    marks: tuple[tuple[str, Mark], ...] = ()
    told: tuple[str, ...] = ()
    now: datetime | None = None
    after: Moment | None = None
    says: str = ""


def read_trials(notes: Mistakes, path: Path, table: Mapping[str, Any], milestone: Milestone) -> list[Trial]:
    """The examples of one milestone, as they stand in its table; what is wrong in them is noted."""
    given = table.get("examples", [])
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        notes.bad((*path, "examples"), 'examples is a list: examples = [{ after = "4h", says = "…" }]')
        return []
    found = []
    for index, one in enumerate(given):
        here = (*path, "examples", index)
        notes.keys(here, one, _KEYS, "an example")
        says, silent = notes.text(here, one, "says"), notes.yes(here, one, "silent")
        if bool(says) == silent:
            notes.bad(here, 'an example has either says = "the words" or silent = true')
        after = None
        if "after" in one:
            clock = milestone.clock or next((at.clock for at in _waits_for(milestone) if at.clock), "")
            if not clock:
                notes.bad((*here, "after"), "the milestone has no clock: say 'now' with a moment", value=False)
            after = Moment(None, clock, notes.span(here, one, "after", signed=True))
        trial = Trial(here, milestone.id, now=notes.moment(here, one, "now"), after=after, says=says)
        trial = replace(trial, rows=_rows(notes, here, one), told=_texts(notes, here, one, "told"))
        counts = one.get("counts", {})
        if not isinstance(counts, dict) or not all(type(value) is int for value in counts.values()):
            notes.bad((*here, "counts"), "counts are whole numbers by name: counts = { raised = 1_000 }")
            counts = {}
        trial = replace(
            trial,
            tallies=tuple(Tally(name, value) for name, value in counts.items() if name != "posts"),
            posts=counts.get("posts", 0),
            marks=tuple(
                (tag.casefold(), Mark(number, number, number == 0, _NOON, "Ana López", "She is home"))
                for number, tag in enumerate(_texts(notes, here, one, "marked"))
            ),
        )
        found.append(trial)
    return found


_NOON = datetime(2016, 4, 24, 12, 0, tzinfo=UTC)


def _waits_for(milestone: Milestone) -> list[Moment]:
    return list(moments(milestone.when)) if milestone.when is not None else []


def _texts(notes: Mistakes, here: Path, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        notes.bad((*here, key), f"{key} is a list of texts")
        return ()
    return tuple(value)


def _rows(notes: Mistakes, here: Path, table: Mapping[str, Any]) -> tuple[Row, ...]:
    given = table.get("rows", [])
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        reason = 'rows are what timing says: rows = [{ race = "men", key = "1", name = "Ana López", place = 1, finish = "2:03:05" }]'
        notes.bad((*here, "rows"), reason)
        return ()
    found = []
    for index, one in enumerate(given):
        path = (*here, "rows", index)
        notes.keys(path, one, _ROW_KEYS, "a row")
        times = []
        written = one.get("times", {})
        pairs = [*(written.items() if isinstance(written, dict) else ()), *([(FINISH, one["finish"])] if "finish" in one else [])]  # fmt: skip
        for point, value in pairs:
            ms = read_time(value) if isinstance(value, str) else None
            if ms is None and value not in ("", "-"):
                notes.bad((*path, "finish" if point == FINISH else "times"), 'a time is written "2:03:05"')
            times.append((point, ms))
        has_finish = any(point == FINISH and ms for point, ms in times)
        standing = notes.one_of(path, one, "standing", tuple(Standing), "a standing")
        default = Standing.FINISHED if has_finish else Standing.STARTED if times else Standing.ENTERED
        fields = one.get("fields", {})
        result = Result(
            notes.text(path, one, "race", needed=True),
            notes.text(path, one, "key", needed=True),
            notes.text(path, one, "name"),
            notes.count(path, one, "place") or None,
            tuple(times),
            Standing(standing) if standing else default,
            {str(name): str(value) for name, value in fields.items()} if isinstance(fields, dict) else {},
        )
        found.append(Row(notes.text(path, one, "source") or "timing", result, index + 1, _NOON))
    return tuple(found)


def tried(trial: Trial, plan: Plan, clocks: Mapping[str, EventClock], zone: str) -> str:
    """Why an example does not hold; "" where it does."""
    milestone = next(one for one in plan.milestones if one.id == trial.milestone)
    now = trial.now or (moment(trial.after, clocks) if trial.after else None)
    if now is None:
        of_time = Moment(milestone.at, milestone.clock, milestone.after) if milestone.when is None else None
        times = [moment(one, clocks) for one in ([of_time] if of_time else _waits_for(milestone))]
        now = max((one for one in times if one is not None), default=_NOON)
        now = max(now, milestone.not_before or now)
    board = Board(plan)
    board.feed([replace(row, at=now - plan.race(row.result.race).settle) for row in trial.rows])
    board.tallies = {one.name: (one.value, now) for one in trial.tallies}
    board.posts = (trial.posts, now)
    for number, (tag, mark) in enumerate(trial.marks):
        board.mark(tag, number, replace(mark, at=now))
    persons = [
        Person(one.person, one.person.replace("-", " ").title(), (), row.result.key, (row.result.race,))
        for one in (leaves(milestone.when) if milestone.when is not None else ())
        if isinstance(one, Watched)
        for row in trial.rows[:1]
    ]
    facts = Facts(now, clocks, "", zone, board, People("", tuple(persons)), dict.fromkeys(trial.told, now))
    found = is_due(milestone, facts)
    if found is None:
        return f"it tells nothing, and {trial.says!r} was to be told" if trial.says else ""
    try:
        said = words(milestone, facts, found.values).text
    except MilepostError as error:
        return str(error)
    said = said if found.is_confirmed else PROVISIONAL + said
    if not trial.says:
        return f"it tells {said!r}, and nothing was to be told"
    return "" if said == trial.says else f"it tells {said!r}, and {trial.says!r} was to be told"
