"""The websocket to Jetstream, read in bursts."""

import asyncio
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI, WebSocketException
from websockets.typing import Subprotocol

from bot.core.errors import Rejected
from bot.platforms.bluesky.jetstream import CursorTooOldError, LostError, Wire

_LARGEST_FRAME_BYTES = 16_777_216
_OPEN_TIMEOUT_S = 15


class Connection:
    """One websocket, read in bursts from a thread that does other things between them.

    Its event loop runs only inside its methods; meanwhile the operating system's buffers take what comes.

    Args:
        wire: Whom to talk to.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._loop = asyncio.new_event_loop()
        self._socket: ClientConnection | None = None
        self._opening: asyncio.Task[None] | None = None

    def start(self, position: int) -> None:
        """Begin to connect; `is_open` goes on with it.

        Args:
            position: As `Wire.address` takes it.
        """
        self._opening = self._loop.create_task(self._connect(position))

    def is_open(self, wait_s: float) -> bool:
        """Whether the connection stands, after waiting for it so long at most.

        Raises:
            CursorTooOldError: The server no longer has the position.
            LostError: No connection, for now.
            Rejected: The address is none, or the server will never take what we ask.
        """
        opening = self._opening
        if opening is not None:
            self._loop.run_until_complete(asyncio.wait({opening}, timeout=wait_s))
            if not opening.done():
                return False
            self._opening = None
            opening.result()
        return self._socket is not None

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
        """Close the socket, if there is one; `start` may be called again."""
        opening, self._opening = self._opening, None
        if opening is not None:
            opening.cancel()
            self._loop.run_until_complete(asyncio.wait({opening}))
            if not opening.cancelled():
                opening.exception()  # taken, so that nobody is told of a try that was given up
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
                close_timeout=0.5,
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
