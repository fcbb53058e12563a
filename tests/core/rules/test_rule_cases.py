"""Whole-set examples, exemptions of a file, known misses, and names of the configuration."""

import json

import pytest

from bot.core.desk import Desk
from bot.core.errors import Mistake, RuleError
from bot.core.model import Verdict
from bot.core.rules.examples import build
from bot.core.rules.explain import explain
from bot.core.rules.judge import judge
from bot.core.rules.lints import lint
from bot.core.rules.mutants import mutate
from bot.core.rules.render import render
from bot.core.rules.ruleset import RuleSet, load
from tests.builders import a_desk

RULES = """[file]
unless = ['is_official', 'has(text, "press")']

[[rule]]
id = "scams"
about = "Scams go."
action = "drop"
when = ['has(text, "scam")']
catches = ["a scam"]
spares = [{ text = "a scam", is_official = true }]

[[rule]]
id = "links"
about = "Links wait."
action = "hold"
when = ['links != []']
unless = ['is_official', 'author.seen > 3']
catches = [{ links = ["https://a.example"], author.seen = 0 }]
spares = [{ links = ["https://a.example"], is_official = true }]
"""
OTHER = """[[rule]]
id = "open"
about = "All goes out."
action = "publish"
when = ['any_in(tags, ["go"])']
catches = ["#go"]
spares = ["go"]

[[case]]
about = "A scam never goes out."
post = "#go scam"
expect = "drop"
by = "scams"

[[case]]
post = { text = "#go scam", is_official = true }
expect = "publish"

[[case]]
post = { tags = ["go"], clock.mass = "4h" }
now = 2016-04-24T15:00:00+01:00
expect = "publish"
by = "open"
"""


def both(**more: object) -> RuleSet:
    return load({"10-a.toml": RULES, "20-b.toml": OTHER}, name_hint="rules", **more)  # type: ignore[arg-type] # its options


def mistakes(*files: str, desk: Desk | None = None) -> list[Mistake]:
    with pytest.raises(RuleError) as caught:
        load({f"{number}0.toml": text for number, text in enumerate(files, 1)}, name_hint="rules", desk=desk)
    return list(caught.value.mistakes)


def test_exemptions_of_a_file_hold_for_its_rules_and_for_no_other_file() -> None:
    rules = both()
    assert [(rule.id, rule.shared) for rule in rules.rules] == [("scams", 2), ("links", 1), ("open", 0)]
    for example, verdict in (
        ("a scam", "drop"),
        ({"text": "a scam", "is_official": True}, "hold"),
        ("press: a scam", "hold"),
        ("press #go", "publish"),
    ):
        assert judge(rules, *build(example)).verdict is Verdict(verdict), example


def test_an_explanation_tells_whose_exemption_it_is() -> None:
    shown = render(explain(both(), *build({"text": "scam", "links": ["https://a.example"], "author": {"seen": 0}})))
    assert "✓ unless (file) is_official" in shown
    assert "✓ unless is_official" in shown
    assert '✓ unless (file) has(text, "press")' in shown


def test_a_damaged_exemption_of_a_file_is_noticed_once_for_all_its_rules() -> None:
    alive = [one for one in mutate(both()).survivors if "press" in one.before]
    assert [one.mistake.place for one in alive] == ["rules/10-a.toml:2:27"]


def test_cases_are_run_with_the_whole_folder() -> None:
    rules = both()
    assert [(case.line, case.expect.value, case.by) for case in rules.cases] == [
        (9, "drop", "scams"),
        (15, "publish", ""),
        (19, "publish", "open"),
    ]
    (wrong,) = mistakes(RULES, OTHER.replace('expect = "drop"\nby = "scams"', 'expect = "publish"'))
    assert str(wrong).startswith(
        "rules/20.toml:12:10: the case expects publish, and the rules say drop: rule scams (rules/10.toml:4)"
    )
    (wrong,) = mistakes(RULES, OTHER.replace('expect = "publish"\nby = "open"', 'expect = "publish"\nby = "scams"'))
    assert "the case expects publish by 'scams', and the rules say publish: rule open" in str(wrong)


def test_a_case_that_fails_is_a_mistake_beside_all_others() -> None:
    found = mistakes(
        RULES, OTHER.replace('by = "scams"', 'by = "scam"').replace("now = 2016-04-24T15:00:00+01:00", "now = 7")
    )
    assert [one.line for one in found] == [13, 21]


def test_cases_know_the_desks_default_and_what_a_score_does() -> None:
    scored = '[[rule]]\nid = "s"\nscore = 2\nwhen = [\'has(text, "a")\']\n[[case]]\npost = "a"\nexpect = "publish"\n'
    assert load({"a.toml": scored}, desk=Desk(publish_at=2)).cases
    assert load({"a.toml": scored}, desk=Desk(default=Verdict.PUBLISH)).cases
    assert mistakes(scored)
    assert load({"a.toml": scored}, trusted=True).rules, "what was adopted by another desk stays readable"


def test_any_of_several_equal_rules_may_decide_a_case() -> None:
    twice = '[[rule]]\nid = "%s"\naction = "drop"\nwhen = [\'has(text, "a")\']\n'
    case = '[[case]]\npost = "a"\nexpect = "drop"\nby = "second"\n'
    assert load({"a.toml": twice % "first" + case, "b.toml": twice % "second"}).cases


