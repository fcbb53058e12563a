"""What X costs: counted, kept over restarts, shared by all blocks, and bounded."""

from datetime import UTC, datetime

import pytest

from bot.core.errors import RateLimited
from bot.core.model import Receipt
from bot.platforms.x.source import XSource
from tests.platforms.contract import Clock, Kept
from tests.platforms.x.x_world import World, snippet
from tests.servers.x_simulator import Account, XSimulator, new_key


def read_for_ever(source: XSource) -> None:
    cursor = ""
    for _ in range(20):
        cursor = source.fetch(cursor).cursor


@pytest.fixture
def shared() -> Kept:
    return Kept()


def test_every_post_and_every_author_is_counted_once_a_day(
    x: XSimulator, ana: Account, world: World, clock: Clock
) -> None:
    for number in range(20):
        ana.post(f"{number} #LondonMarathon")
    clock.move(minutes=1)
    source = world.source(x.url)
    cursor = source.fetch("").cursor
    assert source._ledger.spent() == (20 * 5_000 + 10_000, 20 * 5_000 + 10_000)
    ana.post("one more #LondonMarathon")
    clock.move(minutes=1)
    source.fetch(cursor)
    assert source._ledger.spent()[0] == 21 * 5_000 + 10_000
    clock.move(days=1)
    assert world.source(x.url)._ledger.spent() == (0, 21 * 5_000 + 10_000)
    clock.move(days=10)
    assert world.source(x.url)._ledger.spent() == (0, 0)


def test_an_empty_look_costs_nothing(x: XSimulator, world: World) -> None:
    source = world.source(x.url)
    source.fetch("")
    assert source._ledger.spent() == (0, 0)


def test_posts_links_pictures_and_deletions_are_counted(x: XSimulator, desk: Account, world: World) -> None:
    account = world.account(x.url, desk)
    account.publish(snippet("no link"), new_key())
    assert account.cost() == "$0.01 of $5.00 today, $0.01 of $50.00 this month"
    receipt = account.publish(snippet("a link: https://example.org"), new_key())
    account.retract(receipt)
    assert account._ledger.spent()[0] == 15_000 + 200_000 + 10_000


def test_prices_are_settings(x: XSimulator, desk: Account, world: World) -> None:
    account = world.account(x.url, desk, price_post=1.5)
    account.publish(snippet(), new_key())
    assert account._ledger.spent()[0] == 1_500_000


def test_what_was_lost_on_the_way_is_counted_too(x: XSimulator, desk: Account, world: World) -> None:
    account = world.account(x.url, desk)
    x.fail("/2/tweets$", 0, handled=True)
    with pytest.raises(Exception, match="no answer"):
        account.publish(snippet(), new_key())
    assert account._ledger.spent()[0] == 15_000


def test_reading_stops_first_then_posting_and_deleting_never(
    x: XSimulator, ana: Account, desk: Account, clock: Clock, shared: Kept
) -> None:
    caps = {"daily_usd": 1.0, "monthly_usd": 10.0}
    reading = World(clock, "hashtag", shared=shared)
    posting = World(clock, "x", shared=shared)
    source = reading.source(x.url, **caps, reserve_usd=0.5)
    account = posting.account(x.url, desk, **caps, reserve_usd=0.1)
    for number in range(200):
        ana.post(f"{number} #LondonMarathon")
    clock.move(minutes=1)
    with pytest.raises(RateLimited, match=r"reading stops: .* of \$1.00 today.*`daily_usd`") as stopped:
        read_for_ever(source)
    assert stopped.value.until == datetime(2026, 4, 27, tzinfo=UTC)
    day, _ = source._ledger.spent()
    assert 350_000 < day <= 500_000  # never over, however many posts there are
    receipts: list[Receipt] = []
    with pytest.raises(RateLimited, match="posting stops"):
        receipts.extend(account.publish(snippet(f"{number} to go"), new_key()) for number in range(100))
    day, _ = account._ledger.spent()
    assert 880_000 < day <= 900_000
    for receipt in receipts:
        account.retract(receipt)
    assert 20 < len(receipts) < 40  # what reading has cost is counted here, too
    assert len(x.deleted) == len(receipts)


def test_the_month_has_a_cap_of_its_own(x: XSimulator, desk: Account, world: World, clock: Clock) -> None:
    account = world.account(x.url, desk, monthly_usd=0.52, reserve_usd=0.5)
    account.publish(snippet(), new_key())
    clock.move(days=1)
    with pytest.raises(RateLimited, match="`monthly_usd`") as stopped:
        account.publish(snippet("more"), new_key())
    assert stopped.value.until == datetime(2026, 5, 1, tzinfo=UTC)
    clock.move(days=5)
    account.publish(snippet("more"), new_key())


def test_a_cap_asks_x_nothing(x: XSimulator, desk: Account, world: World) -> None:
    with pytest.raises(RateLimited):
        world.source(x.url, daily_usd=0).fetch("")
    with pytest.raises(RateLimited):
        world.source(x.url, daily_usd=0).missing(["20"])
    with pytest.raises(RateLimited):
        world.account(x.url, desk, daily_usd=0).publish(snippet(), new_key())
    assert not x.asked


def test_deleted_posts_are_looked_for_from_the_reserve(x: XSimulator, ana: Account, world: World) -> None:
    post = ana.post("a")
    x.deleted.add(post)
    source = world.source(x.url, daily_usd=0.6, reserve_usd=0.6)
    with pytest.raises(RateLimited):
        source.fetch("")
    assert source.missing([post]) == {post}


def test_a_book_of_another_version_is_begun_anew(x: XSimulator, desk: Account, world: World) -> None:
    world.shared.put("x:cost:account:x", "nonsense")
    account = world.account(x.url, desk)
    account.publish(snippet(), new_key())
    assert account._ledger.spent()[0] == 15_000
