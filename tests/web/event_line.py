"""One open event stream on a plain socket, as a browser holds it."""

import json
import socket
from types import TracebackType
from typing import Any, Self


class EventLine:
    """Connects at once; `next` waits for the next event of any kind."""

    def __init__(self, port: int, query: str = "", last_event_id: str = "") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        returning = f"Last-Event-ID: {last_event_id}\r\n" if last_event_id else ""
        self.socket.sendall(f"GET /events{query} HTTP/1.1\r\nHost: localhost\r\n{returning}\r\n".encode())
        self._bytes = b""
        self.head = self._until(b"\r\n\r\n").decode()
        self._events = b""
        self.greeting = self._event_text()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def next(self) -> dict[str, str]:
        """The fields of the next event; {} at the end of the stream."""
        text = self._event_text()
        fields = (line.partition(":") for line in text.splitlines() if not line.startswith(":"))
        return {name: value.removeprefix(" ") for name, _, value in fields}

    def change(self) -> dict[str, Any]:
        """The next event's data."""
        event = self.next()
        told: dict[str, Any] = json.loads(event["data"])
        assert event["id"] == str(told["seq"])
        return told

    def _event_text(self) -> str:
        while b"\n\n" not in self._events:
            size = int(self._until(b"\r\n"), 16)
            self._events += self._exactly(size)
            self._until(b"\r\n")
            if size == 0:
                return ""
        text, self._events = self._events.split(b"\n\n", 1)
        return text.decode()

    def _until(self, end: bytes) -> bytes:
        while end not in self._bytes:
            self._more()
        found, self._bytes = self._bytes.split(end, 1)
        return found

    def _exactly(self, size: int) -> bytes:
        while len(self._bytes) < size:
            self._more()
        found, self._bytes = self._bytes[:size], self._bytes[size:]
        return found

    def _more(self) -> None:
        came = self.socket.recv(65536)
        if not came:
            raise ConnectionError("the stream was cut off")
        self._bytes += came
