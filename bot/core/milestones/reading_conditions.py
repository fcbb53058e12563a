"""How conditions are written in the plan: one key says which kind it is, others say of whom, where and when."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.milestones.conditions import (
    PLACE,
    Condition,
    Moment,
    Outcome,
    Reached,
    Said,
    Stage,
    Together,
    Told,
    Watched,
    Which,
    Won,
)
from bot.core.milestones.mistakes import Mistakes, near
from bot.core.model import EventClock
from bot.core.results import FINISH, read_time
from bot.core.toml_places import Path

_TIME = ("at", "clock", "after")
_OF_WHOM = ("race", "where", "point", "under")
KINDS: Mapping[str, tuple[str, ...]] = {
    "reached": ("of", *_OF_WHOM),
    "result": ("rank", "number", *_OF_WHOM, *_TIME),
    "person": ("is", "race", "point", "within", *_TIME),
    "said": (),
    "told": (),
    "all": (),
    "any": (),
}
"""The key that makes a condition one of its kind, and what else may stand beside it."""
KEYS = tuple(dict.fromkeys((*_TIME, *KINDS, *(key for keys in KINDS.values() for key in keys))))
_DEEPEST = 4
_MOST = 50


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What conditions may name.

    Attributes:
        persons: Ids in people.toml that have a bib, with the races that each is in; None where that is not looked at.
    """

    clocks: Mapping[str, EventClock]
    persons: Mapping[str, tuple[str, ...]] | None = None


