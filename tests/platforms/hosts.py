"""Hosts that misbehave on the wire: raw sockets on free loopback ports."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Behave = Callable[[socket.socket, threading.Event], None]


@contextlib.contextmanager
def raw_host(behave: Behave) -> Iterator[str]:
    """A host that reads the request's head and then does what `behave` says, for each connection.

    `behave` gets the connection and an event that is set when the test is over.
    """
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            head = b""
            while b"\r\n\r\n" not in head and (part := connection.recv(65536)):
                head += part
            behave(connection, over)

    def listen() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=serve, args=(connection,))
            threads.append(thread)
            thread.start()

    listening = threading.Thread(target=listen)
    listening.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/feed"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        listening.join(10)
        for thread in threads:
            thread.join(10)


def trickle(before: bytes, drop: bytes, every_s: float = 0.02) -> Behave:
    """Sends `before`, then `drop` again and again until the test is over."""

    def behave(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(before)
        while not over.wait(every_s):
            connection.sendall(drop)

    return behave


def say(answer: bytes) -> Behave:
    """Sends an answer and closes."""

    def behave(connection: socket.socket, over: threading.Event) -> None:
        del over
        connection.sendall(answer)

    return behave
