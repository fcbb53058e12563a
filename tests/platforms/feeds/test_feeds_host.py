"""Whatever a feed's host does, it ends in time, in a batch or in one of our own errors."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable
from datetime import timedelta

import httpcore2
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from bot.core.errors import RateLimited, Rejected, Unauthorized, Unavailable
from bot.platforms.feeds.source import FeedsSource
from tests.platforms.contract import NOON, Clock, Kept, check_source, context_of
from tests.platforms.hosts import Behave, raw_host, say, trickle

Make = Callable[..., FeedsSource]

FEED = b"""<rss version="2.0"><channel><title>Organiser</title><link>https://organiser.example/</link>
<item><guid>2</guid><title>Roads open again</title><pubDate>Sun, 24 Apr 2016 11:00:00 GMT</pubDate></item>
<item><guid>1</guid><title>Mass start</title><pubDate>Sun, 24 Apr 2016 09:00:00 GMT</pubDate></item>
</channel></rss>"""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"


def serve(server: HTTPServer, body: bytes = FEED, status: int = 200, path: str = "/feed", **headers: str) -> str:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    server.expect_request(path).respond_with_data(
        body, status=status, headers=given, content_type="application/rss+xml"
    )
    return str(server.url_for(path))


def test_reads_oldest_first_and_keeps_the_contract(make: Make, httpserver: HTTPServer) -> None:
    url = serve(httpserver)
    posts = check_source(lambda: make(url), "it", NOON)
    assert [post.title for post in posts] == ["Mass start", "Roads open again"]
    assert [post.native_id for post in posts] == [f"{url}#1", f"{url}#2"]
    assert {post.author.id for post in posts} == {url}
    assert {post.author.name for post in posts} == {"Organiser"}
    assert posts[0].platform == "feeds"


def test_introduces_itself(make: Make, httpserver: HTTPServer) -> None:
    make(serve(httpserver)).fetch("")
    request, _ = httpserver.log[0]
    assert request.headers["User-Agent"] == "milepost-tests (+mailto:desk@example.org)"
    assert "atom" in request.headers["Accept"]
    assert request.headers["Accept-Encoding"] == "gzip, deflate"


@pytest.mark.parametrize(
    "behave",
    [
        pytest.param(trickle(b"", b""), id="silent-before-headers"),
        pytest.param(trickle(b"HTTP/1.1 200 OK\r\nX-A: ", b"a"), id="trickles-headers"),
        pytest.param(trickle(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"), id="header-after-header"),
        pytest.param(trickle(b"", b"HTTP/1.1 102 Processing\r\n\r\n"), id="processing-for-ever"),
        pytest.param(trickle(HEAD + b"Content-Length: 100000\r\n\r\n<rss", b""), id="silent-in-the-body"),
        pytest.param(trickle(HEAD + b"Content-Length: 100000\r\n\r\n<rss", b" "), id="trickles-the-body"),
        pytest.param(trickle(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"), id="trickles-chunks"),
    ],
)
def test_a_host_that_hangs_or_trickles_ends_at_the_deadline(make: Make, behave: Behave) -> None:
    with raw_host(behave) as url:
        start = time.monotonic()
        with pytest.raises(Unavailable, match=r"too slow|no complete answer"):
            make(url, timeout_s=0.4).fetch("")
        assert time.monotonic() - start < 2.5


def test_a_tls_handshake_that_never_comes_ends_at_the_deadline(make: Make) -> None:
    with raw_host(trickle(b"", b"")) as url, pytest.raises(Unavailable):
        make(url.replace("http:", "https:"), timeout_s=0.4).fetch("")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0\0\0\0",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nxxxxx",
        HEAD + b"Content-Length: 1000\r\n\r\n<rss>",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
        HEAD + b"Content-Encoding: br\r\nContent-Length: 4\r\n\r\nabcd",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"a" * 300_000 + b"\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://a\x01b/\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: //\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://\xff\xfe/\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://x:99999/\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: " + b"http://" + b"a" * 300 + b".example/\r\n\r\n",
        b"HTTP/1.1 302 Found\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: ftp://127.0.0.1/\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://user:word@127.0.0.1/\r\n\r\n",
        b"HTTP/1.1 300 Choices\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
    ],
)
def test_a_broken_answer_is_unavailable(make: Make, answer: bytes) -> None:
    with raw_host(say(answer)) as url, pytest.raises(Unavailable):
        make(url, timeout_s=5).fetch("")


def test_nobody_there(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unavailable, match="tried again later"):
        make(f"http://127.0.0.1:{port}/").fetch("")


def test_no_such_name(clock: Clock) -> None:
    def nowhere(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, f"no {host}:{port}")

    source = FeedsSource(FeedsSource.Settings(url="http://nowhere.example/"), context_of(clock), resolve=nowhere)
    with pytest.raises(Unavailable, match="cannot be resolved"):
        source.fetch("")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Rejected),
        (401, Unauthorized),
        (403, Unauthorized),
        (404, Unavailable),
        (408, Unavailable),
        (410, Rejected),
        (418, Rejected),
        (429, RateLimited),
        (500, Unavailable),
        (502, Unavailable),
        (503, Unavailable),
        (599, Unavailable),
    ],
)
def test_a_refusal_says_what_to_do_next(
    make: Make, httpserver: HTTPServer, status: int, error: type[Exception]
) -> None:
    with pytest.raises(error, match=str(status)):
        make(serve(httpserver, b"no", status)).fetch("")


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("Sun, 24 Apr 2016 12:02:00 GMT", 120),
        ("Sun, 24 Apr 2016 11:00:00 GMT", 0),
        ("99999999999999999999", 86400),
    ],
)
def test_retry_after_in_both_forms(make: Make, httpserver: HTTPServer, status: int, header: str, seconds: int) -> None:
    with pytest.raises(RateLimited) as raised:
        make(serve(httpserver, b"", status, Retry_After=header)).fetch("")
    assert raised.value.until == NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize("header", ["soon", "-5", "", "Sun, 99 Foo 2016"])
def test_retry_after_that_is_no_time(make: Make, httpserver: HTTPServer, header: str) -> None:
    with pytest.raises(RateLimited) as raised:
        make(serve(httpserver, b"", 429, Retry_After=header)).fetch("")
    assert raised.value.until == NOON + timedelta(minutes=5)
    httpserver.clear()
    with pytest.raises(Unavailable):
        make(serve(httpserver, b"", 503, Retry_After=header)).fetch("")


def test_too_large(make: Make, httpserver: HTTPServer) -> None:
    url = serve(httpserver, b" " * 10_000_000)
    with pytest.raises(Unavailable, match="larger than 5000000 bytes"):
        make(url).fetch("")


def test_too_large_without_saying_so(make: Make) -> None:
    with raw_host(trickle(HEAD + b"\r\n", b" " * 100_000, 0.0)) as url, pytest.raises(Unavailable, match="larger than"):
        make(url).fetch("")


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_is_not_inflated(make: Make, httpserver: HTTPServer, coding: str) -> None:
    bomb = b" " * 100_000_000
    packed = gzip.compress(bomb, 9) if coding == "gzip" else zlib.compress(bomb, 9)
    assert len(packed) < 150_000
    url = serve(httpserver, packed, Content_Encoding=coding)
    with pytest.raises(Unavailable, match="larger than 5000000 bytes"):
        make(url).fetch("")


def _bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", _bare_deflate)],
)
def test_compressed_feeds_are_read(
    make: Make, httpserver: HTTPServer, coding: str, pack: Callable[[bytes], bytes]
) -> None:
    batch = make(serve(httpserver, pack(FEED), Content_Encoding=coding)).fetch("")
    assert len(batch.posts) == 2


def test_a_compressed_feed_that_is_cut_off(make: Make, httpserver: HTTPServer) -> None:
    url = serve(httpserver, gzip.compress(FEED)[:-20], Content_Encoding="gzip")
    with pytest.raises(Unavailable, match="cut off"):
        make(url).fetch("")


def test_validators_go_back_verbatim_and_304_brings_nothing(make: Make, httpserver: HTTPServer) -> None:
    etag, modified = 'W/"odd, one"', "Sun, 24 Apr 2016 11:30:00 +0000"

    def answer(request: Request) -> Response:
        if request.headers.get("If-None-Match") == etag and request.headers.get("If-Modified-Since") == modified:
            return Response(status=304)
        return Response(FEED, headers={"ETag": etag, "Last-Modified": modified}, content_type="text/xml")

    httpserver.expect_request("/feed").respond_with_handler(answer)
    source = make(httpserver.url_for("/feed"))
    first = source.fetch("")
    assert len(first.posts) == 2
    second = source.fetch(first.cursor)
    assert (second.posts, second.cursor) == ((), "")


def test_the_same_bytes_again_bring_nothing(make: Make, httpserver: HTTPServer) -> None:
    source = make(serve(httpserver))
    first = source.fetch("")
    assert source.fetch(first.cursor).posts == ()
    assert len(httpserver.log) == 2


def test_a_permanent_redirect_is_kept_and_said(make: Make, httpserver: HTTPServer) -> None:
    new = serve(httpserver, path="/new")
    old = serve(httpserver, b"", 301, "/old", Location="/new")
    first = make(old).fetch("")
    assert f"moved for good to {new}" in first.note
    assert {post.author.id for post in first.posts} == {old}
    assert first.posts[0].native_id.startswith(old)
    httpserver.clear_log()
    again = make(old).fetch(first.cursor)
    assert [request.path for request, _ in httpserver.log] == ["/new"]
    assert again.note == first.note


def test_a_new_address_that_dies_falls_back_to_the_configured_one(make: Make, httpserver: HTTPServer) -> None:
    serve(httpserver, path="/new")
    old = serve(httpserver, b"", 308, "/old", Location="/new")
    first = make(old).fetch("")
    httpserver.clear()
    serve(httpserver, b"", 410, "/new")
    serve(httpserver, FEED.replace(b"Mass start", b"Masses start"), path="/old")
    second = make(old).fetch(first.cursor)
    assert [post.title for post in second.posts] == ["Masses start", "Roads open again"]
    assert second.note == ""


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_passing_redirect_is_followed_and_forgotten(make: Make, httpserver: HTTPServer, status: int) -> None:
    serve(httpserver, path="/new")
    old = serve(httpserver, b"", status, "/old", Location="/new")
    first = make(old).fetch("")
    assert first.note == ""
    httpserver.clear_log()
    make(old).fetch(first.cursor)
    assert [request.path for request, _ in httpserver.log] == ["/old", "/new"]


def test_redirects_in_a_circle(make: Make, httpserver: HTTPServer) -> None:
    serve(httpserver, b"", 302, "/b", Location="/feed")
    url = serve(httpserver, b"", 302, "/feed", Location="/b")
    with pytest.raises(Unavailable, match="circle"):
        make(url).fetch("")
    assert len(httpserver.log) == 2


@pytest.mark.parametrize("hops", [5, 6])
def test_five_redirects_and_no_more(make: Make, httpserver: HTTPServer, hops: int) -> None:
    serve(httpserver, path=f"/{hops}")
    for hop in range(hops):
        serve(httpserver, b"", 302, f"/{hop}", Location=f"/{hop + 1}")
    source = make(httpserver.url_for("/0"))
    if hops == 5:
        assert len(source.fetch("").posts) == 2
    else:
        with pytest.raises(Unavailable, match="more than 5 redirects"):
            source.fetch("")


class FakeInternet:
    """Names and public addresses that all lead to one loopback server; keeps what was connected to."""

    def __init__(self, port: int, names: dict[str, list[str]]) -> None:
        self.port = port
        self.names = names
        self.dialled: list[str] = []

    def resolve(self, host: str, port: int) -> list[str]:
        del port
        return self.names.get(host, [host.strip("[]")])

    def dial(self, address: str, port: int, timeout_s: float) -> httpcore2.NetworkStream:
        del port
        self.dialled.append(address)
        return httpcore2.SyncBackend().connect_tcp("127.0.0.1", self.port, timeout_s)


def on_internet(net: FakeInternet, url: str, clock: Clock) -> FeedsSource:
    return FeedsSource(FeedsSource.Settings(url=url), context_of(clock), resolve=net.resolve, dial=net.dial)


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1/feed",
        "http://localhost.example/feed",
        "http://[::1]/feed",
        "http://[::ffff:127.0.0.1]/feed",
        "http://[2002:7f00:1::]/feed",
        "http://[64:ff9b::7f00:1]/feed",
        "http://[fe80::1]/feed",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://172.16.0.1/",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://[::]/",
        "http://224.0.0.1/",
        "http://2130706433/",
    ],
)
def test_a_public_host_cannot_lead_us_into_a_private_network(httpserver: HTTPServer, clock: Clock, target: str) -> None:
    serve(httpserver, path="/latest/meta-data/")
    httpserver.expect_request("/feed", headers={"Host": "feeds.example"}).respond_with_data(
        b"", 302, {"Location": target}
    )
    net = FakeInternet(httpserver.port, {"feeds.example": ["8.8.8.8"], "localhost.example": ["127.0.0.1"]})
    with pytest.raises(Unavailable, match="private"):
        on_internet(net, "http://feeds.example/feed", clock).fetch("")
    assert net.dialled == ["8.8.8.8"]


def test_a_name_is_resolved_once_and_what_was_checked_is_what_is_dialled(httpserver: HTTPServer, clock: Clock) -> None:
    url = serve(httpserver)
    assert url
    net = FakeInternet(httpserver.port, {"feeds.example": ["8.8.8.8", "127.0.0.1"]})
    assert len(on_internet(net, "http://feeds.example/feed", clock).fetch("").posts) == 2
    assert net.dialled == ["8.8.8.8"]


def test_a_private_host_may_lead_to_a_public_one_but_not_back(httpserver: HTTPServer, clock: Clock) -> None:
    httpserver.expect_request("/feed").respond_with_data(b"", 302, {"Location": "http://feeds.example/there"})
    httpserver.expect_request("/there").respond_with_data(b"", 302, {"Location": "http://10.1.1.1/back"})
    net = FakeInternet(httpserver.port, {"feeds.example": ["8.8.8.8"]})
    with pytest.raises(Unavailable, match="private"):
        on_internet(net, "http://10.1.1.1/feed", clock).fetch("")
    assert net.dialled == ["10.1.1.1", "8.8.8.8"]


def test_a_moved_feed_stays_in_the_public_network(httpserver: HTTPServer, clock: Clock) -> None:
    httpserver.expect_request("/feed").respond_with_data(b"", 301, {"Location": "http://moved.example/new"})
    serve(httpserver, path="/new")
    net = FakeInternet(httpserver.port, {"feeds.example": ["8.8.8.8"], "moved.example": ["1.1.1.1"]})
    first = on_internet(net, "http://feeds.example/feed", clock).fetch("")
    net.names["moved.example"] = ["127.0.0.1"]
    with pytest.raises(Unavailable, match="private"):
        on_internet(net, "http://feeds.example/feed", clock).fetch(first.cursor)
    assert "127.0.0.1" not in net.dialled


def test_the_environment_says_nothing(make: Make, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert len(make(serve(httpserver)).fetch("").posts) == 2


def test_max_age_is_honoured_once_the_batch_is_stored(make: Make, httpserver: HTTPServer, clock: Clock) -> None:
    source = make(serve(httpserver, Cache_Control="public, max-age=120", Age="20"))
    first = source.fetch("")
    assert source.fetch(first.cursor).posts == ()
    assert len(httpserver.log) == 1
    assert len(source.fetch("").posts) == 2, "what was not stored is asked for at once"
    clock.move(seconds=101)
    source.fetch(first.cursor)
    assert len(httpserver.log) == 3


def test_ttl_is_honoured_up_to_the_setting(make: Make, httpserver: HTTPServer, clock: Clock, memory: Kept) -> None:
    url = serve(httpserver, FEED.replace(b"<link>", b"<ttl>60</ttl><link>"))
    source = make(url, wait_at_most_s=300)
    first = source.fetch("")
    clock.move(seconds=299)
    source.fetch(first.cursor)
    assert len(httpserver.log) == 1
    clock.move(seconds=2)
    source.fetch(first.cursor)
    assert len(httpserver.log) == 2
    memory.put("rest", "broken")
    source.fetch(first.cursor)
    assert len(httpserver.log) == 3


@pytest.mark.parametrize("control", ["no-cache, max-age=500", "no-store, max-age=500", "max-age=0", "s-maxage=500", ""])
def test_no_wait_where_the_host_asks_for_none(make: Make, httpserver: HTTPServer, control: str) -> None:
    source = make(serve(httpserver, Cache_Control=control))
    first = source.fetch("")
    source.fetch(first.cursor)
    assert len(httpserver.log) == 2


@pytest.mark.parametrize("cursor", ["", "x", "{}", '{"url": 5}', "[]", '{"etag": "a"}', "\ud800"])
def test_any_cursor_is_survived(make: Make, httpserver: HTTPServer, cursor: str) -> None:
    assert len(make(serve(httpserver)).fetch(cursor).posts) == 2


@pytest.mark.parametrize(
    "url",
    [
        "",
        "feeds.example/rss",
        "file:///etc/passwd",
        "ftp://a/",
        "http://user:word@feeds.example/",
        "http://",
        "javascript:alert(1)",
        "http://a b/",
    ],
)
def test_an_address_that_is_none_is_refused_in_the_configuration(url: str) -> None:
    with pytest.raises(ValueError, match="is no address of a feed"):
        FeedsSource.Settings(url=url)


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="Extra inputs"):
        FeedsSource.Settings.model_validate({"url": "http://a.example/", "uri": "x"})


def test_many_hosts_that_hang_do_not_hold_one_that_answers(make: Make, httpserver: HTTPServer) -> None:
    errors: list[str] = []

    def hang(url: str) -> None:
        try:
            make(url, timeout_s=1).fetch("")
        except Unavailable as error:
            errors.append(str(error))

    with raw_host(trickle(HEAD, b"X-A: b\r\n")) as url:
        threads = [threading.Thread(target=hang, args=(url,)) for _ in range(5)]
        for thread in threads:
            thread.start()
        assert len(make(serve(httpserver)).fetch("").posts) == 2
        for thread in threads:
            thread.join(20)
    assert len(errors) == 5
