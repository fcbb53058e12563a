"""The desk's page: for this machine alone, and harmless whatever stands in it."""

import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from types import FrameType

import httpx2
import pytest

from bot.app.console import console
from bot.app.hall import App
from bot.cli.serving import open_door
from bot.config.settings import PageSettings
from bot.core.errors import StoreError
from bot.core.reports import JournalLine
from bot.core.status import AccountStatus, Brake, Console, Refusal, SourceStatus, Status
from bot.web.desk import draw, is_here
from bot.web.server import WebServer
from tests.builders import OFFICIAL, a_post
from tests.conftest import House
from tests.page.html_reader import read
from tests.web.sample_coverage import SampleCoverage

NOW = datetime(2016, 4, 24, 10, 0, tzinfo=UTC)
BAD = "<script>alert(1)</script>\u202e \"'&amp; <img src=x onerror=alert(1)>"


class Shown:
    """What the page shows at the moment."""

    def __init__(self) -> None:
        self.console = Console("A race", "Europe/London", Status(NOW, "milepost.db"))
        self.fails = False

    def __call__(self) -> Console:
        if self.fails:
            raise StoreError("milepost.db: is locked: try again")
        return self.console


@pytest.fixture
def shown() -> Shown:
    return Shown()


@pytest.fixture
def client(shown: Shown) -> Iterator[httpx2.Client]:
    server = WebServer(SampleCoverage(), "127.0.0.1", 0, console=shown)
    server.start()
    with httpx2.Client(base_url=f"http://127.0.0.1:{server.port}") as opened:
        yield opened
    server.stop()


def test_it_tells_how_the_house_stands(client: httpx2.Client, shown: Shown) -> None:
    mistakes = "rules/20-spam.toml:3:10: must be 'drop'\n    3 | action = \"dropp\"\n      |          ^^^^^^^ did you mean 'drop'?"
    shown.console = Console(
        "A race",
        "Europe/London",
        Status(
            NOW,
            "milepost.db",
            sources=(SourceStatus("day", "replay", True, "failing", NOW, NOW, "no such file"),),
            accounts=(AccountStatus("paper", "file", True, "ok", sent=7, owed=2),),
            brakes=(Brake("quiet", NOW, "ana", "a death"),),
            rule_set="9f02ab11",
            rules=34,
            rules_adopted_at=NOW,
            running=True,
            problems=("source day is failing: no such file",),
        ),
        (Refusal("rules", mistakes, NOW, stays=True),),
        JournalLine(
            1, NOW, "receipt", "milepost", "of the last 3 posts 1 would be decided differently", rule_set="9f02ab11"
        ),
        12,
    )
    answer = client.get("/desk")
    assert answer.status_code == 200
    text = answer.text
    for part in (
        "Rule set <b>9f02ab11</b>, 34 rules, in force since 11:00:00 BST.",
        "The rules on disk are refused since 11:00:00 BST; the last good set stays",
        "rules/20-spam.toml:3:10: must be &#39;drop&#39;\n    3 | action = &#34;dropp&#34;\n      |          ^^^^^^^",
        "Last receipt, 11:00:00 BST, rule set 9f02ab11: of the last 3 posts",
        "<li>source day is failing: no such file</li>",
        "<li>correct the rules on disk: <code>milepost rules check</code></li>",
        "12 posts wait for a person",
        "Stopped: quiet, by ana, since 11:00:00 BST: a death",
        '<th scope="row">day</th><td>replay</td><td>failing</td>',
        '<th scope="row">paper</th><td>file</td><td>ok</td><td>7</td><td>2</td>',
    ):
        assert part in text, part


def test_it_is_private_and_runs_nothing(client: httpx2.Client) -> None:
    for path, kind in (("/desk", "text/html; charset=utf-8"), ("/desk.css", "text/css; charset=utf-8")):
        answer = client.get(path)
        assert answer.headers["content-type"] == kind
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert answer.headers.get_list("content-security-policy") == [
            "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ]
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert "script" not in client.get("/desk").text
    assert client.head("/desk").status_code == 200
    assert client.post("/desk").status_code == 405


def test_hostile_texts_are_words(client: httpx2.Client, shown: Shown) -> None:
    status = Status(
        NOW,
        "milepost.db",
        sources=(SourceStatus(BAD, "replay", True, "failing", error=BAD),),
        accounts=(AccountStatus(BAD, "file", True, "failing", error=BAD),),
        brakes=(Brake(BAD, NOW, BAD, BAD),),
        problems=(BAD,),
    )
    receipt = JournalLine(1, NOW, "receipt", "milepost", BAD, rule_set="9f02ab11")
    shown.console = Console(
        BAD, "Europe/London", status, (Refusal("rules", f"a.toml:1:1: {BAD}", NOW, stays=False),), receipt
    )
    text = client.get("/desk").text
    assert "\u202e" not in text
    assert "<script" not in text
    assert "<img" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 12
    read(text)  # every tag that is opened is closed


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "live.example"},
        {"host": "127.0.0.1.example:8016"},
        {"x-forwarded-for": "203.0.113.5"},
        {"x-real-ip": "127.0.0.1"},
        {"forwarded": "for=127.0.0.1"},
        {"via": "1.1 proxy"},
        {"x-forwarded-proto": "https"},
    ],
)
def test_who_comes_another_way_finds_nothing(client: httpx2.Client, headers: dict[str, str]) -> None:
    answer = client.get("/desk", headers=headers)
    assert (answer.status_code, answer.text) == (404, client.get("/nowhere").text)
    assert client.get("/desk.css", headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("client_host", "name", "here"),
    [
        ("127.0.0.1", b"localhost:8016", True),
        ("127.9.9.9", b"127.0.0.1", True),
        ("::1", b"[::1]:8016", True),
        ("::ffff:127.0.0.1", b"LOCALHOST", True),
        ("203.0.113.5", b"127.0.0.1", False),
        ("::ffff:203.0.113.5", b"localhost", False),
        ("127.0.0.1", b"", False),
    ],
)
def test_only_this_machine_is_here(client_host: str, name: bytes, here: bool) -> None:
    assert is_here({"type": "http", "client": (client_host, 1), "headers": [(b"host", name)]}) is here


