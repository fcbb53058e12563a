"""Pushes changes to every open page: server-sent events, made once and handed to all.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from bot.core.errors import MilepostError
from bot.core.pages import PageChange
from bot.web.answers import SAFE_HEADERS, not_allowed

HEARTBEAT_S = 15.0
_WAITING_LIMIT = 256
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


class _Client:
    """One open page: what it has not been sent yet, and whether it is still there."""

    __slots__ = ("behind", "gone", "sent", "waiting", "wake")

    def __init__(self, sent: int) -> None:
        self.sent = sent
        self.waiting: deque[tuple[int, int, bytes]] = deque()
        self.wake: asyncio.Future[None] | None = None
        self.behind = False
        self.gone = False

    def push(self, first: int, last: int, data: bytes) -> None:
        if self.behind:
            return
        if len(self.waiting) >= _WAITING_LIMIT:
            # It reads slower than we write: it is let go, and comes back with its last id when it can read again.
            self.waiting.clear()
            self.behind = True
        else:
            self.waiting.append((first, last, data))
        self.rouse()

    @property
    def is_over(self) -> bool:
        """Whether nothing more is sent to it."""
        return self.gone or self.behind

    def rouse(self) -> None:
        if self.wake is not None and not self.wake.done():
            self.wake.set_result(None)

    def leave(self, _: object = None) -> None:
        self.gone = True
        self.rouse()


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
        ordered = sorted(changes, key=lambda change: change.seq)
        first, last = ordered[0].seq, ordered[-1].seq
        data = b"".join(encode(change) for change in ordered)
        self._newest = max(self._newest, last)
        self._replays.clear()
        for client in self._clients:
            client.push(first, last, data)

    async def beat(self) -> None:
        """Send signs of life until cancelled."""
        while True:
            await asyncio.sleep(self._heartbeat_s)
            for client in self._clients:
                # A page with news waiting needs no further sign.
                if not client.waiting:
                    client.push(-1, -1, _BEAT)

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
        client = _Client(after if after is not None else self._newest)
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
                await self._follow(client, send)
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

    async def _follow(self, client: _Client, send: Send) -> None:
        loop = asyncio.get_running_loop()
        while not client.is_over:
            if not client.waiting:
                client.wake = loop.create_future()
                await client.wake
                continue
            first, last, data = client.waiting.popleft()
            if first < 0 or last > client.sent:
                await send({"type": "http.response.body", "body": data, "more_body": True})
                client.sent = max(client.sent, last)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _after(request: Request) -> int | None:
    """What the page has seen: `Last-Event-ID` on a return, `after` at first; None where it asks for no past."""
    for said in (request.headers.get("last-event-id", ""), request.query_params.get("after", "")):
        if said.isascii() and said.isdigit() and len(said) < 19:
            return int(said)
    return None
