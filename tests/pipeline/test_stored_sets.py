"""Every rule set that was ever in force can be loaded again, however strict the program has become since."""

import pytest

from bot.core.errors import RuleError
from bot.core.rules.examples import build
from bot.core.rules.explain import explain
from bot.core.rules.judge import judge
from bot.core.rules.ruleset import load
from bot.store import rulesets
from tests.conftest import OPEN_RULES, House
from tests.pipeline.incoming import held

COSTLY = """
[[rule]]
id = "costly"
action = "drop"
when = ['matches(text, "(a{1,50}){1,50}b")']
"""
FAILS = OPEN_RULES.replace('catches = ["a giveaway"]', 'catches = ["nothing of the kind"]')
UNKNOWN = OPEN_RULES.replace('spares = ["give away"]', "spares = [{ a_field_of_then = 3 }]")


@pytest.mark.parametrize("text", [OPEN_RULES + COSTLY, FAILS, UNKNOWN])
def test_what_is_refused_today_loads_as_stored_and_judges(text: str) -> None:
    with pytest.raises(RuleError):
        load({"10-rules.toml": text})
    stored = load({"10-rules.toml": text}, trusted=True)
    today = load({"10-rules.toml": OPEN_RULES})
    for example in ("a giveaway", "hello", {"is_official": True}):
        assert judge(stored, *build(example)).verdict is judge(today, *build(example)).verdict
    assert explain(stored, *build("a giveaway")).ruling.rule == "spam"


def test_a_stored_set_keeps_its_name_and_its_rules() -> None:
    files = {"10-rules.toml": OPEN_RULES, "lists/wet.txt": "rain\n"}
    fresh, stored = load(files), load(files, trusted=True)
    assert (fresh.name, fresh.lists) == (stored.name, stored.lists)
    assert [rule.id for rule in fresh.rules] == [rule.id for rule in stored.rules]
    assert all(rule.samples == () for rule in stored.rules), "examples are not looked at"


def test_what_is_no_rule_at_all_does_not_load_as_stored_either() -> None:
    with pytest.raises(RuleError):
        load({"10-rules.toml": "[[rule]]\nid = 3\n"}, trusted=True)


@pytest.mark.parametrize("text", [OPEN_RULES + COSTLY, FAILS, UNKNOWN])
def test_a_house_goes_on_with_a_set_that_would_be_refused_today(house: House, text: str) -> None:
    with house.app.database.begin() as tx:
        rulesets.adopt(tx, rulesets.RULES, "0ld5e7", {"10-rules.toml": text}, house.clock())
    held(house, "hello there")
    held(house, "a giveaway")
    assert [(line.verdict, line.rule, line.rule_set) for line in house.log("judged")] == [
        ("hold", "", "0ld5e7"),
        ("drop", "spam", "0ld5e7"),
    ]
    (house.rules / "20-rain.toml").write_text(
        "[[rule]]\nid = 'rain'\naction = 'drop'\nwhen = ['has(text, \"rain\")']\n"
    )
    assert house.app.adopt(at_once=True).changed, "and a new edit can be compared with it"
