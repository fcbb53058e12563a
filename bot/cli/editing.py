"""rules pin, rules shadow, rules live: small edits of a rule file."""

from pathlib import Path

from bot.app.hall import App
from bot.app.rules import asking, editing
from bot.cli.hall import opened
from bot.cli.names import require
from bot.cli.terminal import note, out
from bot.core.rules.ruleset import Mode


def pin(config: Path, post: str, rule: str, *, caught: bool) -> None:
    """Make a post an example of a rule."""
    with opened(config) as app:
        _require_rule(app, rule)
        found = editing.pin(app, post, rule, caught=caught)
    _tell(found, f"{rule} has the example in {'catches' if caught else 'spares'}")


def set_mode(config: Path, rule: str, mode: str) -> None:
    """Write a rule's mode into its file."""
    with opened(config) as app:
        _require_rule(app, rule)
        found = editing.set_mode(app, rule, Mode(mode))
    _tell(found, f"{rule} is {mode}")


def _require_rule(app: App, rule: str) -> None:
    require("RULE", rule, [one.id for one in asking.on_disk(app).rules], "rule")


def _tell(found: editing.Edited, said: str) -> None:
    out(f"{found.place}: {said}{' now' if found.changed else ' already'}")
    for mistake in found.problems:
        note(str(mistake))
    if found.problems:
        note("The files are refused until the rule agrees with its examples; the rules in force stay.")
