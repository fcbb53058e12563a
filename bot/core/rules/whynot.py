"""What would have to be different for another verdict: the fewest clauses, exact for how verdicts are made.

Clauses that ask the same count once, in however many rules they stand: one official author frees a post from ten rules. Clauses
that ask different things are taken as independent, also where no post could change one without the other.
"""

from dataclasses import dataclass

from bot.core.model import Post, Verdict
from bot.core.rules.circumstances import Circumstances, Ruling
from bot.core.rules.explain import explain
from bot.core.rules.fewest import MOST_QUESTIONS, Search, Table
from bot.core.rules.ruleset import Mode, Rule, RuleSet
from bot.core.rules.traces import ClauseTrace, Explanation


@dataclass(frozen=True, slots=True)
class Turn:
    """A rule that comes out differently.

    Attributes:
        rule: The rule.
        matches: Whether it would match then.
    """

    rule: Rule
    matches: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """A clause that would have to come out the other way.

    Attributes:
        clause: As it came out, with the values that it saw, in the first rule that is concerned.
        holds: Whether its condition is true now (for `unless` and `when` alike); it would have to be the opposite.
        turns: The rules for which it matters, in file order; a rule that does not match then may not match now either, and
            would without this difference.
    """

    clause: ClauseTrace
    holds: bool
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """One smallest way to the wanted verdict.

    Attributes:
        differences: In file order.
        ruling: What would be said then.
    """

    differences: tuple[Difference, ...]
    ruling: Ruling


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a verdict was not given.

    Attributes:
        wanted: The verdict that was asked for.
        explanation: What is said, and why.
        ways: The smallest ways to it, in file order; empty where it is the verdict already, or where no way was found.
        proven: No smaller way exists (or none at all, where `ways` is empty). False where the search was broken off.
    """

    wanted: Verdict
    explanation: Explanation
    ways: tuple[Way, ...]
    proven: bool

    @property
    def already(self) -> bool:
        """Whether it is the verdict."""
        return self.explanation.verdict is self.wanted


def why_not(
    rule_set: RuleSet,
    post: Post,
    circumstances: Circumstances,
    wanted: Verdict,
    *,
    default: Verdict = Verdict.HOLD,
    publish_at: int | None = None,
    most: int = 3,
) -> WhyNot:
    """Find the fewest clauses that would have to differ for a verdict. Total and deterministic.

    Args:
        rule_set: The rules in force.
        post: All of its text is hostile.
        circumstances: All taken at one instant.
        wanted: The verdict that somebody expected.
        default: The verdict where no rule acts.
        publish_at: The score at which a post is published that no rule acts on; None for never. Ways by score are not looked
            for.
        most: How many equally small ways are told at most.
    """
    explanation = explain(rule_set, post, circumstances, default=default, publish_at=publish_at)
    if explanation.verdict is wanted:
        return WhyNot(wanted, explanation, (), proven=True)
    table = Table(rule_set, explanation, circumstances.over, publish_at)
    search = Search(table, wanted, default)
    found = search.run()
    ways = tuple(_way(table, flips, default) for flips in found[:most])
    led = tuple(way for way in ways if way.ruling.verdict is wanted)  # all, unless a score publishes
    return WhyNot(wanted, explanation, led, search.proven and len(led) == len(ways) and publish_at is None)


def _way(table: Table, flips: frozenset[int], default: Verdict) -> Way:
    before, after = frozenset[int](), flips
    differences = []
    for question in sorted(flips):
        users = [at for at, uses in enumerate(table.uses) if any(use.question == question for use in uses)]
        turned = [
            at
            for at in users
            if table.matches(at, after) is not table.matches(at, before)
            or table.matches(at, after) is not table.matches(at, after - {question})
        ]
        first = next((at for at in turned if table.rules[at].action), users[0])
        trace = next(use.trace for use in table.uses[first] if use.question == question)
        turns = tuple(Turn(table.rules[at], table.matches(at, after)) for at in turned)
        differences.append(Difference(trace, trace.passed is (trace.part in {"when", "dates"}), turns))
    return Way(tuple(differences), table.ruling(flips, default))


def render(found: WhyNot) -> str:
    """Write it as plain text for a terminal; ends with a line end."""
    ruling = found.explanation.ruling
    wanted = found.wanted.value
    if found.already:
        return f"The verdict is {wanted} already: {ruling.why}.\n"
    lines = [f"{ruling.verdict.value.upper()}, not {wanted}: {ruling.why}."]
    if not found.ways:
        person = "" if found.wanted is Verdict.WAIT else "; a person can give it"
        lines.append(
            f"No live rule says {wanted}, so no post can get it from the rules{person}."
            if found.proven
            else f"It would take more than {MOST_QUESTIONS} clauses, or too long to find out."
        )
    for number, way in enumerate(found.ways):
        count = len(way.differences)
        lines += [
            "",
            f"{'or' if number else 'for'} {wanted}, {'one clause' if count == 1 else f'{count} clauses'} would have to differ:",
        ]
        for one in way.differences:
            lines.append(_told(one))
            lines += [f"    {_turned(turn)}" for turn in one.turns]
    return "\n".join(lines) + "\n"


def _told(one: Difference) -> str:
    seen = ", ".join(f"{seen.name} = {seen.shown}" for piece in one.clause.pieces for seen in piece.seen)
    now = "is so, and would have to be not" if one.holds else "is not so, and would have to be"
    return f"  {one.clause.text}   {now}" + (f"   ← {seen}" if seen else "")


def _turned(turn: Turn) -> str:
    rule = turn.rule
    doing = rule.action.value if rule.action else "no action"
    shadow = " [shadow]" if rule.mode is Mode.SHADOW else ""
    return f"{'●' if turn.matches else '○'} {rule.id} ({doing}{shadow}) would {'match' if turn.matches else 'not match'}   {rule.place}"
