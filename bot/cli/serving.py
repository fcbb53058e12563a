"""What a service needs: signals, a word to the service manager, the page behind its door, an end in time."""

import os
import signal
import socket
import sys
import threading
from functools import partial
from types import FrameType
from typing import NoReturn

from bot.app import inbox
from bot.app.console import console
from bot.app.hall import App
from bot.daemon import Daemon
from bot.web.server import WebServer

DRAIN_S = 3.0
CLOSE_S = 1.0
_ENDING = (signal.SIGTERM, signal.SIGINT)


class Signals:
    """SIGTERM and Ctrl-C: the first one is waited for, the second ends the process at once.

    A handler written in Python runs only when the main thread next executes bytecode: where the signal came to another
    thread, or just before the main thread went to wait in a system call, it would not run at all. So the interpreter
    writes each signal's number to a pipe from its C handler, and a thread of its own reads it.

    Source: https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd
    """

    def __init__(self) -> None:
        self.came = threading.Event()

    def listen(self) -> None:
        """Take over both signals; from the main thread."""
        read, write = os.pipe()
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        for number in _ENDING:
            signal.signal(number, _nothing)
        threading.Thread(target=self._watch, args=(read,), name="signals", daemon=True).start()

    def wait(self) -> None:
        """Wait for a signal, or for `nudge`."""
        self.came.wait()

    def nudge(self) -> None:
        """Wake who waits, from another thread, as if a signal came."""
        self.came.set()

    def _watch(self, read: int) -> None:
        ending = False
        while numbers := os.read(read, 64):
            for number in numbers:
                if number not in _ENDING:
                    continue
                if ending:
                    os._exit(128 + number)
                ending = True
                self.came.set()


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """A handler there has to be for the number to be written."""


def open_door(app: App, host: str, port: int) -> WebServer:
    """Serve the page, and push what changes.

    Raises:
        RefusedError: The address cannot be listened on.
    """
    server = WebServer(
        app,
        host,
        port,
        console=(lambda: console(app)) if app.settings.page.desk else None,
        inbox=partial(inbox.receive, app) if inbox.is_open(app) else None,
    )
    server.start()
    shown = f"[{host}]" if ":" in host else host
    if not app.settings.page.public_url:
        app.public_url = f"http://{shown}:{server.port}"
    app.listen(server.publish)
    return server


def local_url(app: App, server: WebServer) -> str:
    """Where the page is on this machine."""
    host = app.settings.page.host
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - not bound here
    return f"http://{host}:{server.port}/"


def shut(daemon: Daemon, server: WebServer | None) -> bool:
    """End steps and door within five seconds; False where something still hangs."""
    in_time = daemon.stop(DRAIN_S)
    if server is not None:
        server.stop(CLOSE_S)
    return in_time


def leave_at_once(code: int) -> NoReturn:
    """End the process although threads hang; what they were at is settled at the next start."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def notify(state: str) -> None:
    """Tell the service manager, where there is one: "READY=1", "STOPPING=1".

    Source: sd_notify(3)
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
        try:
            manager.connect(f"\0{address[1:]}" if address.startswith("@") else address)
            manager.sendall(state.encode())
        except OSError as error:
            sys.stderr.write(f"cannot tell the service manager at {address}: {error.strerror}\n")
