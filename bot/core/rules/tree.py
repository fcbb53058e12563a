"""Clauses as typed trees: what the checker makes and the compiler reads."""

from dataclasses import dataclass

from bot.core.rules.fields import Field
from bot.core.rules.values import Kind


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of a clause.

    Attributes:
        start: Index in the clause's text.
        end: Index after its last character.
    """

    start: int
    end: int

    @property
    def kind(self) -> Kind:
        """Type of its value."""
        return Kind.YESNO

    @property
    def parts(self) -> "tuple[Node, ...]":
        """The pieces that it is made of, in the order of the text."""
        return ()


@dataclass(frozen=True, slots=True)
class FieldNode(Node):
    """A field of the post or its circumstances."""

    field: Field

    @property
    def kind(self) -> Kind:
        """The field's type."""
        return self.field.kind


@dataclass(frozen=True, slots=True)
class ConstantNode(Node):
    """What is written down: a text, a number, a duration, a time, a list of texts (a tuple), or `lists.NAME`.

    Attributes:
        value: Read and tidied for what it meets.
        gives: Its type.
        name: Name of the list, "" for what stands in the clause itself.
    """

    value: object
    gives: Kind
    name: str = ""

    @property
    def kind(self) -> Kind:
        """The constant's type."""
        return self.gives


@dataclass(frozen=True, slots=True)
class CallNode(Node):
    """A function of `functions.FUNCTIONS` and its arguments."""

    function: str
    arguments: tuple[Node, ...]
    gives: Kind

    @property
    def kind(self) -> Kind:
        """The type of the function's result."""
        return self.gives

    @property
    def parts(self) -> tuple[Node, ...]:
        """The arguments."""
        return self.arguments


@dataclass(frozen=True, slots=True)
class CompareNode(Node):
    """Two values of one type and one of == != < <= > >= between them."""

    operator: str
    left: Node
    right: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        """Left and right."""
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class MemberNode(Node):
    """A text that is, or is not, in a list."""

    negated: bool
    item: Node
    within: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        """The text and the list."""
        return (self.item, self.within)


@dataclass(frozen=True, slots=True)
class NotNode(Node):
    """The opposite."""

    inner: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        """What is turned round."""
        return (self.inner,)


@dataclass(frozen=True, slots=True)
class AllNode(Node):
    """Parts that must all hold."""

    inner: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        """The parts."""
        return self.inner


@dataclass(frozen=True, slots=True)
class AnyNode(Node):
    """Parts of which one must hold."""

    inner: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        """The parts."""
        return self.inner


@dataclass(frozen=True, slots=True)
class Clause:
    """One line of `when` or `unless`.

    Attributes:
        text: As the editor wrote it.
        root: Yes or no.
    """

    text: str
    root: Node
