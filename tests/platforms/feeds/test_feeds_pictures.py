"""Pictures of feeds' entries: whatever a host does, it ends soon, in bytes or in one of our own errors."""

import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
from pytest_httpserver import HTTPServer

from bot.core.errors import OutsideError, RateLimited, Rejected, Unauthorized, Unavailable
from bot.core.model import Media
from bot.core.ports import PictureSource
from bot.core.stories.pictures import MOST_BYTES, difference_hash
from bot.platforms._http.network import dial
from bot.platforms.feeds.source import FeedsSource
from tests.drawings import photo, saved
from tests.platforms.contract import Clock, Kept, context_of
from tests.platforms.feeds.conftest import Make
from tests.platforms.hosts import raw_host, trickle

PICTURE = saved(photo(1))
FEED = b'<rss version="2.0"><channel><title>F</title><item><guid>1</guid><title>One</title></item></channel></rss>'


def image(url: str) -> Media:
    return Media("image", url)


def inside(make: Make, httpserver: HTTPServer) -> FeedsSource:
    """A feed of the operator's own network that was read once."""
    httpserver.expect_request("/feed").respond_with_data(FEED, content_type="application/rss+xml")
    source = make(httpserver.url_for("/feed"))
    source.fetch("")
    httpserver.clear_log()
    return source


def test_a_picture_of_an_entry(make: Make, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/a.jpg").respond_with_data(PICTURE, content_type="image/jpeg")
    source: PictureSource = inside(make, httpserver)
    assert isinstance(source, PictureSource)
    media = image(httpserver.url_for("/a.jpg"))
    assert source.shows(media)
    assert source.picture(media) == PICTURE
    request, _ = httpserver.log[0]
    assert request.headers["Accept"].startswith("image/jpeg")
    assert request.headers["User-Agent"] == "milepost-tests (+mailto:desk@example.org)"


@pytest.mark.parametrize(
    "url", ["", "media/a.png", "file:///etc/passwd", "ftp://x.example/a", "https://u:p@x.example/a", "data:image/png,x"]
)
def test_other_addresses_are_not_asked(make: Make, url: str) -> None:
    assert not make("http://127.0.0.1:9/feed").shows(image(url))


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, Unavailable), (500, Unavailable), (410, Rejected), (403, Unauthorized), (429, RateLimited)],
)
def test_refusals_are_errors_of_ours(
    make: Make, httpserver: HTTPServer, status: int, error: type[OutsideError]
) -> None:
    httpserver.expect_request("/a.jpg").respond_with_data("no", status=status)
    with pytest.raises(error):
        inside(make, httpserver).picture(image(httpserver.url_for("/a.jpg")))


