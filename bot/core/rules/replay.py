"""What other rules would have decided: past decisions judged by two rule sets, and what differs."""

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec import structs

from bot.core.model import Post, Verdict
from bot.core.rules.circumstances import Circumstances, Ruling
from bot.core.rules.judge import judge
from bot.core.rules.limits import Flow
from bot.core.rules.ruleset import RuleSet

SAMPLES = 3
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Decided:
    """A post as the rules saw it when they decided.

    Attributes:
        post_id: Internal number.
        around: The facts of then.
        update: Slug of the update that is live and was made from it; "" for none.
        approved_by: The person who approved it; "" for nobody.
    """

    post_id: int
    post: Post
    around: Circumstances
    update: str = ""
    approved_by: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """One post whose decision changes."""

    post_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Off:
    """A live update that would not be told now.

    Attributes:
        update: Its slug.
        post_id: The post that it was made from.
        text: Its first words.
        verdict: What the other set says.
        rule: The rule that decides; "" where it is the default.
        approved_by: The person who approved it: no rule overrules that. "" for nobody.
    """

    update: str
    post_id: int
    text: str
    verdict: Verdict
    rule: str
    approved_by: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """Decisions that change in the same way.

    Attributes:
        before: What the one set says.
        after: What the other set says.
        rule: The rule of the other set that decides; "" where it is the default.
        was: The rule of the one set that decided; "" where it was the default.
        count: How many.
        samples: The first of them, at most `SAMPLES`.
    """

    before: Verdict
    after: Verdict
    rule: str
    was: str
    count: int
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a replay.

    Attributes:
        total: Decisions looked at.
        changed: How many differ.
        changes: By kind of change, the most frequent first.
        off: Live updates that the other set would hold or drop, in the order of their posts; nothing is done to them.
    """

    total: int = 0
    changed: int = 0
    changes: tuple[Change, ...] = ()
    off: tuple[Off, ...] = ()


def replay(
    old: RuleSet,
    new: RuleSet,
    decided: Iterable[Decided],
    *,
    default: Verdict = Verdict.HOLD,
    publish_at: int | None = None,
) -> Replayed:
    """Judge the same posts with the same facts by two rule sets.

    Args:
        decided: In the order in which they were decided, so that limits count as they did.
        default: The verdict where no rule acts.
        publish_at: The score at which a post is published that no rule acts on; None for never.
    """
    first, second = _Replay(old, default, publish_at), _Replay(new, default, publish_at)
    total = 0
    groups: dict[tuple[Verdict, Verdict, str, str], list[Decided]] = {}
    off: list[Off] = []
    for one in decided:
        total += 1
        before, after = first.ruling(one), second.ruling(one)
        if before.verdict is not after.verdict:
            groups.setdefault((before.verdict, after.verdict, after.rule, before.rule), []).append(one)
        if one.update and after.verdict in (Verdict.HOLD, Verdict.DROP) and before.verdict is not after.verdict:
            off.append(Off(one.update, one.post_id, _words(one.post), after.verdict, after.rule, one.approved_by))
    changes = [
        Change(*kind, len(found), tuple(Sample(one.post_id, _words(one.post)) for one in found[:SAMPLES]))
        for kind, found in groups.items()
    ]
    changes.sort(key=lambda change: (-change.count, change.before.value, change.after.value, change.rule, change.was))
    return Replayed(total, sum(change.count for change in changes), tuple(changes), tuple(off))


class _Replay:
    """One rule set on its way through the past, with what it would have published by then."""

    def __init__(self, rule_set: RuleSet, default: Verdict, publish_at: int | None) -> None:
        self.rule_set = rule_set
        self.default = default
        self.publish_at = publish_at
        self.flow = Flow(rule_set.active)

    def ruling(self, one: Decided) -> Ruling:
        around = structs.replace(one.around, over=()) if one.around.over else one.around
        found = judge(self.rule_set, one.post, around, default=self.default, publish_at=self.publish_at)
        if found.limits:
            if over := self.flow.over(found.limits, one.post, around):
                around = structs.replace(around, over=over)
                found = judge(self.rule_set, one.post, around, default=self.default, publish_at=self.publish_at)
            if found.verdict is Verdict.PUBLISH:
                self.flow.add(found.limits, one.post, around)
        return found


def _words(post: Post) -> str:
    words = " ".join((post.text or post.title).split())
    return words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"
