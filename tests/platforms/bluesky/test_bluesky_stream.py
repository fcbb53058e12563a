"""The stream against a Jetstream that misbehaves on purpose."""

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer

from bot.core.errors import Rejected, Unavailable
from bot.core.model import Gone
from bot.platforms.bluesky.jetstream import Cursor, Wire, parse_cursor
from bot.platforms.bluesky.profiles import UNKNOWN_LABELS
from bot.platforms.bluesky.source import BlueskySource
from tests.platforms.bluesky.bluesky_world import World, listening
from tests.platforms.bluesky.fake_jetstream import (
    DID,
    FakeJetstream,
    Visit,
    error2,
    event2,
    moment,
    post1,
    post2,
    rkey,
    us,
)

STAYS = Visit(stays=True)
OTHER = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"


def source_of(server: FakeJetstream, path: str = "", **more: object) -> BlueskySource:
    settings = {"tags": ("#Go",), "jetstream": server.url + path, "appview": "", "retry_s": 0.01, **more}
    return BlueskySource(BlueskySource.Settings.model_validate(settings), World().context)


def uri(seq: int) -> str:
    return f"at://{DID}/app.bsky.feed.post/{rkey(seq)}"


def test_what_is_asked_of_each_wire() -> None:
    wire = Wire("wss://jetstream.example", (), "")
    assert wire.address(0) == (
        "wss://jetstream.example/xrpc/network.bsky.jetstream.subscribeEvents?kinds=commit&kinds=identity&kinds=account"
        "&collections=app.bsky.feed.post&maxMessageSizeBytes=262144"
    )
    older = Wire("wss://jetstream.example/subscribe", ("did:plc:a",), "")
    assert older.address(17) == (
        "wss://jetstream.example/subscribe?wantedCollections=app.bsky.feed.post&wantedDids=did%3Aplc%3Aa"
        "&maxMessageSizeBytes=262144&cursor=17"
    )
    assert Wire("wss://jetstream.example/xrpc/", (), "").address(0).startswith("wss://jetstream.example/xrpc/network.")


def test_official_accounts_alone_are_filtered_at_the_server() -> None:
    with FakeJetstream(STAYS) as server, listening(source_of(server, tags=(), official=(DID,))) as stream:
        stream.until(lambda s: bool(s.batches))
    assert server.asked[0]["dids"] == [DID]


@pytest.mark.parametrize("path", ["", "/subscribe"])
def test_a_leap_that_no_search_will_fill_is_said(path: str) -> None:
    post = post1 if path else post2
    with (
        FakeJetstream(Visit([post(1)]), Visit([post(900)], stays=True)) as server,
        listening(source_of(server, path)) as stream,
    ):
        stream.until(lambda s: parse_cursor(s.cursor).us == us(900))
    (said,) = [note for note in stream.notes if "may be missing" in note]
    assert "posts under hashtags from 26 Apr 10:00 to 26 Apr 10:15 UTC may be missing" in said
    assert "give `identifier`" in said


@pytest.mark.parametrize(("replies", "read"), [(False, [1, 3, 4]), (True, [1, 2, 3, 4])])
def test_what_officials_answer_others_comes_where_it_is_wanted(replies: bool, read: list[int]) -> None:
    frames = [post2(seq, tag="go" if seq == 4 else "other") for seq in (1, 2, 3, 4)]
    for frame, did in ((frames[1], OTHER), (frames[2], DID), (frames[3], OTHER)):
        parent = {"uri": f"at://{did}/app.bsky.feed.post/3lpjoyaqhmm2c", "cid": "bafy"}
        frame["payload"]["record"]["reply"] = {"root": parent, "parent": parent}
    # The answer that stood under the hashtag is edited, and stands there no more.
    edit = post2(5, tag="other", operation="update", rkey=rkey(4))
    edit["payload"]["record"]["reply"] = frames[3]["payload"]["record"]["reply"]
    with (
        FakeJetstream(Visit([*frames, edit], stays=True)) as server,
        listening(source_of(server, official=(DID,), replies=replies)) as stream,
    ):
        stream.until(lambda s: parse_cursor(s.cursor).us == us(5))
    came = [uri(seq) for seq in read]
    assert [post.native_id for post in stream.posts] == ([*came, uri(4)] if replies else came)
    assert [gone.id for gone in stream.gone] == ([] if replies else [uri(4)])


