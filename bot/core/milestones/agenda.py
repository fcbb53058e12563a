"""Which milestones are worth a look now: those whose time has come, and those whose facts have changed.

Looking at all of them at every tick would cost more with every milestone of the plan, although nothing has happened.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime

from bot.core.milestones.conditions import (
    Moment,
    Outcome,
    Reached,
    Said,
    Stage,
    Told,
    Watched,
    Won,
    leaves,
)
from bot.core.milestones.due import due_at
from bot.core.milestones.persons import race_of
from bot.core.milestones.plan import Milestone, Plan
from bot.core.model import EventClock
from bot.core.people import People

Topic = tuple[object, ...]
"""What facts are about: a group of entrants, one entrant, a count, a tag, a milestone."""


class Agenda:
    """The plan, sorted by what its milestones wait for."""

    def __init__(self, plan: Plan, clocks: Mapping[str, EventClock], people: People) -> None:
        self.plan = plan
        self.clocks = clocks
        self.people = people
        self._by_topic: dict[Topic, list[Milestone]] = {}
        self._timed: list[tuple[datetime, Milestone]] = []
        self._timely: list[Milestone] = []  # time alone does not make them, and makes them too
        for milestone in plan.milestones:
            at = due_at(milestone, clocks)
            if at is not None:
                self._timed.append((at, milestone))
            elif milestone.when is not None:
                if self._is_timely(milestone):
                    self._timely.append(milestone)
                for topic in self._topics(milestone):
                    self._by_topic.setdefault(topic, []).append(milestone)
        self._timed.sort(key=lambda pair: pair[0])
        self._open_timed, self._open_timely = self._timed, self._timely

    def settle(self, settled: AbstractSet[str]) -> None:
        """Leave out what was told, missed, skipped or is held; all else lies ahead (again)."""
        self._open_timed = [pair for pair in self._timed if pair[1].id not in settled]
        self._open_timely = [one for one in self._timely if one.id not in settled]

    def come(self, now: datetime) -> list[Milestone]:
        """What is not settled and may be reached by time."""
        found = list(self._open_timely)
        for at, milestone in self._open_timed:
            if at > now:
                break
            found.append(milestone)
        return found

    def about(self, topics: Iterable[Topic]) -> list[Milestone]:
        """What looks at any of these facts, settled or not."""
        return [milestone for topic in topics for milestone in self._by_topic.get(topic, ())]

    def _topics(self, milestone: Milestone) -> Iterable[Topic]:
        for one in leaves(milestone.when) if milestone.when is not None else ():
            match one:
                case Reached(which=None):
                    yield ("count", one.what)
                case Reached() | Won():
                    yield ("group", one.which)
                case Watched():
                    yield ("entrant", *race_of(one, self.people))
                case Said():
                    yield ("tag", one.tag)
                case Told():
                    yield ("told", one.milestone)
                case _:
                    pass

    def _is_timely(self, milestone: Milestone) -> bool:
        if milestone.not_before is not None or milestone.cool_down:
            return True
        for one in leaves(milestone.when) if milestone.when is not None else ():
            match one:
                case Moment() | Watched(stage=Stage.RUNNING | Stage.EXPECTED) | Won(outcome=Outcome.LAST):
                    return True
                case Won(outcome=Outcome.WINNER | Outcome.FIRST) if self.plan.race(one.which.race).settle:
                    return True
                case _:
                    pass
        return False
