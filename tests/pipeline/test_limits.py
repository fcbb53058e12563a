"""Limits: so much is published and no more, over restarts and edits; a person is not limited. Each on both databases."""

from datetime import timedelta

import pytest

from bot.app import look, verbs
from bot.core.model import Post
from tests.builders import a_post
from tests.conftest import House
from tests.pipeline.houses import live, reopened
from tests.pipeline.incoming import keep
from tests.pipeline.ruled import rule, save, verdicts

OPEN = rule("open", 'any_in(tags, ["getinspired"])', action="publish")
FLOOD = rule("flood", "not is_official", action="hold", limit='{ count = 3, per = "10m", by = "author.id" }')


@pytest.fixture(autouse=True)
def open_desk(house: House) -> None:
    house.clock.forward(minutes=5)
    save(house, OPEN + FLOOD)


def post(house: House, text: str, author: str = "did:plc:ana", **more: object) -> Post:
    return a_post(text, author=author, **({"created_at": house.clock(), "seen_at": house.clock()} | more))  # type: ignore[arg-type] # fields of Post by name


def told(house: House) -> list[str]:
    return [update.text for update in live(house)]


def say(house: House, *texts: str, author: str = "did:plc:ana") -> None:
    for text in texts:
        keep(house, post(house, text, author))
        house.app.curate()
        house.clock.forward(seconds=1)


def test_the_fourth_of_one_author_waits_for_a_person_and_says_why(house: House) -> None:
    say(house, "one", "two", "three", "four")
    say(house, "another voice", author="did:plc:bob")
    assert told(house) == ["one", "two", "three", "another voice"]
    (item,) = look.queue(house.app)
    assert (item.post.text, item.rule) == ("four", "flood")
    assert item.why == "rule flood (rules/10-rules.toml:6): limit: 3 in 10m by author.id reached"
    explained = look.explain(house.app, str(item.id)).explanation
    assert explained.startswith("HOLD   because flood")
    assert "● flood  hold, limit: 3 in 10m by author.id reached" in explained
    assert "● flood  hold over its limit: 3 in 10m by author.id" in look.explain(house.app, "1").explanation


def test_a_batch_is_counted_in_the_order_of_the_posts_times(house: House) -> None:
    now = house.clock()
    late_first = [
        post(house, f"said {back} s ago", created_at=now - timedelta(seconds=back)) for back in (1, 4, 2, 3, 5)
    ]
    keep(house, *late_first)
    house.app.curate()
    assert told(house) == ["said 5 s ago", "said 4 s ago", "said 3 s ago"]


def test_room_comes_back_with_time_and_what_is_held_takes_none(house: House) -> None:
    say(house, "one", "two", "three", "four", "five")
    house.clock.forward(minutes=9, seconds=54)
    say(house, "six")  # nine minutes and 59 seconds after the first
    house.clock.forward(seconds=1)
    say(house, "seven")
    assert told(house) == ["one", "two", "three", "seven"]


def test_dates_that_an_author_makes_up_gain_nothing(house: House) -> None:
    house.clock.forward(minutes=10)
    for back in (14, 11, 8, 0):
        keep(house, post(house, f"{back} minutes back", created_at=house.clock() - timedelta(minutes=back)))
        house.app.curate()
    assert told(house) == ["14 minutes back", "11 minutes back", "8 minutes back"]


def test_counts_are_there_after_a_restart_and_after_an_edit(house: House) -> None:
    say(house, "one", "two")
    house.app.close()
    again = reopened(house)
    say(again, "three", "four")
    assert told(again) == ["one", "two", "three"]
    save(again, OPEN + FLOOD.replace("count = 3", "count = 4"))
    say(again, "five", "six")
    assert told(again) == ["one", "two", "three", "five"], "new posts come first: four waits on"
    again.app.close()


def test_an_edit_of_something_else_does_not_let_go_what_a_limit_held(house: House) -> None:
    say(house, "one", "two", "three", "four")
    house.clock.forward(minutes=30)
    lines = len(house.log("judged"))
    save(house, OPEN + FLOOD + rule("other", 'has(text, "casino")', action="drop"))
    house.app.curate()
    assert verdicts(house)["four"] == "hold"
    assert len(house.log("judged")) == lines
    save(house, OPEN)
    house.app.curate()
    assert told(house)[-1] == "four"


def test_a_person_is_not_limited_and_takes_no_room(house: House) -> None:
    save(house, FLOOD)
    say(house, "one", "two", "three", "four", "five")
    for item in look.queue(house.app):
        verbs.approve(house.app, str(item.id), by="ana")
    assert len(told(house)) == 5
    save(house, OPEN + FLOOD)
    say(house, "six", "seven", "eight", "nine")
    assert told(house)[5:] == ["six", "seven", "eight"]


def test_copies_of_a_story_that_a_limit_held_wait_too_and_nothing_is_lost(house: House) -> None:
    say(house, "one", "two", "three")
    words = "The underpass at Blackfriars is two hundred people singing in the dark, every one of them out of tune"
    keep(house, post(house, words), post(house, words))
    house.app.curate()
    assert told(house) == ["one", "two", "three"]
    assert [(item.post.text, item.others) for item in look.queue(house.app)] == [(words, 1)]


def test_a_limit_can_drop_and_count_all_posts_together(house: House) -> None:
    save(house, OPEN + rule("calm", "not is_official", action="drop", limit='{ count = 1, per = "1m" }'))
    say(house, "one", author="did:plc:ana")
    say(house, "two", author="did:plc:bob")
    assert verdicts(house) == {"one": "publish", "two": "drop"}


def test_a_limit_in_shadow_is_counted_and_lets_all_pass(house: House) -> None:
    save(house, OPEN + FLOOD.replace("[[rule]]", '[[rule]]\nmode = "shadow"'))
    say(house, "one", "two", "three", "four")
    assert len(told(house)) == 4
    shadows = [line.details.get("shadow") for line in house.log("judged") if isinstance(line.details, dict)]
    assert shadows == [None, None, None, ["flood"]]
