"""rules pin, rules shadow, rules live: small edits of a rule file."""

from pathlib import Path

import typer

from bot.app.rules import editing
from bot.cli.ends import Exit
from bot.cli.hall import opened_early, who
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


def shadow(config: Path, rule: str) -> None:
    """Write into a rule's file that it is only counted.

    Raises:
        typer.Exit: The files are refused for another reason, so that it has no effect yet.
    """
    with opened_early(config) as app:
        require("RULE", rule, editing.rule_ids(app), "rule")
        found = editing.set_mode(app, rule, Mode.SHADOW)
    _tell(found, f"{rule} is shadow")


def live(config: Path, rule: str, *, given: str) -> None:
    """Write into a rule's file that it acts, or put it back into action after its fuse has blown.

    Args:
        given: Who does it; "" for the login name.

    Raises:
        typer.Exit: The files are refused for another reason, so that the edit has no effect yet.
    """
    with opened_early(config) as app:
        require("RULE", rule, editing.rule_ids(app), "rule")
        found = editing.set_mode(app, rule, Mode.LIVE)
        # a rule whose file has changed is armed again when it is adopted
        back = not found.changed and editing.put_back(app, rule, by=who(given))
    if back:
        out(f"{found.place}: {rule} is back in action as it was adopted, and its fuse is armed again")
    else:
        _tell(found, f"{rule} is live")


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
