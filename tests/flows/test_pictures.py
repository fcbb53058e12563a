"""One picture in two feeds, and hosts that misbehave: every post is judged, each in its time."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from bot.app.hall import App
from bot.app.opening import open_app
from bot.core.reports import LogFilter
from bot.core.stories.pictures import distance
from bot.daemon import Daemon
from bot.store import feed, journal, pictures, posts
from tests.drawings import photo, saved
from tests.flows.test_bad_hosts import answer, big
from tests.platforms.hosts import raw_host, say, trickle

RULE = """
[[rule]]
id = "all"
about = "Out it goes."
action = "publish"
when = ['has(text, "open")']
catches = ["we are open"]
spares = ["closed"]
"""


def rss(*entries: tuple[str, str]) -> str:
    """A feed with a title and the address of a picture for each entry."""
    now = format_datetime(datetime.now(UTC))
    items = "".join(
        f'<item><guid>{title}</guid><title>{title}</title><pubDate>{now}</pubDate><enclosure url="{url}" type="image/jpeg"/></item>'
        for title, url in entries
    )
    return f'<rss version="2.0"><channel><title>F</title>{items}</channel></rss>'


@contextmanager
def house(folder: Path, feeds: dict[str, str], more: str = "") -> Iterator[App]:
    (folder / "rules").mkdir()
    (folder / "rules" / "10.toml").write_text(RULE)
    sources = "".join(
        f'[[source]]\nname = "{name}"\nkind = "feeds"\nurl = "{url}"\nbackfill = "1d"\nlate_after = "1d"\ntimeout_s = 1\n'
        for name, url in feeds.items()
    )
    (folder / "config.toml").write_text(f'[event]\nname = "Pictures"\n\n{more}\n{sources}')
    app = open_app(folder / "config.toml", {})
    try:
        app.migrate()
        yield app
    finally:
        app.close()


def test_two_feeds_one_picture(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/a/large.jpg").respond_with_data(saved(photo(1, (900, 600))))
    httpserver.expect_request("/b/small.jpg").respond_with_data(
        saved(photo(1, (900, 600)).resize((300, 200)), quality=40)
    )
    for name, title, picture in (("a", "We are open", "a/large.jpg"), ("b", "The bridge is open", "b/small.jpg")):
        httpserver.expect_request(f"/{name}").respond_with_data(
            rss((title, httpserver.url_for(f"/{picture}"))), content_type="application/rss+xml"
        )
    with house(tmp_path, {name: httpserver.url_for(f"/{name}") for name in "ab"}) as app:
        Daemon(app).run_once()
        with app.database.read() as tx:
            one, other = pictures.of_posts(tx, [1, 2])
            assert distance(*one.hashes, *other.hashes) <= 4
            assert posts.counts(tx).get("unjudged", 0) == 0
            assert [update.title for update in feed.live(tx)] == ["We are open"]
            (line,) = [one for one in journal.read(tx, LogFilter(what="judged")) if one.verdict == "hold"]
            assert "carries the same picture as story 1 (post 1): a person decides" in line.why
    assert not list(tmp_path.rglob("*.jpg"))


@pytest.mark.timeout(60)
def test_hosts_that_misbehave_keep_nobody_waiting(tmp_path: Path, httpserver: HTTPServer) -> None:
    """Each picture is one of another host; every post is told, within ten seconds of its coming."""
    with ExitStack() as stack:
        urls = {
            "hangs": stack.enter_context(raw_host(trickle(b"", b""))),
            "trickles": stack.enter_context(raw_host(trickle(b"HTTP/1.1 200 OK\r\n\r\n", b"x"))),
            "big": stack.enter_context(raw_host(big)),
            "lost": stack.enter_context(raw_host(say(answer(b"404 Not Found")))),
            "page": stack.enter_context(raw_host(say(answer(b"200 OK", b"<!doctype html><p>No")))),
            "loops": stack.enter_context(raw_host(say(answer(b"302 Found", b"", b"location: /feed\r\n")))),
            "nobody": "http://127.0.0.1:9/a.jpg",
        }
        httpserver.expect_request("/good.jpg").respond_with_data(saved(photo(1)))
        httpserver.expect_request("/good").respond_with_data(
            rss(("Good and open", httpserver.url_for("/good.jpg"))), content_type="application/rss+xml"
        )
        httpserver.expect_request("/bad").respond_with_data(
            rss(*((f"{name} but open", url) for name, url in urls.items())), content_type="application/rss+xml"
        )
        with house(tmp_path, {name: httpserver.url_for(f"/{name}") for name in ("bad", "good")}) as app:
            told: dict[str, datetime] = {}

            def look() -> None:
                app.curate()
                with app.database.read() as tx:
                    for update in feed.live(tx):
                        told.setdefault(update.title, datetime.now(UTC))

            app.adopt(at_once=True)
            for name in app.sources:
                app.collect(name)
            begun = datetime.now(UTC)
            look()
            assert told == {}
            app.examine(look)
            assert sorted(told) == sorted(["Good and open", *(f"{name} but open" for name in urls)])
            assert max(told.values()) - begun < timedelta(seconds=10)
            assert told["Good and open"] < told["hangs but open"]


def test_switched_off_nothing_is_asked_for(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/a").respond_with_data(
        rss(("We are open", httpserver.url_for("/a.jpg"))), content_type="application/rss+xml"
    )
    with house(tmp_path, {"a": httpserver.url_for("/a")}, "[stories]\npictures = false\n") as app:
        Daemon(app).run_once()
        with app.database.read() as tx:
            assert [update.title for update in feed.live(tx)] == ["We are open"]
    assert [request.path for request, _ in httpserver.log] == ["/a"]
