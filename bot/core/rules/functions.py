"""The functions that clauses can call: name, arguments, meaning, and how the program carries them out.

To add one: write its `_code` below, which returns a Python expression, and add it to the table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from bot.core.rules.contacts import has_email, has_phone
from bot.core.rules.domains import any_under
from bot.core.rules.patterns import Pattern
from bot.core.rules.tree import ConstantNode, FieldNode, Node
from bot.core.rules.values import Kind
from bot.core.rules.words import fold


class Writer(Protocol):
    """What a function may ask of the compiler. All return a Python expression."""

    def code(self, node: Node) -> str:
        """The value of a node."""

    def constant(self, value: object) -> str:
        """A value that is prepared once."""

    def folded(self, node: Node) -> str:
        """A text, folded, once for a post."""

    def scanned(self, node: Node, terms: tuple[str, ...], *, loose: bool = False) -> str:
        """Whether one of the terms is in the text as a whole word."""

    def once(self, code: str) -> str:
        """Code that is carried out at most once for a post."""


@dataclass(frozen=True, slots=True)
class Slot:
    """An argument.

    Attributes:
        name: For messages and the guide.
        kind: Its type.
        written: It must be written down in the rule (or be a list), so that it is prepared and checked at load.
    """

    name: str
    kind: Kind
    written: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    Attributes:
        name: As clauses write it.
        slots: Its arguments, all needed; empty for `known`, which takes any field.
        gives: Type of its result.
        meaning: One line for an editor.
        example: A clause that uses it.
        write: Makes the code.
        cost: Roughly, in lookups.
    """

    name: str
    slots: tuple[Slot, ...]
    gives: Kind
    meaning: str
    example: str
    write: Callable[[Writer, tuple[Node, ...]], str]
    cost: int = 2


def _texts(node: Node) -> tuple[str, ...]:
    if isinstance(node, ConstantNode):
        value = node.value
        return value if isinstance(value, tuple) else (str(value),)
    raise TypeError(node)


def _word(writer: Writer, arguments: tuple[Node, ...]) -> str:
    return writer.scanned(arguments[0], _texts(arguments[1]))


def _looks_like(writer: Writer, arguments: tuple[Node, ...]) -> str:
    return writer.scanned(arguments[0], _texts(arguments[1]), loose=True)


def _matches(writer: Writer, arguments: tuple[Node, ...]) -> str:
    found = writer.constant(Pattern(_texts(arguments[1])[0], trusted=True).found)
    return writer.once(f"{found}({writer.code(arguments[0])})")


def _starts(writer: Writer, arguments: tuple[Node, ...]) -> str:
    return f"{writer.folded(arguments[0])}.startswith({writer.constant(fold(_texts(arguments[1])[0]))})"


def _ends(writer: Writer, arguments: tuple[Node, ...]) -> str:
    return f"{writer.folded(arguments[0])}.endswith({writer.constant(fold(_texts(arguments[1])[0]))})"


def _any_in(writer: Writer, arguments: tuple[Node, ...]) -> str:
    return f"(not {writer.constant(frozenset(_texts(arguments[1])))}.isdisjoint({writer.code(arguments[0])}))"


def _all_in(writer: Writer, arguments: tuple[Node, ...]) -> str:
    return f"{writer.constant(frozenset(_texts(arguments[1])))}.issubset({writer.code(arguments[0])})"


def _domain_under(writer: Writer, arguments: tuple[Node, ...]) -> str:
    known = writer.constant(frozenset(_texts(arguments[1])))
    domains = writer.code(arguments[0])
    return f"({domains} and {writer.constant(any_under)}({domains}, {known}))"


def _count(writer: Writer, arguments: tuple[Node, ...]) -> str:
    return f"len({writer.code(arguments[0])})"


def _has_phone(writer: Writer, arguments: tuple[Node, ...]) -> str:
    return writer.once(f"{writer.constant(has_phone)}({writer.code(arguments[0])})")


def _has_email(writer: Writer, arguments: tuple[Node, ...]) -> str:
    return writer.once(f"{writer.constant(has_email)}({writer.code(arguments[0])})")


