"""What happens now: the streams of hashtags, as server-sent events, over reconnects.

A stream tells nothing twice and nothing of the past: what happened while it was away comes by polling. It is the only way to
hear of deletions at once. Mastodon alone streams so; GoToSocial does by WebSocket, Takahē not at all: there, polling it is.

Source: https://docs.joinmastodon.org/methods/streaming/
"""

from collections.abc import Iterator
from dataclasses import dataclass
from queue import Full, Queue
from threading import Event, Thread
from urllib.parse import quote

import msgspec

from bot.platforms.mastodon.door import Door
from bot.platforms.mastodon.fields import Json
from bot.platforms.mastodon.instance import Instance
from bot.platforms.mastodon.wire import HangUp, Opened, WireError

_MOST_WAITING = 2_000
_LONGEST_EVENT_BYTES = 1_000_000
_LONGEST_WAIT_S = 60.0
_REFUSED_WAIT_S = 600.0
_LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a stream.

    Attributes:
        name: "update", "status.update", "delete", …; "" for a note alone.
        status: Of an update.
        own_id: Of a deleted status, at its server.
        note: What an operator should know; "" mostly.
        tag: Whose stream it is, where there is a note or it was opened.
    """

    name: str = ""
    status: Json | None = None
    own_id: str = ""
    note: str = ""
    tag: str = ""


def events(parts: Iterator[bytes]) -> Iterator[tuple[str, str]]:
    """Server-sent events of a stream: name and data. What is longer than a megabyte is left out.

    Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
    """
    rest, name, size = b"", "", 0
    data: list[str] = []
    for part in parts:
        *lines, rest = (rest + part).split(b"\n")
        if len(rest) > _LONGEST_EVENT_BYTES:
            raise WireError("a line of the stream does not end")
        for raw in lines:
            line = raw.removesuffix(b"\r").decode("utf-8", "replace")
            if not line:
                if name and data and size <= _LONGEST_EVENT_BYTES:
                    yield name, "\n".join(data)
                name, data, size = "", [], 0
                continue
            key, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if key == "event":
                name = value
            elif key == "data":
                size += len(raw)
                if size <= _LONGEST_EVENT_BYTES:
                    data.append(value)


class Tail:
    """Follows the streams of one server's hashtags, each in a thread of its own.

    Args:
        door: The server, with a token.
        instance: Says where it streams.
        tags: Hashtags, without "#"; at least one.
        silence_s: A connection without a byte for so long is made anew; servers send a sign of life every 15 s or so.
        retry_s: The first wait after a broken connection; each further one is twice as long.
    """

    def __init__(
        self, door: Door, instance: Instance, tags: tuple[str, ...], *, silence_s: float, retry_s: float
    ) -> None:
        self._door = door
        self._instance = instance
        self._tags = tags
        self._silence_s = silence_s
        self._retry_s = retry_s

    def follow(self, out: "Queue[Happened]") -> "Following":
        """Begin to follow; what happens is put into `out` until `Following.end`."""
        over = Event()
        hang_ups = [HangUp() for _ in self._tags]
        threads = [
            Thread(target=self._run, args=(tag, out, over, hang_up), name=f"mastodon #{tag}", daemon=True)
            for tag, hang_up in zip(self._tags, hang_ups, strict=True)
        ]
        for thread in threads:
            thread.start()
        return Following(over, hang_ups, threads)

    def _run(self, tag: str, out: "Queue[Happened]", over: Event, hang_up: HangUp) -> None:
        failures = 0
        while not over.is_set():
            wait_s = 0.0
            try:
                base = self._instance.facts().streams or self._door.server
                url = f"{base}/api/v1/streaming/hashtag?tag={quote(tag)}"
                with self._door.wire.stream(url, self._door.headers(), self._silence_s, hang_up) as opened:
                    if self._is_stream(opened):
                        failures = 0
                        self._read(tag, opened, out, over)
                        said = "the stream ended"
                    else:
                        wait_s = _REFUSED_WAIT_S
                        said = f"no stream is offered (answered {opened.status})"
            except WireError as error:
                said = str(error)
            failures += 1
            if over.is_set():
                return
            wait_s = wait_s or min(_LONGEST_WAIT_S, self._retry_s * 2 ** min(failures - 1, 10))
            _put(
                out,
                Happened(
                    note=f"#{tag} at {self._door.server}: {said}: polled meanwhile, again in {wait_s:g} s", tag=tag
                ),
                over,
            )
            over.wait(wait_s)

    @staticmethod
    def _is_stream(opened: Opened) -> bool:
        return opened.status == 200 and opened.headers.get("content-type", "").startswith("text/event-stream")

    def _read(self, tag: str, opened: Opened, out: "Queue[Happened]", over: Event) -> None:
        _put(out, Happened("open", tag=tag), over)
        for name, data in events(opened.parts):
            if over.is_set():
                return
            if name == "delete":
                _put(out, Happened(name, own_id=data.strip().strip('"')[:100]), over)
            elif name in {"update", "status.update", "status_update"}:
                try:
                    status = msgspec.json.decode(data)
                except (ValueError, RecursionError):
                    continue
                if isinstance(status, dict):
                    _put(out, Happened(name, status), over)


@dataclass(frozen=True, slots=True)
class Following:
    """Streams that are followed.

    Attributes:
        over: Set when they are to end.
        hang_ups: Their connections.
        threads: Their threads.
    """

    over: Event
    hang_ups: list[HangUp]
    threads: list[Thread]

    def end(self) -> None:
        """End them; gives them half a second."""
        self.over.set()
        for hang_up in self.hang_ups:
            hang_up.now()
        for thread in self.threads:
            thread.join(0.5 / len(self.threads))


def _put(out: "Queue[Happened]", happened: Happened, over: Event) -> None:
    """Wait for room rather than lose something: then the server's own buffer fills, and it is polling that catches up."""
    while not over.is_set():
        try:
            out.put(happened, timeout=_LOOK_S)
        except Full:
            continue
        return


def waiting() -> "Queue[Happened]":
    """Room for what happens."""
    return Queue(_MOST_WAITING)
