"""The two seams to the outside: where posts come from, and where updates go.

Protocols stand only where there are two things behind them. All methods are synchronous and may block; all raise only the
children of `OutsideError`. A platform is one file in `platforms/` with a class for each direction; each class has a nested
pydantic model `Settings` (its block in config.toml) and is made with `(settings, context)`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.core.alarms import Notice
from bot.core.budget import Allowance
from bot.core.checkup import Checkup
from bot.core.model import Author, Batch, Limits, Media, Receipt, Snippet


class Memory(Protocol):
    """What one source or account keeps over restarts: sessions, caches, budgets. Small, durable, never logged."""

    def get(self, key: str) -> str:
        """The value, "" where nothing was kept."""

    def put(self, key: str, value: str) -> None:
        """Keep a value; "" forgets the key. Durable when it returns."""


class Secret:
    """A value that never shows itself; `reveal()` gives it to the one caller that needs it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself. Never log, store or show it."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> tuple[type, tuple[str]]:
        raise TypeError("a secret is not pickled")


@dataclass(frozen=True, slots=True)
class PlatformContext:
    """What `app` gives to a platform.

    Attributes:
        name: The source's or account's name in config.toml.
        now: Event time: what posts and the page are dated by. A rehearsal may run it fast.
        machine_now: Machine time: back-off, rate limits, sessions. Aware UTC.
        memory: Kept over restarts, this source's or account's own.
        secret: The secret of that name ("password"), None where none is given (config explains where it is looked for).
        user_agent: How we introduce ourselves, with the operator's contact.
        open_media: The bytes of a picture that stands in our own media folder; raises `Unavailable` where it is not there.
        folder: Absolute; relative paths of the platform's settings start here.
        shared: Kept over restarts for all sources and accounts of this kind together (one bill, one budget); None where
            there is no store. Each writes keys of its own there: two at once must not overwrite each other.
    """

    name: str
    now: Callable[[], datetime]
    machine_now: Callable[[], datetime]
    memory: Memory
    secret: Callable[[str], Secret | None]
    user_agent: str
    open_media: Callable[[Media], bytes]
    folder: str = ""
    shared: Memory | None = None


class StopSign(Protocol):
    """Tells a stream to end; a `threading.Event` is one."""

    def is_set(self) -> bool:
        """Whether to end now."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait so many seconds, less if it is set meanwhile; whether it is set."""


class Source(Protocol):
    """A place that posts come from."""

    def fetch(self, cursor: str) -> Batch:
        """What is new since `cursor`, oldest first.

        Args:
            cursor: What the last batch said; "" at first contact.

        Raises:
            Unavailable: Nothing was read; the cursor stands.
            RateLimited: Nothing before `until`.
            Unauthorized: A person must sign in again.
            Rejected: The source says that it is gone for good (410).
        """

    def missing(self, ids: Sequence[str]) -> AbstractSet[str]:
        """Which of these native ids are gone at the source; empty where it cannot tell."""


@runtime_checkable
class StreamingSource(Source, Protocol):
    """A source that also tells what happens while it happens."""

    def stream(self, cursor: str, stop: StopSign) -> Iterator[Batch]:
        """Batches as they come, in a thread of its own, until `stop` is set (within a second).

        A batch with only a cursor comes at least every 5 s, as a sign of progress. Ends by returning or with an
        `OutsideError`; the caller comes back with the stored cursor.
        """


@runtime_checkable
class PictureSource(Source, Protocol):
    """A source whose pictures can be looked at. Of one without it no picture is ever fetched.

    Only posts that passed the rules are asked for, from a few threads at once; nothing that is fetched is kept.
    """

    def shows(self, media: Media) -> bool:
        """Whether `picture` could fetch this picture. Cheap, without network; never raises."""

    def picture(self, media: Media) -> bytes:
        """The bytes of a picture of one of this source's posts, the smallest size that there is.

        The address comes from outside: it must not lead into a private network. Ends within 10 s, gives at most
        `bot.core.stories.pictures.MOST_BYTES`; whatever they are, `difference_hash` takes them.

        Raises:
            OutsideError: There is none. It is not asked for again.
        """


