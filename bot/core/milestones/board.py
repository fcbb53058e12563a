"""What timing has said so far: every entrant of every race, and for each question of the plan what it comes to.

It is fed with what changed and never looks at all entrants for one of them: what the plan asks is kept by group of entrants (a
race, some fields, a point), whatever the number of milestones that ask it. Only where the best of a group is taken back is the
group looked through again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from bot.core.milestones.conditions import PLACE, Which, Won, leaves, which
from bot.core.milestones.plan import Plan
from bot.core.results import FINISH, Result, Row, Standing


@dataclass(frozen=True, slots=True)
class Entrant:
    """One entrant as all sources together tell it.

    Attributes:
        result: What the best source says.
        at: When that came (event time).
        source: Who says it.
        is_confirmed: An official source says it, or two sources say the same.
    """

    result: Result
    at: datetime
    source: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A post that a rule has marked with a tag.

    Attributes:
        author: The person's key, the same for all accounts of one person.
        story: Of its story: copies of one text are one voice.
        url: Where it stands, "" for nowhere.
    """

    author: int
    story: int
    is_official: bool
    at: datetime
    name: str = ""
    text: str = ""
    url: str = ""


class Group:
    """Those entrants who count for one question, in the order in which they came."""

    def __init__(self, wanted: Which) -> None:
        self.wanted = wanted
        self.arrived: dict[str, Entrant] = {}
        self.places: dict[str, dict[int, dict[str, Entrant]]] = {}
        self._best: Entrant | None = None

    def counts(self, one: Entrant) -> bool:
        """Whether an entrant belongs to it."""
        wanted, result = self.wanted, one.result
        if not (one.is_confirmed or wanted.unconfirmed) or not result.sound:
            return False
        if wanted.point == FINISH and result.standing is not Standing.FINISHED:
            return False
        if result.standing in {Standing.DISQUALIFIED, Standing.ABSENT}:
            return False
        at = result.at(wanted.point)
        if at is None or (wanted.under_ms is not None and at >= wanted.under_ms):
            return False
        return all(result.fields.get(name, "").casefold() == value.casefold() for name, value in wanted.where)

    def take(self, before: Entrant | None, after: Entrant) -> bool:
        """An entrant has changed; False where that is nothing to the group."""
        key = after.result.key
        was = before is not None and key in self.arrived
        now = self.counts(after)
        if before is not None and was:
            for rank, places in self.places.items():
                places.get(place_of(before.result, rank) or 0, {}).pop(key, None)
            if self._best is before:
                self._best = None
        if not now:
            self.arrived.pop(key, None)
            return was
        self.arrived[key] = after
        for rank, places in self.places.items():
            number = place_of(after.result, rank)
            if number is not None:
                places.setdefault(number, {})[key] = after
        if self._best is not None and self.time(after) < self.time(self._best):
            self._best = after
        return True

    def time(self, one: Entrant) -> int:
        """Milliseconds at the group's point."""
        return one.result.at(self.wanted.point) or 0

    def best(self) -> Entrant | None:
        """The quickest so far; of equals, who came first. None where nobody is there yet."""
        if self._best is None and self.arrived:
            self._best = min(self.arrived.values(), key=self.time)
        return self._best

    def nth(self, number: int) -> Entrant | None:
        """Who came as the nth, from 1; None where fewer came."""
        return next(islice(self.arrived.values(), number - 1, None), None) if number > 0 else None

    def at_place(self, rank: str, number: int) -> list[Entrant]:
        """Who has a place; several where it is shared. Those of whom we are sure, where there are any."""
        found = list(self.places[rank].get(number, {}).values())
        return [one for one in found if one.is_confirmed] or found

    def slowest(self) -> Entrant | None:
        """The slowest so far."""
        return max(self.arrived.values(), key=self.time, default=None)


def place_of(result: Result, rank: str) -> int | None:
    """Somebody's place by a field; None where there is none."""
    if rank == PLACE:
        return result.place
    written = result.fields.get(rank, "").strip()
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 10 else None


class Board:
    """All races of a plan as they stand.

    Attributes:
        seq: Of the last change that it was fed with; 0 at first.
        tallies: Numbers that somebody else counts, with when each was seen.
        posts: How many posts came in, and when the last of them did.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.seq = 0
        self.tallies: Mapping[str, tuple[int, datetime]] = {}
        self.posts: tuple[int, datetime | None] = (0, None)
        self._touched: set[tuple[object, ...]] = set()
        self._marked: dict[str, dict[int, Mark]] = {}
        self._rows: dict[tuple[str, str], dict[str, Row]] = {}
        self._entrants: dict[tuple[str, str], Entrant] = {}
        self._groups: dict[str, dict[Which, Group]] = {}
        for milestone in plan.milestones:
            for condition in leaves(milestone.when) if milestone.when is not None else ():
                wanted = which(condition)
                if wanted is None:
                    continue
                group = self._groups.setdefault(wanted.race, {}).setdefault(wanted, Group(wanted))
                if isinstance(condition, Won):
                    group.places.setdefault(condition.rank, {})

    def feed(self, rows: Sequence[Row]) -> None:
        """Take what changed, in the order of its `seq`."""
        for row in rows:
            key = (row.result.race, row.result.key)
            told = self._rows.setdefault(key, {})
            told[row.source] = row
            before = self._entrants.get(key)
            after = self._entrants[key] = self._best_of(told.values())
            for group in self._groups.get(row.result.race, {}).values():
                if group.take(before, after):
                    self._touched.add(("group", group.wanted))
            self._touched.add(("entrant", *key))
            self.seq = max(self.seq, row.seq)

    def take_touched(self) -> set[tuple[object, ...]]:
        """Which facts have changed since this was asked last: topics of the agenda."""
        touched, self._touched = self._touched, set()
        return touched

    def count(self, tallies: Mapping[str, tuple[int, datetime]]) -> None:
        """Numbers that somebody else counts, as they stand now."""
        self._touched.update(("count", name) for name, value in tallies.items() if self.tallies.get(name) != value)
        self.tallies = tallies

    def come_in(self, posts: int, at: datetime) -> None:
        """So many more posts came in, the last of them at this time."""
        self.posts = (self.posts[0] + posts, at)
        self._touched.add(("count", "posts"))

    def mark(self, tag: str, number: int, mark: Mark | None) -> None:
        """A post carries a tag; None where it is not told any more."""
        marks = self._marked.setdefault(tag, {})
        if mark is not None:
            marks[number] = mark
        elif marks.pop(number, None) is None:
            return
        self._touched.add(("tag", tag))

    def marked(self, tag: str) -> list[Mark]:
        """Who has said what rules mark with a tag, in the order in which it was told."""
        return list(self._marked.get(tag, {}).values())

    def _best_of(self, rows: Iterable[Row]) -> Entrant:
        every = list(rows)
        official = self.plan.race(every[0].result.race).official
        sure = [row for row in every if official is None or row.source in official]
        best = max(sure or every, key=lambda row: row.seq)
        confirmed = bool(sure) or any(_same(row.result, best.result) for row in every if row.source != best.source)
        return Entrant(best.result, best.at, best.source, confirmed)

    def group(self, wanted: Which) -> Group:
        """Who counts for a question of the plan."""
        return self._groups[wanted.race][wanted]

    def entrant(self, race: str, key: str) -> Entrant | None:
        """Somebody by bib; None where timing has not told of them."""
        return self._entrants.get((race, key))


def _same(one: Result, other: Result) -> bool:
    """Whether two sources tell the same of somebody."""
    return (one.standing, one.place, one.times) == (other.standing, other.place, other.times)
