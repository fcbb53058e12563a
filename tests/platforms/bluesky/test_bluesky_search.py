"""Hashtags that Jetstream did not give us, searched through the server of an account on a real AT network."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from pydantic import ValidationError

from bot.core.model import Batch
from bot.platforms.bluesky.gaps import Gap, Gaps
from bot.platforms.bluesky.jetstream import Cursor, parse_cursor
from bot.platforms.bluesky.source import BlueskySource
from tests.platforms.bluesky.bluesky_world import DictMemory, World, listening
from tests.platforms.bluesky.fake_jetstream import FakeJetstream, Visit, post2, us
from tests.servers.at_network import PASSWORD, Account, Network, at_network
from tests.servers.lossy_proxy import LossyProxy

TAG = "TCSLondonMarathon"
LATER = timedelta(minutes=2)
_numbers = count()


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with at_network() as running:
        yield running


@pytest.fixture
def ana(network: Network) -> Account:
    return network.account(f"ana{next(_numbers)}.test")


@dataclass
class Searching:
    """A source with an account to search with, and what its gaps are."""

    network: Network
    who: Account
    password: str = PASSWORD
    world: World = field(default_factory=World)
    jetstream: str = ""
    service: str = ""

    def __post_init__(self) -> None:
        self.network.view.fails_with = 0
        self.network.view.page = 100
        self.network.view.searched.clear()
        self.world.secrets = {"password": self.password} if self.password else {}
        self.world.machine_now = lambda: datetime.now(UTC) + LATER
        self.source = self.anew()

    def anew(self) -> BlueskySource:
        settings = BlueskySource.Settings(
            tags=(f"#{TAG}",),
            jetstream=self.jetstream or self.network.jetstream,
            appview=self.network.appview,
            identifier=self.who.handle,
            service=self.service or self.network.pds,
            retry_s=0.01,
        )
        return BlueskySource(settings, self.world.context)

    def gap(self, since: datetime, until: datetime) -> None:
        Gaps(self.world.memory).add(Gap(since, until))


def just_now() -> tuple[datetime, datetime]:
    """A gap that holds what this test posts: so short that no other test's posts need to be told from it."""
    return datetime.now(UTC), datetime.now(UTC) + timedelta(minutes=1)


def say(who: Account, *texts: str) -> list[str]:
    return [who.post(f"{text} #{TAG}", tags=[TAG]) for text in texts]


def ours(batch: Batch, uris: list[str]) -> list[str]:
    return [post.native_id for post in batch.posts if post.native_id in uris]


def test_a_gap_is_filled_by_search_oldest_first_and_once(network: Network, ana: Account) -> None:
    searching = Searching(network, ana)
    searching.gap(*just_now())
    uris = say(ana, "one", "two")
    ana.post(f"the word #{TAG} without being a tag")
    batch = searching.source.fetch("")
    assert ours(batch, uris) == uris
    assert all(post.tags == (TAG.lower(),) for post in batch.posts)
    assert batch.posts[-1].author.handle == ana.handle
    assert (batch.note, batch.more) == ("", False)
    asked = network.view.searched
    assert [(query["q"], query["tag"], query["sort"]) for query in asked] == [(f"#{TAG}", TAG, "latest")]
    # Nothing is left to search, before and after a restart.
    assert searching.source.fetch(batch.cursor).posts == ()
    assert searching.anew().fetch(batch.cursor).posts == ()
    assert len(asked) == 1


def test_a_crash_before_the_posts_are_stored_loses_none(network: Network, ana: Account) -> None:
    searching = Searching(network, ana)
    searching.gap(*just_now())
    uris = say(ana, "one")
    assert ours(searching.source.fetch(""), uris) == uris
    assert ours(searching.anew().fetch(""), uris) == uris


def test_a_long_gap_is_read_a_few_pages_a_look(network: Network, ana: Account) -> None:
    searching = Searching(network, ana)
    since, until = just_now()
    searching.gap(since, until)
    uris = say(ana, *[str(number) for number in range(13)])
    network.view.page = 1
    found: list[str] = []
    cursor, more, looks = "", True, 0
    while more:
        batch = searching.anew().fetch(cursor)  # each look could be after a restart
        cursor, more, looks = batch.cursor, batch.more, looks + 1
        found += ours(batch, uris)
        assert batch.note == ""
    assert set(found) == set(uris)
    assert looks >= 3
    assert datetime.fromisoformat(json.loads(cursor)["#"]) == until


