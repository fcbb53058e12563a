"""init, migrate, config and rules."""

import shlex
import sys
from pathlib import Path

from bot.app import configuring, logs
from bot.app.opening import open_app
from bot.cli.program import program
from bot.cli.terminal import json_document, note, out, table
from bot.core.errors import MistakesError, RuleError
from bot.core.text.amounts import several


def init(folder: Path) -> None:
    """Write config.toml and starter rules, and say what comes next."""
    written = configuring.begin(folder)
    for path in written:
        out(str(path))
    there = "" if folder == Path() else f" -c {shlex.quote(str(written[0]))}"
    note(f"Next: set the event in {written[0]}, then")
    note(f"  {program()}{there} config check")
    note(f"  {program()}{there} run")


def migrate(config: Path) -> None:
    """Bring the database to this program's schema."""
    logs.set_up(level="warning", style="auto", stream=sys.stderr)
    app = open_app(config, outside=False)
    try:
        before, after = app.migrate()
    finally:
        app.close()
    if before == after:
        out(f"{app.database.name}: is at schema {after} already")
    else:
        out(f"{app.database.name}: {f'from schema {before}' if before else 'new'}, now at schema {after}")


def config_check(config: Path, *, as_json: bool) -> None:
    """Say that configuration, rules and milestones are good, or every mistake.

    Raises:
        ConfigError: The configuration has mistakes.
        RuleError: Rules or milestones have.
    """
    try:
        found = configuring.check_config(config)
    except MistakesError as error:
        if as_json:
            json_document({"ok": False, "mistakes": configuring.mistakes_of(error)})
        if isinstance(error, RuleError):
            note(f"{config}: good itself; what it speaks of is not:")
        raise
    for warning in found.warnings:
        note(("warning: ", "yellow"), warning)
    if as_json:
        json_document({"ok": True, "mistakes": [], "warnings": found.warnings})
    else:
        sources, accounts = several(found.sources, "source"), several(found.accounts, "account")
        out(f"{config}: good; {sources}, {accounts} enabled")
        rules = found.rules
        out(
            f"rules: good; {several(rules.rules, 'rule')}, {several(rules.examples, 'example')} passed, "
            f"{several(rules.milestones or 0, 'milestone')}"
            + (f", {several(rules.people, 'person', 'people')}" if rules.people else "")
        )
        if rules.warnings:
            note(f"{several(len(rules.warnings), 'warning')} about the rules: `milepost rules check` shows them.")


def config_show(config: Path, *, as_json: bool) -> None:
    """Print every effective setting with its origin."""
    found = configuring.show_config(config)
    if as_json:
        json_document(found)
    else:
        table([(line.path, "=", line.value, f"# {line.origin}") for line in found])
