"""What the record of a rule says about it: silent, always outranked, always beside another, overturned by people."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.core.model import Verdict
from bot.core.rules.lints import Lint, Severity
from bot.core.rules.outline import Outline, outlines
from bot.core.rules.ruleset import Mode, RuleSet

SILENT_DAYS = 30
_OUTRANKED_HITS = 200
_TOGETHER_HITS = 20
_OVERTURNED_SHARE = 0.3
_ENOUGH_REVIEWED = 10

HISTORY_LINTS: Mapping[str, str] = MappingProxyType(
    {
        "silent": f"the rule matched nothing for {SILENT_DAYS} days",
        "outranked": "the rule matches often and never decides: a stronger one always does",
        "always-together": "two rules always match the same posts",
        "overturned": "people decide otherwise than the rule too often",
    },
)


@dataclass(frozen=True, slots=True)
class Told:
    """What the record holds about one judged post.

    Attributes:
        at: When it was judged, event time, aware UTC.
        verdict: What the rules said.
        rule: Id of the rule that decided, "" for the default.
        rules: Ids of all live rules that matched.
        shadow: Ids of the rules in shadow mode that matched.
        person: What a person said later, None where nobody looked.
    """

    at: datetime
    verdict: Verdict
    rule: str
    rules: tuple[str, ...] = ()
    shadow: tuple[str, ...] = ()
    person: Verdict | None = None


@dataclass(slots=True)
class RuleCount:
    """The record of one rule.

    Attributes:
        hits: Posts that it matched, live or in shadow.
        decided: Posts whose verdict it gave.
        shadow: Posts that it matched in shadow mode.
        reviewed: Posts whose verdict it gave and a person looked at.
        overturned: How many of these the person decided otherwise. Who drops a held post agrees that it needed a look.
        last_at: When it last matched, None for never.
    """

    hits: int = 0
    decided: int = 0
    shadow: int = 0
    reviewed: int = 0
    overturned: int = 0
    last_at: datetime | None = None


@dataclass(slots=True)
class Tally:
    """The record of all rules.

    Attributes:
        posts: How many posts were judged.
        rules: By id; a rule that never matched may be missing.
        together: How many posts two rules matched both, by their ids in alphabetical order.
    """

    posts: int = 0
    rules: dict[str, RuleCount] = field(default_factory=dict)
    together: dict[tuple[str, str], int] = field(default_factory=dict)


def tally(told: Iterable[Told]) -> Tally:
    """Count a record, in any order."""
    found = Tally()
    for one in told:
        found.posts += 1
        hits = sorted({*one.rules, *one.shadow})
        for at, rule in enumerate(hits):
            count = found.rules.setdefault(rule, RuleCount())
            count.hits += 1
            count.shadow += rule in one.shadow
            count.last_at = max(count.last_at or one.at, one.at)
            for other in hits[at + 1 :]:
                found.together[rule, other] = found.together.get((rule, other), 0) + 1
        if one.rule:
            count = found.rules.setdefault(one.rule, RuleCount())
            count.decided += 1
            if one.person is not None:
                count.reviewed += 1
                count.overturned += _overturned(one.verdict, one.person)
    return found


def _overturned(verdict: Verdict, person: Verdict) -> bool:
    return person is Verdict.PUBLISH if verdict is Verdict.HOLD else person is not verdict


def lint_history(
    rule_set: RuleSet,
    counted: Tally,
    *,
    since: datetime,
    now: datetime,
    adopted: Mapping[str, datetime] = MappingProxyType({}),
) -> tuple[Lint, ...]:
    """Say what the record shows about the rules in force.

    Args:
        rule_set: The rules in force.
        counted: Their record.
        since: When the record begins.
        now: Event time, aware UTC.
        adopted: Since when each rule is as it is, by its id: before that it was not silent. Missing ones are as old as the record.

    Returns:
        Warnings in file order, at the rules' headers. A rule without a `silent` warning may still have matched only once.
    """
    found: list[Lint] = []
    placed = outlines(rule_set)
    order = {outline.rule.id: outline for outline in placed}
    for outline in placed:
        if outline.rule.mode is not Mode.OFF:
            count = counted.rules.get(outline.rule.id, RuleCount())
            begun = max(since, adopted.get(outline.rule.id, since))
            found += [_warning(outline, *said) for said in _said(outline, count, begun, now)]
            found += [_warning(outline, *said) for said in _twins(outline, counted, order)]
    return tuple(found)


def _warning(outline: Outline, name: str, reason: str) -> Lint:
    return Lint(name, Severity.WARNING, outline.sheet.key(outline.path, reason), outline.rule.id)


def _said(outline: Outline, count: RuleCount, since: datetime, now: datetime) -> Iterator[tuple[str, str]]:
    rule = outline.rule
    long_ago = now - timedelta(days=SILENT_DAYS)
    waits = rule.condition.start is not None and rule.condition.start > long_ago
    if since <= long_ago and not waits and (count.last_at is None or count.last_at < long_ago):
        last = f"last on {count.last_at:%Y-%m-%d}" if count.last_at else "never"
        yield "silent", f"'{rule.id}' matched nothing for {SILENT_DAYS} days ({last}): correct it, or take it out"
    if rule.mode is Mode.LIVE and rule.action and count.hits >= _OUTRANKED_HITS and not count.decided:
        yield (
            "outranked",
            f"'{rule.id}' matched {count.hits} posts and decided none: a stronger rule always does; take it out",
        )
    if count.reviewed >= _ENOUGH_REVIEWED and count.overturned > _OVERTURNED_SHARE * count.reviewed:
        share = f"{count.overturned} of {count.reviewed} posts that they looked at"
        yield (
            "overturned",
            f"after '{rule.id}' people decided otherwise in {share}: make it narrower, or set mode = \"shadow\"",
        )


def _twins(outline: Outline, counted: Tally, order: Mapping[str, Outline]) -> Iterator[tuple[str, str]]:
    """Rules before this one that always matched with it."""
    rule = outline.rule.id
    hits = counted.rules.get(rule, RuleCount()).hits
    for other in order:
        if other == rule:
            return
        first, second = sorted((other, rule))
        both = counted.together.get((first, second), 0)
        if both >= _TOGETHER_HITS and both == hits == counted.rules.get(other, RuleCount()).hits:
            yield "always-together", f"'{rule}' and '{other}' matched the same {both} posts: make them one rule"
