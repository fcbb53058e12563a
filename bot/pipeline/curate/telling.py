"""What follows from verdicts: journal lines, updates that go live, change or are taken off."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.compose import compose
from bot.core.desk import Desk
from bot.core.model import Copy, Update
from bot.core.stories.choruses import phrase
from bot.core.stories.differing import Likeness, compare
from bot.core.stories.words import read
from bot.core.text.normal import normalise
from bot.pipeline.curate.case import Case, with_story
from bot.pipeline.curate.chorus import count_voices, hand_over, leave_chorus
from bot.pipeline.curate.crowd import count_in, follow_moves, gather
from bot.pipeline.curate.following import Following, in_turn
from bot.store import choruses, coverage, journal, posts
from bot.store.database import Transaction
from bot.store.posts import Decision

_LOOKING = "Edited by its author since; we are looking at it."
_SAID_ALREADY = "Edited by its author since; another update says the same."


def write(
    tx: Transaction, desk: Desk, cases: Sequence[Case], now: datetime, *, told: set[int], quiet: bool = False
) -> int:
    """Write verdicts, their lines, and all that follows for the feed; gives how many updates changed.

    Args:
        told: Stories that are told already, those of these cases included.
        quiet: Quiet mode is on: what takes over from another waits for a look where it is light.
    """
    lines = journal.write(
        tx,
        [
            journal.Line(
                now,
                "judged",
                case.by,
                case.why,
                post_id=case.stored.id,
                story_id=case.match.story_id,
                verdict=case.verdict.value,
                rule=case.rule or None,
                rule_set_id=case.rule_set_id or case.asked_id,
                details=with_story(case),
            )
            for case in cases
        ],
    )
    posts.decide(
        tx,
        [
            Decision(
                case.stored.id,
                case.match.story_id,
                case.verdict,
                line,
                case.rule_set_id,
                case.again_at,
                case.effects.score,
            )
            for case, line in zip(cases, lines, strict=True)
        ],
    )
    changed = 0
    for case in cases:
        if case.revise is not None:
            changed += _revise(tx, desk, case, case.revise, now, quiet=quiet)
        elif case.untell is not None:
            coverage.untell(
                tx,
                case.untell,
                at=now,
                by="author",
                why="edited by its author",
                note=_SAID_ALREADY if case.said_already else _LOOKING,
            )
            changed += 1 + _pass_on(tx, desk, case.untell, now, quiet=quiet)
    changed += leave_chorus(tx, cases)
    company = gather(tx, desk, cases)
    following = Following(tx, cases)
    told_now: dict[int, Update] = {}
    for case in in_turn(cases):
        if case.tell:
            also, listed = company.get(case.stored.id, (0, ()))
            update = _tell(tx, desk, case, now, also=also, listed=listed, follows=following.slug(case))
            following.keep(case, update)
            told_now[case.stored.id] = update
    changed += len(told_now)
    changed += count_in(tx, desk, cases, told) + follow_moves(tx, desk, cases)
    return changed + count_voices(tx, cases, told_now)


def _tell(
    tx: Transaction, desk: Desk, case: Case, now: datetime, *, also: int, listed: tuple[Copy, ...], follows: str
) -> Update:
    update = compose(
        case.stored.post,
        desk,
        case.strand,
        now,
        post_id=case.stored.id,
        also=also,
        redact=case.effects.redact,
        tags=case.effects.tags,
    )
    if listed or follows:
        update = replace(update, copies=listed, follows=follows)
    accounts, kept = desk.carriers_of(case.stored.post, case.strand, case.effects.accounts)
    return coverage.tell(
        tx,
        update,
        accounts,
        at=now,
        by=case.by,
        why=f"{case.why}; {kept}" if kept else case.why,
        story_id=case.match.story_id,
        author_id=case.stored.author_id,
        cleared=case.cleared,
    )


def _revise(tx: Transaction, desk: Desk, case: Case, update: Update, now: datetime, *, quiet: bool) -> int:
    fresh = compose(
        case.stored.post,
        desk,
        case.strand,
        update.at,
        post_id=case.stored.id,
        also=update.also,
        redact=case.effects.redact,
        tags=case.effects.tags,
    )
    changed = replace(
        fresh,
        id=update.id,
        slug=update.slug,
        seq=update.seq,
        at=update.at,
        accounts=update.accounts,
        note="by its author",
        copies=update.copies,
        follows=update.follows,
        followed=update.followed,
        chorus=update.chorus,
    )
    same_words = normalise(update.text) == normalise(changed.text)
    if not same_words and compare(read(update.text), read(changed.text)).likeness is not Likeness.SAME:
        changed = replace(changed, also=0, copies=())  # those who posted the old words have not said this
    if not same_words and update.chorus:  # what the others said is not this
        changed = replace(changed, chorus=0)
    elif same_words and phrase(case.stored.post, desk.text_alone_chars):
        # those who say it later find it by the post that said it first
        choruses.join(tx, [(case.stored.id, choruses.first_of(tx, update.id, update.post_id), update.id)])
    coverage.revise(tx, changed, at=now, by="author", why="edited by its author, judged again")
    return 1 if same_words else 1 + _pass_on(tx, desk, update, now, quiet=quiet)


def _pass_on(tx: Transaction, desk: Desk, update: Update, now: datetime, *, quiet: bool) -> int:
    """The next of a chorus stands for all where the one that stood for it says something else now."""
    if not update.chorus:
        return 0
    why = f"who said it first has edited it: update {update.slug}; this one says what the others said"
    return hand_over(tx, desk, update, now, why=why, quiet=quiet)
