"""Rules while a day goes on: edits, shadow rules and receipts, and what is said of it later. Each on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app import look, verbs
from bot.app.hall import App
from bot.app.rules import asking, receipts, standing
from bot.app.rules.asking import Which
from bot.core.errors import NotFoundError
from bot.core.model import EventClock, Verdict
from bot.core.reports import LogFilter
from bot.core.rules.render import render
from bot.store.database import Database
from tests.builders import OFFICIAL, START, a_desk, a_post
from tests.conftest import OPEN_RULES, House
from tests.pipeline.houses import live, same_store

ENGLISH = """
[[rule]]
id = "english"
about = "What we can read goes out."
action = "publish"
when = ['lang == "en"']
catches = [{ lang = "en" }]
spares = [{ lang = "de" }]
"""
SHADOW = """
[[rule]]
id = "bridges"
about = "Bridges."
mode = "shadow"
action = "drop"
when = ['has(text, "bridge")']
catches = ["a bridge"]
spares = ["a road"]
"""


@pytest.fixture(autouse=True)
def five_past(request: pytest.FixtureRequest) -> None:
    if "house" in request.fixturenames:
        request.getfixturevalue("house").clock.forward(minutes=5)


def edit(house: House, text: str, name: str = "10-rules.toml") -> None:
    (house.rules / name).write_text(text)
    house.day()


def said(house: House, reference: str, which: Which | None = None) -> str:
    """The first line of an explanation, without the rule set's name."""
    found = asking.asked(house.app, reference, which)
    told = render(asking.explained(house.app, found), found.outcome).splitlines()[0]
    return told.replace(found.rule_set.name, "SET")


def set_of(house: House, post_id: int) -> str:
    found = asking.meant(house.app, str(post_id)).judged
    assert found is not None
    assert found.rule_set is not None
    return found.rule_set.name


def test_what_quiet_mode_held_is_explained_by_the_rules_of_then(house: House) -> None:
    verbs.quiet(house.app, True, by="ana")
    house.source.posts.append(a_post("Three hundred are under way", minutes=5))
    edit(house, ENGLISH)
    before = set_of(house, 1)
    expected = "HOLD   because quiet mode: waits for a look   (the rules said: publish because english; rule set SET)"
    assert said(house, "1") == expected
    edit(house, ENGLISH.replace("publish", "drop"))
    assert said(house, "1") == expected
    assert set_of(house, 1) == before != look.status(house.app).rule_set
    assert expected.replace("SET", before) in look.explain(house.app, "1").explanation
    assert len(house.log("judged")) == 1, "an edit does not judge again what something above the rules held"


def test_a_story_that_was_told_says_so_with_what_the_rules_said(house: House) -> None:
    text = "The underpass at Blackfriars is two hundred people singing in the dark, and every one is out of tune"
    house.source.posts += [a_post(text, author=OFFICIAL, minutes=5), a_post(text, author=OFFICIAL, minutes=5)]
    house.day()
    assert said(house, "2").startswith("DROP   because story 1 is told already (")
    assert "(the rules said: publish because official-accounts; rule set SET)" in said(house, "2")
    (line,) = look.log(house.app, LogFilter(post_ids=(2,)))
    assert line.rule_set == look.status(house.app).rule_set
    row = next(row for row in standing.stats(house.app, timedelta(days=1)).rows if row.rule.id == "official-accounts")
    assert (row.count.hits, row.count.decided) == (2, 1), "it matched both, and decided one"


def test_an_event_clock_is_explained_as_it_started_then(database: Database, build_house: Callable[..., House]) -> None:
    rules = OPEN_RULES + (
        '[[rule]]\nid = "late"\nabout = "Late."\naction = "drop"\nwhen = [\'clock("mass") > "1h"\']\n'
        'catches = [{ clock.mass = "61m" }]\nspares = [{ clock.mass = "1h" }]\n'
    )
    house = build_house(database, rules=rules)
    house.clock.forward(minutes=5)
    house.source.posts.append(a_post("Five minutes in", minutes=5))
    house.day()
    early = EventClock("mass", "the masses race", START - timedelta(hours=2), "Europe/London")
    moved = App(replace(house.app.parts, desk=a_desk(clocks={"mass": early}), database=same_store(database)))
    try:
        found = asking.asked(moved, "1")
        assert found.moved == ()
        assert asking.explained(moved, found).verdict is Verdict.HOLD, "five minutes after the start of then"
    finally:
        moved.close()


