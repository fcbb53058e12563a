"""Jetstream's two wires: what to ask for, what a frame says, and the connection itself.

v2 (`/xrpc/network.bsky.jetstream.subscribeEvents`) numbers its events and understands a number or a time as cursor; v1
(`/subscribe`) knows times only. Both cursors are inclusive.
Source: https://github.com/bluesky-social/jetstream, lexicons network/bsky/jetstream/subscribeEvents.json
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI, WebSocketException
from websockets.typing import Subprotocol

from bot.core.errors import Rejected
from bot.platforms.bluesky.names import POSTS

_METHOD = "network.bsky.jetstream.subscribeEvents"
_LARGEST_EVENT_BYTES = 262_144  # a whole post is about a kilobyte; what is larger is not sent to us
_LARGEST_FRAME_BYTES = 16_777_216
_OPEN_TIMEOUT_S = 15
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


@dataclass(frozen=True, slots=True)
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

    @property
    def is_v1(self) -> bool:
        """Whether the server speaks the older wire."""
        return urlsplit(self.url).path.rstrip("/").endswith("/subscribe")

    @property
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


class Connection:
    """One websocket, read in bursts from a thread that does other things between them.

    Its event loop runs only inside `open`, `read` and `close`; meanwhile the operating system's buffers take what comes.

    Args:
        wire: Whom to talk to.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._loop = asyncio.new_event_loop()
        self._socket: ClientConnection | None = None

    def open(self, position: int) -> None:
        """Connect.

        Args:
            position: As `Wire.address` takes it.

        Raises:
            CursorTooOldError: The server no longer has it.
            LostError: No connection, for now.
            Rejected: The address is none, or the server will never take what we ask.
        """
        self._loop.run_until_complete(self._connect(position))

    def read(self, wait_s: float, linger_s: float, most: int) -> list[bytes]:
        """The next frames.

        Args:
            wait_s: How long to wait for the first.
            linger_s: How long to wait for more after the first.
            most: How many at most.

        Returns:
            In the server's order; empty where nothing came in time.

        Raises:
            LostError: The connection is gone, and all that it brought has been read.
        """
        return self._loop.run_until_complete(self._read(wait_s, linger_s, most))

    def drop(self) -> None:
        """Close the socket, if there is one; `open` may be called again."""
        socket, self._socket = self._socket, None
        if socket is not None:
            self._loop.run_until_complete(_bid_farewell(socket))

    def close(self) -> None:
        """Close the socket and the loop, for good."""
        try:
            self.drop()
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()

    async def _connect(self, position: int) -> None:
        where = f"Jetstream at {self._wire.host}"
        try:
            self._socket = await connect(
                self._wire.address(position),
                subprotocols=None if self._wire.is_v1 else [Subprotocol("xrpc.v1.json")],
                compression=None,  # Jetstream offers none of the kind that websockets has
                user_agent_header=self._wire.user_agent,
                open_timeout=_OPEN_TIMEOUT_S,
                # Progress is judged by events, not by pongs: a loop that rests between two bursts cannot answer in time.
                ping_timeout=None,
                close_timeout=1,
                max_size=_LARGEST_FRAME_BYTES,
                max_queue=(1024, 256),
                proxy=None,  # whom we talk to is said in config.toml alone
            )
        except InvalidURI as error:
            raise Rejected(f"{self._wire.url!r} is no websocket address: write wss://…") from error
        except InvalidStatus as error:
            raise _turned_away(where, error) from error
        except (OSError, TimeoutError, InvalidHandshake, WebSocketException) as error:
            raise LostError(f"{where}: cannot connect: {str(error) or type(error).__name__}") from error

    async def _read(self, wait_s: float, linger_s: float, most: int) -> list[bytes]:
        socket = self._socket
        if socket is None:
            raise LostError("not connected")
        frames: list[bytes] = []
        receive = socket.recv
        try:
            async with asyncio.timeout(wait_s):
                frames.append(await receive(decode=False))
            async with asyncio.timeout(linger_s):
                while len(frames) < most:
                    frames.append(await receive(decode=False))
        except TimeoutError:
            pass
        except ConnectionClosed as error:
            if not frames:
                raise LostError(f"Jetstream at {self._wire.host} closed the connection: {error}") from error
        return frames


async def _bid_farewell(socket: ClientConnection) -> None:
    await socket.close()
    await socket.wait_closed()


def _turned_away(where: str, error: InvalidStatus) -> Exception:
    status = error.response.status_code
    name, said = "", ""
    try:
        found: Any = msgspec.json.decode(bytes(error.response.body or b""))
    except ValueError:
        found = None
    if isinstance(found, dict):
        name, said = str(found.get("error", ""))[:80], str(found.get("message", ""))[:200]
    if name == "CursorTooOld":
        return CursorTooOldError(f"{where}: {said or name}")
    if status in {400, 404}:
        return Rejected(
            f"{where}: {name or status}: {said or 'it does not know what we ask'}: check `jetstream` in config.toml"
        )
    return LostError(f"{where}: answered {status} {name}".rstrip())
