"""Telling a person why: every rule, every clause, the values that it saw, and what nearly happened.

Uses the very code that judges, so an explanation cannot differ from the decision.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from bot.core.model import Post, Verdict
from bot.core.rules.circumstances import Circumstances, Ruling
from bot.core.rules.fields import FIELDS
from bot.core.rules.functions import FUNCTIONS
from bot.core.rules.judge import judge
from bot.core.rules.program import Condition, Program, words_found
from bot.core.rules.ruleset import Mode, Rule, RuleSet
from bot.core.rules.tree import AllNode, AnyNode, CallNode, Clause, FieldNode, Node, NotNode
from bot.core.rules.values import show

_WORDS = frozenset({"has", "has_any", "looks_like"})
_KNOWN = tuple(field for field in FIELDS.values() if field.known)


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


def explain(
    rule_set: RuleSet,
    post: Post,
    circumstances: Circumstances,
    *,
    default: Verdict = Verdict.HOLD,
    publish_at: int | None = None,
) -> Explanation:
    """Trace every rule; arguments as for `judge`."""
    value = rule_set.program.values(post, circumstances)
    known = _known(post, circumstances)
    rules = tuple(_rule(rule, value, known, circumstances) for rule in rule_set.active)
    ruling = judge(rule_set, post, circumstances, default=default, publish_at=publish_at)
    return Explanation(ruling, rule_set.name, rules)


def trace(rule: Rule, post: Post, circumstances: Circumstances) -> RuleTrace:
    """Trace one rule alone, also one that is not judged."""
    value = Program([rule.condition]).values(post, circumstances)
    return _rule(rule, value, _known(post, circumstances), circumstances)


def lines_of(traced: RuleTrace) -> list[str]:
    """Every clause of a rule with the values that it saw, one line for each part, for a terminal."""
    return [_line(clause, piece) for clause in traced.clauses for piece in clause.pieces]


@cache
def _knowing() -> tuple[Program, tuple[Clause, ...]]:
    kind = FUNCTIONS["known"].gives
    clauses = tuple(Clause("", CallNode(0, 1, "known", (FieldNode(0, 1, field),), kind)) for field in _KNOWN)
    return Program([Condition(clauses)]), clauses


def _known(post: Post, circumstances: Circumstances) -> Callable[[str], bool]:
    program, clauses = _knowing()
    value = program.values(post, circumstances)
    unknown = {field.name for field, clause in zip(_KNOWN, clauses, strict=True) if not value(clause.root)}
    return lambda name: name not in unknown


def _rule(
    rule: Rule,
    value: Callable[[Node], Any],
    known: Callable[[str], bool],
    circumstances: Circumstances,
) -> RuleTrace:
    clauses = []
    condition = rule.condition
    if condition.start or condition.end:
        now = circumstances.now
        inside = not (condition.start and now < condition.start) and not (condition.end and now >= condition.end)
        dates = " ".join(
            f"{word} {moment:%Y-%m-%dT%H:%M:%SZ}"
            for word, moment in (("from", condition.start), ("until", condition.end))
            if moment
        )
        piece = Piece(dates, Passed.YES if inside else Passed.NO, seen=(Seen("now", show(now)),))
        clauses.append(ClauseTrace("dates", dates, inside, (piece,)))
    for part, wanted, group in (("when", True, condition.when), ("unless", False, condition.unless)):
        for number, clause in enumerate(group):
            passed = bool(value(clause.root)) is wanted
            pieces = tuple(_pieces(clause, clause.root, value, known, wanted=wanted))
            shared = part == "unless" and number >= len(group) - rule.shared
            clauses.append(ClauseTrace(part, clause.text.strip(), passed, pieces, shared))
    return RuleTrace(
        rule.id,
        rule.action,
        rule.mode,
        rule.place,
        rule.about,
        matched=all(clause.passed for clause in clauses),
        clauses=tuple(clauses),
        limit=str(rule.limit or ""),
        reached=rule.id in circumstances.over,
        fused=rule.fused,
    )


def _pieces(
    clause: Clause,
    node: Node,
    value: Callable[[Node], Any],
    known: Callable[[str], bool],
    *,
    wanted: bool,
    depth: int = 0,
    reached: bool = True,
) -> Iterator[Piece]:
    mark = (Passed.YES if bool(value(node)) is wanted else Passed.NO) if reached else Passed.NOT_REACHED
    if not isinstance(node, AllNode | AnyNode):
        seen = tuple(_seen(clause, node, value, known)) if reached else ()
        yield Piece(clause.text[node.start : node.end], mark, depth, seen)
        return
    yield Piece("any of" if isinstance(node, AnyNode) else "all of", mark, depth)
    for part in node.inner:
        yield from _pieces(clause, part, value, known, wanted=wanted, depth=depth + 1, reached=reached)
        if bool(value(part)) is isinstance(node, AnyNode):
            reached = False


def _seen(
    clause: Clause,
    node: Node,
    value: Callable[[Node], Any],
    known: Callable[[str], bool],
) -> Iterator[Seen]:
    if isinstance(node, FieldNode):
        name = node.field.name
        yield Seen(name, show(value(node)) if known(name) else f"{show(value(node))} (unknown)", known(name))
        return
    if isinstance(node, CallNode) and node.function == "clock":
        yield Seen(clause.text[node.start : node.end], show(value(node)))
        return
    inner = node.inner if isinstance(node, NotNode) else node
    for part in inner.parts:
        yield from _seen(clause, part, value, known)
    if isinstance(inner, CallNode) and inner.function in _WORDS and value(inner):
        found = words_found(inner, str(value(inner.arguments[0])))
        if found:
            yield Seen("found", show(", ".join(found)))


def render(explanation: Explanation, outcome: Outcome | None = None) -> str:
    """Write an explanation as plain text for a terminal; ends with a line end.

    Args:
        explanation: What the rules say.
        outcome: What was decided in the end, for the first line; None for a post that only the rules were asked about.
    """
    ruling = explanation.ruling
    effects = ruling.effects
    reason = f"because {ruling.why if ruling.by_score else ruling.rule or 'no rule decided'}"
    verdict = ruling.verdict
    notes = [f"rule set {explanation.rule_set}"]
    if outcome is not None and not outcome.ruled:
        notes.insert(0, f"the rules said: {verdict.value} {reason}")
        verdict, reason = outcome.verdict, outcome.told(ruling)
    notes += [f"score {effects.score}"] if effects.score else []
    notes += [f"strand {effects.strand}"] if effects.strand else []
    notes += [f"accounts {', '.join(effects.accounts)}"] if effects.accounts else []
    notes += [f"tags {', '.join(effects.tags)}"] if effects.tags else []
    notes += [f"redacted {', '.join(effects.redact)}"] if effects.redact else []
    notes += [f"decided again at {show(effects.again_at)}"] if effects.again_at else []
    lines = [f"{verdict.value.upper()}   {reason}   ({'; '.join(notes)})"]
    if explanation.matched:
        lines.append("")
    for rule in explanation.matched:
        lines.append(f"● {rule.id}  {_doing(rule)}   {rule.place}")
        lines += lines_of(rule)
    if explanation.missed_by_one:
        lines += ["", "missed by one clause:"]
        lines += [f"○ {rule.id} ({_doing(rule)}): {_lacking(rule.missing[0])}" for rule in explanation.missed_by_one]
    return "\n".join(lines) + "\n"


def _doing(rule: RuleTrace) -> str:
    doing = rule.action.value if rule.action else "no action"
    if rule.limit:
        doing += f", limit: {rule.limit} reached" if rule.reached else f" over its limit: {rule.limit}"
    if rule.mode is not Mode.SHADOW:
        return doing
    return f"would {doing} [{'shadow, fused' if rule.fused else 'shadow'}]"


def _line(clause: ClauseTrace, piece: Piece) -> str:
    unless = "unless (file) " if clause.shared else "unless "
    unless = unless if clause.part == "unless" and piece.depth == 0 else ""
    seen = ", ".join(f"{one.name} = {one.shown}" if one.name != "found" else f"found {one.shown}" for one in piece.seen)
    return f"    {piece.passed.value} {'  ' * piece.depth}{unless}{piece.text}" + (f"   ← {seen}" if seen else "")


def _lacking(clause: ClauseTrace) -> str:
    seen = ", ".join(f"{one.name} = {one.shown}" for one in clause.pieces[0].seen if one.name != "text")
    shown = f"   ← {seen}" if seen else ""
    match clause.part:
        case "dates":
            return f"outside its dates ({clause.text}){shown}"
        case "unless":
            return f"exempt by {clause.text}{shown}"
        case _:
            return f"needs {clause.text}{shown}"
