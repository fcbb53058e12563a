"""The editor's guide tells what the engine does: all keys, fields and functions, and examples that load."""

import re
from pathlib import Path

from bot.core.rules.blocks import KEYS
from bot.core.rules.fields import FIELDS
from bot.core.rules.functions import FUNCTIONS
from bot.core.rules.language import check
from bot.core.rules.ruleset import load
from bot.core.rules.tree import Clause

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "rules.md").read_text(encoding="utf-8")


def test_all_keys_fields_and_functions_are_in_the_guide() -> None:
    for key in KEYS:
        assert f"`{key}`" in GUIDE, key
    for field in FIELDS.values():
        assert f"| `{field.name}` | {field.kind.value} | {field.meaning} |" in GUIDE, field.name
    for function in FUNCTIONS.values():
        assert f"| `{function.name}` | `{function.example}` | {function.meaning} |" in GUIDE, function.name


def test_the_rules_in_the_guide_load() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    assert len(blocks) == 2
    files = {f"{number}.toml": block for number, block in enumerate(blocks)}
    assert len(load({**files, "lists/shorteners.txt": "bit.ly"}).rules) == 2


def test_the_clauses_in_the_guide_are_clauses() -> None:
    (block,) = re.findall(r"```\n(has_any.*?)```", GUIDE, re.DOTALL)
    for line in block.strip().split("\n"):
        assert isinstance(check(line, {"claims": ("a",)}), Clause), line
