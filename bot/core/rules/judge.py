"""Deciding about a post: all rules look at it, the strongest action wins, and their order never matters."""

from collections.abc import Sequence
from itertools import compress

from bot.core.model import Post, Verdict
from bot.core.rules.circumstances import Circumstances, Effects, Ruling
from bot.core.rules.ruleset import Mode, Rule, RuleSet

__all__ = ["Circumstances", "Effects", "Ruling", "decide", "judge"]

_MOST_RULINGS = 4096
_BITS = bytes.maketrans(b"01", b"\x00\x01")
_LIVE, _SHADOW, _WAIT = Mode.LIVE, Mode.SHADOW, Verdict.WAIT  # looking into an enumeration takes long in Python 3.11


def judge(
    rule_set: RuleSet,
    post: Post,
    circumstances: Circumstances,
    *,
    default: Verdict = Verdict.HOLD,
) -> Ruling:
    """Decide about a post. Total and deterministic: any post gets a ruling, the same one every time.

    Args:
        rule_set: The rules in force.
        post: All of its text is hostile.
        circumstances: All taken at one instant.
        default: The verdict where no rule acts.
    """
    matched = rule_set.program.matched(post, circumstances)
    made = rule_set.rulings.get(matched)
    if made is not None and made[0] is default:
        return made[1]
    ruling = decide(_rules_of(matched, rule_set.active), default)
    if len(rule_set.rulings) >= _MOST_RULINGS:
        rule_set.rulings.clear()
    rule_set.rulings[matched] = (default, ruling)
    return ruling


def _rules_of(matched: int, active: Sequence[Rule]) -> list[Rule]:
    """The rules whose bits are set; a shift for each rule would go through all bits of a thousand rules a thousand times."""
    return list(compress(active, bin(matched)[:1:-1].encode().translate(_BITS)))


def decide(matched: Sequence[Rule], default: Verdict) -> Ruling:
    """What follows from the rules that matched.

    Args:
        matched: In file order; live and shadow rules.
        default: The verdict where no live rule acts.
    """
    live = [rule for rule in matched if rule.mode is _LIVE]
    verdict, deciding = default, None
    for rule in live:
        if rule.action is not None and (deciding is None or rule.action.strength > verdict.strength):
            verdict, deciding = rule.action, rule
    return Ruling(
        verdict=verdict,
        rule=deciding.id if deciding else "",
        rules=tuple(rule.id for rule in live),
        why=(f"rule {deciding.id} ({deciding.place})" if deciding else f"no rule decided: default {default.value}")
        + _would(matched),
        effects=_effects(live, verdict),
        shadow=tuple(rule.id for rule in matched if rule.mode is _SHADOW),
    )


def _would(matched: Sequence[Rule]) -> str:
    """What rules in shadow mode would have done, for the journal."""
    shadow = [rule for rule in matched if rule.mode is Mode.SHADOW]
    told = [f"{rule.id} would {rule.action.value if rule.action else 'have matched'}" for rule in shadow]
    return f"; shadow: {', '.join(told)}" if told else ""


def _effects(live: Sequence[Rule], verdict: Verdict) -> Effects:
    strands = sorted((rule.id, rule.strand) for rule in live if rule.strand)
    ends = [rule.condition.end for rule in live if rule.action is _WAIT and rule.condition.end]
    return Effects(
        strand=strands[0][1] if strands else "",
        tags=tuple(sorted({tag for rule in live for tag in rule.tags})),
        again_at=max(ends) if ends and verdict is not Verdict.DROP else None,
        redact=tuple(sorted({kind for rule in live for kind in rule.redact})),
        score=sum(rule.score for rule in live),
    )
