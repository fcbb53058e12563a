"""A whole rule set as one Python function: one call for each post tells which rules match.

Texts are folded once, all word lists are looked for in one pass, and what several clauses ask is found out once. Nothing that an
editor wrote stands in the generated source: constants are bound to names, fields and functions come from our tables.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import CodeType, FunctionType
from typing import Any, cast

from bot.core.model import Post
from bot.core.rules.circumstances import Circumstances
from bot.core.rules.fields import READERS
from bot.core.rules.functions import FUNCTIONS
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
from bot.core.rules.words import Hit, WordIndex, fold, loosen, loosen_folded

_READ_ONCE = 3  # what costs more than this many lookups is kept for the next clause


@dataclass(frozen=True, slots=True)
class Condition:
    """When one rule matches.

    Attributes:
        when: All must hold.
        unless: None may hold.
        start: Not before this time, None for always.
        end: Not at or after this time, None for always.
    """

    when: tuple[Clause, ...]
    unless: tuple[Clause, ...] = ()
    start: datetime | None = None
    end: datetime | None = None


class Program:
    """Conditions, compiled; immutable, safe to share between threads.

    Args:
        conditions: In the order that the bits of `matched` count them.
    """

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._conditions = tuple(conditions)
        self.matched = _compile_matched(self._conditions)

    matched: Callable[[Post, Circumstances], int]
    """Which conditions hold for a post: bit 0 is the first."""

    @cached_property
    def _values(self) -> tuple[Callable[[Post, Circumstances], tuple[object, ...]], Mapping[int, int]]:
        """One function that tells the value of every node, and where each node's value stands in its result."""
        writer = _Writer()
        codes: list[str] = []
        order: dict[int, int] = {}
        for condition in self._conditions:
            for clause in (*condition.when, *condition.unless):
                for node in _nodes(clause.root):
                    if not isinstance(node, ConstantNode):
                        order[id(node)] = len(codes)
                        codes.append(writer.code(node))
        body = f"    return ({', '.join(codes)},)\n" if codes else "    return ()\n"
        return cast("Callable[[Post, Circumstances], tuple[object, ...]]", writer.function(body)), order

    def values(self, post: Post, around: Circumstances) -> Callable[[Node], Any]:
        """What every node of the conditions' clauses is for this post."""
        function, order = self._values
        found = function(post, around)

        def value(node: Node) -> object:
            return node.value if isinstance(node, ConstantNode) else found[order[id(node)]]

        return value


def words_found(call: CallNode, text: str) -> tuple[str, ...]:
    """Which terms a `has`, `has_any` or `looks_like` finds in a text, in the order of the text."""
    constant = call.arguments[1]
    if not isinstance(constant, ConstantNode):
        return ()
    plain = loosen if call.function == "looks_like" else fold
    terms = constant.value if isinstance(constant.value, tuple) else (str(constant.value),)
    index = WordIndex(dict.fromkeys(map(plain, terms), 1))
    hits: Iterable[Hit] = index.hits(plain(text), 1)
    return tuple(dict.fromkeys(hit.term for hit in hits))


def _nodes(root: Node) -> Iterable[Node]:
    yield root
    for part in root.parts:
        yield from _nodes(part)


def _compile_matched(conditions: Sequence[Condition]) -> Callable[[Post, Circumstances], int]:
    writer = _Writer()
    lines = ["    matched = 0\n"]
    for number, condition in enumerate(conditions):
        parts = []
        if condition.start is not None:
            parts.append((0, f"now >= {writer.constant(condition.start)}"))
        if condition.end is not None:
            parts.append((0, f"now < {writer.constant(condition.end)}"))
        parts.extend((_cost(clause.root), writer.code(clause.root)) for clause in condition.when)
        parts.extend((_cost(clause.root), f"not {writer.code(clause.root)}") for clause in condition.unless)
        parts.sort(key=lambda part: part[0])  # clauses have no side effects, so the cheap ones may go first
        lines.append(f"    if {' and '.join(code for _, code in parts)}:\n        matched |= {1 << number}\n")
    lines.append("    return matched\n")
    return cast("Callable[[Post, Circumstances], int]", writer.function("".join(lines)))


