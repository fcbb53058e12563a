"""Fakes for the outer ends only: a source, an account and a clock that a test holds in its hand."""

import threading
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.core.errors import OutsideError
from bot.core.model import Batch, LengthUnit, Limits, Media, Post, Receipt, Snippet


class FixedClock:
    """A clock that moves when it is told."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **more: float) -> None:
        self.at += timedelta(**more)


@dataclass
class FakeSource:
    """A source whose posts lie in a list; its cursor is how many it has given."""

    posts: list[Post] = field(default_factory=list)
    missing_ids: set[str] = field(default_factory=set)
    page: int = 100
    error: OutsideError | None = None
    before: Callable[[], None] = lambda: None
    fetches: int = 0

    def fetch(self, cursor: str) -> Batch:
        self.before()
        self.fetches += 1
        if self.error is not None:
            raise self.error
        start = int(cursor or 0)
        given = self.posts[start : start + self.page]
        return Batch(tuple(given), str(start + len(given)), more=start + len(given) < len(self.posts))

    def missing(self, ids: Sequence[str]) -> AbstractSet[str]:
        return self.missing_ids & set(ids)


@dataclass
class FakeGallery(FakeSource):
    """A source whose pictures lie in a dictionary by their address; what is no bytes is raised, or called."""

    pictures: dict[str, bytes | OutsideError | Callable[[], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def shows(self, media: Media) -> bool:
        return media.url.startswith("https://pictures.example/")

    def picture(self, media: Media) -> bytes:
        self.asked.append(media.url)
        found = self.pictures[media.url]
        if isinstance(found, OutsideError):
            raise found
        return found if isinstance(found, bytes) else found()


@dataclass
class FakeStream(FakeSource):
    """A source with a stream that gives what a test puts in."""

    batches: list[Batch] = field(default_factory=list)

    def stream(self, cursor: str, stop: threading.Event) -> Iterator[Batch]:
        start = int(cursor or 0)
        while not stop.is_set():
            while start < len(self.batches):
                yield self.batches[start]
                start += 1
            stop.wait(0.01)


@dataclass
class FakePublisher:
    """An account that keeps what it was sent, by key, as a platform with idempotent writes does.

    `fail` names what each of the next calls raises, None for success; `after` fails after the post stands.
    """

    sent: dict[str, Snippet] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    retracted: list[str] = field(default_factory=list)
    fail: list[OutsideError | None] = field(default_factory=list)
    fail_after: list[OutsideError | None] = field(default_factory=list)
    before: Callable[[], None] = lambda: None
    bound: Limits = field(default_factory=lambda: Limits(300, LengthUnit.GRAPHEMES, max_bytes=3000, media=4))

    def limits(self) -> Limits:
        return self.bound

    def _maybe(self, errors: list[OutsideError | None]) -> None:
        if errors and (error := errors.pop(0)) is not None:
            raise error

    def publish(self, snippet: Snippet, key: str) -> Receipt:
        self.before()
        self.calls.append(("publish", key))
        self._maybe(self.fail)
        self.sent.setdefault(key, snippet)
        self._maybe(self.fail_after)
        return Receipt(key, f"https://social.example/{key}")

    def find(self, key: str, since: datetime) -> Receipt | None:
        del since
        self.before()
        self.calls.append(("find", key))
        return Receipt(key, f"https://social.example/{key}") if key in self.sent and key not in self.retracted else None

    def retract(self, receipt: Receipt) -> None:
        self.before()
        self.calls.append(("retract", receipt.id))
        self._maybe(self.fail)
        self.retracted.append(receipt.id)

    def standing(self) -> list[str]:
        """Texts that stand at the account now."""
        return [snippet.text for key, snippet in self.sent.items() if key not in self.retracted]


MACHINE_START = datetime(2026, 1, 1, tzinfo=UTC)
