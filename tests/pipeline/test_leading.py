"""Which copy of a story readers see, and what is said of the others. Each on both databases."""

from collections.abc import Callable

import pytest

from bot.app import look, verbs
from bot.core.model import Gone, Media, Verdict
from bot.store.database import Database
from tests.builders import OFFICIAL, a_desk, a_post
from tests.conftest import House
from tests.pipeline.houses import live
from tests.pipeline.incoming import keep
from tests.pipeline.ruled import save
from tests.pipeline.sayings import LONG, PUBLISH, bring, know, says, whys

Build = Callable[..., House]
AMY = "https://social.example/users/amy"
PEOPLE = f"""
[[person]]
id = "amy"
name = "Amy"
accounts = ["bluesky:did:plc:amy", "mastodon:{AMY}", "x:12"]
"""
PICTURE = (Media("image", "https://x.example/1.jpg", "Two hundred people in a tunnel"),)


def open_house(build: Build, database: Database) -> House:
    house = build(database, rules=PUBLISH, desk=a_desk(source_prefer={"agency": 5}))
    save(house, PEOPLE, "people.toml")
    return house


# -- told by rules ------------------------------------------------------------------------------------------------------


def test_of_copies_that_come_at_once_the_best_is_told_and_the_others_are_told_already(
    database: Database, build_house: Build
) -> None:
    house = open_house(build_house, database)
    bring(house, says(LONG, "one"), says(f"RT @one.example: {LONG}", "two"), says(LONG, "three", media=PICTURE))
    (update,) = live(house)
    assert (update.post_id, update.also) == (3, 2)
    assert [copy.post_id for copy in update.copies] == [1], "a repost is counted and not listed"
    assert whys(house, 3)[-1].endswith("leads its story: picture with a description")
    assert all("story 1 is told already" in whys(house, number)[-1] for number in (1, 2))


def test_what_a_rule_drops_or_holds_does_not_lead_and_is_not_shown(database: Database, build_house: Build) -> None:
    house = open_house(build_house, database)
    bring(house, says(LONG, "one"), says(LONG, "bad", media=PICTURE), says(LONG, "odd", media=PICTURE))
    (update,) = live(house)
    assert (update.post_id, update.also, update.copies) == (1, 2, ())


def test_who_is_gone_before_they_are_judged_does_not_lead(database: Database, build_house: Build) -> None:
    house = open_house(build_house, database)
    keep(house, gone=(Gone("two", house.clock()),), gone_authors=(Gone("did:plc:three", house.clock()),))
    bring(house, says(LONG, "one"), says(LONG, "two", media=PICTURE), says(LONG, "three", media=PICTURE))
    (update,) = live(house)
    assert (update.post_id, update.also, update.copies) == (1, 0, ())


def test_a_better_copy_that_comes_after_publication_does_not_lead(database: Database, build_house: Build) -> None:
    house = open_house(build_house, database)
    bring(house, says(LONG, "one"))
    bring(house, says(LONG, "two", media=PICTURE, source="agency"))
    (update,) = live(house)
    assert (update.post_id, update.also, [copy.handle for copy in update.copies]) == (1, 1, ["two.example"])


def test_two_networks_one_author_three_copies_one_picture_are_one_update_credited_once(
    database: Database, build_house: Build
) -> None:
    house = open_house(build_house, database)
    bring(house, *(says(LONG, "amy", native_id=number, media=PICTURE) for number in ("b1", "b2")))
    bring(house, a_post(LONG, author=AMY, native_id="m1", platform="mastodon", media=PICTURE))
    bring(house, says(LONG, "bob"))
    (update,) = live(house)
    assert update.credit is not None
    assert (update.credit.handle, update.also) == ("amy.example", 1), "one other person"
    assert [(copy.platform, copy.is_same) for copy in update.copies] == [
        ("bluesky", True),
        ("mastodon", True),
        ("bluesky", False),
    ]


def test_a_crowd_of_reposts_is_counted_and_never_carried_about(database: Database, build_house: Build) -> None:
    house = open_house(build_house, database)
    bring(house, says(LONG, "one"))
    bring(house, *(says("", f"r{number}", repost_of="one") for number in range(60)))
    bring(house, *(says(LONG, f"c{number}") for number in range(25)))
    (update,) = live(house)
    assert (update.also, len(update.copies)) == (85, 20)


def test_what_came_before_in_another_run_is_counted_when_its_story_is_told(
    database: Database, build_house: Build
) -> None:
    house = open_house(build_house, database)
    bring(house, says(LONG, "odd"), says("", "odd", native_id="r1", repost_of="odd"))
    assert live(house) == []
    bring(house, a_post(LONG, author=OFFICIAL, native_id="o"))
    (update,) = live(house)
    assert (update.is_official, update.also, update.copies) == (True, 2, ()), "what a rule holds is not shown"


# -- told by a person ---------------------------------------------------------------------------------------------------


def held(house: House, *posts: object) -> None:
    for post in posts:
        bring(house, post)  # type: ignore[arg-type]


