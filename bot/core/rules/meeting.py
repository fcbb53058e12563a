"""What happens where two pieces of a clause meet: types that must agree, texts read as durations, constants tidied."""

import ast
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches

from bot.core.durations import parse_signed
from bot.core.rules.domains import tidy_domain
from bot.core.rules.functions import Function
from bot.core.rules.patterns import Pattern, PatternError
from bot.core.rules.tokens import Trouble
from bot.core.rules.tree import CompareNode, ConstantNode, FieldNode, MemberNode, Node
from bot.core.rules.values import Kind, parse_moment
from bot.core.rules.words import fold, loosen

_OPERATORS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_ORDERED = frozenset({Kind.NUMBER, Kind.DURATION, Kind.TIME})
_READ: Mapping[Kind, Callable[[str], object]] = {Kind.DURATION: parse_signed, Kind.TIME: parse_moment}


class TroubleError(Exception):
    """A piece of a clause is wrong; never leaves `language.check`.

    Attributes:
        trouble: What, and where in the clause.
    """

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.reason)
        self.trouble = trouble


def wrong(node: Node, reason: str, hint: str = "") -> TroubleError:
    """The error for a piece that was read."""
    return TroubleError(Trouble(node.start, node.end, reason, hint))


def near(name: str, known: Collection[str], prefix: str = "") -> str:
    """A question after the nearest known name, "" where none is near."""
    found = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean '{prefix}{found[0]}'?" if found else ""


def prepared(
    function: Function, arguments: list[Node], clocks: Collection[str] | None, *, trusted: bool = False
) -> tuple[Node, ...]:
    """Check what a call has written down, and bring it into the form of what it meets.

    Args:
        function: What is called.
        arguments: Of the right number and types.
        clocks: Ids of the event clocks there are; None where that is not known.
        trusted: It was in force before: what is too costly today is let through.

    Raises:
        TroubleError: A word is empty, a pattern bad, a clock not there.
    """
    last = arguments[-1]
    if function.name == "seen_before" and not (isinstance(last, FieldNode) and last.field.name == "text"):
        raise wrong(last, "only the text of a post is remembered", "seen_before(text)")
    if not isinstance(last, ConstantNode):
        return tuple(arguments)
    match function.name:
        case "has" | "has_any" | "looks_like" | "starts" | "ends":
            plain = loosen if function.name == "looks_like" else fold
            entries = last.value if isinstance(last.value, tuple) else (last.value,)
            if any(not plain(str(entry)).strip() for entry in entries):
                raise wrong(last, "an empty text is in every post: write a word")
            _not_empty(last)
        case "matches":
            try:
                Pattern(str(last.value), trusted=trusted)
            except PatternError as error:
                raise wrong(last, str(error)) from None
        case "any_in" | "all_in" | "domain_under":
            _not_empty(last)
            first = arguments[0]
            tidy = tidy_domain if function.name == "domain_under" else _tidy_of(first)
            arguments[-1] = _tidied(last, tidy)
        case "clock":
            if clocks is not None and last.value not in clocks:
                raise wrong(
                    last,
                    f"there is no clock {last.value!r} in the configuration",
                    near(str(last.value), clocks),
                )
    return tuple(arguments)


def _not_empty(node: ConstantNode) -> None:
    if node.kind is Kind.TEXTS and not node.value and not node.name:
        raise wrong(node, "this list is empty, so the clause says nothing")


def pair(left: Node, operator: ast.cmpop, right: Node) -> Node:
    """Compare two pieces.

    Raises:
        TroubleError: Their types do not meet, or the operator has no meaning for them.
    """
    if isinstance(left, ConstantNode) and isinstance(right, ConstantNode):
        raise wrong(left, "this compares two written-down values: one side must be a field")
    if isinstance(operator, ast.In | ast.NotIn):
        return _member(left, right, negated=isinstance(operator, ast.NotIn))
    sign = _OPERATORS.get(type(operator))
    if sign is None:
        raise wrong(left, "write == to compare")
    left, right = _fitted(left, right), _fitted(right, left)
    if left.kind is not right.kind:
        hint = "" if Kind.TEXT not in {left.kind, right.kind} else 'numbers stand without quotes, durations with: "7d"'
        raise wrong(right, f"a {left.kind} cannot be compared with a {right.kind}", hint)
    if left.kind is Kind.YESNO:
        raise wrong(right, "yes and no are not compared: write the field alone, or 'not' before it")
    if left.kind is Kind.TEXTS:
        constant = right if isinstance(right, ConstantNode) else left
        if sign not in {"==", "!="} or not isinstance(constant, ConstantNode) or constant.value or constant.name:
            raise wrong(right, "a list is only compared with []: ask any_in or all_in for its entries")
    elif sign not in {"==", "!="} and left.kind not in _ORDERED:
        raise wrong(right, "texts have no order: write == or !=")
    return CompareNode(left.start, right.end, sign, left, right)


def _fitted(node: Node, other: Node) -> Node:
    """A constant in the form of the field beside it."""
    if not isinstance(node, ConstantNode) or node.kind is not Kind.TEXT:
        return node
    read = _READ.get(other.kind)
    if read is None:
        return _tidied(node, _tidy_of(other))
    try:
        return ConstantNode(node.start, node.end, read(str(node.value)), other.kind)
    except ValueError as error:
        raise wrong(node, str(error)) from None


def _member(item: Node, within: Node, *, negated: bool) -> Node:
    if within.kind is not Kind.TEXTS:
        raise wrong(within, "'in' needs a list on the right", 'for a text write has(text, "word")')
    if item.kind is not Kind.TEXT:
        hint = "any_in(…, …)" if item.kind is Kind.TEXTS else ""
        raise wrong(item, f"'in' needs a text on the left, not a {item.kind}", hint)
    if isinstance(within, ConstantNode):
        _not_empty(within)
        within = _tidied(within, _tidy_of(item))
    elif isinstance(item, ConstantNode):
        item = _tidied(item, _tidy_of(within))
    return MemberNode(item.start, within.end, negated, item, within)


def _tidy_of(node: Node) -> Callable[[str], str] | None:
    return node.field.tidy if isinstance(node, FieldNode) else None


def _tidied(node: ConstantNode, tidy: Callable[[str], str] | None) -> ConstantNode:
    if tidy is None:
        return node
    value = tuple(map(tidy, node.value)) if isinstance(node.value, tuple) else tidy(str(node.value))
    return ConstantNode(node.start, node.end, value, node.gives, node.name)
