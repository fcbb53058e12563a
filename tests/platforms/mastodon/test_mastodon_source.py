"""Hashtags of real servers: nothing is lost, nothing comes twice, and silence is told from refusal."""

from datetime import timedelta
from functools import partial

import httpcore2
import pytest
from pytest_httpserver import HTTPServer

from bot.core.errors import RateLimited, Unauthorized, Unavailable
from bot.core.model import Media
from bot.platforms._http.network import dial
from bot.platforms.mastodon import walk
from bot.platforms.mastodon.known import Known
from bot.platforms.mastodon.source import MastodonSource
from tests.platforms.contract import Kept, check_outage, check_source
from tests.platforms.mastodon.mastodon_world import World
from tests.servers.mastodon_server import Server, free_port
from tests.servers.other_fediverse import TOKEN, OtherServer

LIST = "/api/v1/timelines/tag/*"


def test_the_contract_on_two_servers(first_server: Server, second_server: Server, tag: str) -> None:
    said = [
        first_server.person("ada").post(f"Good luck all #{tag}"),
        second_server.person("bob").post(f"Rhinos at the start #{tag}"),
        first_server.person("carol").post(f"Off they go #{tag}"),
    ]
    world = World()
    posts = check_source(
        lambda: world.source(first_server.url, second_server.url, tags=[tag]), "mastodon", world.clock()
    )
    assert [post.native_id for post in posts] == [status["uri"] for status in said]
    assert all(tag.casefold() in post.tags for post in posts)


def test_a_gap_of_many_pages_is_read_from_its_old_end(first_server: Server, tag: str) -> None:
    ada = first_server.person("ada")
    ada.post(f"before #{tag}")
    world = World()
    cursor = world.source(first_server.url, tags=[tag]).fetch("").cursor
    said = [ada.post(f"number {number} #{tag}")["uri"] for number in range(95)]
    world.clock.move(seconds=30)
    batch = world.source(first_server.url, tags=[tag]).fetch(cursor)
    assert [post.native_id for post in batch.posts] == said
    assert not batch.more
    assert not world.source(first_server.url, tags=[tag]).fetch(batch.cursor).posts


def test_a_long_gap_comes_in_parts_and_nothing_between_them_is_lost(
    first_server: Server, tag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "_MOST_PAGES", 1)
    monkeypatch.setattr(walk, "AT_ONCE", 5)
    monkeypatch.setattr(walk, "_MOST_SEEN", 7)
    ada = first_server.person("ada")
    ada.post(f"before #{tag}")
    world = World()
    cursor = world.source(first_server.url, tags=[tag]).fetch("").cursor
    said = [ada.post(f"number {number} #{tag}")["uri"] for number in range(23)]
    world.clock.move(seconds=5)
    found: list[str] = []
    for _ in range(20):
        batch = world.source(first_server.url, tags=[tag]).fetch(cursor)
        found += [post.native_id for post in batch.posts]
        cursor = batch.cursor
        if not batch.more:
            break
    assert found == said


def test_a_hashtag_that_nobody_used_before_first_contact_loses_nothing(first_server: Server, tag: str) -> None:
    world = World()
    first = world.source(first_server.url, tags=[tag]).fetch("")
    assert first.posts == ()
    assert first.note == ""
    said = [first_server.person("bob").post(f"{number} #{tag}")["uri"] for number in range(50)]
    world.clock.move(seconds=30)
    assert [post.native_id for post in world.source(first_server.url, tags=[tag]).fetch(first.cursor).posts] == said


def test_what_a_server_hears_late_is_told_although_its_id_is_older(httpserver: HTTPServer) -> None:
    """Servers give a status from elsewhere the id of the moment in which it was written."""
    relay = OtherServer(httpserver, "relay")
    world = World()
    relay.now = world.clock() - timedelta(minutes=5)
    relay.show("first", tags=("run",))
    late = relay.show("written second", tags=("run",))
    last = relay.show("third", tags=("run",))
    relay.statuses.remove(late)
    source = world.source(relay.url, tags=["run"])
    cursor = source.fetch("").cursor
    relay.statuses.append(late)
    batch = source.fetch(cursor)
    assert [post.native_id for post in batch.posts] == [late["uri"]]
    assert not source.fetch(batch.cursor).posts
    world.clock.move(minutes=20)
    relay.show("much later", tags=("run",), created_at=world.clock().isoformat())
    after = source.fetch(batch.cursor)
    assert [post.text for post in after.posts] == ["much later #run"]
    assert last["id"] in after.cursor, "what is old is not read again"


