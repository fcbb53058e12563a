"""The open page in a real browser: what is read never moves."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

from bot.core.model import Update, UpdateState
from bot.web.server import WebServer
from tests.page.marathon_day import at, day, fan, many, view
from tests.page.test_page_hostile import everywhere
from tests.web.sample_coverage import SampleCoverage

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NEWS = fan(90, "14:25", "Zoe Ray", "zoe.example", "Nearly there! #GetInspired")
TOP = "id => document.getElementById(id).getBoundingClientRect().top"


class Desk:
    """A coverage that is served, and a browser's page that shows it and keeps what goes wrong there."""

    def __init__(self, browser: Browser, coverage: SampleCoverage) -> None:
        self.coverage = coverage
        self.server = WebServer(coverage, "127.0.0.1", 0)
        self.server.start()
        self.trouble: list[str] = []
        self.page: Page = browser.new_page(viewport={"width": 1100, "height": 800}, reduced_motion="reduce")
        self.page.on("console", lambda message: self.trouble.append(message.text))
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("dialog", self._refuse)

    def _refuse(self, dialog: Dialog) -> None:
        self.trouble.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def open(self, path: str = "") -> None:
        self.page.goto(f"http://127.0.0.1:{self.server.port}/{path}")

    def listen(self) -> None:
        """Open the front page and wait until its stream stands."""
        with self.page.expect_response("**/events?*"):
            self.open()
        self.page.wait_for_function("() => document.readyState === 'complete'")

    def tell(self, update: Update) -> None:
        self.server.publish([self.coverage.tell(update)])

    def top(self, slug: str) -> float:
        return float(self.page.evaluate(TOP, f"u-{slug}"))

    def scroll(self) -> float:
        return float(self.page.evaluate("() => scrollY"))

    def slugs(self) -> list[str]:
        found: list[str] = self.page.evaluate(
            "() => [...document.querySelectorAll('.update')].map(u => u.dataset.slug)"
        )
        return found

    def close(self) -> None:
        self.page.close()
        self.server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is absent")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Desk]:
    desk = Desk(browser, SampleCoverage())
    yield desk
    desk.close()
    assert desk.trouble == []


def test_at_the_top_news_appear_at_once(desk: Desk) -> None:
    desk.listen()
    title = desk.page.title()
    masthead = desk.page.evaluate("() => document.querySelector('main').getBoundingClientRect().top")
    before = desk.top("f0000030")
    desk.tell(NEWS)
    desk.page.wait_for_selector(f"#u-{NEWS.slug}")
    assert desk.slugs()[:2] == [NEWS.slug, "f0000030"]
    assert desk.scroll() == 0
    assert desk.page.evaluate("() => document.querySelector('main').getBoundingClientRect().top") == masthead
    assert desk.top(NEWS.slug) == pytest.approx(before, abs=1)
    assert desk.page.locator("#arrivals").is_hidden()
    assert desk.page.title() == title
    assert desk.page.text_content("#latest") == "14:25 BST"
    assert desk.page.text_content("#spoken") == "1 new update"


def test_a_live_insertion_is_what_a_reload_shows(desk: Desk) -> None:
    desk.listen()
    desk.tell(NEWS)
    desk.page.wait_for_selector(f"#u-{NEWS.slug}")
    html = "() => [...document.querySelectorAll('.update')].map(u => (u.classList.remove('is-new'), u.outerHTML))"
    live = desk.page.evaluate(html)
    desk.open()
    assert desk.page.evaluate(html) == live


def test_who_reads_further_down_is_not_moved(desk: Desk) -> None:
    desk.listen()
    title = desk.page.title()
    desk.page.evaluate("() => scrollTo(0, 1200)")
    reading = "f0000026"
    before, scrolled = desk.top(reading), desk.scroll()
    for number in range(3):
        desk.tell(replace(NEWS, id=90 + number, slug=f"news000{number}", at=at("14:25") + timedelta(minutes=number)))
    desk.page.wait_for_selector("#arrivals:has-text('3 new updates')")
    assert (desk.top(reading), desk.scroll()) == (before, scrolled)
    assert desk.page.title() == f"(3) {title}"
    assert desk.page.text_content("#spoken") == "3 new updates"
    desk.page.click("#arrivals")
    desk.page.wait_for_function("() => scrollY === 0")
    assert desk.slugs()[:4] == ["news0002", "news0001", "news0000", "f0000030"]
    assert desk.page.locator("#arrivals").is_hidden()
    assert desk.page.title() == title
    assert desk.page.evaluate("() => document.activeElement.id") == "stream"


