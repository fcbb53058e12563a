"""Small edits of a rule file for a person: an example more, another mode."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from tempfile import NamedTemporaryFile

from bot.app.hall import App
from bot.app.rules.asking import asked, on_disk
from bot.core.errors import Mistake, NotFoundError, RefusedError, RuleError
from bot.core.rules import pinning
from bot.core.rules.likeness import example_of
from bot.core.rules.ruleset import Mode, Rule


@dataclass(frozen=True, slots=True)
class Edited:
    """A rule file that was changed.

    Attributes:
        place: `file:line` of the rule.
        changed: False where it stood so already.
        problems: Why the folder is refused now, until a person has changed the rule; empty where all is good.
    """

    place: str
    changed: bool
    problems: tuple[Mistake, ...] = ()


def pin(app: App, reference: str, rule_id: str, *, caught: bool) -> Edited:
    """Make a post that was decided an example of a rule.

    Raises:
        NotFoundError: There is no such post or rule.
        RefusedError: It cannot be written.
        RuleError: The files on disk have mistakes already.
    """
    rule, path = _rule_file(app, rule_id)
    found = asked(app, reference, today=True)
    example = example_of(rule, found.post, found.around)
    return _edit(app, rule, path, lambda text: pinning.pin(text, rule_id, example, caught=caught))


def set_mode(app: App, rule_id: str, mode: Mode) -> Edited:
    """Write a rule's mode into its file.

    Raises:
        NotFoundError: There is no such rule.
        RefusedError: It cannot be written.
        RuleError: The files on disk have mistakes already.
    """
    rule, path = _rule_file(app, rule_id)
    return _edit(app, rule, path, lambda text: pinning.set_mode(text, rule_id, mode))


def _rule_file(app: App, rule_id: str) -> tuple[Rule, Path]:
    rules = on_disk(app)
    for rule in rules.rules:
        if rule.id == rule_id:
            return rule, app.rules_folder / rule.file.removeprefix(f"{app.settings.rules.folder.rstrip('/')}/")
    near = get_close_matches(rule_id, [rule.id for rule in rules.rules], n=1)
    raise NotFoundError(
        f"there is no rule {rule_id!r} in {app.settings.rules.folder}{f': did you mean {near[0]!r}?' if near else ''}"
    )


def _edit(app: App, rule: Rule, path: Path, change: Callable[[str], str]) -> Edited:
    before = path.read_text(encoding="utf-8")
    after = change(before)
    if after == before:
        return Edited(rule.place, changed=False)
    try:
        with NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            file.write(after)
            file.flush()
            os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
        Path(file.name).replace(path)
    except OSError as error:
        raise RefusedError(f"{path}: cannot be written: {error.strerror}") from error
    try:
        on_disk(app)
    except RuleError as error:
        return Edited(rule.place, changed=True, problems=error.mistakes)
    return Edited(rule.place, changed=True)
