"""A feed host that misbehaves harms nothing else, and `status` shows it."""

import socket
import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from bot.app import look
from bot.app.opening import open_app
from tests.platforms.hosts import Behave, raw_host, say

GOOD = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>Good</title><link>https://good.example</link>'
    b"<item><guid>https://good.example/1</guid><title>The water stations are open</title><link>https://good.example/1</link><pubDate>DATE</pubDate></item></channel></rss>"
)


def unchanged() -> Behave:
    """200 with an ETag at first, 304 from then on."""
    answers = [answer(b"200 OK", dated(), b'content-type: application/rss+xml\r\netag: "1"\r\n')]

    def behave(connection: socket.socket, over: threading.Event) -> None:
        del over
        connection.sendall(answers.pop() if answers else answer(b"304 Not Modified"))

    return behave


def dated() -> bytes:
    return GOOD.replace(b"DATE", format_datetime(datetime.now(UTC)).encode())


def answer(status: bytes, body: bytes = b"", more: bytes = b"") -> bytes:
    return (
        b"HTTP/1.1 " + status + b"\r\nconnection: close\r\ncontent-length: %d\r\n" % len(body) + more + b"\r\n" + body
    )


def hang(connection: socket.socket, over: threading.Event) -> None:
    del connection
    over.wait(20)


def big(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\nconnection: close\r\n\r\n")
    for _ in range(160):
        if over.is_set():
            return
        connection.sendall(b" " * 65536)


def loop(connection: socket.socket, over: threading.Event) -> None:
    del over
    connection.sendall(answer(b"302 Found", b"", b"location: /feed\r\n"))


BAD: dict[str, Behave] = {
    "hangs": hang,
    "fails": say(answer(b"500 Internal Server Error")),
    "gone": say(answer(b"410 Gone")),
    "big": big,
    "loops": loop,
    "html": say(answer(b"200 OK", b"<!doctype html><title>Sorry</title><p>not a feed", b"content-type: text/html\r\n")),
}


@pytest.mark.timeout(120)
def test_bad_hosts_harm_nothing_else_and_are_visible(tmp_path: Path) -> None:
    with ExitStack() as stack:
        hosts = {name: stack.enter_context(raw_host(behave)) for name, behave in BAD.items()}
        hosts["unchanged"] = stack.enter_context(raw_host(unchanged()))
        hosts["good"] = stack.enter_context(
            raw_host(say(answer(b"200 OK", dated(), b"content-type: application/rss+xml\r\n")))
        )
        (tmp_path / "rules").mkdir()
        (tmp_path / "rules" / "10.toml").write_text(
            '[[rule]]\nid = "officials"\nabout = "Out it goes."\naction = "publish"\nwhen = [\'is_official\']\n'
            'catches = [{ is_official = true }]\nspares = ["x"]\n',
        )
        sources = "".join(
            f'[[source]]\nname = "{name}"\nkind = "feeds"\nurl = "{url}"\ntimeout_s = 2\nbackfill = "9999d"\nlate_after = "9999d"\n'
            for name, url in hosts.items()
        )
        (tmp_path / "config.toml").write_text(
            f'[event]\nname = "Bad hosts"\n\n[[official]]\nname = "Good feed"\nids = ["feeds:{hosts["good"]}"]\n\n{sources}',
        )
        app = open_app(tmp_path / "config.toml", {}, now=lambda: datetime.now(UTC))
        try:
            app.migrate()
            app.adopt(at_once=True)
            for name in (*app.sources, "unchanged"):
                app.run_step(name, lambda name=name: app.collect(name))  # type: ignore[misc]
            app.curate()
            app.refresh()
            assert "The water stations are open" in (tmp_path / "var" / "page" / "index.html").read_text()
            states = {source.name: source for source in look.status(app).sources}
        finally:
            app.close()
    assert states["good"].state == "ok"
    assert states["unchanged"].state == "ok"
    assert states["gone"].state == "gone"
    for name in ("hangs", "fails", "big", "loops", "html"):
        assert states[name].state == "failing", name
        assert states[name].error
        assert states[name].next_at is not None
