"""Statuses of public servers as posts: nothing is lost that rules, the page or consent need."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.model import Post
from bot.core.people import verified_keys
from bot.platforms.mastodon.content import read
from bot.platforms.mastodon.mapping import Mapper, actor_of
from tests.platforms.contract import check_post

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
MAPPER = Mapper("it", "https://icosahedron.website")
STATUS: dict[str, Any] = {
    "id": "7",
    "uri": "https://a.example/users/ana/statuses/7",
    "created_at": "2026-11-26T11:00:00.000Z",
    "content": "<p>Go!</p>",
    "visibility": "public",
    "account": {"id": "1", "acct": "ana", "uri": "https://a.example/users/ana", "url": "https://a.example/@ana"},
}


@pytest.fixture(scope="module")
def statuses(shared_data: Path) -> list[dict[str, Any]]:
    lines = (shared_data / "mastodon" / "statuses_public_instances.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def post_of(**more: Any) -> Post:
    post = MAPPER.post({**STATUS, **more}, NOW)
    assert post is not None
    return post


def author_labels(**more: Any) -> set[str]:
    return set(post_of(account={**STATUS["account"], **more}).author.labels)


def test_every_status_of_the_collection_is_a_post(statuses: list[dict[str, Any]]) -> None:
    assert len(statuses) == 69
    for status in statuses:
        post = MAPPER.post(status, NOW)
        assert post is not None
        check_post(post, "it", NOW)
        assert post.native_id == status["uri"]
        assert post.url == status["url"]
        assert post.author.id == status["account"]["uri"]
        assert post.author.handle.startswith(status["account"]["acct"])
        assert post.lang == (status["language"] or "")[:2]
        assert bool(post.reply_to) == bool(status["in_reply_to_id"])
        assert bool(post.quote_of) == bool(status["quote"])
        assert post.is_edit == bool(status["edited_at"]) == bool(post.version)
        assert post.sensitive == (status["sensitive"] or bool(status["spoiler_text"]))
        assert (f"warning:{status['spoiler_text'].casefold()}" in post.labels) == bool(status["spoiler_text"])
        assert ("visibility:" in " ".join(post.labels)) == (status["visibility"] != "public")
        assert {tag["name"] for tag in status["tags"]} <= set(post.tags)
        assert len(post.mentions) == len({one["acct"] for one in status["mentions"]})
        shown = [one for one in post.media if one.kind != "link"]
        assert [one.alt for one in shown] == [one["description"] or "" for one in status["media_attachments"]]
        assert all(one.width and one.height for one in shown if one.kind in {"image", "video"})
        if status["card"]:
            assert status["card"]["url"] in post.links
        account = status["account"]
        assert ("not-indexable" in post.author.labels) == (account["indexable"] is False)
        assert ("not-discoverable" in post.author.labels) == (account["discoverable"] is False)
        assert ("noindex" in post.author.labels) == bool(account.get("noindex"))
        assert ("limited" in post.author.labels) == bool(account.get("limited"))
        checked = [one for one in account["fields"] if one["verified_at"]]
        assert len(post.author.verified) == len(checked)
        assert len(verified_keys(post.author, "mastodon")) == len(checked)


def test_the_words_of_the_collection_keep_their_links_and_lose_no_letter(statuses: list[dict[str, Any]]) -> None:
    by_uri = {status["uri"]: MAPPER.post(status, NOW) for status in statuses}
    machine = by_uri["https://icosahedron.website/users/sagamusix/statuses/116388536126309513"]
    assert machine is not None
    link = "https://cromagnontech.blogspot.com/2018/04/the-yeah-woo-machine.html"
    assert machine.text == f"@halcy @cancel Someone even built a whole machine around it {link}"
    assert machine.mentions == ("halcy@icosahedron.website", "cancel@merveilles.town")
    assert [machine.text[e.start : e.end] for e in machine.entities] == ["@halcy", "@cancel", link]
    assert machine.links == (link,)
    quoting = by_uri["https://icosahedron.website/users/halcy/statuses/116386066936197501"]
    assert quoting is not None
    assert quoting.text.startswith("not that most people")
    assert quoting.quote_of == "https://icosahedron.website/users/halcy/statuses/101256876982565163"


def test_one_status_has_one_name_and_one_version_on_every_server() -> None:
    """Where it was written its server knows milliseconds; others know its seconds, and have ids of their own."""
    at_home = post_of(edited_at="2026-11-26T11:20:00.437Z")
    elsewhere = post_of(id="99", edited_at="2026-11-26T11:20:00.000Z", url="https://a.example/@ana/7")
    assert (at_home.key, at_home.version) == (elsewhere.key, elsewhere.version)


def test_paragraphs_lines_lists_and_code() -> None:
    content = "<p>One<br>two</p><p>three</p><ul><li>a</li><li>b</li></ul><pre>x\n  y</pre><blockquote><p>said</p></blockquote>"
    assert read(content, {}).text == "One\ntwo\n\nthree\n\n• a\n• b\n\nx\n  y\n\nsaid"


def test_what_a_script_says_is_not_said() -> None:
    assert read("<p>a<script>alert(1)</script><style>b{}</style>&lt;b&gt; &amp; c</p>", {}).text == "a<b> & c"


def test_a_mention_that_the_server_does_not_list_is_one_all_the_same() -> None:
    found = read('<p><a href="https://b.example/@bo" class="u-url mention">@<span>bo</span></a> hi</p>', {})
    assert found.mentions == ("bo@b.example",)
    assert found.entities[0].kind == "mention"


@pytest.mark.parametrize(
    "note", ["<p>Please #NoBot</p>", '<a href="https://x/tags/nobot" class="mention">#<span>nobot</span></a>']
)
def test_who_asks_to_be_left_alone_is_heard_with_and_without_a_link(note: str) -> None:
    assert "#nobot" in author_labels(note=note)
    assert "#noindex" in author_labels(fields=[{"name": "pls", "value": "#noindex, thanks", "verified_at": None}])
    assert not {label for label in author_labels(note="<p>I like #robots</p>") if label.startswith("#")}


def test_flags_of_an_account() -> None:
    flags = {"bot": True, "memorial": True, "suspended": True, "limited": True, "noindex": True}
    assert author_labels(**flags) == set(flags)
    assert author_labels(indexable=True, discoverable=None) == {"indexable"}
    assert author_labels(indexable=None, bot=False) == set()
    assert author_labels(moved={"id": "2"}) == {"moved"}


def test_only_what_the_server_has_checked_is_the_authors_own() -> None:
    fields = [
        {
            "name": "site",
            "value": '<a href="https://ana.example/" rel="me"><span>ana.example</span></a>',
            "verified_at": "2026-01-01T00:00:00Z",
        },
        {"name": "bare", "value": "https://ana.test", "verified_at": "2026-01-01T00:00:00Z"},
        {"name": "bank", "value": '<a href="https://bank.example/">bank</a>', "verified_at": None},
    ]
    post = post_of(account={**STATUS["account"], "fields": fields})
    assert post.author.verified == ("https://ana.example", "https://ana.test")


def test_a_boost_is_of_who_boosts_and_names_what_it_repeats() -> None:
    inner = {**STATUS, "uri": "https://b.example/users/bo/statuses/1", "content": "<p>Hear, hear</p>"}
    post = post_of(reblog=inner, content="")
    assert (post.text, post.repost_of, post.native_id) == ("Hear, hear", inner["uri"], STATUS["uri"])


def test_a_quote_that_was_not_accepted_says_so() -> None:
    quoted = {"uri": "https://b.example/users/bo/statuses/1"}
    assert post_of(quote={"state": "pending", "quoted_status": quoted}).labels == ("quote-not-accepted",)
    assert post_of(quote={"state": "accepted", "quoted_status": quoted}).quote_of == quoted["uri"]


def test_the_parent_of_a_reply_is_named_as_well_as_it_can_be() -> None:
    known = Mapper("it", "https://b.example", lambda own_id: "https://c.example/1" if own_id == "5" else "")
    assert (known.post({**STATUS, "in_reply_to_id": "5"}, NOW) or post_of()).reply_to == "https://c.example/1"
    at_home = Mapper("it", "https://a.example")
    thread = {**STATUS, "in_reply_to_id": "5", "in_reply_to_account_id": "1"}
    assert (at_home.post(thread, NOW) or post_of()).reply_to == "https://a.example/users/ana/statuses/5"
    assert (
        known.post({**thread, "in_reply_to_id": "6"}, NOW) or post_of()
    ).reply_to == "https://b.example/api/v1/statuses/6"


def test_who_somebody_is_where_the_server_does_not_say_their_uri() -> None:
    assert (
        actor_of({"url": "https://g.example/@x"}, "https://g.example/users/x/statuses/01J")
        == "https://g.example/users/x"
    )
    assert (
        actor_of({"url": "https://t.example/@x/"}, "https://t.example/@x@t.example/posts/1/") == "https://t.example/@x/"
    )


def test_a_time_to_come_is_now() -> None:
    assert post_of(created_at="2036-01-01T00:00:00Z").created_at == NOW


@pytest.mark.parametrize(
    "broken", [{"uri": None}, {"uri": "javascript:1"}, {"account": []}, {"account": {}}, {"account": "x"}]
)
def test_what_has_no_name_or_nobody_behind_it_is_no_post(broken: dict[str, Any]) -> None:
    if broken.get("account") == {} or "account" not in broken or not isinstance(broken["account"], dict):
        assert MAPPER.post({**STATUS, **broken}, NOW) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(
            [
                *STATUS,
                "mentions",
                "tags",
                "media_attachments",
                "card",
                "quote",
                "reblog",
                "poll",
                "edited_at",
                "spoiler_text",
                "language",
                "in_reply_to_id",
                "filtered",
            ]
        ),
        _JSON,
    )
)
def test_any_json_is_a_post_or_none(status: dict[str, Any]) -> None:
    for whole in (status, {**STATUS, **{key: value for key, value in status.items() if key not in {"uri", "account"}}}):
        post = MAPPER.post(whole, NOW)
        if post is not None:
            check_post(post, "it", NOW)


@given(st.text(alphabet=st.sampled_from('<>/"= abp#@&;\n' + "spanhrefclass:éß"), max_size=300))
def test_any_content_becomes_plain_text_with_entities_in_it(content: str) -> None:
    found = read(content, {})
    end = 0
    for entity in found.entities:
        assert end <= entity.start < entity.end <= len(found.text)
        end = entity.end