def test_one_status_on_two_servers_is_one_post(httpserver: HTTPServer, first_server: Server, tag: str) -> None:
    status = first_server.person("ada").post(f"Seen from afar #{tag}")
    relay = OtherServer(httpserver, "relay")
    account = {**status["account"], "id": "55", "acct": f"ada@{first_server.host}"}
    relay.hear(status, "113358685028104954", account=account)
    world = World()
    for servers in ((first_server.url, relay.url), (relay.url, first_server.url)):
        batch = world.source(*servers, tags=[tag]).fetch("")
        assert batch.note == "", "both were read"
        (post,) = batch.posts
        assert post.native_id == status["uri"]
        assert post.author.handle == f"ada@{first_server.host}"


def test_a_server_that_has_not_heard_of_an_edit_does_not_bring_the_old_words_back(
    httpserver: HTTPServer, first_server: Server, tag: str
) -> None:
    ada = first_server.person("ada")
    status = ada.post(f"Frist #{tag}")
    ada.edit(status["id"], f"First #{tag}")
    world = World()
    relay = OtherServer(httpserver, "relay")
    source = world.source(first_server.url, relay.url, tags=[tag])
    batch = source.fetch("")
    assert [post.text for post in batch.posts] == [f"First #{tag}"]
    relay.hear(status, "113358685028104954")
    again = source.fetch(batch.cursor)
    assert (again.posts, again.note) == ((), "")
    assert "113358685028104954" in again.cursor


def test_an_edit_is_a_new_version_of_the_same_post(first_server: Server, tag: str) -> None:
    ada = first_server.person("ada")
    ada.post(f"before #{tag}")
    status = ada.post(f"Frist #{tag}")
    world = World()
    source = world.source(first_server.url, tags=[tag])
    first = source.fetch("")
    ada.edit(status["id"], f"First #{tag}")
    (post,) = source.fetch(first.cursor).posts
    assert (post.native_id, post.text, post.is_edit) == (status["uri"], f"First #{tag}", True)
    assert post.version != first.posts[-1].version


def test_a_deletion_is_seen_at_the_next_look_and_by_the_sweep(first_server: Server, tag: str) -> None:
    ada = first_server.person("ada")
    kept = ada.post(f"stays #{tag}")
    status = ada.post(f"goes #{tag}")
    world = World()
    source = world.source(first_server.url, tags=[tag])
    first = source.fetch("")
    assert source.missing([status["uri"], kept["uri"], "https://elsewhere.example/1"]) == frozenset()
    ada.delete(status["id"])
    (gone,) = source.fetch(first.cursor).gone
    assert (gone.id, gone.final) == (status["uri"], True)
    assert source.missing([status["uri"], kept["uri"], "https://elsewhere.example/1"]) == {status["uri"]}


def test_a_hashtag_that_is_edited_away_leaves_our_view_only(httpserver: HTTPServer) -> None:
    there = OtherServer(httpserver, "relay")
    world = World()
    there.now = world.clock() - timedelta(minutes=5)
    there.show("before", tags=("run",))
    status = there.show("look", tags=("run",))
    source = world.source(there.url, tags=["run"])
    first = source.fetch("")
    status.update(content="<p>look</p>", tags=[], edited_at=world.clock().isoformat())
    batch = source.fetch(first.cursor)
    assert [(gone.id, gone.final) for gone in batch.gone] == [(status["uri"], False)]


def test_a_timeline_that_is_suddenly_empty_takes_nothing_away(httpserver: HTTPServer) -> None:
    """A server that switches hashtags off answers 200 with nothing."""
    relay = OtherServer(httpserver, "relay")
    world = World()
    relay.now = world.clock() - timedelta(minutes=5)
    relay.show("one", tags=("run",))
    shown = relay.show("two", tags=("run",))
    source = world.source(relay.url, tags=["run"])
    first = source.fetch("")
    shown["tags"] = []
    assert source.fetch(first.cursor).gone == ()