@pytest.mark.parametrize("status", [403, 502, 400])
def test_a_search_that_is_refused_is_said_and_made_again_later(network: Network, ana: Account, status: int) -> None:
    searching = Searching(network, ana)
    searching.gap(*just_now())
    uris = say(ana, "one")
    network.view.fails_with = status
    batch = searching.source.fetch("")
    assert (batch.posts, batch.more) == ((), False)
    assert "are still missing: the search was refused" in batch.note
    network.view.fails_with = 0
    # Nobody is asked again at once; the note stands, and the gap.
    assert searching.source.fetch(batch.cursor).note == batch.note
    searching.world.machine_now = lambda: datetime.now(UTC) + 5 * LATER
    batch = searching.source.fetch(batch.cursor)
    assert (ours(batch, uris), batch.note) == (uris, "")


@pytest.mark.parametrize(("password", "said"), [("wrong", "does not take the password"), ("", "no app password")])
def test_without_a_good_password_it_says_what_to_do(network: Network, ana: Account, password: str, said: str) -> None:
    searching = Searching(network, ana, password)
    searching.gap(*just_now())
    note = searching.source.fetch("").note
    assert said in note
    assert 'give it as its secret "password"' in note
    assert "milepost accounts login" not in note


def test_a_wrong_password_is_offered_once_an_hour(network: Network, ana: Account) -> None:
    """A gap is looked at every five minutes; so many sign-ins a day nobody has."""
    with LossyProxy(network.pds) as proxy:
        searching = Searching(network, ana, "wrong", service=proxy.url)
        searching.gap(*just_now())
        assert "does not take the password" in searching.source.fetch("").note
        proxy.lose(1, b"createSession")  # whoever signs in now says something else
        searching.world.machine_now = lambda: datetime.now(UTC) + 10 * LATER
        assert "does not take the password" in searching.source.fetch("").note
        assert proxy.lost == 0
        searching.world.machine_now = lambda: datetime.now(UTC) + timedelta(hours=2)
        assert "does not take the password" not in searching.source.fetch("").note
        assert proxy.lost == 1


def test_what_an_appview_may_not_know_yet_is_not_searched_yet(network: Network, ana: Account) -> None:
    searching = Searching(network, ana)
    searching.world.machine_now = lambda: datetime.now(UTC)
    searching.gap(*just_now())
    assert searching.source.fetch("").posts == ()
    assert network.view.searched == []


def test_first_contact_searches_what_was_said_before(network: Network, ana: Account) -> None:
    searching = Searching(network, ana)
    searching.world.machine_now = lambda: datetime.now(UTC)
    uris = say(ana, "before anybody listened")
    with listening(searching.source) as stream:
        stream.until(lambda s: bool(s.cursor))
    searching.world.machine_now = lambda: datetime.now(UTC) + LATER
    assert ours(searching.source.fetch(""), uris) == uris


@pytest.mark.parametrize(
    "visits",
    [
        # The server says so, of the number and of the time; or it goes on much later and says nothing.
        (
            Visit([post2(1)]),
            Visit(refuse="CursorTooOld"),
            Visit(refuse="CursorTooOld"),
            Visit([post2(900)], stays=True),
        ),
        (Visit([post2(1)]), Visit([post2(900)], stays=True)),
    ],
)
def test_what_the_stream_could_not_give_becomes_a_gap(
    network: Network, ana: Account, visits: tuple[Visit, ...]
) -> None:
    with FakeJetstream(*visits) as server:
        searching = Searching(network, ana, jetstream=server.url)
        done, until = (datetime.fromtimestamp(us(seq) / 1e6, UTC) for seq in (1, 900))
        searching.world.machine_now = lambda: until
        with listening(searching.source, str(Cursor(us(0), 0, server.host))) as stream:
            stream.until(lambda s: parse_cursor(s.cursor).us == us(900))
    assert searching.source._gaps.after(None) == Gap(done, until)


def test_gaps_stand_one_behind_the_other_within_bounds() -> None:
    noon = datetime(2026, 4, 26, 12, 0, tzinfo=UTC)
    hour = timedelta(hours=1)
    gaps = Gaps(DictMemory())
    gaps.add(Gap(noon - 1000 * hour, noon))
    gaps.add(Gap(noon - hour, noon + hour))
    gaps.add(Gap(noon - hour, noon + hour))
    assert gaps.after(None) == Gap(noon - 72 * hour, noon)
    assert gaps.after(noon) == Gap(noon, noon + hour)
    assert gaps.after(noon + hour) is None


def test_who_searches_is_a_handle_or_a_did() -> None:
    with pytest.raises(ValidationError, match=r"neither a handle nor a DID: write name.bsky.social"):
        BlueskySource.Settings(tags=("Go",), identifier="nobody at all")
