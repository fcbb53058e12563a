"""Pushes changes to every open page: server-sent events, made once and handed to all.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from bot.core.errors import MilepostError
from bot.core.pages import PageChange
from bot.web.answers import SAFE_HEADERS, not_allowed

HEARTBEAT_S = 15.0
TRANSPORT = "milepost.transport"
"""Under this name the server puts the connection's transport into the scope's state."""

_WAITING_LIMIT = 256
_BUFFER_BYTES = 1_000_000
_PAUSED_BYTES = 65_536  # above this uvicorn would wait for the reader before it ends the answer
_REPLAY_ROUNDS = 5
_ROUND_SIZE = 100
_REPLAYS_KEPT = 64
# A comment keeps proxies from closing the line; the event after it lets the page notice a line that died silently.
_BEAT = b": beat\nevent: beat\ndata:\n\n"
_STALE = b"event: stale\ndata:\n\n"
_GREETING = b"retry: 2000\n\n"
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would collect the stream before it passes it on
    *SAFE_HEADERS,
]


def encode(change: PageChange) -> bytes:
    """One change as an event. The JSON is ASCII without line ends, so that it is always one `data` line."""
    told = {"seq": change.seq, "slug": change.slug, "state": change.state, "at": change.at, "html": change.html}
    return f"id: {change.seq}\ndata: {json.dumps(told, separators=(',', ':'))}\n\n".encode()


@dataclass(frozen=True, slots=True)
class _News:
    """What everybody is sent, made once.

    Attributes:
        first: The lowest `seq` in it; -1 for a sign of life.
        last: The highest `seq` in it; -1 for a sign of life.
        data: The events.
        chunk: The same as one chunk of an HTTP/1.1 body.
        changes: What it is made of; empty for a sign of life.
    """

    first: int
    last: int
    data: bytes
    chunk: bytes
    changes: Sequence[PageChange] = ()

    def after(self, seq: int) -> "_News":
        """The same for somebody who knows a part of it already."""
        return _told([change for change in self.changes if change.seq > seq]) if self.first <= seq else self


def _news(first: int, last: int, data: bytes, changes: Sequence[PageChange] = ()) -> _News:
    return _News(first, last, data, b"%x\r\n%b\r\n" % (len(data), data), changes)


def _told(changes: Sequence[PageChange]) -> _News:
    """Changes in their order, at least one."""
    return _news(changes[0].seq, changes[-1].seq, b"".join(map(encode, changes)), changes)


class _Client:
    """One open page, and what it has been sent.

    News go straight to the connection's transport: waking a task for each page and passing each event through the HTTP
    library costs three times as much as the write itself. Chunks keep no state between them, so the library does not miss
    the ones that it has not seen; it still begins and ends the answer.
    """

    __slots__ = ("_is_chunked", "_transport", "_waiting", "over", "sent")

    def __init__(self, sent: int, transport: asyncio.Transport, *, is_chunked: bool) -> None:
        self.sent = sent
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport = transport
        self._is_chunked = is_chunked
        self._waiting: list[_News] | None = []

    def push(self, news: _News) -> None:
        """Send now, or keep until its past has been sent."""
        if self._waiting is None:
            self._write(news)
        elif len(self._waiting) < _WAITING_LIMIT:
            self._waiting.append(news)
        else:
            self._transport.abort()

    def begin(self) -> None:
        """Its past has been sent: from now on it gets everything at once."""
        waiting, self._waiting = self._waiting or [], None
        for news in waiting:
            self._write(news)

    def leave(self, _: object = None) -> None:
        """It is gone, or is to go; who has not taken what was sent is cut off."""
        if not self.over.done():
            self.over.set_result(None)
        if self._transport.get_write_buffer_size() > _PAUSED_BYTES:
            self._transport.abort()

    def _write(self, news: _News) -> None:
        if 0 <= news.last <= self.sent or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > _BUFFER_BYTES:
            # It reads slower than we write: it is cut off, and comes back with its last id when it can read again.
            self._transport.abort()
            return
        if 0 <= news.first <= self.sent:  # a burst that begins with what its past has told
            news = news.after(self.sent)
        self._transport.write(news.chunk if self._is_chunked else news.data)
        self.sent = max(self.sent, news.last)


class Hub:
    """The `/events` endpoint and all who listen there. Belongs to one event loop; only `publish` may be called from others.

    Args:
        changes: What came after a `seq`, at most 100, sorted; may look into the store, so it is called in a thread.
        heartbeat_s: Seconds between two signs of life.
    """

    def __init__(self, changes: Callable[[int], Sequence[PageChange]], heartbeat_s: float = HEARTBEAT_S) -> None:
        self._changes = changes
        self._heartbeat_s = heartbeat_s
        self._clients: set[_Client] = set()
        self._replays: dict[int, asyncio.Task[tuple[int, bytes]]] = {}
        self._gathered: list[PageChange] = []
        self._newest = -1
        self._is_stopped = False

    @property
    def count(self) -> int:
        """How many pages are open."""
        return len(self._clients)

    def push(self, changes: Sequence[PageChange]) -> None:
        """Hand changes to everybody. In the hub's loop only."""
        if not changes:
            return
        if not self._gathered:
            # What comes while others are being served goes out as one: a burst costs each reader one write, not fifty.
            asyncio.get_running_loop().call_soon(self._flush)
        self._gathered.extend(changes)
        self._newest = max(self._newest, *(change.seq for change in changes))
        self._replays.clear()

    def _flush(self) -> None:
        changes, self._gathered = sorted(self._gathered, key=lambda change: change.seq), []
        self._tell(_told(changes))

    def _tell(self, news: _News) -> None:
        for client in self._clients:
            client.push(news)

    async def beat(self) -> None:
        """Send signs of life until cancelled."""
        while True:
            await asyncio.sleep(self._heartbeat_s)
            self._tell(_news(-1, -1, _BEAT))

    def stop(self) -> None:
        """End every stream at once; who comes after this is sent away."""
        self._is_stopped = True
        for client in self._clients:
            client.leave()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one open page until it leaves, falls behind or the hub stops."""
        if scope["method"] != "GET":
            await not_allowed(scope, receive, send)
            return
        after = _after(Request(scope))
        client = _Client(
            after if after is not None else -1,
            scope["state"][TRANSPORT],
            is_chunked=scope["http_version"] == "1.1",
        )
        await send({"type": "http.response.start", "status": 503 if self._is_stopped else 200, "headers": _HEADERS})
        if self._is_stopped:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        leaving = asyncio.get_running_loop().create_task(_left(receive))
        leaving.add_done_callback(client.leave)
        # Listening begins before the past is looked up: what happens meanwhile waits, and `sent` sorts out what came twice.
        self._clients.add(client)
        try:
            await send({"type": "http.response.body", "body": _GREETING, "more_body": True})
            # Without its past a page would miss something for good: the stream ends, and the page comes back for it.
            with suppress(MilepostError):
                if after is not None:
                    await self._catch_up(client, send)
                client.begin()
                await client.over
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._clients.discard(client)
            leaving.cancel()

    async def _catch_up(self, client: _Client, send: Send) -> None:
        if 0 <= self._newest <= client.sent:
            return
        # After a restart a thousand pages come back with the same question: it is asked once.
        task = self._replays.get(client.sent)
        if task is None or (task.done() and task.exception()):
            if len(self._replays) >= _REPLAYS_KEPT:
                self._replays.clear()
            task = asyncio.get_running_loop().create_task(self._replay(client.sent))
            self._replays[client.sent] = task
        last, data = await asyncio.shield(task)
        if data:
            await send({"type": "http.response.body", "body": data, "more_body": True})
        client.sent = max(client.sent, last)

    async def _replay(self, after: int) -> tuple[int, bytes]:
        """What came after `after`, as far as a page can take it in; else the word that it should load itself anew."""
        parts: list[bytes] = []
        last = after
        for _ in range(_REPLAY_ROUNDS):
            found = await asyncio.to_thread(self._changes, last)
            parts.extend(encode(change) for change in found)
            last = max((change.seq for change in found), default=last)
            if len(found) < _ROUND_SIZE:
                return last, b"".join(parts)
        return last, _STALE


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _after(request: Request) -> int | None:
    """What the page has seen: `Last-Event-ID` on a return, `after` at first; None where it asks for no past."""
    for said in (request.headers.get("last-event-id", ""), request.query_params.get("after", "")):
        if said.isascii() and said.isdigit() and len(said) < 19:
            return int(said)
    return None
