"""The way to a server: whatever it does, a call ends, holds little, leads nowhere private, and shows no token."""

import contextlib
import logging
import socket
import ssl
import threading
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpcore2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pytest_httpserver import HTTPServer
from werkzeug.wrappers import Request, Response

from bot.core.errors import OutsideError, RateLimited, Unanswered, Unauthorized, Unavailable
from bot.core.ports import Secret
from bot.platforms._http.network import dial
from bot.platforms.mastodon.door import Door, server_address
from bot.platforms.mastodon.faults import until
from bot.platforms.mastodon.wire import Wire
from tests.platforms.hosts import raw_host, say, trickle
from tests.platforms.mastodon.mastodon_world import World

TOKEN = "planted-secret-4711"
NOW = datetime(2026, 4, 26, 12, 0, tzinfo=UTC)
PATH = "/api/v1/thing"


def door_to(server: str, *, wire: Wire | None = None, token: str = TOKEN) -> Door:
    world = World()
    world.clock.now = NOW
    return Door(server, world.context, Secret(token) if token else None, wire)


def address(server: HTTPServer) -> str:
    return server.url_for("").rstrip("/")


def failing(use: Callable[[], object]) -> OutsideError:
    with pytest.raises(OutsideError) as caught:
        use()
    said = "".join(traceback.format_exception(caught.value))
    assert TOKEN not in said
    return caught.value


def test_a_token_stands_in_no_error_log_or_repr(httpserver: HTTPServer, caplog: pytest.LogCaptureFixture) -> None:
    """A server that quotes our own headers back, with every library talking."""
    caplog.set_level(logging.DEBUG)

    def quotes(request: Request) -> Response:
        return Response(f'{{"error": "who is {request.headers.get("user-agent")}?"}}', 401)

    httpserver.expect_request(PATH).respond_with_handler(quotes)
    door = door_to(address(httpserver))
    assert isinstance(failing(lambda: door.call("GET", PATH)), Unauthorized)
    assert httpserver.log[0][0].headers["authorization"] == f"Bearer {TOKEN}"
    httpserver.expect_request("/odd").respond_with_data("<html>", content_type="text/html")
    assert isinstance(failing(lambda: door.call("POST", "/odd", lost=Unanswered)), Unanswered)
    assert TOKEN not in repr(door) + repr(vars(door)["_token"]) + caplog.text


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(httpserver: HTTPServer, status: int) -> None:
    elsewhere = httpserver.url_for("/elsewhere")
    httpserver.expect_request(PATH).respond_with_data("", status, headers={"location": elsewhere})
    error = failing(lambda: door_to(address(httpserver)).call("POST", PATH, lost=Unanswered))
    assert type(error) is Unavailable
    assert len(httpserver.log) == 1


def test_an_answer_that_is_too_large_is_not_held() -> None:
    with raw_host(say(b"HTTP/1.1 200 OK\r\ncontent-length: 3000000\r\n\r\n" + b"x" * 3_000_000)) as host:
        door = door_to(host.removesuffix("/feed"), wire=Wire(most_bytes=1_000_000))
        assert "larger than" in str(failing(lambda: door.call("GET", PATH)))


def test_an_answer_that_blows_up_is_not_held(httpserver: HTTPServer) -> None:
    import gzip  # noqa: PLC0415 - only here

    bomb = gzip.compress(b"[" + b" " * 20_000_000 + b"]")
    httpserver.expect_request(PATH).respond_with_data(bomb, headers={"content-encoding": "gzip"})
    assert isinstance(failing(lambda: door_to(address(httpserver)).call("GET", PATH)), Unavailable)