def test_official_accounts_are_read_by_account_without_boosts(first_server: Server, tag: str) -> None:
    ada, bob = first_server.person("ada"), first_server.person("bob")
    world = World()
    handle = f"@Ada@{first_server.host}"
    source = world.source(first_server.url, official=[handle])
    cursor = source.fetch("").cursor
    said = ada.post("The start has gone off on time")
    boosted = bob.post(f"hello #{tag}")
    ada.call("POST", f"/api/v1/statuses/{boosted['id']}/reblog")
    ada.post("for friends", visibility="private")
    world.clock.move(seconds=5)
    batch = world.source(first_server.url, official=[handle]).fetch(cursor)
    assert [post.native_id for post in batch.posts] == [said["uri"]]


def test_an_official_account_that_nobody_knows_is_said(first_server: Server) -> None:
    world = World()
    with pytest.raises(Unavailable, match="official account 'nobody@"):
        world.source(first_server.url, official=[f"nobody@{first_server.host}"]).fetch("")


def test_what_is_not_for_everybody_is_not_collected(first_server: Server, tag: str) -> None:
    first_server.person("ada").post(f"quiet #{tag}", visibility="private")
    world = World(secrets={"token": "ada_token"})
    assert world.source(first_server.url, tags=[tag], stream=False).fetch("").posts == ()


@pytest.mark.parametrize("visibility", ["private", "direct", "", "new-kind"])
def test_what_a_server_shows_by_mistake_is_not_collected(httpserver: HTTPServer, visibility: str) -> None:
    there = OtherServer(httpserver, "relay")
    there.show("not for us", tags=("run",), visibility=visibility)
    batch = World().source(there.url, tags=["run"]).fetch("")
    assert (batch.posts, batch.note) == ((), "")


def test_an_outage_loses_nothing(first_server: Server, tag: str) -> None:
    bob = first_server.person("bob")
    bob.post(f"before #{tag}")
    world = World()

    def make() -> MastodonSource:
        return world.source(first_server.url, tags=[tag])

    def more() -> str:
        world.clock.move(seconds=5)
        return str(bob.post(f"meanwhile #{tag}")["uri"])

    cursor = make().fetch("").cursor
    effects: list[dict[str, object]] = [
        {"type": "status", "status": 503},
        {"type": "malformed"},
        {"type": "status", "status": 403, "body": "no"},
    ]
    for effect in effects:
        breaks = partial(first_server.fault, "GET", LIST, effect)
        cursor = check_outage(make, breaks, first_server.mend, more, cursor)


def test_one_server_that_is_away_costs_only_itself(first_server: Server, second_server: Server, tag: str) -> None:
    world = World()
    source = world.source(first_server.url, second_server.url, tags=[tag])
    cursor = source.fetch("").cursor
    said = [first_server.person("ada").post(f"a #{tag}")["uri"], second_server.person("bob").post(f"b #{tag}")["uri"]]
    world.clock.move(seconds=5)
    second_server.fault("GET", LIST, {"type": "status", "status": 500})
    batch = source.fetch(cursor)
    assert [post.native_id for post in batch.posts] == said[:1]
    assert second_server.url in batch.note
    after = source.fetch(batch.cursor)
    assert [post.native_id for post in after.posts] == said[1:]
    assert after.note == ""


def test_a_server_that_asks_us_to_wait_is_left_alone_until_then(
    httpserver: HTTPServer, first_server: Server, tag: str
) -> None:
    relay = OtherServer(httpserver, "gotosocial")
    world = World(secrets={"token": TOKEN})
    relay.now = world.clock()
    relay.limited = True
    source = world.source(relay.url, first_server.url, tags=[tag], stream=False)
    said = first_server.person("ada").post(f"hello #{tag}")["uri"]
    batch = source.fetch("")
    assert [post.native_id for post in batch.posts] == [said]
    assert "too many requests" in batch.note
    asked = len(relay.requests)
    world.clock.move(minutes=3)
    source.fetch(batch.cursor)
    assert [path for path in relay.requests[asked:] if "timelines" in path] == []
    relay.limited = False
    world.clock.move(minutes=2)
    assert source.fetch(batch.cursor).note == ""