def test_the_queue_shows_a_story_by_its_best_copy_and_approving_any_copy_tells_it(house: House) -> None:
    held(house, says(LONG[:70] + "…", "one"), says("Go on Alice", "bob"), says(LONG, "two"))
    with house.app.database.begin() as tx:  # the present index does not join what is cut without "RT"
        tx.raw("UPDATE posts SET story_id = 1 WHERE id = 3")
    assert [(item.id, item.others) for item in look.queue(house.app)] == [(3, 1), (2, 0)]
    found = verbs.approve(house.app, "1", by="ana", why="lovely")
    assert (found.led, found.led_why, found.others) == (3, "complete", 1)
    (update,) = live(house)
    assert (update.post_id, update.text, update.also, [copy.post_id for copy in update.copies]) == (3, LONG, 1, [1])
    assert whys(house, 3)[-1] == "lovely; led by post 3: complete"
    assert whys(house, 1)[-1] == "told with post 3 of the same story, which leads: complete"
    assert [line.why for line in house.log("told")] == ["lovely; led by post 3: complete"]


def test_exactly_this_copy_is_told_where_a_person_asks_for_it(house: House) -> None:
    held(house, says(LONG, "one"), says(LONG, "two", media=PICTURE))
    found = verbs.approve(house.app, "1", by="ana", exactly=True)
    assert (found.led, found.others, [update.post_id for update in live(house)]) == (0, 1, [1])


def test_of_copies_that_differ_in_their_time_alone_the_named_one_is_told(house: House) -> None:
    held(house, says(LONG, "one"), says(LONG, "two"))
    assert verbs.approve(house.app, "2", by="ana").led == 0
    assert [update.post_id for update in live(house)] == [2]


def test_what_is_gone_or_held_for_another_reason_does_not_lead(database: Database, build_house: Build) -> None:
    hold = PUBLISH.replace('action = "publish"', 'action = "hold"').replace('id = "all"', 'id = "rest"')
    house = build_house(database, rules=hold)
    held(house, says(LONG, "one"), says(LONG, "odd", media=PICTURE), says(LONG, "three", media=PICTURE))
    keep(house, gone=(Gone("three", house.clock()),))
    assert verbs.approve(house.app, "1", by="ana").led == 0
    assert [update.post_id for update in live(house)] == [1]


def test_what_was_settled_with_an_approved_copy_is_no_rejection(house: House) -> None:
    held(house, says(LONG, "one"), says(LONG, "two"))
    verbs.approve(house.app, "1", by="ana")
    verbs.take_back(house.app, live(house)[0].slug, by="ana")
    bring(house, says(LONG, "three"))
    assert "told and withdrawn: a copy of it waits" in whys(house, 3)[-1]


# -- what adds to an earlier story --------------------------------------------------------------------------------------

FIRST, MORE = "The road at mile nine is closed", "The road at mile nine is closed until half past ten"


@pytest.mark.parametrize("at_once", [True, False])
def test_an_update_that_adds_a_fact_is_told_and_linked_both_ways(
    database: Database, build_house: Build, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    know(monkeypatch, {MORE: {"update_of": 1}})
    house = open_house(build_house, database)
    if at_once:
        bring(house, says(FIRST, "one"), says(MORE, "two"))
    else:
        bring(house, says(FIRST, "one"))
        bring(house, says(MORE, "two"))
    earlier, later = live(house)
    assert (later.follows, earlier.followed) == (earlier.slug, later.slug)
    assert "adds to story 1" in whys(house, 2)[-1]
    verbs.take_back(house.app, later.slug, by="ana")
    (earlier,) = live(house)
    assert earlier.followed == "", "no link leads to what is taken off"


def test_what_adds_to_a_removed_story_waits_and_to_an_untold_one_does_not(
    database: Database, build_house: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    know(monkeypatch, {MORE: {"update_of": 1}, "Till noon": {"update_of": 1}, "Seen": {"pictured_in": 1}})
    house = open_house(build_house, database)
    bring(house, says(FIRST, "odd"))
    bring(house, says(MORE, "two"))
    assert [(update.text, update.follows) for update in live(house)] == [(MORE, "")]
    keep(house, gone=(Gone("odd", house.clock()),))
    house.app.curate()
    bring(house, says("Till noon", "three"), says("Seen", "four"))
    assert [line.verdict for line in house.log("judged") if line.post_id in (3, 4)] == [Verdict.HOLD.value] * 2
    assert "story 1 was removed: words near to it with something new" in whys(house, 3)[-1]
    assert "story 1 was removed: its picture with something new" in whys(house, 4)[-1]


# -- stories that turn out to be one ------------------------------------------------------------------------------------


def test_where_two_that_were_told_are_one_both_stand_and_the_log_says_so(
    database: Database, build_house: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    know(monkeypatch, {"Both": {"story_id": 1, "merged": (2,), "size": 2, "reason": "same picture"}})  # type: ignore[dict-item]
    house = open_house(build_house, database)
    bring(house, says("One", "one"), says("Two", "two"))
    bring(house, says("Both", "three"))
    assert [update.text for update in live(house)] == ["One", "Two"]
    assert "story 2 is the same story; 2 of them were told: these updates stand" in whys(house, 3)[-1]


def test_what_turns_out_to_be_one_within_a_batch_is_told_once(
    database: Database, build_house: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = f"{LONG}, both of them"
    know(monkeypatch, {both: {"story_id": 1, "merged": (2,), "size": 1, "reason": "same picture"}})  # type: ignore[dict-item]
    house = open_house(build_house, database)
    bring(house, says("The one half of it", "one"), says("The other half", "two"), says(both, "three", media=PICTURE))
    assert [(update.post_id, update.also) for update in live(house)] == [(3, 2)]
