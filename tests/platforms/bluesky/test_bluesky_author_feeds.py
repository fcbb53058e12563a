"""Gaps of official accounts are filled to where we know them, whatever an AppView puts between."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from bot.core.errors import RateLimited, Unavailable
from bot.core.model import Author
from bot.platforms.bluesky.mapping import Addresses, Mapper
from bot.platforms.bluesky.profiles import _MOST, UNKNOWN_LABELS, Profiles
from bot.platforms.bluesky.source import BlueskySource
from tests.platforms.bluesky.bluesky_world import World

DID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
OTHER = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
NOON = datetime(2026, 4, 26, 12, 0, tzinfo=UTC)
FEED = "/xrpc/app.bsky.feed.getAuthorFeed"


def item(minute: int, *, did: str = DID, **more: object) -> dict[str, Any]:
    """An entry of a feed: its text is its minute."""
    at = (NOON + timedelta(minutes=minute)).isoformat()
    record = {"$type": "app.bsky.feed.post", "text": str(minute), "createdAt": at}
    uri = f"at://{did}/app.bsky.feed.post/3l{minute:011}"
    view = {"uri": uri, "cid": f"bafy{minute}", "author": {"did": did, "handle": "race.test"}, "record": record}
    return {"post": {**view, "indexedAt": at}, **more}


def serve_feed(server: HTTPServer, items: Sequence[dict[str, Any]], page: int = 100) -> list[str]:
    """Serve a feed in pages, newest first as given; the cursors that were asked for."""
    asked: list[str] = []

    def answer(request: Request) -> Response:
        cursor = request.args.get("cursor", "")
        asked.append(cursor)
        start = int(cursor or 0)
        more = {"cursor": str(start + page)} if start + page < len(items) else {}
        return Response(json.dumps({"feed": items[start : start + page], **more}), content_type="application/json")

    server.expect_request(FEED).respond_with_handler(answer)
    return asked


def source_of(server: HTTPServer, *official: str) -> BlueskySource:
    settings = BlueskySource.Settings(official=official or (DID,), appview=server.url_for("").rstrip("/"))
    return BlueskySource(settings, World().context)


def test_a_gap_is_read_page_by_page_to_what_is_known(httpserver: HTTPServer) -> None:
    asked = serve_feed(httpserver, [item(minute) for minute in range(100, -1, -1)], page=10)
    cursor = json.dumps({DID: NOON.replace(minute=50).isoformat()})
    batch = source_of(httpserver).fetch(cursor)
    # Ten minutes are read again: an AppView may index late.
    assert [post.text for post in batch.posts] == [str(minute) for minute in range(40, 101)]
    assert asked == ["", "10", "20", "30", "40", "50", "60"]
    assert json.loads(batch.cursor) == {DID: (NOON + timedelta(minutes=100)).isoformat().replace("+00:00", "Z")}


def test_at_first_contact_one_page_is_enough(httpserver: HTTPServer) -> None:
    asked = serve_feed(httpserver, [item(minute) for minute in range(30, 0, -1)], page=10)
    assert len(source_of(httpserver).fetch("").posts) == 10
    assert asked == [""]


def test_what_stands_out_of_order_ends_nothing(httpserver: HTTPServer) -> None:
    pinned = item(-500, reason={"$type": "app.bsky.feed.defs#reasonPin"})
    repost = item(-400, did=OTHER, reason={"$type": "app.bsky.feed.defs#reasonRepost"})
    strange: dict[str, Any] = {"post": {"uri": 7}}
    foreign = item(-300, did=OTHER)
    serve_feed(httpserver, [pinned, repost, strange, foreign, *[item(minute) for minute in range(20, 0, -1)]], page=6)
    cursor = json.dumps({DID: (NOON + timedelta(minutes=12)).isoformat()})
    batch = source_of(httpserver).fetch(cursor)
    assert [post.text for post in batch.posts] == [str(minute) for minute in range(2, 21)]


def test_an_empty_feed_is_not_read_to_its_beginning_for_ever(httpserver: HTTPServer) -> None:
    serve_feed(httpserver, [])
    first = source_of(httpserver).fetch("")
    assert first.posts == ()
    assert source_of(httpserver).fetch(first.cursor).cursor == first.cursor


@pytest.mark.parametrize(("replies", "read"), [(False, ["1", "3"]), (True, ["1", "2", "3"])])
def test_what_officials_answer_others_is_read_where_it_is_wanted(
    httpserver: HTTPServer, replies: bool, read: list[str]
) -> None:
    answer, thread = item(2), item(3)
    for entry, did in ((answer, OTHER), (thread, DID)):
        uri = {"uri": f"at://{did}/app.bsky.feed.post/3l", "cid": "bafy"}
        entry["post"]["record"]["reply"] = {"root": uri, "parent": uri}
    serve_feed(httpserver, [thread, answer, item(1)])
    settings = BlueskySource.Settings(official=(DID,), appview=httpserver.url_for("").rstrip("/"), replies=replies)
    batch = BlueskySource(settings, World().context).fetch("")
    assert [post.text for post in batch.posts] == read


def test_a_feed_that_never_ends_is_left(httpserver: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        page = int(request.args.get("cursor", "0"))
        body = {"feed": [item(10_000 - page)], "cursor": str(page + 1)}
        return Response(json.dumps(body), content_type="application/json")

    httpserver.expect_request(FEED).respond_with_handler(answer)
    batch = source_of(httpserver).fetch(json.dumps({DID: "2020-01-01T00:00:00Z"}))
    assert len(batch.posts) == 20


def test_one_account_that_is_gone_harms_no_other(httpserver: HTTPServer) -> None:
    gone = {"error": "InvalidRequest", "message": "Profile not found"}
    httpserver.expect_request(FEED, query_string=_query(OTHER)).respond_with_json(gone, status=400)
    httpserver.expect_request(FEED, query_string=_query(DID)).respond_with_json({"feed": [item(1)]})
    batch = source_of(httpserver, OTHER, DID).fetch("")
    assert [post.text for post in batch.posts] == ["1"]
    assert "Profile not found" in batch.note


def _query(did: str) -> dict[str, str]:
    return {"actor": did, "filter": "posts_with_replies", "limit": "100"}


@pytest.mark.parametrize(("status", "error"), [(502, Unavailable), (429, RateLimited)])
def test_an_appview_that_is_down_leaves_the_cursor(httpserver: HTTPServer, status: int, error: type[Exception]) -> None:
    httpserver.expect_request(FEED).respond_with_data("", status=status)
    with pytest.raises(error):
        source_of(httpserver).fetch("")


def test_missing_cannot_be_told_without_an_appview() -> None:
    settings = BlueskySource.Settings(official=(DID,), appview="")
    source = BlueskySource(settings, World().context)
    assert source.missing([f"at://{DID}/app.bsky.feed.post/3l"]) == set()
    assert source.fetch("").posts == ()


def test_missing_is_never_guessed(httpserver: HTTPServer) -> None:
    for status in (400, 500):
        httpserver.clear()
        httpserver.expect_request("/xrpc/app.bsky.feed.getPosts").respond_with_json({"error": "X"}, status=status)
        with pytest.raises(Unavailable):
            source_of(httpserver).missing([f"at://{DID}/app.bsky.feed.post/3l"])


def test_authors_are_remembered_within_bounds() -> None:
    profiles = Profiles(Mapper("s", Addresses()), None)
    for number in range(_MOST + 5):
        profiles.remember(Author(f"did:plc:{number}", "h", labels=("x",)), NOON)
    assert profiles.author("did:plc:5").labels == ("x",)
    assert profiles.author("did:plc:4").labels == (UNKNOWN_LABELS,)


def test_what_is_known_of_an_author_grows_old(httpserver: HTTPServer) -> None:
    asked: list[list[str]] = []

    def answer(request: Request) -> Response:
        asked.append(request.args.getlist("actors"))
        body = {"profiles": [{"did": DID, "handle": f"h{len(asked)}.test"}]}
        return Response(json.dumps(body), content_type="application/json")

    httpserver.expect_request("/xrpc/app.bsky.actor.getProfiles").respond_with_handler(answer)
    profiles = source_of(httpserver)._profiles
    seen = []
    for hours in (0, 5, 7, 8):
        profiles.complete([DID, DID], NOON + timedelta(hours=hours))
        seen.append(profiles.author(DID).handle)
    assert seen == ["h1.test", "h1.test", "h2.test", "h2.test"]
    assert asked == [[DID], [DID]]


@pytest.mark.parametrize("told", ["bbc.co.uk", "ana.example", ""])
def test_an_identity_event_proves_no_address(told: str) -> None:
    profiles = Profiles(Mapper("s", Addresses()), None)
    profiles.remember(Author(DID, "ana.example", "Ana", verified=("https://ana.example",)), NOON)
    profiles.forget(DID, told, NOON)
    author = profiles.author(DID)
    assert (author.handle, author.name, author.verified) == (told or "ana.example", "Ana", ())
