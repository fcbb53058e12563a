"""rules pin, rules shadow, rules live: small edits of a rule file."""

from pathlib import Path

import typer

from bot.app.rules import editing
from bot.cli.ends import Exit
from bot.cli.hall import opened_early
from bot.cli.names import require
from bot.cli.terminal import note, out
from bot.core.rules.ruleset import Mode


def pin(config: Path, post: str, rule: str, *, caught: bool) -> None:
    """Make a post an example of a rule.

    Raises:
        typer.Exit: The rule does not agree with it yet, or the files are refused for another reason.
    """
    with opened_early(config) as app:
        require("RULE", rule, editing.rule_ids(app), "rule")
        found = editing.pin(app, post, rule, caught=caught)
    _tell(found, f"{rule} has the example in {'catches' if caught else 'spares'}")


def set_mode(config: Path, rule: str, mode: str) -> None:
    """Write a rule's mode into its file.

    Raises:
        typer.Exit: The files are refused for another reason, so that it has no effect yet.
    """
    with opened_early(config) as app:
        require("RULE", rule, editing.rule_ids(app), "rule")
        found = editing.set_mode(app, rule, Mode(mode))
    _tell(found, f"{rule} is {mode}")


def _tell(found: editing.Edited, said: str) -> None:
    out(f"{found.place}: {said}{' now' if found.changed else ' already'}")
    for mistake in found.problems:
        note(str(mistake))
    if not found.problems:
        return
    if len(found.own) == len(found.problems):
        note("Now change the rule until `milepost rules check` passes; until then the rules in force stay.")
    else:
        note("The files are refused as a whole, so this has no effect until `milepost rules check` passes.")
    raise typer.Exit(Exit.FAILED)
