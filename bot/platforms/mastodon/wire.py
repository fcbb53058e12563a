"""The way to a server: one request on one checked connection, and a record of how far it came.

Over `_http.network`: addresses are checked, every call ends within its time, no answer is larger than its cap, and no proxy
or netrc of the environment has a say. `adapter` brings Mastodon.py here.
"""

import ipaddress
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Lock
from urllib.parse import urlsplit

import httpcore2
import httpx2

from bot.platforms._http.inflating import Inflater
from bot.platforms._http.network import Deadline, Dial, Network, Resolve, dial, resolve

MOST_BYTES = 8_000_000
_WHOLE_S = 20.0
_CONNECT_S = 8.0
_READ_S = 15.0
_FOR_EVER_S = 1e9

_NOT_SENT = (httpcore2.ConnectError, httpcore2.ConnectTimeout, httpcore2.PoolTimeout, httpcore2.UnsupportedProtocol)
_BROKEN = (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException)


class WireError(Exception):
    """No complete answer came. Stays inside this folder."""


@dataclass(slots=True)
class Exchange:
    """How far one request came.

    Attributes:
        reached: A connection stood, so that the request may have arrived.
        status: Of the answer; 0 where none came.
        headers: Of the answer, names in lower case.
        body: Of the answer, decoded.
        failure: What went wrong on the way; "" for nothing.
    """

    reached: bool = False
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    failure: str = ""


class Wire:
    """Carries requests to servers. May be used by several threads.

    Args:
        resolve: Addresses of a host name; the outer end that tests replace.
        dial: Opens a TCP connection; the outer end that tests replace.
        timeout_s: One call, body included, ends within this.
        most_bytes: The largest answer, as sent and as decoded.
    """

    def __init__(
        self,
        *,
        resolve: Resolve = resolve,
        dial: Dial = dial,
        timeout_s: float = _WHOLE_S,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._resolve = resolve
        self._dial = dial
        self._timeout_s = timeout_s
        self._most_bytes = most_bytes
        self._tls: ssl.SSLContext | None = None
        self._lock = Lock()
        self._came_public = False

    def exchange(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> Exchange:
        """Send a request and read its answer; whatever happens stands in what is returned."""
        made = Exchange()
        deadline = Deadline(self._timeout_s)

        def reach(address: str, port: int, timeout_s: float) -> httpcore2.NetworkStream:
            connection = self._dial(address, port, timeout_s)
            made.reached = True
            return connection

        network = self._network(url, deadline, reach)
        try:
            with (
                httpcore2.ConnectionPool(ssl_context=self._tls_for(url), network_backend=network) as pool,
                pool.stream(
                    method, url, headers=list(headers.items()), content=content, extensions={"timeout": _timeouts()}
                ) as response,
            ):
                made.headers = _headers(response.headers)
                body = self._body(response.iter_stream(), made.headers, deadline)
                made.body = body
                made.status = response.status
        except _NOT_SENT as error:
            made.reached = False  # it stood, and nobody could prove who is there
            made.failure = f"cannot connect: {error}"
        except (*_BROKEN, httpx2.HTTPError, ValueError, TypeError) as error:
            made.failure = f"no answer: {str(error) or type(error).__name__}"
        self._came_public = self._came_public or network.public
        return made

    @contextmanager
    def stream(self, url: str, headers: Mapping[str, str], silence_s: float, hang_up: "HangUp") -> Iterator["Opened"]:
        """Open an answer that does not end.

        Args:
            silence_s: Without a byte for so long, the connection is given up.
            hang_up: Ends it from another thread.

        Raises:
            WireError: It cannot be opened, or breaks.
        """
        network = self._network(url, Deadline(_FOR_EVER_S), self._dial)
        timeouts = {"connect": _CONNECT_S, "read": silence_s, "write": _READ_S, "pool": _CONNECT_S}
        try:
            with (
                httpcore2.ConnectionPool(ssl_context=self._tls_for(url), network_backend=network) as pool,
                pool.stream("GET", url, headers=list(headers.items()), extensions={"timeout": timeouts}) as response,
            ):
                held = response.extensions.get("network_stream")
                hang_up.hold(held.get_extra_info("socket") if held is not None else None)
                yield Opened(response.status, _headers(response.headers), response.iter_stream())
        except (*_NOT_SENT, *_BROKEN) as error:
            raise WireError(str(error) or type(error).__name__) from error
        finally:
            hang_up.hold(None)

    def is_public(self) -> bool:
        """Whether the public network has answered so far."""
        return self._came_public

    def _network(self, url: str, deadline: Deadline, dial: Dial) -> Network:
        clear = urlsplit(url).scheme.lower() != "https"
        find = _only_loopback(self._resolve) if clear else self._resolve
        # A server of the public network must not send us into a private one: the address of its streams is its own word.
        return Network(find, dial, deadline, only_public=self._came_public)

    def _tls_for(self, url: str) -> ssl.SSLContext | None:
        with self._lock:
            if self._tls is None and url.lower().startswith("https:"):
                self._tls = httpx2.create_ssl_context(trust_env=False)
            return self._tls

    def _body(self, parts: Iterator[bytes], headers: Mapping[str, str], deadline: Deadline) -> bytes:
        coding = headers.get("content-encoding", "").strip().lower()
        if coding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise ValueError(f"sent in the coding {coding[:40]!r}, which was not asked for")
        decoder = None if coding in {"", "identity"} else Inflater(self._most_bytes)
        found, raw, size = [], 0, 0
        for chunk in parts:
            deadline.left()
            raw += len(chunk)
            part = decoder.feed(chunk) if decoder else chunk
            size += len(part)
            if max(raw, size) > self._most_bytes:
                raise ValueError(f"the answer is larger than {self._most_bytes} bytes")
            found.append(part)
            if decoder and decoder.ended:
                break
        if decoder and raw and not decoder.ended:
            raise ValueError("the compressed answer is cut off")
        return b"".join(found)


@dataclass(frozen=True, slots=True)
class Opened:
    """An answer that goes on.

    Attributes:
        status: HTTP status.
        headers: Names in lower case.
        parts: Bytes as they come.
    """

    status: int
    headers: Mapping[str, str]
    parts: Iterator[bytes]


class HangUp:
    """Ends a connection from another thread, now or as soon as it stands."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._over = Event()
        self._socket: socket.socket | None = None

    def hold(self, connection: socket.socket | None) -> None:
        """The connection that is to end; None for none any more."""
        with self._lock:
            self._socket = connection
            if connection is not None and self._over.is_set():
                _shut(connection)

    def now(self) -> None:
        """End it."""
        with self._lock:
            self._over.set()
            if self._socket is not None:
                _shut(self._socket)

    def is_set(self) -> bool:
        """Whether it was ended."""
        return self._over.is_set()


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _timeouts() -> dict[str, float]:
    return {"connect": _CONNECT_S, "read": _READ_S, "write": _READ_S, "pool": _CONNECT_S}


def _headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _only_loopback(find: Resolve) -> Resolve:
    """In the clear we speak with this machine alone: a token must not be read on the way."""

    def found(host: str, port: int) -> list[str]:
        addresses = find(host, port)
        for address in addresses:
            if not ipaddress.ip_address(address.partition("%")[0]).is_loopback:
                raise OSError(f"{address} is not this machine: only https leads to another")
        return addresses

    return found
