"""What a person has approved while it was embargoed: it is told when its time comes, in their name."""

from datetime import datetime

from bot.core.desk import Desk
from bot.core.model import Tone, Verdict
from bot.core.rules.circumstances import Ruling
from bot.core.rules.facts import effects_of
from bot.core.stories.match import Match
from bot.pipeline.curate.case import Case
from bot.store import journal
from bot.store.database import Transaction
from bot.store.posts import StoredPost


def tell_approved(
    tx: Transaction,
    desk: Desk,
    stored: StoredPost,
    match: Match,
    ruling: Ruling,
    now: datetime,
    *,
    told: bool,
    quiet: bool,
) -> Case:
    """The case of an approved post whose time has come.

    Args:
        stored: `is_approved`, and still there at its source.
        match: Its story.
        ruling: What the rules say now: only an embargo that lasts longer still counts.
        now: Event time.
        told: Its story was told meanwhile.
        quiet: Quiet mode is on.
    """
    who = journal.who(tx, stored.judgement_id)
    kept = journal.details(tx, stored.judgement_id)
    effects = effects_of(kept)
    strand = effects.strand or desk.source_strands.get(stored.post.source, "")
    case = Case(stored, match, Verdict.PUBLISH, who, "approved before its time, which has come", strand=strand)
    case.effects, case.details, case.cleared, case.tell = effects, kept, True, True
    later = ruling.effects.again_at
    if told:
        case.verdict, case.by, case.tell = Verdict.DROP, "milepost", False
        case.why = f"approved by {who} before its time; story {match.story_id} is told already"
        case.details = {"with": match.story_id, **(kept or {})}
    elif later is not None and later > now:
        case.verdict, case.again_at, case.tell = Verdict.WAIT, later, False
        case.why = f"approved before its time; the embargo now lasts until {desk.local(later)} (rule {ruling.rule})"
    elif quiet and desk.official(stored.post) is None and desk.strand(strand).tone is Tone.LIGHT:
        case.verdict, case.by, case.tell = Verdict.HOLD, "milepost", False
        case.why = f"approved by {who} before its time; quiet mode: waits for a look"
    return case
