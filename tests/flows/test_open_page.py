"""The whole house with a browser at its end: a post reaches an open page within a second, without a jump."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from bot.app import headlines, verbs
from bot.core.model import Batch
from bot.daemon import Daemon
from bot.store.database import Database
from bot.web.server import WebServer
from tests.builders import OFFICIAL, a_post
from tests.conftest import House
from tests.fakes import FakePublisher, FakeStream
from tests.web.test_web_browser import ARGUMENTS, CHROMIUM


@pytest.fixture
def on_sqlite(tmp_path: Path, sqlite_template: Path) -> Database:
    """One fresh SQLite file: the browser does not care which database it is."""
    path = tmp_path / "milepost.db"
    path.write_bytes(sqlite_template.read_bytes())
    return Database(f"sqlite:///{path}")


def test_a_post_reaches_an_open_browser_within_a_second_without_a_jump(
    on_sqlite: Database, build_house: Callable[..., House]
) -> None:
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed: apt-get install chromium")
    stream = FakeStream()
    house = build_house(on_sqlite, source=stream)
    for number in range(40):
        verbs.write(house.app, verbs.manuscript(f"Update number {number} of the morning", strand="official"), by="ana")
    house.app.refresh()
    server = WebServer(house.app, "127.0.0.1", 0)
    server.start()
    house.app.listen(server.publish)
    daemon = Daemon(house.app)
    daemon.start()
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
            page = browser.new_page(viewport={"width": 1000, "height": 700})
            trouble: list[str] = []
            page.on("console", lambda message: trouble.append(message.text))
            page.goto(f"http://127.0.0.1:{server.port}/")
            waited = time.monotonic() + 10
            while server.readers == 0:
                assert time.monotonic() < waited
                page.wait_for_timeout(20)

            # at the top: it is there within a second
            began = time.monotonic()
            stream.batches.append(Batch((a_post("Rain over Tower Bridge now", author=OFFICIAL, minutes=0),), "1"))
            page.get_by_text("Rain over Tower Bridge now").wait_for(timeout=5000)
            assert time.monotonic() - began < 1.0

            # scrolled down: nothing moves, a button says what came
            page.evaluate("window.scrollTo(0, 1500)")
            page.wait_for_timeout(100)
            read = page.locator("article").nth(15)
            box = read.bounding_box()
            assert box is not None
            began = time.monotonic()
            stream.batches.append(Batch((a_post("And the sun again", author=OFFICIAL, minutes=0),), "2"))
            page.get_by_role("button", name="1 new update").wait_for(timeout=5000)
            assert time.monotonic() - began < 1.0
            after = read.bounding_box()
            assert after is not None
            assert abs(after["y"] - box["y"]) <= 1
            page.get_by_role("button", name="1 new update").click()
            page.get_by_text("And the sun again").wait_for(timeout=5000)

            # the points at the top come with the next update, and go again
            assert page.locator(".points").count() == 0
            headlines.pin(house.app, "weather", "Showers <b>from</b> three", update="", by="ana")
            stream.batches.append(Batch((a_post("Umbrellas up", author=OFFICIAL, minutes=0),), "3"))
            page.locator(".points li").get_by_text("Showers <b>from</b> three").wait_for(timeout=10000)
            headlines.unpin(house.app, "weather", by="ana")
            stream.batches.append(Batch((a_post("Umbrellas down", author=OFFICIAL, minutes=0),), "4"))
            page.locator(".points").wait_for(state="detached", timeout=10000)
            assert trouble == []

            # the daemon ends in time although the browser stays open
            began = time.monotonic()
            assert daemon.stop(4.0)
            server.stop(1.0)
            assert time.monotonic() - began < 5
            browser.close()
    finally:
        daemon.stop(1.0)
        server.stop(1.0)


def test_the_daemon_ends_in_time_with_a_hanging_platform_and_the_next_start_settles_it(
    on_sqlite: Database, build_house: Callable[..., House]
) -> None:
    hold = threading.Event()
    reached = threading.Event()

    def hang() -> None:
        reached.set()
        hold.wait(30)

    publisher = FakePublisher(before=hang)
    house = build_house(on_sqlite, publisher=publisher)
    verbs.write(house.app, verbs.manuscript("The road is closed at mile nine", strand="official"), by="ana")
    daemon = Daemon(house.app)
    daemon.start()
    assert reached.wait(5)
    began = time.monotonic()
    assert not daemon.stop(2.0)
    assert time.monotonic() - began < 3
    with on_sqlite.read() as tx:
        states = [row[0] for row in tx.raw("SELECT state FROM deliveries")]
    assert states == ["sending"]
    # the next start, while the old call is still out there: it looks before it does anything
    publisher.before = lambda: None
    house.machine.forward(minutes=1)
    again = Daemon(house.app)
    hold.set()
    end = datetime.now(UTC) + timedelta(seconds=10)
    again.start()
    try:
        while not publisher.standing() and datetime.now(UTC) < end:
            time.sleep(0.02)
        house.day()
    finally:
        again.stop(4.0)
    assert len(publisher.standing()) == 1
    assert len([call for call in publisher.calls if call[0] == "publish"]) == 1
