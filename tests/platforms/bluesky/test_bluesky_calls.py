"""Every failure of a call is named after what the caller does next, and no name shows a token."""

import json
import socket
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from bot.core.budget import Allowance, Work
from bot.core.errors import OutsideError, RateLimited, Rejected, Unanswered, Unauthorized, Unavailable
from bot.core.model import Media, Receipt, Snippet
from bot.platforms.bluesky.account import BlueskyAccount
from bot.platforms.bluesky.session import endpoint
from tests.platforms.bluesky.bluesky_world import World

NOW = datetime(2026, 4, 26, 12, 0, tzinfo=UTC)
DID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
TOKEN = "header." + urlsafe_b64encode(json.dumps({"exp": int(NOW.timestamp()) + 7200}).encode()).decode() + ".sign"
SAID = Snippet("Halfway", NOW)
KEY = "1777204800000000-1"
PUT = "/xrpc/com.atproto.repo.putRecord"
CREATE = "/xrpc/com.atproto.server.createSession"
REFRESH = "/xrpc/com.atproto.server.refreshSession"


def world_of() -> World:
    return World(secrets={"password": "pass-word"}, machine_now=lambda: NOW)


def account_of(service: str, world: World | None = None) -> BlueskyAccount:
    settings = BlueskyAccount.Settings(identifier="bot.test", service=service)
    return BlueskyAccount(settings, (world or world_of()).context)


def signed_in(server: HTTPServer, *, expires: bool = False) -> World:
    """A world that remembers a session."""
    world = world_of()
    kept = {"did": DID, "handle": "bot.test", "access": TOKEN, "refresh": "refresh-1"}
    service = address(server)
    world.memory.put("session", json.dumps({**kept, "home": service, "identifier": "bot.test", "service": service}))
    if expires:
        world.machine_now = lambda: NOW + timedelta(hours=3)
    return world


