"""Stories that turn out to be one: what holds of a part holds of the whole."""

from collections.abc import Callable

import pytest

from bot.app import look, verbs
from bot.core.stories.match import Match
from bot.pipeline.curate.merging import carry, shared
from bot.store.database import Database
from bot.store.posts import Arrival, StoredPost
from tests.builders import a_post
from tests.conftest import House
from tests.pipeline.sayings import PUBLISH, bring, know, says, whys


@pytest.mark.parametrize(
    ("told", "known", "said"),
    [
        (set(), set(), "story 2 is the same story"),
        ({2}, {1, 2}, "story 2 is the same story"),
        ({1}, {1}, "story 2 is the same story"),
        ({1, 2}, {1, 2}, "story 2 is the same story; 2 of them were told: these updates stand"),
    ],
)
def test_the_whole_is_told_where_a_part_is(told: set[int], known: set[int], said: str) -> None:
    officials = {2} & told
    assert carry(Match(1, merged=(2,)), told, {}, officials) == said
    assert told == known
    assert officials == ({1, 2} if 2 in known else set())


@pytest.mark.parametrize(
    ("closed", "whole"),
    [
        ({}, None),
        ({2: "removed"}, "removed"),
        ({2: "withdrawn"}, "withdrawn"),
        ({2: "rejected"}, "partly rejected"),
        ({1: "rejected", 2: "removed"}, "rejected"),
    ],
)
def test_a_closed_part_closes_the_whole_but_a_rejected_one_only_asks_for_a_look(
    closed: dict[int, str], whole: str | None
) -> None:
    carry(Match(1, merged=(2,)), set(), closed)
    assert closed.get(1) == whole


def test_what_is_partly_rejected_waits_until_a_person_decides(
    database: Database, build_house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    shows = "It shows that both of them are one and the same thing after all, and is longer than a stock phrase by far"
    fourth, fifth = (f"The {which} of them, by somebody who was not heard of before this" for which in ("4th", "5th"))
    copy = {"story_id": 1, "size": 3, "reason": "same words"}
    know(monkeypatch, {shows: {**copy, "merged": (2,)}, fourth: copy, fifth: copy})  # type: ignore[dict-item]
    house = build_house(database, rules=PUBLISH)
    bring(
        house,
        says("One is held here by a rule that looks", "odd"),
        says("Two is held by it as well", "odd", native_id="o2"),
    )
    verbs.reject(house.app, "2", by="eve")
    for number, text, who in ((3, shows, "cat"), (4, fourth, "dan")):
        bring(house, says(text, who))
        assert "a part of story 1 was rejected by a person: waits" in whys(house, number)[-1]
    assert "rejected as story 2, which is part of story 1 now" in house.log("joined")[-1].why
    verbs.reject(house.app, "1", by="eve")
    bring(house, says(fifth, "fay"))
    assert "story 1 was rejected by a person" in whys(house, 5)[-1]
    assert look.queue(house.app) == []


def test_nothing_is_said_where_nothing_is_merged() -> None:
    told: set[int] = set()
    assert (carry(Match(1), told, {}), told) == ("", set())
    assert carry(Match(1, merged=(2, 3)), told, {}) == "stories 2, 3 are the same story"


def test_the_stories_that_count_are_named() -> None:
    posts = [a_stored(number) for number in range(1, 5)]
    matches = [Match(1), Match(2, merged=(5, 6)), Match(3, update_of=7), Match(4, pictured_in=8)]
    assert shared(posts, matches) == [5, 6, 7, 8]
    assert shared(posts[:2], [Match(1, size=2), Match(1)]) == [1, 1], "stories of more than one post"


def a_stored(number: int) -> StoredPost:
    return StoredPost(number, number, a_post(), 1, Arrival.LIVE)
