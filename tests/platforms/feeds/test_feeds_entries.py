"""What becomes of an entry: ids, versions, times, words, links."""

import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from bot.core.errors import Unavailable
from bot.core.model import Batch, Media, Post
from bot.platforms.feeds.entry import Channel, Entry, NotAFeedError, html_links, html_text, safe_url, title_line
from bot.platforms.feeds.mapping import EPOCH, Origin, posts_of
from bot.platforms.feeds.names import native_id_of
from bot.platforms.feeds.reading import HERE_BYTES, read_feed, read_guarded
from bot.platforms.feeds.source import FeedsSource
from tests.platforms.contract import NOON, Clock, check_post

Make = Callable[..., FeedsSource]
HOME = "https://organiser.example/feed"


def fetched(make: Make, server: HTTPServer, body: bytes, kind: str = "application/xml", cursor: str = "") -> Batch:
    server.clear()
    server.expect_request("/feed").respond_with_data(body, content_type=kind)
    return make(server.url_for("/feed")).fetch(cursor)


def rss(items: str, head: str = "") -> bytes:
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/">'
        f"<channel><title>Organiser</title>{head}{items}</channel></rss>"
    ).encode()


def one(make: Make, server: HTTPServer, item: str) -> Post:
    batch = fetched(make, server, rss(f"<item>{item}</item>"))
    assert len(batch.posts) == 1
    check_post(batch.posts[0], "it", NOON)
    return batch.posts[0]


@pytest.mark.parametrize(
    ("description", "text"),
    [
        ("Rain over the bridge", "Rain over the bridge"),
        ("Rainfall over the bridge", "Rain\n\nRainfall over the bridge"),
        ("Sun", "Rain\n\nSun"),
    ],
)
def test_a_text_that_begins_with_its_title_says_it_once(
    make: Make, httpserver: HTTPServer, description: str, text: str
) -> None:
    item = f"<guid>1</guid><title>Rain</title><description>{description}</description>"
    assert one(make, httpserver, item).text == text


def test_a_whole_rss_item(make: Make, httpserver: HTTPServer) -> None:
    post = one(
        make,
        httpserver,
        """<guid isPermaLink="false">a-1</guid><title>Tower Bridge &amp; back</title><link>/news/1</link>
        <author>ann@organiser.example (Ann Smith)</author><pubDate>Sun, 24 Apr 2016 10:00:00 +0100</pubDate>
        <category>London Marathon</category><category>#Roads</category><language>en-GB</language>
        <description>&lt;p&gt;Half way. &lt;b&gt;Cheer&lt;/b&gt; on&lt;br&gt;#SpiritOfLondon
        &lt;a href="https://organiser.example/map?a=1&amp;amp;b=2"&gt;map&lt;/a&gt;&lt;script&gt;alert(1)&lt;/script&gt;</description>
        <enclosure url="https://organiser.example/a.jpg" type="image/jpeg" length="1"/>
        <media:content url="https://organiser.example/b.mp4" type="video/mp4" width="640" height="360"/>
        <enclosure url="https://organiser.example/c.pdf" type="application/pdf" length="1"/>""",
    )
    host = httpserver.url_for("")
    assert post.title == "Tower Bridge & back"
    assert post.text == "Tower Bridge & back\n\nHalf way. Cheer on\n#SpiritOfLondon map"
    assert post.url == f"{host.rstrip('/')}/news/1"
    assert post.author.name == "Ann Smith"
    assert post.created_at == datetime(2016, 4, 24, 9, 0, tzinfo=UTC)
    assert post.tags == ("londonmarathon", "roads", "spiritoflondon")
    assert post.links == (post.url, "https://organiser.example/map?a=1&b=2")
    assert post.media == (
        Media("image", "https://organiser.example/a.jpg"),
        Media("video", "https://organiser.example/b.mp4", width=640, height=360),
    )
    assert [post.text[e.start : e.end] for e in post.entities if e.kind == "tag"] == ["#SpiritOfLondon"]


