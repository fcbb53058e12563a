"""Examples that do not come out as they should, with every clause of their rule and the values that it saw."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.rules.examples import Sample
from bot.core.rules.explain import trace
from bot.core.rules.program import Program
from bot.core.rules.ruleset import Rule
from bot.core.rules.traces import RuleTrace


@dataclass(frozen=True, slots=True)
class Failing:
    """One example that fails.

    Attributes:
        rule: Whose example it is.
        sample: The example; `caught` says what the rule should do with it.
        trace: What the rule does with it.
    """

    rule: Rule
    sample: Sample
    trace: RuleTrace


def failing(rules: Iterable[Rule]) -> tuple[Failing, ...]:
    """Run the examples of rules; the ones that fail, in file order."""
    found: list[Failing] = []
    for rule in rules:
        program = Program([rule.condition])
        found.extend(
            Failing(rule, sample, trace(rule, sample.post, sample.around))
            for sample in rule.samples
            if bool(program.matched(sample.post, sample.around)) is not sample.caught
        )
    return tuple(found)