def test_a_page_in_place_of_a_picture_says_nothing(make: Make, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/a.jpg").respond_with_data("<!doctype html><p>Sorry", content_type="image/jpeg")
    assert difference_hash(inside(make, httpserver).picture(image(httpserver.url_for("/a.jpg")))) is None


def big(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: image/jpeg\r\nconnection: close\r\n\r\n")
    for _ in range(320):  # 20 MB
        if over.is_set():
            return
        connection.sendall(b" " * 65536)


def test_a_picture_of_20_megabytes_is_not_read_to_its_end() -> None:
    with raw_host(big) as url, pytest.raises(Unavailable, match=str(MOST_BYTES)):
        public(urlsplit(url).port).picture(image("http://cdn.example/a.jpg"))


@pytest.mark.parametrize(
    "before", [b"", b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n"], ids=["hangs", "trickles"]
)
def test_a_host_that_hangs_ends_in_time(before: bytes) -> None:
    begun = time.monotonic()
    with raw_host(trickle(before, b"a" if before else b"")) as url, pytest.raises(Unavailable, match="too slow"):
        public(urlsplit(url).port, timeout_s=0.3).picture(image("http://cdn.example/a.jpg"))
    assert time.monotonic() - begun < 5


def public(port: int | None, timeout_s: float = 20) -> FeedsSource:
    """A feed at a public address, as the resolver says; every address leads to our own host."""

    def resolve(host: str, _port: int) -> list[str]:
        return {"feed.example": ["93.184.216.34"], "cdn.example": ["93.184.216.35"]}.get(host, [host])

    return FeedsSource(
        FeedsSource.Settings(url="http://feed.example/feed", timeout_s=timeout_s),
        context_of(Clock(), Kept()),
        resolve=resolve,
        dial=lambda _address, _port, left_s: dial("127.0.0.1", port or 0, left_s),
    )


def test_a_public_feed_does_not_lead_into_a_private_network(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/a.jpg").respond_with_data(PICTURE)
    inside = httpserver.url_for("/a.jpg")
    httpserver.expect_request("/moved").respond_with_data("", status=302, headers={"location": inside})
    source = public(httpserver.port)
    assert source.picture(image("http://cdn.example/a.jpg")) == PICTURE
    for url in (inside, "http://10.0.0.1/a.jpg", "http://[::1]/a.jpg", "http://169.254.169.254/a.jpg"):
        with pytest.raises(Unavailable, match="private"):
            source.picture(image(url))
    with pytest.raises(Unavailable, match="private"):
        source.picture(image("http://cdn.example/moved"))
    assert [request.path for request, _ in httpserver.log] == ["/a.jpg", "/moved"]


def test_a_feed_that_moved_out_of_the_private_network_does_not_lead_back(httpserver: HTTPServer) -> None:
    """The operator's own address redirects to a public one: what the entries say is a stranger's."""
    httpserver.expect_request("/inside").respond_with_data(
        "", status=302, headers={"location": "http://feed.example/feed"}
    )
    httpserver.expect_request("/feed").respond_with_data(FEED, content_type="application/rss+xml")
    httpserver.expect_request("/a.jpg").respond_with_data(PICTURE)
    source = FeedsSource(
        FeedsSource.Settings(url=httpserver.url_for("/inside")),
        context_of(Clock(), Kept()),
        resolve=lambda host, _: ["93.184.216.34"] if host == "feed.example" else ["127.0.0.1"],
        dial=lambda _address, _port, timeout_s: dial("127.0.0.1", httpserver.port, timeout_s),
    )
    source.fetch("")
    with pytest.raises(Unavailable, match="private"):
        source.picture(image(httpserver.url_for("/a.jpg")))


def test_a_feed_is_a_strangers_until_it_was_read_from_our_own_network(make: Make, httpserver: HTTPServer) -> None:
    """A name of the public network may lead into ours at any moment, also at the first one after a restart."""
    httpserver.expect_request("/a.jpg").respond_with_data(PICTURE)
    source = make(httpserver.url_for("/feed"))
    with pytest.raises(Unavailable, match="private"):
        source.picture(image(httpserver.url_for("/a.jpg")))
    assert inside(make, httpserver).picture(image(httpserver.url_for("/a.jpg"))) == PICTURE
    assert make(httpserver.url_for("/feed")).picture(image(httpserver.url_for("/a.jpg"))) == PICTURE, "a restart"
    with pytest.raises(Unavailable, match="private"):
        make(httpserver.url_for("/other")).picture(image(httpserver.url_for("/a.jpg")))


def test_a_feed_of_our_own_network_cannot_name_another_host_of_it(make: Make, httpserver: HTTPServer) -> None:
    """Its entries may be by strangers."""
    source = inside(make, httpserver)
    for url in (
        "http://169.254.169.254/a",
        "http://127.0.0.1/a",
        f"http://127.0.0.2:{httpserver.port}/a",
        "http://[::1",
    ):
        with pytest.raises(Unavailable, match=r"private|not an address"):
            source.picture(image(url))


def test_a_name_that_was_public_once_never_leads_inside(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(FEED, content_type="application/rss+xml")
    leads_to, memory, machine = ["93.184.216.34"], Kept(), Clock()

    def started() -> FeedsSource:
        return FeedsSource(
            FeedsSource.Settings(url="http://feed.example/feed"),
            context_of(Clock(), memory, machine),
            resolve=lambda _host, _port: list(leads_to),
            dial=lambda _address, _port, left_s: dial("127.0.0.1", httpserver.port, left_s),
        )

    started().fetch("")
    leads_to[:] = ["10.0.0.5"]
    again = started()
    again.fetch("")
    with pytest.raises(Unavailable, match="private"):
        again.picture(image("http://feed.example/a.jpg"))


def test_a_name_that_is_none(make: Make) -> None:
    source = make("http://no-such-host.invalid/feed")
    with pytest.raises(Unavailable, match=r"private|resolved"):
        source.picture(image("http://127.0.0.1:9/a.jpg"))