def _cost(node: Node) -> int:
    match node:
        case FieldNode(field=field):
            return field.cost
        case ConstantNode():
            return 0
        case CallNode(function=name):
            return FUNCTIONS[name].cost
        case _:
            return 1 + sum(_cost(part) for part in node.parts)


class _Writer:
    """Writes Python expressions for nodes, and keeps the constants that they need."""

    def __init__(self) -> None:
        self.bound: dict[str, object] = {"__builtins__": {}, **READERS, "fold": fold, "loosen_folded": loosen_folded}
        self.names: dict[object, str] = {}
        self.kept: dict[str, str] = {}
        self.indexes = (_Terms(), _Terms())

    def code(self, node: Node) -> str:
        match node:
            case FieldNode(field=field):
                return self.once(field.code) if field.cost > _READ_ONCE else field.code
            case ConstantNode(value=value):
                return self.constant(frozenset(value) if isinstance(value, tuple) else value)
            case CallNode(function=name, arguments=arguments):
                return FUNCTIONS[name].write(self, arguments)
            case CompareNode():
                return self.compare(node)
            case MemberNode(negated=negated, item=item, within=within):
                return f"({self.code(item)} {'not in' if negated else 'in'} {self.code(within)})"
            case NotNode(inner=inner):
                return f"(not {self.code(inner)})"
            case AllNode(inner=parts):
                return f"({' and '.join(map(self.code, parts))})"
            case AnyNode(inner=parts):
                return f"({' or '.join(map(self.code, parts))})"
        raise TypeError(node)

    def compare(self, node: CompareNode) -> str:
        if node.left.kind is Kind.TEXTS:
            field = node.right if isinstance(node.left, ConstantNode) else node.left
            return f"({'not' if node.operator == '==' else 'not not'} {self.code(field)})"
        return f"({self.code(node.left)} {node.operator} {self.code(node.right)})"

    def constant(self, value: object) -> str:
        if type(value) is int:
            return f"({value})"
        key = (type(value), value)
        name = self.names.get(key)
        if name is None:
            name = self.names[key] = f"c{len(self.names)}"
            self.bound[name] = value
        return name

    def folded(self, node: Node) -> str:
        return self.once(f"fold({self.code(node)})")

    def scanned(self, node: Node, terms: tuple[str, ...], *, loose: bool = False) -> str:
        plain, index, scan = (loosen, self.indexes[1], "scan_loose") if loose else (fold, self.indexes[0], "scan")
        bit = index.bit(frozenset(map(plain, terms)))
        text = self.once(f"loosen_folded({self.folded(node)})") if loose else self.folded(node)
        return f"({self.once(f'{scan}({text})')} & {bit})"

    def once(self, code: str) -> str:
        """Keeps the value under a name, for the next one who asks; written as `{n}` until all uses are known."""
        name = self.kept.get(code)
        if name is None:
            name = self.kept[code] = f"«{len(self.kept)}»"
        return name

    def function(self, body: str) -> Callable[..., object]:
        """Make the function from its body, which returns."""
        self.bound["scan"], self.bound["scan_loose"] = (index.build().scan for index in self.indexes)
        inner = list(self.kept.items())
        uses = {name: body.count(name) + sum(code.count(name) for code, _ in inner) for _, name in inner}
        start = ""
        for number, (code, name) in reversed(list(enumerate(inner))):  # later ones are made from earlier ones
            if uses[name] > 1:
                local = f"v{number}"
                start += f"    {local} = None\n"
                body = body.replace(name, f"({local} if {local} is not None else ({local} := {code}))")
            else:
                body = body.replace(name, code)
        source = f"def program(post, around):\n    author = post.author\n    now = around.now\n{start}{body}"
        module = compile(source, "<rule set>", "exec", dont_inherit=True)
        made = next(constant for constant in module.co_consts if isinstance(constant, CodeType))
        return FunctionType(made, self.bound)


class _Terms:
    """Terms of one automaton, and which lists they belong to."""

    def __init__(self) -> None:
        self.bits: dict[frozenset[str], int] = {}

    def bit(self, terms: frozenset[str]) -> int:
        return self.bits.setdefault(terms, 1 << len(self.bits))

    def build(self) -> WordIndex:
        masks: dict[str, int] = {}
        for terms, bit in self.bits.items():
            for term in sorted(terms):
                masks[term] = masks.get(term, 0) | bit
        return WordIndex(masks)
