"""One post on its way to a verdict, and what stands above the rules."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

import msgspec

from bot.core.model import Update, Verdict
from bot.core.rules.circumstances import Circumstances, Effects, Ruling
from bot.core.rules.facts import keep
from bot.core.stories.match import Match
from bot.store.authors import AuthorHistory
from bot.store.posts import Arrival, StoredPost

SUPERSEDED = "edited: the later version stands for it"
_NO_EFFECTS = Effects()
_WORDS_CHARS = 400  # of what matched, as much as a person reads


class Case(msgspec.Struct):
    """One post on its way to a verdict.

    Attributes:
        by: "rules", a person's name, "author", or "milepost".
        rule_set_id: The set whose next edit judges this post again; None for never.
        details: What the journal keeps; None where no rule was asked.
        effects: What rules do beside the verdict.
        ruling: What the rules say; None where they were not asked.
        around: What they saw.
        cleared: A person looked at it: quiet mode lets it go.
        tell: Becomes an update now.
        revise: The update that follows an edit.
        untell: The update that is taken off.
        said_already: It is taken off since another update says what the post says now.
        chorus: The post that said the same few words first; 0 for none.
        joins: It is counted with those who said it, and has no update of its own.
        objection: What speaks against showing it, where a person may decide all the same; "" for nothing.
        asked_id: The set that was asked although something above the rules decided; None elsewhere.
    """

    stored: StoredPost
    match: Match
    verdict: Verdict
    by: str
    why: str
    rule: str = ""
    rule_set_id: int | None = None
    again_at: datetime | None = None
    strand: str = ""
    details: dict[str, Any] | None = None
    effects: Effects = _NO_EFFECTS
    ruling: Ruling | None = None
    around: Circumstances | None = None
    cleared: bool = False
    tell: bool = False
    revise: Update | None = None
    untell: Update | None = None
    said_already: bool = False
    chorus: int = 0
    joins: bool = False
    asked_id: int | None = None
    objection: str = ""


def settle(case: Case, *, quiet: bool, told: AbstractSet[int], closed: Mapping[int, str]) -> None:
    """What stands above the rules: a story that is told or closed, lateness, quiet mode."""
    if case.by != "rules" or case.verdict is Verdict.DROP:
        return
    story, same = case.match.story_id, case.match.reason or "same story"
    before = closed.get(story)
    if story in told:
        overrule(case, Verdict.DROP, f"story {story} is told already ({same})")
    elif before == "rejected":
        overrule(case, Verdict.DROP, f"story {story} was rejected by a person ({same})")
    elif before == "withdrawn":
        overrule(case, Verdict.HOLD, f"story {story} was told and withdrawn: a copy of it waits for a person ({same})")
    elif before == "removed":
        overrule(
            case, Verdict.HOLD, f"story {story} was removed at its source: a copy of it waits for a person ({same})"
        )
    elif before == "partly rejected":
        overrule(case, Verdict.HOLD, f"a part of story {story} was rejected by a person: waits for a person ({same})")
    elif case.match.said_by_us and case.stored.post.repost_of:
        overrule(case, Verdict.DROP, f"repeats what our own account says ({same})")
    elif case.match.said_by_us and case.verdict is not Verdict.HOLD:
        case.again_at = None
        overrule(case, Verdict.HOLD, f"our own account says it already{_alike(case)}: a person decides; {case.why}")
    elif near := _near(case.match, told, closed):
        overrule(case, Verdict.HOLD, near)
    elif case.objection and case.verdict is not Verdict.HOLD:
        case.again_at = None
        overrule(case, Verdict.HOLD, f"{case.objection}; {case.why}")
    elif case.stored.arrival is Arrival.LATE and case.verdict is not Verdict.HOLD:
        case.again_at = None
        overrule(case, Verdict.HOLD, f"came late: made at {case.stored.post.created_at:%Y-%m-%d %H:%M} UTC; {case.why}")
    elif quiet and case.verdict is Verdict.PUBLISH:
        overrule(case, Verdict.HOLD, f"quiet mode: waits for a look; {case.why}")
    elif (
        case.verdict is Verdict.PUBLISH and case.match.pictured_in and not case.match.reason and not _is_official(case)
    ):
        overrule(case, Verdict.HOLD, f"carries the same picture as {_pictured(case)}: a person decides; {case.why}")
    elif case.verdict is Verdict.PUBLISH:
        case.tell = True


def _alike(case: Case) -> str:
    return f" (post {case.match.alike_id})" if case.match.alike_id else ""


def _near(match: Match, told: AbstractSet[int], closed: Mapping[int, str]) -> str:
    """Why a post waits that is no copy of what was taken back, but near it; "" where it is not."""
    for story, what in ((match.update_of, "words near to it"), (match.pictured_in, "its picture")):
        if story and story not in told and closed.get(story) in ("removed", "withdrawn"):
            return f"story {story} was {closed[story]}: {what} with something new: waits for a person"
    return ""


def _is_official(case: Case) -> bool:
    """Whether the desk takes its author's word: a stranger who posted their picture first does not silence them."""
    return case.around is not None and case.around.is_official


