"""A person's verdict. Called from console and command line; the same transaction as curate's.

It commits only if the judgement that it replaces still stands, so two editors, or an editor and a rule, never race. A rule
never overrules it; the author's deletion or edit does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core import idents
from bot.core.compose import compose
from bot.core.desk import Desk
from bot.core.errors import NotFoundError, RefusedError
from bot.core.model import Tone, Update, UpdateState, Verdict
from bot.core.reports import QueueItem
from bot.core.rules.facts import effects_of
from bot.store import authors, brakes, coverage, feed, journal, posts, tombstones
from bot.store.database import Database, Transaction
from bot.store.posts import Decision, StoredPost, is_approved

_PAGE = 500
_EFFECTS = ("strand", "tags", "redact", "accounts")  # of a judgement's details: what becomes of the update


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a person's verdict came to.

    Attributes:
        verdict: "wait" for a post that was approved and is still embargoed.
        update: What was told; None for a rejection, and for what is told later.
        others: How many further posts of the story were settled with it.
        until: When it is told; None for now.
    """

    verdict: Verdict
    update: Update | None = None
    others: int = 0
    until: datetime | None = None


def queue(database: Database, desk: Desk, *, limit: int, now: datetime) -> list[QueueItem]:
    """Stories that a person can decide on, one entry for each.

    Returns:
        Held ones first, the highest score first, then the oldest; then those that wait for their time, the soonest first.
    """
    items: dict[int, QueueItem] = {}
    last: StoredPost | None = None
    with database.read() as tx:
        while len(items) < limit:
            batch = posts.held(tx, _PAGE, after=last)
            if not batch:
                break
            last = batch[-1]
            _add(tx, desk, items, batch, limit, now)
        if len(items) < limit:
            _add(tx, desk, items, posts.embargoed(tx, limit - len(items)), limit, now)
    return list(items.values())


def _add(
    tx: Transaction, desk: Desk, items: dict[int, QueueItem], batch: Sequence[StoredPost], limit: int, now: datetime
) -> None:
    lines = journal.judged(tx, [stored.judgement_id for stored in batch])
    for stored in batch:
        story = stored.story_id or stored.id
        if story in items:
            items[story] = replace(items[story], others=items[story].others + 1)
        elif len(items) < limit:
            why, rule, strand, by = lines.get(stored.judgement_id, ("", "", "", ""))
            items[story] = QueueItem(
                stored.id,
                stored.post,
                why,
                rule,
                story,
                strand=strand or desk.source_strands.get(stored.post.source, ""),
                score=stored.score,
                until=_embargo(stored, now),
                approved_by=by if is_approved(stored) else "",
            )


def _embargo(stored: StoredPost, now: datetime) -> datetime | None:
    """When the post's embargo ends; None where there is none any more."""
    return stored.again_at if stored.again_at is not None and stored.again_at > now else None


def approve(database: Database, desk: Desk, post_id: int, *, now: datetime, by: str, why: str = "") -> Reviewed:
    """Publish a post that is held, or embargoed: an embargoed one is told when its time comes, in this person's name.

    Raises:
        NotFoundError: There is no such post.
        RefusedError: It was decided meanwhile, or quiet mode stops its strand; nothing was changed.
    """
    with database.begin() as tx:
        tx.alone()
        stored = _open(tx, post_id)
        if is_approved(stored):
            who = journal.who(tx, stored.judgement_id)
            when = desk.local(stored.again_at) if stored.again_at else "its time"
            raise RefusedError(f"post {post_id} is approved already by {who}: embargoed until {when}, told then")
        _there(tx, stored)
        details = journal.details(tx, stored.judgement_id) or {}
        effects = effects_of(details)
        strand = effects.strand or desk.source_strands.get(stored.post.source, "")
        official = desk.official(stored.post) is not None
        if brakes.QUIET in brakes.pulled(tx) and not official and desk.strand(strand).tone is Tone.LIGHT:
            raise RefusedError(
                f"post {post_id}: quiet mode is on and strand {strand or '(none)'} is light: "
                "it stays in the queue; approve it after `milepost quiet off`",
            )
        settled = f"told with post {post_id} of the same story"
        if until := _embargo(stored, now):
            reason = f"{why or 'approved'}; embargoed until {desk.local(until)}, told then"
            kept = {name: details[name] for name in _EFFECTS if name in details} or None
            _judge(tx, stored, Verdict.WAIT, now, by, reason, until=until, details=kept)
            others = _settle_others(tx, stored, now, by, settled, Verdict.DROP)
            return Reviewed(Verdict.WAIT, None, others, until)
        _judge(tx, stored, Verdict.PUBLISH, now, by, why)
        others = _settle_others(tx, stored, now, by, settled, Verdict.DROP)
        update = compose(
            stored.post,
            desk,
            strand,
            now,
            post_id=stored.id,
            also=others,
            redact=effects.redact,
            tags=effects.tags,
        )
        told = coverage.tell(
            tx,
            update,
            desk.carriers(strand, effects.accounts),
            at=now,
            by=by,
            why=why or "approved",
            story_id=stored.story_id,
            author_id=stored.author_id,
            cleared=True,
        )
    return Reviewed(Verdict.PUBLISH, told, others)