def test_a_whole_atom_entry(make: Make, httpserver: HTTPServer) -> None:
    body = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="cy"><title>Trefnydd</title>
    <link href="https://trefnydd.example/"/>
    <entry><id>tag:trefnydd.example,2016:1</id><title type="html">Cychwyn &amp;lt;nawr&amp;gt;</title>
    <updated>2016-04-24T09:30:00Z</updated><published>2016-04-24T09:00:00Z</published>
    <link href="https://trefnydd.example/1"/><author><name>Siân</name><email>s@trefnydd.example</email></author>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Un</p><p>Dau</p></div></content></entry></feed>"""
    batch = fetched(make, httpserver, body.encode())
    (post,) = batch.posts
    assert post.title == "Cychwyn <nawr>"
    assert post.text == "Cychwyn <nawr>\n\nUn\n\nDau"
    assert post.lang == "cy"
    assert post.author.name == "Siân"
    assert post.author.url == "https://trefnydd.example/"
    assert post.created_at == datetime(2016, 4, 24, 9, 0, tzinfo=UTC)
    assert batch.note == ""


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("A &lt;script&gt;alert(1)&lt;/script&gt; B", "A <script>alert(1)</script> B"),
        ("AT&amp;amp;T", "AT&T"),
        ("5 &lt; 6 &amp; 7 &gt; 6", "5 < 6 & 7 > 6"),
        ("a &lt;b&gt;bold&lt;/b&gt; c", "a bold c"),
        ("one\n two", "one two"),
        ("<![CDATA[<img src=x onerror=alert(1)>]]>", ""),
    ],
)
def test_titles_are_words(make: Make, httpserver: HTTPServer, title: str, words: str) -> None:
    post = one(make, httpserver, f"<guid>1</guid><title>{title}</title><description>text</description>")
    assert post.title == words or (words == "" and "onerror" in post.title and "\n" not in post.title)


@pytest.mark.parametrize(
    ("given_id", "feed", "native_id"),
    [
        ("1", HOME, f"{HOME}#1"),
        ("https://organiser.example/1", HOME, "https://organiser.example/1"),
        ("https://www.organiser.example/1", HOME, "https://www.organiser.example/1"),
        ("tag:organiser.example,2016:1", HOME, "tag:organiser.example,2016:1"),
        ("tag:desk@organiser.example,2016:1", HOME, "tag:desk@organiser.example,2016:1"),
        ("https://police.example/1", HOME, f"{HOME}#https://police.example/1"),
        ("tag:police.example,2016:1", HOME, f"{HOME}#tag:police.example,2016:1"),
        ("tag:organiser.example@police.example,2016:1", HOME, f"{HOME}#tag:organiser.example@police.example,2016:1"),
        ("urn:uuid:1225c695", HOME, f"{HOME}#urn:uuid:1225c695"),
        ("javascript:alert(1)", HOME, f"{HOME}#javascript:alert(1)"),
        ("a\0b", HOME, f"{HOME}#ab"),
    ],
)
def test_ids_stay_inside_their_feed(given_id: str, feed: str, native_id: str) -> None:
    assert native_id_of(Entry(id=given_id), feed) == native_id


def test_an_entry_without_id_goes_by_link_then_by_title_and_date() -> None:
    assert native_id_of(Entry(url="https://organiser.example/2"), HOME) == "https://organiser.example/2"
    first, second = (native_id_of(Entry(title="Start", at=at), HOME) for at in (1.0, 2.0))
    assert first != second
    assert first.startswith(f"{HOME}#")
    assert len(native_id_of(Entry(id="x" * 100_000), HOME)) < 200


def test_two_feeds_with_the_same_small_id_do_not_collide() -> None:
    assert native_id_of(Entry(id="1"), HOME) != native_id_of(Entry(id="1"), "https://police.example/feed")


def test_an_edit_is_a_new_version_and_a_new_date_is_none(make: Make, httpserver: HTTPServer) -> None:
    def version(title: str, minute: int) -> tuple[str, str]:
        item = f"<guid>1</guid><title>{title}</title><pubDate>Sun, 24 Apr 2016 10:{minute:02}:00 GMT</pubDate>"
        post = one(make, httpserver, item)
        return post.native_id, post.version

    assert version("Start", 1) == version("Start", 2)
    edited = version("Started", 1)
    assert edited[0] == version("Start", 1)[0]
    assert edited[1] != version("Start", 1)[1]


@pytest.mark.parametrize(
    ("date", "created_at"),
    [
        ("Sun, 24 Apr 2016 10:00:00", datetime(2016, 4, 24, 10, 0, tzinfo=UTC)),
        ("2016-04-24T10:00:00+05:30", datetime(2016, 4, 24, 4, 30, tzinfo=UTC)),
        ("24 Apr 2016 10:00", datetime(2016, 4, 24, 10, 0, tzinfo=UTC)),
        ("2016-04-24 10:00:00", datetime(2016, 4, 24, 10, 0, tzinfo=UTC)),
        ("Sun, 24 Apr 2016 12:09:00 GMT", NOON),  # a clock that is a little fast
        ("Sun, 24 Apr 2036 10:00:00 GMT", EPOCH),  # a calendar, not news
        ("yesterday", EPOCH),
        ("", EPOCH),
        ("9999-99-99T99:99:99Z", EPOCH),
    ],
)
def test_dates(make: Make, httpserver: HTTPServer, date: str, created_at: datetime) -> None:
    assert one(make, httpserver, f"<title>a</title><pubDate>{date}</pubDate>").created_at == created_at


def test_a_feed_without_dates_has_a_baseline_and_then_dates_by_first_sight(
    make: Make, httpserver: HTTPServer, clock: Clock
) -> None:
    old, new = "<item><title>old</title></item>", "<item><title>new</title></item>"
    first = fetched(make, httpserver, rss(old))
    assert [post.created_at for post in first.posts] == [EPOCH]
    assert "without a usable date" in first.note
    clock.move(minutes=5)
    second = fetched(make, httpserver, rss(new + old), cursor=first.cursor)
    assert {post.title: post.created_at for post in second.posts} == {"old": EPOCH, "new": NOON + timedelta(minutes=5)}
    clock.move(minutes=5)
    third = fetched(make, httpserver, rss(old + new + "<item><title>x</title></item>"), cursor=second.cursor)
    assert {post.title: post.created_at for post in third.posts}["new"] == NOON + timedelta(minutes=5)


def test_what_says_nothing_or_says_it_twice_is_left_out_with_a_note(make: Make, httpserver: HTTPServer) -> None:
    items = "<item><guid>1</guid><title>a</title></item>" * 2 + "<item><guid>2</guid></item>"
    batch = fetched(make, httpserver, rss(items))
    assert [post.title for post in batch.posts] == ["a"]
    assert "1 entries without title and text" in batch.note
    assert "1 entries whose id stands twice" in batch.note


def test_equal_dates_keep_the_feeds_order_turned(make: Make, httpserver: HTTPServer) -> None:
    date = "<pubDate>Sun, 24 Apr 2016 10:00:00 GMT</pubDate>"
    items = "".join(f"<item><guid>{n}</guid><title>{n}</title>{date}</item>" for n in (3, 2, 1))
    assert [post.title for post in fetched(make, httpserver, rss(items)).posts] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"<!DOCTYPE html><html><head><title>x</title></head><body><p>hello</body></html>", "web page"),
        (b"<html><body><h1>502</h1></body></html>", "web page"),
        (b"not xml at all", "neither RSS"),
        (b"<note><to>x</to></note>", "neither RSS"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "neither RSS"),
        (b'{"hello": 1}', "no JSON Feed"),
        (b"[1, 2]", "no JSON Feed"),
        (b"{", "the JSON is broken"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "without a list of items"),
    ],
)
def test_what_is_no_feed(make: Make, httpserver: HTTPServer, body: bytes, why: str) -> None:
    with pytest.raises(Unavailable, match=f"is not a feed: .*{why}"):
        fetched(make, httpserver, body, "text/html")


@pytest.mark.parametrize("body", [rss(""), b'<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title></feed>'])
def test_a_feed_without_entries_is_a_feed(make: Make, httpserver: HTTPServer, body: bytes) -> None:
    batch = fetched(make, httpserver, body)
    assert batch.posts == ()
    assert batch.cursor


def test_a_broken_feed_with_entries_is_read_with_a_note(make: Make, httpserver: HTTPServer) -> None:
    batch = fetched(make, httpserver, rss("<item><title>a & b</title></item><item><title>c</title>"))
    assert [post.title for post in batch.posts] == ["c", "a & b"]
    assert "not well-formed" in batch.note


@pytest.mark.parametrize(
    ("encoded", "kind"),
    [
        ("windows-1252", "text/xml; charset=windows-1252"),
        ("utf-16", "application/xml"),
        ("utf-8", "text/xml; charset=us-ascii"),
        ("utf-8", "text/html"),
        ("iso-8859-1", "application/xml; charset=utf-8"),
    ],
)
def test_charsets_right_and_wrong(make: Make, httpserver: HTTPServer, encoded: str, kind: str) -> None:
    body = (
        "<rss version='2.0'><channel><title>t</title><item><title>Sumgong – Zürich café</title></item></channel></rss>"
    )
    encoding = encoded if encoded != "iso-8859-1" else "windows-1252"
    (post,) = fetched(make, httpserver, body.encode(encoding), kind).posts
    assert post.title == "Sumgong – Zürich café"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://a.example/",
        "http://a.example/<script>",
        'http://a.example/"x',
        "http://user:word@a.example/",
        "http:///x",
        "http://a.example/" + "x" * 3000,
    ],
)
def test_odd_links_become_none(make: Make, httpserver: HTTPServer, url: str) -> None:
    written = url.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    post = one(
        make,
        httpserver,
        f'<guid>1</guid><title>a</title><link>{written}</link><enclosure url="{written}" type="image/png"/>'
        f"<description>&lt;a href='{written.replace('&', '&amp;')}'&gt;x&lt;/a&gt;</description>",
    )
    for found in (post.url, *post.links, *(item.url for item in post.media)):
        assert url not in found
        assert not found or safe_url(found) == found


def test_an_entity_cannot_reach_a_file(make: Make, httpserver: HTTPServer, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("PLANTED")
    body = (
        f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]><rss version="2.0"><channel>'
        "<title>t</title><item><title>a &x; b</title></item></channel></rss>"
    )
    batch = fetched(make, httpserver, body.encode())
    assert "PLANTED" not in repr(batch)


def hostile(kind: str) -> bytes:
    """Bodies that cost more than they weigh."""
    match kind:
        case "author":  # quadratic in feedparser's address pattern: hours
            return rss(f"<item><title>a</title><author>{'a.' * 500_000}</author></item>")
        case "nested":  # quadratic in the HTML cleaner
            return rss(f"<item><title>a</title><description>{'&lt;div&gt;' * 400_000}</description></item>")
        case "many-nested":
            deep = f"<item><title>a</title><description>{'&lt;div&gt;' * 4_000}</description></item>"
            return rss(deep * 100)
        case "laughs":
            entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
            return (
                b'<!DOCTYPE rss [<!ENTITY l0 "ha">'
                + entities.encode()
                + b"]>"
                + rss("<item><title>&l11;</title></item>")
            )
        case "blow-up":
            return f'<!DOCTYPE rss [<!ENTITY x "{"ha" * 1_000_000}">]>'.encode() + rss(
                f"<item><title>{'&x;' * 500_000}</title></item>"
            )
        case "deep":
            return rss(f"<item><title>a</title>{'<a>' * 500_000}</item>")
        case _:
            return b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 2_000_000


@pytest.mark.parametrize("kind", ["author", "nested", "many-nested", "laughs", "blow-up", "deep", "json"])
def test_a_hostile_feed_costs_little(kind: str) -> None:
    start = time.monotonic()
    with contextlib.suppress(NotAFeedError):
        channel = read_guarded(hostile(kind), HOME, "application/xml", 4)
        assert sum(len(entry.text) + len(entry.title) for entry in channel.entries) < 1_000_000
    assert time.monotonic() - start < 15


def test_the_worst_small_feed_is_read_here_in_seconds() -> None:
    dots = "a." * ((HERE_BYTES - 200) // 2)
    start = time.monotonic()
    channel = read_guarded(rss(f"<item><title>a</title><author>{dots}</author></item>"), HOME, "", 60)
    assert len(channel.entries) == 1
    assert time.monotonic() - start < 20


def test_more_entries_than_we_read(make: Make, httpserver: HTTPServer) -> None:
    items = "".join(f"<item><guid>{n}</guid><title>{n}</title></item>" for n in range(1200))
    batch = fetched(make, httpserver, rss(items))
    assert len(batch.posts) == 1000
    assert "only the first 1000 of 1200" in batch.note


def test_html_becomes_words_and_links() -> None:
    markup = '<p>a &amp; b<br>c</p><style>x{}</style><ul><li>d<li>e</ul>&lt;script&gt;<a href="HTTPS://x.example/?a&amp;b">f</a>'
    assert html_text(markup) == "a & b\nc\n\nd\n\ne\n\n<script>f"
    assert html_links(markup + '<a href="javascript:x">g</a><a href="/rel">h</a>') == ("HTTPS://x.example/?a&b",)
    assert title_line("&#x41;&lt;b&gt;&nosuch;") == "A<b>&nosuch;"


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_feed_or_not_one(body: bytes) -> None:
    for start in (b"", b"<rss version='2.0'><channel><item>", b"<feed><entry><title type='html'>", b'{"version":'):
        try:
            channel = read_feed(start + body, HOME, "")
        except NotAFeedError:
            continue
        for post in posts_of(channel, Origin(HOME, "it", "", NOON)).posts:
            check_post(post, "it", NOON)


@given(
    st.lists(
        st.builds(
            Entry,
            id=st.text(max_size=20),
            title=st.text(max_size=20),
            at=st.none() | st.floats(allow_nan=False),
            tags=st.lists(st.text(max_size=10), max_size=3).map(tuple),
        ),
        max_size=8,
    )
)
def test_posts_are_unique_and_oldest_first(entries: list[Entry]) -> None:
    mapped = posts_of(Channel(tuple(entries)), Origin(HOME, "it", "", NOON))
    ids = [post.native_id for post in mapped.posts]
    assert len(ids) == len(set(ids))
    moments = [post.created_at for post in mapped.posts]
    assert moments == sorted(moments)
    assert all(moment <= NOON for moment in moments)
