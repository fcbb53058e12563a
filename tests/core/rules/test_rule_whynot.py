"""Why not: the fewest clauses, proven against trying everything."""

import time
from itertools import chain, combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.model import Verdict
from bot.core.rules.examples import build
from bot.core.rules.judge import decide
from bot.core.rules.ruleset import Mode, RuleSet, load
from bot.core.rules.whynot import WhyNot, render, why_not

UNTIL = "until 2030-01-01T00:00:00Z"
FLAGS = ("is_official", "is_reply", "is_quote", "is_edit", "sensitive", "story.published")


def rule(name: str, action: str, when: list[str], unless: list[str], more: str = "") -> str:
    wait = "until = 2030-01-01T00:00:00Z\n" if action == "wait" else ""
    return f'[[rule]]\nid = "{name}"\naction = "{action}"\nwhen = {when}\nunless = {unless}\n{wait}{more}\n'


def post_of(true: set[str]) -> dict[str, object]:
    nested: dict[str, object] = {flag: True for flag in true if "." not in flag}
    if "story.published" in true:
        nested["story"] = {"published": True}
    return nested


def sizes(found: WhyNot) -> list[int]:
    return [len(way.differences) for way in found.ways]


RULES = load(
    {
        "10-a.toml": rule("scams", "drop", ['has(text, "scam")'], ["is_official"])
        + rule("first-links", "hold", ["author.seen == 0", "links != []"], ["is_official"])
        + rule("officials", "publish", ["is_official"], [])
        + rule("replies", "hold", ["is_official", "is_reply"], [])
        + rule("quiet", "drop", ["is_reply"], [], 'mode = "shadow"'),
    },
    name_hint="rules",
)


def test_one_clause_in_many_rules_counts_once() -> None:
    found = why_not(RULES, *build({"text": "scam https://a.example", "author": {"seen": 0}}), Verdict.PUBLISH)
    assert (sizes(found), found.proven) == ([1], True)
    (difference,) = found.ways[0].differences
    assert (difference.clause.text, difference.holds) == ("is_official", False)
    assert [(turn.rule.id, turn.matches) for turn in difference.turns] == [
        ("scams", False),
        ("first-links", False),
        ("officials", True),
    ]
    assert found.ways[0].ruling.rule == "officials"


def test_a_change_that_wakes_another_rule_is_answered() -> None:
    found = why_not(RULES, *build({"is_reply": True}), Verdict.PUBLISH)
    assert sizes(found) == [2]
    assert [(one.clause.text, one.holds) for one in found.ways[0].differences] == [
        ("is_official", False),
        ("is_reply", True),
    ]


def test_all_smallest_ways_in_file_order_and_not_too_many() -> None:
    around = build({"text": "scam"})
    found = why_not(RULES, *around, Verdict.HOLD)
    assert [way.differences[0].clause.text for way in found.ways] == ['has(text, "scam")']
    found = why_not(
        RULES, *build({"author": {"seen": 0}, "links": ["https://a.example"], "is_official": True}), Verdict.HOLD
    )
    assert [way.differences[0].clause.text for way in found.ways] == ["is_official", "is_reply"]
    assert len(why_not(RULES, *build({"author": {"seen": 0}, "is_official": True}), Verdict.HOLD, most=1).ways) == 1


def test_nothing_to_do_and_nothing_that_can_be_done() -> None:
    held = why_not(RULES, *build("x"), Verdict.HOLD)
    assert (held.already, held.ways, held.proven) == (True, (), True)
    assert render(held) == "The verdict is hold already: no rule decided: default hold.\n"
    never = why_not(RULES, *build("x"), Verdict.WAIT)
    assert (never.ways, never.proven) == ((), True)
    assert "No live rule says wait" in render(never)


def test_a_rule_that_contradicts_itself_is_no_way() -> None:
    rules = load({"a.toml": rule("never", "publish", ["is_reply"], ["is_reply or is_reply"])})
    found = why_not(rules, *build("x"), Verdict.PUBLISH)
    assert (found.ways, found.proven) == ((), True)


def test_the_default_counts() -> None:
    rules = load({"a.toml": rule("open", "publish", ["is_reply"], []) + rule("wide", "publish", ["is_quote"], [])})
    both = build({"is_reply": True, "is_quote": True})
    assert sizes(why_not(rules, *both, Verdict.HOLD)) == [2]
    assert sizes(why_not(rules, *both, Verdict.DROP, default=Verdict.DROP)) == [2]
    assert why_not(rules, *both, Verdict.HOLD, default=Verdict.DROP).ways == ()
    assert sizes(why_not(rules, *build("x"), Verdict.PUBLISH, default=Verdict.DROP)) == [1, 1]


