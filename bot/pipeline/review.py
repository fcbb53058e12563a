"""A person's verdict. Called from console and command line; the same transaction as curate's.

It commits only if the judgement that it replaces still stands, so two editors, or an editor and a rule, never race. A rule
never overrules it; the author's deletion or edit does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.compose import compose
from bot.core.desk import Desk
from bot.core.errors import NotFoundError, RefusedError
from bot.core.model import Tone, Update, UpdateState, Verdict
from bot.core.reports import QueueItem
from bot.store import authors, brakes, coverage, feed, idents, journal, posts, tombstones
from bot.store.database import Database, Transaction
from bot.store.posts import Decision, StoredPost


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a person's verdict came to.

    Attributes:
        update: What was told; None for a rejection.
        others: How many further posts of the story were settled with it.
    """

    verdict: Verdict
    update: Update | None = None
    others: int = 0


def queue(database: Database, desk: Desk, *, limit: int) -> list[QueueItem]:
    """Held stories that wait for a person, oldest first, one entry for each story."""
    items: dict[int, QueueItem] = {}
    after = 0
    with database.read() as tx:
        while len(items) < limit:
            batch = posts.held(tx, 500, after=after)
            if not batch:
                break
            after = batch[-1].id
            lines = journal.judged(tx, [stored.judgement_id for stored in batch])
            for stored in batch:
                story = stored.story_id or stored.id
                if story in items:
                    items[story] = _with_another(items[story])
                elif len(items) < limit:
                    why, rule, strand = lines.get(stored.judgement_id, ("", "", ""))
                    strand = strand or desk.source_strands.get(stored.post.source, "")
                    items[story] = QueueItem(stored.id, stored.post, why, rule, story, strand=strand)
    return list(items.values())


def _with_another(item: QueueItem) -> QueueItem:
    return QueueItem(item.id, item.post, item.why, item.rule, item.story_id, item.others + 1, item.strand)


def approve(database: Database, desk: Desk, post_id: int, *, now: datetime, by: str, why: str = "") -> Reviewed:
    """Publish a held post.

    Raises:
        NotFoundError: There is no such post.
        RefusedError: It was decided meanwhile, or it is embargoed, or quiet mode stops its strand; nothing was changed.
    """
    with database.begin() as tx:
        tx.alone()
        stored = _held(tx, post_id)
        _there(tx, stored)
        effects = journal.details(tx, stored.judgement_id) or {}
        strand = str(effects.get("strand", "")) or desk.source_strands.get(stored.post.source, "")
        official = desk.official(stored.post) is not None
        if brakes.QUIET in brakes.pulled(tx) and not official and desk.strand(strand).tone is Tone.LIGHT:
            raise RefusedError(
                f"post {post_id}: quiet mode is on and strand {strand or '(none)'} is light: "
                "it stays in the queue; approve it after `milepost quiet off`",
            )
        _judge(tx, stored, Verdict.PUBLISH, now, by, why)
        others = _settle_others(tx, stored, now, by, f"told with post {post_id} of the same story", Verdict.DROP)
        update = compose(
            stored.post, desk, strand, now, post_id=stored.id, also=others, redact=effects.get("redact", ())
        )
        told = coverage.tell(
            tx,
            update,
            desk.strand(strand).accounts,
            at=now,
            by=by,
            why=why or "approved",
            story_id=stored.story_id,
            author_id=stored.author_id,
            cleared=True,
        )
    return Reviewed(Verdict.PUBLISH, told, others)


def reject(database: Database, post_id: int, *, now: datetime, by: str, why: str = "") -> Reviewed:
    """Drop a held post, and what waits of the same story.

    Raises:
        NotFoundError: There is no such post.
        RefusedError: It was decided meanwhile; nothing was changed.
    """
    with database.begin() as tx:
        tx.alone()
        stored = _held(tx, post_id)
        _judge(tx, stored, Verdict.DROP, now, by, why)
        others = _settle_others(
            tx, stored, now, by, why or f"rejected with post {post_id} of the same story", Verdict.DROP
        )
        authors.count_verdict(tx, stored.author_id, rejected=1)
    return Reviewed(Verdict.DROP, None, others)


def _held(tx: Transaction, post_id: int) -> StoredPost:
    found = posts.by_id(tx, [post_id])
    if not found:
        raise NotFoundError(f"post {post_id} does not exist: `milepost queue` lists what waits")
    stored = found[0]
    if stored.verdict is Verdict.WAIT:
        until = f"{stored.again_at:%H:%M} UTC" if stored.again_at else "later"
        raise RefusedError(f"post {post_id} is embargoed until {until}: it is decided again then")
    if stored.verdict is not Verdict.HOLD:
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


def _judge(tx: Transaction, stored: StoredPost, verdict: Verdict, now: datetime, by: str, why: str) -> int:
    (line,) = journal.write(
        tx,
        [journal.Line(now, "judged", by, why, post_id=stored.id, story_id=stored.story_id, verdict=verdict.value)],
    )
    if not posts.decide_if(
        tx, Decision(stored.id, stored.story_id, verdict, line, None), judgement_id=stored.judgement_id
    ):
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
            journal.Line(now, "judged", by, why, post_id=found.id, story_id=found.story_id, verdict=verdict.value)
            for found in others
        ],
    )
    posts.decide(
        tx, [Decision(found.id, found.story_id, verdict, line, None) for found, line in zip(others, lines, strict=True)]
    )
    return len(others)
