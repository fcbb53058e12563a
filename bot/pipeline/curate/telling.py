"""What follows from verdicts: journal lines, updates that go live, change or are taken off."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.compose import compose
from bot.core.desk import Desk
from bot.core.model import Update, UpdateState, Verdict
from bot.pipeline.curate.case import Case, overrule, settle, with_story
from bot.store import coverage, feed, journal, posts
from bot.store.database import Transaction
from bot.store.posts import Arrival, Decision

SUPERSEDED = "edited: the later version stands for it"


def write(tx: Transaction, desk: Desk, cases: Sequence[Case], now: datetime, *, told: set[int]) -> int:
    """Write verdicts, their lines, and all that follows for the feed; gives how many updates changed.

    Args:
        told: Stories that are told already, those of these cases included.
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
    more: dict[int, int] = {}
    for case in cases:
        if case.tell:
            _tell(tx, desk, case, now)
            changed += 1
        elif case.revise is not None:
            _revise(tx, desk, case, case.revise, now)
            changed += 1
        elif case.untell is not None:
            coverage.untell(
                tx,
                case.untell,
                at=now,
                by="author",
                why="edited by its author",
                note="Edited by its author since; we are looking at it.",
            )
            changed += 1
        elif (
            case.match.size
            and case.by == "rules"
            and case.stored.arrival is not Arrival.BASELINE
            and not case.stored.story_id  # else it was counted when it came
            and not case.stored.post.is_edit
        ):
            more[case.match.story_id] = more.get(case.match.story_id, 0) + 1
    for story_id, count in more.items():
        for update in feed.of_story(tx, story_id) if story_id in told else ():
            if update.state is UpdateState.LIVE:
                feed.change(tx, replace(update, also=update.also + count))
                changed += 1
    return changed


def _tell(tx: Transaction, desk: Desk, case: Case, now: datetime) -> None:
    update = compose(
        case.stored.post,
        desk,
        case.strand,
        now,
        post_id=case.stored.id,
        also=case.match.size,
        redact=case.effects.redact,
        tags=case.effects.tags,
    )
    coverage.tell(
        tx,
        update,
        desk.carriers(case.strand, case.effects.accounts),
        at=now,
        by=case.by,
        why=case.why,
        story_id=case.match.story_id,
        author_id=case.stored.author_id,
        cleared=case.cleared,
    )


def _revise(tx: Transaction, desk: Desk, case: Case, update: Update, now: datetime) -> None:
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
    )
    coverage.revise(tx, changed, at=now, by="author", why="edited by its author, judged again")


def follow_edit(tx: Transaction, case: Case, *, quiet: bool, told: set[int], closed: Mapping[int, str]) -> None:
    """An edit is judged again; what it does to an update that stands depends on the new verdict."""
    post = case.stored.post
    versions = [found.id for found in posts.by_key(tx, post.platform, post.native_id) if found.id != case.stored.id]
    live = [update for update in feed.of_post(tx, versions) if update.state is UpdateState.LIVE]
    older = [
        found
        for found in posts.by_id(tx, versions)
        if found.id < case.stored.id and found.verdict in (Verdict.HOLD, Verdict.WAIT)
    ]
    for found in older:
        line = journal.Line(
            case.stored.post.seen_at,
            "judged",
            "milepost",
            SUPERSEDED,
            post_id=found.id,
            verdict="drop",
        )
        (number,) = journal.write(tx, [line])
        posts.decide(tx, [Decision(found.id, found.story_id or found.id, Verdict.DROP, number, None)])
    before = closed.get(case.match.story_id)
    if not live and before and case.verdict is not Verdict.DROP:
        # an edit opens again what was closed, but only for a person: a full stop more must not bring it back by itself
        case.again_at = None
        overrule(case, Verdict.HOLD, f"edited by its author after it was {before}: waits for a person; {case.why}")
    elif not live:
        settle(case, quiet=quiet, told=told, closed={})
    elif case.verdict is Verdict.PUBLISH and not quiet:
        case.revise = live[-1]
        case.why += f"; edited by its author: update {live[-1].slug} follows"
    else:
        case.untell = live[-1]
        slug = case.untell.slug
        case.why += f"; edited by its author after it was told: update {slug} is taken off until somebody looks"
        if case.verdict is Verdict.PUBLISH:
            overrule(case, Verdict.HOLD, case.why)
