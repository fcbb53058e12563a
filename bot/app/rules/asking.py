"""Which post and which rules a person means, and why they decided so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from bot.app import look
from bot.app.hall import App
from bot.core.errors import Mistake, NotFoundError, RefusedError, RuleError
from bot.core.model import Post, Verdict
from bot.core.rules.circumstances import Circumstances
from bot.core.rules.examples import SampleError, build
from bot.core.rules.explain import Explanation, explain
from bot.core.rules.facts import recall
from bot.core.rules.ruleset import RuleSet
from bot.core.rules.ruleset import load as load_rules
from bot.core.rules.whynot import WhyNot, why_not
from bot.pipeline import adopt
from bot.store import judgements, rulesets


@dataclass(frozen=True, slots=True)
class Asked:
    """A post as rules saw it, and the rules that are asked about it.

    Attributes:
        post_id: Internal number; 0 for a post that was only typed.
        at: When it was judged; for a typed post, now.
    """

    post: Post
    around: Circumstances
    rule_set: RuleSet
    post_id: int = 0
    at: datetime | None = None


def asked(app: App, reference: str, *, today: bool = False) -> Asked:
    """Find what a person means.

    Args:
        reference: A post's number, `platform:id`, URL or short name; or JSON: the fields of an example (`{"text": "…"}`).
        today: Ask the rules in force, not those of then.

    Raises:
        NotFoundError: Nothing has this name, or no rules are in force.
        RefusedError: No rule has judged it, or the JSON makes no post.
    """
    if reference.lstrip().startswith("{"):
        post, around = _typed(reference, app.now())
        return Asked(post, around, in_force(app))
    found = look.find(app, reference)
    if not found.versions:
        raise RefusedError(f"{reference!r} is our own update: rules judge only posts of others")
    with app.database.read() as tx:
        judged = judgements.of_posts(tx, [stored.id for stored in found.versions])
        kept = rulesets.by_id(tx, judged.rule_set_id) if judged else None
    if judged is None:
        raise RefusedError(f"{reference!r} was not judged by rules: `milepost explain` shows its whole life")
    around = recall(judged.facts, judged.at, clocks_of(app))
    rule_set = in_force(app) if today or kept is None else app.compile_rules(kept)
    return Asked(judged.post, around, rule_set, judged.post_id, judged.at)


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
    return explain(found.rule_set, found.post, found.around, default=app.desk.default)


def why_not_so(app: App, found: Asked, wanted: Verdict) -> WhyNot:
    """The fewest clauses that would have to differ for a verdict."""
    return why_not(found.rule_set, found.post, found.around, wanted, default=app.desk.default)


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
    return load_rules(found.files, name_hint=shown, before=before, clocks=app.desk.clocks)


def clocks_of(app: App) -> Mapping[str, datetime]:
    """Starts of the event clocks as they stand today."""
    return {name: clock.start_at for name, clock in app.desk.clocks.items()}
