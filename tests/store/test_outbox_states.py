"""The outbox's state machine: how each try ends, and that what must be down comes to rest nowhere else."""

from datetime import datetime, timedelta

import pytest

from bot.core.budget import Work
from bot.core.model import DeliveryState, Receipt, Snippet, Tone, Update, UpdateKind, UpdateState, Worth
from bot.store import coverage, feed, outbox
from bot.store.database import Database, Transaction
from bot.store.outbox import Delivery
from tests.builders import START
from tests.fakes import MACHINE_START

S = DeliveryState
SECOND = timedelta(seconds=1)


def tell(database: Database, *accounts: str, tone: Tone = Tone.NEWS, cleared: bool = False) -> Update:
    update = Update(0, "", UpdateKind.DESK, UpdateState.LIVE, START, "news", tone=tone)
    with database.begin() as tx:
        return coverage.tell(tx, update, accounts or ("social",), at=START, by="ana", cleared=cleared)


def only(database: Database, update: Update) -> Delivery:
    with database.read() as tx:
        (found,) = outbox.of_update(tx, update.id)
    return found


def claim(database: Database, delivery: Delivery) -> bool:
    with database.begin() as tx:
        return outbox.claim(tx, delivery, key="k", created_at=START, payload=Snippet("words", START))


def take_back(database: Database, update: Update) -> None:
    with database.begin() as tx:
        outbox.take_back(tx, update.id)


def next_due(tx: Transaction, account: str, at: datetime, *, held: bool, quiet: bool) -> outbox.Delivery | None:
    """The next one of an account whose platform limits nothing."""
    may = frozenset(Work) - ({Work.POSTING} if held else set())
    return outbox.next_due(tx, account, at, may=may, worth=Worth.SNIPPET, quiet=quiet)


def test_an_account_is_owed_once(database: Database) -> None:
    update = tell(database, "social", "social", "mail")
    with database.read() as tx:
        assert [one.account for one in outbox.of_update(tx, update.id)] == ["social", "mail"]
        assert outbox.accounts_with_work(tx) == ["mail", "social"]
        assert outbox.counts(tx) == {("mail", "owed"): 1, ("social", "owed"): 1}


def test_a_claim_holds_everything_that_is_sent_and_is_given_once(database: Database) -> None:
    update = tell(database)
    owed = only(database, update)
    assert (owed.key, owed.payload, owed.attempts) == ("", None, 0)
    assert claim(database, owed)
    assert not claim(database, owed)
    claimed = only(database, update)
    assert (claimed.state, claimed.key, claimed.attempts) == (S.SENDING, "k", 1)
    assert claimed.payload == Snippet("words", START)


@pytest.mark.parametrize("claimed", [False, True])
@pytest.mark.parametrize("state", list(S))
def test_only_what_was_cancelled_before_it_was_ever_claimed_is_owed_again(
    database: Database, state: S, claimed: bool
) -> None:
    update = tell(database)
    other = tell(database, "social", "mail")
    if claimed:
        claim(database, only(database, update))
    with database.begin() as tx:
        outbox.settle(tx, only(database, update), state, error="why", next_at=MACHINE_START)
        outbox.take_back(tx, other.id, ["mail"])
    before = only(database, update)
    for _ in range(2):  # twice is once
        with database.begin() as tx:
            outbox.owe(tx, update.id, ["social", "mail"], at=START + SECOND, cleared=True, worth=Worth.SNIPPET)
            found, mail = outbox.of_update(tx, update.id)
            assert mail.state is S.OWED
            if state is S.CANCELLED and not claimed:
                assert (found.state, found.owed_at, found.cleared, found.error) == (S.OWED, START + SECOND, True, "")
            else:
                assert found == before
            assert [one.state for one in outbox.of_update(tx, other.id)] == [S.OWED, S.CANCELLED]


