"""Small edits of a rule file for a person: an example more, another mode.

They work on one file, also while others are broken: an eager rule must be stoppable whatever else is wrong.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from tempfile import NamedTemporaryFile

from bot.app.hall import App
from bot.app.rules.asking import meant, on_disk
from bot.core.errors import Mistake, NotFoundError, RefusedError, RuleError
from bot.core.rules import pinning
from bot.core.rules.likeness import example_of
from bot.core.rules.ruleset import Mode, Rule, name_of, readable
from bot.core.sheet import Sheet
from bot.pipeline import adopt
from bot.pipeline.rearm import rearm


@dataclass(frozen=True, slots=True)
class Edited:
    """A rule file that was changed.

    Attributes:
        place: `file:line` of the rule.
        changed: False where it stood so already.
        problems: Why the folder is refused now, until a person has corrected it; empty where all is good.
        own: Those of them that lie in the rule itself: examples that fail.
    """

    place: str
    changed: bool
    problems: tuple[Mistake, ...] = ()
    own: tuple[Mistake, ...] = ()


def pin(app: App, reference: str, rule_id: str, *, caught: bool) -> Edited:
    """Make a post an example of a rule.

    Raises:
        NotFoundError: There is no such post or rule.
        RefusedError: It cannot be written, or the rule itself has mistakes.
    """
    place = _place(app, rule_id)
    found = meant(app, reference)
    example = example_of(_rule(app, rule_id), found.post, found.around)
    return _edit(app, place, lambda text: pinning.pin(text, rule_id, example, caught=caught))


def set_mode(app: App, rule_id: str, mode: Mode) -> Edited:
    """Write a rule's mode into its file.

    Raises:
        NotFoundError: There is no such rule.
        RefusedError: It cannot be written.
    """
    return _edit(app, _place(app, rule_id), lambda text: pinning.set_mode(text, rule_id, mode))


def put_back(app: App, rule_id: str, *, by: str) -> bool:
    """Put a rule whose fuse has blown back into action as it is; False where it is not out of action."""
    return rearm(app.database, rule_id, name_of=name_of, now=app.now(), by=by)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a rule stands.

    Attributes:
        name: The file's name inside the folder.
        number: Which [[rule]] of it, from 0.
        rules: How many there are.
    """

    rule: str
    name: str
    number: int
    rules: int


def rule_ids(app: App) -> tuple[str, ...]:
    """Ids of all rules in files that are TOML, right or wrong, in file order."""
    texts = [text for name, text in _files(app).items() if name.endswith(".toml")]
    return tuple(str(block["id"]) for text in texts for block in _blocks(text) if "id" in block)


def _files(app: App) -> Mapping[str, str]:
    if not app.rules_folder.is_dir():
        raise NotFoundError(f"{app.rules_folder}: there is no such folder: name it in [rules] folder")
    files = adopt.read(app.rules_folder).files
    return {name: files[name] for name in sorted(files)}


def _blocks(text: str) -> list[dict[str, object]]:
    try:
        blocks = tomllib.loads(text).get("rule", [])
    except (ValueError, RecursionError):
        return []
    return [block if isinstance(block, dict) else {} for block in blocks] if isinstance(blocks, list) else []


def _place(app: App, rule_id: str) -> _Place:
    for name, text in _files(app).items():
        blocks = _blocks(text) if name.endswith(".toml") else []
        for number, block in enumerate(blocks):
            if block.get("id") == rule_id:
                return _Place(rule_id, name, number, len(blocks))
    near = get_close_matches(rule_id, rule_ids(app), n=1)
    raise NotFoundError(
        f"there is no rule {rule_id!r} in {app.settings.rules.folder}{f': did you mean {near[0]!r}?' if near else ''}"
    )


def _rule(app: App, rule_id: str) -> Rule:
    for rule in readable(_files(app), name_hint=app.settings.rules.folder, desk=app.desk):
        if rule.id == rule_id:
            return rule
    raise RefusedError(f"the rule {rule_id!r} itself has mistakes: correct what `milepost rules check` says first")


def _edit(app: App, place: _Place, change: Callable[[str], str]) -> Edited:
    path = app.rules_folder / place.name
    before = path.read_bytes().decode("utf-8")
    after = change(before)
    if after != before:
        _write(path, after)
    shown = f"{app.settings.rules.folder.rstrip('/')}/{place.name}"
    sheet = Sheet(shown, after.removeprefix("\ufeff"))
    sheet.read()
    first = sheet.spot(("rule", place.number)).key.line
    last = sheet.spot(("rule", place.number + 1)).key.line if place.number + 1 < place.rules else len(sheet.lines) + 1
    problems: tuple[Mistake, ...] = ()
    try:
        on_disk(app)
    except RuleError as error:
        problems = error.mistakes
    own = tuple(one for one in problems if one.file == shown and first <= one.line < last)
    return Edited(f"{shown}:{first}", after != before, problems, own)


def _write(path: Path, text: str) -> None:
    try:
        with NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
        Path(file.name).replace(path)
    except OSError as error:
        raise RefusedError(f"{path}: cannot be written: {error.strerror}") from error
