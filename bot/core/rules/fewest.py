"""The fewest answers that would have to be different for another verdict: an exact search over the rules of a set."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.core.model import Verdict
from bot.core.rules.circumstances import Ruling
from bot.core.rules.judge import decide
from bot.core.rules.ruleset import Mode, RuleSet
from bot.core.rules.shape import shape
from bot.core.rules.traces import ClauseTrace, Explanation

MOST_STEPS = 4_000
MOST_QUESTIONS = 12


@dataclass(frozen=True, slots=True)
class Use:
    """A clause in a rule: which question it asks, and which answer lets the rule match."""

    question: int
    answer: bool
    trace: ClauseTrace


class Table:
    """The rules as lists of questions; equal questions are one."""

    def __init__(
        self, rule_set: RuleSet, explanation: Explanation, over: Collection[str], publish_at: int | None
    ) -> None:
        self.rules = rule_set.active
        self.over = over
        self.publish_at = publish_at
        self.answers: list[bool] = []
        numbers: dict[Hashable, tuple[int, bool]] = {}
        self.uses: list[tuple[Use, ...]] = []
        for rule, trace in zip(self.rules, explanation.rules, strict=True):
            condition = rule.condition
            clauses = iter((*condition.when, *condition.unless))
            uses = []
            for one in trace.clauses:
                wanted = one.part in {"when", "dates"}
                if one.part != "dates":
                    root = next(clauses).root
                    asked, opposite = shape(root), shape(root, negated=True)
                else:
                    asked = ("dates", condition.start, condition.end)
                    opposite = ("not", asked)
                if asked not in numbers:
                    numbers[asked] = (len(self.answers), True)
                    numbers[opposite] = (len(self.answers), False)
                    self.answers.append(one.passed is wanted)
                number, straight = numbers[asked]
                uses.append(Use(number, wanted is straight, one))
            self.uses.append(tuple(uses))

    def matches(self, at: int, flips: frozenset[int]) -> bool:
        """Whether a rule matches once these questions are answered the other way."""
        return all((self.answers[use.question] is use.answer) is (use.question not in flips) for use in self.uses[at])

    def ruling(self, flips: frozenset[int], default: Verdict) -> Ruling:
        """What would be said."""
        return decide(
            [rule for at, rule in enumerate(self.rules) if self.matches(at, flips)], default, self.publish_at, self.over
        )


class Search:
    """Looks for the smallest sets of questions, deeper and deeper.

    Where a rule matches that is stronger than wanted, one of its questions must turn. Where none does and the verdict is still
    another, all missing questions of a rule with the wanted action must turn, or, for the default, a question of every weaker
    rule. Each branch leaves out what the branches before it turned, so every smallest set is found, and found once.
    """

    def __init__(self, table: Table, wanted: Verdict, default: Verdict) -> None:
        self.table = table
        self.wanted = wanted
        self.default = default
        self.actions = [
            rule.action if rule.mode is Mode.LIVE and (rule.limit is None or rule.id in table.over) else None
            for rule in table.rules
        ]
        for at, uses in enumerate(table.uses):
            if len({use.question for use in uses}) < len({(use.question, use.answer) for use in uses}):
                self.actions[at] = None  # it asks for a thing and its opposite: it never matches
        self.equal = [at for at, action in enumerate(self.actions) if action is wanted]
        self.flips: set[int] = set()
        self.users: list[list[tuple[int, bool]]] = [[] for _ in table.answers]
        self.missing: list[set[int]] = [set() for _ in table.rules]
        self.hits: dict[Verdict, set[int]] = {verdict: set() for verdict in Verdict}
        for at, uses in enumerate(table.uses):
            for use in uses:
                self.users[use.question].append((at, use.answer))
                if table.answers[use.question] is not use.answer:
                    self.missing[at].add(use.question)
            self._sort_in(at)
        self.steps = 0

    def _sort_in(self, at: int) -> None:
        action = self.actions[at]
        if action is not None:
            (self.hits[action].discard if self.missing[at] else self.hits[action].add)(at)

    def _turn(self, questions: Iterable[int]) -> None:
        for question in questions:
            self.flips ^= {question}
            now = self.table.answers[question] is (question not in self.flips)
            for at, answer in self.users[question]:
                (self.missing[at].discard if now is answer else self.missing[at].add)(question)
                self._sort_in(at)

    @property
    def proven(self) -> bool:
        """Whether the search came to its end."""
        return self.steps <= MOST_STEPS

    def run(self) -> list[frozenset[int]]:
        """All smallest sets, in file order; empty where there is none or the search was broken off."""
        if not self.equal and self.wanted is not self.default:
            return []
        for size in range(1, min(MOST_QUESTIONS, len(self.table.answers)) + 1):
            found = set(self.sets(frozenset(), size))
            if found or not self.proven:
                return sorted(found, key=sorted)
        if len(self.table.answers) > MOST_QUESTIONS:
            self.steps = MOST_STEPS + 1
        return []

    def sets(self, kept: frozenset[int], left: int) -> Iterator[frozenset[int]]:
        """Sets that hold what is turned, nothing of `kept`, and at most `left` questions more."""
        self.steps += 1
        if not self.proven:
            return
        hits = sorted((at, verdict) for verdict in Verdict for at in self.hits[verdict])
        against = [at for at, verdict in hits if verdict.strength > self.wanted.strength]
        if self._least(against, kept) > left:
            return
        if against:
            yield from self._breaking(against[0], kept, left)
            return
        lesser = [at for at, verdict in hits if verdict is not self.wanted]
        if self.hits[self.wanted] or (self.wanted is self.default and not lesser):
            yield frozenset(self.flips)
            return
        for at in self.equal:
            missing = frozenset(self.missing[at])
            if len(missing) <= left and not missing & (self.flips | kept):
                self._turn(missing)
                yield from self.sets(kept, left - len(missing))
                self._turn(missing)
        if self.wanted is self.default and left:
            yield from self._breaking(lesser[0], kept, left)

    def _breaking(self, at: int, kept: frozenset[int], left: int) -> Iterator[frozenset[int]]:
        for question in dict.fromkeys(use.question for use in self.table.uses[at]):
            if question not in self.flips and question not in kept:
                self._turn((question,))
                yield from self.sets(kept, left - 1)
                self._turn((question,))
                kept |= {question}

    def _least(self, against: Sequence[int], kept: frozenset[int]) -> int:
        """At least so many questions must turn: rules that share none need one each."""
        taken: set[int] = set()
        least = 0
        for at in against:
            free = {use.question for use in self.table.uses[at]} - self.flips - kept
            if not free & taken:
                least += 1
                taken |= free
        return least