def test_a_shadow_rule_acts_on_nothing_and_its_hits_are_told(house: House) -> None:
    edit(house, SHADOW, "20-shadow.toml")
    house.source.posts += [
        a_post("Watch the bridge", author=OFFICIAL, minutes=5),
        a_post("The road is long", minutes=5),
        a_post("A giveaway on the bridge", minutes=5),
    ]
    house.day()
    assert [update.text for update in live(house)] == ["Watch the bridge"]
    lines = {line.post_id: line for line in house.log("judged")}
    assert lines[1].why == "rule official-accounts (rules/10-rules.toml:2); shadow: bridges would drop"
    assert lines[2].why == "no rule decided: default hold"
    assert [line.post_id for line in look.log(house.app, LogFilter(rule="bridges"))] == [1, 3]
    assert look.has_lines(house.app, "rule", "bridges")
    assert not look.has_lines(house.app, "rule", "bridge")
    assert "● bridges  would drop [shadow]" in look.explain(house.app, "1").explanation
    row = next(row for row in standing.stats(house.app, timedelta(days=1)).rows if row.rule.id == "bridges")
    assert (row.count.shadow, row.count.decided) == (2, 0)
    edit(house, SHADOW.replace('mode = "shadow"\n', ""), "20-shadow.toml")
    assert house.log("receipt")[-1].why.startswith(
        "of the last 3 posts 1 would be decided differently: 1 publish → drop by bridges"
    )


def test_the_log_finds_a_rule_that_matched_without_deciding(house: House) -> None:
    tag = OPEN_RULES + '[[rule]]\nid = "tagged"\nabout = "T."\ntag = ["x"]\nwhen = [\'lang == "en"\']\n'
    edit(house, tag)
    house.source.posts.append(a_post("Nothing decides here", minutes=5))
    house.day()
    assert [line.post_id for line in look.log(house.app, LogFilter(rule="tagged"))] == [1]
    row = next(row for row in standing.stats(house.app, timedelta(days=1)).rows if row.rule.id == "tagged")
    assert row.count.hits == 1


def test_a_receipt_lists_what_is_live_still_and_what_a_person_approved(house: House) -> None:
    with pytest.raises(NotFoundError, match="no edit of the rules was adopted yet"):
        receipts.receipts(house.app)
    house.source.posts += [
        a_post("The bridge is open", author=OFFICIAL, minutes=5),
        a_post("My bridge of sighs", minutes=5),
        a_post("The road is open", author=OFFICIAL, minutes=5),
    ]
    house.day()
    verbs.approve(house.app, "2", by="ana")
    edit(house, SHADOW.replace('mode = "shadow"\n', ""), "20-bridges.toml")
    name = look.status(house.app).rule_set
    why = house.log("receipt")[-1].why
    assert "1 live update would not be told now and stays until a person decides" in why
    assert why.endswith("; 1 live update that a person approved stays")
    edit(house, '[[rule]]\nid = "x"\nabout = "x"\naction = "drop"\nwhen = [\'is_quote\']\n', "30-other.toml")
    found = receipts.receipts(house.app)
    assert found.last.rule_set == look.status(house.app).rule_set != name
    assert [(one.text, one.rule, one.rule_set, one.approved_by) for one in found.left] == [
        ("The bridge is open", "bridges", name, ""),
        ("My bridge of sighs", "bridges", name, "ana"),
    ]
    verbs.take_back(house.app, found.left[0].update, by="ana")
    assert [one.approved_by for one in receipts.receipts(house.app).left] == ["ana"]
    (house.rules / "20-bridges.toml").unlink()
    house.day()
    assert receipts.receipts(house.app).left == (), "the rules in force would tell it again"
    assert [one.rule for one in receipts.receipts(house.app, name[:4]).left] == ["bridges"], "what that edit turned"
    with pytest.raises(NotFoundError, match=f"no adopted rule set is called 'nope': there are .*{name}"):
        receipts.receipts(house.app, "nope")


def test_a_rule_is_silent_since_it_is_as_it_is_whatever_else_was_edited(house: House) -> None:
    house.clock.forward(days=29)
    edit(house, OPEN_RULES.replace("Spam goes.", "Spam is dropped."))
    house.clock.forward(days=2)
    edit(house, OPEN_RULES.replace('"giveaway"', '"giveaway", "prize"'))
    found = standing.stats(house.app, timedelta(days=40)).warnings
    assert [(one.name, one.rule) for one in found] == [("silent", "official-accounts")], "spam asks something else now"


def test_stats_tell_a_rule_that_is_over(house: House) -> None:
    edit(
        house,
        OPEN_RULES + '[[rule]]\nid = "over"\naction = "drop"\nwhen = [\'is_quote\']\nuntil = 2016-04-24T09:00:00Z\n',
    )
    found = standing.stats(house.app, timedelta(days=1)).warnings
    assert [(one.name, one.rule) for one in found] == [("expired", "over")]
