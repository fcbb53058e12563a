"""The other side, in a process of its own: a Jetstream that pushes generated frames, and an AppView that knows the crowd.

`python -m tests.bench.wire WARM COUNT PACE` makes the frames, says its two ports as one JSON line, and then serves. Each
connection gets the first WARM frames at once and the COUNT others when a line comes on standard input; the moment of the
first of those is told as a JSON line (`time.monotonic()`, which is one clock for all processes of a machine). PACE is how
many of them come in a second, 0 for as many as can.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.bench import events

_VERSION_1 = "xrpc.v1.json"


class Wire:
    """The other process, while it is entered.

    Args:
        warm: How many come at once.
        count: How many come after `go`.
        pace: How many of these in a second; 0 for as many as can.
    """

    def __init__(self, warm: int, count: int, pace: int = 0) -> None:
        command = [sys.executable, "-m", "tests.bench.wire", str(warm), str(count), str(pace)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ports = self._said()
        self.jetstream = f"ws://127.0.0.1:{ports['jetstream']:.0f}"
        self.appview = f"http://127.0.0.1:{ports['appview']:.0f}"

    def go(self) -> float:
        """Let the measured frames come; gives the moment of the first."""
        if self._process.stdin is not None:
            self._process.stdin.write("go\n")
            self._process.stdin.flush()
        return self._said()["first_at"]

    def _said(self) -> dict[str, float]:
        line = self._process.stdout.readline() if self._process.stdout is not None else ""
        if not line:
            raise RuntimeError("the process that plays Jetstream has ended")
        said: dict[str, float] = json.loads(line)
        return said

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()


class _Jetstream:
    def __init__(self, frames: Sequence[str], warm: int, pace: int) -> None:
        self._pace = pace
        self._warm, self._rest = frames[:warm], frames[warm:]
        self._go = asyncio.Event()

    async def handle(self, connection: ServerConnection) -> None:
        try:
            for frame in self._warm:
                await connection.send(frame)
            await self._go.wait()
            _say({"first_at": time.monotonic()})
            begun = time.monotonic()
            for number, frame in enumerate(self._rest):
                if self._pace:
                    await asyncio.sleep(max(0, begun + number / self._pace - time.monotonic()))
                await connection.send(frame)
            await connection.wait_closed()
        except ConnectionClosed:
            return

    async def run(self, appview: int) -> None:
        server = await serve(
            self.handle,
            "127.0.0.1",
            0,
            compression=None,
            ping_interval=None,
            subprotocols=[Subprotocol(_VERSION_1)],
            select_subprotocol=lambda _connection, offered: offered[0] if offered else None,
        )
        _say({"jetstream": next(iter(server.sockets)).getsockname()[1], "appview": appview})
        while await asyncio.to_thread(sys.stdin.readline):
            self._go.set()


class _AppView(BaseHTTPRequestHandler):
    """Answers `getProfiles` from what the generator knows."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet
    authors: dict[str, int]

    def do_GET(self) -> None:
        dids = parse_qs(urlsplit(self.path).query).get("actors", [])
        known = [(did, self.authors[did]) for did in dids if did in self.authors]
        profiles = [
            {
                "did": did,
                "handle": events.handle(number),
                "displayName": f"Runner {number} 🏃",
                "createdAt": "2023-11-04T10:12:13.000Z",
                "labels": [],
            }
            for did, number in known
        ]
        content = json.dumps({"profiles": profiles}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: object) -> None:
        """Standard output is for the other process."""


def _say(what: dict[str, float]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main(warm: int, count: int, pace: int = 0) -> None:
    """Serve until standard input ends."""
    warming = list(events.frames(events.WARM, warm))
    measured = list(events.frames(events.MEASURED, count))
    _AppView.authors = {events.did(number): number for number in range(events.AUTHORS)}
    appview = ThreadingHTTPServer(("127.0.0.1", 0), _AppView)
    appview.daemon_threads = True
    Thread(target=appview.serve_forever, daemon=True).start()
    frames = [frame.decode() for frame in (*warming, *measured)]
    asyncio.run(_Jetstream(frames, warm, pace).run(appview.server_address[1]))


if __name__ == "__main__":
    main(*(int(part) for part in sys.argv[1:4]))
