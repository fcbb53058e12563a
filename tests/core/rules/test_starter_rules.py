"""The rules that ship: they load, their examples hold, and they do to real posts what a desk expects."""

import json
import re
import tomllib
import unicodedata
from pathlib import Path

import pytest
from msgspec import structs

from bot.core.model import Verdict
from bot.core.rules.examples import build
from bot.core.rules.explain import explain
from bot.core.rules.judge import judge
from bot.core.rules.lints import lint
from bot.core.rules.render import render
from bot.core.rules.ruleset import Mode, RuleSet, load

RULES = Path(__file__).resolve().parents[3] / "rules"


@pytest.fixture(scope="module")
def starter() -> RuleSet:
    paths = [*RULES.glob("*.toml"), *RULES.glob("lists/*.txt")]
    return load({str(path.relative_to(RULES)): path.read_text(encoding="utf-8") for path in paths}, name_hint="rules")


def test_each_rule_explains_itself_and_has_both_kinds_of_examples(starter: RuleSet) -> None:
    assert len(starter.rules) >= 20
    for rule in starter.rules:
        assert rule.about, rule.id
        assert {sample.caught for sample in rule.samples} == {True, False}, rule.id


def test_every_list_is_used_and_has_no_entry_twice(starter: RuleSet) -> None:
    text = "".join(content for name, content in starter.files.items() if name.endswith(".toml"))
    for name, entries in starter.lists.items():
        assert re.search(rf"\blists\.{name}\b", text), name
        folded = [unicodedata.normalize("NFKC", entry).casefold() for entry in entries]
        assert len(set(folded)) == len(folded), name


@pytest.mark.parametrize(
    ("example", "verdict", "rule"),
    [
        ({"text": "The start is delayed by ten minutes", "is_official": True}, "publish", "official-accounts"),
        ({"text": "Confirmed: paramedics at mile 3", "is_official": True}, "publish", "official-accounts"),
        ({"text": "@kim sorry, message us", "is_official": True, "is_reply": True}, "hold", "official-replies"),
        ("FREE BITCOIN for all", "drop", "spam-words"),
        ("Hearing that the bridge was evacuated", "hold", "unverified-claim"),
        ("call 020 7946 0958", "hold", "contact-details"),
        ("My bib: 40312", "hold", "bib-number"),
        ("Twelve-year-olds in the mini marathon", "hold", "age-of-a-child"),
        ("My daughter is 20 minutes away", "hold", "children"),
        ({"text": "Free photos", "links": ["https://photos.tk/1"]}, "hold", "link-farm"),
        ({"text": "so good", "is_repost": True}, "drop", "reposts"),
        ("A fine morning #GetInspired", "hold", ""),
        ({"text": "Great view", "tags": ["londonmarathon"], "media": {"with_alt": 1}}, "hold", ""),
    ],
)
def test_what_a_desk_expects(starter: RuleSet, example: object, verdict: str, rule: str) -> None:
    ruling = judge(starter, *build(example))
    assert (ruling.verdict, ruling.rule) == (Verdict(verdict), rule)


def test_nothing_in_them_is_hardly_meant(starter: RuleSet) -> None:
    assert [str(one.mistake) for one in lint(starter)] == []


def test_nothing_of_an_unlisted_author_is_published(starter: RuleSet) -> None:
    publishing = [rule for rule in starter.rules if rule.action is Verdict.PUBLISH and rule.mode is Mode.LIVE]
    assert [rule.id for rule in publishing] == ["official-accounts", "known-reporter"]
    assert starter.lists["reporters"] == ("did:example:reporter",), "nobody is trusted until the desk says so"


def test_the_whole_set_has_examples_of_its_own(starter: RuleSet) -> None:
    assert {case.expect for case in starter.cases} == {Verdict.PUBLISH, Verdict.HOLD, Verdict.DROP}
    assert all(case.about or case.by for case in starter.cases)


def test_one_author_does_not_flood_the_page(starter: RuleSet) -> None:
    open_desk = {
        name: text.replace('mode   = "off"\naction = "publish"', 'action = "publish"')
        for name, text in starter.files.items()
    }
    rules = load(open_desk, name_hint="rules", trusted=True)
    post, around = build({"text": "Mile 3 #GetInspired", "author": {"seen": 5}})
    assert judge(rules, post, around).limits == ("one-author-flood",)
    full = structs.replace(around, over=("one-author-flood",))
    assert judge(rules, post, full).verdict is Verdict.HOLD
    assert judge(starter, post, full).limits == (), "nothing would be published, so nothing is counted"


@pytest.mark.parametrize(
    ("example", "strand"),
    [
        ("Go!", ""),
        ("Go! #GetInspired", "getinspired"),
        ("A man dressed as a rhino", "costume"),
        ("A man dressed as a rhino #GetInspired", "costume"),
        ("Tim Peake runs it in space #GetInspired", "faces"),
        ({"text": "Tim Peake in fancy dress", "is_official": True}, ""),
    ],
)
def test_what_is_told_gives_the_strand(starter: RuleSet, example: object, strand: str) -> None:
    assert judge(starter, *build(example)).effects.strand == strand


def test_the_configurations_that_ship_have_the_strands_that_the_rules_name(starter: RuleSet) -> None:
    named = {rule.strand for rule in starter.rules if rule.strand}
    assert named == {"getinspired", "costume", "faces"}
    for config in (RULES.parent / "config.example.toml", RULES.parent / "bot" / "sample_day" / "config.toml"):
        strands = {strand["id"] for strand in tomllib.loads(config.read_text(encoding="utf-8"))["strand"]}
        assert named <= strands, config


@pytest.mark.parametrize(
    "text",
    [
        "Scunthorpe United fans at mile 9",
        "Dick Beardsley and Inge Simonsen crossed hand in hand in 1981",
        "First 5K done",
        "10K split in 31:02",
        "Penistone Footpath Runners are here",
        "Hancock, Cockburn, Dickinson and Babcock are through halfway",
        "Nobby Butt, Ann Titsworth and Wang Wankui ran too",
        "Running through Essex, Sussex and Middlesex to Clitheroe",
        "Assassin's Creed costume, massive class, passing the embassy",
        "Shitake pies from Lightwater",
        "A record-breaking crowd breaking in new shoes",
        "I nearly died laughing, my legs are killing me",
        "The race 10 years ago, and race 2016 is on",
        "London race: 40,000 runners, every runner 26 miles from a bath",
        "15 years old dog in 10-year-old shoes",
        "My daughter is 18",
    ],
)
def test_honest_names_and_words_hit_no_rule(starter: RuleSet, text: str) -> None:
    assert judge(starter, *build(text)).rules == (), text


def test_naughty_strings_are_judged_and_explained(starter: RuleSet, shared_data: Path) -> None:
    strings = json.loads((shared_data / "lists" / "blns.json").read_text(encoding="utf-8"))
    assert len(strings) > 400
    for text in strings:
        post, around = build(text)
        ruling = judge(starter, post, around)
        assert ruling.verdict in {Verdict.HOLD, Verdict.DROP}
        shown = render(explain(starter, post, around))
        assert "\x1b" not in shown
