"""What other rules would have decided about the posts of the past."""

import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shutil import which
from time import perf_counter

from bot.app import history
from bot.app.hall import App
from bot.app.rules.asking import clocks_of, in_force, on_disk
from bot.core.errors import NotFoundError
from bot.core.rules.replay import Replayed, replay
from bot.core.rules.ruleset import load as load_rules

_GIT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Backtest:
    """A replay of what was decided.

    Attributes:
        old: Name of the one rule set.
        new: Name of the other.
        found: What differs.
        seconds: How long the replay took.
    """

    old: str
    new: str
    found: Replayed
    seconds: float


def backtest(app: App, *, candidate: Path | None, against: str, last: timedelta | None, limit: int) -> Backtest:
    """Judge past posts by the rules on disk and by others.

    Args:
        candidate: Folder with the rules to try; None for the configured one.
        against: A folder or a git revision to compare with; "" for the rules in force.
        last: How far back; None for as far as the journal goes.
        limit: The most posts.

    Raises:
        NotFoundError: A folder, a revision or rules in force are missing.
        RuleError: Rules have mistakes.
    """
    new = on_disk(app, candidate)
    if not against:
        old = in_force(app)
    elif Path(against).is_dir():
        old = on_disk(app, Path(against))
    else:
        old = load_rules(
            _of_revision(candidate or app.rules_folder, against),
            name_hint=f"{against}:{app.settings.rules.folder}",
            trusted=True,
        )
    since = app.now() - last if last else None
    past = history.decided(app.database, clocks_of(app), limit=limit, since=since)
    begun = perf_counter()
    found = replay(old, new, past, default=app.desk.default, publish_at=app.desk.publish_at)
    return Backtest(old.name, new.name, found, perf_counter() - begun)


def _of_revision(folder: Path, revision: str) -> dict[str, str]:
    names = _git(folder, revision, "ls-tree", "-r", "-z", "--name-only", "--end-of-options", revision, "--", ".").split(
        "\0"
    )
    wanted = [name for name in names if name.endswith(".toml") or (name.startswith("lists/") and name.endswith(".txt"))]
    if not wanted:
        raise NotFoundError(f"{revision}: {folder} has no rule files at that revision")
    return {name: _git(folder, revision, "show", "--end-of-options", f"{revision}:./{name}") for name in wanted}


def _git(folder: Path, revision: str, *arguments: str) -> str:
    git = which("git")
    if git is None:
        raise NotFoundError("git is not installed: name a folder with the other rules")
    try:
        done = subprocess.run(  # noqa: S603 - no shell; what a person typed stands behind --end-of-options
            [git, "-C", str(folder), *arguments], capture_output=True, check=False, timeout=_GIT_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise NotFoundError(
            f"git did not answer within {_GIT_SECONDS} s: name a folder with the other rules"
        ) from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise NotFoundError(
            f"{revision!r} is neither a folder nor a revision that git knows in {folder}: {said[0] if said else 'git failed'}"
        )
    return done.stdout.decode("utf-8-sig", "replace")
