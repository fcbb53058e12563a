"""The same few words by many people: one update and a count, however they come. Each on both databases."""

from collections.abc import Callable

import pytest

from bot.app import look, verbs
from bot.core.model import Gone, Media, Verdict
from bot.store.database import Database
from tests.builders import OFFICIAL, a_post
from tests.conftest import House
from tests.pipeline.houses import deliveries, live, reopened
from tests.pipeline.incoming import keep
from tests.pipeline.sayings import PUBLISH, bring, says, whys

Build = Callable[..., House]
LUCK = "Good luck everyone!"


@pytest.fixture
def open_house(database: Database, build_house: Build) -> House:
    """A house that publishes what no rule is against."""
    return build_house(database, rules=PUBLISH)


def counts(house: House) -> list[tuple[int, int]]:
    """Post and voices of what stands, oldest first."""
    return [(update.post_id, update.chorus) for update in live(house)]


def verdicts(house: House) -> list[str]:
    """The verdict of every post, by number."""
    with house.app.database.read() as tx:
        return [str(row[0]) for row in tx.raw("SELECT verdict FROM posts ORDER BY id")]


def go(house: House, *native_ids: str) -> None:
    """These posts are taken down at their source."""
    keep(house, gone=tuple(Gone(name, house.clock()) for name in native_ids))
    house.app.curate()


@pytest.mark.parametrize("at_once", [True, False])
def test_few_words_by_many_people_are_one_update_with_a_count(open_house: House, at_once: bool) -> None:
    house, posts = open_house, [says(LUCK + "!" * number, f"p{number}") for number in range(5)]
    for batch in [posts] if at_once else [[post] for post in posts]:
        bring(house, *batch)
    assert counts(house) == [(1, 4)]
    assert verdicts(house) == ["publish"] * 5, "none of them is dropped"
    assert len(deliveries(house)) == 1
    assert "the same few words as post 1: counted with it" in whys(house, 3)[-1]


def test_a_chorus_goes_on_after_a_restart_of_the_index(open_house: House) -> None:
    bring(open_house, says(LUCK, "a"), says(LUCK, "b"))
    open_house.app._turns.give_back()
    second = reopened(open_house)
    bring(second, says(LUCK, "c"))
    second.app.close()
    assert counts(open_house) == [(1, 2)]


def test_a_chorus_goes_on_when_the_first_has_left_the_index(open_house: House) -> None:
    for number in range(20):
        bring(open_house, says(LUCK, f"p{number}"))
    assert counts(open_house) == [(1, 19)]


@pytest.mark.parametrize("at_once", [True, False])
def test_who_says_it_twice_is_counted_once(open_house: House, at_once: bool) -> None:
    twice = says(LUCK, "b", native_id="b2")
    bring(open_house, says(LUCK, "a"), says(LUCK, "b"), *([twice] if at_once else []))
    bring(open_house, *([] if at_once else [twice]))
    assert counts(open_house) == [(1, 1)]
    assert verdicts(open_house) == ["publish", "publish", "drop"]


def test_a_picture_or_an_official_speaks_for_itself(open_house: House) -> None:
    bring(open_house, says(LUCK, "a"), says(LUCK, "b", media=(Media("image", "https://x.example/1.jpg", "My sister"),)))
    bring(open_house, a_post(LUCK, author=OFFICIAL, native_id="o"))
    assert len(live(open_house)) == 3


def test_what_a_rule_holds_or_drops_is_not_counted(open_house: House) -> None:
    bring(open_house, says(LUCK, "a"), says(LUCK, "odd"), says(LUCK, "bad"), says(LUCK, "d"))
    assert counts(open_house) == [(1, 1)]


def test_where_the_first_is_held_the_next_stands_for_all(open_house: House) -> None:
    bring(open_house, says(LUCK, "odd"), says(LUCK, "b"))
    bring(open_house, says(LUCK, "c"))
    assert counts(open_house) == [(2, 1)]


def test_where_an_edit_of_the_rules_lets_many_go_they_are_one_update(database: Database, build_house: Build) -> None:
    house = build_house(database, rules=PUBLISH.replace('action = "publish"', 'action = "hold"'))
    bring(house, says("Rain at last", "r"), *(says(LUCK, name) for name in "abcd"))
    (house.rules / "10-rules.toml").write_text(PUBLISH)
    house.app.adopt(at_once=True)
    while house.app.curate().more:
        pass
    assert counts(house) == [(1, 0), (2, 3)]
    bring(house, says(LUCK, "e"))
    assert counts(house) == [(1, 0), (2, 4)]


# -- removal ------------------------------------------------------------------------------------------------------------


