"""The clause language: a typed subset of Python expressions, checked once when a rule set is loaded.

Allowed: and, or, not, comparisons, `in`, texts, numbers, lists of texts, fields, `lists.NAME`, calls of our functions. Nothing
else can be said, so a clause can read no file, call nothing of Python and loop over nothing. A text beside a duration or a
time is read as one.
"""

import ast
from collections.abc import Collection, Mapping

from bot.core.rules.fields import FIELDS
from bot.core.rules.functions import FUNCTIONS, Function, Slot
from bot.core.rules.meeting import TroubleError, near, pair, prepared
from bot.core.rules.tokens import DEEPEST, Trouble, first_trouble
from bot.core.rules.tree import (
    AllNode,
    AnyNode,
    CallNode,
    Clause,
    ConstantNode,
    FieldNode,
    Node,
    NotNode,
)
from bot.core.rules.values import Kind

MOST_NODES = 200


def check(
    text: str,
    lists: Mapping[str, tuple[str, ...]],
    clocks: Collection[str] | None = None,
    *,
    trusted: bool = False,
) -> Clause | tuple[Trouble, ...]:
    """Read one clause.

    Args:
        text: As the editor wrote it; may be any text.
        lists: Entries of each list by its name.
        clocks: Ids of the event clocks there are; None where that is not known.
        trusted: It was in force before: what is too costly today is let through.

    Returns:
        The clause, or at least one trouble, in the order of the text.
    """
    trouble = first_trouble(text)
    if trouble:
        return (trouble,)
    lead = len(text) - len(text.lstrip())
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        at = min(error.offset - 1 + lead, len(text)) if error.offset else len(text.rstrip())
        return (Trouble(at, at + 1, f"{error.msg}: a comma, 'and' or a bracket may be missing"),)
    except (ValueError, RecursionError, MemoryError):
        return (Trouble(0, len(text), "this cannot be read: write several shorter clauses"),)
    if _size(tree.body) > MOST_NODES or _depth(tree.body) > DEEPEST * 2:
        return (Trouble(lead, len(text), f"the clause has more than {MOST_NODES} parts: write several clauses"),)
    checker = _Checker(text, lead, lists, clocks, trusted=trusted)
    root = checker.yes_or_no(tree.body)
    if root is None or checker.troubles:
        return tuple(sorted(checker.troubles, key=lambda one: one.start))
    return Clause(text, root)


def _size(tree: ast.AST) -> int:
    return sum(isinstance(node, ast.expr) for node in ast.walk(tree))


