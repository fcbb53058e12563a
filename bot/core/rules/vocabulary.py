"""The words of the rule language for people and editors: fields, functions, and the schema of rule files."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from inspect import cleandoc
from types import MappingProxyType
from typing import Any, get_args

from pydantic import BaseModel

from bot.core.model import Post
from bot.core.rules.blocks import CaseBlock, FileBlock, RuleBlock
from bot.core.rules.circumstances import Circumstances
from bot.core.rules.examples import UNKNOWN, is_askable
from bot.core.rules.fields import FIELDS, Field
from bot.core.rules.functions import FUNCTIONS
from bot.core.rules.program import Condition, Program
from bot.core.rules.ruleset import RuleSet
from bot.core.rules.shape import nodes
from bot.core.rules.tree import CallNode, Clause, FieldNode
from bot.core.rules.values import Kind, show

_EMPTY: Mapping[Kind, str] = MappingProxyType(
    {Kind.TEXT: '""', Kind.NUMBER: "0", Kind.YESNO: "no", Kind.DURATION: "0s", Kind.TEXTS: "[]", Kind.TIME: ""},
)
_WRITTEN: Mapping[Kind, Mapping[str, object]] = MappingProxyType(
    {
        Kind.TEXT: {"type": "string"},
        Kind.NUMBER: {"type": "integer", "minimum": 0},
        Kind.YESNO: {"type": "boolean"},
        Kind.DURATION: {"type": "string", "examples": ["7d", "6h", "15m"]},
        Kind.TIME: {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string"}]},
        Kind.TEXTS: {"type": "array", "items": {"type": "string"}},
    },
)
# What a rule file holds: tables that come many times, and tables that come once.
_ARRAYS: Mapping[str, type[BaseModel]] = MappingProxyType({"rule": RuleBlock, "case": CaseBlock})
_TABLES: Mapping[str, type[BaseModel]] = MappingProxyType({"file": FileBlock})
_GIVEN: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {"post": {"$ref": "#/$defs/example"}, "now": _WRITTEN[Kind.TIME]},
)
_EXAMPLES = frozenset({"catches", "spares", "todo_catches", "todo_spares"})


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """A field, for a reader.

    Attributes:
        name: As clauses write it.
        kind: Type of its value.
        meaning: One line.
        unknown: What it is where the platform does not say; "" where it is always known.
        askable: `known(…)` can ask for it.
        example: A value from a real post, on one line; "" where no post has one.
        uses: How many clauses read it.
    """

    name: str
    kind: Kind
    meaning: str
    unknown: str
    askable: bool
    example: str = ""
    uses: int = 0


@dataclass(frozen=True, slots=True)
class FunctionEntry:
    """A function, for a reader.

    Attributes:
        name: As clauses write it.
        call: With its arguments: "has_any(text, list)".
        gives: Type of its result.
        meaning: One line.
        example: A clause that uses it.
        uses: How many clauses call it.
    """

    name: str
    call: str
    gives: Kind
    meaning: str
    example: str
    uses: int = 0


def fields(
    rule_set: RuleSet | None = None,
    posts: Iterable[tuple[Post, Circumstances]] = (),
) -> tuple[FieldEntry, ...]:
    """Every field.

    Args:
        rule_set: Whose clauses are counted; None counts nothing.
        posts: Where example values are taken from, the best first: the first value that says something is shown.

    Returns:
        In the order of the guide.
    """
    uses = _uses(rule_set)
    examples = _examples(posts)
    return tuple(
        FieldEntry(
            field.name,
            field.kind,
            field.meaning,
            _unknown(field),
            bool(field.known),
            examples.get(field.name, ""),
            uses[field.name],
        )
        for field in FIELDS.values()
    )


def functions(rule_set: RuleSet | None = None) -> tuple[FunctionEntry, ...]:
    """Every function, in the order of the guide; `rule_set` as for `fields`."""
    uses = _uses(rule_set)
    return tuple(
        FunctionEntry(
            one.name,
            f"{one.name}({', '.join(slot.name for slot in one.slots) or 'field'})",
            one.gives,
            one.meaning,
            one.example,
            uses[f"{one.name}()"],
        )
        for one in FUNCTIONS.values()
    )


def _unknown(field: Field) -> str:
    """Only where a platform may not say it: what our own records say is always known."""
    reads_post = not field.code.startswith("around.") and field.name not in {"platform", "source", "author.id", "age"}
    return _EMPTY[field.kind] if reads_post else ""


def _uses(rule_set: RuleSet | None) -> Counter[str]:
    """Clauses by the fields and functions ("name()") that they have."""
    uses: Counter[str] = Counter()
    seen: set[int] = set()
    for rule in rule_set.rules if rule_set else ():
        for clause in (*rule.condition.when, *rule.condition.unless):
            if id(clause) not in seen:  # an exemption of a whole file is one clause
                seen.add(id(clause))
                uses.update(
                    {
                        node.field.name if isinstance(node, FieldNode) else f"{node.function}()"
                        for node in nodes(clause.root)
                        if isinstance(node, FieldNode | CallNode)
                    },
                )
    return uses


def _examples(posts: Iterable[tuple[Post, Circumstances]]) -> dict[str, str]:
    asked = {name: FieldNode(0, 1, field) for name, field in FIELDS.items()}
    program = Program([Condition((Clause("", node),)) for node in asked.values()])
    found: dict[str, str] = {}
    for post, around in posts:
        value = program.values(post, around)
        for name, node in asked.items():
            if name not in found and (told := value(node)):
                found[name] = show(told)
        if len(found) == len(asked):
            break
    return found


def schema() -> dict[str, Any]:
    """The JSON Schema of a rule file, for editors (`#:schema schema.json` in its first line).

    Returns:
        Plain data for `json.dumps`; the same every time.
    """
    definitions: dict[str, Any] = {"example": _example()}
    properties: dict[str, Any] = {}
    for name, model in _ARRAYS.items():
        definitions[name] = _table(model, definitions)
        properties[name] = {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}
    for name, model in _TABLES.items():
        properties[name] = _table(model, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rules of Milepost",
        "description": "What happens to each post that comes in: drop > hold > wait > publish.",
        "x-tombi-toml-version": "v1.0.0",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "$defs": definitions,
    }


def _table(model: type[BaseModel], definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of one table, with a line for each key and none of pydantic's titles.

    Args:
        model: As the reader checks it.
        definitions: Takes the tables inside of it.
    """
    made = model.model_json_schema(by_alias=True)
    for name, given in made.get("$defs", {}).items():
        definitions.setdefault(name, _keyed(given, _inner(model, name)))
    return _keyed(made, model)


