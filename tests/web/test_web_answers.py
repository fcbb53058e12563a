import gzip
import http.client
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx2
import pytest

from bot.core.errors import RefusedError, StoreError
from bot.core.pages import CONTENT_POLICY
from bot.core.status import Metric
from bot.web.server import WebServer
from tests.web.sample_coverage import SampleCoverage


@pytest.fixture(scope="module")
def coverage() -> SampleCoverage:
    return SampleCoverage()


@pytest.fixture(scope="module")
def server(coverage: SampleCoverage) -> Iterator[WebServer]:
    server = WebServer(coverage, "127.0.0.1", 0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(server: WebServer) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=f"http://127.0.0.1:{server.port}") as client:
        yield client


def test_the_front_page_and_its_files(client: httpx2.Client) -> None:
    for path, kind in {
        "/": "text/html; charset=utf-8",
        "/index.html": "text/html; charset=utf-8",
        "/feed.atom": "application/atom+xml; charset=utf-8",
        "/feed.json": "application/feed+json; charset=utf-8",
        "/style.css": "text/css; charset=utf-8",
        "/page.js": "text/javascript; charset=utf-8",
        "/media/mall.png": "image/png",
    }.items():
        answer = client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind), path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == f"{CONTENT_POLICY}; frame-ancestors 'self'"
        assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
        assert "server" not in answer.headers


def test_permalinks_with_and_without_the_ending(client: httpx2.Client) -> None:
    assert client.get("/u/f0000030").content == client.get("/u/f0000030.html").content


def test_what_was_removed_is_gone(client: httpx2.Client) -> None:
    for path in ("/u/f0000023", "/u/f0000023.html"):
        answer = client.get(path)
        assert answer.status_code == 410
        assert "This update was removed" in answer.text
        again = client.get(path, headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code == 410


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/u/",
        "/u/nobody00",
        "/../../etc/passwd",
        "/u/..%2f..%2fetc%2fpasswd",
        "/bot/web/server.py",
        "/events/",
        "/.html",
    ],
)
def test_what_nobody_knows_is_not_there(server: WebServer, path: str) -> None:
    # A client that leaves the path as it is.
    line = http.client.HTTPConnection("127.0.0.1", server.port)
    line.request("GET", path)
    answer = line.getresponse()
    assert answer.status == 404
    assert answer.getheader("content-type") == "text/plain; charset=utf-8"
    line.close()


def test_not_modified(client: httpx2.Client) -> None:
    whole = client.get("/")
    tag = whole.headers["etag"]
    assert tag.startswith('"')
    for asked in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = client.get("/", headers={"if-none-match": asked})
        assert (answer.status_code, answer.content) == (304, b""), asked
        assert answer.headers["etag"] == tag
    assert client.get("/", headers={"if-none-match": '"other"'}).status_code == 200
    since = whole.headers["last-modified"]
    assert client.get("/", headers={"if-modified-since": since}).status_code == 304
    assert client.get("/", headers={"if-modified-since": "Sat, 23 Apr 2016 00:00:00 GMT"}).status_code == 200
    assert client.get("/", headers={"if-modified-since": "yesterday"}).status_code == 200
    # The tag decides where both are sent.
    assert client.get("/", headers={"if-none-match": '"other"', "if-modified-since": since}).status_code == 200


