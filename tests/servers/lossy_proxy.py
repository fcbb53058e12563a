"""A TCP proxy that loses answers (the request arrives, what came of it never comes back), or gives others in their place."""

import socket
from collections.abc import Callable, Iterator
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

CHUNK = 65_536


class LossyProxy:
    """Stands between a client and one server, on a free loopback port, while it is entered.

    Args:
        server: Address of the server, http.

    Attributes:
        lost: How many answers were lost so far.
        given: How many answers of our own were given, since `answer` was called.
        when_lost: Called when the server has answered and before the client's connection ends: the moment between
            "done" and "known".
    """

    def __init__(self, server: str) -> None:
        url = urlsplit(server)
        self._server = (url.hostname or "127.0.0.1", url.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = Lock()
        self._to_lose = 0
        self._after: bytes = b""
        self._instead: bytes | None = None
        self._instead_of: bytes = b""
        self._carried_before = 0
        self._silent_to: bytes = b""
        self._is_away = False
        self._ended = Event()
        self._open: set[socket.socket] = set()
        self._thread = Thread(target=self._accept, daemon=True)
        self.lost = 0
        self.given = 0
        self.when_lost: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def lose(self, answers: int, to: bytes) -> None:
        """Lose the next answers to requests that contain these bytes in what is sent at once (a path, mostly)."""
        with self._lock:
            self._to_lose, self._after = answers, to

    def answer(self, instead: bytes, to: bytes, *, after: int = 0) -> None:
        """Give this answer to every request that contains these bytes, which then never arrives; until `mend`.

        Args:
            instead: Bytes of the wire; the connection ends after them.
            to: As in `lose`.
            after: So many such requests are carried before.
        """
        with self._lock:
            self._instead, self._instead_of, self._carried_before = instead, to, after
            self.given = 0

    def keep_silent(self, to: bytes) -> None:
        """Let every request that contains these bytes wait for an answer that never comes; until `mend`."""
        with self._lock:
            self._silent_to = to

    def go_away(self) -> None:
        """End every connection, and each new one at once; until `mend`."""
        with self._lock:
            self._is_away = True
        self.cut()

    def mend(self) -> None:
        """Carry everything again."""
        with self._lock:
            self._to_lose, self._instead, self._silent_to, self._is_away = 0, None, b"", False

    def cut(self) -> None:
        """End every connection that stands now; new ones are carried."""
        with self._lock:
            standing = list(self._open)
        for connection in standing:
            _shut(connection)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        # Closing alone does not wake an accept() that waits.
        with socket.create_connection(self._listener.getsockname()):
            pass
        self._thread.join(5)
        self._listener.close()
        with self._lock:
            rest = list(self._open)
        for connection in rest:
            _shut(connection)

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            if self._ended.is_set():
                client.close()
                return
            if self._is_away:
                client.close()
                continue
            Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._server) as server:
            with self._lock:
                self._open |= {client, server}
            doomed = Event()
            up = Thread(target=self._send_up, args=(client, server, doomed), daemon=True)
            up.start()
            self._send_down(client, server, doomed)
            _shut(client)
            _shut(server)
            up.join(5)
            with self._lock:
                self._open -= {client, server}

    def _send_up(self, client: socket.socket, server: socket.socket, doomed: Event) -> None:
        for chunk in _chunks(client):
            with self._lock:
                if self._to_lose and self._after in chunk:
                    self._to_lose -= 1
                    doomed.set()
                instead = self._in_place_of(chunk)
                is_silent = bool(self._silent_to) and self._silent_to in chunk
            if is_silent:
                _drain(client)
                break
            if instead is not None:
                _say(client, instead)
                break
            try:
                server.sendall(chunk)
            except OSError:
                break
        _shut(server)

    def _in_place_of(self, chunk: bytes) -> bytes | None:
        """What is answered to a request in the place of the server; None where it is carried. With the lock held."""
        if self._instead is None or self._instead_of not in chunk:
            return None
        if self._carried_before:
            self._carried_before -= 1
            return None
        self.given += 1
        return self._instead

    def _send_down(self, client: socket.socket, server: socket.socket, doomed: Event) -> None:
        for chunk in _chunks(server):
            if doomed.is_set():
                # The server has answered, so it has done what was asked; nobody will hear of it.
                with self._lock:
                    self.lost += 1
                self.when_lost()
                return
            try:
                client.sendall(chunk)
            except OSError:
                return


def _chunks(connection: socket.socket) -> Iterator[bytes]:
    """What a connection brings, until it ends."""
    while True:
        try:
            chunk = connection.recv(CHUNK)
        except OSError:
            return
        if not chunk:
            return
        yield chunk


def _say(client: socket.socket, answer: bytes) -> None:
    """Answer, and end in peace: what is left unread would end the connection with a reset, before the answer is read."""
    try:
        client.sendall(answer)
        client.shutdown(socket.SHUT_WR)
    except OSError:
        return
    _drain(client)


def _drain(client: socket.socket) -> None:
    """Read until the other end goes."""
    for _ in _chunks(client):
        pass


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
