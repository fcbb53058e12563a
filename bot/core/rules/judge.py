"""Deciding about a post: all rules look at it, the strongest action wins, and their order never matters."""

from collections.abc import Collection, Sequence
from itertools import compress

from bot.core.model import Post, Verdict
from bot.core.rules.circumstances import Circumstances, Effects, Ruling
from bot.core.rules.rule import Mode, Rule, RuleSet

__all__ = ["Circumstances", "Effects", "Ruling", "decide", "judge"]

_MOST_RULINGS = 4096
_BITS = bytes.maketrans(b"01", b"\x00\x01")
# looking into an enumeration takes long in Python 3.11
_LIVE, _SHADOW, _WAIT, _PUBLISH = Mode.LIVE, Mode.SHADOW, Verdict.WAIT, Verdict.PUBLISH


def judge(
    rule_set: RuleSet,
    post: Post,
    circumstances: Circumstances,
    *,
    default: Verdict = Verdict.HOLD,
    publish_at: int | None = None,
) -> Ruling:
    """Decide about a post. Total and deterministic: any post gets a ruling, the same one every time.

    Args:
        rule_set: The rules in force.
        post: All of its text is hostile.
        circumstances: All taken at one instant; they say whose limit is reached.
        default: The verdict where no rule acts.
        publish_at: The score at which a post is published that no rule acts on; None for never.
    """
    matched = rule_set.program.matched(post, circumstances)
    made = rule_set.rulings.get(matched)
    if made is None or made[0] is not default or made[1] is not publish_at:
        ruling = decide(_rules_of(matched, rule_set.active), default, publish_at)
        if len(rule_set.rulings) >= _MOST_RULINGS:
            rule_set.rulings.clear()
        rule_set.rulings[matched] = (default, publish_at, ruling)
    else:
        ruling = made[2]
    if ruling.limits and circumstances.over:
        return decide(_rules_of(matched, rule_set.active), default, publish_at, circumstances.over)
    return ruling


def _rules_of(matched: int, active: Sequence[Rule]) -> list[Rule]:
    """The rules whose bits are set; a shift for each rule would go through all bits of a thousand rules a thousand times."""
    return list(compress(active, bin(matched)[:1:-1].encode().translate(_BITS)))


def decide(
    matched: Sequence[Rule], default: Verdict, publish_at: int | None = None, over: Collection[str] = ()
) -> Ruling:
    """What follows from the rules that matched.

    Args:
        matched: In file order; live and shadow rules.
        default: The verdict where no live rule acts.
        publish_at: The score at which a post is published that no live rule acts on; None for never.
        over: Ids of rules whose limit is reached. They act last, and only on what would be published.
    """
    live = [rule for rule in matched if rule.mode is _LIVE and rule.limit is None]
    shadow = [rule for rule in matched if rule.mode is _SHADOW and rule.limit is None]
    verdict, deciding = _strongest(live, default)
    effects = _effects(live, verdict)
    by_score = deciding is None and publish_at is not None and effects.score >= publish_at
    why = f"rule {deciding.id} ({deciding.place})" if deciding else f"no rule decided: default {default.value}"
    if by_score:
        verdict, why = _PUBLISH, _why_scored(live, effects.score, publish_at)
    limits = [rule for rule in matched if rule.limit is not None] if verdict is _PUBLISH else []
    if over and limits:
        reached = [rule for rule in limits if rule.id in over and rule.mode is _LIVE]
        shadow = [rule for rule in matched if rule.mode is _SHADOW and (rule.limit is None or rule.id in over)]
        if reached:
            verdict, deciding = _strongest(reached, verdict)
            why, by_score = _why_limited(deciding), False
            live = [rule for rule in matched if rule.mode is _LIVE and (rule.limit is None or rule.id in over)]
            effects = _effects(live, verdict)
    return Ruling(
        verdict=verdict,
        rule=deciding.id if deciding else "",
        rules=tuple(rule.id for rule in live),
        why=why + _would(shadow),
        effects=effects,
        shadow=tuple(rule.id for rule in shadow),
        limits=tuple(rule.id for rule in limits),
        by_score=by_score,
    )


def _would(shadow: Sequence[Rule]) -> str:
    """What rules in shadow mode would have done, for the journal."""
    told = [f"{rule.id} would {rule.action.value if rule.action else 'have matched'}" for rule in shadow]
    return f"; shadow: {', '.join(told)}" if told else ""


def _strongest(rules: Sequence[Rule], default: Verdict) -> tuple[Verdict, Rule | None]:
    """The strongest action, and the first rule in file order that asks for it."""
    verdict, deciding = default, None
    for rule in rules:
        if rule.action is not None and (deciding is None or rule.action.strength > verdict.strength):
            verdict, deciding = rule.action, rule
    return verdict, deciding


def _why_scored(live: Sequence[Rule], score: int, publish_at: int | None) -> str:
    parts = ", ".join(sorted(f"{rule.id} {rule.score:+d}" for rule in live if rule.score))
    return f"score {score} ≥ {publish_at} ({parts})"


def _why_limited(deciding: Rule | None) -> str:
    return f"rule {deciding.id} ({deciding.place}): limit: {deciding.limit} reached" if deciding else ""


def _effects(live: Sequence[Rule], verdict: Verdict) -> Effects:
    ends = [rule.condition.end for rule in live if rule.action is _WAIT and rule.condition.end]
    more = [rule for rule in live if rule.tags or rule.strand or rule.redact or rule.accounts]  # most rules only act
    strands = sorted((rule.id, rule.strand) for rule in more if rule.strand)
    return Effects(
        strand=strands[0][1] if strands else "",
        tags=tuple(sorted({tag for rule in more for tag in rule.tags})),
        again_at=max(ends) if ends and verdict is not Verdict.DROP else None,
        redact=tuple(sorted({kind for rule in more for kind in rule.redact})),
        score=sum(rule.score for rule in live),
        accounts=tuple(sorted({name for rule in more for name in rule.accounts})),
    )
