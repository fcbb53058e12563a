"""The nouns of the plan: milestones, races, and all of it together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.milestones.conditions import Condition, Watched, leaves
from bot.core.model import Media, Tone

FILE = "milestones.toml"


class Late(StrEnum):
    """What becomes of a milestone that is found too late."""

    DROP = "drop"
    SAY = "say"
    FOLD = "fold"  # into the next recap


@dataclass(frozen=True, slots=True)
class Milestone:
    """One thing that is announced once, when it is reached.

    Attributes:
        id: Permanent: the store remembers it for ever.
        clock: Id of the event clock; "" for one at a moment of the calendar, or of a condition.
        after: Since that clock's start; negative is before it.
        text: Template of the words; `title` too.
        accounts: Where to; None takes the strand's.
        tone: None takes the strand's.
        at: The moment of the calendar, aware; None for one of a clock.
        late: What becomes of it where it is found too late (an outage, a long quiet spell): it is missed, said all the same, or left to the next recap.
        when: What it waits for where that is more than a time; None for one of a clock or the calendar.
        plain: Template of plain words, in which it is told in quiet mode; "" waits until that is over.
        headline: Template of the bullet that it puts at the top of the page; "" for none.
        slot: Which bullet that is: a later milestone of the same slot takes its place. "" takes the id.
        not_before: It is not told before this moment; None where it may be at once.
        cool_down: It waits until this long after the last milestone of its strand.
        important: A recap takes it up, as it does what has a headline.
        recap: It sums up what was important for so long before it; zero for all others.
        call: It asks people for something, and is open for so long; zero for all others. Always light.
        answers: The source that its answers come by; "" where nobody counts them.
        picture: Path in the folder of rules, "" for none; `alt` says what it shows.
        media: The picture as it is kept; None until it was taken in.
        provisional: It is told with a label on the word of one source that is not official, and without it once that is confirmed.
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
    when: Condition | None = None
    plain: str = ""
    headline: str = ""
    slot: str = ""
    not_before: datetime | None = None
    cool_down: timedelta = timedelta(0)
    provisional: bool = False
    important: bool = False
    recap: timedelta = timedelta(0)
    call: timedelta = timedelta(0)
    answers: str = ""
    picture: str = ""
    alt: str = ""
    media: Media | None = None

    @property
    def watched(self) -> Watched | None:
        """What it watches a person for; None for all others."""
        if self.when is None:
            return None
        return next((one for one in leaves(self.when) if isinstance(one, Watched)), None)


@dataclass(frozen=True, slots=True)
class Race:
    """A race as the plan needs to know it.

    Attributes:
        name: As readers know it.
        clock: Event clock of its start, which tells how late a result is found; "" where that is not known.
        record_ms: The time to beat; None where there is none.
        before: Finishers of earlier years: counts and "nth" go on from there.
        settle: How long a time must stand as the best before it counts as the first; only where no places are told.
        official: Sources whose word is enough; None for every source of results.
        points_km: How far the points of the course are from the start.
    """

    id: str
    name: str = ""
    clock: str = ""
    record_ms: int | None = None
    before: int = 0
    settle: timedelta = timedelta(0)
    official: tuple[str, ...] | None = None
    points_km: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """All milestones of the desk.

    Attributes:
        name: Content hash, 8 hex digits.
        milestones: In the order of the file.
        races: By id; those that conditions name and nobody describes are missing.
        times: How running times are written: "3:35.21" or "3:35:21".
    """

    name: str = ""
    milestones: tuple[Milestone, ...] = ()
    races: Mapping[str, Race] = field(default_factory=dict)
    times: str = "3:35.21"

    def race(self, name: str) -> Race:
        """A race by its id, with nothing known of it where the plan does not describe it."""
        return self.races.get(name) or Race(name, name)
