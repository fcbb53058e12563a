"""What a service needs: signals, a word to the service manager, the page behind its door, an end in time."""

import os
import select
import signal
import socket
import sys
import threading
from types import FrameType
from typing import NoReturn

from bot.app.console import console
from bot.app.hall import App
from bot.daemon import Daemon
from bot.web.server import WebServer

DRAIN_S = 3.0
CLOSE_S = 1.0


class Signals:
    """SIGTERM and Ctrl-C: the first one is asked for with `wait`, the second ends the process at once.

    A handler may interrupt anything, so it only writes to a pipe.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        self.came = threading.Event()
        self._number = 0

    def listen(self) -> None:
        """Take over both signals."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._handle)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for a signal; False where the time was over first."""
        ready, _, _ = select.select([self._read], [], [], timeout_s)
        if ready:
            self.came.set()
        return bool(ready)

    def nudge(self) -> None:
        """Wake who waits, from another thread, as if a signal came."""
        os.write(self._write, b"-")

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self._number:
            os._exit(128 + number)
        self._number = number
        os.write(self._write, b"!")


def open_door(app: App, host: str, port: int) -> WebServer:
    """Serve the page, and push what changes.

    Raises:
        RefusedError: The address cannot be listened on.
    """
    server = WebServer(app, host, port, console=(lambda: console(app)) if app.settings.page.desk else None)
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
