"""The vocabulary: complete, counted, with real examples; the schema knows what the reader knows."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bot.core.rules.blocks import KEYS
from bot.core.rules.examples import build
from bot.core.rules.fields import FIELDS
from bot.core.rules.functions import FUNCTIONS
from bot.core.rules.ruleset import load
from bot.core.rules.vocabulary import fields, functions, schema

RULES = Path(__file__).resolve().parents[3] / "rules"


def test_every_field_is_told_with_what_unknown_means() -> None:
    entries = {one.name: one for one in fields()}
    assert list(entries) == list(FIELDS)
    assert all(one.meaning and one.kind is FIELDS[name].kind for name, one in entries.items())
    assert {name for name, one in entries.items() if one.askable} == {
        "lang", "author.handle", "author.name", "author.age", "author.followers",
    }  # fmt: skip
    assert (entries["author.age"].unknown, entries["tags"].unknown, entries["sensitive"].unknown) == ("0s", "[]", "no")
    assert [entries[name].unknown for name in ("is_official", "author.seen", "now", "platform", "story.size")] == [
        ""
    ] * 5
    assert all(one.unknown for one in entries.values() if one.askable)


def test_examples_come_from_the_first_post_that_has_a_value() -> None:
    posts = [
        build({"tags": ["a"]}),
        build({"tags": ["b"], "lang": "en", "author": {"age": "3d"}, "text": "x\x1b[2J\u202ey"}),
    ]
    entries = {one.name: one.example for one in fields(posts=posts)}
    assert (entries["tags"], entries["lang"], entries["author.age"], entries["labels"]) == ("[a]", "“en”", "400d", "")
    assert entries["is_official"] == ""
    only_second = {one.name: one.example for one in fields(posts=posts[1:])}
    assert only_second["text"] == "“x [2J y”"


def test_uses_are_counted_by_clause() -> None:
    rules = load(
        {
            "a.toml": """[[rule]]
id = "one"
score = 1
when = ['likes > 3 or likes < 1 or count(tags) > 2', 'has(text, "a") and has(author.name, "b")']
unless = ['likes > 100']
""",
        },
    )
    assert {one.name: one.uses for one in fields(rules) if one.uses} == {
        "text": 1,
        "tags": 1,
        "author.name": 1,
        "likes": 2,
    }
    assert {one.name: one.uses for one in functions(rules) if one.uses} == {"has": 1, "count": 1}


def test_every_function_is_told_with_its_call() -> None:
    entries = {one.name: one for one in functions()}
    assert list(entries) == list(FUNCTIONS)
    assert entries["has_any"].call == "has_any(text, list)"
    assert entries["known"].call == "known(field)"
    assert all(one.meaning and one.example for one in entries.values())


def resolve(node: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    found: dict[str, Any] = whole["$defs"][node["$ref"].removeprefix("#/$defs/")]
    return found


def fits(value: object, given: dict[str, Any], whole: dict[str, Any]) -> bool:
    """The part of JSON Schema that we write, checked by hand; times are texts in JSON."""
    node = resolve(given, whole)
    if "anyOf" in node:
        return any(fits(value, one, whole) for one in node["anyOf"])
    if "enum" in node and value not in node["enum"]:
        return False
    match node.get("type"):
        case "object":
            keys = node.get("properties", {})
            rest = node.get("additionalProperties", {})
            return (
                isinstance(value, dict)
                and set(node.get("required", [])) <= set(value)
                and all(
                    fits(inner, keys[key], whole) if key in keys else rest is not False and fits(inner, rest, whole)
                    for key, inner in value.items()
                )
            )
        case "array":
            return (
                isinstance(value, list)
                and len(value) >= node.get("minItems", 0)
                and all(fits(inner, node.get("items", {}), whole) for inner in value)
            )
        case "string":
            return isinstance(value, str)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
    return True


def as_json(text: str) -> Any:
    return json.loads(json.dumps(tomllib.loads(text), default=str))


def test_the_rules_that_ship_fit_the_schema() -> None:
    whole = schema()
    files = [path for path in RULES.glob("*.toml") if path.name != "milestones.toml"]
    assert len(files) >= 5
    for path in files:
        assert fits(as_json(path.read_text(encoding="utf-8")), whole, whole), path.name


@pytest.mark.parametrize(
    "text",
    [
        '[[rule]]\nid = "a"\n',
        '[[rule]]\nwhen = ["is_reply"]\n',
        '[[rule]]\nid = "a"\nwhen = []\n',
        '[[rule]]\nid = "a"\nwhen = ["x"]\nactoin = "drop"\n',
        '[[rule]]\nid = "a"\nwhen = ["x"]\naction = "dorp"\n',
        '[[rule]]\nid = "a"\nwhen = ["x"]\nscore = "2"\n',
        '[[rule]]\nid = "a"\nwhen = ["x"]\ncatches = [3]\n',
        '[[rule]]\nid = "a"\nwhen = ["x"]\ncatches = [{ txt = "a" }]\n',
        '[[rule]]\nid = "a"\nwhen = ["x"]\ncatches = [{ author.sen = 3 }]\n',
        '[[rules]]\nid = "a"\nwhen = ["x"]\n',
        '[rule]\nid = "a"\nwhen = ["x"]\n',
    ],
)
def test_mistakes_do_not_fit_the_schema(text: str) -> None:
    whole = schema()
    assert not fits(as_json(text), whole, whole)


def test_the_schema_explains_every_key_and_is_plain() -> None:
    whole = schema()
    assert whole["$schema"].endswith("2020-12/schema")
    keys = whole["$defs"]["rule"]["properties"]
    assert list(keys) == list(KEYS)
    assert all(one.get("description") for one in keys.values())
    assert keys["from"]["format"] == "date-time"
    text = json.dumps(whole)
    assert '"title": "Id"' not in text
    assert "null" not in text
    assert json.dumps(schema()) == text
    references = {part.partition('"')[0] for part in text.split('"$ref": "#/$defs/')[1:]}
    assert references <= set(whole["$defs"])
    example = whole["$defs"]["example"]["anyOf"][1]["properties"]
    for name in FIELDS:
        room, dot, last = name.rpartition(".")
        assert last in (example[room]["properties"] if dot else example), name
