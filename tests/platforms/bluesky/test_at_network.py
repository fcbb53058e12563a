"""Both directions of Bluesky on a real AT network: its own PDS, a Jetstream from its firehose, an AppView's stand-in."""

import json
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count

import pytest
from PIL import Image

from bot.core.errors import RateLimited, Rejected, Unanswered, Unauthorized, Unavailable
from bot.core.model import Entity, Media, Receipt, Snippet
from bot.platforms.bluesky.account import BlueskyAccount
from bot.platforms.bluesky.profiles import UNKNOWN_LABELS
from bot.platforms.bluesky.source import BlueskySource
from tests.drawings import photo, saved
from tests.platforms.bluesky.bluesky_world import World, listening
from tests.servers.appview import AppView
from tests.servers.at_network import PASSWORD, Account, Network, at_network
from tests.servers.lossy_proxy import LossyProxy

TAG = "#TCSLondonMarathon"
_numbers = count()


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with at_network(rate_limits=True) as running:
        yield running


@pytest.fixture
def ana(network: Network) -> Account:
    return network.account(f"ana{next(_numbers)}.test")


@pytest.fixture
def bot(network: Network) -> Account:
    return network.account(f"bot{next(_numbers)}.test")


def source_of(network: Network, wire: str = "", *, official: tuple[str, ...] = ()) -> BlueskySource:
    settings = BlueskySource.Settings(
        tags=(TAG,),
        official=official,
        jetstream=network.jetstream + wire,
        appview=network.appview,
        retry_s=0.05,
    )
    return BlueskySource(settings, World().context)


def account_of(service: str, who: Account, world: World | None = None) -> BlueskyAccount:
    world = world or World(secrets={"password": PASSWORD})
    return BlueskyAccount(BlueskyAccount.Settings(identifier=who.handle, service=service), world.context)


def snippet(text: str = "39,698 set to start", **more: object) -> Snippet:
    return Snippet(text=text, created_at=datetime(2016, 4, 24, 13, 0, tzinfo=UTC), **more)  # type: ignore[arg-type]


def new_key() -> str:
    return f"1461502800000000-{next(_numbers)}"


def test_the_picture_of_a_post_is_fetched_from_its_authors_server(network: Network, ana: Account) -> None:
    """The CDN does not have it; the directory names the server."""
    content = saved(photo(1))
    sent = network.client.post(
        f"{network.pds}/xrpc/com.atproto.repo.uploadBlob",
        content=content,
        headers={"authorization": f"Bearer {ana.token}", "content-type": "image/jpeg"},
    )
    blob = sent.raise_for_status().json()["blob"]
    settings = BlueskySource.Settings(
        tags=(TAG,), jetstream=network.jetstream, appview=network.appview, cdn=network.appview, plc=network.plc
    )
    source = BlueskySource(settings, World().context)
    with listening(source) as stream:
        stream.until(lambda s: bool(s.cursor))
        embed = {"$type": "app.bsky.embed.images", "images": [{"image": blob, "alt": "A rhino"}]}
        ana.post(f"Look {TAG}", tags=[TAG.removeprefix("#")], embed=embed)
        stream.until(lambda s: bool(s.posts))
    (media,) = stream.posts[0].media
    assert source.shows(media)
    assert source.picture(media) == content
    source.close()


@pytest.mark.parametrize("wire", ["", "/subscribe"])
def test_tagged_posts_come_with_their_authors(network: Network, ana: Account, wire: str) -> None:
    ana.call_itself("Ana 🏃", "!no-unauthenticated")
    with listening(source_of(network, wire)) as stream:
        stream.until(lambda s: bool(s.cursor))
        ana.post("Nobody asked for this one")
        uris = [
            ana.post("Go Emma! 🏃‍♀️ #TcsLondonMarathon and #emma", tags=["TcsLondonMarathon", "emma"], langs=["en-GB"]),
            ana.post("With the tag beside the text", beside=["TCSLONDONMARATHON"]),
        ]
        stream.until(lambda s: len(s.posts) >= 2)
    assert [post.native_id for post in stream.posts] == uris
    first, second = stream.posts
    assert first.tags == ("tcslondonmarathon", "emma")
    assert [first.text[entity.start : entity.end] for entity in first.entities] == ["#TcsLondonMarathon", "#emma"]
    assert first.lang == "en"
    assert first.author.id == ana.did
    assert first.author.handle == ana.handle
    assert first.author.name == "Ana 🏃"
    assert first.author.labels == ("!no-unauthenticated",)
    assert first.url == f"https://bsky.app/profile/{ana.handle}/post/{uris[0].rsplit('/', 1)[1]}"
    assert first.created_at <= first.seen_at
    assert first.version.startswith("bafyrei")
    assert second.tags == ("tcslondonmarathon",)