def reject(database: Database, post_id: int, *, now: datetime, by: str, why: str = "") -> Reviewed:
    """Drop a post that is held or embargoed, and what waits of the same story.

    Raises:
        NotFoundError: There is no such post.
        RefusedError: It was decided meanwhile; nothing was changed.
    """
    with database.begin() as tx:
        tx.alone()
        stored = _open(tx, post_id)
        _judge(tx, stored, Verdict.DROP, now, by, why)
        others = _settle_others(
            tx, stored, now, by, why or f"rejected with post {post_id} of the same story", Verdict.DROP
        )
        authors.count_verdict(tx, stored.author_id, rejected=1)
    return Reviewed(Verdict.DROP, None, others)


def _open(tx: Transaction, post_id: int) -> StoredPost:
    found = posts.by_id(tx, [post_id])
    if not found:
        raise NotFoundError(f"post {post_id} does not exist: `milepost queue` lists what waits")
    stored = found[0]
    if stored.verdict not in (Verdict.HOLD, Verdict.WAIT):
        raise RefusedError(f"post {post_id} is not waiting: it is {_word(tx, stored)}")
    if feed.told_stories(tx, [stored.story_id]):
        raise RefusedError(
            f"post {post_id}: its story {stored.story_id} is told already; reject it, or withdraw that update first"
        )
    return stored


def _there(tx: Transaction, stored: StoredPost) -> None:
    """Refuse what its author took down, also where curate has not carried it out yet."""
    stone = tombstones.among_posts(tx, [idents.ident(stored.post.platform, stored.post.native_id)])
    if stone or any(history.is_gone for history in authors.histories(tx, [stored.author_id]).values()):
        raise RefusedError(f"post {stored.id}: its author has taken it down: it is not published")


def _word(tx: Transaction, stored: StoredPost) -> str:
    if stored.verdict is None:
        return "not judged yet: wait a moment"
    who = journal.who(tx, stored.judgement_id)
    if stored.verdict is not Verdict.PUBLISH:
        return f"dropped by {who}"
    told = feed.of_post(tx, [stored.id])
    return f"published by {who}{' and withdrawn since' if told and told[-1].state is UpdateState.WITHDRAWN else ''}"


def _judge(
    tx: Transaction,
    stored: StoredPost,
    verdict: Verdict,
    now: datetime,
    by: str,
    why: str,
    *,
    until: datetime | None = None,
    details: Mapping[str, object] | None = None,
) -> int:
    said = journal.Line(
        now,
        "judged",
        by,
        why,
        post_id=stored.id,
        story_id=stored.story_id,
        verdict=verdict.value,
        details=details,
    )
    (line,) = journal.write(tx, [said])
    decision = Decision(stored.id, stored.story_id, verdict, line, None, until)
    if not posts.decide_if(tx, decision, judgement_id=stored.judgement_id):
        raise RefusedError(
            f"post {stored.id} was decided by somebody else in this moment: look again with `milepost explain {stored.id}`"
        )
    return line


def _settle_others(tx: Transaction, stored: StoredPost, now: datetime, by: str, why: str, verdict: Verdict) -> int:
    others: Sequence[StoredPost] = [
        found
        for found in posts.of_story(tx, stored.story_id)
        if found.id != stored.id and found.verdict in (Verdict.HOLD, Verdict.WAIT)
    ]
    lines = journal.write(
        tx,
        [
            journal.Line(
                now,
                "judged",
                by,
                why,
                post_id=found.id,
                story_id=found.story_id,
                verdict=verdict.value,
                details={"with": stored.id},  # should a person say that they are not one, it is judged by itself
            )
            for found in others
        ],
    )
    posts.decide(
        tx, [Decision(found.id, found.story_id, verdict, line, None) for found, line in zip(others, lines, strict=True)]
    )
    return len(others)
