"""Removing one of several: the others stand. Each on both databases."""

from collections.abc import Callable

import pytest

from bot.app import look, verbs
from bot.core.model import Gone, Media
from bot.store.database import Database
from tests.builders import OFFICIAL, a_post
from tests.conftest import House
from tests.pipeline.houses import live
from tests.pipeline.incoming import keep
from tests.pipeline.sayings import LONG, PUBLISH, bring, says, whys

Build = Callable[..., House]
PICTURE = (Media("image", "https://x.example/1.jpg", "A tunnel"),)
WAITS = "the post that led was removed: this copy waits for a person"


@pytest.fixture
def open_house(database: Database, build_house: Build) -> House:
    """A house that publishes what no rule is against."""
    return build_house(database, rules=PUBLISH)


def go(house: House, *native_ids: str, account: bool = False) -> None:
    """These posts, or everything of their authors, are taken down at their source."""
    if account:
        keep(house, gone_authors=tuple(Gone(f"did:plc:{name}", house.clock()) for name in native_ids))
    else:
        keep(house, gone=tuple(Gone(name, house.clock()) for name in native_ids))
    house.app.curate()


@pytest.mark.parametrize("account", [False, True])
def test_one_that_did_not_lead_leaves_count_and_list(open_house: House, account: bool) -> None:
    bring(open_house, *(says(LONG, name) for name in ("one", "two", "three")))
    bring(open_house, says("", "four", repost_of="one"))
    go(open_house, "two", account=account)
    (update,) = live(open_house)
    assert (update.post_id, update.also, [copy.post_id for copy in update.copies]) == (1, 2, [3])
    go(open_house, "four", account=account)
    go(open_house, "four", account=account)
    assert live(open_house)[0].also == 1


@pytest.mark.parametrize("account", [False, True])
def test_where_the_one_that_led_is_removed_the_best_copy_waits_once(open_house: House, account: bool) -> None:
    house = open_house
    bring(house, says(LONG, "one"))
    bring(house, says(LONG, "bad", media=PICTURE), says(LONG, "odd", media=PICTURE), says("", "r", repost_of="one"))
    bring(house, says(LONG, "two"), says(LONG, "three", media=PICTURE), says(LONG, "one", native_id="one-again"))
    go(house, "one", account=account)
    assert (live(house), [(item.id, item.why) for item in look.queue(house.app)]) == ([], [(6, WAITS)])
    found = verbs.approve(house.app, "6", by="ana")
    assert found.update is not None
    others = 4 if account else 5  # who took the first down has posted it once more
    assert (found.update.strand, found.update.also) == ("getinspired", others)
    assert live(house)[0].post_id == 6
    bring(house, says(LONG, "late"))
    assert whys(house, 8)[-1].startswith("story 1 is told already")


def test_copies_that_come_after_the_removal_wait_whoever_posts_them(open_house: House) -> None:
    bring(open_house, says(LONG, "one"))
    go(open_house, "one")
    bring(open_house, says(LONG, "two"), a_post(LONG, author=OFFICIAL, native_id="o"))
    assert live(open_house) == []
    assert all("was removed at its source: a copy of it waits" in whys(open_house, number)[-1] for number in (2, 3))


def test_after_an_approval_too_the_copies_that_were_settled_with_it_wait(house: House) -> None:
    bring(house, says(LONG, "one"), says(LONG, "two"))
    verbs.approve(house.app, "1", by="ana")
    go(house, "one")
    assert [(item.id, item.why) for item in look.queue(house.app)] == [(2, WAITS)]
    bring(house, says(LONG, "three"))
    assert "was removed at its source" in whys(house, 3)[-1], "what was settled with an approval is no rejection"


def test_what_a_person_closed_stays_closed(open_house: House) -> None:
    house = open_house
    bring(house, says(LONG, "one"), says(LONG, "two"))
    verbs.take_back(house.app, live(house)[0].slug, by="ana")
    go(house, "one")
    assert look.queue(house.app) == []


def test_where_all_are_removed_at_once_nobody_waits(open_house: House) -> None:
    bring(open_house, *(says(LONG, name) for name in ("one", "two", "three")))
    go(open_house, "one", "three", "two")
    assert (live(open_house), look.queue(open_house.app)) == ([], [])


def test_where_another_update_of_the_story_stands_nobody_waits(open_house: House) -> None:
    house = open_house
    bring(house, says(LONG, "one"), says(LONG, "two"))
    bring(house, a_post(LONG, author=OFFICIAL, native_id="o"))
    go(house, "one")
    assert ([update.is_official for update in live(house)], look.queue(house.app)) == ([True], [])
    assert live(house)[0].also == 1