def _depth(tree: ast.AST) -> int:
    level: list[ast.AST] = [tree]
    depth = 0
    while level and depth <= DEEPEST * 2:
        level = [child for node in level for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        depth += 1
    return depth


class _Checker:
    def __init__(
        self,
        text: str,
        lead: int,
        lists: Mapping[str, tuple[str, ...]],
        clocks: Collection[str] | None,
        *,
        trusted: bool,
    ) -> None:
        self.trusted = trusted
        self.lead = lead
        self.bytes = text.strip().encode("utf-8", "surrogatepass")
        self.lists = lists
        self.clocks = clocks
        self.troubles: list[Trouble] = []

    def span(self, node: ast.expr) -> tuple[int, int]:
        """Python counts columns in bytes."""
        start, end = (
            len(self.bytes[:column].decode("utf-8", "surrogatepass")) + self.lead
            for column in (node.col_offset, node.end_col_offset or node.col_offset)
        )
        return start, max(end, start + 1)

    def wrong(self, node: ast.expr | Node, reason: str, hint: str = "") -> TroubleError:
        start, end = (node.start, node.end) if isinstance(node, Node) else self.span(node)
        return TroubleError(Trouble(start, end, reason, hint))

    def yes_or_no(self, node: ast.expr) -> Node | None:
        """Read a condition; None where something in it is wrong, which is then among the troubles."""
        start, end = self.span(node)
        if isinstance(node, ast.BoolOp):
            parts = [self.yes_or_no(value) for value in node.values]
            whole = tuple(part for part in parts if part is not None)
            if len(whole) < len(parts):
                return None
            return AllNode(start, end, whole) if isinstance(node.op, ast.And) else AnyNode(start, end, whole)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self.yes_or_no(node.operand)
            return None if inner is None else NotNode(start, end, inner)
        try:
            if isinstance(node, ast.Compare):
                return self.compare(node)
            found = self.value(node)
            if found.kind is not Kind.YESNO:
                raise self.wrong(node, *_not_a_condition(found))
        except TroubleError as error:
            self.troubles.append(error.trouble)
            return None
        return found

    def value(self, node: ast.expr) -> Node:
        match node:
            case ast.Constant() | ast.UnaryOp():
                return self.constant(node)
            case ast.List():
                return self.written_list(node)
            case ast.Name() | ast.Attribute():
                return self.named(node)
            case ast.Call():
                return self.call(node)
            case ast.BoolOp() | ast.Compare():
                raise self.wrong(node, "a condition cannot stand here: put it before or after 'and', 'or'")
            case ast.Tuple():
                raise self.wrong(node, "there is a comma too many: write lists in square brackets")
        raise self.wrong(node, "this has no meaning in a clause")

    def constant(self, node: ast.Constant | ast.UnaryOp) -> ConstantNode:
        start, end = self.span(node)
        match node:
            case ast.Constant(value=str(text)):
                return ConstantNode(start, end, text, Kind.TEXT)
            case ast.Constant(value=int(number) | float(number)):
                return ConstantNode(start, end, number, Kind.NUMBER)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number) | float(number))):
                return ConstantNode(start, end, -number, Kind.NUMBER)
            case ast.UnaryOp(op=ast.Not()):
                raise self.wrong(node, "'not' cannot stand here: put it before the whole condition")
        raise self.wrong(node, "a clause does not calculate: compare with the finished number")

    def written_list(self, node: ast.List) -> ConstantNode:
        start, end = self.span(node)
        entries = []
        for element in node.elts:
            if not (isinstance(element, ast.Constant) and isinstance(element.value, str)):
                raise self.wrong(element, 'a list holds texts in quotes: ["a", "b"]')
            entries.append(element.value)
        return ConstantNode(start, end, tuple(entries), Kind.TEXTS)

    def named(self, node: ast.Name | ast.Attribute) -> Node:
        start, end = self.span(node)
        name = self.dotted(node)
        if name == "lists" or name.startswith("lists."):
            return self.listed(node, name)
        field = FIELDS.get(name)
        if field:
            return FieldNode(start, end, field)
        function = FUNCTIONS.get(name)
        if function:
            raise self.wrong(node, f"'{name}' is a function: write its arguments", function.example)
        inside = [field for field in FIELDS if field.startswith(f"{name}.")]
        if inside:
            raise self.wrong(node, f"'{name}' is no field by itself: write one of {', '.join(inside)}")
        raise self.wrong(node, f"unknown field '{name}'", near(name, [*FIELDS, *FUNCTIONS]))

    def dotted(self, node: ast.expr) -> str:
        names = []
        at = node
        while isinstance(at, ast.Attribute):
            names.append(at.attr)
            at = at.value
        if not isinstance(at, ast.Name):
            raise self.wrong(node, "a dot stands only inside the name of a field or a list")
        return ".".join([at.id, *reversed(names)])

    def listed(self, node: ast.expr, name: str) -> ConstantNode:
        start, end = self.span(node)
        short = name.removeprefix("lists.").removeprefix("lists")
        entries = self.lists.get(short)
        if entries is None:
            hint = near(short, self.lists, "lists.")
            raise self.wrong(node, f"there is no list '{short}': make the file lists/{short or 'NAME'}.txt", hint)
        return ConstantNode(start, end, entries, Kind.TEXTS, short)

    def call(self, node: ast.Call) -> Node:
        start, end = self.span(node)
        name = self.dotted(node.func)
        function = FUNCTIONS.get(name)
        if function is None:
            if name in FIELDS:
                raise self.wrong(node, f"'{name}' is a field: write it without brackets", name)
            raise self.wrong(node.func, f"unknown function '{name}'", near(name, FUNCTIONS))
        if node.keywords:
            raise self.wrong(node, "arguments have no names here", function.example)
        if name == "known":
            return CallNode(start, end, name, (self.knowable(node),), function.gives)
        if len(node.args) != len(function.slots):
            wanted = ", ".join(slot.name for slot in function.slots)
            raise self.wrong(
                node, f"{name} takes {len(function.slots)} arguments ({wanted}), not {len(node.args)}", function.example
            )
        arguments = [
            self.argument(function, slot, given) for slot, given in zip(function.slots, node.args, strict=True)
        ]
        return CallNode(
            start, end, name, prepared(function, arguments, self.clocks, trusted=self.trusted), function.gives
        )

    def knowable(self, node: ast.Call) -> Node:
        if len(node.args) != 1 or not isinstance(found := self.value(node.args[0]), FieldNode):
            raise self.wrong(node, "known asks about one field", "known(author.age)")
        if not found.field.known:
            raise self.wrong(found, f"'{found.field.name}' is always known")
        return found

    def argument(self, function: Function, slot: Slot, given: ast.expr) -> Node:
        found = self.value(given)
        if found.kind is not slot.kind:
            hint = function.example
            if (
                function.name in {"has", "has_any", "looks_like"}
                and found.kind is Kind.TEXTS
                and isinstance(found, FieldNode)
            ):
                hint = f"any_in({found.field.name}, …)"
            elif function.name == "has" and found.kind is Kind.TEXTS:
                hint = "has_any(text, …)"
            raise self.wrong(given, f"{function.name} needs a {slot.kind} here, not a {found.kind}", hint)
        if slot.written and not isinstance(found, ConstantNode):
            raise self.wrong(given, f"{function.name} needs its {slot.name} written down here", function.example)
        if not slot.written and isinstance(found, ConstantNode):
            raise self.wrong(
                given, f"{function.name} asks about a field here, not about something written down", function.example
            )
        return found

    def compare(self, node: ast.Compare) -> Node:
        start, end = self.span(node)
        sides = [self.value(side) for side in (node.left, *node.comparators)]
        pairs = zip(sides, node.ops, sides[1:], strict=False)
        parts = tuple(pair(left, operator, right) for left, operator, right in pairs)
        return parts[0] if len(parts) == 1 else AllNode(start, end, parts)


def _not_a_condition(found: Node) -> tuple[str, str]:
    name = found.field.name if isinstance(found, FieldNode) else "this"
    reason = f"{name} is a {found.kind}, and a condition is yes or no: compare it"
    match found.kind:
        case Kind.NUMBER:
            return reason, f"{name} > 0"
        case Kind.TEXTS:
            return reason, f"{name} != []"
        case Kind.TEXT:
            return reason, f'{name} != ""'
        case Kind.DURATION:
            return reason, f'{name} < "7d"'
        case _:
            return reason, ""
