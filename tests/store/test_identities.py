"""Other names of posts: where they lead, and that they cost nothing where there are none."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import event, select

from bot.core.model import Batch, Media, Post
from bot.store import posts, taking
from bot.store.database import Database
from bot.store.schema import identities
from bot.store.taking import Taken
from tests.builders import START, a_post


def take(database: Database, *brought: Post, source: str = "organiser") -> Taken:
    with database.begin() as tx:
        return taking.take(
            tx, Batch(brought, "1"), source=source, platform="feeds", tell_from=None, late_from=None, now=START
        )


def an_entry(text: str, native_id: str, *names: str, **more: object) -> Post:
    values: dict[str, object] = {"platform": "feeds", "version": str(hash(text)), "source": "organiser", "minutes": 1.5}
    return a_post(text, native_id=native_id, also_known=names, **(values | more))  # type: ignore[arg-type] # fields of Post


def kept(database: Database) -> list[tuple[str, str]]:
    with database.read() as tx:
        return [(stored.post.native_id, stored.post.text) for stored in posts.unjudged(tx, 1000)]


def test_a_name_leads_to_the_post(database: Database) -> None:
    take(database, an_entry("Start", "1", "link and date:a"))
    taken = take(database, an_entry("Start", "2", "link and date:a"))
    assert (list(taken.new), taken.again) == ([], 1)
    assert taken.recognised is not None
    assert (taken.recognised.by, taken.recognised.posts) == ({"link and date": 1}, {1: "link and date"})
    taken = take(database, an_entry("Started", "2", "link and date:a"))
    assert [(one.post.native_id, one.post.text, one.post.is_edit) for one in taken.kept] == [("1", "Started", True)]
    assert taken.recognised is None, "that it is 2 now is known"
    taken = take(database, an_entry("Started again", "2", "link and date:z"))
    assert [one.post.native_id for one in taken.kept] == ["1"], "its id leads there as well"


def test_names_in_one_batch_lead_to_its_own_posts(database: Database) -> None:
    later = START + timedelta(hours=1)
    taken = take(
        database,
        an_entry("Start", "1", "date and words:a"),
        an_entry("Start", "2", "date and words:a", seen_at=later),
        an_entry("Started", "3", "date and words:a", seen_at=later),
    )
    assert [(one.post.native_id, one.post.text, one.post.is_edit) for one in taken.kept] == [
        ("1", "Start", False),
        ("1", "Started", True),
    ]


def test_what_stands_beside_a_post_in_one_look_is_another(database: Database) -> None:
    first = an_entry("Start", "1", "link and date:a")
    take(database, first)
    beside = an_entry("Something else", "2", "link and date:a")
    assert [
        one.post.native_id for one in take(database, replace(first, also_known=("link and date:b",)), beside).kept
    ] == ["2"]


def test_an_id_given_again_is_another_post_each_time(database: Database) -> None:
    words = ("Start", "Rain", "Start", "Rain")
    for number, text in enumerate(words):
        take(database, an_entry(text, "1", f"date and words:{number}", minutes=number * 9.5))
        take(database, an_entry(text, "1", f"date and words:{number}", minutes=number * 9.5))
    assert [text for _, text in kept(database)] == list(words)
    assert len({native_id for native_id, _ in kept(database)}) == 4


def test_what_says_the_same_is_no_edit_whatever_its_version(database: Database) -> None:
    take(
        database,
        an_entry("Start", "1", "id:a", media=(Media("image", "https://organiser.example/a.jpg?utm_source=x"),)),
    )
    same = an_entry(
        "Start",
        "1",
        "id:a",
        version="2",
        url="https://elsewhere.example/",
        media=(Media("image", "http://organiser.example/a.jpg"),),
    )
    assert list(take(database, same).new) == []
    other = an_entry("Start", "1", "id:a", version="3", media=(Media("image", "https://organiser.example/b.jpg"),))
    assert [one.post.is_edit for one in take(database, other).kept] == [True]


def test_a_feed_of_another_house_does_not_edit(database: Database) -> None:
    take(database, an_entry("Start", "https://organiser.example/1", "a:1"))
    mine = an_entry("Something evil", "https://organiser.example/1", "b:1", author="did:plc:eve", source="evil")
    taken = take(database, mine, source="evil")
    assert (list(taken.new), taken.again) == ([], 1)
    with database.read() as tx:
        assert [source for source, _ in posts.sightings_of(tx, [1])] == ["evil"]


def test_names_are_kept_in_their_table_and_nowhere_else(database: Database) -> None:
    take(database, an_entry("Start", "1", "link and date:a", "date and words:b"), a_post("no names"))
    with database.read() as tx:
        assert len(tx.run(select(identities)).all()) == 2
        assert [stored.post.also_known for stored in posts.unjudged(tx, 9)] == [(), ()]


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "x" * 100_000, "'; DROP TABLE identities; --"])
def test_names_may_say_anything(database: Database, text: str) -> None:
    take(database, an_entry("Start", "1", text, "id:x"))
    assert list(take(database, an_entry("Start", "2", text, "id:x")).new) == []


def test_posts_without_other_names_cost_no_statement(database: Database) -> None:
    said: list[str] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def _note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    take(database, a_post("one"), a_post("two"))
    assert said
    assert not any("identities" in statement for statement in said)
    take(database, an_entry("Start", "1", "id:x"))
    assert any("identities" in statement for statement in said), "the test can fail"