def test_official_accounts_are_read_whatever_they_tag(network: Network, ana: Account, bot: Account) -> None:
    with listening(source_of(network, official=(bot.handle,))) as stream:
        stream.until(lambda s: bool(s.cursor))
        ana.post("Not official")
        uri = bot.post("The roads are open again")
        stream.until(lambda s: bool(s.posts))
    assert [post.native_id for post in stream.posts] == [uri]


@pytest.mark.parametrize("wire", ["", "/subscribe"])
def test_what_was_missed_is_read_from_the_cursor(network: Network, ana: Account, wire: str) -> None:
    with listening(source_of(network, wire)) as stream:
        stream.until(lambda s: bool(s.cursor))
        first = ana.post("one #TCSLondonMarathon", tags=["TCSLondonMarathon"])
        stream.until(lambda s: bool(s.posts))
    second = ana.post("two #TCSLondonMarathon", tags=["TCSLondonMarathon"])
    with listening(source_of(network, wire), stream.cursor) as later:
        later.until(lambda s: second in [post.native_id for post in s.posts])
    assert {post.native_id for post in later.posts} <= {first, second}
    # Another wire gives other numbers: the time leads on.
    other = "/subscribe" if not wire else ""
    with listening(source_of(network, other), stream.cursor) as elsewhere:
        elsewhere.until(lambda s: second in [post.native_id for post in s.posts])


def test_deleted_posts_and_edits_without_the_tag_are_gone(network: Network, ana: Account) -> None:
    with listening(source_of(network)) as stream:
        stream.until(lambda s: bool(s.cursor))
        uris = [ana.post(f"{n} #TCSLondonMarathon", tags=["TCSLondonMarathon"]) for n in range(3)]
        ana.delete(uris[0])
        for uri, text, tags in ((uris[1], "no tag", []), (uris[2], "still", ["tcslondonmarathon"])):
            record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2016-04-24T10:00:00Z", "tags": tags}
            rkey = uri.rsplit("/", 1)[1]
            body = {"repo": ana.did, "collection": "app.bsky.feed.post", "rkey": rkey, "record": record}
            ana.call("com.atproto.repo.putRecord", body)
        stream.until(lambda s: len(s.gone) >= 2 and len(s.posts) >= 4)
    assert [gone.id for gone in stream.gone] == uris[:2]
    assert [gone.reason for gone in stream.gone] == ["deleted", "edited: the hashtag was taken away"]
    assert [post.native_id for post in stream.posts] == [*uris, uris[2]]
    assert [post.is_edit for post in stream.posts] == [False, False, False, True]
    assert stream.posts[2].version != stream.posts[3].version


@pytest.mark.parametrize("wire", ["", "/subscribe"])
def test_accounts_that_end_are_gone(network: Network, wire: str) -> None:
    taken, left = (network.account(f"leaving{next(_numbers)}.test") for _ in range(2))
    with listening(source_of(network, wire)) as stream:
        stream.until(lambda s: bool(s.cursor))
        network.take_down(taken.did)
        left.call("com.atproto.server.deactivateAccount", {})
        stream.until(lambda s: len(s.gone_authors) >= 2)
    told = {gone.id: gone.reason for gone in stream.gone_authors}
    assert told == {taken.did: "account taken down", left.did: "account deactivated"}


def test_a_new_handle_is_noticed(network: Network, ana: Account) -> None:
    renamed = f"renamed{next(_numbers)}.test"
    with listening(source_of(network)) as stream:
        stream.until(lambda s: bool(s.cursor))
        ana.post("#TCSLondonMarathon", tags=["TCSLondonMarathon"])
        stream.until(lambda s: bool(s.posts))
        ana.call("com.atproto.identity.updateHandle", {"handle": renamed})
        ana.post("#TCSLondonMarathon", tags=["TCSLondonMarathon"])
        stream.until(lambda s: len(s.posts) == 2)
    assert [post.author.handle for post in stream.posts] == [ana.handle, renamed]
    assert {post.author.id for post in stream.posts} == {ana.did}


