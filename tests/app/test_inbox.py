"""`POST /inbox` over real HTTP into a real store: what is answered with 202 is stored, and nothing else is. On both databases."""

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from standardwebhooks import Webhook

from bot.app import inbox, look, verbs
from bot.app.hall import App
from bot.app.outside import Collected
from bot.core.errors import RefusedError, Unauthorized
from bot.core.inbox import MOST_BYTES
from bot.core.model import NEEDS_CONSENT, Post
from bot.core.ports import Secret
from bot.pipeline.collect import Terms
from bot.platforms.inbox import STATED, InboxSource
from bot.store import posts
from bot.store.database import Database
from bot.web.server import WebServer
from tests.conftest import OPEN_RULES, House
from tests.platforms.contract import context_of

SECRET = "whsec_" + "cGxhbnRlZC1zaWduaW5nLXNlY3JldC0wMTIzNDU2Nzg5"  # planted, and of nobody
OTHER = "whsec_" + "YW5vdGhlci1zaWduaW5nLXNlY3JldC0wMTIzNDU2Nzg5YQ=="
JSON = "application/json"


class Door:
    """A served house with two senders, and what a sender does."""

    def __init__(self, house: House, port: int) -> None:
        self.house = house
        self.client = httpx2.Client(base_url=f"http://127.0.0.1:{port}")

    def bring(
        self,
        given: object,
        *,
        number: str = "m1",
        secret: str = SECRET,
        kind: str = JSON,
        late: timedelta = timedelta(0),
        **more: str,
    ) -> httpx2.Response:
        body = given if isinstance(given, bytes) else json.dumps(given).encode()
        at = self.house.machine() + late
        signature = (
            Webhook(secret).sign(number, at, body.decode("utf-8", "surrogateescape")) if body.isascii() else "v1,"
        )
        headers = {
            "content-type": kind,
            "webhook-id": number,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signature,
            **{name.replace("_", "-"): value for name, value in more.items()},
        }
        return self.client.post("/inbox", content=body, headers=headers)

    def posts(self) -> list[Post]:
        with self.house.app.database.read() as tx:
            return [one.post for one in posts.by_id(tx, range(1, 50))]


def unit(house: House, name: str, secrets: Mapping[str, str], **settings: Any) -> Collected:
    context = replace(
        context_of(house.clock, machine=house.machine, name=name),  # type: ignore[arg-type] # a clock is a clock
        secret=lambda key: Secret(secrets[key]) if key in secrets else None,
    )
    source = InboxSource(InboxSource.Settings.model_validate(settings), context)
    return Collected(name, "inbox", source, Terms(name, "inbox", has_baseline=False), timedelta(minutes=1))


@pytest.fixture
def door(database: Database, build_house: Callable[..., House]) -> Iterator[Door]:
    house = build_house(database, rules=OPEN_RULES)
    sources = {
        "form": unit(house, "form", {"signing": SECRET}, per_minute=5),
        "partner": unit(house, "partner", {"signing": OTHER}, consent="own"),
        "stated": unit(house, "stated", {}, consent="stated"),
    }
    app = App(replace(house.app.parts, sources={**house.app.parts.sources, **sources}))
    house = replace(house, app=app)
    server = WebServer(app, "127.0.0.1", 0, inbox=partial(inbox.receive, app))
    server.start()
    opened = Door(house, server.port)
    yield opened
    opened.client.close()
    server.stop()
    app.close()


def test_what_a_form_brings_is_stored_and_waits_for_a_yes(door: Door) -> None:
    answer = door.bring({"text": "I ran it in a banana suit", "name": "Ada", "email": "ada@private.example"})
    assert answer.status_code == 202
    (post,) = door.posts()
    assert answer.json() == {"id": post.native_id}
    assert (post.platform, post.source, post.text, post.author.name) == (
        "inbox",
        "form",
        "I ran it in a banana suit",
        "Ada",
    )
    assert post.labels == (NEEDS_CONSENT,)
    door.house.app.curate()
    (waiting,) = look.queue(door.house.app)
    with pytest.raises(RefusedError, match="ask its author"):
        verbs.approve(door.house.app, str(waiting.id), by="ana")
    assert "private.example" not in str(door.posts()) + str(door.house.log())


def test_a_plain_form_does_as_well(door: Door) -> None:
    body = urlencode({"text": "Two\r\nlines", "name": "", "phone": "0171"}).encode()
    assert door.bring(body, kind="application/x-www-form-urlencoded; charset=utf-8").status_code == 202
    (post,) = door.posts()
    assert (post.text, post.author.name) == ("Two\nlines", "A reader")


def test_the_same_message_twice_is_one_post(door: Door) -> None:
    first, second = (door.bring({"text": "Once"}) for _ in range(2))
    assert (first.status_code, second.status_code, first.json()) == (202, 202, second.json())
    assert len(door.posts()) == 1
    door.bring({"text": "Once"}, number="m2")
    assert len(door.posts()) == 2


def test_a_sender_s_own_id_makes_edits_and_takes_back(door: Door) -> None:
    door.bring({"id": "17", "text": "Mile thirteen is shut"}, number="m1", secret=OTHER)
    door.bring({"id": "17", "text": "Mile thirteen is open"}, number="m2", secret=OTHER)
    assert [post.text for post in door.posts()] == ["Mile thirteen is shut", "Mile thirteen is open"]
    assert len({post.native_id for post in door.posts()}) == 1
    assert door.bring({"id": "17", "deleted": True}, number="m3", secret=OTHER).status_code == 202
    door.house.app.curate()
    assert not look.queue(door.house.app)
    assert door.bring({"deleted": True}, number="m4", secret=OTHER).status_code == 400