def _pictured(case: Case) -> str:
    """The story that carries the picture of a case, too, as people are told of it."""
    alike = f" (post {case.match.alike_id})" if case.match.alike_id and not case.match.reason else ""
    return f"story {case.match.pictured_in}{alike}"


def overrule(case: Case, verdict: Verdict, why: str) -> None:
    """No rule decided; what is held so is not judged again after an edit of the rules."""
    if case.details is not None:  # what the rules said, for explanations and counts
        case.details.setdefault("ruled", case.verdict.value)
        if case.rule:
            case.details.setdefault("rules", [case.rule])
    case.verdict, case.why, case.rule = verdict, why, ""
    if verdict is Verdict.HOLD:
        case.asked_id, case.rule_set_id = case.asked_id or case.rule_set_id, None


def dropped(stored: StoredPost, match: Match, by: str, why: str) -> Case:
    """A case that no rule is asked about."""
    return Case(stored, match, Verdict.DROP, by, why)


def taken_off(
    stored: StoredPost,
    match: Match,
    stones: Mapping[int, str],
    history: AuthorHistory,
    refused: Mapping[int, str],
    newest: Mapping[int, int],
) -> Case | None:
    """The case of a post that no rule has a say in; None for every other.

    Args:
        stones: Tombstones by the posts' short names.
        history: Its author's.
        refused: Why posts may not be shown, by their ids. An edit goes on: it takes off what said it before.
        newest: The last version of each post, by short names.
    """
    if stone := stones.get(stored.ident):
        return dropped(stored, match, "author", f"{stone} at its source before it was judged")
    if history.is_gone:
        return dropped(stored, match, "author", f"the author's account is gone ({history.gone_reason})")
    if newest[stored.ident] != stored.id:
        return dropped(stored, match, "milepost", SUPERSEDED)
    if stored.id in refused and not stored.post.is_edit:
        return dropped(stored, match, "milepost", refused[stored.id])
    return None


def refuse(case: Case, why: str) -> None:
    """What speaks against an edit: it is dropped where it may not be shown, and waits where a person decides."""
    if why:
        case.again_at = None
        overrule(case, Verdict.DROP, why)
    elif case.objection and case.verdict is Verdict.PUBLISH:
        overrule(case, Verdict.HOLD, f"{case.objection}; {case.why}")


def details(ruling: Ruling, around: Circumstances, starts: Mapping[str, str]) -> dict[str, Any]:
    """What is needed to apply this judgement later, and to explain and replay it with the facts of then.

    Args:
        starts: Of the event clocks that the rules ask for.
    """
    found: dict[str, Any] = {"facts": keep(around, starts)}
    if ruling.effects.strand:
        found["strand"] = ruling.effects.strand
    if ruling.effects.redact:
        found["redact"] = ruling.effects.redact
    if ruling.effects.tags:
        found["tags"] = ruling.effects.tags
    if ruling.effects.accounts:
        found["accounts"] = ruling.effects.accounts
    if ruling.effects.score:
        found["score"] = ruling.effects.score
    if ruling.rules and ruling.rules != (ruling.rule,):
        found["rules"] = ruling.rules  # the ids stand last: the journal is searched for them
    if ruling.shadow:
        found["shadow"] = ruling.shadow
    return found


def with_story(case: Case) -> dict[str, Any] | None:
    """What the journal keeps of a case: its details, and why the post is part of its story."""
    match, kept = case.match, case.details
    if not (match.reason or match.chorus_of):
        return kept
    if kept is None and case.by == "rules":  # what rules judged without facts has no details at all: others read them
        return None
    story: dict[str, Any] = {"post": match.alike_id, "reason": match.reason, "words": match.words[:_WORDS_CHARS]}
    if match.merged:
        story["merged"] = match.merged
    if match.chorus_of:
        story["chorus_of"] = match.chorus_of
    return {"story": story, **(kept or {})}  # first: the ids of the rules stand last
