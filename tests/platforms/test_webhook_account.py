"""The webhook account against real HTTP servers: what is told, that another's library takes our signature, and lost answers."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pytest_httpserver import HTTPServer
from standardwebhooks.webhooks import Webhook
from werkzeug import Request, Response

from bot.core.errors import OutsideError, RateLimited, Rejected, Unanswered, Unauthorized
from bot.core.model import Entity, Receipt, Snippet, UpdateKind
from bot.core.ports import Secret
from bot.platforms.webhook import WebhookAccount
from tests.platforms.contract import Clock, Kept, context_of

SECRET = "whsec_" + base64.b64encode(b"m" * 32).decode()
PATH = "/milepost/hush-hush"
NONE: Mapping[str, str] = {}
SAID = Snippet(
    "Überall #LondonMarathon 🏃",
    datetime(2016, 4, 24, 13, 0, tzinfo=UTC),
    (Entity("tag", 8, 23, "LondonMarathon"),),
    lang="de",
    kind=UpdateKind.MILESTONE,
)


def account(
    server: HTTPServer, memory: Kept | None = None, clock: Clock | None = None, secrets: Mapping[str, str] = NONE
) -> WebhookAccount:
    given = {"url": server.url_for(PATH), "signing": SECRET, **secrets}

    def secret(name: str) -> Secret | None:
        return Secret(given[name]) if given.get(name) else None

    context = replace(context_of(clock or Clock(datetime.now(UTC)), memory, name="wall"), secret=secret)
    return WebhookAccount(WebhookAccount.Settings(), context)


def checked(request: Request) -> dict[str, object]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return dict(Webhook(SECRET).verify(request.get_data(), headers))


def test_an_update_and_its_withdrawal_are_told_signed(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH, method="POST").respond_with_data(status=204)
    wall = account(httpserver)
    receipt = wall.publish(SAID, "17-3")
    wall.retract(receipt)
    first, second = (request for request, _ in httpserver.log)
    assert checked(first) == {
        "type": "update",
        "id": "17-3",
        "at": "2016-04-24T13:00:00+00:00",
        "kind": "milestone",
        "text": "Überall #LondonMarathon 🏃",
        "lang": "de",
        "entities": [{"kind": "tag", "start": 8, "end": 23, "target": "LondonMarathon"}],
    }
    told = checked(second)
    assert (receipt, told["type"], told["id"]) == (Receipt("17-3"), "withdrawal", "17-3")
    assert (first.headers["webhook-id"], second.headers["webhook-id"]) == ("update-17-3", "withdrawal-17-3")


def test_a_correction_names_the_update_whose_words_it_replaces(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH, method="POST").respond_with_data(status=204)
    wall = account(httpserver)
    receipt = wall.publish(SAID, "17-3")
    assert wall.revise(receipt, replace(SAID, text="Now", entities=()), "17-3-9") == receipt
    request = httpserver.log[-1][0]
    told = checked(request)
    assert (told["type"], told["id"], told["text"], told["entities"]) == ("correction", "17-3", "Now", [])
    assert request.headers["webhook-id"] == "correction-17-3-9"


def test_a_try_without_an_answer_is_made_again_under_the_same_id(httpserver: HTTPServer) -> None:
    seen: dict[str, str] = {}
    calls: list[str] = []

    def forgetful(request: Request) -> Response:
        name = request.headers["webhook-id"]
        calls.append(name)
        seen.setdefault(name, json.loads(request.get_data())["text"])
        return Response(status=500 if len(calls) == 1 else 200)

    httpserver.expect_request(PATH).respond_with_handler(forgetful)
    wall = account(httpserver)
    with pytest.raises(Unanswered):
        wall.publish(SAID, "17-3")
    assert wall.find("17-3", SAID.created_at) == Receipt("17-3")
    assert calls == ["update-17-3", "update-17-3"]
    assert seen == {"update-17-3": SAID.text}, "who keeps the ids has it once"
    assert wall.find("17-3", SAID.created_at) == Receipt("17-3"), "what is settled is not said a third time"
    assert wall.find("18-4", SAID.created_at) is None, "what was never tried does not stand"
    assert len(calls) == 2


def test_while_nobody_answers_it_is_not_settled_also_after_a_restart(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_data("no", status=500)
    memory = Kept()
    with pytest.raises(Unanswered):
        account(httpserver, memory).publish(SAID, "17-3")
    with pytest.raises(Unanswered):
        account(httpserver, memory).find("17-3", SAID.created_at)
    httpserver.clear()
    httpserver.expect_request(PATH).respond_with_data("ok")
    assert account(httpserver, memory).find("17-3", SAID.created_at) == Receipt("17-3")
    assert checked(httpserver.log[-1][0])["text"] == SAID.text


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (429, {"retry-after": "7"}, RateLimited),
        (401, {}, Unauthorized),
        (404, {}, Rejected),
        (307, {"location": "http://127.0.0.1/"}, Rejected),
        (502, {}, Unanswered),
    ],
)
def test_an_answer_says_what_to_do_next_and_shows_no_secret(
    httpserver: HTTPServer, status: int, headers: dict[str, str], error: type[OutsideError]
) -> None:
    httpserver.expect_request(PATH).respond_with_data("no", status=status, headers=headers)
    clock = Clock()
    wall = account(httpserver, clock=clock)
    for act in (lambda: wall.publish(SAID, "1"), lambda: wall.retract(Receipt("1"))):
        with pytest.raises(error, match=r"^account wall: ") as found:
            act()
        assert "hush-hush" not in str(found.value)
        assert SECRET not in str(found.value)
        if isinstance(found.value, RateLimited):
            assert found.value.until == clock() + timedelta(seconds=7)


@pytest.mark.parametrize("missing", ["url", "signing"])
def test_without_a_secret_nothing_is_sent(httpserver: HTTPServer, missing: str) -> None:
    with pytest.raises(Unauthorized, match=f"no {missing} is given"):
        account(httpserver, secrets={missing: ""}).publish(SAID, "1")
    with pytest.raises(Unauthorized, match="write whsec_ and 32 random bytes"):
        account(httpserver, secrets={"signing": "open-sesame"}).publish(SAID, "1")
    assert httpserver.log == []
