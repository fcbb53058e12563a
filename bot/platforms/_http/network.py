"""The way out: names resolved once, addresses checked, every wait under one deadline.

The address that is checked is the address that is connected to, so that a name cannot change its mind between check and use.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator

import httpcore2
import httpx2

Resolve = Callable[[str, int], list[str]]
Dial = Callable[[str, int, float], httpcore2.NetworkStream]

_MAX_ADDRESSES = 4  # a name with a hundred dead addresses must not cost a hundred time-outs


class PrivateAddressError(httpcore2.ConnectError):
    """A hop led from the public network into a private one."""


class Deadline:
    """The moment at which one call must have ended, in seconds of the monotonic clock."""

    def __init__(self, whole_s: float) -> None:
        self.whole_s = whole_s
        self._end = time.monotonic() + whole_s

    def left(self, at_most: float | None = None) -> float:
        """Seconds left, at most `at_most`.

        Raises:
            ReadTimeout: None are left.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout(f"no complete answer within {self.whole_s:g} s")
        return left if at_most is None else min(left, at_most)


class _Stream(httpcore2.NetworkStream):
    """A connection on which no single wait outlives the deadline, also while headers trickle in."""

    def __init__(self, inner: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _Stream(inner, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


class Network(httpcore2.NetworkBackend):
    """Resolves, checks, connects. One per call."""

    def __init__(self, resolve: Resolve, dial: Dial, deadline: Deadline, *, only_public: bool) -> None:
        self._resolve = resolve
        self._dial = dial
        self._deadline = deadline
        self.only_public = only_public
        self.public = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        del local_address, socket_options
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"the name {host} cannot be resolved ({error})") from error
        failure: Exception = httpcore2.ConnectError(f"the name {host} has no address")
        for address in addresses[:_MAX_ADDRESSES]:
            public = is_public(address)
            if self.only_public and not public:
                raise PrivateAddressError(f"{host} leads to the private address {address}")
            try:
                connection = self._dial(address, port, self._deadline.left(timeout))
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
                continue
            self.public = public
            return _Stream(connection, self._deadline)
        raise failure


class Transport(httpx2.BaseTransport):
    """httpx2 over our own network."""

    def __init__(self, network: Network, tls: ssl.SSLContext | None) -> None:
        self._pool = httpcore2.ConnectionPool(ssl_context=tls, max_keepalive_connections=0, network_backend=network)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = self._pool.handle_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.read(),
                extensions=request.extensions,
            )
        )
        if not isinstance(response.stream, Iterable):  # pragma: no cover - the pool is a synchronous one
            raise httpx2.StreamError("an asynchronous stream in a synchronous pool")
        return httpx2.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Body(response.stream),
            extensions=response.extensions,
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        yield from self._parts

    def close(self) -> None:
        close = getattr(self._parts, "close", None)
        if close is not None:
            close()


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public network; an address that hides another counts as the hidden one."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        hidden = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if hidden is not None:
            ip = hidden
        elif ip in ipaddress.ip_network("64:ff9b::/96"):  # RFC 6052: the last 32 bits are an IPv4 address
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.is_global and not ip.is_multicast


def resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def dial(address: str, port: int, timeout_s: float) -> httpcore2.NetworkStream:
    return httpcore2.SyncBackend().connect_tcp(address, port, timeout_s)
