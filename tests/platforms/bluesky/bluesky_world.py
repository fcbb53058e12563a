"""What the tests of this platform share: a context without `app`, and a stream read in a thread of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import Empty, Queue
from threading import Event, Thread

from bot.core.model import Batch, Gone, Media, Post
from bot.core.ports import PlatformContext, Secret, StreamingSource


class DictMemory:
    """A memory that a restart of the process would lose."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get(self, key: str) -> str:
        return self.kept.get(key, "")

    def put(self, key: str, value: str) -> None:
        if value:
            self.kept[key] = value
        else:
            self.kept.pop(key, None)


@dataclass
class World:
    """Clocks, secrets, memory and pictures of one source or account."""

    name: str = "bluesky"
    memory: DictMemory = field(default_factory=DictMemory)
    secrets: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    machine_now: Callable[[], datetime] = lambda: datetime.now(UTC)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def context(self) -> PlatformContext:
        return PlatformContext(
            name=self.name,
            now=self.now,
            machine_now=self._machine_now,
            memory=self.memory,
            secret=self._secret,
            user_agent="milepost-tests",
            open_media=self._open,
        )

    def _machine_now(self) -> datetime:
        return self.machine_now()

    def _secret(self, name: str) -> Secret | None:
        return Secret(self.secrets[name]) if name in self.secrets else None

    def _open(self, media: Media) -> bytes:
        return self.pictures[media.url]


class Listener:
    """Everything that a stream has brought so far, and patience for what it has not."""

    def __init__(self, source: StreamingSource, cursor: str = "") -> None:
        self.posts: list[Post] = []
        self.gone: list[Gone] = []
        self.gone_authors: list[Gone] = []
        self.notes: list[str] = []
        self.batches: list[Batch] = []
        self.cursor = cursor
        self.error: Exception | None = None
        self._stop = Event()
        self._news: Queue[Batch | None] = Queue()
        self._thread = Thread(target=self._run, args=(source,))

    def _run(self, source: StreamingSource) -> None:
        try:
            for batch in source.stream(self.cursor, self._stop):
                self._news.put(batch)
        except Exception as error:  # noqa: BLE001 - handed to the test's own thread
            self.error = error
        self._news.put(None)

    def until(self, done: Callable[["Listener"], bool], within_s: float = 20) -> None:
        """Take what comes until it is enough."""
        while not done(self):
            try:
                batch = self._news.get(timeout=within_s)
            except Empty:
                raise AssertionError(f"nothing more came: {self.posts} {self.gone} {self.notes}") from None
            if batch is None:
                raise AssertionError(f"the stream has ended: {self.error!r} {self.notes}") from self.error
            self._take(batch)

    def until_the_end(self, within_s: float = 20) -> None:
        """Take what comes until the stream ends by itself."""
        while (batch := self._news.get(timeout=within_s)) is not None:
            self._take(batch)

    def _take(self, batch: Batch) -> None:
        self.batches.append(batch)
        self.posts += batch.posts
        self.gone += batch.gone
        self.gone_authors += batch.gone_authors
        self.cursor = batch.cursor or self.cursor
        if batch.note:
            self.notes.append(batch.note)


@contextmanager
def listening(source: StreamingSource, cursor: str = "") -> Iterator[Listener]:
    """A stream that is read meanwhile; it must end within a second and a half after it was told to."""
    listener = Listener(source, cursor)
    listener._thread.start()
    try:
        yield listener
    finally:
        listener._stop.set()
        listener._thread.join(1.5)
        alive = listener._thread.is_alive()
        assert not alive, "the stream did not stop"
