"""Taking back: from the page and from every account, once, whatever state it is in."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.app import look, verbs
from bot.core.errors import NotFoundError, OutsideError, Rejected, Unanswered, Unavailable
from bot.core.model import Update, UpdateState
from bot.core.reports import Withdrawal
from bot.pipeline import withdraw
from bot.store.database import Database
from tests.builders import a_desk
from tests.conftest import House
from tests.pipeline.houses import live, reopened, states
from tests.pipeline.incoming import held, told


def take_back(house: House, update: Update, **more: str) -> Withdrawal:
    return withdraw.withdraw(
        house.app.database,
        update.id,
        now=house.clock(),
        by=more.get("by", "ana"),
        why=more.get("why", ""),
        note=more.get("note", ""),
    )


def page(house: House, name: str = "index.html") -> str:
    house.app.refresh()
    return (house.app.page_folder / name).read_text()


def test_it_goes_from_the_page_the_feeds_and_the_account(house: House) -> None:
    update = told(house, "Wrong runner")
    house.day()
    assert len(house.publisher.standing()) == 1
    found = take_back(house, update, why="it was somebody else", note="It was somebody else.")
    assert (found.update.state, found.update.note, found.already) == (
        UpdateState.WITHDRAWN,
        "It was somebody else.",
        False,
    )
    assert [(one.account, one.state, one.down) for one in found.deliveries] == [("social", "retracting", True)]
    house.day()
    assert house.publisher.standing() == []
    for name in ("index.html", "feed.atom", "feed.json", f"u/{update.slug}.html"):
        assert "Wrong runner" not in page(house, name)
    assert "It was somebody else." in page(house, f"u/{update.slug}.html")
    assert [(one.state, one.down) for one in withdraw.receipt(house.app.database, update.id).deliveries] == [
        ("retracted", True)
    ]
    (line,) = house.log("withdrawn")
    assert (line.by, line.why) == ("ana", "it was somebody else")


def test_it_goes_from_every_account(house: House) -> None:
    house.app.desk = a_desk(accounts=("social", "mail", "chat"))
    update = verbs.write(
        house.app, verbs.manuscript("Everywhere", accounts=("social", "mail", "chat")), by="ana"
    ).update
    house.app.publish("social")
    found = take_back(house, update)
    assert [(one.account, one.state) for one in found.deliveries] == [
        ("social", "retracting"),
        ("mail", "cancelled"),
        ("chat", "cancelled"),
    ]


def test_what_was_never_sent_is_never_sent(house: House) -> None:
    take_back(house, told(house, "Wrong runner"))
    house.day()
    assert house.publisher.calls == []
    assert states(house) == ["cancelled"]


def test_twice_is_once_and_says_so(house: House) -> None:
    update = told(house, "Wrong runner")
    house.day()
    first = take_back(house, update, by="ana", note="First note")
    house.clock.forward(minutes=5)
    before = house.log()
    second = take_back(house, update, by="bob", why="again", note="Second note")
    assert (first.already, second.already) == (False, True)
    assert second.update == first.update
    assert house.log() == before
    house.day()
    third = take_back(house, update)
    assert third.already
    assert [one.state for one in third.deliveries] == ["retracted"]
    assert [what for what, _ in house.publisher.calls] == ["publish", "retract"]


@pytest.mark.parametrize("number", [0, -1, 99, 2**62])
def test_an_update_that_does_not_exist_is_not_found(house: House, number: int) -> None:
    told(house, "Here we go")
    with pytest.raises(NotFoundError, match=f"update {number} does not exist"):
        withdraw.withdraw(house.app.database, number, now=house.clock(), by="ana", why="")
    with pytest.raises(NotFoundError, match=f"update {number} does not exist"):
        withdraw.receipt(house.app.database, number)
    assert len(live(house)) == 1
    assert house.log("withdrawn") == []


@pytest.mark.parametrize("reference", ["", "nothing1", "bluesky:never", "https://live.example/u/nothing1", "999", "²"])
def test_a_name_that_nothing_has_is_not_found(house: House, reference: str) -> None:
    with pytest.raises(NotFoundError, match="is unknown: give"):
        verbs.take_back(house.app, reference, by="ana")


def test_a_post_that_was_never_told_cannot_be_taken_back(house: House) -> None:
    number = held(house, "Go on Alice")
    with pytest.raises(NotFoundError, match="was never told"):
        verbs.take_back(house.app, str(number), by="ana")


@pytest.mark.parametrize("draft", [True, False])
def test_what_is_not_told_yet_is_never_told(house: House, draft: bool) -> None:
    due = None if draft else house.clock() + timedelta(minutes=5)
    update = verbs.write(
        house.app, verbs.manuscript("Not yet", strand="official", due_at=due, draft=draft), by="ana"
    ).update
    found = take_back(house, update)
    assert (found.update.state, found.update.due_at, found.deliveries) == (UpdateState.WITHDRAWN, None, ())
    house.clock.forward(minutes=6)
    house.day()
    assert (live(house), look.waiting(house.app), states(house)) == ([], [], [])
    assert "Not yet" not in page(house)


@pytest.mark.parametrize(
    "error", [Unavailable("away"), Unanswered("lost"), Rejected("no")], ids=lambda error: type(error).__name__
)
def test_until_an_account_has_let_go_the_receipt_does_not_say_that_it_is_gone(
    house: House, error: OutsideError
) -> None:
    update = told(house, "Wrong runner")
    house.app.publish("social")
    take_back(house, update)
    house.publisher.fail = [error]
    house.app.publish("social")
    (one,) = withdraw.receipt(house.app.database, update.id).deliveries
    assert (one.state, one.error) == ("retracting", str(error))
    house.machine.forward(hours=2)
    house.app.publish("social")
    (one,) = withdraw.receipt(house.app.database, update.id).deliveries
    assert (one.state, one.error) == ("retracted", "")


def test_a_withdrawal_survives_a_restart_in_its_middle(house: House) -> None:
    update = told(house, "Wrong runner")
    house.app.publish("social")
    take_back(house, update)
    house.app.close()
    again = reopened(house)
    again.app.publish("social")
    assert again.publisher.standing() == []
    again.app.close()


def test_what_a_rule_or_a_person_published_goes_by_every_name_it_has(
    database: Database, build_house: Callable[..., House]
) -> None:
    house = build_house(database)
    for number, name in enumerate(("id", "key", "url", "slug", "permalink")):
        post = held(house, f"Go on number {number} of all of us", f"n{number}", f"did:plc:r{number}")
        update = verbs.approve(house.app, str(post), by="ana").update
        assert update is not None
        reference = {
            "id": str(post),
            "key": f"bluesky:n{number}",
            "url": update.url,
            "slug": update.slug,
            "permalink": f"https://live.example/u/{update.slug}",
        }[name]
        verbs.take_back(house.app, reference, by="ana")
        assert live(house) == [], name