@pytest.mark.parametrize("path", ["", "/subscribe"])
def test_a_broken_connection_goes_on_where_it_broke(path: str) -> None:
    post = post1 if path else post2
    visits = (Visit([post(1), post(2)]), Visit([post(2), post(3)], stays=True))
    with FakeJetstream(*visits) as server, listening(source_of(server, path)) as stream:
        stream.until(lambda s: bool(s.posts) and s.posts[-1].native_id == uri(3))
    # v1 has no numbers, so its last event may come twice; the store knows it by id and version.
    expected = [1, 2, 2, 3] if path else [1, 2, 3]
    assert [post.native_id for post in stream.posts] == [uri(seq) for seq in expected]
    assert server.cursors == ["", str(us(2)) if path else "2"]
    assert parse_cursor(stream.cursor).us == us(3)
    assert server.paths[0] == (path or "/xrpc/network.bsky.jetstream.subscribeEvents")


def test_a_server_that_gives_us_up_is_asked_again_from_the_last_event() -> None:
    visits = (Visit([post2(1), error2("ConsumerTooSlow")]), Visit([post2(2)], stays=True))
    with FakeJetstream(*visits) as server, listening(source_of(server)) as stream:
        stream.until(lambda s: len(s.posts) == 2)
    assert server.cursors == ["", "1"]
    assert any("as it was told" in note for note in stream.notes)


def test_a_cursor_that_is_too_old_falls_back_to_its_time() -> None:
    visits = (
        Visit(refuse="CursorTooOld"),
        Visit([event2("info", 0, name="OutdatedCursor", message="clamped"), post2(90)], stays=True),
    )
    with FakeJetstream(*visits) as server:
        cursor = str(Cursor(us(5), 5, server.host))
        with listening(source_of(server), cursor) as stream:
            stream.until(lambda s: bool(s.posts))
    assert server.cursors == ["5", str(us(5) - 3_000_000)]
    notes = " ".join(stream.notes)
    assert "from the cursor's time" in notes
    assert "events may have been missed: clamped" in notes


def test_where_the_time_is_too_old_as_well_it_goes_on_from_now() -> None:
    visits = (Visit(refuse="CursorTooOld"), Visit(refuse="CursorTooOld"), Visit([post2(90)], stays=True))
    with FakeJetstream(*visits) as server:
        cursor = str(Cursor(us(5), 5, server.host))
        with listening(source_of(server), cursor) as stream:
            stream.until(lambda s: bool(s.posts))
    assert server.cursors == ["5", str(us(5) - 3_000_000), ""]
    assert "what lies between is not read" in " ".join(stream.notes)


def test_numbers_of_another_archive_are_replaced_by_the_time() -> None:
    visits = (
        Visit([event2("info", 0, name="FutureCursor"), post2(600)], stays=True),
        Visit([post2(3), post2(4)], stays=True),
    )
    with FakeJetstream(*visits) as server:
        cursor = str(Cursor(us(2), 500, server.host))
        with listening(source_of(server), cursor) as stream:
            stream.until(lambda s: len(s.posts) >= 2)
    # What came first was from the server's "now": going on from there would skip what lies between.
    assert server.cursors == ["500", str(us(2) - 3_000_000)]
    assert [post.native_id for post in stream.posts] == [uri(3), uri(4)]


def test_another_servers_numbers_mean_nothing() -> None:
    cursor = str(Cursor(us(9), 9, "jetstream.elsewhere"))
    with FakeJetstream(Visit([post2(1)], stays=True)) as server, listening(source_of(server), cursor) as stream:
        stream.until(lambda s: bool(s.posts))
    assert server.cursors == [str(us(9) - 3_000_000)]


def test_a_silent_connection_is_made_anew_without_skipping() -> None:
    visits = (Visit([post2(1)], stays=True), Visit([post2(1)], stays=True), Visit([post2(2)], stays=True))
    with FakeJetstream(*visits) as server, listening(source_of(server, silence_s=0.1)) as stream:
        stream.until(lambda s: len(s.posts) == 2)
    # The second server repeated what we knew: that is no progress.
    assert server.cursors[:3] == ["", "1", "1"]
    assert [post.native_id for post in stream.posts] == [uri(1), uri(2)]
    assert any("connected, but silent" in note for note in stream.notes)


def test_what_we_know_already_is_no_progress() -> None:
    visits = (Visit([post2(1)], stays=True, repeats=True), Visit([post2(2)], stays=True))
    with FakeJetstream(*visits) as server, listening(source_of(server, silence_s=0.2)) as stream:
        stream.until(lambda s: len(s.posts) == 2)
    assert [post.native_id for post in stream.posts] == [uri(1), uri(2)]


