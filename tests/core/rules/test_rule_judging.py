"""Verdicts: the strongest wins, order never matters, effects add up."""

from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from bot.core.model import Author, Post, Verdict
from bot.core.rules.examples import build
from bot.core.rules.judge import Circumstances, Effects, judge
from bot.core.rules.ruleset import Mode, RuleSet, load

ACTIONS = ("publish", "wait", "hold", "drop")


def rule(word: str, **keys: str) -> str:
    lines = [f'[[rule]]\nid = "{keys.pop("id", word)}"\nwhen = [\'has(text, "{word}")\']']
    return "\n".join([*lines, *(f"{key.rstrip('_')} = {value}" for key, value in keys.items())]) + "\n"


def rules(*texts: str) -> RuleSet:
    return load({"10-a.toml": "\n".join(texts)}, name_hint="rules")


FOUR = rules(*(rule(word, action=f'"{word}"', until="2030-01-01T00:00:00Z") for word in ACTIONS))


def verdict(rule_set: RuleSet, example: object, default: Verdict = Verdict.HOLD) -> Verdict:
    return judge(rule_set, *build(example), default=default).verdict


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nothing", "hold"),
        ("publish", "publish"),
        ("publish hold", "hold"),
        ("publish drop", "drop"),
        ("hold drop", "drop"),
        ("wait drop", "drop"),
        ("wait publish", "wait"),
        ("wait hold", "hold"),
        ("publish wait hold drop", "drop"),
    ],
)
def test_the_strongest_action_wins(text: str, expected: str) -> None:
    assert verdict(FOUR, text) is Verdict(expected)


def test_the_default_decides_only_where_no_rule_acts() -> None:
    assert verdict(FOUR, "nothing", Verdict.DROP) is Verdict.DROP
    assert verdict(FOUR, "nothing", Verdict.PUBLISH) is Verdict.PUBLISH
    assert verdict(FOUR, "publish", Verdict.DROP) is Verdict.PUBLISH
    assert verdict(FOUR, "nothing") is Verdict.HOLD


def test_a_ruling_says_why() -> None:
    ruling = judge(FOUR, *build("hold publish"))
    assert ruling.rule == "hold"
    assert ruling.rules == ("publish", "hold")
    assert ruling.why == "rule hold (rules/10-a.toml:13)"
    ruling = judge(FOUR, *build("nothing"))
    assert (ruling.rule, ruling.rules, ruling.why) == ("", (), "no rule decided: default hold")


def test_the_first_in_file_order_is_named_among_equals() -> None:
    rule_set = load({"20-b.toml": rule("b", action='"hold"'), "10-a.toml": rule("a", action='"hold"')})
    assert judge(rule_set, *build("a b")).rule == "a"


def test_effects_add_up_in_any_order() -> None:
    rule_set = rules(
        rule("one", score="2", tag='["B", "#a"]', strand='"zebra"', id="z-rule"),
        rule("two", score="-1", tag='["c", "b"]', strand='"apple"', id="a-rule", redact='["phone"]'),
        rule("one", redact='["email", "phone"]', id="m-rule"),
    )
    effects = judge(rule_set, *build("one two")).effects
    assert effects == Effects(strand="apple", tags=("a", "b", "c"), redact=("email", "phone"), score=1)
    assert judge(rule_set, *build("none")).effects == Effects()


def test_an_embargo_says_when_it_ends() -> None:
    rule_set = rules(
        rule("one", action='"wait"', until="2016-04-24T15:00:00+01:00"),
        rule("two", action='"wait"', until="2016-04-24T16:00:00+01:00"),
        rule("hold", action='"hold"'),
        rule("drop", action='"drop"'),
    )
    three, four = datetime(2016, 4, 24, 14, tzinfo=UTC), datetime(2016, 4, 24, 15, tzinfo=UTC)
    assert judge(rule_set, *build("one")).effects.again_at == three
    assert judge(rule_set, *build("one two")).effects.again_at == four
    held = judge(rule_set, *build("one hold"))
    assert (held.verdict, held.effects.again_at) == (Verdict.HOLD, three)
    assert judge(rule_set, *build("one drop")).effects.again_at is None
    over = judge(rule_set, *build({"text": "one", "now": "2016-04-24T14:00Z"}))
    assert (over.verdict, over.effects.again_at, over.rules) == (Verdict.HOLD, None, ())


def test_dates_begin_at_from_and_end_before_until() -> None:
    window = {"from": "2016-04-24T10:00:00Z", "until": "2016-04-24T11:00:00Z"}
    rule_set = rules(rule("a", action='"drop"', **window))
    for clock, expected in (("09:59:59", "hold"), ("10:00:00", "drop"), ("10:59:59", "drop"), ("11:00:00", "hold")):
        assert verdict(rule_set, {"text": "a", "now": f"2016-04-24T{clock}Z"}) is Verdict(expected)


def test_a_shadow_rule_is_counted_and_never_acts() -> None:
    rule_set = rules(rule("a", action='"drop"', mode='"shadow"', tag='["x"]'), rule("a", action='"publish"', id="open"))
    ruling = judge(rule_set, *build("a"))
    assert (ruling.verdict, ruling.rules, ruling.shadow) == (Verdict.PUBLISH, ("open",), ("a",))
    assert ruling.effects == Effects()