def _inner(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """The model of a table inside of a table."""
    found = (get_args(field.annotation) or (field.annotation,) for field in model.model_fields.values())
    return next((one for kinds in found for one in kinds if isinstance(one, type) and one.__name__ == name), None)


def _keyed(made: Mapping[str, Any], model: type[BaseModel] | None) -> dict[str, Any]:
    if "properties" not in made:
        return _plain(made)
    lines = _key_lines(model) if model else {}
    keys = {}
    for key, given in made["properties"].items():
        plain = _plain(given)
        if key in _EXAMPLES:
            plain["items"] = {"$ref": "#/$defs/example"}
        if key in _GIVEN:
            plain = dict(_GIVEN[key])
        keys[key] = {**plain, "description": lines[key]} if key in lines else plain
    table = {"type": "object", "properties": keys, "additionalProperties": False}
    if "required" in made:
        table["required"] = made["required"]
    summary = str(made.get("description", "")).partition("\n")[0]
    return {"description": summary, **table} if summary else table


def _plain(given: Mapping[str, Any]) -> dict[str, Any]:
    """Without titles, and without null, which TOML has not."""
    plain = {key: value for key, value in given.items() if key != "title" and not (key == "default" and value is None)}
    choices = [one for one in plain.get("anyOf", []) if one != {"type": "null"}]
    if len(choices) == 1:
        del plain["anyOf"]
        plain |= choices[0]
    return plain


def _key_lines(model: type[BaseModel]) -> dict[str, str]:
    """What the docstring says about each key."""
    aliases = {name: field.alias or name for name, field in model.model_fields.items()}
    lines: dict[str, str] = {}
    for line in cleandoc(model.__doc__ or "").partition("Attributes:")[2].splitlines():
        name, colon, meaning = line.strip().partition(": ")
        if colon and name in aliases:
            lines[aliases[name]] = meaning.removeprefix(f"Key `{aliases[name]}`: ")
    return lines


def _example() -> dict[str, Any]:
    """An example: a text, or a table of fields, dotted or nested."""
    keys: dict[str, Any] = {}
    for field in FIELDS.values():
        room, dot, name = field.name.rpartition(".")
        given = {**_WRITTEN[field.kind], "description": field.meaning}
        if is_askable(field):
            given = {"anyOf": [_WRITTEN[field.kind], {"const": UNKNOWN}], "description": field.meaning}
        if dot:
            inner = keys.setdefault(room, {"type": "object", "properties": {}, "additionalProperties": False})
            inner["properties"][name] = given
        else:
            keys[name] = given
    keys["clock"] = {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": 'how long event clocks run: clock.mass = "4h1m"',
    }
    return {"anyOf": [{"type": "string"}, {"type": "object", "properties": keys, "additionalProperties": False}]}
