"""Limits of rules, carried out: what rules publish is counted between runs, and counted from the store after a restart."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import structs

from bot.core.desk import Desk
from bot.core.rules.facts import recall, starts_of
from bot.core.rules.judge import judge
from bot.core.rules.limits import Flow
from bot.core.rules.ruleset import RuleSet
from bot.pipeline.curate.case import Case, details
from bot.store import judgements
from bot.store.database import Transaction


class Limiter:
    """Asks the limits of what would be published. Only whoever holds the curate lease may use it.

    Args:
        desk: What happens where no rule acts.
        clocks: Starts of the event clocks.
    """

    def __init__(self, desk: Desk, clocks: Mapping[str, datetime]) -> None:
        self._desk = desk
        self._clocks = clocks
        self._flow: tuple[RuleSet, Flow] | None = None

    def forget(self) -> None:
        """Count from the store next time: what was counted may not have been committed, or another one has published."""
        self._flow = None

    def press(self, tx: Transaction, case: Case, rule_set: RuleSet) -> None:
        """Let a case that is to be told pass, or overrule it by the rule whose limit it would break.

        Args:
            tx: In which it will be told.
            case: By rules; the earliest post first.
            rule_set: Which judged it.
        """
        ruling, around, post = case.ruling, case.around, case.stored.post
        if ruling is None or around is None or not ruling.limits:
            return
        if self._flow is None or self._flow[0] is not rule_set:
            self._flow = (rule_set, self._count(tx, rule_set, around.now))
        flow = self._flow[1]
        over = flow.over(ruling.limits, post, around)
        if over:
            around = structs.replace(around, over=over)
            ruling = judge(rule_set, post, around, default=self._desk.default, publish_at=self._desk.publish_at)
            starts = starts_of(self._clocks, rule_set.clocks)
            case.around, case.ruling, case.effects = around, ruling, ruling.effects
            case.details = details(ruling, around, starts)
        if ruling.rule in over:
            case.tell, case.verdict, case.rule, case.why = False, ruling.verdict, ruling.rule, ruling.why
        else:
            flow.add(ruling.limits, post, around)

    def _count(self, tx: Transaction, rule_set: RuleSet, now: datetime) -> Flow:
        """What rules have published in the longest time that a limit looks back, as this rule set counts it."""
        flow = Flow(rule_set.active)
        for told in judgements.published(tx, since=now - flow.longest):
            around = recall(told.facts, told.at, self._clocks)
            matched = rule_set.program.matched(told.post, around)
            limits = [rule.id for at, rule in enumerate(rule_set.active) if rule.limit and matched >> at & 1]
            flow.add(limits, told.post, around)
        return flow