def test_a_server_in_front_that_speaks_http_1_0_is_not_here() -> None:
    headers = [(b"host", b"127.0.0.1:8016"), (b"connection", b"close")]  # what nginx sent by itself for twenty years
    assert not is_here({"type": "http", "http_version": "1.0", "client": ("127.0.0.1", 1), "headers": headers})


def test_the_template_is_compiled_once() -> None:
    found = Console("A race", "Europe/London", Status(NOW, "milepost.db"))
    elsewhen = Console("A race", "Asia/Tokyo", Status(NOW, "milepost.db"))
    first = draw(found)
    compiled: list[str] = []

    def hear(frame: FrameType, event: str, called: object) -> None:
        if event == "c_call" and called is compile:
            compiled.append(frame.f_code.co_name)

    sys.setprofile(hear)
    try:
        again, there = draw(found), draw(elsewhen)
        heard = list(compiled)
        compile("1", "a file", "eval")
    finally:
        sys.setprofile(None)
    assert "11:00:00 BST" in again == first
    assert "19:00:00 JST" in there
    assert heard == []
    assert compiled == ["test_the_template_is_compiled_once"], "a compilation would have been heard"


def test_it_is_drawn_beside_the_event_loop(client: httpx2.Client, shown: Shown) -> None:
    readers: set[str] = set()

    class Noticing(Console):
        def __getattribute__(self, name: str) -> object:
            readers.add(threading.current_thread().name)
            return object.__getattribute__(self, name)

    shown.console = Noticing("A race", "Europe/London", Status(NOW, "milepost.db"))
    assert client.get("/desk").status_code == 200
    assert readers
    assert "web" not in readers


def test_a_store_that_cannot_be_read_is_told(client: httpx2.Client, shown: Shown) -> None:
    shown.fails = True
    answer = client.get("/desk")
    assert (answer.status_code, answer.text) == (503, "milepost.db: is locked: try again\n")


def test_without_a_console_there_is_no_page() -> None:
    server = WebServer(SampleCoverage(), "127.0.0.1", 0)
    server.start()
    try:
        assert httpx2.get(f"http://127.0.0.1:{server.port}/desk").status_code == 404
    finally:
        server.stop()


def test_the_real_house_tells_which_line_is_wrong(house: House) -> None:
    house.clock.forward(minutes=5)
    house.source.posts += [
        a_post("The road is open", author=OFFICIAL, minutes=5),
        a_post("Who decides this", minutes=5),
    ]
    house.day()
    (house.rules / "20-more.toml").write_text(
        '[[rule]]\nid = "x"\nabout = "<b>x"\naction = "dorp"\nwhen = [\'is_official\']\n'
    )
    house.day()
    server = WebServer(house.app, "127.0.0.1", 0, console=lambda: console(house.app))
    server.start()
    try:
        text = httpx2.get(f"http://127.0.0.1:{server.port}/desk").text
    finally:
        server.stop()
    assert "rules/20-more.toml:4:10: must be " in text
    assert "    4 | action = &#34;dorp&#34;" in text
    assert "1 post waits for a person" in text
    assert "the last good set stays" in text


@pytest.mark.parametrize("desk", [None, False, True])
def test_the_page_is_there_only_where_it_is_wanted(house: House, desk: bool | None) -> None:
    """Whether readers come from elsewhere cannot be known: a server in front may say nothing of them."""
    page = PageSettings() if desk is None else PageSettings(desk=desk)
    assert not page.public_url
    settings = house.app.settings.model_copy(update={"page": page})
    app = App(replace(house.app.parts, settings=settings))
    server = open_door(app, "127.0.0.1", 0)
    try:
        assert httpx2.get(f"http://127.0.0.1:{server.port}/desk").status_code == (200 if desk else 404)
    finally:
        server.stop()
        app.close()
