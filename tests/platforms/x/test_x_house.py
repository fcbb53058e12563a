"""An account at X in the house: lost answers end as one post, and no cap keeps what must go from being taken down."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from bot.app import look, verbs
from bot.pipeline.collect import Terms
from bot.platforms.x.account import XAccount
from bot.store.database import Database
from bot.store.marks import StoreMemory
from tests.builders import OFFICIAL, a_post
from tests.conftest import House
from tests.fakes import MACHINE_START, FakeSource
from tests.platforms.contract import Clock
from tests.platforms.x.x_world import World
from tests.servers.x_simulator import Account, XSimulator

Build = Callable[..., House]


class Follows(Clock):
    """The clock of a house that is not built yet."""

    house: House | None = None

    def __call__(self) -> datetime:
        return self.house.machine() if self.house else self.now


@pytest.fixture
def clock() -> Follows:
    return Follows(MACHINE_START)


@pytest.fixture
def house(database: Database, build_house: Build, x: XSimulator, desk: Account, clock: Follows) -> House:
    world = World(clock, "social")
    world.shared = world.memory = StoreMemory(database, "account:social")  # type: ignore[assignment]
    account: XAccount = world.account(x.url, desk, pace_s=0, daily_usd=0.05, reserve_usd=0)
    house = build_house(database, publisher=account)
    clock.house = house
    return house


def say(house: House, *texts: str) -> None:
    for text in texts:
        house.clock.forward(minutes=1)
        house.machine.forward(minutes=1)
        minutes = (house.clock() - a_post().created_at).total_seconds() / 60 + 1
        house.source.posts.append(a_post(text, author=OFFICIAL, minutes=minutes))
        house.day()


def standing(x: XSimulator) -> list[str]:
    return [post["sent"] for post in x.posts.values() if post["id"] not in x.deleted]


def test_a_lost_answer_ends_as_one_post(house: House, x: XSimulator) -> None:
    x.fail("/2/tweets$", 0, handled=True)
    say(house, "The start has gone off on time")
    for _ in range(3):
        house.machine.forward(minutes=1)
        house.day()
    assert len(standing(x)) == 1
    assert [line.what for line in house.log() if line.what in {"sent", "unconfirmed", "not sent"}] == [
        "unconfirmed",
        "sent",
    ]


def test_a_cap_stops_posts_and_no_deletion(house: House, x: XSimulator) -> None:
    say(house, "The first words of the day", "Second, something else entirely", "Thirdly the roads are closed")
    assert len(standing(x)) == 3
    say(house, "Fourth: nobody can pay for this one")
    assert len(standing(x)) == 3
    (account,) = look.accounts(house.app)
    assert "posting stops" in account.error
    told = house.log("told")
    assert told[0].update
    verbs.take_back(house.app, str(told[0].post), by="ana")
    house.day()
    assert len(standing(x)) == 2
    (account,) = look.accounts(house.app)
    assert (account.owed, account.retracting, account.sent) == (1, 0, 2)


def test_a_cap_on_reading_does_not_keep_the_sweep_away(
    database: Database, build_house: Build, x: XSimulator, ana: Account, clock: Follows
) -> None:
    world = World(clock, "hashtag")
    house = build_house(database, source=FakeSource(), terms=Terms("hashtag", platform="x"))
    clock.house = house
    gone = ana.post("The start has gone off on time #LondonMarathon")
    post = a_post("The start has gone off on time", author=ana.id, platform="x", native_id=gone, minutes=5)
    house.clock.forward(minutes=5)
    house.source.posts.append(post)
    house.day()
    (item,) = look.queue(house.app)
    verbs.approve(house.app, str(item.id), by="ana")
    poor = world.source(x.url, daily_usd=0.6, reserve_usd=0.6)
    unit = house.app.sources["hashtag"]
    house.app.sources["hashtag"] = replace(unit, source=poor)  # type: ignore[index]
    house.app.collect("hashtag")
    house.machine.forward(minutes=1)
    x.deleted.add(gone)
    house.app.collect("hashtag")
    house.machine.forward(seconds=10)
    assert house.app.sweep("hashtag") == 1
