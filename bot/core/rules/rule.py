"""A rule, and a set of rules that judge together."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from bot.core.model import Post, Verdict
from bot.core.rules.circumstances import Circumstances, Ruling
from bot.core.rules.examples import Sample
from bot.core.rules.limits import Limit
from bot.core.rules.program import Condition, Program
from bot.core.rules.shape import clocks_in


class Mode(StrEnum):
    """Whether a rule acts."""

    LIVE = "live"
    SHADOW = "shadow"  # judged and counted, never acting
    OFF = "off"  # not judged; its examples still run


@dataclass(frozen=True, slots=True)
class Rule:
    """One named rule.

    Attributes:
        id: Permanent name.
        file: As mistakes show it.
        line: Where its [[rule]] stands, 1-based.
        condition: When it matches; its exemptions are its own, then those of its file.
        about: One sentence for the desk.
        owner: Who answers for it.
        action: None for a rule that only has effects.
        mode: Whether it acts.
        tags: Added, folded.
        strand: "" for none.
        score: Added to the rank in the queue.
        redact: "phone", "email".
        samples: Its examples, as whole posts; empty in a set that was loaded as stored.
        accounts: Where the update goes, beside the page; empty for the strand's accounts.
        limit: How much may be published in a while; a rule that has one acts only on what comes after. None for none.
        shared: How many of its exemptions, the last ones, are those of its file.
        fused: It was taken out of action by itself: it did too much too soon, or it could not be judged.
        fuse: False where it may act however much it does.
        todos: Examples that do not hold yet, as whole posts; `caught` is what they should be.
    """

    id: str
    file: str
    line: int
    condition: Condition
    about: str = ""
    owner: str = ""
    action: Verdict | None = None
    mode: Mode = Mode.LIVE
    tags: tuple[str, ...] = ()
    strand: str = ""
    score: int = 0
    redact: tuple[str, ...] = ()
    samples: tuple[Sample, ...] = ()
    accounts: tuple[str, ...] = ()
    limit: Limit | None = None
    shared: int = 0
    fused: bool = False
    fuse: bool = True
    todos: tuple[Sample, ...] = ()

    @property
    def place(self) -> str:
        """`file:line`."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class WholeCase:
    """An example of a whole rule set ([[case]]).

    Attributes:
        file: As mistakes show it.
        line: Where its [[case]] stands, 1-based.
        about: What it shows.
        post: The whole post.
        around: Its circumstances.
        expect: The verdict that the set must give.
        by: The rule that must decide; "" where any may.
    """

    file: str
    line: int
    about: str
    post: Post
    around: Circumstances
    expect: Verdict
    by: str = ""

    def met(self, ruling: Ruling, deciders: Collection[str]) -> bool:
        """Whether a ruling is the one that is wanted; `deciders` are those of its rule set."""
        return ruling.verdict is self.expect and (not self.by or self.by in deciders)


@dataclass(frozen=True, eq=False)
class RuleSet:
    """Rules that judge together; frozen, safe to share between threads.

    Attributes:
        name: 8 hex digits: a hash of its files and of the rules that were taken out of action, in any order.
        rules: In file order: by the files' names, then by place.
        files: The texts that it was made of, by name: `load(files)` makes it again.
        lists: Entries of each list by its name.
        active: The rules that are judged: all but those with mode "off".
        program: What tells which of the active rules match.
        cases: Its examples of the whole set, in file order.
        rulings: Rulings that were made before, by the rules that matched; only `judge` looks here.
    """

    name: str
    rules: tuple[Rule, ...]
    files: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    active: tuple[Rule, ...] = field(repr=False)
    program: Program = field(repr=False)
    cases: tuple[WholeCase, ...] = field(default=(), repr=False)
    rulings: dict[int, tuple[Verdict, int | None, Ruling]] = field(default_factory=dict, repr=False)

    @cached_property
    def clocks(self) -> frozenset[str]:
        """The event clocks that its clauses ask for."""
        conditions = [rule.condition for rule in self.active]
        return clocks_in(clause for one in conditions for clause in (*one.when, *one.unless))

    @cached_property
    def _actions(self) -> Mapping[str, Verdict | None]:
        return {rule.id: rule.action for rule in self.active}

    def deciders(self, ruling: Ruling) -> tuple[str, ...]:
        """All rules that asked for a verdict, in file order: the one that is named and those that say the same.

        Args:
            ruling: Of this set. Where its default or a score decided, nobody did.
        """
        if not ruling.rule:
            return ()
        return tuple(name for name in ruling.rules if self._actions.get(name) is ruling.verdict)
