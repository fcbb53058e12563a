"""Real posts of X, and hostile ones, as posts."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import Media, Post
from bot.core.text.cleaning import fold
from bot.platforms.x.entities import Rich
from bot.platforms.x.mapping import Answer
from tests.platforms.contract import check_post

NOW = datetime(2026, 4, 26, 12, 0, tzinfo=UTC)


def post_of(row: dict[str, Any], **includes: Any) -> Post:
    body = {"data": [{"id": "20", "author_id": "12", **row}], "includes": includes}
    (post,) = Answer(body, "x", NOW, "https://x.com").posts()
    check_post(post, "x", NOW)
    return post


def answers(folder: Path) -> Iterator[dict[str, Any]]:
    """Every recorded answer that holds posts."""
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            try:
                body = json.loads(line)
            except json.JSONDecodeError:
                continue  # an empty line, or the one of a recorded stream that is broken
            yield body.get("json", body) if isinstance(body, dict) else {}


def rows_of(body: Any) -> Iterator[dict[str, Any]]:
    """Every object of an answer, however deep, that is a post."""
    if isinstance(body, dict):
        if isinstance(body.get("text"), str) and "id" in body:
            yield body
        body = list(body.values())
    if isinstance(body, list):
        for inner in body:
            yield from rows_of(inner)


@pytest.fixture(scope="module")
def real(shared_data: Path) -> list[tuple[dict[str, Any], Post, dict[str, Any]]]:
    """Every recorded post with what became of it, and its answer. One that came without an author is given one."""
    found = []
    for body in answers(shared_data / "x-v2"):
        answer = Answer(body, "x", NOW, "https://x.com")
        for row in rows_of(body):
            post = answer.post({"author_id": "1", **row})
            assert post is not None, row
            found.append((row, post, body))
    return found


def test_all_real_posts_map(real: list[tuple[dict[str, Any], Post, dict[str, Any]]]) -> None:
    assert len({row["id"] for row, _, _ in real}) == 659
    for _, post, _ in real:
        check_post(post, "x", NOW)


def test_nothing_is_lost_that_rules_page_or_consent_need(
    real: list[tuple[dict[str, Any], Post, dict[str, Any]]],
) -> None:
    seen: dict[str, int] = {}

    def told(what: str) -> None:
        seen[what] = seen.get(what, 0) + 1

    for row, post, body in real:
        includes = body.get("includes") or {}
        users = {user["id"]: user for user in includes.get("users", [])}
        media = {one["media_key"]: one for one in includes.get("media", [])}
        chain = row.get("edit_history_tweet_ids") or [row["id"]]
        assert (post.native_id, post.version) == (min(chain, key=int), row["id"])
        assert post.is_edit == (row["id"] != min(chain, key=int))
        assert post.text == row["text"].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        if "created_at" in row:
            assert post.created_at == datetime.fromisoformat(row["created_at"])
        assert post.sensitive == row.get("possibly_sensitive", False)
        if row.get("lang", "und") not in {"und", "qst", "qme", "qht", "zxx", "art"}:
            assert post.lang == row["lang"], row["lang"]
            told("lang")
        for one in row.get("referenced_tweets", []):
            given = {"retweeted": post.repost_of, "quoted": post.quote_of, "replied_to": post.reply_to}[one["type"]]
            beside: dict[str, Any] = next((b for b in includes.get("tweets", []) if b["id"] == one["id"]), {})
            assert given == min(beside.get("edit_history_tweet_ids", [one["id"]]), key=int)
            told(one["type"])
        entities = row.get("entities", {})
        for tag in entities.get("hashtags", []):
            assert fold(tag["tag"]) in post.tags
            assert any(
                one.kind == "tag"
                and one.target == tag["tag"]
                and post.text[one.start : one.end].lstrip("#＃") == tag["tag"]
                for one in post.entities
            )
            told("hashtag")
        for mention in entities.get("mentions", []):
            assert mention["username"].casefold() in post.mentions
            assert any(
                one.kind == "mention"
                and post.text[one.start : one.end].lstrip("@＠").lower() == mention["username"].lower()
                for one in post.entities
            )
            told("mention")
        for url in entities.get("urls", []):
            target = url.get("unwound_url") or url["expanded_url"]
            assert any(
                one.kind == "link" and one.target == target and post.text[one.start : one.end] == url["url"]
                for one in post.entities
            )
            own = "media_key" in url or "/photo/" in target or "/video/" in target
            assert (target in post.links) != own, target
            assert not any(link.startswith("https://t.co/") for link in post.links if link != url["expanded_url"])
            if url.get("title"):
                assert Media("link", target, url["title"]) in post.media
                told("card")
            told("link")
        for key in row.get("attachments", {}).get("media_keys", []):
            if key in media:
                one = media[key]
                kind = "image" if one["type"] == "photo" else "video"
                found = [item for item in post.media if item.kind == kind and item.width == one["width"]]
                assert found, one
                assert found[0].alt == one.get("alt_text", "")
                if kind == "image":
                    assert found[0].url == one["url"]
                else:
                    assert one["preview_image_url"] in [item.url for item in post.media]
                told(kind)
        user = users.get(row.get("author_id", ""))
        if user:
            author = post.author
            assert (author.id, author.handle, author.name) == (user["id"], user["username"], user["name"])
            assert author.created_at == datetime.fromisoformat(user["created_at"])
            assert author.followers == user["public_metrics"]["followers_count"]
            assert ("protected" in author.labels) == user["protected"]
            assert author.verified == ()
            assert post.url == f"https://x.com/{user['username']}/status/{row['id']}"
            told("author")
        metrics = row.get("public_metrics", {})
        assert (post.likes, post.reposts) == (metrics.get("like_count", 0), metrics.get("retweet_count", 0))
    assert min(seen.values()) > 0
    assert set(seen) == {
        *("lang", "retweeted", "quoted", "replied_to", "hashtag", "mention", "card", "link", "image", "video", "author")
    }


def test_a_long_post_has_its_full_text_and_its_own_entities() -> None:
    full = "A" * 300 + " & #Marathon"
    for name in ("note_tweet", "note_post"):
        note = {
            "text": full.replace("&", "&amp;"),
            "entities": {"hashtags": [{"start": 307, "end": 316, "tag": "Marathon"}]},
        }
        post = post_of({"text": "A" * 270 + "…", "entities": {"hashtags": []}, name: note})
        assert post.text == full
        assert [post.text[one.start : one.end] for one in post.entities] == ["#Marathon"]
        assert post.tags == ("marathon",)


def test_what_is_withheld_protected_and_a_parody_is_said() -> None:
    post = post_of(
        {
            "text": "a",
            "withheld": {"copyright": True, "country_codes": ["de", "FR", 3, "a b"]},
            "possibly_sensitive": True,
        },
        users=[
            {
                "id": "12",
                "username": "a",
                "protected": True,
                "parody": True,
                "verified": True,
                "withheld": {"country_codes": ["TR"]},
            }
        ],
    )
    assert post.labels == ("withheld", "withheld:DE", "withheld:FR", "withheld:copyright")
    assert post.sensitive
    assert post.author.labels == ("protected", "parody", "withheld", "withheld:TR")


def test_a_reference_to_an_edited_post_names_its_first_version() -> None:
    beside = [{"id": "9", "edit_history_post_ids": ["7", "9"]}]
    post = post_of({"text": "a", "referenced_posts": [{"type": "quoted", "id": "9"}]}, posts=beside)
    assert post.quote_of == "7"


def test_a_video_is_its_best_recording_and_its_still() -> None:
    media = {
        "media_key": "7_1",
        "type": "video",
        "preview_image_url": "https://pbs.twimg.com/a.jpg",
        "alt_text": "Runners",
        "variants": [
            {"content_type": "application/x-mpegURL", "url": "https://video.twimg.com/a.m3u8"},
            {"content_type": "video/mp4", "bit_rate": 832000, "url": "https://video.twimg.com/low.mp4"},
            {"content_type": "video/mp4", "bit_rate": 2176000, "url": "https://video.twimg.com/high.mp4"},
        ],
    }
    post = post_of({"text": "a", "attachments": {"media_keys": ["7_1", "7_2"]}}, media=[media])
    assert post.media == (
        Media("video", "https://video.twimg.com/high.mp4", "Runners"),
        Media("image", "https://pbs.twimg.com/a.jpg", "Runners"),
    )


@pytest.mark.parametrize(
    ("said", "lang"),
    [("en", "en"), ("in", "id"), ("iw", "he"), ("und", ""), ("qme", ""), ("zh-CN", "zh"), (3, ""), ("", "")],
)
def test_languages(said: object, lang: str) -> None:
    assert post_of({"text": "a", "lang": said}).lang == lang


@pytest.mark.parametrize(
    "row", [{"id": "1"}, {"author_id": "1"}, {"id": "x", "author_id": "1"}, {"id": 5, "author_id": "1"}]
)
def test_what_has_no_id_or_no_author_is_no_post(row: dict[str, Any]) -> None:
    assert not list(Answer({"data": [row, 3, None]}, "x", NOW, "https://x.com").posts())


@pytest.mark.parametrize(
    "at", ["", "soon", 5, None, "0001-01-01T00:00:00+23:00", "2999-01-01T00:00:00Z", "2026-13-01T00:00:00Z"]
)
def test_a_time_that_cannot_be_is_when_we_saw_it(at: object) -> None:
    assert post_of({"text": "a", "created_at": at}).created_at == NOW


@pytest.mark.parametrize("name", ["a/../b", "a b", "", 5, "x" * 99, "a?b", "ä"])
def test_a_handle_that_is_none_makes_no_address(name: object) -> None:
    post = post_of({"text": "a"}, users=[{"id": "12", "username": name, "public_metrics": {"followers_count": 10**30}}])
    assert post.author.handle == ""
    assert post.author.url == "https://x.com/i/user/12"
    assert post.url == "https://x.com/i/status/20"
    assert post.author.followers == 2**31 - 1


ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 400) | st.text(max_size=12) | st.just("https://a.example/é"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "author_id",
                    "text",
                    "entities",
                    "urls",
                    "hashtags",
                    "mentions",
                    "start",
                    "end",
                    "tag",
                    "username",
                    "expanded_url",
                    "title",
                    "media_keys",
                    "variants",
                    "attachments",
                    "type",
                    "url",
                    "public_metrics",
                    "like_count",
                    "withheld",
                    "country_codes",
                    "created_at",
                    "lang",
                    "note_tweet",
                    "referenced_tweets",
                    "edit_history_tweet_ids",
                    "users",
                    "media",
                    "tweets",
                    "errors",
                    "resource_id",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(ODD, ODD, ODD)
def test_no_answer_of_any_form_breaks_a_post(row: Any, includes: Any, errors: Any) -> None:
    data = {"id": "20", "author_id": "12", **row} if isinstance(row, dict) else row
    answer = Answer({"data": [data], "includes": includes, "errors": errors}, "x", NOW, "https://x.com")
    for post in answer.posts():
        check_post(post, "x", NOW)
    answer.gone(NOW)
    assert answer.authors is not None


@given(st.text(alphabet="&<>;#a🏃 amplgt", max_size=40))
def test_offsets_survive_x_escapes(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    rich = Rich(f"{escaped} #Tag", {"hashtags": [{"start": len(escaped) + 1, "end": len(escaped) + 5, "tag": "Tag"}]})
    assert rich.text == f"{text} #Tag"
    (entity,) = rich.entities
    assert rich.text[entity.start : entity.end] == "#Tag"