def test_what_is_owed_again_is_sent_at_once_and_as_what_it_then_is(database: Database) -> None:
    update = tell(database)
    first = only(database, update)
    with database.begin() as tx:
        outbox.settle(tx, first, S.OWED, next_at=MACHINE_START + SECOND)
    take_back(database, update)
    with database.begin() as tx:
        outbox.owe(tx, update.id, ["social"], at=START + SECOND, cleared=False, worth=Worth.SNIPPET)
        due = next_due(tx, "social", MACHINE_START, held=False, quiet=False)
    assert due == only(database, update)
    assert (due.id, due.down, due.key, due.attempts) == (first.id, False, "", 0)
    assert claim(database, due)
    assert not claim(database, first)


@pytest.mark.parametrize(
    ("wanted", "written", "written_if_down"),
    [
        (S.SENT, S.SENT, S.RETRACTING),
        (S.OWED, S.OWED, S.CANCELLED),
        (S.FAILED, S.FAILED, S.CANCELLED),
        (S.UNCONFIRMED, S.UNCONFIRMED, S.UNCONFIRMED),
        (S.SENDING, S.SENDING, S.SENDING),
        (S.CORRECTING, S.CORRECTING, S.RETRACTING),
        (S.RETRACTING, S.RETRACTING, S.RETRACTING),
        (S.RETRACTED, S.RETRACTED, S.RETRACTED),
        (S.CANCELLED, S.CANCELLED, S.CANCELLED),
    ],
)
@pytest.mark.parametrize("down", [False, True])
def test_how_a_try_ends(database: Database, wanted: S, written: S, written_if_down: S, down: bool) -> None:
    update = tell(database)
    claim(database, only(database, update))
    if down:
        take_back(database, update)
    claimed = only(database, update)
    assert claimed.state is S.SENDING
    assert claimed.down is down
    with database.begin() as tx:
        got = outbox.settle(tx, claimed, wanted, receipt=Receipt("r"), error="why", next_at=MACHINE_START)
    expected = written_if_down if down else written
    found = only(database, update)
    assert got is found.state is expected
    assert (found.receipt, found.error) == (Receipt("r"), "why")


def test_what_stands_and_cannot_be_taken_down_is_not_called_cancelled(database: Database) -> None:
    update = tell(database)
    claim(database, only(database, update))
    with database.begin() as tx:
        outbox.settle(tx, only(database, update), S.SENT, receipt=Receipt("r"))
    take_back(database, update)
    with database.begin() as tx:
        outbox.settle(tx, only(database, update), S.FAILED, error="refused", may_stand=True)
    assert only(database, update).state is S.FAILED


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (S.OWED, S.CANCELLED),
        (S.SENT, S.RETRACTING),
        (S.SENDING, S.SENDING),
        (S.UNCONFIRMED, S.UNCONFIRMED),
        (S.FAILED, S.FAILED),
        (S.CANCELLED, S.CANCELLED),
        (S.RETRACTED, S.RETRACTED),
        (S.CORRECTING, S.RETRACTING),
        (S.RETRACTING, S.RETRACTING),
    ],
)
def test_taking_back_in_every_state_and_twice(database: Database, state: S, after: S) -> None:
    update = tell(database)
    other = tell(database)
    with database.begin() as tx:
        outbox.settle(tx, only(database, update), state, next_at=MACHINE_START + SECOND)
    take_back(database, update)
    take_back(database, update)
    found = only(database, update)
    assert found.state is after
    assert found.down is (state not in (S.FAILED, S.CANCELLED, S.RETRACTED, S.RETRACTING))
    assert only(database, other).state is S.OWED
    if state in (S.SENT, S.SENDING, S.UNCONFIRMED):  # taking down does not wait for a back-off of sending
        with database.read() as tx:
            assert (due := next_due(tx, "social", MACHINE_START, held=True, quiet=True)) is not None
            assert due.update.id == update.id


def test_what_is_down_is_never_claimed(database: Database) -> None:
    update = tell(database)
    owed = only(database, update)
    take_back(database, update)
    assert not claim(database, owed)
    with database.begin() as tx:
        assert not outbox.cancel(tx, owed, "late")
    assert only(database, update).error == ""