def let_odd_go(house: House) -> None:
    """An edit of the rules: what one rule held is let go, and judged again."""
    (house.rules / "10-rules.toml").write_text(PUBLISH.replace("odd.example", "odder.example"))
    house.app.adopt(at_once=True)
    while house.app.curate().more:
        pass


def test_what_is_judged_again_joins_what_stands(open_house: House) -> None:
    house = open_house
    bring(house, says(LUCK, "ana"), says(LUCK, "bob"), says(LUCK, "odd"))
    assert counts(house) == [(1, 1)]
    let_odd_go(house)
    assert counts(house) == [(1, 2)]
    assert "the same few words as post 1: counted with it" in whys(house, 3)[-1]


def test_what_is_judged_again_finds_the_words_where_the_first_has_edited_them(open_house: House) -> None:
    house = open_house
    bring(house, says(LUCK, "ana", version="1"), says(LUCK, "bob"), says(LUCK, "odd"))
    bring(house, says("Go on then all of you", "ana", version="2"))
    let_odd_go(house)
    assert sorted((update.text, update.chorus) for update in live(house)) == [("Go on then all of you", 0), (LUCK, 1)]


def test_what_is_judged_again_waits_where_a_person_took_the_words_back(open_house: House) -> None:
    house = open_house
    bring(house, says(LUCK, "ana"), says(LUCK, "odd"))
    verbs.take_back(house.app, live(house)[0].slug, by="eve")
    let_odd_go(house)
    assert live(house) == []
    assert "the same few words as post 1, which was told and withdrawn" in whys(house, 2)[-1]


def test_a_voice_that_is_removed_is_not_counted_any_more(open_house: House) -> None:
    bring(open_house, *(says(LUCK, name) for name in "abcd"))
    go(open_house, "b")
    go(open_house, "b")
    assert counts(open_house) == [(1, 2)]


def test_where_the_first_is_removed_the_next_takes_over_and_the_chorus_goes_on(open_house: House) -> None:
    house = open_house
    bring(house, *(says(LUCK, name) for name in "abcd"))
    go(house, "a")
    assert counts(house) == [(2, 2)]
    assert [line.why for line in house.log("told")][-1] == (
        "post 1, which said it first, was removed: this one said the same"
    )
    house.day()
    assert len(house.publisher.standing()) == 1
    bring(house, says(LUCK, "e"))
    assert counts(house) == [(2, 3)]
    go(house, "b", "c")
    assert counts(house) == [(4, 1)]
    keep(house, gone_authors=(Gone("did:plc:d", house.clock()),))
    house.app.curate()
    assert counts(house) == [(5, 0)]
    go(house, "e")
    assert counts(house) == []
    bring(house, says(LUCK, "f"))
    bring(house, says(LUCK, "g"))
    assert counts(house) == [(6, 1)]


def test_in_quiet_mode_the_next_waits_for_a_look_and_brings_the_others_with_it(open_house: House) -> None:
    house = open_house
    bring(house, *(says(LUCK, name) for name in "abcd"))
    verbs.quiet(house.app, True, by="ana")
    go(house, "a")
    assert (counts(house), [item.id for item in look.queue(house.app)]) == ([], [2])
    verbs.quiet(house.app, False, by="ana")
    verbs.approve(house.app, "2", by="ana")
    assert counts(house) == [(2, 2)]


def test_what_a_person_withdrew_nobody_takes_over_when_it_is_removed_too(open_house: House) -> None:
    bring(open_house, *(says(LUCK, name) for name in "ab"))
    verbs.take_back(open_house.app, live(open_house)[0].slug, by="ana")
    go(open_house, "a")
    assert counts(open_house) == []


def test_a_person_took_the_words_back_and_the_next_who_says_them_waits(open_house: House) -> None:
    bring(open_house, *(says(LUCK, name) for name in "ab"))
    verbs.take_back(open_house.app, live(open_house)[0].slug, by="ana")
    bring(open_house, says(LUCK, "c"))
    assert verdicts(open_house)[-1] == "hold"
    assert "the same few words as post 1, which was told and withdrawn" in whys(open_house, 3)[-1]


# -- edits --------------------------------------------------------------------------------------------------------------


def test_an_edit_of_the_first_takes_no_ones_words(open_house: House) -> None:
    house = open_house
    bring(house, says(LUCK, "a", version="1"), says(LUCK, "b"), says(LUCK, "c"))
    bring(house, says("Buy my coins", "a", version="2"))
    assert sorted((update.text, update.chorus) for update in live(house)) == [("Buy my coins", 0), (LUCK, 1)]
    bring(house, says(LUCK, "d"))
    assert sorted((update.text, update.chorus) for update in live(house)) == [("Buy my coins", 0), (LUCK, 2)]


