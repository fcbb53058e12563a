import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.errors import StoreError
from bot.core.model import UpdateState
from bot.core.pages import PageChange
from bot.web.server import WebServer
from tests.page.marathon_day import day, fan, many, view
from tests.web.event_line import EventLine
from tests.web.sample_coverage import SampleCoverage

NEWS = fan(90, "14:25", "Zoe", "zoe.example", "Nearly there! #GetInspired\n\n<b>bold</b>\u2028 ✓")


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that is about to be so."""
    for _ in range(1000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to be")


@pytest.fixture
def coverage() -> SampleCoverage:
    return SampleCoverage()


@pytest.fixture
def server(coverage: SampleCoverage) -> Iterator[WebServer]:
    server = WebServer(coverage, "127.0.0.1", 0)
    server.start()
    yield server
    server.stop()


def test_a_stream_introduces_itself(server: WebServer) -> None:
    with EventLine(server.port) as line:
        assert line.head.startswith("HTTP/1.1 200")
        head = line.head.lower()
        assert "content-type: text/event-stream; charset=utf-8" in head
        assert "x-accel-buffering: no" in head
        assert "cache-control: no-store" in head
        assert line.greeting == "retry: 2000"


def test_what_happens_is_pushed_to_all(server: WebServer, coverage: SampleCoverage) -> None:
    with EventLine(server.port) as one, EventLine(server.port, "?after=31") as two:
        told = coverage.tell(NEWS)
        server.publish([told])
        for line in (one, two):
            change = line.change()
            assert (change["seq"], change["slug"], change["state"], change["at"]) == (32, NEWS.slug, "live", told.at)
            assert change["html"] == told.html


def test_a_return_brings_what_was_missed_once_and_in_order(server: WebServer, coverage: SampleCoverage) -> None:
    with EventLine(server.port, "?after=5", last_event_id="28") as line:
        assert [line.change()["seq"] for _ in range(3)] == [29, 30, 31]
        # Told again by somebody who does not know that it was replayed.
        old = coverage.changes(30)
        server.publish(old)
        server.publish([coverage.tell(NEWS)])
        assert line.change()["seq"] == 32
        # Both in one burst: what is known is left out of it.
        server.publish([*coverage.changes(30), coverage.tell(replace(NEWS, slug="late0000"))])
        assert line.change()["seq"] == 33


def test_without_a_past_only_the_present_comes(server: WebServer, coverage: SampleCoverage) -> None:
    with (
        EventLine(server.port) as line,
        EventLine(server.port, "?after=-3") as odd,
        EventLine(server.port, "?after=x%C2%B2") as odder,
    ):
        server.publish([coverage.tell(NEWS)])
        assert [each.change()["seq"] for each in (line, odd, odder)] == [32, 32, 32]
    assert coverage.asked == []


def test_a_withdrawal_is_pushed_without_its_words(server: WebServer, coverage: SampleCoverage) -> None:
    with EventLine(server.port, "?after=31") as line:
        server.publish([coverage.tell(replace(day()[0], state=UpdateState.WITHDRAWN))])
        change = line.change()
        assert change["state"] == "withdrawn"
        assert "Canary" not in change["html"]


def test_a_long_absence_is_replayed_in_rounds() -> None:
    coverage = SampleCoverage(view(updates=many(250), withdrawn=()))
    server = WebServer(coverage, "127.0.0.1", 0)
    server.start()
    with EventLine(server.port, "?after=0") as line:
        assert [line.change()["seq"] for _ in range(250)] == list(range(1, 251))
    assert coverage.asked == [0, 100, 200]
    server.stop()


def test_too_long_an_absence_asks_for_a_reload() -> None:
    server = WebServer(SampleCoverage(view(updates=many(700), withdrawn=())), "127.0.0.1", 0)
    server.start()
    with EventLine(server.port, "?after=0") as line:
        assert line.next() == {"event": "stale", "data": ""}
    server.stop()


def test_the_same_question_is_asked_once(server: WebServer, coverage: SampleCoverage) -> None:
    lines = [EventLine(server.port, "?after=30") for _ in range(20)]
    assert [line.change()["seq"] for line in lines] == [31] * 20
    assert len(coverage.asked) == 1
    for line in lines:
        line.socket.close()


def test_who_has_seen_all_asks_nothing(server: WebServer, coverage: SampleCoverage) -> None:
    server.publish([coverage.tell(NEWS)])
    with EventLine(server.port, "?after=30") as first:
        assert [first.change()["seq"] for _ in range(2)] == [31, 32]
    with EventLine(server.port, "?after=32") as line:
        until(lambda: server.readers == 1)
        server.publish([coverage.tell(NEWS)])
        assert line.change()["seq"] == 33
    assert coverage.asked == [30]


def test_signs_of_life(coverage: SampleCoverage) -> None:
    server = WebServer(coverage, "127.0.0.1", 0, heartbeat_s=0.05)
    server.start()
    with EventLine(server.port) as line:
        assert line.next() == {"event": "beat", "data": ""}
        assert line.next() == {"event": "beat", "data": ""}
    server.stop()


def test_who_leaves_is_forgotten(server: WebServer) -> None:
    lines = [EventLine(server.port) for _ in range(5)]
    until(lambda: server.readers == 5)
    for line in lines:
        line.socket.close()
    until(lambda: server.readers == 0)


def test_who_reads_too_slowly_is_cut_off_and_holds_up_nobody(server: WebServer, coverage: SampleCoverage) -> None:
    big = PageChange(0, "big00000", "live", "2016-04-24T13:20:00Z", "x" * 60_000)
    with EventLine(server.port) as slow, EventLine(server.port) as quick:
        for seq in range(100, 500):
            server.publish([replace(big, seq=seq)])
            assert quick.change()["seq"] == seq
        until(lambda: server.readers == 1)
        seen: list[int] = []
        with pytest.raises(ConnectionError):
            seen.extend(int(slow.next()["id"]) for _ in range(400))
        # A beginning without a hole; it comes back with the last that it has seen.
        assert seen == list(range(100, 100 + len(seen)))
        assert 0 < len(seen) < 400
    assert coverage.asked == []


def test_a_burst_arrives_whole_and_in_order(server: WebServer) -> None:
    with EventLine(server.port) as line:
        for seq in range(100, 300):
            server.publish([PageChange(seq, "news0000", "live", "2016-04-24T13:20:00Z", "<p>News</p>")])
        assert [line.change()["seq"] for _ in range(200)] == list(range(100, 300))


def test_an_old_proxy_gets_a_plain_stream(server: WebServer, coverage: SampleCoverage) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line, line.makefile("rb") as stream:
        line.sendall(b"GET /events?after=30 HTTP/1.0\r\nHost: localhost\r\n\r\n")
        while stream.readline().strip():
            pass
        assert [stream.readline() for _ in range(3)] == [b"retry: 2000\n", b"\n", b"id: 31\n"]
        assert stream.readline().startswith(b"data: {")
        server.publish([coverage.tell(NEWS)])
        assert [stream.readline() for _ in range(2)] == [b"\n", b"id: 32\n"]
        server.stop()
        assert stream.read().endswith(b"}\n\n")


def test_stopping_ends_every_stream_properly(coverage: SampleCoverage) -> None:
    server = WebServer(coverage, "127.0.0.1", 0)
    server.start()
    lines = [EventLine(server.port, "?after=31") for _ in range(200)]
    began = time.monotonic()
    server.stop(2.0)
    assert time.monotonic() - began < 2
    for line in lines:
        assert line.next() == {}
        line.socket.close()


def test_stopping_waits_for_nobody_who_does_not_read(coverage: SampleCoverage) -> None:
    server = WebServer(coverage, "127.0.0.1", 0)
    server.start()
    with EventLine(server.port):
        for seq in range(100, 400):
            server.publish([PageChange(seq, "big00000", "live", "2016-04-24T13:20:00Z", "x" * 60_000)])
        began = time.monotonic()
        server.stop(2.0)
        assert time.monotonic() - began <= 2.1


def test_publishing_without_a_server_does_nothing(coverage: SampleCoverage) -> None:
    server = WebServer(coverage, "127.0.0.1", 0)
    server.publish([coverage.tell(NEWS)])
    server.start()
    server.stop()
    server.publish([coverage.tell(NEWS)])
    assert server.readers == 0


def test_many_readers_miss_nothing(server: WebServer) -> None:
    script = Path(__file__).with_name("event_readers.py")
    command = [sys.executable, str(script), str(server.port), "200", "20"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as readers:
        assert readers.stdout is not None
        assert readers.stdout.readline() == "ready\n"
        for number in range(20):
            server.publish([PageChange(100 + number, "news0000", "live", f"{time.monotonic():.6f}", "<p>News</p>")])
        measured = json.loads(readers.stdout.read())
    assert readers.returncode == 0
    assert measured["seen"] == 200 * 20


class _FailingCoverage(SampleCoverage):
    def changes(self, after: int) -> list[PageChange]:
        raise StoreError(f"cannot look after {after}")


def test_a_past_that_cannot_be_read_ends_the_stream() -> None:
    server = WebServer(_FailingCoverage(), "127.0.0.1", 0)
    server.start()
    with EventLine(server.port, "?after=3") as line:
        assert line.next() == {}
    server.stop()
