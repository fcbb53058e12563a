"""The desk's page in a real browser: what is short stays in one piece, whatever long reasons stand beside it."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import sync_playwright

from bot.core.status import AccountStatus, Console, SourceStatus, Status
from bot.web.server import WebServer
from tests.web.sample_coverage import SampleCoverage
from tests.web.test_web_browser import ARGUMENTS, CHROMIUM

NOW = datetime(2016, 4, 24, 12, 0, tzinfo=UTC)
WRONG = (
    f"https://organiser.example/{'a-long-way/' * 12}feed.atom?{'x' * 90}: does not answer within 20 s: look at the host"
)
BROKEN = """() => [...document.querySelectorAll("th, td:not(:last-child)")].flatMap(cell => {
    const text = cell.firstChild;
    return text ? [...text.data.matchAll(/[^\\s-]+/g)].filter(word => {
        const range = new Range();
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        return range.getClientRects().length > 1;
    }).map(word => word[0]) : [];
})"""


@pytest.mark.parametrize("width", [1200, 800, 400])
def test_no_word_of_a_narrow_column_is_broken_and_the_page_is_not_wider_than_the_window(width: int) -> None:
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed: apt-get install chromium")
    status = Status(
        NOW,
        "milepost.db",
        sources=(SourceStatus("organiser", "feeds", True, "unauthorized", NOW, NOW, WRONG),),
        accounts=(AccountStatus("bluesky", "bluesky", True, "unauthorized", NOW, error=WRONG),),
    )
    server = WebServer(SampleCoverage(), "127.0.0.1", 0, console=lambda: Console("A race", "Europe/London", status))
    server.start()
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
            page = browser.new_page(viewport={"width": width, "height": 800})
            page.goto(f"http://127.0.0.1:{server.port}/desk")
            assert page.evaluate(BROKEN) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            browser.close()
    finally:
        server.stop()