@runtime_checkable
class AuthorSource(Source, Protocol):
    """A source that can tell how the authors of posts show themselves now: whether they still want to be seen."""

    def authors(self, ids: Sequence[str]) -> Mapping[str, Author]:
        """The authors of these posts as they are now, looked up anew; the sweep asks for what stands on the page.

        Args:
            ids: Native ids of posts.

        Returns:
            By the post's native id; posts whose author cannot be asked about now are missing. Never raises.
        """


@runtime_checkable
class Receiving(Source, Protocol):
    """A source that brings to our own door what it has."""

    def is_from(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether it has signed this message."""

    def receive(self, headers: Mapping[str, str], body: bytes) -> Batch:
        """What the message means.

        Args:
            headers: By their names in lower case; `is_from` was true of them.

        Raises:
            Rejected: It is not understood; the message says where.
            RateLimited: Too many.
        """


class Channel(Protocol):
    """A way to tell a person that something needs one."""

    def send(self, notice: Notice) -> None:
        """Tell it, once.

        Raises:
            Unavailable: Provably not told: it is tried again.
            Unanswered: It may have arrived: it is not told again on this way.
            RateLimited: Not told; nothing before `until`.
            Rejected: Refused for good.
            Unauthorized: The address or the password is not taken.
        """


@runtime_checkable
class Costly(Protocol):
    """A source or publisher that costs money."""

    def cost(self) -> str:
        """What it has cost so far and may cost, for people. Cheap, without network."""


@runtime_checkable
class Revising(Protocol):
    """A publisher whose posts can be edited."""

    def revise(self, receipt: Receipt, snippet: Snippet, key: str) -> Receipt:
        """Put other words in the place of those that stand; done twice it is as done once.

        Args:
            receipt: Of what stands.
            snippet: What shall stand there; its pictures are those that stand already.
            key: The same on every try of one correction, unique over corrections.

        Returns:
            The receipt of what stands now.

        Raises:
            Unavailable: Not known to be done: it is tried again.
            RateLimited: Not done; nothing before `until`.
            Rejected: It cannot be edited (any more): the old words stay.
            Unauthorized: A person must sign in again.
        """


@runtime_checkable
class Examinable(Protocol):
    """A publisher whose platform can be asked how the account stands."""

    def checkup(self) -> Checkup:
        """Sign in where that is needed, and ask; nothing changes there.

        Raises:
            Unavailable: It cannot be asked now.
            RateLimited: Nothing before `until`.
            Unauthorized: A person must sign in again.
        """


@runtime_checkable
class Metered(Protocol):
    """A publisher whose platform says how much it still allows."""

    def allowances(self) -> Sequence[Allowance]:
        """As the last answers said, at most one of each kind of work. Cheap, without network; empty before the first answer."""


@runtime_checkable
class ByHand(Protocol):
    """A publisher that cannot be asked what stands there: of a try without an answer only a person can tell.

    Its `find` raises `Rejected`, and so does its `retract` where a person must take it down.
    """

    def seen(self, url: str) -> Receipt:
        """The receipt of what a person has seen standing there.

        Args:
            url: Its address, as the person copied it; "" where there is none.

        Raises:
            Rejected: This is no address of anything there; the message says what to copy.
        """


@runtime_checkable
class Recognisable(Protocol):
    """A publisher that knows who it is: what it posts is not collected as somebody else's."""

    def own_id(self) -> str:
        """Our permanent account id at the platform; "" while it is not known. Cheap, without network."""


class Publisher(Protocol):
    """An account that updates go to."""

    def limits(self) -> Limits:
        """How long, how counted, links, media, pace. Cheap and without network; refreshed by the platform itself."""

    def publish(self, snippet: Snippet, key: str) -> Receipt:
        """Send once; the same key and snippet again must not make a second post where the platform can prevent it.

        Args:
            snippet: Frozen: the same on every try.
            key: The same on every try of one delivery, unique over deliveries.

        Raises:
            Unavailable: Provably not sent.
            Unanswered: May have been sent: `find` settles it.
            RateLimited: Not sent; nothing before `until`.
            Rejected: Refused for good.
            Unauthorized: A person must sign in again.
        """

    def find(self, key: str, since: datetime) -> Receipt | None:
        """Whether a try that ended without an answer stands at the platform.

        Args:
            key: The delivery's key.
            since: Nothing older than this need be looked at (machine time).

        Returns:
            The receipt, or None where it is certain that it does not stand. Raises as `publish` where it cannot tell.
        """

    def retract(self, receipt: Receipt) -> None:
        """Take it down. Done already is done: no error."""
