"""Stories in the store: each post in one, what people said follows, and no join that nobody made."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.model import Batch, Update, UpdateKind, UpdateState
from bot.store import feed, stories
from bot.store.database import Database, Transaction
from bot.store.schema import posts as posts_table
from bot.store.taking import take
from tests.builders import START, a_post


def filled(database: Database, *sizes: int) -> list[int]:
    """Stories of so many posts, one after the other; gives their numbers."""
    named, number = [], 1
    batch = tuple(a_post(f"words {one}", author=f"did:plc:{one}", native_id=f"n{one}") for one in range(sum(sizes)))
    with database.begin() as tx:
        take(tx, Batch(batch), source="s", platform="bluesky", tell_from=None, late_from=None, now=START)
        for size in sizes:
            own = list(range(number, number + size))
            tx.run(posts_table.update().where(posts_table.c.id.in_(own)).values(story_id=own[0]))
            named.append(own[0])
            number += size
    return named


def standing(tx: Transaction) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for row in tx.raw("SELECT story_id, id FROM posts ORDER BY id"):
        found.setdefault(int(row[0]), []).append(int(row[1]))
    return found


def test_a_join_takes_posts_truths_and_follow_ups_along(database: Database) -> None:
    filled(database, 2, 2, 1, 1)  # 1, 3, 5, 6
    with database.begin() as tx:
        stories.keep_apart(tx, 6, 3, at=START, by="ana", why="two races")
        stories.follow(tx, 5, 3)
        assert stories.join(tx, 1, [3, 3, 1, 99]) == (3, 99)
        assert standing(tx) == {1: [1, 2, 3, 4], 5: [5], 6: [6]}
        assert stories.apart_pairs(tx) == [(1, 6)]
        (one,) = stories.apart_from(tx, 1)
        assert (one.by, one.why, one.at) == ("ana", "two races", START)
        assert stories.followed(tx, [5, 1]) == {5: 1}
        assert stories.following(tx, [1]) == {1: [5]}
        assert (stories.now(tx, 3), stories.now(tx, 4), stories.now(tx, 98)) == (1, 1, 0)
        assert stories.names(tx, 1) == [1, 2, 3, 4]
        assert stories.join(tx, 1, [3]) == (3,), "twice is once"
        assert standing(tx) == {1: [1, 2, 3, 4], 5: [5], 6: [6]}
        stories.join(tx, 1, [5])
        assert stories.followed(tx, [1, 5]) == {}, "no story follows itself"


def test_no_join_goes_against_what_people_said(database: Database) -> None:
    filled(database, 1, 1, 1)
    with database.begin() as tx:
        stories.keep_apart(tx, 3, 2, at=START, by="ana", why="")
        assert stories.join(tx, 1, [2, 3]) == (2,), "3 is apart from 2, which is part of 1 now"
        assert standing(tx) == {1: [1, 2], 3: [3]}
        assert stories.join(tx, 3, [1]) == ()
        assert [one.by for one in stories.let_together(tx, [1, 3])] == ["ana"]
        assert stories.join(tx, 3, [1]) == (1,)
        assert standing(tx) == {3: [1, 2, 3]}


def test_a_split_leaves_numbers_that_are_those_of_posts(database: Database) -> None:
    filled(database, 5, 1)
    with database.begin() as tx:
        stories.keep_apart(tx, 1, 6, at=START, by="ana", why="")
        assert stories.split(tx, 1, [4, 3]) == (3, 1)
        assert standing(tx) == {1: [1, 2, 5], 3: [3, 4], 6: [6]}
        assert stories.apart_pairs(tx) == [(1, 6), (3, 6)], "what was said of the whole holds for both"
        assert stories.split(tx, 1, [1]) == (1, 2), "the post of this number leaves: the rest is named by its next one"
        assert standing(tx) == {1: [1], 2: [2, 5], 3: [3, 4], 6: [6]}
        assert stories.apart_pairs(tx) == [(1, 6), (2, 6), (3, 6)]


def test_our_own_words_are_a_story_that_posts_can_join_and_leave(database: Database) -> None:
    filled(database, 2)
    with database.begin() as tx:
        own = feed.add(tx, Update(0, "", UpdateKind.DESK, UpdateState.LIVE, START, "our own words"))
        assert stories.now(tx, -own.id) == -own.id
        assert stories.join(tx, -own.id, [1]) == (1,)
        assert [update.id for update in stories.updates_of(tx, -own.id)] == [own.id]
        assert feed.told_stories(tx, [-own.id]) == {-own.id}, "who looks for what is told finds it"
        assert stories.split(tx, -own.id, [1, 2]) == (1, -own.id)
        assert standing(tx) == {1: [1, 2]}
        assert stories.join(tx, 1, [-own.id]) == (-own.id,)
        assert stories.now(tx, -own.id) == 1
        assert stories.names(tx, 1) == [-own.id, 1, 2]
        assert stories.split(tx, 1, [1, 2]) == (1, -own.id), "our own words alone can stay behind"
        assert stories.now(tx, -own.id) == -own.id


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.booleans(), st.lists(st.integers(1, 9), min_size=1, max_size=4)), max_size=8))
def test_any_splits_and_joins_leave_each_post_in_one_story_named_by_one_of_its_posts(
    database: Database, moves: list[tuple[bool, list[int]]]
) -> None:
    with database.begin() as tx:
        tx.raw("DELETE FROM apart")
        tx.raw("DELETE FROM bodies")
        tx.raw("DELETE FROM posts")
    filled(database, 3, 3, 3)
    with database.begin() as tx:
        for is_join, numbers in moves:
            of = stories.of_posts(tx, numbers)
            if is_join:
                into = min(of.values())
                stories.join(tx, into, list(of.values()))
            else:
                story = of[numbers[0]]
                leaving = [number for number in numbers if of[number] == story]
                if set(leaving) != set(stories.post_numbers(tx, story)):
                    part, rest = stories.split(tx, story, leaving)
                    stories.keep_apart(tx, part, rest, at=START, by="ana", why="")
            found = standing(tx)
            assert sorted(number for members in found.values() for number in members) == list(range(1, 10))
            assert all(name in members for name, members in found.items())
            pairs = stories.apart_pairs(tx)
            assert all(low < high and {low, high} <= set(found) for low, high in pairs)