def test_without_an_appview_posts_come_with_a_warning_label(network: Network, ana: Account) -> None:
    with AppView(network.pds) as appview:
        appview.fails_with = 503
        settings = BlueskySource.Settings(tags=(TAG,), jetstream=network.jetstream, appview=appview.url)
        with listening(BlueskySource(settings, World().context)) as stream:
            stream.until(lambda s: bool(s.cursor))
            ana.post("#TCSLondonMarathon", tags=["TCSLondonMarathon"])
            stream.until(lambda s: len(s.posts) == 1)
            ana.post("#TCSLondonMarathon", tags=["TCSLondonMarathon"])
            stream.until(lambda s: len(s.posts) == 2)
        # One failure is enough: nothing is asked again at once.
        assert appview.calls == ["app.bsky.actor.getProfiles"]
    assert [post.author.labels for post in stream.posts] == [(UNKNOWN_LABELS,)] * 2
    assert "labels are unknown" in stream.notes[-1]


def test_author_feeds_fill_the_gap(network: Network, bot: Account) -> None:
    source = source_of(network, official=(bot.handle,))
    before = bot.post("before")
    first = source.fetch("")
    assert [post.native_id for post in first.posts] == [before]
    assert first.posts[0].author.handle == bot.handle
    missed = [bot.post(f"missed {number}") for number in range(3)]
    second = source.fetch(first.cursor)
    assert [post.native_id for post in second.posts][-3:] == missed
    assert [post.created_at for post in second.posts] == sorted(post.created_at for post in second.posts)


def test_missing_posts_are_named(network: Network, ana: Account, bot: Account) -> None:
    uris = [ana.post(f"{number}") for number in range(30)]
    hidden = bot.post("not for strangers any more")
    for uri in uris[3:5]:
        ana.delete(uri)
    bot.call_itself("Bot", "!no-unauthenticated")
    source = source_of(network)
    found = source.missing([*uris, hidden, "https://example.org/no-at-uri"])
    assert found == {uris[3], uris[4]}
    authors = source.authors([uris[0], hidden, "https://example.org/no-at-uri"])
    assert {uri: author.labels for uri, author in authors.items()} == {uris[0]: (), hidden: ("!no-unauthenticated",)}
    bot.call_itself("Bot")
    assert source.authors([hidden])[hidden].labels == (), "looked up anew, whatever was known"