@pytest.mark.parametrize("kind", ["gotosocial", "takahe"])
def test_all_servers_that_ask_us_to_wait_are_a_limit_with_its_end(httpserver: HTTPServer, kind: str) -> None:
    """GoToSocial writes a date, others seconds since 1970."""
    relay = OtherServer(httpserver, kind)
    world = World(secrets={"token": TOKEN})
    world.clock.now = world.clock().replace(microsecond=0)
    relay.now, relay.limited = world.clock(), True
    with pytest.raises(RateLimited) as caught:
        world.source(relay.url, tags=["run"], stream=False).fetch("")
    assert abs(caught.value.until - world.clock() - timedelta(minutes=4)) <= timedelta(seconds=2)


def access(local: str, remote: str) -> dict[str, object]:
    return {"configuration": {"timelines_access": {"hashtag_feeds": {"local": local, "remote": remote}}}}


def test_hashtags_that_are_switched_off_are_no_silence(httpserver: HTTPServer, first_server: Server, tag: str) -> None:
    relay = OtherServer(httpserver, "relay", instance=access("disabled", "disabled"))
    world = World()
    with pytest.raises(Unavailable, match="switched hashtags off"):
        world.source(relay.url, tags=[tag]).fetch("")
    batch = world.source(relay.url, first_server.url, tags=[tag]).fetch("")
    assert "switched hashtags off" in batch.note
    assert not [path for path in relay.requests if "timelines" in path], "what is switched off is not asked for"


def test_hashtags_that_are_switched_off_for_a_while_are_gone_on_with_where_they_were_left(
    httpserver: HTTPServer, first_server: Server, tag: str
) -> None:
    relay = OtherServer(httpserver, "relay")
    world = World()
    relay.now = world.clock() - timedelta(hours=3)
    relay.show("before", tags=(tag,))
    source = world.source(relay.url, first_server.url, tags=[tag])
    cursor = source.fetch("").cursor
    relay.instance = access("disabled", "disabled")
    world.clock.move(hours=2)
    off = source.fetch(cursor)
    assert "switched hashtags off" in off.note
    said = [relay.show(str(number), tags=(tag,))["uri"] for number in range(60)]
    relay.instance = {}
    world.clock.move(hours=2)
    back = source.fetch(off.cursor)
    assert [post.native_id for post in back.posts] == said


def test_hashtags_for_members_only_are_no_silence(httpserver: HTTPServer, tag: str) -> None:
    relay = OtherServer(httpserver, "relay", instance=access("authenticated", "authenticated"))
    relay.show("hello", tags=(tag,))
    with pytest.raises(Unavailable, match="to its members only"):
        World().source(relay.url, tags=[tag]).fetch("")
    world = World(secrets={"token": TOKEN})
    assert len(world.source(relay.url, tags=[tag], stream=False).fetch("").posts) == 1


def test_a_server_that_shows_half_says_which(httpserver: HTTPServer, tag: str) -> None:
    relay = OtherServer(httpserver, "relay", instance=access("public", "disabled"))
    assert "does not show other servers' posts" in World().source(relay.url, tags=[tag]).fetch("").note


def test_gotosocial_wants_a_token_and_has_ids_that_are_no_numbers(httpserver: HTTPServer) -> None:
    there = OtherServer(httpserver, "gotosocial")
    said = [there.show(str(number), tags=("run",))["uri"] for number in range(3)]
    with pytest.raises(Unauthorized, match="it wants a token"):
        World().source(there.url, tags=["run"]).fetch("")
    world = World(secrets={"token": TOKEN})
    world.clock.move(minutes=1)
    posts = check_source(lambda: world.source(there.url, tags=["run"], stream=False), "mastodon", world.clock())
    assert [post.native_id for post in posts] == said
    assert posts[0].author.id == f"{there.url}/users/desk"


def test_takahe_has_no_newer_instance_document_and_says_400_to_a_bad_token(httpserver: HTTPServer) -> None:
    there = OtherServer(httpserver, "takahe")
    there.show("hello", tags=("run",))
    world = World()
    world.clock.move(minutes=1)
    assert len(world.source(there.url, tags=["run"]).fetch("").posts) == 1
    with pytest.raises(Unauthorized, match="Invalid Bearer token"):
        World(secrets={"token": "old"}).source(there.url, tags=["run"], stream=False).fetch("")