class Conditions:
    """Reads conditions.

    Args:
        notes: Where mistakes go.
        around: What they may name.
    """

    def __init__(self, notes: Mistakes, around: Surroundings) -> None:
        self.notes = notes
        self.around = around
        self.told: list[tuple[Path, str]] = []  # who is named, to be checked when all are known

    def read(self, path: Path, table: Mapping[str, Any], *, provisional: bool, depth: int = 0) -> Condition | None:
        """A condition that is more than a time alone; a time alone too where it stands in a list.

        Returns:
            None where it is a time alone at the top, or where something is wrong (that is noted).
        """
        kinds = [key for key in KINDS if key in table]
        if len(kinds) > 1:
            reason = f"it has {kinds[0]!r} already: write all = [ … ] or any = [ … ] for several"
            self.notes.bad((*path, kinds[1]), reason, value=False)
            return None
        if not kinds:
            return self._moment(path, table, needed=True) if depth else None
        kind = kinds[0]
        before = len(self.notes.found)
        allowed = (kind, *KINDS[kind])
        for key in table:
            if key in KEYS and key not in allowed:
                more = f"beside it stand {', '.join(KINDS[kind])}" if KINDS[kind] else "nothing else stands beside it"
                self.notes.bad((*path, key), f"{kind!r} goes without {key!r}", more, value=False)
        found: Condition | None
        match kind:
            case "reached":
                found = self._reached(path, table, provisional=provisional)
            case "result":
                found = self._result(path, table, provisional=provisional)
            case "person":
                found = self._person(path, table, provisional=provisional)
            case "said":
                found = Said(self.notes.text(path, table, "said", needed=True).casefold(), provisional)
            case "told":
                name = self.notes.text(path, table, "told", needed=True)
                self.told.append(((*path, "told"), name))
                found = Told(name)
            case _:
                found = self._together(path, table, kind, provisional=provisional, depth=depth)
        return None if len(self.notes.found) > before else found

    def _together(
        self, path: Path, table: Mapping[str, Any], kind: str, *, provisional: bool, depth: int
    ) -> Condition | None:
        of = table[kind]
        example = f'{kind} = [{{ result = "winner", race = "men" }}, {{ clock = "mass", after = "4h" }}]'
        if not isinstance(of, list) or not of or not all(isinstance(one, dict) for one in of):
            self.notes.bad((*path, kind), f"{kind} is a list of conditions: {example}")
            return None
        if depth >= _DEEPEST or len(of) > _MOST:
            self.notes.bad((*path, kind), f"at most {_MOST} conditions stand in a list, and lists {_DEEPEST} deep")
            return None
        found = []
        for index, one in enumerate(of):
            inner = (*path, kind, index)
            for key in one:
                if key not in KEYS:
                    self.notes.bad((*inner, key), f"unknown key {key!r} in a condition", near(key, KEYS), value=False)
            condition = self.read(inner, one, provisional=provisional, depth=depth + 1)
            if condition is not None:
                found.append(condition)
        return Together(tuple(found), any=kind == "any")

    def _moment(self, path: Path, table: Mapping[str, Any], *, needed: bool) -> Moment | None:
        if not any(key in table for key in _TIME):
            if needed:
                reason = f"needs one of {', '.join((*KINDS, 'at', 'clock'))}"
                self.notes.bad(path, reason)
            return None
        if "at" in table:
            for key in ("clock", "after"):
                if key in table:
                    self.notes.bad(
                        (*path, key), f"it has 'at' already: a moment of the calendar has no {key!r}", value=False
                    )
            at = self.notes.moment(path, table, "at")
            return Moment(at) if at else None
        clock = self.notes.text(path, table, "clock", needed=True)
        if clock and clock not in self.around.clocks:
            known = ", ".join(self.around.clocks) or "none: add a [[clock]] to the configuration"
            hint = near(clock, tuple(self.around.clocks))
            self.notes.bad((*path, "clock"), f"no event clock is called {clock!r} (there are: {known})", hint)
        if "after" not in table:
            self.notes.bad(path, "needs 'after': how long after the clock's start, such as \"4h\"")
        return Moment(None, clock, self.notes.span(path, table, "after", signed=True))

    def _which(self, path: Path, table: Mapping[str, Any], *, provisional: bool) -> Which:
        where = table.get("where", {})
        if not isinstance(where, dict) or not all(isinstance(one, str | int) for one in where.values()):
            self.notes.bad((*path, "where"), 'where names fields and what they must be: where = { gender = "F" }')
            where = {}
        under = self.notes.text(path, table, "under")
        under_ms = read_time(under) if under else None
        if under and under_ms is None:
            span = self.notes.span(path, table, "under")
            under_ms = int(span.total_seconds() * 1000) or None
        return Which(
            self.notes.text(path, table, "race", needed=True),
            tuple(sorted((str(key), str(value)) for key, value in where.items())),
            self.notes.text(path, table, "point") or FINISH,
            under_ms,
            provisional,
        )

    def _reached(self, path: Path, table: Mapping[str, Any], *, provisional: bool) -> Reached:
        number = self.notes.count(path, table, "reached", needed=True)
        of = self.notes.text(path, table, "of", needed=True)
        if of == "finishers":
            return Reached(of, number, self._which(path, table, provisional=provisional))
        for key in _OF_WHOM:
            if key in table:
                self.notes.bad((*path, key), f"only 'of = \"finishers\"' goes with {key!r}", value=False)
        return Reached(of, number)

    def _result(self, path: Path, table: Mapping[str, Any], *, provisional: bool) -> Won | None:
        outcome = self.notes.one_of(path, table, "result", tuple(Outcome), "a result")
        wanted = self._which(path, table, provisional=provisional)
        if not outcome:
            return None
        number = self.notes.count(path, table, "number", needed=outcome == Outcome.NTH)
        closes = self._moment(path, table, needed=False)
        if outcome == Outcome.LAST and closes is None:
            self.notes.bad(path, "the last is known once nobody comes any more: say when, with clock and after, or at")
        if outcome != Outcome.LAST and closes is not None:
            self.notes.bad(path, f"only 'last' goes with a time: use all = [ … ] to let {outcome!r} wait for one")
        rank = self.notes.text(path, table, "rank") or PLACE
        if wanted.point != FINISH and outcome in {Outcome.WINNER, Outcome.PODIUM, Outcome.NTH}:
            self.notes.bad(
                (*path, "point"), f'places are told at the finish: use "first" for the first at {wanted.point}'
            )
        return Won(Outcome(outcome), wanted, rank, number, closes)

    def _person(self, path: Path, table: Mapping[str, Any], *, provisional: bool) -> Watched | None:
        person = self.notes.text(path, table, "person", needed=True)
        race = self.notes.text(path, table, "race")
        persons = self.around.persons
        if person and persons is not None:
            if person not in persons:
                hint = near(person, tuple(persons)) or "give the [[person]] a bib and races there"
                self.notes.bad((*path, "person"), f"no person with a bib is called {person!r} in people.toml", hint)
            elif race and race not in persons[person]:
                self.notes.bad((*path, "race"), f"{person} is in {', '.join(persons[person])}", value=True)
            elif not race and len(persons[person]) > 1:
                self.notes.bad(path, f"needs 'race': {person} is in {', '.join(persons[person])}")
        stage = self.notes.one_of(path, table, "is", tuple(Stage), "what a person is")
        if "is" not in table:
            self.notes.bad(path, f"needs 'is': one of {', '.join(Stage)}")
        if not stage:
            return None
        point = self.notes.text(path, table, "point", needed=stage == Stage.AT)
        moment = self._moment(path, table, needed=False)
        if stage == Stage.RUNNING and moment is None:
            self.notes.bad(path, "'running' needs to know when that is said: clock and after, or at")
        within = self.notes.span(path, table, "within")
        needs: Sequence[tuple[str, str, Collection[str]]] = (
            ("point", Stage.AT, ("point",)),
            ("clock", Stage.RUNNING, _TIME),
            ("within", Stage.EXPECTED, ("within",)),
        )
        for _, only, keys in needs:
            for key in keys:
                if key in table and stage != only:
                    self.notes.bad((*path, key), f"only 'is = \"{only}\"' goes with {key!r}", value=False)
        return Watched(person, Stage(stage), race, point, moment, within, provisional)
