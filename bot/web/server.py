"""Serves the coverage over HTTP, in a thread of its own, until it is told to stop."""

import asyncio
import json
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from errno import EACCES, EADDRINUSE, EADDRNOTAVAIL
from threading import Event, Thread
from typing import Protocol

import uvicorn
from starlette.requests import Request
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.core.errors import MilepostError, RefusedError
from bot.core.inbox import Reception
from bot.core.pages import PageChange, PageFile
from bot.core.status import Console, Metric
from bot.web.answers import file_answer, not_allowed, nothing_here, plain, safe_json
from bot.web.desk import DeskPage
from bot.web.exposition import exposition
from bot.web.hub import HEARTBEAT_S, TRANSPORT, Hub
from bot.web.inbox import Inbox


class Coverage(Protocol):
    """What the door shows; the hall is one. Called from the door's own threads."""

    def page_file(self, name: str) -> PageFile | None:
        """A file of the page by its name (`index.html`, `u/4f2a9c1b.html`), None where there is none.

        Called in the event loop for every request: answers from memory, at once.
        """

    def removed(self, name: str) -> bool:
        """Whether this permalink's update was withdrawn; its `page_file` says so to readers. From memory, at once."""

    def changes(self, after: int) -> Sequence[PageChange]:
        """What changed after a `seq`: sorted by seq, at most 100; may look into the store."""

    def health(self) -> Mapping[str, object]:
        """How the service is. `ok` (bool, True where it is missing) decides between 200 and 503; may look into the store."""

    def metrics(self) -> Sequence[Metric]:
        """Numbers that an alarm can watch; may look into the store."""


class WebServer:
    """The HTTP door of one coverage.

    Args:
        coverage: What it shows.
        host: Name or address to listen on.
        port: 0 takes any free port.
        heartbeat_s: Seconds between two signs of life on open streams.
        console: What the desk's page shows; None where there is none.
        inbox: Takes what is brought, by its headers (names in lower case) and body, from threads of the door; None where nobody
            may bring anything.
    """

    def __init__(
        self,
        coverage: Coverage,
        host: str,
        port: int,
        *,
        heartbeat_s: float = HEARTBEAT_S,
        console: Callable[[], Console] | None = None,
        inbox: Callable[[Mapping[str, str], bytes], Reception] | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._hub = Hub(coverage.changes, heartbeat_s)
        self._server = _Server(_app(coverage, self._hub, console, inbox), self._hub)
        self._thread: Thread | None = None

    @property
    def port(self) -> int:
        """The real port, once started."""
        return self._port

    @property
    def readers(self) -> int:
        """How many pages are open and listening."""
        return self._hub.count

    def start(self) -> None:
        """Begin to serve; ready when it returns.

        Raises:
            RefusedError: The address cannot be listened on; the message says what to do.
        """
        listening = _listen(self._host, self._port)
        self._port = int(listening.getsockname()[1])
        self._thread = Thread(target=self._server.run, args=([listening],), name="web", daemon=True)
        self._thread.start()
        self._server.ready.wait()

    def publish(self, changes: Sequence[PageChange]) -> None:
        """Push changes to every open page; from any thread, never blocks. Before the start and after the stop it does nothing."""
        loop = self._server.loop
        if loop is not None and changes:
            # Between the stop and this call the loop may be gone, and with it everybody who would have listened.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._hub.push, tuple(changes))

    def stop(self, timeout_s: float = 2.0) -> None:
        """End every stream, answer what is being asked, and close.

        Args:
            timeout_s: After this it returns although a connection may still hang.
        """
        if self._thread is None:
            return
        loop = self._server.loop
        if loop is not None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._server.leave)
        self._thread.join(timeout_s)
        self._server.force_exit = True
        self._server.loop = None


class _Line(H11Protocol):
    """One connection, whose transport the hub may write to."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}


class _Server(uvicorn.Server):
    """uvicorn, embedded: says when it is ready, and ends its streams when it is told to."""

    def __init__(self, app: Router, hub: Hub) -> None:
        # An open stream would hold up uvicorn's own shutdown, so the hub ends them first; what still hangs after one
        # second (a reader that reads nothing) is cut off.
        config = uvicorn.Config(
            app,
            http=_Line,
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=1,
            backlog=2048,
        )
        super().__init__(config)
        self.ready = Event()
        self.loop: asyncio.AbstractEventLoop | None = None
        self._hub = hub
        self._beating: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.loop = asyncio.get_running_loop()
        self._beating = self.loop.create_task(self._hub.beat())
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        # What a reader never took from us would keep its connection half closed for as long as the process lives.
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)

    def leave(self) -> None:
        """End the streams now and the server at its next tick. In the server's loop only."""
        if self._beating is not None:
            self._beating.cancel()
        self._hub.stop()
        self.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except socket.gaierror as error:
        raise RefusedError(
            f"{where}: this name has no address: set [page] host to 127.0.0.1 or a name of this machine"
        ) from error
    except OSError as error:
        match error.errno:
            case code if code == EADDRINUSE:
                advice = "is in use: stop the other program, or set [page] port to another one (0 takes any free port)"
            case code if code == EACCES:
                advice = "may not be used without rights: set [page] port to 1024 or more and put a proxy in front"
            case code if code == EADDRNOTAVAIL:
                advice = "is no address of this machine: set [page] host to 127.0.0.1 or one that is"
            case _:
                advice = f"cannot be listened on ({error.strerror}): set [page] host and port to something else"
        raise RefusedError(f"{where} {advice}") from error


def _app(
    coverage: Coverage,
    hub: Hub,
    console: Callable[[], Console] | None,
    inbox: Callable[[Mapping[str, str], bytes], Reception] | None,
) -> Router:
    return Router(
        [
            *([Route("/inbox", Inbox(inbox))] if inbox is not None else []),
            Route("/events", hub),
            Route("/healthz", _Health(coverage)),
            Route("/metrics", _Metrics(coverage)),
            Route("/desk", DeskPage(console)),
            Route("/desk.css", DeskPage(console)),
            Route("/{name:path}", _Files(coverage)),
        ],
        redirect_slashes=False,
    )


class _Health:
    def __init__(self, coverage: Coverage) -> None:
        self._coverage = coverage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await not_allowed(scope, receive, send)
            return
        try:
            health = await asyncio.to_thread(self._coverage.health)
        except MilepostError as error:
            health = {"ok": False, "problem": str(error)}
        body = json.dumps(dict(health), default=str, indent=1).encode() + b"\n"
        await safe_json(200 if health.get("ok", True) else 503, body)(scope, receive, send)


class _Metrics:
    """Numbers for Prometheus and what reads its text format."""

    def __init__(self, coverage: Coverage) -> None:
        self._coverage = coverage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await not_allowed(scope, receive, send)
            return
        try:
            metrics = await asyncio.to_thread(self._coverage.metrics)
        except MilepostError as error:
            await plain(503, str(error))(scope, receive, send)
            return
        await plain(200, exposition(metrics))(scope, receive, send)


class _Files:
    """Every other address: only names that the coverage knows, never a file system."""

    def __init__(self, coverage: Coverage) -> None:
        self._coverage = coverage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await not_allowed(scope, receive, send)
            return
        request = Request(scope)
        name = request.path_params["name"] or "index.html"
        found = self._coverage.page_file(name)
        if found is None and "." not in name:
            name = f"{name}.html"
            found = self._coverage.page_file(name)
        if self._coverage.removed(name):
            answer = file_answer(request, found, 410) if found else plain(410, "This was removed.")
        elif found:
            answer = file_answer(request, found)
        else:
            answer = nothing_here()
        await answer(scope, receive, send)
