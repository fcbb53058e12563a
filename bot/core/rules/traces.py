"""What an explanation is made of: every rule, every clause, the values that it saw, and what was decided in the end."""

from dataclasses import dataclass
from enum import StrEnum

from bot.core.model import Verdict
from bot.core.rules.circumstances import Ruling
from bot.core.rules.ruleset import Mode


class Passed(StrEnum):
    """How a piece of a clause came out; the value is its mark."""

    YES = "✓"
    NO = "✗"
    NOT_REACHED = "·"


@dataclass(frozen=True, slots=True)
class Seen:
    """A value that a clause asked for.

    Attributes:
        name: The field or call, as in the clause.
        shown: The value for a person, on one line.
        known: False where the platform does not say it and the value only stands in.
    """

    name: str
    shown: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of the trace: a clause, or a part of one.

    Attributes:
        text: As the editor wrote it; "any of", "all of" or "not" where its parts follow.
        passed: Whether it came out as the rule needs it.
        depth: 0 for a whole clause, more for its parts.
        seen: The values that it asked for.
    """

    text: str
    passed: Passed
    depth: int = 0
    seen: tuple[Seen, ...] = ()


@dataclass(frozen=True, slots=True)
class ClauseTrace:
    """One clause of a rule, or its dates.

    Attributes:
        part: "when", "unless" or "dates".
        text: As the editor wrote it.
        passed: Whether it speaks for the match: true for `when`, not true for `unless`.
        pieces: The clause as lines, with its parts.
        shared: It is an exemption of the whole file.
    """

    part: str
    text: str
    passed: bool
    pieces: tuple[Piece, ...]
    shared: bool = False


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """One rule and one post.

    Attributes:
        id: The rule.
        action: None for a rule that only has effects.
        mode: Whether it acts.
        place: `file:line`.
        about: What it is for.
        matched: All clauses passed.
        clauses: Dates, `when` and `unless`, in that order.
        limit: How much may be published in a while, "" for a rule without limit.
        reached: Its limit was reached.
        fused: It was taken out of action by itself.
    """

    id: str
    action: Verdict | None
    mode: Mode
    place: str
    about: str
    matched: bool
    clauses: tuple[ClauseTrace, ...]
    limit: str = ""
    reached: bool = False
    fused: bool = False

    @property
    def missing(self) -> tuple[ClauseTrace, ...]:
        """The clauses that did not pass."""
        return tuple(clause for clause in self.clauses if not clause.passed)

    @property
    def spoken_for(self) -> bool:
        """Whether its dates or a clause of `when` passed."""
        return any(clause.passed for clause in self.clauses if clause.part != "unless")


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a rule set says what it says about a post.

    Attributes:
        ruling: What `judge` says.
        rule_set: Its name.
        rules: Every rule that is judged, in file order.
    """

    ruling: Ruling
    rule_set: str
    rules: tuple[RuleTrace, ...]

    @property
    def verdict(self) -> Verdict:
        """The ruling's verdict."""
        return self.ruling.verdict

    @property
    def matched(self) -> tuple[RuleTrace, ...]:
        """The rules that matched, in file order; one with a limit only where all else would publish, for else nobody asks it."""
        return tuple(rule for rule in self.rules if rule.matched and (not rule.limit or rule.id in self.ruling.limits))

    @property
    def missed_by_one(self) -> tuple[RuleTrace, ...]:
        """The rules that one clause kept from matching although another spoke for it, in file order."""
        return tuple(rule for rule in self.rules if len(rule.missing) == 1 and rule.spoken_for)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided about a post in the end.

    Attributes:
        verdict: The one that stands.
        by: Who gave it: "rules", a person's name, "author", "milepost".
        why: For a person; "" where nobody said.
        ruled: It is what the rules said. False where something above them decided, or somebody after them.
    """

    verdict: Verdict
    by: str
    why: str
    ruled: bool

    def told(self, ruling: Ruling) -> str:
        """Who gave the verdict and why, on one line, without what the rules' own reason repeats of it."""
        why = self.why.partition(f"; {ruling.why}")[0]
        if self.by == "rules":
            return f"because {why}"
        return f"by {self.by}: {why}" if why else f"by {self.by}"
