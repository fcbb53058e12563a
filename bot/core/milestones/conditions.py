"""What a milestone waits for. All of it is data; `meeting` says whether it is so."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.results import FINISH

PLACE = "place"
"""The field that holds the place where no other is named."""


class Outcome(StrEnum):
    """What of a race is announced."""

    WINNER = "winner"
    PODIUM = "podium"
    RECORD = "record"
    FIRST = "first"
    NTH = "nth"
    LAST = "last"


class Stage(StrEnum):
    """What of a person is announced, in the order of a race: what comes later makes what came before old news."""

    STARTED = "started"
    RUNNING = "running"
    AT = "at"
    EXPECTED = "expected"
    STOPPED = "stopped"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Which:
    """Which entrants count.

    Attributes:
        race: Id of the race.
        where: Fields that must be as written here, sorted: (("gender", "F"),).
        point: Where on the course.
        under_ms: Only those who were there in less than this; None for all.
        unconfirmed: Also those whom one source that is not official tells alone.
    """

    race: str
    where: tuple[tuple[str, str], ...] = ()
    point: str = FINISH
    under_ms: int | None = None
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of the calendar, or of an event clock.

    Attributes:
        at: Aware; None for one of a clock.
        clock: Id of the clock; `after` counts from its start.
    """

    at: datetime | None = None
    clock: str = ""
    after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Reached:
    """A count that is reached.

    Attributes:
        what: "finishers" (of `which`), "posts" (that came in), or the name of a number that a source of results tells.
    """

    what: str
    number: int
    which: Which | None = None


@dataclass(frozen=True, slots=True)
class Won:
    """How a race came out.

    Attributes:
        rank: The field that holds the place.
        number: For the nth: which. The race's `before` counts.
        closes: For the last: when nobody comes any more.
    """

    outcome: Outcome
    which: Which
    rank: str = PLACE
    number: int = 0
    closes: Moment | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """What a person has come to.

    Attributes:
        person: Id in people.toml.
        race: "" for the only one that the person is in.
        point: For `at`: where on the course.
        moment: For `running`: when that is said, unless the race is over for the person by then.
        within: For `expected`: so long before the finish that the pace foretells.
    """

    person: str
    stage: Stage
    race: str = ""
    point: str = ""
    moment: Moment | None = None
    within: timedelta = timedelta(0)
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A post that a rule has marked with a tag: by an official, or by two people who have nothing to do with each other."""

    tag: str
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """Another milestone of the plan was told."""

    milestone: str


@dataclass(frozen=True, slots=True)
class Together:
    """All of several conditions, or any of them."""

    of: "tuple[Condition, ...]"
    any: bool = False


Condition = Moment | Reached | Won | Watched | Said | Told | Together


def leaves(condition: Condition) -> Iterator[Condition]:
    """Every condition that is not made of others."""
    if isinstance(condition, Together):
        for one in condition.of:
            yield from leaves(one)
    else:
        yield condition


def moments(condition: Condition) -> Iterator[Moment]:
    """Every moment that it waits for, alone or as a part of something else."""
    for one in leaves(condition):
        match one:
            case Moment():
                yield one
            case Watched(moment=Moment() as at) | Won(closes=Moment() as at):
                yield at
            case _:
                pass


def which(condition: Condition) -> Which | None:
    """Which entrants a single condition looks at; None where it looks at none."""
    return condition.which if isinstance(condition, Reached | Won) else None