def test_a_delivery_is_one_post_however_often_it_is_sent(network: Network, bot: Account) -> None:
    account = account_of(network.pds, bot)
    text = "Überall #LondonMarathon: https://example.org/live 🏃"
    said = snippet(
        text,
        entities=(Entity("tag", 8, 23, "LondonMarathon"), Entity("link", 25, 49, "https://example.org/live")),
        lang="de",
    )
    assert text[8:23] == "#LondonMarathon"
    assert text[25:49] == "https://example.org/live"
    key = new_key()
    receipt = account.publish(said, key)
    assert account.publish(said, key) == receipt
    # What stands is not replaced, even where the words differ.
    assert account.publish(snippet("other words"), key) == receipt
    assert account.find(key, said.created_at) == receipt
    assert account.find(new_key(), said.created_at) is None
    records = network.records(bot.did)
    assert [record["uri"] for record in records] == [receipt.id]
    value = records[0]["value"]
    assert value["text"] == text
    assert value["createdAt"] == "2016-04-24T13:00:00.000Z"
    assert value["langs"] == ["de"]
    content = text.encode()
    spans = [content[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode() for f in value["facets"]]
    assert spans == ["#LondonMarathon", "https://example.org/live"]
    assert receipt.url == f"https://bsky.app/profile/{bot.handle}/post/{receipt.id.rsplit('/', 1)[1]}"
    assert receipt.cid == records[0]["cid"]


def test_our_own_posts_are_read_back_as_we_wrote_them(network: Network, bot: Account) -> None:
    said = snippet("🏃 #TCSLondonMarathon", entities=(Entity("tag", 2, 20, "TCSLondonMarathon"),))
    with listening(source_of(network)) as stream:
        stream.until(lambda s: bool(s.cursor))
        receipt = account_of(network.pds, bot).publish(said, new_key())
        stream.until(lambda s: bool(s.posts))
    assert stream.posts[0].native_id == receipt.id
    assert stream.posts[0].version == receipt.cid
    assert stream.posts[0].entities == said.entities
    assert stream.posts[0].created_at == said.created_at


def test_pictures_go_with_their_alt_text(network: Network, bot: Account) -> None:
    small, large = BytesIO(), BytesIO()
    Image.new("RGB", (40, 30), "red").save(small, "PNG")
    Image.effect_noise((1600, 1200), 90).save(large, "PNG")
    assert len(large.getvalue()) > 1_000_000
    world = World(
        secrets={"password": PASSWORD},
        pictures={"media/a.png": small.getvalue(), "media/b.png": large.getvalue()},
    )
    media = (Media("image", "media/a.png", alt="A red square"), Media("image", "media/b.png", alt="Noise"))
    account = account_of(network.pds, bot, world)
    key = new_key()
    account.publish(snippet("pictures", media=media), key)
    account.publish(snippet("pictures", media=media), key)
    (record,) = network.records(bot.did)
    images = record["value"]["embed"]["images"]
    assert [image["alt"] for image in images] == ["A red square", "Noise"]
    assert [image["image"]["mimeType"] for image in images] == ["image/png", "image/jpeg"]
    assert images[0]["aspectRatio"] == {"width": 40, "height": 30}
    assert images[1]["image"]["size"] <= 1_000_000


def test_a_lost_answer_is_settled_by_looking(network: Network, bot: Account) -> None:
    with LossyProxy(network.pds) as proxy:
        account = account_of(proxy.url, bot)
        key = new_key()
        proxy.lose(1, b"/com.atproto.repo.putRecord")
        with pytest.raises(Unanswered):
            account.publish(snippet(), key)
        assert proxy.lost == 1
        found = account.find(key, snippet().created_at)
        assert found is not None
        assert account.publish(snippet(), key) == found
        assert len(network.records(bot.did)) == 1
        # Where the session's answer is lost, nothing was sent.
        proxy.lose(1, b"/com.atproto.server.createSession")
        with pytest.raises(Unavailable):
            account_of(proxy.url, bot).publish(snippet(), new_key())
        account.close()
    assert len(network.records(bot.did)) == 1
    with pytest.raises(Unavailable, match="cannot connect"):
        account.publish(snippet(), new_key())


def test_retract_twice(network: Network, bot: Account, ana: Account) -> None:
    account = account_of(network.pds, bot)
    key = new_key()
    receipt = account.publish(snippet(), key)
    account.retract(receipt)
    account.retract(receipt)
    assert network.records(bot.did) == []
    assert account.find(key, snippet().created_at) is None
    foreign = Receipt(ana.post("mine"))
    with pytest.raises(Rejected, match="by hand"):
        account.retract(foreign)
    with pytest.raises(Rejected, match="no post"):
        account.retract(Receipt("https://example.org/1"))


def test_a_session_outlives_restarts_and_refreshes(network: Network, bot: Account) -> None:
    world = World(secrets={"password": PASSWORD})
    account_of(network.pds, bot, world).publish(snippet(), new_key())
    signed_in = json.loads(world.memory.kept["session"])
    world.secrets.clear()  # from here on only the session opens the door
    second = account_of(network.pds, bot, world)
    second.publish(snippet(), new_key())
    assert json.loads(world.memory.kept["session"]) == signed_in
    world.machine_now = lambda: datetime.now(UTC) + timedelta(minutes=119)
    third = account_of(network.pds, bot, world)
    third.publish(snippet(), new_key())
    refreshed = json.loads(world.memory.kept["session"])
    assert refreshed["refresh"] != signed_in["refresh"]
    assert refreshed["did"] == bot.did
    world.machine_now = lambda: datetime.now(UTC)
    account_of(network.pds, bot, world).publish(snippet(), new_key())
    assert len(network.records(bot.did)) == 4


@pytest.mark.parametrize("field", ["access", "refresh", "both"])
def test_dead_tokens_end_in_a_new_sign_in(network: Network, bot: Account, field: str) -> None:
    world = World(secrets={"password": PASSWORD})
    account_of(network.pds, bot, world).publish(snippet(), new_key())
    kept = json.loads(world.memory.kept["session"])
    for name in ("access", "refresh") if field == "both" else (field,):
        kept[name] = "ey.broken.token"
    world.memory.put("session", json.dumps(kept))
    account_of(network.pds, bot, world).publish(snippet(), new_key())
    assert len(network.records(bot.did)) == 2


def test_a_wrong_password_is_a_matter_for_a_person(network: Network, bot: Account) -> None:
    with pytest.raises(Unauthorized, match="milepost accounts login bluesky") as none:
        account_of(network.pds, bot, World()).publish(snippet(), new_key())
    assert "no app password" in str(none.value)
    world = World(secrets={"password": "hunter2-wrong"})
    with pytest.raises(Unauthorized, match="milepost accounts login bluesky") as wrong:
        account_of(network.pds, bot, world).publish(snippet(), new_key())
    assert "hunter2" not in str(wrong.value)
    assert world.memory.kept == {}


def test_an_account_that_was_taken_down_is_a_matter_for_a_person(network: Network, bot: Account) -> None:
    world = World(secrets={"password": PASSWORD})
    account = account_of(network.pds, bot, world)
    key = new_key()
    account.publish(snippet(), key)
    network.take_down(bot.did)
    with pytest.raises(Unauthorized):
        account.publish(snippet(), new_key())
    with pytest.raises(Unauthorized, match="AccountTakedown"):
        account_of(network.pds, bot).publish(snippet(), new_key())


def test_login_says_who_we_are(network: Network, bot: Account) -> None:
    world = World(secrets={"password": PASSWORD})
    who = account_of(network.pds, bot, world).login()
    assert (who.id, who.handle) == (bot.did, bot.handle)
    assert "session" in world.memory.kept


def test_the_account_is_looked_at_and_labelled_as_a_bot_beside_what_stands_there(
    network: Network, bot: Account
) -> None:
    account = account_of(network.pds, bot)
    found = account.checkup()
    assert (found.who.id, found.who.handle) == (bot.did, bot.handle)
    assert found.ahead is not None
    assert abs(found.ahead.total_seconds()) < 5
    assert any("accounts mark" in advice for advice in found.advice)
    assert account.mark_as_bot(), "there is no profile yet"
    bot.call_itself("The desk", "!no-unauthenticated")
    assert account.mark_as_bot()
    assert not account.mark_as_bot(), "it is labelled already"
    assert not [advice for advice in account.checkup().advice if "accounts mark" in advice]
    where = f"repo={bot.did}&collection=app.bsky.actor.profile&rkey=self"
    address = f"{network.pds}/xrpc/com.atproto.repo.getRecord?{where}"
    with urllib.request.urlopen(address) as answer:  # noqa: S310 - a server of this machine
        profile = json.load(answer)["value"]
    assert profile["displayName"] == "The desk"
    assert [one["val"] for one in profile["labels"]["values"]] == ["!no-unauthenticated", "bot"]


def test_what_the_service_refuses_is_rejected(network: Network, bot: Account) -> None:
    account = account_of(network.pds, bot)
    with pytest.raises(Rejected, match="300"):
        account.publish(snippet("a" * 301), new_key())
    with pytest.raises(Rejected, match="microseconds"):
        account.publish(snippet(), "311")
    with pytest.raises(Rejected, match="Unicode"):
        account.publish(snippet("\ud800"), new_key())
    assert network.records(bot.did) == []


def test_too_many_sign_ins_name_a_time(network: Network, bot: Account) -> None:
    account = account_of(network.pds, bot)
    before = datetime.now(UTC)
    with pytest.raises(RateLimited) as limited:  # noqa: PT012 - the limit is the service's own: 30 in five minutes
        for _ in range(40):
            account.login()
    assert before < limited.value.until < before + timedelta(minutes=6)
    assert limited.value.stops_all


def test_the_sdk_reads_what_we_wrote(network: Network, bot: Account) -> None:
    from atproto import Client, models  # noqa: PLC0415 - slow to load

    said = snippet("Zoë #x", entities=(Entity("tag", 4, 6, "x"),), lang="en")
    receipt = account_of(network.pds, bot).publish(said, new_key())
    client = Client(base_url=f"{network.pds}/xrpc")
    found = client.com.atproto.repo.get_record(
        models.ComAtprotoRepoGetRecord.Params(
            repo=bot.did, collection="app.bsky.feed.post", rkey=receipt.id.rsplit("/", 1)[1]
        )
    )
    client.request.close()
    assert isinstance(found.value, models.AppBskyFeedPost.Record)
    assert found.value.text == "Zoë #x"
    assert found.value.langs == ["en"]
    (facet,) = found.value.facets
    assert (facet.index.byte_start, facet.index.byte_end, facet.features[0].tag) == (5, 7, "x")