def test_an_answer_that_trickles_ends(httpserver: HTTPServer) -> None:
    del httpserver
    with raw_host(trickle(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n", b"x")) as host:
        door = door_to(host.removesuffix("/feed"), wire=Wire(timeout_s=0.3))
        assert type(failing(lambda: door.call("POST", PATH, lost=Unanswered))) is Unanswered


def test_a_server_that_hangs_up_may_have_done_it() -> None:
    with raw_host(say(b"")) as host:
        door = door_to(host.removesuffix("/feed"))
        assert type(failing(lambda: door.call("POST", PATH, lost=Unanswered))) is Unanswered


def test_a_connection_that_never_stood_did_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    door = door_to(f"http://127.0.0.1:{port}")
    assert type(failing(lambda: door.call("POST", PATH, lost=Unanswered))) is Unavailable


def test_an_address_that_cannot_be_sent_to_did_nothing() -> None:
    made = Wire().exchange("POST", "https://ö\n/", {}, b"")
    assert not made.reached
    assert not made.status


def test_in_the_clear_no_other_machine_is_spoken_to() -> None:
    """ "localhost" may be told to be another machine."""
    wire = Wire(resolve=lambda _host, _port: ["203.0.113.5"])
    error = failing(lambda: door_to("http://localhost:3000", wire=wire).call("GET", PATH))
    assert "only https" in str(error)


def test_a_public_server_cannot_lead_into_a_private_network(httpserver: HTTPServer) -> None:
    """It says itself where it streams: its word must not take a token into our own network."""
    dialled: list[str] = []

    def there(name: str, _port: int) -> list[str]:
        return ["93.184.216.34"] if name == "127.0.0.1" else ["10.0.0.7"]

    def open_anyway(address: str, port: int, timeout_s: float) -> httpcore2.NetworkStream:
        dialled.append(address)
        return dial("127.0.0.1", port, timeout_s)

    wire = Wire(resolve=there, dial=open_anyway)
    wire._came_public = True
    made = wire.exchange("GET", "https://streams.example/api", {}, b"")
    assert not made.reached
    assert "private address 10.0.0.7" in made.failure
    assert dialled == []
    del httpserver


def test_a_server_that_cannot_prove_who_it_is_gets_no_token(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(made - timedelta(days=1))
        .not_valid_after(made + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "it.pem"
    pem.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem)
    heard: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            with connection, tls.wrap_socket(connection, server_side=True) as secure:
                heard.append(secure.recv(65_536))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        door = door_to(f"https://localhost:{listener.getsockname()[1]}")
        error = failing(lambda: door.call("POST", PATH, lost=Unanswered))
        thread.join(10)
    assert type(error) is Unavailable
    assert "certificate" in str(error).lower()
    assert heard in ([], [b""])


def test_two_threads_do_not_hear_each_others_answers(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/good").respond_with_json({"id": "1"})
    httpserver.expect_request("/bad").respond_with_json({"error": "no"}, status=401)
    door = door_to(address(httpserver))
    found: list[tuple[str, object]] = []

    def ask(path: str) -> None:
        for _ in range(20):
            try:
                found.append((path, door.call("GET", path)[0]))
            except Unauthorized:
                found.append((path, None))

    threads = [threading.Thread(target=ask, args=(path,)) for path in ("/good", "/bad") * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 80
    assert all((answer == {"id": "1"}) == (path == "/good") for path, answer in found)


def test_the_private_helper_of_the_sdk_is_still_there() -> None:
    from mastodon.internals import Mastodon as Internals  # noqa: PLC0415 - slow to load

    assert callable(vars(Internals)["_Mastodon__api_request"])


@pytest.mark.parametrize(
    ("headers", "ends"),
    [
        ({"x-ratelimit-reset": "2026-04-26T12:04:00.000000Z"}, timedelta(minutes=4)),
        ({"x-ratelimit-reset": str(int((NOW + timedelta(minutes=3)).timestamp()))}, timedelta(minutes=3)),
        ({"x-ratelimit-reset": "120"}, timedelta(minutes=2)),
        ({"retry-after": "90"}, timedelta(seconds=90)),
        ({"x-ratelimit-reset": "soon"}, timedelta(minutes=5)),
        ({}, timedelta(minutes=5)),
        ({"x-ratelimit-reset": "2026-04-26T11:00:00Z"}, timedelta(seconds=1)),
        ({"x-ratelimit-reset": "9999-12-31T23:59:59Z"}, timedelta(days=1)),
        ({"x-ratelimit-reset": "2026-04-26T12:14:00Z", "date": "Sun, 26 Apr 2026 12:10:00 GMT"}, timedelta(minutes=4)),
    ],
)
def test_when_a_server_takes_requests_again(headers: dict[str, str], ends: timedelta) -> None:
    assert until(headers, NOW) == NOW + ends


def test_a_limit_comes_before_everything_else(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_data("<html>", 429, headers={"x-ratelimit-reset": "60"})
    error = failing(lambda: door_to(address(httpserver)).call("GET", PATH))
    assert isinstance(error, RateLimited)
    assert error.until >= NOW + timedelta(seconds=60) - timedelta(seconds=2)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("mastodon.example", "https://mastodon.example"),
        (" HTTPS://Mastodon.Example/ ", "https://mastodon.example"),
        ("https://mastodon.example:8443", "https://mastodon.example:8443"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("https://mastodön.example", "https://xn--mastodn-f1a.example"),
        ("http://localhost:3000", "http://localhost:3000"),
    ],
)
def test_addresses_of_servers(given: str, address: str) -> None:
    assert server_address(given) == address


@pytest.mark.parametrize(
    "given",
    ["", "https://", "ftp://a.example", "https://a.example?x", "https://a b", "https://a:99999", "http://10.0.0.1"],
)
def test_what_is_no_address_of_a_server(given: str) -> None:
    with pytest.raises(ValueError, match=r"no address|only https|https://|port"):
        server_address(given)
