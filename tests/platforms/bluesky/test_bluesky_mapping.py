"""Real post views without loss, and records that are wrong in every way."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.model import Author, Entity, Media, Post
from bot.platforms.bluesky.lexicon import PostView, ProfileView, Record, decode_record, mend_record
from bot.platforms.bluesky.mapping import NO_QUOTES, Addresses, Mapper, fold, tags_of

NOW = datetime(2026, 4, 26, 12, 0, tzinfo=UTC)
DID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"


def post_of(record: dict[str, Any], *, seen_at: datetime = NOW) -> Post:
    found = decode_record(msgspec.json.encode(record))
    assert found is not None
    mapper = Mapper("tags", Addresses())
    return mapper.post(found, tags_of(found), Author(DID), "3lpjoyaqhmm2c", "bafy", seen_at, seen_at)


def facet(start: Any, end: Any, **feature: str) -> dict[str, Any]:
    return {
        "index": {"byteStart": start, "byteEnd": end},
        "features": [{"$type": f"app.bsky.richtext.facet#{feature.pop('kind')}", **feature}],
    }


def parse(text: str) -> datetime:
    found: datetime = msgspec.convert(text, datetime)
    return found


def test_real_post_views_map_without_loss(shared_data: Path) -> None:
    lines = (shared_data / "bluesky" / "postviews.jsonl").read_text(encoding="utf-8").splitlines()
    mapper = Mapper("official", Addresses())
    assert len(lines) == 92
    for line in lines:
        raw = json.loads(line)
        post = mapper.from_postview(msgspec.json.decode(line, type=PostView), NOW)
        assert post is not None
        check_identity(raw, post)
        check_text(raw["record"], post)
        check_media(raw, post)


def check_identity(raw: dict[str, Any], post: Post) -> None:
    record, author = raw["record"], raw["author"]
    assert (post.native_id, post.version, post.platform, post.source) == (raw["uri"], raw["cid"], "bluesky", "official")
    assert (post.author.id, post.author.handle) == (author["did"], author["handle"])
    assert post.author.name == author.get("displayName", "")
    assert set(post.author.labels) == {label["val"] for label in author["labels"]}
    quotable = {NO_QUOTES} if raw.get("viewer", {}).get("embeddingDisabled") else set()
    assert set(post.labels) == {label["val"] for label in raw["labels"]} | quotable
    assert post.url == f"https://bsky.app/profile/{author['handle']}/post/{raw['uri'].rsplit('/', 1)[1]}"
    assert post.created_at == min(parse(record["createdAt"]), parse(raw["indexedAt"]), NOW)
    assert post.created_at.tzinfo is UTC
    assert (post.likes, post.reposts) == (raw.get("likeCount", 0), raw.get("repostCount", 0))
    assert post.lang == record.get("langs", [""])[0].partition("-")[0]
    assert post.reply_to == record.get("reply", {}).get("parent", {}).get("uri", "")


def check_text(record: dict[str, Any], post: Post) -> None:
    assert post.text == record["text"]
    content = record["text"].encode()
    expected = []
    for entry in record.get("facets", []):
        for feature in entry["features"]:
            kind = feature["$type"].partition("#")[2]
            span = content[entry["index"]["byteStart"] : entry["index"]["byteEnd"]].decode()
            expected.append((kind, span, feature.get("tag") or feature.get("uri") or feature.get("did")))
    found = [(entity.kind, post.text[entity.start : entity.end], entity.target) for entity in post.entities]
    assert sorted(found) == sorted(expected)
    assert set(post.tags) == {fold(target) for kind, _, target in expected if kind == "tag"}
    assert {target for kind, _, target in expected if kind == "link"} <= set(post.links)
    assert list(post.mentions) == list(
        dict.fromkeys(span[1:].lower() for kind, span, _ in expected if kind == "mention")
    )


def check_media(raw: dict[str, Any], post: Post) -> None:
    embed, view = raw["record"].get("embed", {}), raw.get("embed", {})
    embed, shown = embed.get("media", embed), view.get("media", view)
    pictures = [media for media in post.media if media.kind == "image"]
    cards = [media for media in post.media if media.kind == "link"]
    assert [picture.alt for picture in pictures] == [image["alt"] for image in embed.get("images", [])]
    if "images" in shown:
        assert [picture.url for picture in pictures] == [image["fullsize"] for image in shown["images"]]
    assert len(cards) == ("external" in embed)
    if cards:
        card = embed["external"]
        assert (cards[0].url, cards[0].alt) == (card["uri"], card["title"] or card["description"])
        assert cards[0].url in post.links
    quoted = raw["record"].get("embed", {}).get("record", {})
    quoted = quoted.get("record", quoted).get("uri", "")
    assert post.quote_of == (quoted if "/app.bsky.feed.post/" in quoted else "")


def test_offsets_count_code_points() -> None:
    text = "🏃🏽‍♀️ Zoë: #Läufer see example.org"
    content = text.encode()
    tag, link = content.index("#Läufer".encode()), content.index(b"example")
    post = post_of(
        {
            "text": text,
            "facets": [
                facet(link, len(content), kind="link", uri="https://example.org"),
                facet(tag, tag + len("#Läufer".encode()), kind="tag", tag="Läufer"),
            ],
        }
    )
    assert post.entities == (
        Entity("tag", text.index("#"), text.index("#") + 7, "Läufer"),
        Entity("link", text.index("example"), len(text), "https://example.org"),
    )
    assert post.tags == ("läufer",)
    assert post.links == ("https://example.org",)


@pytest.mark.parametrize(
    "broken",
    [
        facet(1, 3, kind="link", uri="https://example.org"),  # cuts the é
        facet(0, 99, kind="link", uri="https://example.org"),
        facet(-1, 2, kind="link", uri="https://example.org"),
        facet(3, 3, kind="link", uri="https://example.org"),
        facet(4, 3, kind="link", uri="https://example.org"),
        facet("0", 1, kind="link", uri="https://example.org"),
        facet(0, 1, kind="link", uri="javascript:alert(1)"),
        facet(0, 1, kind="link"),
        facet(0, 1, kind="tag"),
        facet(0, 1, kind="dance", tag="x"),
        {"index": None, "features": []},
        {"features": [{}]},
        None,
        7,
    ],
)
def test_a_broken_facet_costs_only_itself(broken: object) -> None:
    good = facet(3, 6, kind="tag", tag="go")
    post = post_of({"text": "é #go", "createdAt": "2026-04-26T10:00:00Z", "facets": [broken, good]})
    assert post.entities == (Entity("tag", 2, 5, "go"),)
    assert post.tags == ("go",)
    assert post.links == ()
    assert post.created_at == datetime(2026, 4, 26, 10, 0, tzinfo=UTC)


def test_tags_stand_in_the_order_of_the_text_and_once() -> None:
    facets = [facet(5, 7, kind="tag", tag="B"), facet(0, 2, kind="tag", tag="a"), facet(10, 12, kind="tag", tag="b")]
    record = msgspec.convert({"text": "#a x #b xx #b", "facets": facets, "tags": ["ｃ", "A", ""]}, Record)
    assert tags_of(record) == ("a", "b", "c")


@pytest.mark.parametrize(
    ("created", "expected"),
    [
        ("2026-04-26T11:00:00.123Z", datetime(2026, 4, 26, 11, 0, 0, 123_000, UTC)),
        ("2026-04-26T13:00:00+02:00", datetime(2026, 4, 26, 11, 0, tzinfo=UTC)),
        ("2026-04-26T11:00:00.123456789Z", datetime(2026, 4, 26, 11, 0, 0, 123_457, UTC)),
        ("2026-04-26T11:00:00", datetime(2026, 4, 26, 11, 0, tzinfo=UTC)),
        ("2099-01-01T00:00:00Z", NOW),
        ("yesterday", NOW),
        ("", NOW),
        (7, NOW),
        (None, NOW),
    ],
)
def test_the_authors_date_is_believed_where_it_can_be(created: object, expected: datetime) -> None:
    post = post_of({"text": "x", "createdAt": created})
    assert post.created_at == expected
    assert post.created_at.tzinfo is UTC


def test_embeds() -> None:
    blob = {"$type": "blob", "ref": {"$link": "bafkreia"}, "mimeType": "image/jpeg", "size": 7}
    ratio = {"width": 4, "height": 3}
    picture = Media(
        "image", f"https://cdn.bsky.app/img/feed_fullsize/plain/{DID}/bafkreia@jpeg", "Alt", 4, 3, "bafkreia"
    )
    image = {"alt": "Alt", "image": blob, "aspectRatio": ratio}
    quoted = f"at://{DID}/app.bsky.feed.post/3lpjoyaqhmm2c"
    with_media = {
        "$type": "app.bsky.embed.recordWithMedia",
        "record": {"$type": "app.bsky.embed.record", "record": {"uri": quoted, "cid": "c"}},
        "media": {"$type": "app.bsky.embed.images", "images": [image]},
    }
    post = post_of({"text": "", "embed": with_media})
    assert (post.media, post.quote_of) == ((picture,), quoted)
    post = post_of({"text": "", "embed": {"$type": "app.bsky.embed.gallery", "items": [image, image]}})
    assert post.media == (picture, picture)
    post = post_of({"text": "", "embed": {"$type": "app.bsky.embed.video", "video": blob, "alt": "Finish"}})
    assert post.media == (
        Media("video", f"https://video.bsky.app/watch/{DID}/bafkreia/playlist.m3u8", "Finish", cid="bafkreia"),
    )
    card = {"uri": "https://example.org/a", "title": "A", "description": ""}
    post = post_of({"text": "", "embed": {"$type": "app.bsky.embed.external", "external": card}})
    assert (post.media, post.links) == ((Media("link", "https://example.org/a", "A"),), ("https://example.org/a",))
    card = {"uri": "https://example.org/a", "title": "", "description": "What it is about"}
    post = post_of({"text": "", "embed": {"$type": "app.bsky.embed.external", "external": card}})
    assert post.media == (Media("link", "https://example.org/a", "What it is about"),)
    starter = {
        "$type": "app.bsky.embed.record",
        "record": {"uri": f"at://{DID}/app.bsky.graph.starterpack/3l", "cid": "c"},
    }
    assert post_of({"text": "", "embed": starter}).quote_of == ""


@pytest.mark.parametrize(("viewer", "labels"), [({}, ()), ({"embeddingDisabled": True}, (NO_QUOTES,))])
def test_a_post_that_nobody_may_quote_says_so(viewer: dict[str, Any], labels: tuple[str, ...]) -> None:
    uri = f"at://{DID}/app.bsky.feed.post/3lpjoyaqhmm2c"
    view = {"uri": uri, "cid": "c", "author": {"did": DID}, "record": {"text": "Mine"}, "viewer": viewer}
    post = Mapper("s", Addresses()).from_postview(msgspec.convert(view, PostView), NOW)
    assert post is not None
    assert post.labels == labels


def test_self_labels_make_a_post_sensitive() -> None:
    labels = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "graphic-media"}]}
    post = post_of({"text": "x", "labels": labels})
    assert post.labels == ("graphic-media",)
    assert post.sensitive
    assert not post_of({"text": "x"}).sensitive


def test_a_label_that_was_taken_back_is_none() -> None:
    view = {
        "uri": f"at://{DID}/app.bsky.feed.post/3lpjoyaqhmm2c",
        "cid": "c",
        "author": {"did": DID, "handle": "handle.invalid"},
        "record": {"text": "x"},
        "labels": [{"val": "spam"}, {"val": "rude"}, {"val": "spam", "neg": True}],
    }
    post = Mapper("s", Addresses()).from_postview(msgspec.convert(view, PostView), NOW)
    assert post is not None
    assert post.labels == ("rude",)
    assert post.author.handle == ""
    assert post.url == f"https://bsky.app/profile/{DID}/post/3lpjoyaqhmm2c"


@pytest.mark.parametrize(
    ("handle", "verified"),
    [
        ("ana.example", ("https://ana.example",)),
        ("Ana.Example", ("https://ana.example",)),
        ("ana.news.example", ("https://ana.news.example",)),
        ("handle.invalid", ()),
        ("ana.bsky.social", ()),  # given out by the network: it can be somebody else's next week
        ("ANA.BSKY.SOCIAL", ()),
        ("bbc.co.uk/@ana", ()),
        ("ana@bbc.co.uk", ()),
        ("bbc.co.uk#", ()),
        ("", ()),
    ],
)
def test_a_handle_that_is_a_domain_is_a_verified_address(handle: str, verified: tuple[str, ...]) -> None:
    view = msgspec.convert({"did": DID, "handle": handle, "displayName": "https://bbc.co.uk"}, ProfileView)
    assert Mapper("s", Addresses()).author(view).verified == verified


def test_no_nul_reaches_the_store() -> None:
    text = "a\0b #go"
    post = post_of({"text": text, "facets": [facet(4, 7, kind="tag", tag="go")]})
    assert post.text == "a\ufffdb #go"
    assert post.text[post.entities[0].start : post.entities[0].end] == "#go"


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "index",
                    "features",
                    "byteStart",
                    "byteEnd",
                    "$type",
                    "tag",
                    "uri",
                    "did",
                    "images",
                    "record",
                    "media",
                    "external",
                    "values",
                    "val",
                    "parent",
                    "ref",
                    "$link",
                    "image",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
fields = ["text", "createdAt", "facets", "tags", "langs", "embed", "reply", "labels"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(fields), values))
def test_any_record_at_all_maps(record: dict[str, Any]) -> None:
    post = post_of(record)
    assert post.created_at <= post.seen_at + timedelta(0)
    for entity in post.entities:
        assert 0 <= entity.start < entity.end <= len(post.text)


def test_what_is_no_object_is_no_record() -> None:
    assert decode_record(b"[]") is None
    assert decode_record(b"\xff") is None
    assert mend_record("text") is None