def test_a_partner_speaks_for_itself(door: Door) -> None:
    door.bring({"text": "Our stand is at the Mall"}, secret=OTHER)
    (post,) = door.posts()
    assert (post.source, post.labels) == ("partner", ())


@pytest.mark.parametrize(
    ("consent", "label"), [(True, STATED), ("yes", STATED), ("", NEEDS_CONSENT), ("no", NEEDS_CONSENT)]
)
def test_a_form_that_asks_itself_says_so(house: House, consent: object, label: str) -> None:
    source = unit(house, "stated", {"signing": SECRET}, consent="stated").source
    assert isinstance(source, InboxSource)
    body = json.dumps({"text": "Hello", "consent": consent}).encode()
    batch = source.receive({"content-type": JSON, "webhook-id": "m1"}, body)
    assert batch.posts[0].labels == (label,)


@pytest.mark.parametrize(
    ("given", "more", "status", "said"),
    [
        (
            {"text": "x"},
            {"secret": "whsec_" + "bm9ib2R5LXMtc2lnbmluZy1zZWNyZXQtMDEyMzQ1Njc4OQ=="},
            401,
            "nobody is known",
        ),
        ({"text": "x"}, {"late": timedelta(minutes=-6)}, 401, "webhook-timestamp"),
        ({"text": "x"}, {"late": timedelta(minutes=6)}, 401, "webhook-timestamp"),
        ({"text": "x"}, {"webhook_signature": ""}, 401, "not signed"),
        ({"text": "x"}, {"webhook_timestamp": "soon"}, 401, "webhook-timestamp"),
        ({"text": "x"}, {"webhook_id": "other"}, 401, "nobody is known"),
        (b"{", {}, 400, "is not what its content-type says"),
        (b"[]", {}, 400, "no object"),
        (b"[" * 60_000, {}, 400, "is not what its content-type says"),
        ({}, {}, 400, "text: is missing"),
        ({"text": "  \u200b "}, {}, 400, "text: is missing"),
        ({"text": 3}, {}, 400, "text: "),
        ({"text": "x" * 10_001}, {}, 400, "text: "),
        ({"text": "x", "url": "javascript:alert(1)"}, {}, 400, "url: is no address"),
        ({"text": "x", "lang": "../../etc"}, {}, 400, "lang: "),
        ({"text": "x", "at": "yesterday"}, {}, 400, "at: "),
        ({"text": "x"}, {"kind": "text/plain"}, 400, "content-type"),
        ({"text": "x", "consent": "maybe"}, {}, 400, "consent: is neither yes nor no"),
        (b" " * (MOST_BYTES + 1), {}, 413, "larger than"),
    ],
)
def test_what_is_not_understood_is_told_and_stored_nowhere(
    door: Door, given: object, more: dict[str, Any], status: int, said: str
) -> None:
    answer = door.bring(given, **more)
    assert (answer.status_code, said in answer.json()["error"]) == (status, True), answer.text
    assert "signing-secret" not in answer.text
    assert door.posts() == []


def test_too_many_are_told_when_to_come_again(door: Door) -> None:
    for number in range(5):
        assert door.bring({"text": f"Number {number}"}, number=f"m{number}").status_code == 202
    answer = door.bring({"text": "Too many"}, number="m6")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert door.bring({"text": "Another sender"}, secret=OTHER).status_code == 202
    door.house.machine.forward(seconds=61)
    assert door.bring({"text": "Later"}, number="m7").status_code == 202


def test_both_secrets_are_taken_while_one_takes_the_place_of_the_other(house: House) -> None:
    source = unit(house, "form", {"signing": SECRET, "previous": OTHER}).source
    assert isinstance(source, InboxSource)
    for secret in (SECRET, OTHER):
        signature = Webhook(secret).sign("m1", house.machine(), "{}")
        headers = {
            "webhook-id": "m1",
            "webhook-timestamp": str(int(house.machine().timestamp())),
            "webhook-signature": signature,
        }
        assert source.is_from(headers, b"{}")
        assert source.is_from({**headers, "webhook-signature": f"v1,AAAA {signature}"}, b"{}"), "one of several does"
        assert not source.is_from(headers, b"{} ")
        assert not source.is_from({**headers, "webhook-id": "m2"}, b"{}")


@pytest.mark.parametrize(
    ("secrets", "said"),
    [
        ({}, '"signing" is not given'),
        ({"signing": "planted"}, '"signing" is no signing secret'),
        ({"signing": SECRET, "previous": "whsec_abc"}, '"previous" is no signing secret'),
    ],
)
def test_a_secret_that_is_none_is_told_where_the_source_is_looked_at(
    house: House, secrets: dict[str, str], said: str
) -> None:
    with pytest.raises(Unauthorized, match=said) as found:
        unit(house, "form", secrets).source.fetch("")
    assert "planted" not in str(found.value)
    assert unit(house, "form", {"signing": SECRET}).source.fetch("").posts == ()


def test_only_post_works_and_where_nobody_may_bring_anything_there_is_no_door(door: Door) -> None:
    answer = door.client.get("/inbox")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    server = WebServer(door.house.app, "127.0.0.1", 0)
    server.start()
    assert httpx2.post(f"http://127.0.0.1:{server.port}/inbox", content=b"{}").status_code == 405
    server.stop()


def test_a_body_that_breaks_off_is_nothing(door: Door) -> None:
    port = door.client.base_url.port
    assert port is not None
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(b"POST /inbox HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\n{")
    assert door.bring({"text": "After it"}).status_code == 202
    assert len(door.posts()) == 1