def test_cases_notice_damage() -> None:
    bare, case = OTHER.partition("catches")[0], '\n[[case]]\npost = "%s"\nexpect = "%s"\n'
    assert mutate(load({"a.toml": bare + case % ("#go", "publish")})).untested == ("open",)
    assert mutate(load({"a.toml": bare + case % ("#go", "publish") + case % ("go", "hold")})).untested == ()


def test_known_misses_may_fail_and_are_told_once_they_hold() -> None:
    text = RULES + 'todo_catches = ["see www.example.org", { links = ["https://a.example"], author.seen = 1 }]\n'
    text += 'todo_spares = [{ links = ["https://press.example"], author.seen = 0 }, "no link"]\n'
    rules = load({"10-a.toml": text}, name_hint="rules")
    assert len(rules.rules[1].todos) == 4
    told = [(one.mistake.place, one.mistake.reason) for one in lint(rules) if one.name == "todo-holds"]
    assert told == [
        ("rules/10-a.toml:20:40", "the rule 'links' catches this example by now: move it to catches"),
        ("rules/10-a.toml:21:72", "the rule 'links' spares this example by now: move it to spares"),
    ]


DESK = a_desk(platforms=("bluesky", "feeds", "mastodon", "x"), idle=("resting",))


@pytest.mark.parametrize(
    ("key", "reason", "marked", "hint"),
    [
        ('strand = "getinspierd"', "there is no strand 'getinspierd'", '"getinspierd"', "did you mean 'getinspired'?"),
        ('strand = "x"', "there is no strand 'x'", '"x"', "there are getinspired, official"),
        ('accounts = ["social", "socal"]', "there is no account 'socal'", '"socal"', "did you mean 'social'?"),
        ("when = ['source == \"hashtagg\"']", "there is no source 'hashtagg'", '"hashtagg"', "did you mean 'hashtag'?"),
        ("when = ['platform == \"twiter\"']", "there is no platform 'twiter'", '"twiter"', "there are bluesky, feeds, mastodon, x"),
        ("when = ['strand in [\"official\", \"oficial\"]']", "there is no strand 'oficial'", "", "did you mean 'official'?"),
        ("unless = ['is_reply or \"nope\" != strand']", "there is no strand 'nope'", '"nope"', "there are getinspired, official"),
        ("when = ['clock(\"elite\") > \"1h\"']", "there is no clock 'elite'", '"elite"', ""),
    ],
)  # fmt: skip
def test_names_that_nobody_configured_are_mistakes(key: str, reason: str, marked: str, hint: str) -> None:
    lines = ["[[rule]]", 'id = "a"', "score = 1", key]
    text = "\n".join([*lines, *([] if key.startswith("when") else ["when = ['is_reply']"])])
    (found,) = mistakes(text, desk=DESK)
    assert reason in found.reason
    assert (found.line, found.hint) == (4, hint)
    assert marked in found.source_line[found.column - 1 : found.column - 1 + found.length]
    assert load({"a.toml": text}).rules, "without a desk nobody knows"
    assert load({"a.toml": text}, desk=None, trusted=True).rules


def test_names_that_are_configured_are_good_also_of_accounts_that_rest() -> None:
    text = """[[rule]]
id = "a"
strand = "official"
accounts = ["social", "resting"]
when = ['source == "Hashtag" or platform in ["x", "Bluesky"] or strand == ""', 'clock("mass") > "1h"']
"""
    assert load({"a.toml": text}, desk=DESK).rules[0].accounts == ("social", "resting")
    unknown = text.replace('"Bluesky"', '"anything"')
    assert load({"a.toml": unknown}, desk=a_desk(idle=("resting",))).rules, "a desk that does not know its platforms"


def test_domains_are_the_same_in_every_spelling() -> None:
    text = """[[rule]]
id = "a"
action = "drop"
when = ['domain_under(domains, lists.bad)']
"""
    rules = load(
        {"a.toml": text, "lists/bad.txt": "bücher.example\nbit.ly\nxn--strae-oqa.example\nXN--80AK6AA92E.example"}
    )
    for link, verdict in (
        ("https://xn--bcher-kva.example/x", "drop"),
        ("https://shop.BÜCHER.example", "drop"),
        ("https://bu\u0308cher.example", "drop"),
        ("https://bit\u3002ly/abc", "drop"),
        ("https://bit\uff0ely/abc", "drop"),
        ("https://straße.example", "drop"),
        ("https://strasse.example", "hold"),
        ("https://аррӏе.example", "drop"),
        ("https://xn--99999999999.example", "hold"),
        ("https://xn--.example", "hold"),
        ("https://buecher.example", "hold"),
    ):
        assert judge(rules, *build({"links": [link]})).verdict is Verdict(verdict), link


def test_labels_are_compared_without_case_and_nothing_is_younger_than_nothing() -> None:
    text = """[[rule]]
id = "a"
action = "drop"
when = ['any_in(labels, ["Nudity"])']

[[rule]]
id = "b"
action = "publish"
when = ['age >= "0s"', 'author.age >= "0s"', 'age < "1s"']
"""
    rules = load({"a.toml": text})
    assert judge(rules, *build({"labels": ["NUDITY"]})).verdict is Verdict.DROP
    early = build({"age": "-5m", "author": {"age": "-1d"}})
    assert judge(rules, *early).verdict is Verdict.PUBLISH
    assert "age = 0s" in render(explain(rules, *early))


def test_the_name_of_a_set_goes_by_what_its_files_say() -> None:
    assert both().name == both(desk=a_desk()).name == both(trusted=True).name
    assert json.dumps(dict(both().files)) == json.dumps({"10-a.toml": RULES, "20-b.toml": OTHER})
