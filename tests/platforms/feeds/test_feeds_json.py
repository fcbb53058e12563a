"""JSON Feed, right and wrong."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.feeds.entry import Enclosure, NotAFeedError
from bot.platforms.feeds.jsonfeed import read_json_feed
from bot.platforms.feeds.mapping import Origin, posts_of
from bot.platforms.feeds.reading import read_feed
from tests.platforms.contract import NOON, check_post

HOME = "https://organiser.example/feed.json"
VERSION = "https://jsonfeed.org/version/1.1"


def feed(*items: object, **more: object) -> bytes:
    return json.dumps({"version": VERSION, "title": "Organiser", "items": items, **more}).encode()


def test_a_whole_item() -> None:
    channel = read_json_feed(
        feed(
            {
                "id": 7,
                "url": "/news/7",
                "external_url": "https://police.example/roads",
                "title": "Roads <open>",
                "content_html": "<p>One</p><p>Two <a href='https://x.example/'>x</a></p>",
                "date_published": "2016-04-24T10:00:00+01:00",
                "authors": [{"url": "https://a.example"}, {"name": "Ann"}],
                "tags": ["Roads", 5],
                "language": "en-GB",
                "image": "https://organiser.example/a.png",
                "attachments": [
                    {"url": "https://organiser.example/b.mp3", "mime_type": "audio/mpeg", "title": "Sound"},
                    {"url": "https://organiser.example/c.zip", "mime_type": "application/zip"},
                ],
            },
            home_page_url="https://organiser.example/",
            language="en",
        ),
        HOME,
    )
    (entry,) = channel.entries
    assert channel.title == "Organiser"
    assert channel.url == "https://organiser.example/"
    assert (entry.id, entry.url, entry.title) == ("7", "https://organiser.example/news/7", "Roads <open>")
    assert entry.text == "One\n\nTwo x"
    assert entry.author == "Ann"
    assert entry.at == 1461488400.0
    assert entry.tags == ("Roads",)
    assert entry.links == ("https://police.example/roads", "https://x.example/")
    assert entry.media == (
        Enclosure("image", "https://organiser.example/a.png"),
        Enclosure("audio", "https://organiser.example/b.mp3", "Sound"),
    )


def test_version_1_has_one_author_and_the_feeds_counts_too() -> None:
    body = feed({"id": "1", "author": {"name": "Ann"}}, {"id": "2"}, author={"name": "Desk"})
    assert [entry.author for entry in read_json_feed(body, HOME).entries] == ["Ann", "Desk"]


def test_a_byte_order_mark_and_white_space() -> None:
    assert len(read_feed(b"\xef\xbb\xbf  \n" + feed({"id": "1"}), HOME, "text/plain").entries) == 1


def test_what_is_broken_inside_is_left_out_with_a_note() -> None:
    channel = read_json_feed(feed({"id": "1", "title": 5, "url": [], "tags": "x"}, "two", None, {}, expired=True), HOME)
    assert len(channel.entries) == 1
    assert channel.notes == ("3 items that are no objects left out", "the feed says that it has ended (expired)")


@pytest.mark.parametrize("version", ["https://jsonfeed.org/version/2", "", None, 1, "http://evil.example/"])
def test_another_version_is_no_feed(version: object) -> None:
    with pytest.raises(NotAFeedError, match="no JSON Feed"):
        read_json_feed(json.dumps({"version": version, "items": []}).encode(), HOME)


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.just("https://a.example/x"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [
    "id",
    "url",
    "external_url",
    "title",
    "content_html",
    "content_text",
    "summary",
    "image",
    "banner_image",
    "date_published",
    "date_modified",
    "authors",
    "author",
    "tags",
    "language",
    "attachments",
]
items = st.dictionaries(st.sampled_from(FIELDS), anything, max_size=8) | anything


@given(
    st.lists(items, max_size=4),
    st.dictionaries(st.sampled_from(["title", "home_page_url", "language", "authors", "expired"]), anything),
)
def test_any_json_in_any_field_is_survived(given_items: list[object], more: dict[str, object]) -> None:
    body = (
        json.dumps({"version": VERSION, "items": given_items, **more}, allow_nan=False, default=str)
        if _plain([given_items, more])
        else json.dumps({"version": VERSION, "items": []})
    )
    for post in posts_of(read_json_feed(body.encode(), HOME), Origin(HOME, "it", "", NOON)).posts:
        check_post(post, "it", NOON)


def _plain(value: object) -> bool:
    """Whether JSON can say it (no infinities)."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


@given(st.binary(max_size=200))
def test_any_bytes_are_json_feed_or_not(body: bytes) -> None:
    with contextlib.suppress(NotAFeedError):
        read_json_feed(body, HOME)
