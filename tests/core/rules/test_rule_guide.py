"""The editor's guide tells what the engine does: all keys, fields and functions, and examples that load."""

import re
from pathlib import Path

from bot.core.model import Verdict
from bot.core.rules.blocks import KEYS
from bot.core.rules.fields import FIELDS
from bot.core.rules.functions import FUNCTIONS
from bot.core.rules.language import check
from bot.core.rules.lints import lint as lint_all
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


def test_the_rules_in_the_guide_load_together_and_their_examples_and_cases_hold() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    files = {f"{number}.toml": block for number, block in enumerate(blocks)}
    rules = load({**files, "lists/shorteners.txt": "bit.ly"})
    assert len(rules.rules) == sum(block.count("[[rule]]") for block in blocks) >= len(blocks) - 1
    assert {case.expect for case in rules.cases} == {Verdict.WAIT, Verdict.HOLD}
    assert {todo.caught for rule in rules.rules for todo in rule.todos} == {True, False}
    assert all(lint.name == "no-spares" for lint in lint_all(rules)), [str(lint.mistake) for lint in lint_all(rules)]


def anchor(heading: str) -> str:
    """What a link to a heading ends with, as forges make it."""
    return "#" + re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_the_guide_has_what_it_points_at_and_its_table_names_every_section() -> None:
    prose = re.sub(r"```.*?```", "", GUIDE, flags=re.DOTALL)
    anchors = {anchor(heading) for heading in re.findall(r"^#+ (.*)$", prose, re.MULTILINE)}
    assert set(re.findall(r"\]\((#[^)]+)\)", prose)) <= anchors
    table = prose[: prose.index("\n## ")]
    for heading in re.findall(r"^## (.*)$", prose, re.MULTILINE):
        assert f"]({anchor(heading)})" in table, heading


def test_the_clauses_in_the_guide_are_clauses() -> None:
    (block,) = re.findall(r"```\n(has_any.*?)```", GUIDE, re.DOTALL)
    for line in block.strip().split("\n"):
        assert isinstance(check(line, {"claims": ("a",)}), Clause), line
