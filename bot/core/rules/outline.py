"""Where the clauses of loaded rules stand in their files, for what is said about good rules: lints and surviving mutants."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.errors import Mistake
from bot.core.rules.ruleset import Rule, RuleSet
from bot.core.rules.tree import Clause, Node
from bot.core.sheet import Sheet
from bot.core.toml_places import Path


@dataclass(frozen=True, slots=True)
class Located:
    """A clause and its place.

    Attributes:
        clause: As it was checked.
        sheet: Its file.
        path: Its value in the file.
    """

    clause: Clause
    sheet: Sheet
    path: Path

    def at(self, node: Node, reason: str, hint: str = "") -> Mistake:
        """Say something about a piece of it."""
        return self.sheet.inside(self.path, node.start, node.end, reason, hint)


@dataclass(frozen=True, slots=True)
class Outline:
    """A rule and the places of its parts.

    Attributes:
        rule: The rule.
        sheet: Its file.
        path: Its table.
        when: Its clauses.
        unless: Its own exemptions.
        shared: Exemptions of its whole file.
    """

    rule: Rule
    sheet: Sheet
    path: Path
    when: tuple[Located, ...]
    unless: tuple[Located, ...]
    shared: tuple[Located, ...] = ()


def sheets(rule_set: RuleSet) -> Mapping[str, Sheet]:
    """The files of a rule set by their names there, in order; each named as mistakes show it."""
    folder = _folder(rule_set)
    return {name: Sheet(f"{folder}{name}", text) for name, text in rule_set.files.items()}


def _folder(rule_set: RuleSet) -> str:
    shown = rule_set.rules[0].file if rule_set.rules else ""
    return next((shown.removesuffix(name) for name in rule_set.files if shown.endswith(f"/{name}")), "")


def outlines(rule_set: RuleSet) -> tuple[Outline, ...]:
    """Every rule with its places, in file order."""
    by_id = {rule.id: rule for rule in rule_set.rules}
    found = []
    for name, sheet in sheets(rule_set).items():
        document = sheet.read() if name.endswith(".toml") else {}
        if isinstance(document, dict):
            for number, block in enumerate(document.get("rule", [])):
                rule = by_id[block["id"]]
                found.append(_outline(rule, sheet, ("rule", number), block, document.get("file", {})))
    return tuple(found)


def _outline(rule: Rule, sheet: Sheet, path: Path, block: Mapping[str, Any], file: Mapping[str, Any]) -> Outline:
    clauses = {clause.text: clause for clause in rule.condition.unless}
    own = block.get("unless", [])
    return Outline(
        rule,
        sheet,
        path,
        tuple(Located(clause, sheet, (*path, "when", at)) for at, clause in enumerate(rule.condition.when)),
        tuple(Located(clauses[text], sheet, (*path, "unless", at)) for at, text in enumerate(own) if text in clauses),
        tuple(
            Located(clauses[text], sheet, ("file", "unless", at))
            for at, text in enumerate(file.get("unless", []))
            if text in clauses and text not in own
        ),
    )