def test_head_is_get_without_a_body(client: httpx2.Client) -> None:
    for path in ("/", "/feed.atom", "/u/f0000023", "/nothing", "/healthz"):
        head, whole = client.head(path), client.get(path)
        assert head.status_code == whole.status_code
        assert head.content == b""
        assert head.headers["content-length"] == whole.headers["content-length"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/", "/events", "/healthz", "/nothing"])
def test_this_door_only_shows(client: httpx2.Client, method: str, path: str) -> None:
    answer = client.request(method, path, content=b"x=1" if method == "POST" else None)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


def test_packed_bytes_have_their_own_validator(client: httpx2.Client) -> None:
    packed = client.get("/", headers={"accept-encoding": "br;q=1, gzip;q=0.5"})
    bare = client.get("/", headers={"accept-encoding": "gzip;q=0"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in bare.headers
    assert packed.content == bare.content
    assert packed.headers["etag"] != bare.headers["etag"]
    assert packed.headers["vary"] == bare.headers["vary"] == "accept-encoding"
    again = client.get("/", headers={"accept-encoding": "gzip", "if-none-match": packed.headers["etag"]})
    assert again.status_code == 304
    pictures = client.get("/media/mall.png", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in pictures.headers


def test_packing_is_the_same_each_time(server: WebServer) -> None:
    bodies = []
    for _ in range(2):
        line = http.client.HTTPConnection("127.0.0.1", server.port)
        line.request("GET", "/", headers={"Accept-Encoding": "gzip"})
        bodies.append(line.getresponse().read())
        line.close()
    assert bodies[0] == bodies[1]
    assert gzip.decompress(bodies[0]).startswith(b"<!doctype html>")


def test_how_long_things_are_kept(client: httpx2.Client) -> None:
    assert client.get("/").headers["cache-control"] == "public, no-cache"
    assert client.get("/feed.atom").headers["cache-control"] == "public, max-age=60"
    assert client.get("/style.css?v=1").headers["cache-control"] == "public, max-age=31536000, immutable"
    assert client.get("/style.css").headers["cache-control"] == "public, no-cache"


def test_health(client: httpx2.Client, coverage: SampleCoverage) -> None:
    well = client.get("/healthz")
    assert (well.status_code, well.json()) == (200, {"ok": True, "readers": 0})
    coverage.state = {"ok": False, "since": datetime(2016, 4, 24, tzinfo=UTC)}
    ill = client.get("/healthz")
    coverage.state = {"ok": True, "readers": 0}
    assert ill.status_code == 503
    assert json.loads(ill.content) == {"ok": False, "since": "2016-04-24 00:00:00+00:00"}


def test_metrics_are_told_as_prometheus_reads_them(client: httpx2.Client, coverage: SampleCoverage) -> None:
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.splitlines() == [
        "# HELP milepost_feed_seq Last change.",
        "# TYPE milepost_feed_seq gauge",
        f"milepost_feed_seq {coverage.view.seq}",
        r"# HELP milepost_source_age Since a\nlook.",
        "# TYPE milepost_source_age gauge",
        r'milepost_source_age{source="a\"b\\c"} +Inf',
        'milepost_source_age{source="b",lane="fetch"} 2.5',
    ]


class _IllCoverage(SampleCoverage):
    def health(self) -> dict[str, object]:
        raise StoreError("var/milepost.db: cannot be read: look at its rights")

    def metrics(self) -> list[Metric]:
        raise StoreError("var/milepost.db: cannot be read: look at its rights")


def test_a_store_that_fails_is_ill_not_broken() -> None:
    server = WebServer(_IllCoverage(), "127.0.0.1", 0)
    server.start()
    answer = httpx2.get(f"http://127.0.0.1:{server.port}/healthz")
    metrics = httpx2.get(f"http://127.0.0.1:{server.port}/metrics")
    server.stop()
    assert (answer.status_code, metrics.status_code) == (503, 503)
    assert answer.json() == {"ok": False, "problem": "var/milepost.db: cannot be read: look at its rights"}


def test_a_port_in_use_is_refused_with_advice(server: WebServer) -> None:
    second = WebServer(SampleCoverage(), "127.0.0.1", server.port)
    with pytest.raises(RefusedError, match=rf"^127\.0\.0\.1:{server.port} is in use: stop the other program, or"):
        second.start()
    second.stop()


@pytest.mark.parametrize(
    ("host", "said"),
    [("no-such-host.invalid", "this name has no address"), ("192.0.2.1", "is no address of this machine")],
)
def test_a_wrong_host_is_refused_with_advice(host: str, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        WebServer(SampleCoverage(), host, 0).start()


def test_the_new_page_is_there_at_once(coverage: SampleCoverage, client: httpx2.Client) -> None:
    before = client.get("/u/f0000030").headers["etag"]
    update = coverage.view.updates[0]
    assert update.slug == "f0000030"
    coverage.tell(update)
    assert client.get("/u/f0000030").headers["etag"] != before


def test_an_empty_port_is_free_again_after_the_stop() -> None:
    server = WebServer(SampleCoverage(), "127.0.0.1", 0)
    server.start()
    port = server.port
    assert httpx2.get(f"http://127.0.0.1:{port}/").status_code == 200
    server.stop()
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    again = WebServer(SampleCoverage(), "127.0.0.1", port)
    again.start()
    assert again.port == port
    again.stop()
