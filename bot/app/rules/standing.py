"""How the rules stand and fared: what runs, what lies on disk, what each rule did."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter

from bot.app import history
from bot.app.hall import App
from bot.app.people import PeopleStatus
from bot.app.people import status as people_status
from bot.app.rules.asking import clocks_of, in_force, on_disk
from bot.core.errors import Mistake, NotFoundError, RuleError
from bot.core.model import Post
from bot.core.rules import history as record
from bot.core.rules.circumstances import Circumstances
from bot.core.rules.fusing import carried
from bot.core.rules.lints import Lint, lint
from bot.core.rules.program import Program
from bot.core.rules.replay import Decided
from bot.core.rules.ruleset import Mode, Rule, RuleSet, name_of
from bot.store import judgements, marks, rulesets
from bot.store.database import Transaction

_TRIED = 200  # posts that tell what a rule costs
SOON = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """How one rule in force fared.

    Attributes:
        mode: "live", "shadow" or "off".
        us: Microseconds that asking it takes for one post; None where there was no post to try.
    """

    rule: Rule
    count: record.RuleCount
    us: float | None


@dataclass(frozen=True, slots=True)
class Stats:
    """How the rules fared.

    Attributes:
        since: From when on.
        posts: How many posts were judged since.
        rows: In file order.
        warnings: What the record says about them.
    """

    since: datetime
    posts: int
    rows: tuple[RuleRow, ...]
    warnings: tuple[Lint, ...]


def stats(app: App, last: timedelta) -> Stats:
    """Count what the rules in force did.

    Raises:
        NotFoundError: None are in force.
    """
    now = app.now()
    rules = in_force(app)
    with app.database.read() as tx:
        counted = record.tally(judgements.told(tx, since=now - last))
        adopted = _adopted(tx, rules, now - timedelta(days=record.SILENT_DAYS))
    over = [one for one in lint(rules, now=now) if one.name == "expired"]
    past = history.decided(app.database, clocks_of(app), limit=_TRIED)
    rows = tuple(
        RuleRow(rule, counted.rules.get(rule.id, record.RuleCount()), _cost(rule, past)) for rule in rules.rules
    )
    warnings = record.lint_history(rules, counted, since=now - last, now=now, adopted=adopted)
    return Stats(now - last, counted.posts, rows, (*over, *warnings))


def _adopted(tx: Transaction, rules: RuleSet, until: datetime) -> dict[str, datetime]:
    """Since when each rule is in force as it is now; what is older than a time is not looked for."""
    today = _definitions(rules.files)
    found: dict[str, datetime] = {}
    same = set(today)
    files: dict[str, str] = {}
    before: dict[str, object] = {}
    for number, at in rulesets.adoptions(tx, rulesets.RULES):
        stored = rulesets.by_id(tx, number)
        if stored is None or not same:
            break
        if stored.files != files:
            files, before = dict(stored.files), _definitions(stored.files)
        same = {name for name in same if before.get(name) == today[name]}
        found.update(dict.fromkeys(same, at))
        if at < until:
            break
    return found


_NO_MATTER = frozenset({"about", "owner", "catches", "spares", "todo_catches", "todo_spares"})


def _definitions(files: Mapping[str, str]) -> dict[str, object]:
    """What each rule asks and does, without what is only said about it."""
    found: dict[str, object] = {}
    for name, text in files.items():
        document = tomllib.loads(text.removeprefix("\ufeff")) if name.endswith(".toml") else {}
        for block in document.get("rule", []):
            asked = {key: value for key, value in block.items() if key not in _NO_MATTER and (key, value) != _LIVE}
            found[block["id"]] = (asked, document.get("file"))
    return found


_LIVE = ("mode", "live")


def _cost(rule: Rule, past: Sequence[Decided]) -> float | None:
    matched = Program([rule.condition]).matched
    begun = perf_counter()
    for one in past:
        matched(one.post, one.around)
    return (perf_counter() - begun) / len(past) * 1e6 if past else None


@dataclass(frozen=True, slots=True)
class RulesStatus:
    """What runs, and what lies in the folder.

    Attributes:
        name: The set in force; "" for none.
        adopted_at: Since when.
        rules: How many rules it has.
        disk: "same", "other" (good, and not in force yet) or "refused".
        people: How the file of people stands beside them.
        mistakes: Why the files on disk are refused.
        shadow: Rules that are only counted.
        off: Rules that are not judged.
        ending: Rules whose `until` comes within a day, and when.
        ended: Rules that are over.
        fused: Rules that were taken out of action by themselves, until they are saved again.
    """

    name: str
    adopted_at: datetime | None
    rules: int
    disk: str
    people: PeopleStatus
    mistakes: tuple[Mistake, ...] = ()
    shadow: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    ending: tuple[tuple[str, datetime], ...] = ()
    ended: tuple[str, ...] = ()
    fused: tuple[str, ...] = ()


def rules_status(app: App) -> RulesStatus:
    """Compare what runs with what lies in the folder."""
    with app.database.read() as tx:
        active = rulesets.active(tx, rulesets.RULES)
        adopted = marks.get(tx, "adopted_at:rules")
    running = app.compile_rules(active) if active else None
    mistakes: tuple[Mistake, ...] = ()
    try:
        files = on_disk(app, before=running).files
        name = name_of(carried(active.files, files)) if active else ""
        disk = "same" if active and name == active.name else "other"
    except RuleError as error:
        disk, mistakes = "refused", error.mistakes
    except NotFoundError as error:
        disk, mistakes = "refused", (Mistake(app.settings.rules.folder, 0, 0, str(error)),)
    rules = running.rules if running else ()
    now = app.now()
    ends = [(rule.id, rule.condition.end) for rule in rules if rule.condition.end and rule.mode is not Mode.OFF]
    return RulesStatus(
        running.name if running else "",
        datetime.fromisoformat(adopted) if adopted else None,
        len(rules),
        disk,
        people_status(app),
        mistakes,
        tuple(rule.id for rule in rules if rule.mode is Mode.SHADOW),
        tuple(rule.id for rule in rules if rule.mode is Mode.OFF),
        tuple((name, end) for name, end in ends if now < end <= now + SOON),
        tuple(name for name, end in ends if end <= now),
        tuple(rule.id for rule in rules if rule.fused),
    )


def last_posts(app: App) -> list[tuple[Post, Circumstances]]:
    """Posts that rules have judged, the newest first: they give the examples of values."""
    return [(one.post, one.around) for one in reversed(history.decided(app.database, clocks_of(app), limit=_TRIED))]
