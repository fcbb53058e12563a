"""What an edit says: a post that was never told is matched by its words, a told one does not say what another says already."""

from collections.abc import Callable

import pytest

from bot.app import stories, verbs
from bot.store.database import Database
from tests.builders import OFFICIAL, a_post
from tests.conftest import House
from tests.pipeline.houses import live, reopened
from tests.pipeline.sayings import LONG, PUBLISH, bring, says, whys

OTHER = (
    "Breaking from the organiser: the finish on The Mall is closed, runners are to be sent around through Birdcage Walk"
)
MORNING = "A heron has landed on the timing mat at mile nine and the marshals are waiting for it to finish, says a steward there"
LUCK = "Good luck everyone!"


@pytest.fixture(name="house")
def open_house(database: Database, build_house: Callable[..., House]) -> House:
    return build_house(database, rules=PUBLISH)


def standing(house: House) -> list[tuple[str, int]]:
    """The words on the page and how many others posted them, oldest first."""
    return [(update.text, update.also) for update in live(house)]


def test_a_copy_that_is_edited_to_something_new_is_told_and_is_no_copy_any_more(house: House) -> None:
    bring(house, says(LONG, "ana"))
    bring(house, says(LONG, "bob", version="1"))
    assert (standing(house), [copy.post_id for copy in live(house)[0].copies]) == ([(LONG, 1)], [2])
    bring(house, says(OTHER, "bob", version="2"))
    assert standing(house) == [(LONG, 0), (OTHER, 0)]
    assert live(house)[0].copies == ()
    bring(house, says(OTHER, "cat"), says(LONG, "dan"))
    house.app._turns.give_back()
    again = reopened(house)  # with an index that is built anew
    bring(again, says(OTHER, "eve"), says(LONG, "fay"))
    again.app.close()
    assert standing(house) == [(LONG, 2), (OTHER, 2)]


def test_a_copy_that_is_edited_a_little_is_still_a_copy(house: House) -> None:
    bring(house, says(LONG, "ana"))
    bring(house, says(LONG, "bob", version="1"))
    bring(house, says(f"{LONG}!", "bob", version="2"))
    assert standing(house) == [(LONG, 1)]
    assert "story 1 is told already" in whys(house, 3)[-1]


def test_what_waited_and_is_edited_to_what_is_told_is_a_copy_of_it(house: House) -> None:
    bring(house, says(LONG, "ana"))
    bring(house, says(MORNING, "odd", version="1"))
    bring(house, says(LONG, "odd", version="2"))
    assert standing(house) == [(LONG, 1)]
    assert "story 1 is told already" in whys(house, 3)[-1]


def test_what_a_person_rejected_waits_however_much_it_is_edited(house: House) -> None:
    bring(house, says(LONG, "odd", version="1"))
    verbs.reject(house.app, "1", by="eve")
    (house.rules / "10-rules.toml").write_text(PUBLISH.replace("odd.example", "odder.example"))
    house.app.adopt(at_once=True)
    bring(house, says(OTHER, "odd", version="2"))
    assert standing(house) == []
    assert "edited by its author after it was rejected" in whys(house, 2)[-1]


def test_an_edit_does_not_join_what_a_person_keeps_it_from(house: House) -> None:
    bring(house, says(LONG, "ana"))
    bring(house, says(LONG, "bad", version="1"), says(LONG, "cat"))
    stories.split(house.app, ["2"], by="eve", why="another tunnel")
    bring(house, says(LONG, "bad", version="2"))
    bring(house, says(f"{LONG}!", "bad", version="3"))
    assert [story for (story,) in rows(house, "SELECT story_id FROM posts WHERE id IN (2, 4, 5)")] == [2, 2, 2]


def test_a_told_post_that_is_edited_to_what_another_says_is_taken_off(house: House) -> None:
    bring(house, says(LONG, "ana"), says(MORNING, "bob", version="1"))
    first, second = live(house)
    bring(house, says(LONG, "bob", version="2"))
    assert standing(house) == [(LONG, 0)]
    assert f"edited to what update {first.slug} says already: update {second.slug} is taken off" in whys(house, 3)[-1]
    bring(house, says(MORNING, "bob", version="3"))
    assert standing(house) == [(LONG, 0)]
    assert "edited by its author after it was withdrawn: waits for a person" in whys(house, 4)[-1]


def test_a_told_post_that_is_edited_to_what_a_person_rejected_waits(house: House) -> None:
    bring(house, says(LONG, "odd"), says(MORNING, "bob", version="1"))
    verbs.reject(house.app, "1", by="eve")
    bring(house, says(LONG, "bob", version="2"))
    assert standing(house) == []
    assert "edited to what story 1 says, which was rejected by a person" in whys(house, 3)[-1]


def test_an_official_may_edit_to_what_a_stranger_said(house: House) -> None:
    bring(house, says(LONG, "ana"), a_post(MORNING, author=OFFICIAL, native_id="o", version="1"))
    bring(house, a_post(LONG, author=OFFICIAL, native_id="o", version="2"))
    assert standing(house) == [(LONG, 0), (LONG, 0)]


def test_a_told_post_whose_words_stay_follows_its_edit(house: House) -> None:
    bring(house, says(LONG, "ana"), says(MORNING, "bob", version="1"))
    bring(house, says(f"{MORNING}!", "bob", version="2"))
    assert standing(house) == [(LONG, 0), (f"{MORNING}!", 0)]


def test_a_told_number_that_is_corrected_stays_with_its_story_and_its_update(house: House) -> None:
    bring(house, says(f"{MORNING} 15", "ana", version="1"))
    bring(house, says(f"{MORNING} 16", "ana", version="2"))
    assert standing(house) == [(f"{MORNING} 16", 0)]
    assert rows(house, "SELECT DISTINCT story_id FROM posts") == [(1,)]


def test_a_told_post_that_is_edited_to_a_chorus_is_counted_with_it(house: House) -> None:
    bring(house, says(LUCK, "ana"), says(LUCK, "bob"), says(MORNING, "cat", version="1"))
    chorus = live(house)[0]
    bring(house, says(LUCK, "cat", version="2"))
    assert [(update.text, update.chorus) for update in live(house)] == [(LUCK, 2)]
    assert f"edited to what update {chorus.slug} says already" in whys(house, 4)[-1]


def test_who_said_it_first_and_says_it_again_is_counted(house: House) -> None:
    bring(house, says(LUCK, "a", version="1"), says(LUCK, "b"), says(LUCK, "c"))
    bring(house, says("Go on then all of you", "a", version="2"))
    bring(house, says(LUCK, "d"))
    bring(house, says(LUCK, "a", version="3"))
    assert [(update.text, update.chorus) for update in live(house)] == [(LUCK, 3)]


def test_a_voice_that_is_edited_to_what_is_told_is_not_told_again(house: House) -> None:
    bring(house, says(LONG, "ana"), says(LUCK, "b"), says(LUCK, "c", version="1"))
    bring(house, says(LONG, "c", version="2"))
    assert [(update.text, update.also, update.chorus) for update in live(house)] == [(LONG, 1, 0), (LUCK, 0, 0)]


def rows(house: House, query: str) -> list[tuple[object, ...]]:
    with house.app.database.read() as tx:
        return [tuple(row) for row in tx.raw(query)]
