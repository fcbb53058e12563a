"""What people said of stories holds for near copies, too: the index knows it, also when it is built anew."""

import pytest

from bot.app import look, stories
from tests.conftest import House
from tests.pipeline.houses import live
from tests.pipeline.ruled import LOVELY, save
from tests.pipeline.test_regrouping import come, join, quiet_run, restarted, said, split, standing

HERE = "A lovely crowd at Tower Bridge: two hundred people sing as one while the rhino and the lighthouse run past them"
NEAR = (
    "A lovely crowd at Tower Bridge: two hundred people sing as one while the rhino and the lighthuose run past them!!"
)
AGAIN = (
    "A lovely crowd at Tower Brigde: two hundred people sing as one while the rhino and the lighthuose run past them"
)
SAME = (
    "A lovely crowd at Tower Bridge: two hundred peple sing as one while the rhino and the lighthouse run past them :)"
)
OTHER = "How lovely: the underpass at Blackfriars is full of song, and every one of those who sing in it is out of tune"
OTHER_NEAR = (
    "How lovely!! the underpass at Blackfriars is full of song and every one of those who sing in it is out of tuen"
)


@pytest.fixture
def two(house: House) -> House:
    """Two near copies that a person has split: 1 and 2, both told."""
    save(house, LOVELY)
    come(house, said(house, HERE, "ana"))
    come(house, said(house, NEAR, "bob"))
    assert standing(house) == {1: (1, "publish"), 2: (1, "drop")}, "near copies are one story at first"
    split(house, 2)
    assert standing(house) == {1: (1, "publish"), 2: (2, "publish")}
    return house


def test_a_near_copy_goes_with_what_it_is_nearest_to_and_joins_nothing(two: House) -> None:
    come(two, said(two, AGAIN, "cat"))
    come(two, said(two, SAME, "dan"))
    found = standing(two)
    assert (found[1], found[2], found[3], found[4]) == ((1, "publish"), (2, "publish"), (2, "drop"), (1, "drop"))
    assert len(live(two)) == 2
    quiet_run(two)


def test_the_word_holds_when_the_index_is_built_anew(two: House) -> None:
    again = restarted(two)
    come(again, said(two, AGAIN, "cat"), said(two, NEAR, "eve"), said(two, HERE, "fay"))
    again.app.close()
    found = standing(two)
    assert (found[3][0], found[4][0], found[5][0]) == (2, 2, 1)
    assert (found[1], found[2]) == ((1, "publish"), (2, "publish"))
    assert two.log("joined") == []


def test_after_a_join_near_copies_of_both_are_one_story(house: House) -> None:
    save(house, LOVELY)
    come(house, said(house, HERE, "ana"), said(house, OTHER, "bob"))
    assert {story for story, _ in standing(house).values()} == {1, 2}
    join(house, 1, 2)
    come(house, said(house, NEAR, "cat"), said(house, OTHER_NEAR, "dan"))
    assert {story for story, _ in standing(house).values()} == {1}
    again = restarted(house)
    come(again, said(house, AGAIN, "eve"))
    again.app.close()
    assert {story for story, _ in standing(house).values()} == {1}
    assert len(live(house)) == 2


def test_the_later_word_counts_for_near_copies_too(two: House) -> None:
    join(two, 1, 2)
    come(two, said(two, AGAIN, "cat"), said(two, SAME, "dan"))
    assert {story for story, _ in standing(two).values()} == {1}


def test_explain_says_by_which_words_a_near_copy_was_joined(house: House) -> None:
    come(house, said(house, HERE, "ana"), said(house, NEAR, "bob"))
    joined = look.explain(house.app, "2").joined
    assert joined is not None
    assert (joined.post, joined.author) == (1, "ana.example (Bluesky)")
    assert joined.reason
    assert joined.words
    (_, member) = stories.show(house.app, "1").members
    assert member.joined == joined
