"""One post on its way to a verdict, and what stands above the rules."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.core.model import Update, Verdict
from bot.core.rules.circumstances import Circumstances, Ruling
from bot.core.rules.facts import keep
from bot.core.stories import Match
from bot.store.posts import Arrival, StoredPost


@dataclass(slots=True)
class Case:
    """One post on its way to a verdict."""

    stored: StoredPost
    match: Match
    verdict: Verdict
    by: str
    why: str
    rule: str = ""
    rule_set_id: int | None = None
    again_at: datetime | None = None
    strand: str = ""
    redact: tuple[str, ...] = ()
    details: dict[str, Any] | None = None
    tell: bool = False
    revise: Update | None = None
    untell: Update | None = None


def settle(case: Case, *, quiet: bool, told: AbstractSet[int], closed: Mapping[int, str]) -> None:
    """What stands above the rules: a story that is told or closed, lateness, quiet mode."""
    if case.by != "rules" or case.verdict is Verdict.DROP:
        return
    story = case.match.story_id
    if story in told:
        case.verdict, case.why = Verdict.DROP, f"story {story} is told already ({case.match.reason or 'same story'})"
    elif closed.get(story) == "rejected":
        case.verdict, case.why = (
            Verdict.DROP,
            f"story {story} was rejected by a person ({case.match.reason or 'same story'})",
        )
    elif closed.get(story) == "withdrawn":
        case.verdict, case.rule_set_id = Verdict.HOLD, None
        case.why = f"story {story} was told and withdrawn: a copy of it waits for a person ({case.match.reason or 'same story'})"
    elif closed.get(story) == "removed":
        case.verdict, case.rule_set_id = Verdict.HOLD, None
        case.why = f"story {story} was removed at its source: a copy of it waits for a person ({case.match.reason or 'same story'})"
    elif case.stored.arrival is Arrival.LATE and case.verdict is not Verdict.HOLD:
        case.verdict, case.rule_set_id, case.again_at = Verdict.HOLD, None, None
        case.why = f"came late: made at {case.stored.post.created_at:%Y-%m-%d %H:%M} UTC; {case.why}"
    elif quiet and case.verdict is Verdict.PUBLISH:
        case.verdict, case.rule_set_id = Verdict.HOLD, None
        case.why = f"quiet mode: waits for a look; {case.why}"
    elif case.verdict is Verdict.PUBLISH:
        case.tell = True


def dropped(stored: StoredPost, match: Match, by: str, why: str) -> Case:
    """A case that no rule is asked about."""
    return Case(stored, match, Verdict.DROP, by, why)


def details(ruling: Ruling, around: Circumstances) -> dict[str, Any]:
    """What is needed to apply this judgement later, and to explain and replay it with the facts of then."""
    found: dict[str, Any] = {"facts": keep(around)}
    if len(ruling.rules) > 1:
        found["rules"] = ruling.rules
    if ruling.effects.strand:
        found["strand"] = ruling.effects.strand
    if ruling.effects.redact:
        found["redact"] = ruling.effects.redact
    if ruling.effects.tags:
        found["tags"] = ruling.effects.tags
    if ruling.shadow:
        found["shadow"] = ruling.shadow
    return found
