"""Do the examples test the rules? Each small damage to a rule must be noticed by one of them.

Deletes every clause and every part of an `and` or `or`, moves every comparison by its edge (`<` and `<=`), drops single entries of
lists that stand in clauses, and takes away the dates. What no example notices is either not tested or not needed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.core.errors import Mistake
from bot.core.model import Post, Verdict
from bot.core.rules.circumstances import Circumstances, Ruling
from bot.core.rules.damage import Change, Mutant, damages
from bot.core.rules.judge import decide
from bot.core.rules.outline import Outline, outlines
from bot.core.rules.program import Condition, Program
from bot.core.rules.ruleset import RuleSet, WholeCase
from bot.core.rules.tree import Clause


@dataclass(frozen=True, slots=True)
class Survivor:
    """A damage that no example notices.

    Attributes:
        rule: Id of the rule.
        change: What was done.
        before: The clause as it stands, or "from", "until".
        after: The clause as it would read; "" where it would be gone.
        mistake: Where, in a sentence, and which example would notice.
    """

    rule: str
    change: Change
    before: str
    after: str
    mistake: Mistake


@dataclass(frozen=True, slots=True)
class Thoroughness:
    """What came out.

    Attributes:
        tried: How many damages were done to rules that have examples.
        survivors: Those that no example noticed, in file order.
        untested: Ids of rules without any example, which nothing could notice, in file order.
        by_rule: How many damages were done to each rule, by its id; one to an exemption that several share counts for each.
    """

    tried: int
    survivors: tuple[Survivor, ...]
    untested: tuple[str, ...]
    by_rule: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Case:
    """An example of the whole set.

    Attributes:
        post: The whole post.
        around: Its circumstances.
        met: Whether a ruling is the one that is wanted.
    """

    post: Post
    around: Circumstances
    met: Callable[[Ruling], bool]


def mutate(rule_set: RuleSet, cases: Sequence[Case] = ()) -> Thoroughness:
    """Damage every rule in every small way, and look which damage no example notices.

    Args:
        rule_set: As loaded: all examples hold.
        cases: Examples of the whole set beside its own; those that are not met anyway notice nothing.
    """
    own = [Case(case.post, case.around, _meeting(rule_set, case)) for case in rule_set.cases]
    judged = [_Judged(rule_set, case) for case in (*own, *cases)]
    heard = [case for case in judged if case.holds()]
    alive: dict[tuple[object, ...], Survivor] = {}
    noticed: set[tuple[object, ...]] = set()
    untested = []
    by_rule: dict[str, int] = {}
    for outline in outlines(rule_set):
        bench = _Bench(outline, heard)
        by_rule[outline.rule.id] = len(bench.mutants)
        for mutant in bench.mutants:
            key = bench.key(mutant)  # one for all rules that share an exemption
            if key not in noticed and bench.notices(mutant):
                noticed.add(key)
                alive.pop(key, None)
            elif key not in noticed and outline.rule.samples:
                alive.setdefault(key, _survivor(outline, mutant))
        if not outline.rule.samples and not any(bench.key(mutant) in noticed for mutant in bench.mutants):
            untested.append(outline.rule.id)
    return Thoroughness(len(alive) + len(noticed), tuple(alive.values()), tuple(untested), by_rule)


def _meeting(rule_set: RuleSet, case: WholeCase) -> Callable[[Ruling], bool]:
    return lambda ruling: case.met(ruling, rule_set.deciders(ruling))


class _Judged:
    """A case, and which rules match it."""

    def __init__(self, rule_set: RuleSet, case: Case) -> None:
        self.case = case
        self.active = rule_set.active
        self.matched = rule_set.program.matched(case.post, case.around)

    def holds(self, changed: str = "") -> bool:
        """Whether it is met, also where one rule matches that did not, or the other way round."""
        hits = [rule for at, rule in enumerate(self.active) if bool(self.matched >> at & 1) is not (rule.id == changed)]
        return self.case.met(decide(hits, Verdict.HOLD))


class _Bench:
    """One rule, compiled with all its damaged clauses, and its examples."""

    def __init__(self, outline: Outline, cases: Sequence[_Judged]) -> None:
        self.outline = outline
        condition = outline.rule.condition
        self.clauses = (*condition.when, *condition.unless)
        self.wanted = len(condition.when)
        self.places = {id(one.clause): one for one in (*outline.when, *outline.unless, *outline.shared)}
        self.mutants = tuple(self._make())
        damaged = [Clause("", mutant.root) for mutant in self.mutants if mutant.root is not None]
        self.bits = {id(mutant): len(self.clauses) + at for at, mutant in enumerate(self._damaged())}
        program = Program([Condition((clause,)) for clause in (*self.clauses, *damaged)])
        self.samples = []
        for sample in outline.rule.samples:
            bits = program.matched(sample.post, sample.around)
            if self.matches(bits, sample.around) is sample.caught:
                self.samples.append((sample.caught, bits, sample.around))
        self.cases = []
        for case in cases:
            bits = program.matched(case.case.post, case.case.around)
            self.cases.append((case, bits, self.matches(bits, case.case.around)))

    def _damaged(self) -> Iterator[Mutant]:
        return (mutant for mutant in self.mutants if mutant.root is not None)

    def _make(self) -> Iterator[Mutant]:
        condition = self.outline.rule.condition
        for number, clause in enumerate(self.clauses):
            if id(clause) in self.places:
                yield Mutant(number, Change.CLAUSE, None, clause.root, "", wider=True, piece=clause.text.strip())
                yield from damages(number, clause, wider=number < self.wanted)
        for name, moment in (("from", condition.start), ("until", condition.end)):
            if moment is not None:
                yield Mutant(-1, Change.DATE, None, self.clauses[0].root, "", wider=True, piece=name)

    def key(self, mutant: Mutant) -> tuple[object, ...]:
        if mutant.number < 0:
            return (self.outline.rule.id, mutant.piece)
        located = self.places[id(self.clauses[mutant.number])]
        return (located.sheet.name, located.path, mutant.change, mutant.node.start, mutant.piece, mutant.after)

    def notices(self, mutant: Mutant) -> bool:
        """Whether an example comes out differently."""
        if any(self.matches(bits, around, mutant) is not caught for caught, bits, around in self.samples):
            return True
        rule = self.outline.rule.id
        return any(
            self.matches(bits, case.case.around, mutant) is not before and not case.holds(rule)
            for case, bits, before in self.cases
        )

    def matches(self, bits: int, around: Circumstances, mutant: Mutant | None = None) -> bool:
        """Whether the rule, damaged or not, matches where these clauses hold."""
        condition = self.outline.rule.condition
        gone = mutant.piece if mutant and mutant.number < 0 else ""
        if condition.start and gone != "from" and around.now < condition.start:
            return False
        if condition.end and gone != "until" and around.now >= condition.end:
            return False
        for number in range(len(self.clauses)):
            held = bits >> number & 1
            if mutant and mutant.number == number:
                held = number < self.wanted if mutant.root is None else bits >> self.bits[id(mutant)] & 1
            if bool(held) is not (number < self.wanted):
                return False
        return True


def _survivor(outline: Outline, mutant: Mutant) -> Survivor:
    rule = outline.rule
    key = "spares" if mutant.wider else "catches"
    if mutant.number < 0:
        hint = 'add to spares a post of the wrong time: { text = "…", now = … }'
        reason = f"no example would notice if '{mutant.piece}' vanished from '{rule.id}'"
        mistake = outline.sheet.key((*outline.path, mutant.piece), reason, hint)
        return Survivor(rule.id, mutant.change, mutant.piece, "", mistake)
    condition = rule.condition
    clause = (*condition.when, *condition.unless)[mutant.number]
    located = next(one for one in (*outline.when, *outline.unless, *outline.shared) if one.clause is clause)
    reason, hint = _said(mutant, key, exempts=mutant.number >= len(condition.when))
    return Survivor(rule.id, mutant.change, clause.text.strip(), mutant.after, located.at(mutant.node, reason, hint))


def _said(mutant: Mutant, key: str, *, exempts: bool) -> tuple[str, str]:
    match mutant.change:
        case Change.CLAUSE if exempts:
            return "no example would notice if this exemption vanished", "add to spares a post that only this exempts"
        case Change.CLAUSE:
            return (
                "no example would notice if this clause vanished",
                "add to spares a post that fails only this clause",
            )
        case Change.EDGE:
            return f"no example would notice if this read {mutant.after}", f"add to {key} a post exactly at the edge"
        case Change.ENTRY:
            return f"no example would notice if {mutant.piece} vanished", f"add to {key} a post with it, or delete it"
        case _:
            return "no example would notice if this part vanished", f"add to {key} a post that only this part decides"
