"""Pictures in the store: owed once, examined once, found again by the index, forgotten after the window."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.core.model import Batch, Media, Verdict
from bot.store import pictures, posts
from bot.store.database import Database, Transaction
from bot.store.pictures import Picture, Seen, Shown
from bot.store.posts import Decision
from bot.store.taking import take
from tests.builders import START, a_post
from tests.fakes import MACHINE_START

LATER = MACHINE_START + timedelta(seconds=10)
TOP = 2**64 - 1


@pytest.fixture
def filled(database: Database) -> Database:
    """Three posts of one minute each."""
    with database.begin() as tx:
        batch = Batch(tuple(a_post(f"post {number}", minutes=number) for number in (1, 2, 3)))
        take(tx, batch, source="s", platform="bluesky", tell_from=None, late_from=None, now=START)
    return database


def picture(post_id: int, place: int = 0, source: str = "s", *, waits: bool = True, cid: str = "") -> Picture:
    media = Media("image", f"https://pictures.example/{post_id}/{place}", cid=cid)
    at = START + timedelta(minutes=post_id)
    return Picture(post_id, place, source, media, at, LATER if waits else MACHINE_START)


def judged(tx: Transaction, *ids: int) -> None:
    posts.decide(tx, [Decision(number, number, Verdict.HOLD, number, None) for number in ids])


def test_owed_seen_fresh_known(filled: Database) -> None:
    with filled.begin() as tx:
        wanted = [picture(1, cid="bafy"), picture(1, 1), picture(2, waits=False), picture(3, source="t")]
        pictures.owe(tx, wanted)
        pictures.owe(tx, [*wanted[:1], picture(1, 2)])  # what is noted stays
        assert pictures.noted(tx, [1, 2, 99]) == {1, 2}
        assert pictures.noted(tx, []) == set()
        assert pictures.waited_for(tx, MACHINE_START) == {1: LATER, 3: LATER}
        assert pictures.waited_for(tx, LATER) == {}
        assert pictures.sources(tx) == ["s", "t"]
        owed = pictures.owed(tx, MACHINE_START, 9, source="s")
        assert [(one.post_id, one.place) for one in owed] == [(1, 0), (1, 1), (1, 2), (2, 0)], "who waits comes first"
        assert owed[0] == wanted[0]
        assert len(pictures.owed(tx, MACHINE_START, 1, source="s")) == 1
        pictures.seen(tx, [Seen(1, 0, TOP), Seen(1, 1, None), Seen(1, 2, None, "x" * 1000), Seen(2, 0, 5)])
        pictures.seen(tx, [Seen(1, 0, 7)])  # it is not owed any more
        both = [Shown(1, (0, 1), (TOP,), ("bafy",)), Shown(2, (0,), (5,), ())]
        assert pictures.of_posts(tx, [1, 2, 3]) == both
        assert pictures.of_posts(tx, []) == []
        assert pictures.waited_for(tx, MACHINE_START) == {3: LATER}
        assert pictures.fresh(tx) == [], "their posts are not judged"
        judged(tx, 1, 2)
        assert pictures.fresh(tx) == both
        assert pictures.since(tx, START) == [], "each is heard of once"
        pictures.known(tx, both[:1])
        assert pictures.fresh(tx) == both[1:]
        assert pictures.since(tx, START) == both[:1]
        pictures.known(tx, both[1:])
        assert pictures.fresh(tx) == []
        assert pictures.since(tx, START) == both
        assert pictures.since(tx, START + timedelta(minutes=2)) == both[1:]


def test_a_picture_that_is_examined_meanwhile_stays_fresh(filled: Database) -> None:
    """Between what the curator reads and what it marks, the examiner of another process may have come."""
    with filled.begin() as tx:
        pictures.owe(tx, [picture(1), picture(1, 1)])
        pictures.seen(tx, [Seen(1, 0, 11)])
        judged(tx, 1)
        heard = pictures.fresh(tx)
        pictures.seen(tx, [Seen(1, 1, 22)])
        pictures.known(tx, heard)
        assert pictures.fresh(tx) == [Shown(1, (1,), (22,), ())]


@pytest.mark.parametrize("number", [0, 1, 2**63 - 1, 2**63, TOP])
def test_all_64_bits_come_back(filled: Database, number: int) -> None:
    with filled.begin() as tx:
        pictures.owe(tx, [picture(1)])
        pictures.seen(tx, [Seen(1, 0, number)])
    with filled.read() as tx:
        assert pictures.of_posts(tx, [1]) == [Shown(1, (0,), (number,), ())]


def test_given_up_disowned_forgotten(filled: Database) -> None:
    with filled.begin() as tx:
        pictures.owe(tx, [picture(1), picture(2, waits=False), picture(3, source="t")])
        assert not pictures.is_late(tx, MACHINE_START)
        assert pictures.is_late(tx, LATER)
        pictures.give_up(tx, LATER, "too many")
        assert [one.post_id for one in pictures.owed(tx, LATER, 9, source="s")] == [1]
        pictures.disown(tx, "t", "gone")
        assert pictures.sources(tx) == ["s"]
        assert pictures.forget(tx, START + timedelta(minutes=2)) == 1
        assert pictures.sources(tx) == []
        assert pictures.noted(tx, [1, 2, 3]) == {2, 3}


def test_posts_that_wait_are_left_out(filled: Database) -> None:
    with filled.read() as tx:
        assert [stored.id for stored in posts.unjudged(tx, 2, without=[1])] == [2, 3]
        assert [stored.id for stored in posts.unjudged(tx, 9, without=[1, 2, 3])] == []
        assert [stored.id for stored in posts.unjudged(tx, 9)] == [1, 2, 3]


def test_the_newest_version_of_each(filled: Database) -> None:
    with filled.begin() as tx:
        (first,) = posts.by_id(tx, [1])
        batch = Batch((a_post("edited", native_id=first.post.native_id, version="2", is_edit=True),))
        take(tx, batch, source="s", platform="bluesky", tell_from=None, late_from=None, now=START)
        assert posts.newest_versions(tx, [first.ident, 12345]) == {first.ident: 4}
        assert posts.newest_versions(tx, []) == {}


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        (lambda tx: pictures.waited_for(tx, MACHINE_START), "ix_pictures_owed"),
        (pictures.sources, "ix_pictures_owed"),
        (lambda tx: pictures.owed(tx, MACHINE_START, 9, source="s"), "ix_pictures_owed"),
        (lambda tx: pictures.is_late(tx, MACHINE_START), "ix_pictures_owed"),
        (pictures.fresh, "ix_pictures_fresh"),
    ],
)
def test_a_question_of_each_run_reads_an_index_of_what_it_asks_for_alone(
    sqlite_template: Path, tmp_path: Path, asked: Callable[[Transaction], object], index: str
) -> None:
    """The table holds every picture of the window. (PostgreSQL reads a small table whole, whatever its indexes.)"""
    shutil.copyfile(sqlite_template, tmp_path / "plans.db")
    database = Database(f"sqlite:///{tmp_path}/plans.db")
    said: list[tuple[str, Any]] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def _keep(_connection: object, _cursor: object, statement: str, parameters: Any, *_more: object) -> None:
        said.append((statement, parameters))

    with database.read() as tx:
        asked(tx)
        statement, parameters = said[-1]
        plan = [str(row[3]) for row in tx.raw(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    database.close()
    assert any(index in step for step in plan), plan
