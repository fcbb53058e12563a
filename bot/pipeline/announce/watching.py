"""What timing, counters and marked posts have said, in memory: fed with what changed, never read anew."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from bot.core.desk import Desk
from bot.core.milestones.agenda import Agenda
from bot.core.milestones.board import Board, Mark
from bot.core.milestones.conditions import Moment, Reached, Said, Told, leaves
from bot.core.milestones.facts import Facts
from bot.core.milestones.plan import Milestone, Plan
from bot.core.model import UpdateState
from bot.core.people import People
from bot.store import marked, marks, milestones, results
from bot.store.database import Database, Transaction
from bot.store.milestones import Settled

_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Look:
    """What is to be looked at now.

    Attributes:
        facts: What is true.
        known: What became of each milestone; those that are to come are missing.
        changed: Milestones whose facts have changed since the last look, settled or not.
        open: Milestones that are not settled and may be reached, each once.
    """

    facts: Facts
    known: dict[str, Settled]
    changed: Sequence[Milestone] = ()
    open: list[Milestone] = field(default_factory=list)
    again: set[str] = field(default_factory=set)


class Watcher:
    """Keeps the board of the plan in force. One for each process; threads take turns."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._agenda = Agenda(Plan(), {}, People())
        self._start(Plan())

    def _start(self, plan: Plan) -> None:
        self._plan = plan
        self._board = Board(plan)
        self._seq = 0  # of the feed
        self._last_post = 0
        self._all = True  # nothing was looked at yet
        self._again: set[str] = set()  # was reached, or has to be compared, and could not be done yet
        self._known: tuple[str, dict[str, Settled]] = ("none", {})
        every = [one for milestone in plan.milestones if milestone.when for one in leaves(milestone.when)]
        self._tags = {one.tag for one in every if isinstance(one, Said)}
        self._counts_posts = any(isinstance(one, Reached) and one.what == "posts" for one in every)
        self._needs_any = any(not isinstance(one, Moment | Told) for one in every)

    @contextmanager
    def facts(self, desk: Desk, plan: Plan, people: People, *, now: datetime) -> Generator[Facts]:
        """What is true now; the board stands still until the block ends."""
        with self._lock, self._database.read() as tx:
            self._see(tx, desk, plan, people)
            yield self._facts(desk, people, now)

    @contextmanager
    def look(self, desk: Desk, plan: Plan, people: People, *, now: datetime) -> Generator[Look]:
        """What is to be looked at now. What the block adds to `again` is looked at the next time too."""
        with self._lock:
            with self._database.read() as tx:
                told_before = {name for name, one in self._known[1].items() if one.state == "told"}
                self._see(tx, desk, plan, people)
            known = self._known[1]
            changed, opened = list(plan.milestones), list(plan.milestones)
            if not self._all:
                told = {name for name, one in known.items() if one.state == "told"} - told_before if known else set()
                topics = [*self._board.take_touched(), *(("told", name) for name in told)]
                more = [one for one in plan.milestones if one.id in self._again] if self._again else []
                changed = _once([*self._agenda.about(topics), *more])
                opened = _once([*self._agenda.come(now), *changed])
            self._board.take_touched()
            self._all = True  # unless the block ends well, all is looked at the next time
            look = Look(
                self._facts(desk, people, now), dict(known), changed, [one for one in opened if one.id not in known]
            )
            yield look
            self._all = False
            self._again = look.again

    def _facts(self, desk: Desk, people: People, now: datetime) -> Facts:
        told = {name: one.at for name, one in self._known[1].items() if one.state == "told"}
        board = self._board if self._needs_any else None
        return Facts(now, desk.clocks, desk.event, desk.zone, board, people, told)

    def _see(self, tx: Transaction, desk: Desk, plan: Plan, people: People) -> None:
        """Bring everything to where the store is."""
        if plan.name != self._plan.name or plan.milestones != self._plan.milestones:
            self._start(plan)
        version = marks.get(tx, milestones.VERSION)
        is_other = (
            self._agenda.plan is not plan or self._agenda.clocks != desk.clocks or self._agenda.people is not people
        )
        if is_other:
            self._agenda = Agenda(plan, desk.clocks, people)
            self._all = True
        if version != self._known[0] or is_other:
            self._known = (version, milestones.every(tx))
            self._agenda.settle(self._known[1].keys())
        if self._needs_any:
            self._catch_up(tx, desk)

    def _catch_up(self, tx: Transaction, desk: Desk) -> None:
        board = self._board
        while rows := results.changed_after(tx, board.seq, _CHUNK):
            board.feed(rows)
        board.count(results.counted(tx))
        if self._counts_posts:
            number, newest, at = marked.posts_after(tx, self._last_post)
            if number and at is not None:
                self._last_post = newest
                board.come_in(number, at)
        if self._tags:
            self._see_marks(tx, desk)

    def _see_marks(self, tx: Transaction, desk: Desk) -> None:
        while changed := marked.updates_after(tx, self._seq, _CHUNK):
            for update, author_id, story_id in changed:
                self._seq = max(self._seq, update.seq)
                for tag in self._tags.intersection(update.tags):
                    author = desk.persons.get(author_id, author_id)
                    name = update.credit.name if update.credit else ""
                    mark = Mark(author, story_id, update.is_official, update.at, name, update.text, update.url)
                    self._board.mark(tag, update.id, mark if update.state is UpdateState.LIVE else None)


def _once(given: Iterable[Milestone]) -> list[Milestone]:
    found: Mapping[str, Milestone] = {one.id: one for one in given}
    return list(found.values())