def test_the_token_goes_to_the_first_server_alone(httpserver: HTTPServer, first_server: Server, tag: str) -> None:
    relay = OtherServer(httpserver, "relay")
    world = World(secrets={"token": "ada_token"})
    source = world.source(first_server.url, relay.url, tags=[tag], stream=False)
    source.fetch("")
    source.missing([relay.show("x")["uri"]])
    assert relay.requests
    assert relay.tokens == []


def test_the_sweep_asks_one_by_one_where_there_is_no_list(httpserver: HTTPServer) -> None:
    there = OtherServer(httpserver, "takahe")
    stays, goes = there.show("stays", tags=("run",)), there.show("goes", tags=("run",))
    source = World().source(there.url, tags=["run"])
    source.fetch("")
    there.statuses.remove(goes)
    assert source.missing([stays["uri"], goes["uri"]]) == {goes["uri"]}


def test_a_sweep_that_cannot_be_made_names_nothing(first_server: Server, tag: str) -> None:
    status = first_server.person("ada").post(f"x #{tag}")
    source = World().source(first_server.url, tags=[tag])
    source.fetch("")
    first_server.fault("GET", "/api/v1/statuses*", {"type": "status", "status": 503}, count=1)
    with pytest.raises(Unavailable):
        source.missing([status["uri"]])


def test_nobody_listens(tag: str) -> None:
    with pytest.raises(Unavailable, match="cannot connect"):
        World().source(f"http://127.0.0.1:{free_port()}", tags=[tag]).fetch("")


def test_a_cursor_that_nobody_can_read_starts_anew(first_server: Server, tag: str) -> None:
    status = first_server.person("ada").post(f"x #{tag}")
    (post,) = World().source(first_server.url, tags=[tag]).fetch("{broken").posts
    assert post.native_id == status["uri"]