def test_a_connection_that_breaks_before_its_first_event_skips_nothing() -> None:
    before = int(datetime.now(UTC).timestamp() * 1e6)
    with FakeJetstream(Visit(), Visit([post2(1)], stays=True)) as server, listening(source_of(server)) as stream:
        stream.until(lambda s: bool(s.posts))
    after = int(datetime.now(UTC).timestamp() * 1e6)
    assert server.cursors[0] == ""
    assert before - 3_000_000 <= int(server.cursors[1]) <= after


def test_a_server_that_accepts_and_says_nothing_does_not_keep_us() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"ws://127.0.0.1:{listener.getsockname()[1]}"
        settings = BlueskySource.Settings(tags=("go",), jetstream=address, appview="")
        with listening(BlueskySource(settings, World().context)) as stream:
            stream.until(lambda s: bool(s.batches))
    assert stream.error is None


def test_several_failures_in_a_row_end_the_stream() -> None:
    with FakeJetstream(Visit(refuse="Busy", status=503)) as server, listening(source_of(server)) as stream:
        stream.until_the_end()
    assert isinstance(stream.error, Unavailable)
    assert "503" in str(stream.error)
    assert len(server.asked) == 6
    assert stream.cursor == ""


def test_a_server_that_sends_the_same_event_for_ever_is_no_progress() -> None:
    with FakeJetstream(Visit([post2(1)])) as server, listening(source_of(server)) as stream:
        stream.until_the_end()
    assert isinstance(stream.error, Unavailable)
    assert len(stream.posts) == 1
    assert len(server.asked) == 6


@pytest.mark.parametrize("path", ["", "/subscribe"])
def test_a_server_that_does_not_know_the_method_is_a_matter_for_a_person(path: str) -> None:
    with FakeJetstream(Visit(refuse="NotFound", status=404)) as server, pytest.raises(Rejected, match="jetstream"):
        list(source_of(server, path).stream("", Event()))


def test_frames_that_nobody_can_read_cost_only_themselves() -> None:
    frames: list[dict[str, object] | str] = [
        "",
        "{",
        "[]",
        '{"$type":"message"}',
        '{"$type":"message","payload":{"seq":"x"}}',
        post2(1),
        event2("dance", 2),
        post2(3),
    ]
    with FakeJetstream(Visit(frames, stays=True)) as server, listening(source_of(server)) as stream:
        stream.until(lambda s: len(s.posts) == 2)
    assert [post.native_id for post in stream.posts] == [uri(1), uri(3)]
    assert "5 frames could not be read" in " ".join(stream.notes)


def test_deletions_and_endings_are_told_with_their_time() -> None:
    frames = [
        post2(1, operation="delete"),
        event2("account", 2, account={"active": False, "status": "takendown"}),
        event2("account", 3, account={"active": False, "status": "throttled"}),
        event2("account", 4, account={"active": True}),
        event2("sync", 5, sync={"blocks": "x"}),
        post2(6, collection="app.bsky.feed.repost"),
    ]
    with FakeJetstream(Visit(frames, stays=True)) as server, listening(source_of(server)) as stream:
        stream.until(lambda s: bool(s.gone_authors))
    assert stream.gone == [Gone(uri(1), datetime.fromisoformat(moment(1)))]
    assert stream.gone_authors == [Gone(DID, datetime.fromisoformat(moment(2)), "account taken down")]
    assert stream.posts == []
    assert parse_cursor(stream.cursor).seq == 6


def test_tags_match_in_any_spelling() -> None:
    spellings = ["GO", "go", "Ｇｏ", "#Go", "gо", "g", "going"]  # the fifth has a Cyrillic letter
    frames = [post2(seq, tag=tag) for seq, tag in enumerate(spellings, 1)]
    with FakeJetstream(Visit(frames, stays=True)) as server, listening(source_of(server)) as stream:
        stream.until(lambda s: parse_cursor(s.cursor).seq == len(spellings))
    assert [post.native_id for post in stream.posts] == [uri(seq) for seq in (1, 2, 3, 4)]


def test_a_flood_comes_in_bounded_batches_and_in_order() -> None:
    frames = [post2(seq) for seq in range(1, 900)]
    with FakeJetstream(Visit(frames, stays=True)) as server, listening(source_of(server, batch_events=100)) as stream:
        stream.until(lambda s: len(s.posts) == len(frames), 30)
    assert [post.native_id for post in stream.posts] == [uri(seq) for seq in range(1, 900)]
    assert max(len(batch.posts) for batch in stream.batches) <= 100


def test_every_batch_can_be_stored_with_its_cursor() -> None:
    with FakeJetstream(Visit([post2(1), post2(2)], stays=True)) as server, listening(source_of(server)) as stream:
        stream.until(lambda s: len(s.posts) == 2)
    found = json.loads(stream.cursor)
    assert found == {"us": us(2), "seq": 2, "host": server.host}


