"""Which post and which rules a person means, and why they decided so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from bot.app import history, look
from bot.app.hall import App
from bot.core.errors import Mistake, NotFoundError, RefusedError, RuleError
from bot.core.model import Post, Verdict
from bot.core.rules.circumstances import Circumstances
from bot.core.rules.examples import SampleError, build
from bot.core.rules.explain import explain
from bot.core.rules.ruleset import RuleSet
from bot.core.rules.ruleset import load as load_rules
from bot.core.rules.traces import Explanation, Outcome
from bot.core.rules.whynot import WhyNot, why_not
from bot.pipeline import adopt
from bot.store import rulesets


class Which(StrEnum):
    """The rules that are asked."""

    THEN = "then"  # that judged the post
    NOW = "now"  # in force
    FILES = "files"  # as they lie in the folder


@dataclass(frozen=True, slots=True)
class Meant:
    """A post that a person means, as rules saw it.

    Attributes:
        judged: What rules and people said of it; None for a post that was only typed.
    """

    post: Post
    around: Circumstances
    judged: history.Judged | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A post as rules saw it, and the rules that are asked about it.

    Attributes:
        which: The rules that are asked.
        post_id: Internal number; 0 for a post that was only typed.
        at: When it was judged; None for a typed post.
        outcome: What was decided in the end; None for a typed post.
        moved: Event clocks that the rules ask for and whose starts of then were not kept: they count as they start today.
    """

    post: Post
    around: Circumstances
    rule_set: RuleSet
    which: Which
    post_id: int = 0
    at: datetime | None = None
    outcome: Outcome | None = None
    moved: tuple[str, ...] = ()


def meant(app: App, reference: str) -> Meant:
    """Find the post that a person means.

    Args:
        reference: A post's number, `platform:id`, URL or short name; or JSON: the fields of an example (`{"text": "…"}`).

    Raises:
        NotFoundError: Nothing has this name.
        RefusedError: No rule has judged it, or the JSON makes no post.
    """
    if reference.lstrip().startswith("{"):
        return Meant(*_typed(reference, app.now()))
    found = look.find(app, reference)
    if not found.versions:
        raise RefusedError(f"{reference!r} is our own update: rules judge only posts of others")
    with app.database.read() as tx:
        judged = history.judged(tx, [stored.id for stored in found.versions], clocks_of(app))
    if judged is None:
        raise RefusedError(f"{reference!r} was not judged by rules: `milepost explain` shows its whole life")
    return Meant(judged.post, judged.around, judged)


def asked(app: App, reference: str, which: Which | None = None) -> Asked:
    """Find what a person means, and the rules to ask.

    Args:
        reference: As `meant` takes it.
        which: None asks the rules of then about a post that was judged, and the files about one that was only typed:
            who types a post tries out an edit.

    Raises:
        NotFoundError: Nothing has this name, or no rules are in force.
        RefusedError: No rule has judged it, or the JSON makes no post.
        RuleError: The files are asked, and have mistakes.
    """
    found = meant(app, reference)
    judged = found.judged
    if judged is None:
        which = Which.FILES if which in (None, Which.THEN) else which
        rule_set = in_force(app) if which is Which.NOW else on_disk(app)
        return Asked(found.post, found.around, rule_set, which)
    if which in (None, Which.THEN) and judged.rule_set is not None:
        which, rule_set = Which.THEN, app.compile_rules(judged.rule_set)
    elif which is Which.FILES:
        rule_set = on_disk(app)
    else:
        which, rule_set = Which.NOW, in_force(app)
    moved = tuple(sorted(rule_set.clocks - judged.clocks))
    return Asked(judged.post, judged.around, rule_set, which, judged.post_id, judged.at, judged.outcome, moved)


def _typed(given: str, now: datetime) -> tuple[Post, Circumstances]:
    try:
        return build(msgspec.json.decode(given), now)
    except msgspec.DecodeError as error:
        raise RefusedError(f'this is no JSON: {error}: write the fields of an example, as {{"text": "…"}}') from error
    except SampleError as error:
        place = f"{'.'.join(error.path)}: " if error.path else ""
        raise RefusedError(f"{place}{error}{f': {error.hint}' if error.hint else ''}") from error


def in_force(app: App) -> RuleSet:
    """The rules in force.

    Raises:
        NotFoundError: None are.
    """
    with app.database.read() as tx:
        active = rulesets.active(tx, rulesets.RULES)
    if active is None:
        raise NotFoundError("no rules are in force yet: `milepost run` adopts those of the rule folder")
    return app.compile_rules(active)


def explained(app: App, found: Asked) -> Explanation:
    """Every rule and clause, with the values that it saw."""
    return explain(found.rule_set, found.post, found.around, default=app.desk.default, publish_at=app.desk.publish_at)


def why_not_so(app: App, found: Asked, wanted: Verdict) -> WhyNot:
    """The fewest clauses that would have to differ for a verdict."""
    return why_not(
        found.rule_set, found.post, found.around, wanted, default=app.desk.default, publish_at=app.desk.publish_at
    )


def on_disk(app: App, folder: Path | None = None, *, before: RuleSet | None = None) -> RuleSet:
    """The rules as they stand in a folder, whether they are in force or not.

    Args:
        folder: None for the configured one.
        before: The rules in force, to notice files that have lost all of theirs.

    Raises:
        NotFoundError: There is no such folder.
        RuleError: They have mistakes.
    """
    where = folder or app.rules_folder
    if not where.is_dir():
        raise NotFoundError(f"{where}: there is no such folder: name the one with the rule files")
    found = adopt.read(where)
    if found.problems:
        raise RuleError(tuple(Mistake(f"{where}/{name}", 0, 0, why) for name, why in found.problems))
    shown = str(where) if folder else app.settings.rules.folder
    return load_rules(found.files, name_hint=shown, before=before, desk=app.desk)


def clocks_of(app: App) -> Mapping[str, datetime]:
    """Starts of the event clocks as they stand today."""
    return {name: clock.start_at for name, clock in app.desk.clocks.items()}
