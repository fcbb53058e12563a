"""pictures owed -> difference hashes. Finds: pictures owed.

A few pictures are fetched at once, outside of any transaction; what each looks like is written as soon as it came, and with
that its post need not wait any longer. A host that hangs holds up its own pictures alone: of one source only some are fetched
at once, and of a slow one only one. A picture that cannot be had is not asked for again.

What is killed here has written nothing, and is still owed. No picture outlives the look at it.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.errors import OutsideError, RateLimited
from bot.core.ports import PictureSource
from bot.core.stories.pictures import difference_hash
from bot.store import pictures
from bot.store.database import Database, Transaction
from bot.store.pictures import Picture, Seen

_AT_ONCE = 4
_AT_ONCE_OF_ONE = 2
_SLOW_S = 2.0
_SLOW_FOR_S = 60.0
_LOOK_S = 0.1  # what came to be owed meanwhile
_LATELY = 1_000
_LATELY_S = 600.0
_TOO_LATE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Examined:
    """What one run came to.

    Attributes:
        seen: Pictures that were looked at.
        failed: Pictures that could not be had.
    """

    seen: int = 0
    failed: int = 0


class Examiner:
    """Looks at pictures; remembers between runs which sources are slow, and what it saw lately.

    Args:
        source: A source by its name; None where it is not configured any more, or cannot fetch pictures.
        machine_now: Machine time.
    """

    def __init__(
        self, database: Database, source: Callable[[str], PictureSource | None], machine_now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._source = source
        self._machine_now = machine_now
        self._slow_until: dict[str, float] = {}
        self._lately: dict[tuple[str, str], tuple[float, int | None]] = {}  # a feed may show one logo with every entry

    def find_work(self) -> bool:
        """Whether any picture is owed: cheap, and takes no lock."""
        with self._database.read() as tx:
            return bool(pictures.sources(tx))

    def run(self, *, mine: Callable[[], bool] = lambda: True, ring: Callable[[], None] = lambda: None) -> Examined:
        """Look at every picture that is owed, and at those that come to be owed meanwhile.

        Args:
            mine: Whether the caller still holds the lease; nothing more is begun where not.
            ring: Called when something was written: a post may be waiting for it.
        """
        seen = failed = 0
        if not self._any_left():
            return Examined()
        flying: dict[Future[bytes], Picture] = {}
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="picture") as pool:
            while True:
                results = []
                for one, source in self._next(flying) if mine() else ():
                    if (before := self._lately.get(_key(one))) is not None and before[0] > time.monotonic():
                        results.append(Seen(one.post_id, one.place, before[1]))
                    else:
                        flying[pool.submit(self._fetch, source, one)] = one
                if not flying and not results:
                    return Examined(seen, failed)
                landed, _ = wait(flying, 0 if results else _LOOK_S, FIRST_COMPLETED)
                results += [self._look(flying.pop(future), future) for future in landed]
                if results:
                    with self._database.begin() as tx:
                        pictures.seen(tx, results)
                    lost = sum(1 for result in results if result.error)
                    seen, failed = seen + len(results) - lost, failed + lost
                    ring()

    def _any_left(self) -> bool:
        """Whether pictures are owed, without those that nobody waits for since long or that nobody can fetch."""
        before = self._machine_now() - _TOO_LATE
        with self._database.read() as tx:
            names = pictures.sources(tx)
            late = bool(names) and pictures.is_late(tx, before)
        strangers = [name for name in names if self._source(name) is None]
        if strangers or late:
            with self._database.begin() as tx:
                pictures.give_up(tx, before, "too many were owed")
                for name in strangers:
                    pictures.disown(tx, name, "its source is not configured any more")
        return len(names) > len(strangers)

    def _next(self, flying: Mapping[Future[bytes], Picture]) -> list[tuple[Picture, PictureSource]]:
        room = _AT_ONCE - len(flying)
        if room <= 0:
            return []
        with self._database.read() as tx:
            found = self._owed(tx, flying)
        return [(one, source) for one in found[:room] if (source := self._source(one.source)) is not None]

    def _owed(self, tx: Transaction, flying: Mapping[Future[bytes], Picture]) -> list[Picture]:
        """What may be fetched next: the first of each source, then the second of each."""
        busy = Counter(one.source for one in flying.values())
        begun = {(one.post_id, one.place) for one in flying.values()}
        now, clock = self._machine_now(), time.monotonic()
        found = []
        for name in pictures.sources(tx):
            most = 1 if self._slow_until.get(name, 0.0) > clock else _AT_ONCE_OF_ONE
            if busy[name] < most:
                due = pictures.owed(tx, now, _AT_ONCE_OF_ONE + busy[name], source=name)
                left = [one for one in due if (one.post_id, one.place) not in begun]
                found += list(enumerate(left[: most - busy[name]], busy[name]))
        return [one for _, one in sorted(found, key=lambda pair: (pair[0], pair[1].due_at <= now, pair[1].due_at))]

    def _fetch(self, source: PictureSource, one: Picture) -> bytes:
        begun = time.monotonic()
        try:
            return source.picture(one.media)
        except RateLimited:
            self._slow_until[one.source] = time.monotonic() + _SLOW_FOR_S
            raise
        finally:
            ended = time.monotonic()
            if ended - begun > _SLOW_S:
                self._slow_until[one.source] = ended + _SLOW_FOR_S

    def _look(self, one: Picture, future: Future[bytes]) -> Seen:
        """Look at what came; here and not where it was fetched, so that one large picture at a time is decoded."""
        try:
            content = future.result()
        except OutsideError as error:
            return Seen(one.post_id, one.place, None, str(error) or type(error).__name__)
        found = difference_hash(content)
        if len(self._lately) >= _LATELY:
            self._lately.clear()
        self._lately[_key(one)] = (time.monotonic() + _LATELY_S, found)
        return Seen(one.post_id, one.place, found)


def _key(one: Picture) -> tuple[str, str]:
    return one.source, one.media.url