def test_an_edit_above_moves_nothing(desk: Desk) -> None:
    desk.listen()
    desk.page.evaluate("() => scrollTo(0, 1200)")
    reading = "f0000026"
    before = desk.top(reading)
    assert 0 <= before < 800
    longer = replace(day()[0], text="A much longer word. " * 40, changed_at=at("14:40"), note="her name put right")
    desk.tell(longer)
    desk.page.wait_for_selector("#u-f0000030:has-text('her name put right')")
    assert desk.top(reading) == pytest.approx(before, abs=1)
    assert desk.scroll() > 1200
    assert desk.slugs() == [update.slug for update in day()]
    assert desk.page.locator("#arrivals").is_hidden()


def test_a_withdrawal_above_moves_nothing_and_leaves_a_line_until_the_reload(desk: Desk) -> None:
    desk.listen()
    desk.page.evaluate("() => scrollTo(0, 1200)")
    reading = "f0000026"
    before = desk.top(reading)
    desk.tell(replace(day()[1], state=UpdateState.WITHDRAWN, note="the picture was not ours"))
    desk.page.wait_for_selector("#u-d0000029.update--gone:has-text('the picture was not ours')")
    assert desk.top(reading) == pytest.approx(before, abs=1)
    assert "The Mall" not in str(desk.page.text_content("#stream"))
    desk.open()
    assert "d0000029" not in desk.slugs()


def test_what_is_withdrawn_before_it_was_shown_never_shows(desk: Desk) -> None:
    desk.listen()
    desk.page.evaluate("() => scrollTo(0, 1200)")
    desk.tell(NEWS)
    desk.page.wait_for_selector("#arrivals:has-text('1 new update')")
    desk.tell(replace(NEWS, state=UpdateState.WITHDRAWN))
    desk.page.wait_for_selector("#arrivals", state="hidden")
    assert not desk.page.title().startswith("(")


def test_focus_stays_on_what_was_replaced(desk: Desk) -> None:
    desk.listen()
    desk.page.focus("#u-f0000030 .told a")
    desk.tell(replace(day()[0], changed_at=at("14:40"), note="put right"))
    desk.page.wait_for_selector("#u-f0000030:has-text('put right')")
    assert desk.page.evaluate("() => document.activeElement.closest('.update').dataset.slug") == "f0000030"
    # Somebody who goes through the updates by keyboard reads, also at the very top.
    desk.tell(NEWS)
    desk.page.wait_for_selector("#arrivals:has-text('1 new update')")


def test_a_late_update_stands_in_its_place(desk: Desk) -> None:
    desk.listen()
    desk.tell(replace(NEWS, at=at("14:03")))
    desk.page.wait_for_selector(f"#u-{NEWS.slug}")
    assert desk.slugs()[2:5] == ["d0000028", NEWS.slug, "d0000027"]
    assert desk.page.text_content("#latest") == "14:20 BST"


def test_a_new_day_is_told_apart(desk: Desk) -> None:
    desk.listen()
    desk.tell(replace(NEWS, at=at("09:00") + timedelta(days=1)))
    desk.page.wait_for_selector(f"#u-{NEWS.slug}")
    assert desk.page.locator(".stream > .day").all_text_contents() == ["Sunday 24 April 2016"]
    desk.tell(replace(NEWS, id=91, slug="news0001", at=at("09:05") + timedelta(days=1)))
    desk.page.wait_for_selector("#u-news0001")
    assert desk.page.locator(".stream > *").evaluate_all(
        "all => all.slice(0, 4).map(n => n.dataset.slug || n.className)"
    ) == [
        "news0001",
        NEWS.slug,
        "day",
        "f0000030",
    ]


def test_the_first_update_ever(browser: Browser) -> None:
    desk = Desk(browser, SampleCoverage(view(updates=(), withdrawn=())))
    desk.listen()
    desk.tell(NEWS)
    desk.page.wait_for_selector(f"#u-{NEWS.slug}")
    assert desk.page.locator(".empty").count() == 0
    desk.close()
    assert desk.trouble == []


def test_an_update_of_an_older_page_stays_there(browser: Browser) -> None:
    desk = Desk(browser, SampleCoverage(view(updates=many(30), withdrawn=(), latest=20)))
    desk.listen()
    desk.tell(replace(many(1)[0], changed_at=at("12:00"), note="put right"))
    desk.tell(replace(NEWS, at=at("18:00")))
    desk.page.wait_for_selector(f"#u-{NEWS.slug}")
    assert "f0000001" not in desk.slugs()
    desk.page.click("text=Older updates")
    assert "f0000001" in desk.slugs()
    desk.close()
    assert desk.trouble == []


def test_after_a_restart_the_page_catches_up(desk: Desk) -> None:
    desk.listen()
    port = desk.server.port
    desk.server.stop()
    desk.coverage.tell(NEWS)
    desk.server = WebServer(desk.coverage, "127.0.0.1", port)
    desk.server.start()
    desk.page.wait_for_selector(f"#u-{NEWS.slug}", timeout=20_000)
    assert desk.slugs().count(NEWS.slug) == 1
    desk.trouble = [said for said in desk.trouble if "ERR_" not in said]


