"""Explanations: what was seen, what decided, what nearly happened."""

from datetime import UTC, datetime

from bot.core.model import Author, Post, Verdict
from bot.core.rules.examples import build
from bot.core.rules.explain import explain
from bot.core.rules.judge import Circumstances, judge
from bot.core.rules.render import render
from bot.core.rules.ruleset import load
from bot.core.rules.traces import Passed

RULES = load(
    {
        "10-a.toml": """[[rule]]
id = "unverified-claim"
action = "hold"
when = ['has_any(text, lists.claims) or (author.seen == 0 and links != [])']
unless = ['is_official', 'author.handle in ["ana"]']

[[rule]]
id = "young-account"
action = "hold"
mode = "shadow"
when = ['author.age < "7d"']

[[rule]]
id = "embargo"
action = "wait"
until = 2016-04-24T11:00:00Z
when = ['has(text, "confirmed")']

[[rule]]
id = "picture"
score = 2
tag = ["picture"]
strand = "photos"
when = ['media.count > 0', 'media.with_alt > 0']
""",
        "lists/claims.txt": "confirmed\nsources say\n",
    },
    name_hint="rules",
)


def test_every_clause_with_its_value() -> None:
    post, around = build({"text": "Confirmed: she runs", "author": {"age": "6d2h"}, "media": {"count": 1}})
    explanation = explain(RULES, post, around)
    assert explanation.verdict is Verdict.HOLD
    assert explanation.ruling == judge(RULES, post, around)
    assert [rule.id for rule in explanation.matched] == ["unverified-claim", "young-account"]
    assert [rule.id for rule in explanation.missed_by_one] == ["embargo", "picture"]
    pieces = explanation.rules[0].clauses[0].pieces
    assert [(piece.depth, piece.text, piece.passed) for piece in pieces] == [
        (0, "any of", Passed.YES),
        (1, "has_any(text, lists.claims)", Passed.YES),
        (1, "all of", Passed.NOT_REACHED),
        (2, "author.seen == 0", Passed.NOT_REACHED),
        (2, "links != []", Passed.NOT_REACHED),
    ]
    assert [(seen.name, seen.shown) for seen in pieces[1].seen] == [
        ("text", "“Confirmed: she runs”"),
        ("found", "“confirmed”"),
    ]


def test_the_text_of_an_explanation() -> None:
    post, around = build({"text": "Confirmed: she runs", "author": {"age": "6d2h"}, "media": {"count": 1}})
    assert (
        render(explain(RULES, post, around))
        == f"""HOLD   because unverified-claim   (rule set {RULES.name})

● unverified-claim  hold   rules/10-a.toml:1
    ✓ any of
    ✓   has_any(text, lists.claims)   ← text = “Confirmed: she runs”, found “confirmed”
    ·   all of
    ·     author.seen == 0
    ·     links != []
    ✓ unless is_official   ← is_official = no
    ✓ unless author.handle in ["ana"]   ← author.handle = “kim.example”
● young-account  would hold [shadow]   rules/10-a.toml:7
    ✓ author.age < "7d"   ← author.age = 6d2h

missed by one clause:
○ embargo (wait): outside its dates (until 2016-04-24T11:00:00Z)   ← now = 2016-04-24 12:00:00+00:00
○ picture (no action): needs media.with_alt > 0   ← media.with_alt = 0
"""
    )


def test_effects_and_the_default_are_told() -> None:
    post, around = build({"text": "look", "media": {"with_alt": 1}})
    shown = render(explain(RULES, post, around, default=Verdict.DROP))
    assert shown.startswith(
        f"DROP   because no rule decided   (rule set {RULES.name}; score 2; strand photos; tags picture)\n"
    )
    post, around = build({"text": "confirmed", "now": "2016-04-24T10:00Z", "is_official": True})
    assert "WAIT   because embargo" in (shown := render(explain(RULES, post, around)))
    assert "decided again at 2016-04-24 11:00:00+00:00" in shown
    assert "○ unverified-claim (hold): exempt by is_official   ← is_official = yes" in shown


def test_what_the_platform_does_not_say_shows_as_unknown() -> None:
    at = datetime(2016, 4, 24, 12, tzinfo=UTC)
    shown = render(explain(RULES, Post("x", "1", "s", Author("a"), at, at), Circumstances(now=at)))
    assert "author.age = 0s (unknown)" in shown


def test_hostile_text_stays_on_its_line() -> None:
    post, around = build("confirmed\n● fake  publish   rules/x.toml:1\x1b[2J\u202e" + "x" * 5_000)
    lines = render(explain(RULES, post, around)).split("\n")
    assert not any("\x1b" in line or "\u202e" in line for line in lines)
    assert sum(line.startswith("●") for line in lines) == 1
    assert max(map(len, lines)) < 300