def test_an_edit_of_the_first_that_says_the_same_changes_nothing(open_house: House) -> None:
    house = open_house
    bring(house, says(LUCK, "a", version="1"), says(LUCK, "b"))
    bring(house, says(LUCK + " 🎉", "a", version="2"))
    bring(house, says(LUCK, "c"))
    assert [(update.text, update.chorus) for update in live(house)] == [(LUCK + " 🎉", 2)]


def test_a_voice_that_is_edited_says_something_of_its_own_or_goes_on(open_house: House) -> None:
    house = open_house
    bring(house, says(LUCK, "a"), says(LUCK, "b", version="1"), says(LUCK, "c", version="1"))
    bring(house, says("My sister runs today", "b", version="2"), says("good luck everyone", "c", version="2"))
    assert sorted((update.text, update.chorus) for update in live(house)) == [(LUCK, 1), ("My sister runs today", 0)]


# -- the queue ----------------------------------------------------------------------------------------------------------


def queued(house: House) -> list[tuple[int, int]]:
    return [(item.id, item.said) for item in look.queue(house.app)]


def test_in_the_queue_they_are_one_entry_and_one_approval_tells_one_update(house: House) -> None:
    bring(house, says(LUCK, "a"), says("Rain at last", "b"), *(says(LUCK.upper(), name) for name in "cd"))
    assert queued(house) == [(1, 2), (2, 0)]
    found = verbs.approve(house.app, "3", by="ana")
    assert found.said == 2
    assert (counts(house), queued(house), len(deliveries(house))) == ([(3, 2)], [(2, 0)], 1)
    assert verdicts(house) == ["publish", "hold", "publish", "publish"]
    bring(house, says(LUCK, "e"))
    assert queued(house) == [(2, 0), (5, 0)], "a rule holds it: it is not let go by itself"
    again = verbs.approve(house.app, "5", by="bob")
    assert (again.counted, counts(house), queued(house)) == (True, [(3, 3)], [(2, 0)])
    assert "the same few words as update" in whys(house, 5)[-1]
    go(house, "c")
    assert counts(house) == [(1, 2)]


def test_what_is_embargoed_is_an_entry_of_its_own(database: Database, build_house: Build) -> None:
    later = """
[[rule]]
id = "later"
about = "Eve waits."
action = "wait"
until = 2099-01-01T12:00:00Z
when = ['author.handle == "eve.example"']
catches = [{ text = "x", author.handle = "eve.example" }]
spares = ["hello"]
"""
    house = build_house(database, rules=PUBLISH.replace('action = "publish"', 'action = "hold"') + later)
    bring(house, says(LUCK, "a"), says(LUCK, "eve"), says(LUCK, "c"))
    assert queued(house) == [(1, 1), (2, 0)]
    verbs.approve(house.app, "1", by="ana")
    assert (counts(house), queued(house)) == ([(1, 1)], [(2, 0)])


def test_a_rejection_drops_the_entry_and_counts_against_one_alone(house: House) -> None:
    bring(house, *(says(LUCK, name) for name in "abc"))
    assert verbs.reject(house.app, "1", by="ana", why="banal").said == 2
    assert (queued(house), verdicts(house)) == ([], ["drop"] * 3)
    with house.app.database.read() as tx:
        assert sorted(row[0] for row in tx.raw("SELECT rejected FROM authors")) == [0, 0, 1]


@pytest.mark.parametrize("act", [verbs.approve, verbs.reject])
def test_exactly_one_is_decided_on_where_a_person_asks_for_it(house: House, act: Callable[..., object]) -> None:
    bring(house, *(says(LUCK, name) for name in "abc"))
    act(house.app, "2", by="ana", exactly=True)
    assert queued(house) == [(1, 1)]


def test_what_another_rule_holds_is_an_entry_of_its_own(database: Database, build_house: Build) -> None:
    house = build_house(database, rules=PUBLISH.replace('action = "publish"', 'action = "hold"'))
    bring(house, says(LUCK, "a"), says(LUCK, "odd"), says(LUCK, "c"))
    assert queued(house) == [(1, 1), (2, 0)]
    verbs.approve(house.app, "1", by="ana")
    assert (queued(house), verdicts(house)[1]) == ([(2, 0)], Verdict.HOLD.value)


def test_who_is_gone_is_not_approved_with_the_others(house: House) -> None:
    bring(house, *(says(LUCK, name) for name in "abc"))
    keep(house, gone=(Gone("b", house.clock()),))
    verbs.approve(house.app, "1", by="ana")
    assert counts(house) == [(1, 1)]