def test_a_rule_that_is_off_is_not_judged_and_its_examples_still_run() -> None:
    rule_set = rules(rule("a", action='"drop"', mode='"off"', catches='["a"]'))
    assert rule_set.rules[0].mode is Mode.OFF
    assert judge(rule_set, *build("a")).rules == ()
    with pytest.raises(Exception, match="must catch"):
        rules(rule("a", action='"drop"', mode='"off"', catches='["b"]'))


def test_unless_exempts_and_any_one_is_enough() -> None:
    rule_set = rules(rule("a", action='"drop"', unless="['is_official', 'author.seen > 10']"))
    assert verdict(rule_set, "a") is Verdict.DROP
    assert verdict(rule_set, {"text": "a", "is_official": True}) is Verdict.HOLD
    assert verdict(rule_set, {"text": "a", "author": {"seen": 11}}) is Verdict.HOLD


WORDS = ("start", "river", "bridge", "rhino", "cheer", "final", "leader")
BLOCKS = st.lists(
    st.tuples(
        st.sampled_from(WORDS),
        st.sampled_from([*ACTIONS, ""]),
        st.sampled_from(["", "is_official", "author.seen > 3", "links != []"]),
        st.sampled_from(["live", "live", "shadow", "off"]),
        st.integers(-3, 3),
        st.sampled_from(["", "", "limit"]),
    ),
    min_size=2,
    max_size=9,
)
ORDERS = 30  # of each of at least 40 sets of rules: 1,200 orders


def block(number: int, given: tuple[str, str, str, str, int, str]) -> str:
    word, action, unless, mode, score, limit = given
    keys = {"mode": f'"{mode}"'}
    if unless:
        keys["unless"] = f"['{unless}']"
    if limit and action in ("hold", "drop"):
        return rule(word, id=f"rule-{number}", action=f'"{action}"', limit='{ count = 2, per = "1h" }', **keys)
    keys |= {"score": str(score), "tag": f'["t{number}"]', "strand": f'"s{number}"', "accounts": f'["a{number}"]'}
    keys["redact"] = '["phone"]' if number % 2 else '["email"]'
    if action:
        keys |= {"action": f'"{action}"', "until": f"2030-01-{number + 1:02}T00:00:00Z"}
    return rule(word, id=f"rule-{number}", **keys)


@settings(max_examples=40, deadline=None)
@given(BLOCKS, st.randoms(use_true_random=False), st.sampled_from([None, 1, 3]))
def test_order_of_rules_and_files_never_matters(
    blocks: list[tuple[str, str, str, str, int, str]], chance: Random, publish_at: int | None
) -> None:
    texts = [block(number, given) for number, given in enumerate(blocks)]
    cases = []
    for _ in range(6):
        words = " ".join(chance.choices(WORDS, k=chance.randint(0, 4)))
        post, around = build(
            {"text": words, "is_official": chance.random() < 0.5, "author": {"seen": chance.randint(0, 6)}}
        )
        full = tuple(f"rule-{number}" for number in range(len(texts)) if chance.random() < 0.5)
        cases.append((post, structs.replace(around, over=full)))
    one = load({"a.toml": "".join(texts)}, trusted=True)
    firsts = [judge(one, *case, publish_at=publish_at) for case in cases]
    for _ in range(ORDERS):
        chance.shuffle(texts)
        cut = chance.randint(0, len(texts))
        other = load({"a.toml": "".join(texts[:cut]), "b.toml": "".join(texts[cut:])}, trusted=True)
        for case, first in zip(cases, firsts, strict=True):
            second = judge(other, *case, publish_at=publish_at)
            assert first.verdict is second.verdict
            assert first.effects == second.effects
            for name in ("rules", "shadow", "limits"):
                assert sorted(getattr(first, name)) == sorted(getattr(second, name)), name
            assert (bool(first.rule), first.by_score) == (bool(second.rule), second.by_score)
            assert sorted(one.deciders(first)) == sorted(other.deciders(second))
            assert second.rule in ("", *one.deciders(first))
            assert judge(other, *case, publish_at=publish_at) == second


@given(st.text(), st.text(), st.text(max_size=20))
def test_judge_is_total_and_deterministic(text: str, title: str, name: str) -> None:
    at = datetime(2016, 4, 24, tzinfo=UTC)
    post = Post(
        "x", "1", "s", Author(name, handle=name, name=name), at, at, text=text, title=title, tags=(name,), links=(text,)
    )
    rule_set = rules(
        rule(
            "a",
            action='"drop"',
            unless=r"""['matches(text, "b|ü")', 'looks_like(author.name, ["free"])', 'has_phone(text)']""",
        ),
        rule(
            "ü",
            id="u",
            action='"hold"',
            unless="""['domain_under(domains, ["a.example"])', 'starts(author.handle, "x")', 'has_email(text)']""",
        ),
    )
    around = Circumstances(now=at)
    assert judge(rule_set, post, around) == judge(rule_set, post, around)


def test_many_different_rulings_are_not_kept_for_ever() -> None:
    rule_set = rules(*(rule(f"w{number}", tag='["x"]') for number in range(14)))
    post, around = build("x")
    for mask in range(6_000):
        text = " ".join(f"w{number}" for number in range(14) if mask >> number & 1)
        changed = Post(post.platform, "1", "s", post.author, around.now, around.now, text=text)
        assert len(judge(rule_set, changed, around).rules) == mask.bit_count()
    assert len(rule_set.rulings) <= 4_096
