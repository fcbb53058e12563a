"""init, migrate, config and rules."""

import sys
from pathlib import Path

from bot.app import configuring, logs
from bot.app.opening import open_app
from bot.cli.terminal import json_document, note, out, table
from bot.core.errors import MistakesError


def init(folder: Path) -> None:
    """Write config.toml and starter rules, and say what comes next."""
    written = configuring.begin(folder)
    for path in written:
        out(str(path))
    there = "" if folder == Path() else f" -c {written[0]}"
    note(f"Next: set the event in {written[0]}, then")
    note(f"  milepost{there} config check")
    note(f"  milepost{there} run")


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
    """Say that the configuration is good, or every mistake.

    Raises:
        ConfigError: It has mistakes.
    """
    try:
        found = configuring.check_config(config)
    except MistakesError as error:
        if as_json:
            json_document({"ok": False, "mistakes": configuring.mistakes_of(error)})
        raise
    for warning in found.warnings:
        note(("warning: ", "yellow"), warning)
    if as_json:
        json_document({"ok": True, "mistakes": [], "warnings": found.warnings})
    else:
        out(f"{config}: good; {_number(found.sources, 'source')}, {_number(found.accounts, 'account')} enabled")


def config_show(config: Path, *, as_json: bool) -> None:
    """Print every effective setting with its origin."""
    found = configuring.show_config(config)
    if as_json:
        json_document(found)
    else:
        table([(line.path, "=", line.value, f"# {line.origin}") for line in found])


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