def address(server: HTTPServer) -> str:
    return server.url_for("").rstrip("/")


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": "InvalidRequest", "message": "no"}, Rejected),
        (413, {"error": "PayloadTooLarge"}, Rejected),
        (404, {}, Rejected),
        (403, {"error": "AccountTakedown"}, Unauthorized),
        (403, "<html>blocked</html>", Unavailable),
        (500, {"error": "InternalServerError"}, Unanswered),
        (502, "<html>", Unanswered),
        (503, {}, Unanswered),
        (504, {}, Unanswered),
        (200, "<html>", Unanswered),
    ],
)
def test_answers_to_a_write(httpserver: HTTPServer, status: int, body: object, error: type[OutsideError]) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    httpserver.expect_request(PUT).respond_with_data(text, status=status)
    with pytest.raises(error) as found:
        account_of(address(httpserver), signed_in(httpserver)).publish(SAID, KEY)
    assert type(found.value) is error
    assert TOKEN not in str(found.value)
    assert "refresh-1" not in str(found.value)
    assert "putRecord" in str(found.value)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_read_that_fails_can_be_repeated(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/xrpc/com.atproto.repo.getRecord").respond_with_data("", status=status)
    with pytest.raises(Unavailable):
        account_of(address(httpserver), signed_in(httpserver)).find(KEY, NOW)


@pytest.mark.parametrize("status", [500, 504])
def test_a_deletion_that_fails_can_be_repeated(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/xrpc/com.atproto.repo.deleteRecord").respond_with_data("", status=status)
    with pytest.raises(Unavailable):
        account_of(address(httpserver), signed_in(httpserver)).retract(Receipt(f"at://{DID}/app.bsky.feed.post/3l"))


@pytest.mark.parametrize(
    ("headers", "until"),
    [
        ({"ratelimit-reset": str(int(NOW.timestamp()) + 90)}, NOW + timedelta(seconds=90)),
        ({"ratelimit-reset": "17"}, NOW + timedelta(seconds=1)),
        ({"ratelimit-reset": "99999999999"}, NOW + timedelta(days=1)),
        ({"retry-after": "9999999"}, NOW + timedelta(days=1)),
        ({"retry-after": "30"}, NOW + timedelta(seconds=30)),
        ({"ratelimit-reset": "soon"}, NOW + timedelta(minutes=5)),
        ({}, NOW + timedelta(minutes=5)),
    ],
)
def test_rate_limits_name_a_time(httpserver: HTTPServer, headers: dict[str, str], until: datetime) -> None:
    httpserver.expect_request(PUT).respond_with_data("{}", status=429, headers=headers)
    with pytest.raises(RateLimited) as found:
        account_of(address(httpserver), signed_in(httpserver)).publish(SAID, KEY)
    assert found.value.until == until
    assert not found.value.stops_all, "deletions have points of their own to spend"


def test_what_the_service_says_of_its_limits_is_kept(httpserver: HTTPServer) -> None:
    ends = int(NOW.timestamp()) + 1800
    headers = {"ratelimit-limit": "5000", "ratelimit-remaining": "4997", "ratelimit-reset": str(ends)}
    httpserver.expect_request(PUT).respond_with_json({"uri": "at://x", "cid": "bafy"}, headers=headers)
    account = account_of(address(httpserver), signed_in(httpserver))
    assert account.allowances() == ()
    account.publish(SAID, KEY)
    assert account.allowances() == (Allowance(Work.POSTING, 4997, 5000, NOW + timedelta(minutes=30)),)


def test_null_is_really_sent(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PUT).respond_with_json({"uri": "at://x", "cid": "bafy"})
    account_of(address(httpserver), signed_in(httpserver)).publish(SAID, KEY)
    (request, _), *_ = httpserver.log
    body = json.loads(request.get_data())
    assert body["swapRecord"] is None
    assert "swapRecord" in body
    assert body["repo"] == DID
    assert request.headers["authorization"] == f"Bearer {TOKEN}"


def test_a_picture_that_does_not_arrive_leaves_nothing_sent(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/xrpc/com.atproto.repo.uploadBlob").respond_with_data("", status=502)
    world = signed_in(httpserver)
    gif = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
    world.pictures["media/a.gif"] = gif
    with pytest.raises(Unavailable):
        account_of(address(httpserver), world).publish(Snippet("x", NOW, media=(Media("image", "media/a.gif"),)), KEY)


def test_an_expired_token_is_refreshed_before_and_after_it_is_refused(httpserver: HTTPServer) -> None:
    fresh = {"did": DID, "handle": "bot.test", "accessJwt": "opaque-2", "refreshJwt": "refresh-2"}
    httpserver.expect_ordered_request(PUT).respond_with_json({"error": "ExpiredToken", "message": "x"}, status=400)
    httpserver.expect_ordered_request(REFRESH, headers={"authorization": "Bearer refresh-1"}).respond_with_json(fresh)
    httpserver.expect_ordered_request(PUT, headers={"authorization": "Bearer opaque-2"}).respond_with_json({"cid": "c"})
    world = signed_in(httpserver)
    account_of(address(httpserver), world).publish(SAID, KEY)
    assert json.loads(world.memory.kept["session"])["refresh"] == "refresh-2"
    httpserver.check()

    httpserver.clear()
    httpserver.expect_ordered_request(REFRESH).respond_with_json(fresh)
    httpserver.expect_ordered_request(PUT, headers={"authorization": "Bearer opaque-2"}).respond_with_json({"cid": "c"})
    account_of(address(httpserver), signed_in(httpserver, expires=True)).publish(SAID, KEY)
    httpserver.check()


def test_a_service_that_refuses_every_token_ends_with_a_person(httpserver: HTTPServer) -> None:
    fresh = {"did": DID, "handle": "bot.test", "accessJwt": "opaque-2", "refreshJwt": "refresh-2"}
    refused = {"error": "InvalidToken", "message": "x"}
    httpserver.expect_request(PUT).respond_with_json(refused, status=401)
    httpserver.expect_request(REFRESH).respond_with_json(fresh)
    with pytest.raises(Unauthorized):
        account_of(address(httpserver), signed_in(httpserver)).publish(SAID, KEY)
    assert [request.path for request, _ in httpserver.log] == [PUT, REFRESH, PUT]


def test_a_refresh_that_fails_for_now_keeps_the_session(httpserver: HTTPServer) -> None:
    httpserver.expect_request(REFRESH).respond_with_data("", status=502)
    world = signed_in(httpserver, expires=True)
    with pytest.raises(Unavailable):
        account_of(address(httpserver), world).publish(SAID, KEY)
    assert json.loads(world.memory.kept["session"])["refresh"] == "refresh-1"


def test_a_second_factor_is_explained(httpserver: HTTPServer) -> None:
    httpserver.expect_request(CREATE).respond_with_json({"error": "AuthFactorTokenRequired"}, status=401)
    with pytest.raises(Unauthorized, match="app password"):
        account_of(address(httpserver)).login()


def test_a_password_that_was_refused_is_offered_again_after_an_hour(httpserver: HTTPServer) -> None:
    """300 sign-ins a day are all there are, refused ones among them."""
    httpserver.expect_request(CREATE).respond_with_json({"error": "AuthenticationRequired"}, status=401)
    now = NOW
    world = world_of()
    world.machine_now = lambda: now
    account = account_of(address(httpserver), world)
    for _ in range(12):
        with pytest.raises(Unauthorized, match="does not take the password"):
            account.find(KEY, NOW)
        now += timedelta(minutes=5) - timedelta(seconds=1)
    assert len(httpserver.log) == 1
    now = NOW + timedelta(hours=1)
    with pytest.raises(Unauthorized):
        account.find(KEY, NOW)
    assert len(httpserver.log) == 2
    # Another password is tried at once, and so is the same where a person asks for it.
    world.secrets["password"] = "other"
    with pytest.raises(Unauthorized):
        account.find(KEY, NOW)
    with pytest.raises(Unauthorized):
        account.login()
    assert len(httpserver.log) == 4


@pytest.mark.parametrize("kept", ["", "{", "{}", '{"did":"did:plc:x"}'])
def test_a_memory_that_cannot_be_read_is_no_session(httpserver: HTTPServer, kept: str) -> None:
    httpserver.expect_request(CREATE).respond_with_json({"error": "AuthenticationRequired"}, status=401)
    world = world_of()
    world.memory.kept["session"] = kept
    with pytest.raises(Unauthorized):
        account_of(address(httpserver), world).find(KEY, NOW)


def test_a_session_of_other_settings_is_not_used(httpserver: HTTPServer) -> None:
    httpserver.expect_request(CREATE).respond_with_json({"error": "AuthenticationRequired"}, status=401)
    world = signed_in(httpserver)
    settings = BlueskyAccount.Settings(identifier="other.test", service=address(httpserver))
    with pytest.raises(Unauthorized):
        BlueskyAccount(settings, world.context).find(KEY, NOW)


@contextmanager
def raw_server(answer: bytes) -> Iterator[str]:
    """Answers one connection with these bytes, whatever they are, and closes it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(10)
                connection.recv(65_536)
                try:
                    connection.sendall(answer)
                    connection.shutdown(socket.SHUT_WR)
                    # What is left unread would end the connection with a reset, before the answer is read.
                    while connection.recv(65_536):
                        continue
                except OSError:
                    return

        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(5)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc",
    ],
)
def test_an_answer_that_breaks_off_may_have_been_a_yes(httpserver: HTTPServer, answer: bytes) -> None:
    world = signed_in(httpserver)
    with raw_server(answer) as service:
        kept = json.loads(world.memory.kept["session"])
        world.memory.put("session", json.dumps({**kept, "home": service}))
        with pytest.raises(Unanswered):
            account_of(address(httpserver), world).publish(SAID, KEY)


def test_an_answer_without_end_is_cut() -> None:
    size = 9_000_000
    head = f"HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n".encode()
    with raw_server(head + b" " * 8_500_000) as service, pytest.raises(Unavailable, match="larger than"):
        account_of(service).login()


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        service = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(Unavailable, match="cannot connect"):
        account_of(service).login()


def document(address: Any, *, did: str = DID, id_: str = "#atproto_pds") -> dict[str, Any]:
    return {"id": did, "service": [{"id": id_, "type": "AtprotoPersonalDataServer", "serviceEndpoint": address}]}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (document("https://pds.example/"), "https://pds.example"),
        (document("https://pds.example", id_=f"{DID}#atproto_pds"), "https://pds.example"),
        (document("http://pds.example"), ""),
        (document("https://pds.example", did="did:plc:other"), ""),
        (document("https://pds.example", id_="#other"), ""),
        (document(7), ""),
        ({"id": DID, "service": [None]}, ""),
        ({"id": DID}, ""),
        (None, ""),
    ],
)
def test_tokens_follow_a_document_only_over_https(found: object, expected: str) -> None:
    assert endpoint(found, DID) == expected


def test_limits() -> None:
    limits = account_of("https://bsky.social").limits()
    assert (limits.length, limits.unit, limits.max_bytes, limits.media, limits.image_bytes) == (
        300,
        "graphemes",
        3000,
        4,
        1_000_000,
    )
