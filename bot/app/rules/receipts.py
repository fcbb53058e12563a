"""What adopted edits of the rules have left on the page: live updates that the rules would not tell any more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.app import history, look
from bot.app.hall import App
from bot.app.rules.asking import clocks_of, in_force
from bot.core.errors import NotFoundError
from bot.core.model import UpdateState, Verdict
from bot.core.reports import JournalLine, LogFilter
from bot.core.rules.judge import judge
from bot.core.rules.ruleset import RuleSet
from bot.store import feed

_RECEIPTS = 200


@dataclass(frozen=True, slots=True)
class Left:
    """A live update that the rules would not tell any more.

    Attributes:
        update: Its slug.
        text: Its words.
        verdict: What the rules say.
        rule: The rule that decides; "" where it is the default.
        rule_set: The set whose adoption turned it.
        approved_by: The person who approved it: no rule overrules that. "" for nobody.
    """

    update: str
    post_id: int
    text: str
    verdict: str
    rule: str
    rule_set: str
    approved_by: str = ""


@dataclass(frozen=True, slots=True)
class Receipts:
    """What edits came to.

    Attributes:
        last: The receipt that was asked for, or the newest one.
        left: What is live still, by the newest edit first.
    """

    last: JournalLine
    left: tuple[Left, ...]


def receipts(app: App, name: str = "") -> Receipts:
    """Look which live updates adopted edits would not tell any more.

    Args:
        name: The beginning of a rule set's name: what its adoption turned. "" takes all edits, as far as the rules in force
            still say so.

    Raises:
        NotFoundError: No edit was adopted yet, or no set has this name.
    """
    lines = [line for line in look.log(app, LogFilter(what="receipt", limit=_RECEIPTS)) if line.details]
    if not lines:
        raise NotFoundError("no edit of the rules was adopted yet, so there is no receipt")
    wanted = [line for line in lines if line.rule_set.startswith(name)]
    if not wanted:
        known = ", ".join(dict.fromkeys(line.rule_set for line in reversed(lines)))
        raise NotFoundError(f"no adopted rule set is called {name!r}: there are {known}")
    today = None if name else in_force(app)
    found: dict[str, Left] = {}
    for line in reversed(wanted):
        details: Mapping[str, Any] = line.details if isinstance(line.details, dict) else {}
        for one in details.get("off", ()):
            left = _live(app, one, line.rule_set, today)
            if left is not None:
                found.setdefault(left.update, left)
    return Receipts(wanted[-1], tuple(found.values()))


def _live(app: App, one: Mapping[str, Any], rule_set: str, today: RuleSet | None) -> Left | None:
    verdict, rule = str(one["verdict"]), str(one["rule"])
    with app.database.read() as tx:
        update = feed.by_slug(tx, str(one["update"]))
        judged = history.judged(tx, [int(one["post"])], clocks_of(app)) if today else None
    if update is None or update.state is not UpdateState.LIVE:
        return None
    if today is not None and judged is not None:
        ruling = judge(today, judged.post, judged.around, default=app.desk.default)
        against = (
            (Verdict.DROP,) if one["approved_by"] else (Verdict.HOLD, Verdict.DROP)
        )  # a person has looked at a hold
        if ruling.verdict not in against:
            return None
        verdict, rule = ruling.verdict.value, ruling.rule
    text = update.text or update.title
    return Left(update.slug, int(one["post"]), text, verdict, rule, rule_set, str(one["approved_by"]))
