"""Telling a person why: every rule, every clause, the values that it saw, and what nearly happened.

Uses the very code that judges, so an explanation cannot differ from the decision. `traces` has what it gives, `render` writes it
for a terminal.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from bot.core.model import Post, Verdict
from bot.core.rules.circumstances import Circumstances
from bot.core.rules.fields import FIELDS
from bot.core.rules.functions import FUNCTIONS
from bot.core.rules.judge import judge
from bot.core.rules.program import Condition, Program, words_found
from bot.core.rules.ruleset import Rule, RuleSet
from bot.core.rules.traces import ClauseTrace, Explanation, Passed, Piece, RuleTrace, Seen
from bot.core.rules.tree import AllNode, AnyNode, CallNode, Clause, FieldNode, Node, NotNode
from bot.core.rules.values import show

_WORDS = frozenset({"has", "has_any", "looks_like"})
_KNOWN = tuple(field for field in FIELDS.values() if field.known)


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
