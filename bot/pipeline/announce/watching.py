"""What timing, counters and marked posts have said, in memory: fed with what changed, never read anew."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from threading import Lock

from bot.core.desk import Desk
from bot.core.milestones.board import Board, Mark
from bot.core.milestones.conditions import Moment, Reached, Said, Told, leaves
from bot.core.milestones.meeting import Facts
from bot.core.milestones.plan import Plan
from bot.core.model import UpdateState
from bot.core.people import People
from bot.store import marked, results
from bot.store.database import Database, Transaction

_CHUNK = 2_000


class Watcher:
    """Keeps the board of the plan in force. One for each process; threads take turns.

    Attributes:
        compared: As of which of the board's changes what was told was compared with it; -1 for none.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._start(Plan())

    def _start(self, plan: Plan) -> None:
        self.compared = -1
        self._plan = plan
        self._board = Board(plan)
        self._seq = 0  # of the feed
        self._last_post = 0
        every = [one for milestone in plan.milestones if milestone.when for one in leaves(milestone.when)]
        self._tags = {one.tag for one in every if isinstance(one, Said)}
        self._counts_posts = any(isinstance(one, Reached) and one.what == "posts" for one in every)
        self._needs_any = any(not isinstance(one, Moment | Told) for one in every)

    @contextmanager
    def facts(
        self, desk: Desk, plan: Plan, people: People, *, now: datetime, told: Mapping[str, datetime] | None = None
    ) -> Generator[Facts]:
        """What is true now; the board stands still until the block ends."""
        with self._lock:
            if plan.name != self._plan.name or plan.milestones != self._plan.milestones:
                self._start(plan)
            if self._needs_any:
                with self._database.read() as tx:
                    self._catch_up(tx, desk)
            board = self._board if self._needs_any else None
            yield Facts(now, desk.clocks, desk.event, desk.zone, board, people, told or {})

    def _catch_up(self, tx: Transaction, desk: Desk) -> None:
        board = self._board
        while rows := results.changed_after(tx, board.seq, _CHUNK):
            board.feed(rows)
        tallies = results.counted(tx)
        if tallies != board.tallies:
            board.tallies = tallies
            board.changes += 1
        if self._counts_posts:
            number, newest, at = marked.posts_after(tx, self._last_post)
            if number:
                self._last_post = newest
                board.posts = (board.posts[0] + number, at)
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
