"""A person's word for what stands at an account that cannot be asked. Each on both databases."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from bot.app import by_hand, look
from bot.core.errors import NotFoundError, RefusedError, Rejected, Unanswered
from bot.core.model import DeliveryState, Receipt
from bot.pipeline import withdraw
from bot.store.database import Database
from tests.builders import a_desk
from tests.conftest import OPEN_RULES, House
from tests.pipeline.houses import Forgetful, deliveries, live, states
from tests.pipeline.incoming import told
from tests.pipeline.ruled import LOVELY

LOST = Unanswered("the answer was lost")


@dataclass
class Unasked(Forgetful):
    """A channel in which a webhook can write, and nothing else."""

    def find(self, key: str, since: datetime) -> Receipt | None:
        del since
        self.calls.append(("find", key))
        raise Rejected("nobody can be asked")

    def retract(self, receipt: Receipt) -> None:
        self.calls.append(("retract", receipt.id))
        raise Rejected("delete it by hand")

    def seen(self, url: str) -> Receipt:
        return Receipt("seen", url)


@pytest.fixture
def account() -> Unasked:
    return Unasked()


@pytest.fixture
def home(database: Database, build_house: Callable[..., House], account: Unasked) -> House:
    desk = a_desk(stale_after=timedelta(days=9))
    return build_house(database, publisher=account, desk=desk, rules=OPEN_RULES + LOVELY)


def publish(house: House, *, after_s: float = 0) -> int:
    house.machine.forward(seconds=after_s)
    return house.app.publish("social").done


def lost(house: House, account: Unasked) -> str:
    """An update whose send was never answered; gives its slug."""
    account.fail_after = [LOST]
    told(house, "Here we go")
    publish(house)
    assert states(house) == ["unconfirmed"]
    return live(house)[0].slug


def settle(house: House, slug: str, *, stands: bool, url: str = "") -> DeliveryState:
    return by_hand.settle(house.app, "social", slug, stands=stands, url=url, by="ana")


def test_what_cannot_be_looked_up_waits_for_a_person_and_holds_nothing_up(home: House, account: Unasked) -> None:
    lost(home, account)
    told(home, "Two")
    publish(home, after_s=60)
    assert states(home) == ["unconfirmed", "sent"], "the others go on"
    publish(home, after_s=7_200)
    assert states(home) == ["unconfirmed", "sent"], "it is neither given up nor sent again"
    assert len(account.posts) == 2


def test_what_a_person_saw_standing_is_sent(home: House, account: Unasked) -> None:
    slug = lost(home, account)
    assert settle(home, slug, stands=True, url="https://chat.example/7") is DeliveryState.SENT
    (delivery,) = deliveries(home)
    assert delivery.receipt == Receipt("seen", "https://chat.example/7")
    (line,) = home.log("sent")
    assert (line.by, line.why) == ("ana", "looked at by hand: it stands; sent")
    publish(home, after_s=3_600)
    assert len(account.posts) == 1


def test_what_a_person_did_not_see_is_sent_again_once(home: House, account: Unasked) -> None:
    slug = lost(home, account)
    publish(home, after_s=60)
    assert settle(home, slug, stands=False) is DeliveryState.OWED
    publish(home, after_s=60)
    publish(home, after_s=60)
    assert states(home) == ["sent"]
    assert len(account.posts) == 2
    (delivery,) = deliveries(home)
    assert {key for key, _, _ in account.posts} == {delivery.key}, "the same key on every try"


@pytest.mark.parametrize(("stands", "state"), [(True, "retracting"), (False, "cancelled")])
def test_what_was_withdrawn_meanwhile_is_never_sent_again(
    home: House, account: Unasked, *, stands: bool, state: str
) -> None:
    slug = lost(home, account)
    withdraw.withdraw(home.app.database, 1, now=home.clock(), by="ana", why="wrong")
    assert settle(home, slug, stands=stands).value == state
    publish(home, after_s=3_600)
    assert len(account.posts) == 1


def test_what_only_a_person_can_delete_is_open_until_they_say_that_it_is_gone(home: House) -> None:
    told(home, "Here we go")
    publish(home)
    slug = live(home)[0].slug
    withdraw.withdraw(home.app.database, 1, now=home.clock(), by="ana", why="wrong")
    for _ in range(9):
        publish(home, after_s=3_600)
    assert states(home) == ["retracting"]
    (one,) = look.accounts(home.app)
    assert "delete it by hand" in one.error
    with pytest.raises(RefusedError, match="delete it by hand, then say that it is gone"):
        settle(home, slug, stands=True)
    assert settle(home, slug, stands=False) is DeliveryState.RETRACTED
    (one,) = look.accounts(home.app)
    assert (one.error, one.retracting) == ("", 0), "nothing is to be done any more"
    with pytest.raises(RefusedError, match="nobody asks, it is retracted"):
        settle(home, slug, stands=False)


def test_nobody_settles_what_is_known_or_was_never_for_the_account(home: House) -> None:
    told(home, "Here we go")
    publish(home)
    slug = live(home)[0].slug
    with pytest.raises(RefusedError, match="nobody asks, it is sent"):
        settle(home, slug, stands=False)
    with pytest.raises(NotFoundError):
        settle(home, "nothing", stands=False)
    with pytest.raises(NotFoundError, match="no enabled account is called 'other'"):
        by_hand.settle(home.app, "other", slug, stands=True, by="ana")
    assert states(home) == ["sent"]


def test_an_account_that_can_be_asked_is_asked(database: Database, build_house: Callable[..., House]) -> None:
    house = build_house(database, publisher=Forgetful(), rules=OPEN_RULES + LOVELY)
    told(house, "Here we go")
    with pytest.raises(RefusedError, match="looks for itself"):
        settle(house, live(house)[0].slug, stands=True)