def test_order_of_work_is_look_up_then_take_down_then_send(database: Database) -> None:
    names = ["owed", "sending", "sent", "correcting", "retracting", "unconfirmed"]
    updates = {name: tell(database) for name in names}
    with database.begin() as tx:
        for name, update in updates.items():
            (found,) = outbox.of_update(tx, update.id)
            outbox.settle(tx, found, S(name))
    order = []
    with database.begin() as tx:
        while (due := next_due(tx, "social", MACHINE_START, held=False, quiet=False)) is not None:
            order.append(due.state.value)
            outbox.settle(tx, due, S.CANCELLED)
    assert order == ["sending", "unconfirmed", "retracting", "correcting", "owed"]


@pytest.mark.parametrize("cleared", [False, True])
@pytest.mark.parametrize("tone", list(Tone))
@pytest.mark.parametrize(("held", "quiet"), [(False, False), (True, False), (False, True), (True, True)])
def test_what_a_brake_holds_back(database: Database, tone: Tone, cleared: bool, held: bool, quiet: bool) -> None:
    tell(database, tone=tone, cleared=cleared)
    with database.read() as tx:
        due = next_due(tx, "social", MACHINE_START, held=held, quiet=quiet)
    goes = not held and not (quiet and tone is Tone.LIGHT and not cleared)
    assert (due is not None) is goes


def test_waiting_ends_exactly_at_its_time(database: Database) -> None:
    update = tell(database)
    with database.begin() as tx:
        outbox.settle(tx, only(database, update), S.OWED, next_at=MACHINE_START + SECOND)
    with database.read() as tx:
        assert outbox.next_wake(tx, "social", MACHINE_START) == MACHINE_START + SECOND
        assert next_due(tx, "social", MACHINE_START + SECOND * 0.999, held=False, quiet=False) is None
        assert next_due(tx, "social", MACHINE_START + SECOND, held=False, quiet=False) is not None
        assert outbox.next_wake(tx, "social", MACHINE_START + SECOND) is None
        assert next_due(tx, "mail", MACHINE_START + SECOND, held=False, quiet=False) is None
    with database.begin() as tx:
        outbox.retry_now(tx, "mail")
        assert next_due(tx, "social", MACHINE_START, held=False, quiet=False) is None
        outbox.retry_now(tx, "social")
        assert next_due(tx, "social", MACHINE_START, held=False, quiet=False) is not None


def test_what_has_been_owed_too_long(database: Database) -> None:
    update = tell(database)
    with database.begin() as tx:
        assert outbox.owed_before(tx, START) == []
        assert [one.update.id for one in outbox.owed_before(tx, START + SECOND)] == [update.id]
        assert outbox.owed_before(tx, START + SECOND, ["mail"]) == []
        assert outbox.owed_before(tx, START + SECOND, []) == []
        assert outbox.cancel(tx, outbox.owed_before(tx, START + SECOND, ["social"])[0], "too late")
        assert outbox.owed_before(tx, START + SECOND) == []
    assert (only(database, update).state, only(database, update).error) == (S.CANCELLED, "too late")


def test_untelling_twice_writes_one_line(database: Database) -> None:
    update = tell(database)
    with database.begin() as tx:
        first = coverage.untell(tx, update, at=START, by="ana", why="wrong", note="sorry")
        second = coverage.untell(tx, first, at=START + SECOND, by="bob", why="wrong")
        assert second == first
        assert feed.live(tx) == []
        (taken,) = feed.withdrawn(tx)
        assert (taken.note, taken.slug, taken.seq) == ("sorry", update.slug, update.seq + 1)


def test_a_draft_that_is_withdrawn_was_never_on_the_page(database: Database) -> None:
    with database.begin() as tx:
        draft = feed.add(tx, Update(0, "", UpdateKind.DESK, UpdateState.DRAFT, START, "draft"))
        coverage.untell(tx, draft, at=START, by="ana", why="no")
        assert feed.withdrawn(tx) == []
        assert feed.changed_after(tx, 0, 10) == []