@pytest.mark.parametrize("cursor", ["", "x", "{}", "[]", '{"us":"1"}'])
def test_a_cursor_that_cannot_be_read_starts_now(cursor: str) -> None:
    assert parse_cursor(cursor) == Cursor()
    assert str(parse_cursor(cursor)) == ""


@pytest.fixture
def appview(httpserver: HTTPServer) -> Iterator[HTTPServer]:
    yield httpserver
    httpserver.check()


def test_profiles_are_asked_for_once_and_in_groups(appview: HTTPServer) -> None:
    dids = [f"did:plc:{number:024}" for number in range(30)]
    frames = [post2(seq + 1, did=did) for seq, did in enumerate(dids * 2)]
    asked: list[list[str]] = []

    def answer(request: object) -> object:
        from werkzeug import Request, Response  # noqa: PLC0415 - only this test answers by hand

        assert isinstance(request, Request)
        actors = request.args.getlist("actors")
        asked.append(actors)
        # The last one is not known to the AppView.
        profiles = [{"did": did, "handle": f"h{did[-2:]}.test", "labels": []} for did in actors if did != dids[-1]]
        return Response(json.dumps({"profiles": profiles}), content_type="application/json")

    appview.expect_request("/xrpc/app.bsky.actor.getProfiles").respond_with_handler(answer)  # type: ignore[arg-type]
    address = appview.url_for("").rstrip("/")
    visit = Visit(frames, stays=True)
    with FakeJetstream(visit) as server, listening(source_of(server, appview=address)) as stream:
        stream.until(lambda s: len(s.posts) == 60)
    assert sorted(did for actors in asked for did in actors) == sorted(dids)
    assert max(len(actors) for actors in asked) <= 25
    handles = {post.author.handle for post in stream.posts if post.author.id != dids[-1]}
    assert handles == {f"h{number:02}.test" for number in range(29)}
    assert {post.author.labels for post in stream.posts if post.author.id == dids[-1]} == {(UNKNOWN_LABELS,)}


def test_an_official_handle_is_resolved_once_and_remembered(appview: HTTPServer) -> None:
    appview.expect_oneshot_request(
        "/xrpc/com.atproto.identity.resolveHandle", query_string={"handle": "race.test"}
    ).respond_with_json({"did": DID})
    world = World()
    with FakeJetstream(Visit([post2(1, tag="else")], stays=True)) as server:
        address = appview.url_for("").rstrip("/")
        settings = BlueskySource.Settings(official=("@Race.test",), jetstream=server.url, appview=address)
        for _ in range(2):
            source = BlueskySource(settings, world.context)
            assert source._officials.known() == (frozenset({DID}), "")
    assert json.loads(world.memory.kept["official"]) == {"race.test": DID}


def test_an_official_handle_that_does_not_exist_is_shown(appview: HTTPServer) -> None:
    appview.expect_request("/xrpc/com.atproto.identity.resolveHandle").respond_with_json(
        {"error": "InvalidRequest", "message": "Unable to resolve handle"}, status=400
    )
    appview.expect_request("/xrpc/app.bsky.actor.getProfiles").respond_with_json({"profiles": []})
    with FakeJetstream(Visit([post2(1)], stays=True)) as server:
        address = appview.url_for("").rstrip("/")
        with listening(source_of(server, official=("nobody.test",), appview=address)) as stream:
            stream.until(lambda s: bool(s.posts))
    assert "official account 'nobody.test' is not known" in " ".join(stream.notes)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"tags": ()}, "nothing to read"),
        ({"tags": ("two words",)}, "not a hashtag"),
        ({"tags": ("#",)}, "not a hashtag"),
        ({"official": ("bbc",)}, "neither a handle nor a DID"),
        ({"jetstream": "https://example.org"}, "jetstream"),
        ({"appview": "example.org"}, "appview"),
        ({"every": "5s"}, "every"),
    ],
)
def test_settings_that_cannot_work_are_refused(more: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        BlueskySource.Settings.model_validate({"tags": ("go",), **more})


def test_a_catch_up_dates_posts_by_their_author_and_sees_them_now() -> None:
    with FakeJetstream(Visit([post2(1)], stays=True)) as server, listening(source_of(server)) as stream:
        stream.until(lambda s: bool(s.posts))
    post = stream.posts[0]
    assert post.created_at == datetime(2026, 4, 26, 9, 59, tzinfo=UTC)
    assert datetime.now(UTC) - post.seen_at < timedelta(minutes=1)
