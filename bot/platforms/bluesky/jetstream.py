"""Jetstream's two wires: what to ask for, what a frame says, and where one left off.

v2 (`/xrpc/network.bsky.jetstream.subscribeEvents`) numbers its events and understands a number or a time as cursor; v1
(`/subscribe`) knows times only. Both cursors are inclusive.
Source: https://github.com/bluesky-social/jetstream, lexicons network/bsky/jetstream/subscribeEvents.json
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from urllib.parse import urlencode, urlsplit

import msgspec

from bot.platforms.bluesky.names import POSTS

_METHOD = "network.bsky.jetstream.subscribeEvents"
_LARGEST_EVENT_BYTES = 262_144  # a whole post is about a kilobyte; what is larger is not sent to us
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CursorTooOldError(Exception):
    """The server no longer has what the cursor points to."""


class TooSlowError(Exception):
    """The server gave us up because we read too slowly: connect again with the last cursor."""


class LostError(Exception):
    """The connection cannot be made or has broken: connect again later."""


class _AccountState(msgspec.Struct, gc=False):
    active: bool = True
    status: str | None = None


class _Identity(msgspec.Struct, gc=False):
    handle: str | None = None


class Event(msgspec.Struct, gc=False):
    """One event of either wire.

    Attributes:
        type: Ends with "#commit", "#identity", "#account", "#sync" or "#info".
        seq: Its number at this server; 0 on v1.
        did: Whose repository or account.
        time: When the server saw it, as v2 writes it.
        witnessedAt: As `time`, never altered by imports: what a time cursor is compared with.
        time_us: When the server saw it, as v1 writes it; 0 on v2.
        operation: "create", "update" or "delete".
        record: Undecoded.
        name: Of an advisory: "OutdatedCursor", "FutureCursor".
    """

    type: str = msgspec.field(name="$type", default="")
    seq: int = 0
    did: str = ""
    time: str = ""
    witnessedAt: str | None = None  # noqa: N815 - the wire's own name
    time_us: int = 0
    operation: str = ""
    collection: str = ""
    rkey: str = ""
    cid: str = ""
    record: msgspec.Raw = msgspec.Raw(b"")
    account: _AccountState | None = None
    identity: _Identity | None = None
    name: str = ""
    message: str | None = None

    @property
    def us(self) -> int:
        """Microseconds since 1970 at which the server saw it; 0 where it does not say."""
        if self.time_us:
            return self.time_us
        try:
            moment = datetime.fromisoformat(self.witnessedAt or self.time)
        except ValueError:
            return 0
        return (moment - _EPOCH) // timedelta(microseconds=1) if moment.tzinfo else 0


class _Frame2(msgspec.Struct, gc=False):
    payload: Event | None = None
    error: str = ""
    message: str = ""


class _Commit1(msgspec.Struct, gc=False):
    operation: str = ""
    collection: str = ""
    rkey: str = ""
    cid: str = ""
    record: msgspec.Raw = msgspec.Raw(b"")


class _Frame1(msgspec.Struct, gc=False):
    did: str = ""
    time_us: int = 0
    kind: str = ""
    commit: _Commit1 | None = None
    account: _AccountState | None = None
    identity: _Identity | None = None


_decode1 = msgspec.json.Decoder(_Frame1).decode
_decode2 = msgspec.json.Decoder(_Frame2).decode


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the tail left off.

    Attributes:
        us: Microseconds since 1970 of the last event: means about the same at every server. 0 for "now".
        seq: Number of the last event, 0 for none: means something at `host` alone.
        host: Where `seq` was given.
    """

    us: int = 0
    seq: int = 0
    host: str = ""

    def __str__(self) -> str:
        """As the store keeps it; "" where it says nothing."""
        return "" if self == Cursor() else msgspec.json.encode(self).decode()


def parse_cursor(text: str) -> Cursor:
    """Read what the store kept; what cannot be read starts at "now", as "" does."""
    try:
        return msgspec.json.decode(text, type=Cursor) if text else Cursor()
    except ValueError:
        return Cursor()


@dataclass(frozen=True)
class Wire:
    """One Jetstream server and what we ask of it.

    Attributes:
        url: As configured; one that ends in /subscribe speaks v1.
        dids: Only these accounts' events; empty for all.
        user_agent: How we introduce ourselves.
    """

    url: str
    dids: tuple[str, ...]
    user_agent: str

    @cached_property
    def is_v1(self) -> bool:
        """Whether the server speaks the older wire."""
        return urlsplit(self.url).path.rstrip("/").endswith("/subscribe")

    @cached_property
    def host(self) -> str:
        """Who gives the numbers of events."""
        return urlsplit(self.url).netloc

    def address(self, position: int) -> str:
        """Where to connect.

        Args:
            position: A number of an event, or microseconds since 1970 (10**15 and more); 0 for "now".
        """
        base = self.url.rstrip("/")
        if self.is_v1:
            asked = [("wantedCollections", POSTS), *(("wantedDids", did) for did in self.dids)]
        else:
            if not base.endswith(_METHOD):
                base = f"{base.removesuffix('/xrpc')}/xrpc/{_METHOD}"
            kinds = [("kinds", kind) for kind in ("commit", "identity", "account")]
            asked = [*kinds, ("collections", POSTS), *(("dids", did) for did in self.dids)]
        asked.append(("maxMessageSizeBytes", str(_LARGEST_EVENT_BYTES)))
        if position:
            asked.append(("cursor", str(position)))
        return f"{base}?{urlencode(asked)}"

    def decode(self, frame: bytes) -> Event:
        """What a frame says.

        Raises:
            ValueError: It is no event.
            TooSlowError: It is the server's good-bye.
            LostError: It is another error of the server.
        """
        if self.is_v1:
            return _event(_decode1(frame))
        found = _decode2(frame)
        if found.payload is not None:
            return found.payload
        if found.error == "ConsumerTooSlow":
            raise TooSlowError(found.message or found.error)
        if found.error:
            raise LostError(f"{found.error[:80]}: {found.message[:200]}")
        raise ValueError("a frame without a payload")


def _event(found: _Frame1) -> Event:
    commit = found.commit
    if commit is None:
        return Event(
            f"#{found.kind}", 0, found.did, time_us=found.time_us, account=found.account, identity=found.identity
        )
    return Event(
        "#commit",
        0,
        found.did,
        "",
        None,
        found.time_us,
        commit.operation,
        commit.collection,
        commit.rkey,
        commit.cid,
        commit.record,
    )
