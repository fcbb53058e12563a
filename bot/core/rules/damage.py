"""Small damages to a clause, one at a time: what the examples of a rule must notice."""

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from bot.core.rules.shape import write
from bot.core.rules.tree import (
    AllNode,
    AnyNode,
    CallNode,
    Clause,
    CompareNode,
    ConstantNode,
    MemberNode,
    Node,
    NotNode,
)

_EDGE: Mapping[str, str] = MappingProxyType({"<": "<=", "<=": "<", ">": ">=", ">=": ">"})


class Change(StrEnum):
    """What was done to a rule."""

    CLAUSE = "clause"  # taken away
    PART = "part"  # of an "and" or "or", taken away
    EDGE = "edge"  # of a comparison, moved
    ENTRY = "entry"  # of a list in the clause, taken away
    DATE = "date"  # `from` or `until`, taken away


@dataclass(frozen=True, slots=True)
class Mutant:
    """One damage.

    Attributes:
        number: Which clause: first those of `when`, then the exemptions; -1 for a date.
        change: What was done.
        root: The damaged clause, None where it is gone.
        node: The piece that was damaged.
        after: How the clause would read.
        wider: The rule now matches more posts, so that one in `spares` would notice.
        piece: What was damaged, as written.
    """

    number: int
    change: Change
    root: Node | None
    node: Node
    after: str
    wider: bool
    piece: str


def damages(number: int, clause: Clause, *, wider: bool) -> Iterator[Mutant]:
    """Damage a clause in every small way, parts before entries of lists, each in the order of the text.

    Args:
        number: Which clause of its rule; handed on.
        clause: As it stands.
        wider: The rule matches more posts where the clause holds more often: true for `when`, not for `unless`.
    """
    for change, node, root, up in _variants(clause.root, lambda new: new, up=wider):
        piece, after = clause.text[node.start : node.end], write(root, clause.text)
        if change is Change.PART:
            piece = write(node, clause.text)
        yield Mutant(number, change, root, node, after, up, piece)
    for change, constant, at, root, up in _droppings(clause.root, lambda new: new, up=wider):
        spans = entry_spans(clause.text, constant)
        start, end = spans[at]
        left, right = (start, spans[at + 1][0]) if at + 1 < len(spans) else (spans[at - 1][1], end)
        place = Node(start, end)
        yield Mutant(number, change, root, place, clause.text[:left] + clause.text[right:], up, clause.text[start:end])


_Rebuild = Callable[[Node], Node]


def _inside(node: Node, rebuild: _Rebuild, *, up: bool) -> Iterator[tuple[Node, _Rebuild, bool]]:
    """The conditions inside of a condition, how the whole looks with another in their place, and which way they point."""
    match node:
        case NotNode(inner=inner):
            yield inner, lambda new: rebuild(replace(node, inner=new)), not up
        case AllNode(inner=parts) | AnyNode(inner=parts):
            for at, part in enumerate(parts):

                def put(new: Node, at: int = at) -> Node:
                    return rebuild(replace(node, inner=(*parts[:at], new, *parts[at + 1 :])))

                yield part, put, up


def _variants(node: Node, rebuild: _Rebuild, *, up: bool) -> Iterator[tuple[Change, Node, Node, bool]]:
    if isinstance(node, AllNode | AnyNode):
        for at, part in enumerate(node.inner):
            rest = (*node.inner[:at], *node.inner[at + 1 :])
            new = rest[0] if len(rest) == 1 else replace(node, inner=rest)
            yield Change.PART, part, rebuild(new), isinstance(node, AllNode) is up
    elif isinstance(node, CompareNode) and node.operator in _EDGE:
        other = _EDGE[node.operator]
        yield Change.EDGE, node, rebuild(replace(node, operator=other)), ("=" in other) is up
    for part, put, way in _inside(node, rebuild, up=up):
        yield from _variants(part, put, up=way)


def _droppings(node: Node, rebuild: _Rebuild, *, up: bool) -> Iterator[tuple[Change, ConstantNode, int, Node, bool]]:
    match node:
        case MemberNode(within=ConstantNode(name="", value=tuple(entries)) as constant) if len(entries) > 1:
            for at in range(len(entries)):
                new = replace(constant, value=(*entries[:at], *entries[at + 1 :]))
                yield Change.ENTRY, constant, at, rebuild(replace(node, within=new)), node.negated is up
        case CallNode(arguments=(first, ConstantNode(name="", value=tuple(entries)) as constant)) if len(entries) > 1:
            for at in range(len(entries)):
                new = replace(constant, value=(*entries[:at], *entries[at + 1 :]))
                yield (
                    Change.ENTRY,
                    constant,
                    at,
                    rebuild(replace(node, arguments=(first, new))),
                    (node.function == "all_in") is up,
                )
    for part, put, way in _inside(node, rebuild, up=up):
        yield from _droppings(part, put, up=way)


def entry_spans(text: str, constant: ConstantNode) -> list[tuple[int, int]]:
    """Where the entries of a written list stand in its clause, in their order; empty for what is no list."""
    source = text[constant.start : constant.end]
    written = ast.parse(source, mode="eval").body
    entries = written.elts if isinstance(written, ast.List) else []
    encoded = source.encode()  # Python counts columns in bytes
    return [
        (
            constant.start + len(encoded[: entry.col_offset].decode()),
            constant.start + len(encoded[: entry.end_col_offset].decode()),
        )
        for entry in entries
    ]
