"""Limits: how much of one kind may be published in a while. They look at what would go out, after all other rules.

What counts is what rules have published, each by the time of its judgement: an author who dates posts back gains nothing, and
what a person approves neither counts nor is limited.
"""

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.durations import write_duration
from bot.core.model import Post
from bot.core.rules.circumstances import Circumstances
from bot.core.rules.fields import FIELDS
from bot.core.rules.program import Condition, Program
from bot.core.rules.tree import Clause, ConstantNode, FieldNode
from bot.core.rules.values import Kind


@dataclass(frozen=True, slots=True)
class Limit:
    """How many posts of one kind are published in a while.

    Attributes:
        count: So many; what comes after them meets the rule's action.
        per: In so long.
        by: Field whose value makes the kind; "" for all posts together.
    """

    count: int
    per: timedelta
    by: str = ""

    def __str__(self) -> str:
        """As a person reads it: "3 in 10m by author.handle"."""
        return f"{self.count} in {write_duration(self.per)}" + (f" by {self.by}" if self.by else "")


class LimitedRule(Protocol):
    """What is asked of a rule here."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def limit(self) -> Limit | None:
        """None for a rule without one."""


class Flow:
    """What rules have published lately, as the limits of one rule set count it.

    Not safe for threads. Cost of a question: a look-up for each limit that is asked.

    Args:
        rules: The rules that are judged; those without a limit are left aside.
    """

    def __init__(self, rules: Iterable[LimitedRule]) -> None:
        self._counted = {rule.id: _Counted(rule.limit) for rule in rules if rule.limit is not None}
        self.longest = max((one.limit.per for one in self._counted.values()), default=timedelta(0))

    def over(self, ids: Collection[str], post: Post, around: Circumstances) -> tuple[str, ...]:
        """Which limits are reached, so that one post more would be too many.

        Args:
            ids: Rules that match the post (`Ruling.limits`), in file order.
            post: What would be published now.
            around: Its circumstances; `now` is the time that counts.
        """
        return tuple(name for name in ids if self._counted[name].reached(post, around))

    def add(self, ids: Collection[str], post: Post, around: Circumstances) -> None:
        """Count a post that rules publish; in the order of time. Arguments as for `over`."""
        for name in ids:
            self._counted[name].add(post, around)


class _Counted:
    """The posts of one limit in its time."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self._kind = _reader(limit.by)
        self._order: deque[tuple[datetime, object]] = deque()
        self._counts: Counter[object] = Counter()

    def reached(self, post: Post, around: Circumstances) -> bool:
        self._forget(around.now)
        return self._counts[self._kind(post, around)] >= self.limit.count

    def add(self, post: Post, around: Circumstances) -> None:
        kind = self._kind(post, around)
        self._order.append((around.now, kind))
        self._counts[kind] += 1

    def _forget(self, now: datetime) -> None:
        while self._order and self._order[0][0] <= now - self.limit.per:
            _, kind = self._order.popleft()
            self._counts[kind] -= 1
            if not self._counts[kind]:
                del self._counts[kind]


def _reader(by: str) -> Callable[[Post, Circumstances], object]:
    """Reads the field that makes the kind, as clauses read it."""
    node = FieldNode(0, 1, FIELDS[by]) if by else ConstantNode(0, 1, "", Kind.TEXT)
    program = Program([Condition((Clause("", node),))])

    def read(post: Post, around: Circumstances) -> object:
        return program.values(post, around)(node)

    return read
