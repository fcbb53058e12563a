"""What a real Mastodon 4.6 answered to Mastodon.py's own suite, read by ours."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_httpserver import HTTPServer
from werkzeug.wrappers import Request, Response

from bot.platforms.mastodon.content import read
from bot.platforms.mastodon.instance import facts_of
from bot.platforms.mastodon.ledger import words_of
from bot.platforms.mastodon.mapping import Mapper
from bot.platforms.mastodon.tail import events
from tests.platforms.contract import check_post
from tests.platforms.mastodon.mastodon_world import World

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
MAPPER = Mapper("it", "http://localhost:3000")
Exchanges = list[dict[str, Any]]


def recorded(folder: Path, name: str) -> Exchanges:
    text = (folder / "mastodon" / f"cassette_test_{name}.yaml").read_text(encoding="utf-8")
    return [one for one in yaml.safe_load(text)["interactions"] if one["response"]["status"]["code"] == 200]


def answer(exchanges: Exchanges, method: str, path: str) -> Any:
    """The last answer to a request whose path ends so."""
    found = [one for one in exchanges if one["request"]["method"] == method and one["request"]["uri"].endswith(path)]
    return json.loads(found[-1]["response"]["body"]["string"])


def test_a_hashtag_of_a_real_server(shared_data: Path, httpserver: HTTPServer) -> None:
    exchanges = recorded(shared_data, "hashtag_tl")
    bodies = {
        re.sub(r"^http://localhost:3000|/$", "", one["request"]["uri"]): one["response"]
        for one in exchanges
        if one["request"]["method"] == "GET"
    }

    def plays(request: Request) -> Response:
        said = bodies[request.path]
        limits = {name: value[0] for name, value in said["headers"].items() if name.startswith("x-ratelimit")}
        return Response(said["body"]["string"], 200, headers=limits, content_type="application/json")

    httpserver.expect_request(re.compile(".*")).respond_with_handler(plays)
    world = World()
    world.clock.now = NOW
    batch = world.source(httpserver.url_for("").rstrip("/"), tags=["hoot"]).fetch("")
    (post,) = batch.posts
    check_post(post, "mastodon", NOW)
    assert batch.note == ""
    assert post.tags == ("hoot",)
    assert [(entity.kind, post.text[entity.start : entity.end]) for entity in post.entities] == [("tag", "#hoot")]
    assert post.author.id.startswith("http://localhost:3000/ap/users/"), "as new accounts are named"


def test_what_a_real_server_says_of_itself(shared_data: Path) -> None:
    exchanges = recorded(shared_data, "stream_user_local")
    newer, older = (facts_of(answer(exchanges, "GET", f"/api/{version}/instance/")) for version in ("v2", "v1"))
    assert newer.version == older.version == "4.6.4"
    assert (newer.length, newer.per_link, newer.media, newer.alt_chars) == (500, 23, 4, 10_000)
    assert (older.length, older.per_link, older.media) == (500, 23, 4)
    assert newer.streams == older.streams == "http://localhost:4000"
    assert "image/jpeg" in newer.mimes
    assert newer.access == "public"


def test_an_edit_on_a_real_server(shared_data: Path) -> None:
    exchanges = recorded(shared_data, "status_edit")
    first, edited = answer(exchanges, "POST", "/statuses"), answer(exchanges, "GET", "117020586180926938")
    posts = [MAPPER.post(status, NOW) for status in (first, edited)]
    assert posts[0] is not None
    assert posts[1] is not None
    assert posts[0].key == posts[1].key
    assert (posts[0].version, posts[0].is_edit) == ("", False)
    assert (posts[1].version, posts[1].is_edit) == ("2026-08-01T13:54:00Z", True)
    source = answer(exchanges, "GET", "/source")
    assert words_of(read(edited["content"], {}).text) == words_of(source["text"]), "how a lost answer is settled"


def test_a_reply_that_quotes_on_a_real_server(shared_data: Path) -> None:
    exchanges = recorded(shared_data, "status_reply_with_quote")
    posted = [json.loads(one["response"]["body"]["string"]) for one in exchanges if one["request"]["method"] == "POST"]
    quoted, parent, reply = posted
    post = MAPPER.post(reply, NOW)
    assert post is not None
    assert post.quote_of in {quoted["uri"], parent["uri"]}
    assert post.reply_to == parent["uri"]
    assert "RE:" not in post.text
    assert post.sensitive


def test_a_stream_of_a_real_server(shared_data: Path) -> None:
    (body,) = [
        one["response"]["body"]["string"]
        for one in recorded(shared_data, "stream_user_local")
        if "streaming" in one["request"]["uri"]
    ]
    content = body.encode() if isinstance(body, str) else body
    found = list(events(content[first : first + 100] for first in range(0, len(content), 100)))
    if not found:
        pytest.fail(f"no event in {content[-200:]!r}")
    name, data = found[0]
    post = MAPPER.post(json.loads(data), NOW)
    assert name == "update"
    assert post is not None
    check_post(post, "it", NOW)
