"""A Jetstream that does what a test tells it: refuses, falls silent, gives up on us, goes away."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol

METHOD = "network.bsky.jetstream.subscribeEvents"
DID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
START_US = 1_777_197_600_000_000  # 2026-04-26 10:00 UTC


@dataclass(frozen=True)
class Visit:
    """How one connection goes.

    Attributes:
        frames: What is sent at once, in order.
        refuse: An error's name: the connection is refused with 400 (or `status`) before it is made.
        status: Of a refusal.
        stays: Whether the connection stays open, silent, after the frames.
        repeats: Whether the last frame comes again and again while it stays open.
    """

    frames: Sequence[dict[str, Any] | str] = ()
    refuse: str = ""
    status: int = 400
    stays: bool = False
    repeats: bool = False


def post2(seq: int, text: str = "#go", *, tag: str = "go", did: str = DID, **more: object) -> dict[str, Any]:
    """A v2 frame with a tagged post; `seq` is also its second since the start and its record key's end."""
    content = {"operation": "create", "collection": "app.bsky.feed.post", "rkey": rkey(seq), "cid": f"bafy{seq}"}
    payload = {"$type": f"{METHOD}#commit", "seq": seq, "did": did, "time": moment(seq), "rev": "r", **content}
    return {"$type": "message", "payload": {**payload, "record": record(text, tag), **more}}


def post1(seq: int, text: str = "#go", *, tag: str = "go", did: str = DID) -> dict[str, Any]:
    """A v1 frame with a tagged post."""
    content = {"operation": "create", "collection": "app.bsky.feed.post", "rkey": rkey(seq), "cid": f"bafy{seq}"}
    commit = {"rev": "r", **content, "record": record(text, tag)}
    return {"did": did, "time_us": us(seq), "kind": "commit", "commit": commit}


def event2(kind: str, seq: int, **more: object) -> dict[str, Any]:
    """A v2 frame of another kind; an advisory where `seq` is 0."""
    placed = {"seq": seq, "did": DID, "time": moment(seq)} if seq else {}
    return {"$type": "message", "payload": {"$type": f"{METHOD}#{kind}", **placed, **more}}


def error2(name: str) -> dict[str, Any]:
    """The last frame of a connection."""
    return {"$type": "error", "error": name, "message": "as it was told"}


def rkey(seq: int) -> str:
    return f"3lpjoyaqhm{seq:03}".translate(str.maketrans("0189", "abcd"))


def us(seq: int) -> int:
    return START_US + seq * 1_000_000


def moment(seq: int) -> str:
    return f"2026-04-26T10:{seq // 60:02}:{seq % 60:02}.000000Z"


def record(text: str, tag: str) -> dict[str, Any]:
    span = {"byteStart": 0, "byteEnd": len(text.encode())}
    features = [{"$type": "app.bsky.richtext.facet#tag", "tag": tag}]
    facets = [{"index": span, "features": features}]
    return {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-04-26T09:59:00Z", "facets": facets}


class FakeJetstream:
    """Serves the visits in turn, the last one again and again, while it is entered.

    Attributes:
        asked: The query of each connection, in order.
    """

    def __init__(self, *visits: Visit) -> None:
        self._visits = visits
        self._ended = Event()
        self._next: Queue[Visit] = Queue()
        self.asked: list[dict[str, list[str]]] = []
        self.paths: list[str] = []
        self._server = serve(
            self._handle,
            "127.0.0.1",
            0,
            process_request=self._admit,
            compression=None,
            subprotocols=[Subprotocol("xrpc.v1.json")],
            select_subprotocol=lambda _connection, offered: offered[0] if offered else None,
        )
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self.host = f"127.0.0.1:{self._server.socket.getsockname()[1]}"
        self.url = f"ws://{self.host}"

    @property
    def cursors(self) -> list[str]:
        """The cursor of each connection, "" where it named none."""
        return [query.get("cursor", [""])[0] for query in self.asked]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._server.shutdown()
        self._thread.join(5)

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        url = urlsplit(request.path)
        visit = self._visits[min(len(self.asked), len(self._visits) - 1)]
        self.asked.append(parse_qs(url.query))
        self.paths.append(url.path)
        if visit.refuse:
            body = json.dumps({"error": visit.refuse, "message": "as it was told"})
            return connection.respond(visit.status, body)
        self._next.put(visit)
        return None

    def _handle(self, connection: ServerConnection) -> None:
        try:
            visit = self._next.get_nowait()
            frames = [frame if isinstance(frame, str) else json.dumps(frame) for frame in visit.frames]
            for frame in frames:
                connection.send(frame)
            while visit.stays and not self._ended.is_set():
                if visit.repeats:
                    connection.send(frames[-1])
                try:
                    connection.recv(timeout=0.02)
                except TimeoutError:
                    continue
        except (ConnectionClosed, Empty):
            return