def test_pictures_of_posts_are_shown(first_server: Server) -> None:
    source = World().source(first_server.url, tags=["x"])
    assert source.shows(Media("image", "https://files.example/media_attachments/1/original/a.jpg"))
    assert not source.shows(Media("video", "https://files.example/a.mp4"))
    with pytest.raises(Unavailable):
        source.picture(Media("image", f"{first_server.url}/media/none.jpg"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"servers": ["http://mastodon.example"], "tags": ["a"]}, "only https"),
        ({"servers": ["https://mastodon.example/about"], "tags": ["a"]}, "no address of a server"),
        ({"servers": ["https://a.example", "a.example"], "tags": ["a"]}, "stands there twice"),
        ({"servers": ["a.example"]}, "nothing to read"),
        ({"servers": ["a.example"], "tags": ["two words"]}, "not a hashtag"),
        ({"servers": ["a.example"], "official": ["@ana"]}, "no account"),
        ({"servers": []}, "at least 1"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        MastodonSource.Settings.model_validate(wrong)


def test_a_bare_name_of_a_server_is_https() -> None:
    assert MastodonSource.Settings(servers=("Mastodon.Example",), tags=("a",)).servers == ("https://mastodon.example",)


def test_after_a_restart_it_is_still_known_which_id_is_which_status(httpserver: HTTPServer) -> None:
    """A server has ids of its own for what was written elsewhere."""
    relay = OtherServer(httpserver, "relay")
    world = World()
    stays = relay.show("stays", tags=("run",), uri="https://a.example/users/ana/statuses/5")
    goes = relay.show("goes", tags=("run",), uri="https://b.example/objects/6")
    world.source(relay.url, tags=["run"]).fetch("")
    relay.statuses.remove(goes)
    assert world.source(relay.url, tags=["run"]).missing([stays["uri"], goes["uri"]]) == {goes["uri"]}


def test_the_oldest_ids_are_forgotten_and_the_pieces_stay_small() -> None:
    memory = Kept()
    known = Known(memory)
    for number in range(10_450):
        known.saw("https://s", str(number), f"https://a.example/{number}")
    known.keep()
    written = dict(memory.values)
    known.keep()
    assert memory.values == written
    assert max(map(len, memory.values.values())) < 20_000
    again = Known(memory)
    assert again.own_id("https://s", "https://a.example/10449") == "10449"
    assert again.uri("https://s", "700") == "https://a.example/700"
    assert again.uri("https://s", "100") == "", "overwritten: the pieces go round"
    again.saw("https://s", "x", "https://a.example/x")
    again.keep()
    assert Known(memory).uri("https://s", "10449"), "a new process begins a new piece"


def test_an_edit_hours_later_is_seen_a_few_at_a_time(first_server: Server, tag: str) -> None:
    ada = first_server.person("ada")
    said = [ada.post(f"{number} #{tag}") for number in range(25)]
    world = World()
    source = world.source(first_server.url, tags=[tag])
    cursor = source.fetch("").cursor
    world.clock.move(hours=2)
    cursor = source.fetch(cursor).cursor  # by now none of them is read again
    ada.edit(said[3]["id"], f"Three #{tag}")
    ada.delete(said[22]["id"])
    found, gone = [], []
    for _ in range(4):
        world.clock.move(minutes=2)
        batch = source.fetch(cursor)
        found += [post.text for post in batch.posts]
        gone += [one.id for one in batch.gone]
        cursor = batch.cursor
    assert found == [f"Three #{tag}"]
    assert gone == [said[22]["uri"]]


def test_of_several_servers_one_that_says_nothing_is_left_alone_for_a_while(first_server: Server, tag: str) -> None:
    dialled: list[int] = []

    def note(address: str, port: int, timeout_s: float) -> httpcore2.NetworkStream:
        dialled.append(port)
        return dial(address, port, timeout_s)

    world = World()
    nobody = f"http://127.0.0.1:{free_port()}"
    source = world.source(first_server.url, nobody, tags=[tag, f"{tag}b", f"{tag}c"])
    source._servers[nobody].door.wire._dial = note
    cursor = source.fetch("").cursor
    assert len(dialled) == 2, "what it allows, and one hashtag: not the others"
    assert nobody in source.fetch(cursor).note
    assert len(dialled) == 2
    world.clock.move(seconds=31)
    source.fetch(cursor)
    assert len(dialled) == 3


def test_a_server_that_breaks_with_another_takes_nothing_away(
    httpserver: HTTPServer, first_server: Server, tag: str
) -> None:
    relay = OtherServer(httpserver, "relay")
    world = World()
    early = first_server.person("ada").post(f"early #{tag}")
    status = first_server.person("ada").post(f"stands #{tag}")
    relay.hear(early, "113358685028104953")
    relay.hear(status, "113358685028104954")
    source = world.source(relay.url, first_server.url, tags=[tag])
    first = source.fetch("")
    relay.statuses.clear()
    batch = source.fetch(first.cursor)
    assert (batch.gone, batch.note) == ((), "")
    assert "GET /api/v1/statuses/113358685028104954" in relay.requests
    assert source.missing([status["uri"]]) == frozenset()
    first_server.person("ada").delete(status["id"])
    assert source.missing([status["uri"]]) == {status["uri"]}


def test_authors_are_looked_up_anew(httpserver: HTTPServer, first_server: Server, tag: str) -> None:
    relay = OtherServer(httpserver, "relay")
    status = first_server.person("ada").post(f"stands #{tag}")
    source = World().source(first_server.url, relay.url, tags=[tag])
    (post,) = source.fetch("").posts
    found = source.authors([status["uri"], "https://elsewhere.example/1"])
    assert found == {status["uri"]: post.author}
    first_server.person("ada").delete(status["id"])
    assert source.authors([status["uri"]]) == {}


def test_an_address_that_does_not_end_with_the_servers_id_is_not_asked_for(httpserver: HTTPServer) -> None:
    """Pleroma's uris hold another id: a 404 for it would say nothing."""
    there = OtherServer(httpserver, "relay")
    uri = f"{there.url}/objects/8d0d1b3e"
    assert World().source(there.url, tags=["run"]).missing([uri]) == frozenset()
    assert there.requests == []


def test_a_server_that_fails_midway_is_not_asked_again_at_once(
    httpserver: HTTPServer, first_server: Server, tag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "_MOST_PAGES", 1)
    monkeypatch.setattr(walk, "AT_ONCE", 5)
    there = OtherServer(httpserver, "relay")
    world = World()
    source = world.source(there.url, first_server.url, tags=[tag])
    cursor = source.fetch("").cursor
    for number in range(12):
        there.show(str(number), tags=(tag,))
    batch = source.fetch(cursor)
    assert batch.more
    there.limited = True
    stuck = source.fetch(batch.cursor)
    assert not stuck.more
    there.limited = False
    world.clock.move(minutes=10)
    assert source.fetch(stuck.cursor).posts
