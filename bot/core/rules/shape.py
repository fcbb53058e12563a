"""Clauses apart from how they are written: whether two ask the same, what is always so, and how a changed one reads."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType

from bot.core.rules.tree import (
    AllNode,
    AnyNode,
    CallNode,
    Clause,
    CompareNode,
    ConstantNode,
    FieldNode,
    MemberNode,
    Node,
    NotNode,
)
from bot.core.rules.values import Kind

OPPOSITE: Mapping[str, str] = MappingProxyType({"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"})
_MIRRORED: Mapping[str, str] = MappingProxyType({"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="})
_AT_LEAST: Mapping[str, int] = MappingProxyType({"story.size": 1})


def nodes(root: Node) -> Iterator[Node]:
    """A piece and all that it is made of, in the order of the text."""
    yield root
    for part in root.parts:
        yield from nodes(part)


def clocks_in(clauses: Iterable[Clause]) -> frozenset[str]:
    """The event clocks that clauses ask for."""
    return frozenset(
        str(node.arguments[0].value)
        for clause in clauses
        for node in nodes(clause.root)
        if isinstance(node, CallNode) and node.function == "clock" and isinstance(node.arguments[0], ConstantNode)
    )


def shape(node: Node, *, negated: bool = False) -> Hashable:
    """What a piece asks, whatever its words: equal for pieces that differ in order, brackets, spaces or the place of a `not`.

    Args:
        node: Any piece; its places in the text do not count.
        negated: Gives the shape of its opposite.

    Returns:
        Equal shapes always have equal values; different shapes may have, too ("tags != []" and "count(tags) > 0").
    """
    match node:
        case NotNode(inner=inner):
            return shape(inner, negated=not negated)
        case AllNode() | AnyNode():
            word = "all" if isinstance(node, AllNode) is not negated else "any"
            inner_shapes = frozenset(_flat(node, word, negated=negated))
            return next(iter(inner_shapes)) if len(inner_shapes) == 1 else (word, inner_shapes)
        case CompareNode():
            return _compared(node, negated=negated)
        case MemberNode(negated=out, item=item, within=within):
            return ("not in" if out is not negated else "in", shape(item), shape(within))
        case CallNode(function=name, arguments=arguments):
            found: Hashable = (name, *map(shape, arguments))
        case FieldNode(field=field):
            found = ("field", field.name)
        case ConstantNode(value=value, gives=kind):
            return ("constant", kind, frozenset(value) if isinstance(value, tuple) else value)
        case _:
            raise TypeError(node)
    return ("not", found) if negated else found


def _flat(node: Node, word: str, *, negated: bool) -> Iterator[Hashable]:
    for part in node.parts:
        found = shape(part, negated=negated)
        if isinstance(found, tuple) and found[0] == word and isinstance(found[1], frozenset):
            yield from found[1]
        else:
            yield found


def _compared(node: CompareNode, *, negated: bool) -> Hashable:
    operator = OPPOSITE[node.operator] if negated else node.operator
    left, right = shape(node.left), shape(node.right)
    if isinstance(node.left, ConstantNode) or (not isinstance(node.right, ConstantNode) and repr(left) > repr(right)):
        operator, left, right = _MIRRORED[operator], right, left
    return (operator, left, right)


def conjuncts(root: Node) -> tuple[Node, ...]:
    """The pieces that must all hold for a clause to hold; the clause itself where it is no "and"."""
    if isinstance(root, AllNode):
        return tuple(piece for part in root.inner for piece in conjuncts(part))
    return (root,)


def always(node: Node) -> bool | None:
    """Whether a piece comes out the same for every post: yes, no, or None where it depends on the post.

    Knows empty lists, and that counts and ages are never below zero.
    """
    match node:
        case NotNode(inner=inner):
            found = always(inner)
            return None if found is None else not found
        case AllNode(inner=parts):
            return _joined(tuple(map(always, parts)), decisive=False)
        case AnyNode(inner=parts):
            return _joined(tuple(map(always, parts)), decisive=True)
        case MemberNode(negated=negated, within=ConstantNode(value=())):
            return negated
        case CallNode(function=name, arguments=(_, ConstantNode(value=(), gives=Kind.TEXTS))):
            return name == "all_in"
        case CompareNode():
            return _always_compared(node)
    return None


def _joined(found: tuple[bool | None, ...], *, decisive: bool) -> bool | None:
    if decisive in found:
        return decisive
    return None if None in found else not decisive


def _always_compared(node: CompareNode) -> bool | None:
    operator, asked, constant = node.operator, node.left, node.right
    if isinstance(asked, ConstantNode):
        operator, asked, constant = _MIRRORED[operator], constant, asked
    if not isinstance(constant, ConstantNode):
        return None
    value = constant.value
    if isinstance(value, int | float) and asked.kind is Kind.NUMBER:
        least = _AT_LEAST.get(asked.field.name, 0) if isinstance(asked, FieldNode) else 0
        return _beyond(operator, below=value < least, lowest=value == least, odd=value != int(value))
    if isinstance(value, timedelta) and isinstance(asked, FieldNode):
        return _beyond(operator, below=value < timedelta(0), lowest=value == timedelta(0))
    return None


def _beyond(operator: str, *, below: bool, lowest: bool, odd: bool = False) -> bool | None:
    """How a comparison with a constant comes out that lies below all values, at the lowest, or between two of them."""
    match operator:
        case "==" | "!=" if below or odd:
            return operator == "!="
        case ">" | "<=" if below:
            return operator == ">"
        case ">=" | "<" if below or lowest:
            return operator == ">="
    return None


def write(node: Node, text: str) -> str:
    """A piece as a clause would say it.

    Args:
        node: Made of pieces of one clause, in any arrangement.
        text: That clause's text.
    """
    match node:
        case AllNode(inner=parts):
            return " and ".join(
                _bracketed(part, text) if isinstance(part, AnyNode) else write(part, text) for part in parts
            )
        case AnyNode(inner=parts):
            return " or ".join(
                _bracketed(part, text) if isinstance(part, AllNode) else write(part, text) for part in parts
            )
        case NotNode(inner=inner):
            return f"not {_bracketed(inner, text) if isinstance(inner, AllNode | AnyNode) else write(inner, text)}"
        case CompareNode(operator=operator, left=left, right=right):
            return f"{write(left, text)} {operator} {write(right, text)}"
        case MemberNode(negated=negated, item=item, within=within):
            return f"{write(item, text)} {'not in' if negated else 'in'} {write(within, text)}"
        case CallNode(function=name, arguments=arguments):
            return f"{name}({', '.join(write(one, text) for one in arguments)})"
        case _:
            return text[node.start : node.end]


def _bracketed(node: Node, text: str) -> str:
    return f"({write(node, text)})"