def test_dates_are_clauses() -> None:
    late = load({"a.toml": rule("embargo", "wait", ["is_reply"], []).replace("2030", "2016")})
    found = why_not(late, *build({"is_reply": True}), Verdict.WAIT)
    assert [one.clause.part for one in found.ways[0].differences] == ["dates"]
    assert "embargo (wait) would match" in render(found)


def test_the_text_for_a_person() -> None:
    found = why_not(RULES, *build({"text": "scam", "is_reply": True}), Verdict.PUBLISH)
    assert render(found) == (
        "DROP, not publish: rule scams (rules/10-a.toml:1); shadow: quiet would drop.\n"
        "\n"
        "for publish, 2 clauses would have to differ:\n"
        "  is_official   is not so, and would have to be   ← is_official = no\n"
        "    ○ scams (drop) would not match   rules/10-a.toml:1\n"
        "    ● officials (publish) would match   rules/10-a.toml:13\n"
        "  is_reply   is so, and would have to be not   ← is_reply = yes\n"
        "    ○ replies (hold) would not match   rules/10-a.toml:19\n"
        "    ○ quiet (drop [shadow]) would not match   rules/10-a.toml:25\n"
    )


BLOCKS = st.lists(
    st.tuples(
        st.sampled_from(["publish", "wait", "hold", "drop"]),
        st.lists(st.sampled_from([*FLAGS, *(f"not {flag}" for flag in FLAGS)]), min_size=1, max_size=3, unique=True),
        st.lists(st.sampled_from(FLAGS), max_size=2, unique=True),
        st.sampled_from(["", "", "", 'mode = "shadow"', 'mode = "off"']),
    ),
    max_size=7,
)


def verdict_of(rules: RuleSet, true: set[str], default: Verdict) -> Verdict:
    """Straight from the meaning: no compiler."""
    matched = []
    for one in rules.active:
        when = [clause.text for clause in one.condition.when] + [UNTIL] * (one.condition.end is not None)
        unless = [clause.text for clause in one.condition.unless]
        if all((text.removeprefix("not ") in true) is not text.startswith("not ") for text in when) and not any(
            text in true for text in unless
        ):
            matched.append(one)
    assert all(one.mode is not Mode.OFF for one in matched)
    return decide(matched, default).verdict


@settings(max_examples=250, deadline=None)
@given(
    BLOCKS,
    st.sets(st.sampled_from(FLAGS)),
    st.sampled_from(list(Verdict)),
    st.sampled_from([Verdict.HOLD, Verdict.HOLD, Verdict.DROP, Verdict.PUBLISH]),
)
def test_no_smaller_way_exists_and_none_of_that_size_is_missed(
    blocks: list[tuple[str, list[str], list[str], str]],
    true: set[str],
    wanted: Verdict,
    default: Verdict,
) -> None:
    rules = load({"a.toml": "".join(rule(f"r{at}", *block) for at, block in enumerate(blocks))})
    found = why_not(rules, *build(post_of(true)), wanted, default=default, most=1_000)
    assert found.proven
    assert found == why_not(rules, *build(post_of(true)), wanted, default=default, most=1_000)
    true = true | {UNTIL}
    asked = (*FLAGS, UNTIL)
    every = chain.from_iterable(combinations(asked, size) for size in range(len(asked) + 1))
    good = [set(flips) for flips in every if verdict_of(rules, true ^ set(flips), default) is wanted]
    least = min(map(len, good), default=0)
    expected = {frozenset(flips) for flips in good if len(flips) == least} if least else set()
    ways = {frozenset(one.clause.text.removeprefix("not ") for one in way.differences) for way in found.ways}
    assert ways == expected
    assert len(found.ways) == len(expected)
    for way in found.ways:
        assert way.ruling.verdict is wanted
        flipped = true ^ {one.clause.text.removeprefix("not ") for one in way.differences}
        assert verdict_of(rules, flipped, default) is wanted
        assert all(one.turns for one in way.differences)
    assert render(found)


def test_a_thousand_rules_take_no_time() -> None:
    words = "abcdefghij"
    actions = ("publish", "hold", "drop")
    blocks = [
        rule(f"r{at}", actions[at % 3], [f'has(text, "{a}{b}{c}")'], [f"likes > {at}", "is_official"])
        for at, (a, b, c) in enumerate((a, b, c) for a in words for b in words for c in words)
    ]
    rules = load({"a.toml": "".join(blocks)})
    text = " ".join(f"{a}{b}a" for a in words for b in words)
    began = time.process_time()
    found = why_not(rules, *build({"text": text}), Verdict.PUBLISH)
    assert time.process_time() - began < 5
    assert (found.ways, found.proven) == ((), False)
    assert "more than 12 clauses" in render(found)
