import json
from dataclasses import replace
from datetime import timedelta
from xml.etree.ElementTree import Element, fromstring

import feedparser
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import Copy, Credit
from bot.page.draw import draw
from bot.page.view import Point
from tests.page.marathon_day import at, day, many, view

ATOM = "{http://www.w3.org/2005/Atom}"
DELETED = "{http://purl.org/atompub/tombstones/1.0}"


def parsed(feed: bytes) -> Element:
    return fromstring(feed)  # noqa: S314 - our own bytes; whether a parser takes them is the question


def test_atom_is_read_without_a_complaint() -> None:
    feed = feedparser.parse(draw(view())["feed.atom"])
    assert not feed.bozo
    assert feed.version == "atom10"
    assert len(feed.entries) == len(day())
    first = feed.entries[0]
    assert first.title.startswith("Amy Bond: Good luck to everyone")
    assert first.author == "Amy Bond, @amyb.example on Bluesky"
    assert first.link == "https://live.example.org/marathon/u/f0000030.html"
    assert first.id == "tag:live.example.org,2026:marathon/u/f0000030"
    assert first.tags[0].label == "#GetInspired"
    assert {link.rel: link.href for link in first.links}["via"].endswith("/post/30")


def test_atom_is_as_old_as_its_last_change() -> None:
    feed = parsed(draw(view())["feed.atom"])
    assert feed.findtext(f"{ATOM}updated") == "2016-04-24T13:31:00Z"
    assert (
        parsed(draw(view(updates=(), withdrawn=()))["feed.atom"]).findtext(f"{ATOM}updated") == "1970-01-01T00:00:00Z"
    )


def test_a_withdrawal_leaves_a_tombstone() -> None:
    feed = parsed(draw(view())["feed.atom"])
    (deleted,) = feed.findall(f"{DELETED}deleted-entry")
    assert deleted.get("ref") == "tag:live.example.org,2026:marathon/u/f0000023"
    assert deleted.get("when") == "2016-04-24T12:25:00Z"
    assert deleted.findtext(f"{DELETED}comment") == "taken back by its author"
    entries = {entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")}
    assert deleted.get("ref") not in entries


def test_an_edit_moves_the_entry_and_keeps_its_id() -> None:
    before = parsed(draw(view())["feed.atom"]).findall(f"{ATOM}entry")[0]
    edited = replace(day()[0], changed_at=at("14:20") + timedelta(hours=2), seq=90)
    after = parsed(draw(view(updates=(edited, *day()[1:])))["feed.atom"]).findall(f"{ATOM}entry")[0]
    assert before.findtext(f"{ATOM}id") == after.findtext(f"{ATOM}id")
    assert before.findtext(f"{ATOM}published") == after.findtext(f"{ATOM}published")
    assert after.findtext(f"{ATOM}updated") == "2016-04-24T15:20:00Z"


def test_feeds_are_as_long_as_asked() -> None:
    drawn = draw(view(updates=many(30), feed=7))
    assert len(feedparser.parse(drawn["feed.atom"]).entries) == 7
    assert len(json.loads(drawn["feed.json"])["items"]) == 7


def test_json_feed_says_the_same() -> None:
    feed = json.loads(draw(view())["feed.json"])
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "https://live.example.org/marathon/feed.json"
    assert [item["id"].rpartition("/")[2] for item in feed["items"]] == [update.slug for update in day()]
    peake = next(item for item in feed["items"] if item.get("title", "").startswith("Tim Peake"))
    assert peake["date_published"] == "2016-04-24T13:06:00Z"
    assert peake["date_modified"] == "2016-04-24T13:31:00Z"
    assert peake["tags"] == ["Tim Peake in space"]
    assert "expired" not in feed
    assert json.loads(draw(view(is_live=False))["feed.json"])["expired"] is True


def test_two_coverages_on_one_host_share_no_id() -> None:
    ids = {
        parsed(draw(view(public_url=url))["feed.atom"]).findtext(f"{ATOM}id")
        for url in ("https://h.example", "https://h.example/a", "https://h.example:8443/b", "http://[::1]:8016")
    }
    assert ids == {"tag:h.example,2026:/", "tag:h.example,2026:a/", "tag:h.example,2026:b/", "tag:--1,2026:/"}


@given(st.text(alphabet=st.characters(), max_size=300), st.text(alphabet=st.characters(), max_size=80))
def test_any_text_gives_well_formed_feeds(text: str, name: str) -> None:
    update = replace(day()[0], text=text, title=name, note=name, strand=name, credit=Credit(name, name, "bluesky"))
    drawn = draw(
        view(title=name, about=name, byline=name, strands={name: name}, updates=(update,), headlines=(Point(name),))
    )
    feed = parsed(drawn["feed.atom"])
    assert len(feed.findall(f"{ATOM}entry")) == 1
    assert len(json.loads(drawn["feed.json"])["items"]) == 1


def test_feeds_say_what_belongs_to_a_story() -> None:
    copies = (Copy(1, "x", "https://x.example/1", "bob"), Copy(2, "mastodon", "javascript:alert(1)", "eve"))
    told = replace(day()[0], also=2, copies=copies, chorus=4, follows=day()[1].slug)
    drawn = draw(view(updates=(told, day()[1])))
    first, second = json.loads(drawn["feed.json"])["items"]
    assert first["_milepost"] == {
        "also": 2,
        "copies": [{"url": "https://x.example/1", "platform": "x", "same_author": False}],
        "chorus": 4,
        "follows": f"https://live.example.org/marathon/u/{day()[1].slug}.html",
    }
    assert "_milepost" not in second
    assert "5 people said so" in first["content_html"]
    assert f'href="https://live.example.org/marathon/u/{day()[1].slug}.html"' in first["content_html"]