def _seen_before(writer: Writer, arguments: tuple[Node, ...]) -> str:
    del writer, arguments
    return "(around.words_seen or around.story_size > 1)"


def _known(writer: Writer, arguments: tuple[Node, ...]) -> str:
    del writer
    node = arguments[0]
    if isinstance(node, FieldNode):
        return node.field.known
    raise TypeError(node)


def _clock(writer: Writer, arguments: tuple[Node, ...]) -> str:
    name = writer.constant(_texts(arguments[0])[0])
    return writer.once(f"since(around.clocks, {name}, around.now)")


_TEXT = Slot("text", Kind.TEXT)
_LIST = Slot("list", Kind.TEXTS)
_WRITTEN_LIST = Slot("list", Kind.TEXTS, written=True)
_WRITTEN = Slot("word", Kind.TEXT, written=True)

_TABLE = (
    Function(
        "has",
        (_TEXT, _WRITTEN),
        Kind.YESNO,
        "the word or phrase stands in the text as a whole word",
        'has(text, "sold out")',
        _word,
    ),
    Function(
        "has_any",
        (_TEXT, _WRITTEN_LIST),
        Kind.YESNO,
        "one of the words or phrases stands in the text as a whole word",
        "has_any(text, lists.spam)",
        _word,
    ),
    Function(
        "looks_like",
        (_TEXT, _WRITTEN_LIST),
        Kind.YESNO,
        "as has_any, also through disguises (fr33, ｆree, frее); for hold rules, it errs",
        "looks_like(text, lists.scams)",
        _looks_like,
        8,
    ),
    Function(
        "matches",
        (_TEXT, Slot("pattern", Kind.TEXT, written=True)),
        Kind.YESNO,
        "the pattern (regular expression) occurs in the text; (?i) ignores case",
        r'matches(text, r"(?i)\bmile \d+")',
        _matches,
        6,
    ),
    Function(
        "starts", (_TEXT, _WRITTEN), Kind.YESNO, "the text begins with this", 'starts(text, "results")', _starts, 3
    ),
    Function("ends", (_TEXT, _WRITTEN), Kind.YESNO, "the text ends with this", 'ends(text, "?")', _ends, 3),
    Function(
        "any_in",
        (_LIST, _WRITTEN_LIST),
        Kind.YESNO,
        "the two lists share an entry",
        'any_in(tags, ["getinspired"])',
        _any_in,
    ),
    Function(
        "all_in",
        (_LIST, _WRITTEN_LIST),
        Kind.YESNO,
        "every entry of the second list is in the first",
        'all_in(tags, ["getinspired", "londonmarathon"])',
        _all_in,
    ),
    Function(
        "domain_under",
        (Slot("domains", Kind.TEXTS), _WRITTEN_LIST),
        Kind.YESNO,
        "one of the domains is in the list, or a subdomain of an entry",
        "domain_under(domains, lists.link_farms)",
        _domain_under,
        3,
    ),
    Function("count", (_LIST,), Kind.NUMBER, "how many entries the list has", "count(tags) > 8", _count),
    Function(
        "has_phone",
        (_TEXT,),
        Kind.YESNO,
        "a phone number stands in the text; times, bibs and dates are none",
        "has_phone(text)",
        _has_phone,
        7,
    ),
    Function("has_email", (_TEXT,), Kind.YESNO, "a mail address stands in the text", "has_email(text)", _has_email, 3),
    Function(
        "seen_before",
        (_TEXT,),
        Kind.YESNO,
        "another post that we have seen says the same: the same words, or the same story",
        "seen_before(text)",
        _seen_before,
        1,
    ),
    Function("known", (), Kind.YESNO, "the platform says the value of this field", "known(author.age)", _known),
    Function(
        "clock",
        (Slot("name", Kind.TEXT, written=True),),
        Kind.DURATION,
        "time since the start of an event clock, negative before it",
        'clock("mass") > "4h"',
        _clock,
        4,
    ),
)

FUNCTIONS: Mapping[str, Function] = MappingProxyType({function.name: function for function in _TABLE})
