"""What people do with configuration and rules before anything runs: begin, check, show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.app.opening import desk_of, load_config
from bot.app.outside import models
from bot.config.load import Loaded
from bot.config.show import ShownSetting, show
from bot.config.starter import starter_folder, write_starter
from bot.core.errors import ConfigError, Mistake, MistakesError, NotFoundError, RuleError
from bot.core.milestones import FILE as PLAN_FILE
from bot.core.milestones import load as load_plan
from bot.core.rules.lints import Lint, lint
from bot.core.rules.ruleset import RuleSet
from bot.core.rules.ruleset import load as load_rules
from bot.pipeline import adopt


@dataclass(frozen=True, slots=True)
class CheckedConfig:
    """A configuration without mistakes.

    Attributes:
        warnings: What is not wrong but should be looked at.
    """

    sources: int
    accounts: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedRules:
    """A rule folder without mistakes.

    Attributes:
        name: What the rule set is called: the hash of its files.
        examples: All of them were run.
        milestones: None where they were left aside, because no configuration names the clocks.
        warnings: What is allowed and hardly meant.
    """

    name: str
    files: int
    rules: int
    examples: int
    lists: int
    milestones: int | None
    warnings: tuple[Lint, ...] = ()

    def counts(self) -> dict[str, object]:
        """Name and numbers, for scripts."""
        return {
            "name": self.name,
            "files": self.files,
            "rules": self.rules,
            "examples": self.examples,
            "lists": self.lists,
            "milestones": self.milestones,
        }


def begin(folder: Path) -> tuple[Path, ...]:
    """Write the example configuration and the starter rules. Raises as `write_starter`."""
    return write_starter(folder)


def starter_rules() -> Path:
    """The starter rules that ship with the program."""
    return starter_folder() / "rules"


def check_config(path: Path, environ: Mapping[str, str] | None = None) -> CheckedConfig:
    """Read and validate a configuration.

    Raises:
        ConfigError: With every mistake.
    """
    loaded = load_config(path, environ)
    settings = loaded.settings
    return CheckedConfig(
        sum(source.enabled for source in settings.source),
        sum(account.enabled for account in settings.account),
        loaded.warnings,
    )


def show_config(path: Path, environ: Mapping[str, str] | None = None) -> list[ShownSetting]:
    """The effective settings; secrets as "***". Raises as `check_config`."""
    return show(load_config(path, environ), models())


def check_rules(folder: Path | None, config: Path, environ: Mapping[str, str] | None = None) -> CheckedRules:
    """Load rules and plan as `adopt` would, without adopting them.

    Args:
        folder: None takes the configuration's.
        config: Where the clocks, strands and accounts stand that rules and plan speak of. It may be missing where `folder` is
            given; then the plan is only looked at where there is none to check.

    Raises:
        ConfigError: The configuration is needed, or there, and has mistakes.
        NotFoundError: There is no such folder.
        RuleError: With every mistake of rules and plan.
    """
    loaded = load_config(config, environ) if folder is None or config.exists() else None
    where = folder if folder is not None else _rules_folder(loaded)
    shown = _as_typed(where)
    if not where.is_dir():
        raise NotFoundError(f"{shown}: there is no such folder: name the one with the rule files")
    found = adopt.read(where)
    mistakes = [Mistake(f"{shown}/{name}", 0, 0, why) for name, why in found.problems]
    desk = desk_of(loaded.settings) if loaded else None
    rules = milestones = None
    try:
        rules = load_rules(found.files, name_hint=shown, clocks=desk.clocks if desk else None)
    except RuleError as error:
        mistakes.extend(error.mistakes)
    if desk is not None:
        try:
            plan = load_plan(
                found.files.get(PLAN_FILE, ""),
                file=f"{shown}/{PLAN_FILE}",
                clocks=desk.clocks,
                strands=tuple(desk.strands),
                accounts=desk.accounts,
            )
            milestones = len(plan.milestones)
        except RuleError as error:
            mistakes.extend(error.mistakes)
    if mistakes or rules is None:
        raise RuleError(tuple(mistakes))
    return CheckedRules(
        name=rules.name,
        files=len([name for name in rules.files if name.endswith(".toml")]),
        rules=len(rules.rules),
        examples=sum(len(rule.samples) for rule in rules.rules),
        lists=len(rules.lists),
        milestones=milestones,
        warnings=lint(rules, now=datetime.now(UTC)),
    )


def read_rules(config: Path, environ: Mapping[str, str] | None = None) -> RuleSet:
    """The rules of the configured folder, without a store.

    Raises:
        ConfigError: The configuration has mistakes.
        NotFoundError: There is no such folder.
        RuleError: The rules have mistakes, or an example fails.
    """
    loaded = load_config(config, environ)
    where = _rules_folder(loaded)
    if not where.is_dir():
        raise NotFoundError(f"{where}: there is no such folder: name it in [rules] folder")
    found = adopt.read(where)
    if found.problems:
        raise RuleError(tuple(Mistake(f"{where}/{name}", 0, 0, why) for name, why in found.problems))
    return load_rules(found.files, name_hint=loaded.settings.rules.folder, clocks=desk_of(loaded.settings).clocks)


def _as_typed(path: Path) -> str:
    """A path as a person in this folder would type it: mistakes name it, and editors and CI make it a link."""
    here, there = Path.cwd(), path.absolute()
    return str(there.relative_to(here)) if there.is_relative_to(here) else str(path)


def _rules_folder(loaded: Loaded | None) -> Path:
    if loaded is None:
        raise NotFoundError("no rule folder is named")
    return loaded.resolve(loaded.settings.rules.folder)


def mistakes_of(error: MistakesError) -> list[dict[str, object]]:
    """Every mistake as plain data, for scripts."""
    return [
        {
            "file": mistake.file,
            "line": mistake.line,
            "column": mistake.column,
            "reason": mistake.reason,
            "hint": mistake.hint,
        }
        for mistake in error.mistakes
    ]


__all__ = [
    "CheckedConfig",
    "CheckedRules",
    "ConfigError",
    "ShownSetting",
    "begin",
    "check_config",
    "check_rules",
    "mistakes_of",
    "show_config",
    "starter_rules",
]