def test_too_much_missed_offers_a_reload(desk: Desk) -> None:
    desk.page.route(
        "**/",
        lambda route: route.fulfill(
            response=route.fetch(), body=route.fetch().text().replace('data-seq="31"', 'data-seq="0"')
        ),
    )
    desk.coverage.view = replace(desk.coverage.view, updates=many(700))
    desk.open()
    desk.page.wait_for_selector("#arrivals:has-text('Show the newest updates')")


def test_hostile_strings_stay_words_in_a_browser(browser: Browser, shared_data: Path) -> None:
    file = shared_data / "lists" / "blns.json"
    strings: list[str] = json.loads(file.read_text(encoding="utf-8"))
    updates = tuple(everywhere(string, number) for number, string in enumerate(strings))[::-1]
    desk = Desk(browser, SampleCoverage(view(updates=updates, latest=1000)))
    desk.page.route("**/*", lambda route: route.abort() if "127.0.0.1" not in route.request.url else route.continue_())
    desk.open()
    assert desk.page.evaluate("() => document.querySelectorAll('.update').length") == len(strings)
    assert desk.page.evaluate("() => document.scripts.length") == 1
    assert desk.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    handlers = "() => [...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => a.name.startsWith('on'))).length"
    assert desk.page.evaluate(handlers) == 0
    desk.close()
    assert [said for said in desk.trouble if "ERR_FAILED" not in said] == []


def test_the_policy_holds(desk: Desk) -> None:
    desk.listen()
    desk.page.evaluate(
        """() => {
            window.broken = [];
            document.addEventListener("securitypolicyviolation", (event) => broken.push(event.effectiveDirective));
            const script = document.createElement("script");
            script.textContent = "window.ran = 1";
            document.body.append(script);
            const styled = document.createElement("div");
            styled.setAttribute("style", "color: red");
            document.body.append(styled);
        }"""
    )
    desk.page.wait_for_function("() => broken.length >= 2")
    assert desk.page.evaluate("() => window.ran") is None
    # Two policies (the page's and the door's) say the same.
    assert set(desk.page.evaluate("() => broken")) == {"script-src-elem", "style-src-attr"}
    desk.trouble = [said for said in desk.trouble if "Content Security Policy" not in said]


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_width_and_both_themes_are_readable(browser: Browser, width: int, scheme: str) -> None:
    coverage = SampleCoverage()
    server = WebServer(coverage, "127.0.0.1", 0)
    server.start()
    page = browser.new_page(
        viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page.goto(f"http://127.0.0.1:{server.port}/")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRAST) == []
    page.close()
    server.stop()


# WCAG 2.2, 1.4.3: 4.5 to 1 for text; every text node against the nearest painted ground.
CONTRAST = """() => {
    const light = (rgb) => {
        const [r, g, b] = rgb.map((v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
        return .2126 * r + .7152 * g + .0722 * b;
    };
    const parse = (colour) => colour.match(/[0-9.]+/g).map(Number);
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const found = parse(getComputedStyle(at).backgroundColor);
            if (found.length === 3 || found[3] === 1) return found;
        }
        return [255, 255, 255];
    };
    const poor = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const element = walk.currentNode.parentElement;
        if (!walk.currentNode.data.trim() || !element.checkVisibility()) continue;
        const [one, two] = [light(parse(getComputedStyle(element).color).slice(0, 3)), light(ground(element).slice(0, 3))];
        const ratio = (Math.max(one, two) + .05) / (Math.min(one, two) + .05);
        if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${walk.currentNode.data.trim().slice(0, 40)}`);
    }
    return poor;
}"""


def test_headings_landmarks_and_names(desk: Desk) -> None:
    desk.listen()
    levels = desk.page.evaluate("() => [...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for landmark in ("header", "main", "footer", "nav[aria-label]"):
        assert desk.page.locator(landmark).count() >= 1
    assert desk.page.evaluate("() => [...document.images].every(i => i.alt)")
    assert desk.page.evaluate(
        "() => [...document.links].every(a => (a.getAttribute('aria-label') || a.textContent).trim())"
    )
    assert desk.page.evaluate("() => document.getElementById('spoken').getAttribute('aria-live')") == "polite"
    desk.page.keyboard.press("Tab")
    assert desk.page.evaluate("() => document.activeElement.textContent") == "Skip to the updates"
    desk.page.keyboard.press("Enter")
    assert desk.page.evaluate("() => location.hash") == "#stream"


def test_without_scripts_the_page_is_whole(browser: Browser) -> None:
    coverage = SampleCoverage()
    server = WebServer(coverage, "127.0.0.1", 0)
    server.start()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/")
    assert page.locator(".update").count() == len(day())
    assert page.locator("#arrivals").is_hidden()
    page.click("#u-f0000026 .told a")
    assert "/u/f0000026.html" in page.url
    assert page.locator("figure img").count() == 2
    page.click("text=All updates")
    assert page.locator(".update").count() == len(day())
    context.close()
    server.stop()
