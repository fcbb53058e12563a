"""Times keep their instant, numbers are given once, leases have one holder: also with several writers at a time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from bot.core.errors import StoreError
from bot.core.model import Update, UpdateKind, UpdateState
from bot.store import coverage, feed, journal, leases, marks
from bot.store.database import Database, Transaction
from bot.store.schema import gone
from bot.store.schema import journal as journal_table
from tests.builders import START

WRITERS = 8


def all_at_once(work: Callable[[int], object]) -> list[object]:
    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(work, range(WRITERS)))


def write_time(tx: Transaction, at: datetime, key: int = 1) -> None:
    tx.run(gone.insert(), {"ident": key, "at": at, "reason": "", "handled": True})


@pytest.mark.parametrize(
    "zone",
    [UTC, ZoneInfo("Europe/London"), ZoneInfo("Asia/Kathmandu"), timezone(timedelta(hours=-9, minutes=-30))],
    ids=str,
)
@pytest.mark.parametrize("on_the_wall", [(2016, 4, 24, 10, 0, 0, 123456), (2016, 10, 30, 1, 30), (1970, 1, 1)], ids=str)
@pytest.mark.parametrize("fold", [0, 1])
def test_an_instant_stays_the_same_in_every_zone(
    database: Database, on_the_wall: tuple[int, int, int], zone: timezone | ZoneInfo, fold: int
) -> None:
    given = datetime(*on_the_wall, tzinfo=zone, fold=fold)
    with database.begin() as tx:
        write_time(tx, given)
    with database.read() as tx:
        found = tx.run(select(gone.c.at)).scalar_one()
        assert tx.run(select(gone.c.ident).where(gone.c.at <= given)).scalars().all() == [1]
        assert tx.run(select(gone.c.ident).where(gone.c.at < given)).scalars().all() == []
    assert found == given.astimezone(UTC)
    assert found.utcoffset() == timedelta(0)


def test_times_sort_by_their_instant_whatever_their_zone(database: Database) -> None:
    later_on_the_wall = datetime(2016, 4, 24, 12, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    earlier_on_the_wall = datetime(2016, 4, 24, 10, 0, tzinfo=ZoneInfo("Europe/London"))
    with database.begin() as tx:
        write_time(tx, earlier_on_the_wall, 1)
        write_time(tx, later_on_the_wall, 2)
    with database.read() as tx:
        assert tx.run(select(gone.c.ident).order_by(gone.c.at)).scalars().all() == [2, 1]


def test_a_time_without_a_zone_is_refused_and_nothing_is_stored(database: Database) -> None:
    def write() -> None:
        with database.begin() as tx:
            write_time(tx, START)
            write_time(tx, START.replace(tzinfo=None), 2)

    with pytest.raises((StatementError, StoreError), match="a time without a zone"):
        write()
    with database.read() as tx:
        assert tx.run(select(gone.c.ident)).all() == []


def test_ids_are_never_given_twice(database: Database) -> None:
    def write(number: int) -> list[int]:
        taken: list[int] = []
        for size in (1, 3, 2, 5):
            with database.begin() as tx:
                ids = journal.write(tx, [journal.Line(START, "judged", f"writer {number}")] * size)
                assert list(ids) == sorted(ids)
                taken.extend(ids)
        return taken

    ids = [number for taken in all_at_once(write) for number in taken]  # type: ignore[attr-defined]
    assert len(ids) == len(set(ids)) == WRITERS * 11
    with database.read() as tx:
        assert sorted(tx.run(select(journal_table.c.id)).scalars()) == sorted(ids)
        assert tx.reserve(journal_table, 0) == ()


def test_ids_of_a_transaction_that_failed_harm_nobody(database: Database) -> None:
    with database.begin() as tx:
        (first,) = journal.write(tx, [journal.Line(START, "met", "milepost")])

    def fail() -> None:
        with database.begin() as tx:
            journal.write(tx, [journal.Line(START, "met", "milepost")])
            tx.raw("SELECT nothing FROM nowhere")

    with pytest.raises(StoreError):
        fail()
    with database.begin() as tx:
        (second,) = journal.write(tx, [journal.Line(START, "met", "milepost")])
    with database.read() as tx:
        assert tx.run(select(journal_table.c.id).order_by(journal_table.c.id)).scalars().all() == [first, second]


def test_counting_has_no_gaps_also_where_a_transaction_fails(database: Database) -> None:
    def count(number: int) -> list[int]:
        given = []
        for turn in range(5):
            with suppress(StoreError), database.begin() as tx:
                found = marks.next_number(tx, "tickets")
                if (number + turn) % 3 == 0:
                    tx.raw("SELECT nothing FROM nowhere")
                given.append(found)
        return given

    given = sorted(number for taken in all_at_once(count) for number in taken)  # type: ignore[attr-defined]
    assert given == list(range(1, len(given) + 1))
    assert len(given) > WRITERS


def test_the_feed_counts_every_change_once_under_many_tellers(database: Database) -> None:
    update = Update(0, "", UpdateKind.DESK, UpdateState.LIVE, START, "news")

    def tell(number: int) -> list[int]:
        seqs = []
        for _ in range(3):
            with database.begin() as tx:
                told = coverage.tell(tx, update, ("social",), at=START, by=f"writer {number}")
                seqs.append(told.seq)
        with database.begin() as tx:
            seqs.append(coverage.revise(tx, told, at=START, by="desk", why="").seq)
        assert seqs == sorted(set(seqs))
        return seqs

    seqs = sorted(number for taken in all_at_once(tell) for number in taken)  # type: ignore[attr-defined]
    assert seqs == list(range(1, WRITERS * 4 + 1))
    with database.read() as tx:
        assert feed.seq(tx) == WRITERS * 4
        changed = feed.changed_after(tx, 0, 1000)
        assert [one.seq for one in changed] == sorted(one.seq for one in changed)
        assert len(changed) == WRITERS * 3
        assert len({one.slug for one in changed}) == WRITERS * 3


def test_nobody_sees_a_number_before_a_smaller_one(database: Database) -> None:
    """Whoever has drawn up to a seq would else miss a smaller one that is committed later."""
    update = Update(0, "", UpdateKind.DESK, UpdateState.LIVE, START, "news")

    def tell(_number: int) -> bool:
        for _ in range(4):
            with database.begin() as tx:
                coverage.tell(tx, update, (), at=START, by="desk")
            with database.read() as tx:
                seqs = [one.seq for one in feed.changed_after(tx, 0, 1000)]
                assert seqs == list(range(1, feed.seq(tx) + 1))
        return True

    assert all(all_at_once(tell))


def test_a_lease_has_one_holder_until_it_runs_out(database: Database) -> None:
    minute = timedelta(minutes=1)

    def take(holder: str, at: datetime) -> bool:
        with database.begin() as tx:
            return leases.take(tx, "curate", holder, at, minute)

    def holder(at: datetime) -> str:
        with database.read() as tx:
            return leases.holder_of(tx, "curate", at)

    assert holder(START) == ""
    assert take("a", START)
    assert not take("b", START)
    assert not take("b", START + minute - timedelta(microseconds=1))
    assert holder(START + minute - timedelta(microseconds=1)) == "a"
    assert take("a", START + minute / 2)  # renewed
    assert not take("b", START + minute)
    assert holder(START + minute * 1.5) == ""  # at its end it is nobody's
    assert take("b", START + minute * 1.5)
    assert not take("a", START + minute * 2)
    with database.begin() as tx:
        leases.give_back(tx, "a")  # what is not a's stays
    assert holder(START + minute * 2) == "b"
    with database.begin() as tx:
        leases.give_back(tx, "b")
    assert take("a", START)


def test_many_ask_for_a_lease_and_one_gets_it(database: Database) -> None:
    def take(number: int) -> bool:
        with database.begin() as tx:
            return leases.take(tx, "publish:social", f"holder {number}", START, timedelta(minutes=1))

    assert sum(map(bool, all_at_once(take))) == 1


def test_marks_and_memory_forget_what_is_empty(database: Database) -> None:
    memory, other = marks.StoreMemory(database, "account:a"), marks.StoreMemory(database, "account:b")
    assert memory.get("session") == ""
    memory.put("session", "first")
    memory.put("session", "second")
    assert (memory.get("session"), other.get("session")) == ("second", "")
    memory.put("session", "")
    assert memory.get("session") == ""
    with database.begin() as tx:
        marks.put(tx, "one", "1")
        marks.put(tx, "one", "2")
        assert marks.get(tx, "one") == "2"
        marks.put(tx, "one", "")
        assert marks.get(tx, "one") == ""
