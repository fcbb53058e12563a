"""Alarms by webhook against real HTTP servers: what they send, what follows from an answer, and that no address shows."""

import base64
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from traceback import format_exception

import pytest
from pytest_httpserver import HTTPServer
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from werkzeug import Request, Response

from bot.core.alarms import Alarm, Condition, Notice
from bot.core.errors import OutsideError, RateLimited, Rejected, Unanswered, Unauthorized, Unavailable
from bot.core.ports import PlatformContext, Secret
from bot.core.signing import key_of
from bot.platforms.hooks import DiscordAlarm, SlackAlarm, WebhookAlarm
from tests.platforms.contract import Clock, context_of

SECRET = "whsec_" + base64.b64encode(b"m" * 32).decode()
PATH = "/services/T0/B0/hush-hush"
KINDS = (SlackAlarm, DiscordAlarm, WebhookAlarm)
Kind = type[SlackAlarm] | type[DiscordAlarm] | type[WebhookAlarm]


def notice(now: datetime, about: str = "account bluesky is refused") -> Notice:
    condition = Condition("account bluesky: unauthorized", about, "milepost accounts login bluesky")
    return Notice("n1", "London Marathon", now, (Alarm(condition, now - timedelta(seconds=5)),))


def channel(kind: Kind, clock: Clock, **secrets: str) -> SlackAlarm | DiscordAlarm | WebhookAlarm:
    def secret(name: str) -> Secret | None:
        return Secret(secrets[name]) if name in secrets else None

    context: PlatformContext = replace(context_of(clock, name="ops"), secret=secret)
    return kind(kind.Settings(), context)


def sent(server: HTTPServer, kind: Kind, about: str = "account bluesky is refused") -> dict[str, object]:
    server.expect_oneshot_request(PATH, method="POST").respond_with_data("ok")
    clock = Clock()
    channel(kind, clock, url=server.url_for(PATH)).send(notice(clock(), about))
    request, _ = server.log[-1]
    assert request.headers["content-type"] == "application/json"
    return dict(json.loads(request.get_data()))


def test_slack_is_told_what_is_wrong_and_what_mends_it(httpserver: HTTPServer) -> None:
    body = sent(httpserver, SlackAlarm)
    assert body["text"] == (
        "Milepost, London Marathon: 1 thing needs a person\n"
        "account bluesky is refused (since 11:59:55 UTC)\n"
        "    milepost accounts login bluesky"
    )


@pytest.mark.parametrize(
    "evil", ["<!channel> <@U1> <https://evil.example|look>", "@everyone `code` ``` @here", "& < >"]
)
def test_nobody_is_called_and_no_markup_comes_from_outside(httpserver: HTTPServer, evil: str) -> None:
    slack = str(sent(httpserver, SlackAlarm, evil)["text"])
    assert "<" not in slack
    assert ">" not in slack
    discord = sent(httpserver, DiscordAlarm, evil)
    assert discord["allowed_mentions"] == {"parse": []}
    content = str(discord["content"])
    assert content.startswith("```\n")
    assert content.count("`") == 6


def test_long_messages_fit(httpserver: HTTPServer) -> None:
    assert len(str(sent(httpserver, DiscordAlarm, "x" * 10_000)["content"])) == 2_000
    assert len(str(sent(httpserver, SlackAlarm, "&" * 10_000)["text"])) == 4_000


def test_a_webhook_is_signed_so_that_another_checks_it(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_data("ok")
    clock = Clock(datetime.now(UTC))  # the other library looks at the clock of the machine
    channel(WebhookAlarm, clock, url=httpserver.url_for(PATH), signing=SECRET).send(notice(clock()))
    request, _ = httpserver.log[-1]
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = Webhook(SECRET).verify(request.get_data(), headers)
    assert body["alarms"][0]["mend"] == "milepost accounts login bluesky"
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.get_data() + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + base64.b64encode(b"n" * 32).decode()).verify(request.get_data(), headers)


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_c2hvcnQ=", "bW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW0=", "whsec_!!"]
)
def test_a_secret_that_is_none_is_said_without_showing_it(secret: str) -> None:
    with pytest.raises(ValueError, match="write whsec_ and 32 random bytes"):
        key_of(secret)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (429, {"retry-after": "30"}, RateLimited),
        (429, {}, RateLimited),
        (503, {"retry-after": "30"}, RateLimited),
        (503, {}, Unanswered),
        (500, {}, Unanswered),
        (401, {}, Unauthorized),
        (403, {}, Unauthorized),
        (404, {}, Rejected),
        (410, {}, Rejected),
        (400, {}, Rejected),
        (302, {"location": "https://elsewhere.example/"}, Rejected),
    ],
)
def test_an_answer_says_what_to_do_next(
    httpserver: HTTPServer, kind: Kind, status: int, headers: dict[str, str], error: type[OutsideError]
) -> None:
    httpserver.expect_request(PATH).respond_with_data("no", status=status, headers=headers)
    clock = Clock()
    with pytest.raises(error) as found:
        channel(kind, clock, url=httpserver.url_for(PATH)).send(notice(clock()))
    assert "hush-hush" not in str(found.value)
    assert str(found.value).startswith("alarm ops: ")
    if isinstance(found.value, RateLimited):
        wait = timedelta(seconds=30 if "retry-after" in headers else 60)
        assert found.value.until == clock() + wait
    assert len(httpserver.log) == 1, "one call, no redirect followed"


@pytest.fixture
def hanging_up() -> Iterator[Callable[[], str]]:
    """A server that takes a request and hangs up without a word."""
    listener = socket.create_server(("127.0.0.1", 0))
    taken: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                taken.append(connection.recv(65_536))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield lambda: f"http://127.0.0.1:{listener.getsockname()[1]}{PATH}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def test_what_may_have_arrived_and_what_has_not_are_told_apart(hanging_up: Callable[[], str]) -> None:
    clock = Clock()
    with pytest.raises(Unanswered) as lost:
        channel(SlackAlarm, clock, url=hanging_up()).send(notice(clock()))
    assert "hush-hush" not in "".join(format_exception(lost.value))
    with socket.create_server(("127.0.0.1", 0)) as unused:
        closed = f"http://127.0.0.1:{unused.getsockname()[1]}{PATH}"
    with pytest.raises(Unavailable):
        channel(SlackAlarm, clock, url=closed).send(notice(clock()))


@pytest.mark.parametrize("kind", KINDS)
def test_without_an_address_it_says_where_one_is_looked_for(kind: Kind) -> None:
    with pytest.raises(Unauthorized, match="its address is not given"):
        channel(kind, Clock()).send(notice(Clock()()))


@pytest.mark.parametrize("url", ["nonsense", "ftp://example.org/x", "http://", "https://[::"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises((Rejected, Unavailable)):
        channel(SlackAlarm, Clock(), url=url).send(notice(Clock()()))


def test_what_the_server_says_back_is_read_only_so_far(httpserver: HTTPServer) -> None:
    def endless(request: Request) -> Response:
        del request
        return Response((b"x" * 10_000 for _ in range(1_000)), status=200)

    httpserver.expect_request(PATH).respond_with_handler(endless)
    clock = Clock()
    channel(SlackAlarm, clock, url=httpserver.url_for(PATH)).send(notice(clock()))
