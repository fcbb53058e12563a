"""Limits: counted last, only what would be published, by any field; scores that publish; the fuse's counting."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from bot.core.model import Post, Verdict
from bot.core.rules import fusing
from bot.core.rules.circumstances import Circumstances, Effects
from bot.core.rules.examples import build
from bot.core.rules.explain import explain
from bot.core.rules.facts import effects_of, keep, recall
from bot.core.rules.fusing import Fuse
from bot.core.rules.judge import judge
from bot.core.rules.limits import Flow
from bot.core.rules.render import render
from bot.core.rules.replay import Decided, replay
from bot.core.rules.ruleset import Mode, RuleSet, load, name_of
from bot.core.rules.whynot import why_not

OPEN = """[[rule]]
id = "open"
action = "publish"
when = ['has(text, "go")']
"""
LIMIT = """[[rule]]
id = "flood"
action = "hold"
limit = { count = 2, per = "10m", by = "author.handle" }
when = ['not is_official']
"""


def rules(text: str) -> RuleSet:
    return load({"a.toml": text}, name_hint="rules")


def example(text: str = "go", minute: float = 0, handle: str = "kim", **more: object) -> tuple[Post, Circumstances]:
    now = datetime(2016, 4, 24, 9, tzinfo=UTC) + timedelta(minutes=minute)
    return build({"text": text, "now": now, "author": {"handle": handle}, **more})


def test_a_limit_acts_only_where_it_is_reached_and_all_else_would_publish() -> None:
    found = rules(OPEN + LIMIT + '[[rule]]\nid = "no"\naction = "drop"\nwhen = [\'has(text, "no")\']\n')
    for text, over, verdict, rule, matched, limits in (
        ("go", (), "publish", "open", ("open",), ("flood",)),
        ("go", ("flood",), "hold", "flood", ("open", "flood"), ("flood",)),
        ("go no", ("flood",), "drop", "no", ("open", "no"), ()),
        ("nothing", ("flood",), "hold", "", (), ()),
    ):
        post, around = example(text)
        ruling = judge(found, post, structs.replace(around, over=over))
        assert (ruling.verdict, ruling.rule) == (Verdict(verdict), rule), text
        assert (ruling.rules, ruling.limits) == (matched, limits), text
    official = structs.replace(example(is_official=True)[1], over=("flood",))
    assert judge(found, example()[0], official).verdict is Verdict.PUBLISH


def test_it_says_why_and_explains_itself() -> None:
    found = rules(OPEN + LIMIT)
    post, around = example()
    full = structs.replace(around, over=("flood",))
    assert judge(found, post, full).why == "rule flood (rules/a.toml:5): limit: 2 in 10m by author.handle reached"
    assert "● flood  hold, limit: 2 in 10m by author.handle reached" in render(explain(found, post, full))
    assert "● flood  hold over its limit: 2 in 10m by author.handle" in render(explain(found, post, around))
    assert "flood" not in render(explain(found, *example("nothing"))), "nothing would be published, so nobody asks it"
    ways = why_not(found, post, full, Verdict.PUBLISH).ways
    assert [way.differences[0].clause.text for way in ways] == ["not is_official"]


def test_the_stronger_of_two_limits_wins_and_one_in_shadow_only_says_so() -> None:
    more = LIMIT.replace("flood", "harder").replace('"hold"', '"drop"')
    post, around = example()
    full = structs.replace(around, over=("flood", "harder"))
    assert judge(rules(OPEN + LIMIT + more), post, full).verdict is Verdict.DROP
    shadow = rules(OPEN + LIMIT + more + 'mode = "shadow"\n')
    ruling = judge(shadow, post, full)
    assert (ruling.verdict, ruling.shadow) == (Verdict.HOLD, ("harder",))
    assert judge(shadow, post, around).shadow == ()


def test_the_flow_counts_by_field_within_its_time() -> None:
    found = rules(
        OPEN + LIMIT + LIMIT.replace("flood", "all").replace(', by = "author.handle"', "").replace("10m", "2m")
    )
    flow = Flow(found.active)
    assert flow.longest == timedelta(minutes=10)
    both = ("flood", "all")
    for minute, handle in ((0, "kim"), (1, "kim"), (1.5, "lee")):
        flow.add(both, *example(minute=minute, handle=handle))
    assert flow.over(both, *example(minute=1.9, handle="lee")) == ("all",)
    assert flow.over(both, *example(minute=3, handle="kim")) == ("flood",)
    assert flow.over(both, *example(minute=9.9, handle="@KIM")) == ("flood",), "as clauses read the field"
    assert flow.over(("flood",), *example(minute=10, handle="kim")) == (), "an entry lasts for its time, and no longer"
    assert Flow(()).longest == timedelta(0)


def test_a_replay_counts_as_the_days_went() -> None:
    old, new = rules(OPEN), rules(OPEN + LIMIT)
    past = [Decided(n, *example(minute=n * 4)) for n in range(6)]  # at 0, 4, 8, …: each third one is too many
    found = replay(old, new, past)
    assert [(change.before, change.after, change.rule, change.count) for change in found.changes] == [
        (Verdict.PUBLISH, Verdict.HOLD, "flood", 2),
    ]
    assert [sample.post_id for sample in found.changes[0].samples] == [2, 5]
    of_then = [
        Decided(n, post, structs.replace(around, over=("flood",))) for n, (post, around) in enumerate([example()])
    ]
    assert replay(new, new, of_then).changed == 0


def test_facts_keep_what_was_full() -> None:
    _, around = example()
    for changed in (around, structs.replace(around, over=("flood", "b")), structs.replace(around, words_seen=True)):
        assert recall(keep(changed, {}), changed.now, changed.clocks) == changed
    both = keep(structs.replace(around, over=("flood",)), {"mass": "2016-04-24T09:00:00+00:00"})
    found = recall(both, around.now, {})
    assert (found.over, found.words_seen, list(found.clocks)) == (("flood",), False, ["mass"])
    assert len(keep(around, {})) == 8
    kept = {"strand": "s", "tags": ["a"], "redact": ("phone",), "accounts": ["x"], "facts": []}
    assert effects_of(kept) == Effects(strand="s", tags=("a",), redact=("phone",), accounts=("x",))
    assert effects_of(None) == effects_of({"tags": "a"}) == Effects()


SCORED = """[[rule]]
id = "known-reporter"
score = 3
when = ['has(text, "reporter")']

[[rule]]
id = "maybe"
score = -1
when = ['has(text, "maybe")']

[[rule]]
id = "claims"
action = "hold"
when = ['has(text, "breaking")']
"""


@pytest.mark.parametrize(
    ("text", "publish_at", "verdict", "why"),
    [
        ("reporter", 3, "publish", "score 3 ≥ 3 (known-reporter +3)"),
        ("reporter maybe", 2, "publish", "score 2 ≥ 2 (known-reporter +3, maybe -1)"),
        ("reporter maybe", 3, "hold", "no rule decided: default hold"),
        ("reporter", None, "hold", "no rule decided: default hold"),
        ("reporter breaking", 3, "hold", "rule claims (rules/a.toml:11)"),
    ],
)
def test_a_score_publishes_where_no_action_speaks(text: str, publish_at: int | None, verdict: str, why: str) -> None:
    found = rules(SCORED)
    post, around = example(text)
    ruling = judge(found, post, around, publish_at=publish_at)
    assert (ruling.verdict, ruling.why) == (Verdict(verdict), why)
    assert judge(found, post, around).verdict is Verdict.HOLD, "another desk's setting does not stick"
    shown = render(explain(found, post, around, publish_at=publish_at))
    assert (f"because {why}" in shown) is (verdict == "publish")


def test_what_a_score_publishes_meets_limits() -> None:
    found = rules(SCORED + LIMIT)
    post, around = example("reporter")
    assert judge(found, post, around, publish_at=3).limits == ("flood",)
    ruling = judge(found, post, structs.replace(around, over=("flood",)), publish_at=3)
    assert (ruling.verdict, ruling.rule, ruling.by_score) == (Verdict.HOLD, "flood", False)


# -- the fuse -------------------------------------------------------------------------------------------------------------

DROP = '[[rule]]\nid = "eager"\naction = "drop"\nwhen = [\'has(text, "the")\', "is_reply"]\n'


@pytest.mark.parametrize(
    ("changed", "is_fresh"),
    [
        (DROP, False),
        (
            "# a comment\n" + DROP.replace('has(text, "the")', ' has( text, "the" ) ') + 'about = "x"\ncatches = []\n',
            False,
        ),
        (DROP.replace('"the"', '"then"'), True),
        (DROP.replace('"drop"', '"hold"'), True),
        (DROP.replace(', "is_reply"', ""), True),
        (DROP + "unless = ['is_official']\n", True),
        (DROP + "from = 2016-04-24T10:00:00Z\n", True),
        (DROP + 'mode = "shadow"\n', False),
        (DROP.replace('"the"', '"then"') + 'fuse = "off"\n', False),
        (DROP.replace('"drop"', '"publish"'), False),
    ],
)
def test_what_a_rule_does_makes_it_fresh_not_how_it_is_written(changed: str, is_fresh: bool) -> None:
    assert bool(fusing.fresh(rules(changed), rules(DROP))) is is_fresh
    assert bool(fusing.fresh(rules(DROP), rules(DROP + 'mode = "shadow"\n')))


def test_the_fuse_blows_beyond_both_marks_only() -> None:
    found = rules(DROP)
    fuse = Fuse(fusing.fresh(found, rules("")))
    for _ in range(fusing.MOST):
        fuse.count(Verdict.DROP, ("eager",))
    assert fuse.blown() == ()
    for _ in range(fusing.LAST):
        fuse.count(Verdict.PUBLISH, ("other",))
        fuse.count(Verdict.DROP, ("eager", "other"))
    fuse.count(Verdict.DROP, ("eager",))
    assert fuse.blown() == (), "21 posts, but one of the last 200"
    for _ in range(fusing.LAST // 20):
        fuse.count(Verdict.DROP, ("eager",))
    (blown,) = fuse.blown()
    assert str(blown) == "31 posts since it was saved, 11 of the last 200"


def test_a_fused_set_is_a_set_of_its_own_that_loads_again() -> None:
    found = rules(DROP + OPEN)
    files = fusing.with_fused(found, {"eager"})
    fused = load(files, name_hint="rules")
    assert fused.name == name_of(files) != found.name
    assert [(rule.id, rule.mode, rule.fused) for rule in fused.rules] == [
        ("eager", Mode.SHADOW, True),
        ("open", Mode.LIVE, False),
    ]
    assert load(fused.files, trusted=True).name == fused.name
    again = fusing.with_fused(fused, {"open"}, Mode.OFF)
    assert {rule.id: rule.mode for rule in load(again).rules} == {"eager": Mode.SHADOW, "open": Mode.OFF}
    assert fusing.carried(files, {"a.toml": DROP + OPEN, "b.toml": ""}) == {**files, "b.toml": ""}
    assert fusing.carried(files, {"a.toml": DROP + OPEN + "#"}) == {"a.toml": DROP + OPEN + "#"}
    assert name_of(fusing.carried({}, {"a.toml": DROP + OPEN})) == found.name


def test_examples_speak_of_rules_as_the_desk_wrote_them_also_where_one_is_fused() -> None:
    text = DROP + '[[case]]\npost = { text = "the", is_reply = true }\nexpect = "drop"\n'
    assert load(fusing.with_fused(rules(text), {"eager"})).rules[0].fused
    with pytest.raises(Exception, match="the case expects drop, and the rules say hold"):
        load({**fusing.with_fused(rules(text), {"eager"}), "a.toml": text.replace('"the", is', '"a", is')})
