"""Posts and the verdicts that stand on them. `taking` stores them, curate reads them with `unjudged` and writes `decide`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import IntEnum

import msgspec
from sqlalchemy import Text, bindparam, cast, func, select, text, tuple_, update

from bot.core.idents import ident
from bot.core.model import Post, Verdict
from bot.core.stories.signature import is_current, sign
from bot.store import authors, marks
from bot.store.bulk import Bulk, among, stamps
from bot.store.database import AnyRow, AnySelect, Transaction, chunks
from bot.store.schema import bodies, journal, posts, sightings

PARTLY = "partly"  # in the details of a line: what a person had rejected became part of a story that they had not
_PART = 50000
_FORGOTTEN = "signatures"  # the mark that says up to which post they are forgotten
_decode_post = msgspec.json.Decoder(Post).decode


class Arrival(IntEnum):
    """How a post came."""

    LIVE = 0
    LATE = 1
    BASELINE = 2


class StoredPost(msgspec.Struct, frozen=True, gc=False):
    """A post with what the house knows of it.

    Attributes:
        id: Internal number, ascending in the order of arrival.
        ident: Short name of the post, the same for each of its versions (`idents`).
        verdict: None while it is not judged.
        judgement_id: The journal line that decided; 0 for none.
        rule_set_id: 0 where no rule set decided.
        story_id: 0 while it has no story.
        score: What rules say of its rank in the queue.
        signature: What it is compared by; b"" where none is stored.
    """

    id: int
    ident: int
    post: Post
    author_id: int
    arrival: Arrival
    verdict: Verdict | None = None
    judgement_id: int = 0
    rule_set_id: int = 0
    story_id: int = 0
    again_at: datetime | None = None
    score: int = 0
    signature: bytes = b""


class Decision(msgspec.Struct, frozen=True, gc=False):
    """One judgement to be written to its post.

    Attributes:
        score: What rules say of its rank in the queue.
    """

    post_id: int
    story_id: int
    verdict: Verdict
    judgement_id: int
    rule_set_id: int | None
    again_at: datetime | None = None
    score: int = 0


_columns = (
    posts.c.id,
    posts.c.ident,
    bodies.c.body,
    posts.c.author_id,
    posts.c.arrival,
    posts.c.verdict,
    posts.c.judgement_id,
    posts.c.rule_set_id,
    posts.c.story_id,
    posts.c.again_at,
    posts.c.rank,
    bodies.c.signature,
)


def _stored_posts() -> AnySelect:
    return select(*_columns).join(bodies, bodies.c.post_id == posts.c.id)


def _stored(row: AnyRow) -> StoredPost:
    return StoredPost(
        row[0],
        row[1],
        _decode_post(row[2]),
        row[3],
        Arrival(row[4]),
        Verdict(row[5]) if row[5] else None,
        row[6] or 0,
        row[7] or 0,
        row[8] or 0,
        row[9],
        -row[10],
        row[11] or b"",
    )


def _all(tx: Transaction, statement: AnySelect) -> list[StoredPost]:
    return [_stored(row) for row in tx.run(statement).all()]


def unjudged(
    tx: Transaction, limit: int, at_hand: Mapping[int, StoredPost] | None = None, *, without: Sequence[int] = ()
) -> list[StoredPost]:
    """Posts that no verdict stands on, in the order of arrival.

    Args:
        at_hand: Posts that need not be read again, by id, as `take` gave them.
        without: Ids of posts that wait for something else; few.
    """
    statement = select(posts.c.id).where(posts.c.verdict.is_(None))
    if without:
        statement = statement.where(~among(tx, posts.c.id, without))
    ids = tx.run(statement.order_by(posts.c.id).limit(limit)).scalars().all()
    at_hand = at_hand or {}
    read = {stored.id: stored for stored in by_id(tx, [number for number in ids if number not in at_hand])}
    return [at_hand[number] if number in at_hand else read[number] for number in ids]


def due_again(tx: Transaction, now: datetime, limit: int) -> list[StoredPost]:
    """Posts that wait and whose time has come, in the order of their time."""
    return _all(
        tx,
        _stored_posts()
        .where(posts.c.verdict == "wait", posts.c.again_at <= now)
        .order_by(posts.c.again_at, posts.c.id)
        .limit(limit),
    )


def before(tx: Transaction, post_id: int, limit: int, *, since: datetime) -> list[StoredPost]:
    """Posts that came before `post_id`, newest first, seen since a time: what is judged again after an edit of the rules."""
    return _all(
        tx,
        _stored_posts()
        .where(posts.c.id < post_id, posts.c.id >= first_since(tx, since), posts.c.seen_at >= since)
        .order_by(posts.c.id.desc())
        .limit(limit),
    )


def by_id(tx: Transaction, ids: Iterable[int]) -> list[StoredPost]:
    """These posts, in the order of their ids; those that do not exist are missing."""
    found: list[StoredPost] = []
    for part in chunks(sorted(set(ids))):
        found.extend(_all(tx, _stored_posts().where(posts.c.id.in_(part)).order_by(posts.c.id)))
    return found


def by_key(tx: Transaction, platform: str, native_id: str) -> list[StoredPost]:
    """Every version of a post, oldest first; empty where it was never seen."""
    return _all(tx, _stored_posts().where(posts.c.ident == ident(platform, native_id)).order_by(posts.c.id))


def of_story(tx: Transaction, story_id: int) -> list[StoredPost]:
    """All posts of a story in the order of arrival."""
    return _all(tx, _stored_posts().where(posts.c.story_id == story_id).order_by(posts.c.id))


def of_stories(tx: Transaction, story_ids: Iterable[int]) -> list[StoredPost]:
    """All posts of these stories in the order of arrival."""
    found: list[StoredPost] = []
    for part in chunks(list(set(story_ids))):
        found.extend(_all(tx, _stored_posts().where(posts.c.story_id.in_(part))))
    return sorted(found, key=lambda stored: stored.id)


def of_author(tx: Transaction, author_id: int) -> list[StoredPost]:
    """All posts of an author in the order of arrival."""
    return _all(tx, _stored_posts().where(posts.c.id.in_(authors.post_ids([author_id]))).order_by(posts.c.id))


def signatures(
    tx: Transaction, *, since: datetime, limit: int
) -> Iterator[tuple[Sequence[int], Sequence[int], Sequence[int], Sequence[bytes], datetime]]:
    """What the last posts that belong to a story are compared by, oldest first, in parts: the story index is built from it.

    A million of them come after a start, while everything waits: columns of plain values.

    Args:
        since: When they were seen, about: a few earlier ones may be among them.
        limit: The most posts, the newest.

    Yields:
        Post ids, stories, authors and signatures of a part, and when the last of it was seen; a signature that this program
        cannot read is made anew.
    """
    first = first_since(tx, since)
    oldest = tx.run(
        select(posts.c.id)
        .where(posts.c.story_id.is_not(None), posts.c.id >= first)
        .order_by(posts.c.id.desc())
        .offset(limit)
    ).scalar()
    first = max(first, (oldest or 0) + 1)
    columns = (posts.c.id, posts.c.story_id, posts.c.author_id, bodies.c.signature)
    found = select(*columns).join(bodies, bodies.c.post_id == posts.c.id).where(posts.c.story_id.is_not(None))
    while rows := tx.plain(found.where(posts.c.id >= first).order_by(posts.c.id).limit(_PART)):
        ids, told, by, signed = zip(*rows, strict=True)
        first = ids[-1] + 1
        (seen_at,) = tx.run(select(posts.c.seen_at).where(posts.c.id == ids[-1])).one()
        if not all(map(is_current, signed)):
            fresh = by_id(
                tx, [number for number, signature in zip(ids, signed, strict=True) if not is_current(signature)]
            )
            signatures = sign([one.post for one in fresh], [one.ident for one in fresh])
            made = dict(zip([one.id for one in fresh], signatures, strict=True))
            signed = tuple(made.get(number, signature) for number, signature in zip(ids, signed, strict=True))
        yield ids, told, by, signed, seen_at


def forget_signatures(tx: Transaction, before: datetime, limit: int) -> int:
    """Forget what posts seen before a time were compared by, the oldest first, at most `limit` posts; gives how many.

    How far it has come is kept, so that none is looked at twice.
    """
    done = int(marks.get(tx, _FORGOTTEN) or 0)
    end = min(first_since(tx, before), done + limit)
    if end <= done:
        return 0
    tx.run(update(bodies).where(bodies.c.post_id > done, bodies.c.post_id <= end).values(signature=None))
    marks.put(tx, _FORGOTTEN, str(end))
    return end - done


def first_since(tx: Transaction, since: datetime) -> int:
    """About the first post seen since a time, by halving: ids and times grow together, and no index over times is needed."""
    low, high = 0, newest_id(tx)
    while low < high:
        middle = (low + high) // 2
        row = tx.run(select(posts.c.seen_at).where(posts.c.id > middle).order_by(posts.c.id).limit(1)).first()
        if row is not None and row[0] < since:
            low = middle + 1
        else:
            high = middle
    return max(0, low - 1000)  # two sources do not see in step


def newest_id(tx: Transaction) -> int:
    """The id of the newest post; 0 where there is none."""
    return int(tx.run(select(posts.c.id).order_by(posts.c.id.desc()).limit(1)).scalar() or 0)


def newest_versions(tx: Transaction, idents: Iterable[int]) -> dict[int, int]:
    """The newest version of each of these posts: ident -> id."""
    found = select(posts.c.ident, func.max(posts.c.id)).where(among(tx, posts.c.ident, idents))
    return {int(row[0]): int(row[1]) for row in tx.run(found.group_by(posts.c.ident))}


def of_ident(tx: Transaction, key: int) -> list[StoredPost]:
    """Every version of the post with this ident, oldest first."""
    return _all(tx, _stored_posts().where(posts.c.ident == key).order_by(posts.c.id))


_decide = Bulk(
    lambda _: (
        update(posts)
        .where(posts.c.id == bindparam("b_id"))
        .values(
            story_id=bindparam("b_story"),
            verdict=bindparam("b_verdict"),
            judgement_id=bindparam("b_judgement"),
            rule_set_id=bindparam("b_rule_set"),
            again_at=bindparam("b_again"),
            rank=bindparam("b_rank"),
        )
    ),
    ("b_story", "b_verdict", "b_judgement", "b_rule_set", "b_again", "b_rank", "b_id"),
)


def decide(tx: Transaction, decisions: Sequence[Decision]) -> None:
    """Write verdicts to their posts, whatever stood there; the caller holds the curate lease."""
    stamp = stamps(tx)
    _decide.run(
        tx,
        [
            (
                found.story_id,
                found.verdict.value,
                found.judgement_id,
                found.rule_set_id,
                stamp(found.again_at),
                -found.score,
                found.post_id,
            )
            for found in decisions
        ],
    )


def decide_if(tx: Transaction, decision: Decision, *, judgement_id: int) -> bool:
    """Write a verdict only if the judgement that it replaces still stands; False where another came first."""
    statement = (
        update(posts)
        .where(posts.c.id == decision.post_id, posts.c.judgement_id == judgement_id)
        .values(
            verdict=decision.verdict.value,
            judgement_id=decision.judgement_id,
            rule_set_id=decision.rule_set_id,
            again_at=decision.again_at,
        )
    )
    return tx.run(statement).rowcount == 1


def closed_stories(tx: Transaction, story_ids: Iterable[int]) -> dict[int, str]:
    """Which of these stories a person rejected ("rejected") or whose post was removed at its source ("removed").

    "partly rejected" where what a person rejected was another story then, which turned out to be one with this (`PARTLY`).
    What a person dropped because another copy of it was told, or is told, is no rejection: that line has details.
    """
    found: dict[int, str] = {}
    rejected: list[tuple[int, int, int]] = []
    for part in chunks(list(set(story_ids))):
        statement = (
            select(posts.c.story_id, journal.c.by, posts.c.id, posts.c.judgement_id)
            .join(journal, journal.c.id == posts.c.judgement_id)
            .where(
                posts.c.story_id.in_(part),
                posts.c.verdict == "drop",
                posts.c.rule_set_id.is_(None),
                journal.c.by != "milepost",
                journal.c.details.is_(None),
            )
        )
        for row in tx.run(statement):
            if row[1] == "author":
                found.setdefault(row[0], "removed")
            else:
                rejected.append((row[0], row[2], row[3]))
    moved = _moved_as_part(tx, [post_id for _, post_id, _ in rejected]) if rejected else {}
    for story, post_id, line in rejected:
        is_part = moved.get(post_id, 0) > line
        if not is_part or found.get(story) != "rejected":
            found[story] = "partly rejected" if is_part else "rejected"
    return found


def _moved_as_part(tx: Transaction, post_ids: Sequence[int]) -> dict[int, int]:
    """Which of these posts were rejected as a story that became part of another: post -> the journal line that says so.

    One that a person has split off since is missing.
    """
    found: dict[int, int] = {}
    for part in chunks(list(post_ids)):
        statement = select(journal.c.id, journal.c.post_id, journal.c.what, journal.c.details).where(
            journal.c.post_id.in_(part), journal.c.what.in_(("joined", "split"))
        )
        for number, post_id, what, details in tx.run(statement.order_by(journal.c.id)):
            if what == "split":
                found.pop(post_id, None)
            elif details and PARTLY in msgspec.json.decode(details):
                found[post_id] = number
    return found


def held(tx: Transaction, limit: int, *, after: StoredPost | None = None) -> list[StoredPost]:
    """Posts that wait for a person, the highest score first, then in the order of arrival.

    Args:
        after: The last one that is known; None begins.
    """
    statement = _stored_posts().where(posts.c.verdict == "hold").order_by(posts.c.rank, posts.c.id)
    if after is not None:
        statement = statement.where(tuple_(posts.c.rank, posts.c.id) > tuple_(-after.score, after.id))
    return _all(tx, statement.limit(limit))


def is_approved(stored: StoredPost) -> bool:
    """Whether a person has approved a post that still waits for its time: no rule set stands behind its waiting."""
    return stored.verdict is Verdict.WAIT and not stored.rule_set_id


def embargoed(tx: Transaction, limit: int) -> list[StoredPost]:
    """Posts that wait for their time, the soonest first."""
    statement = _stored_posts().where(posts.c.verdict == "wait").order_by(posts.c.again_at, posts.c.id)
    return _all(tx, statement.limit(limit))


def held_count(tx: Transaction) -> int:
    """How many posts wait for a person."""
    return int(tx.run(select(func.count()).select_from(posts).where(posts.c.verdict == "hold")).scalar_one())


def oldest_held(tx: Transaction) -> datetime | None:
    """When the post was seen that waits for a person the longest; None where none waits."""
    first = tx.run(select(func.min(posts.c.id)).where(posts.c.verdict == text("'hold'"))).scalar()
    return tx.run(select(posts.c.seen_at).where(posts.c.id == first)).scalar() if first else None


def waiting_stories(tx: Transaction) -> int:
    """How many stories a person can decide on: of posts that are held, or that wait for their time."""
    story = func.coalesce(func.nullif(posts.c.story_id, 0), posts.c.id)
    statement = select(func.count(story.distinct())).where(posts.c.verdict.in_(["hold", "wait"]))
    return int(tx.run(statement).scalar_one())


def sightings_of(tx: Transaction, post_ids: Iterable[int]) -> list[tuple[str, datetime]]:
    """Where else these posts were seen, oldest first."""
    rows = tx.run(
        select(sightings.c.source, sightings.c.at)
        .where(sightings.c.post_id.in_(list(post_ids)))
        .order_by(sightings.c.at)
    )
    return [(str(row[0]), row[1]) for row in rows]


def by_url(tx: Transaction, url: str) -> list[StoredPost]:
    """Every version of the post with this permalink. Looks at every post: for a person's question, not for a step."""
    encoded = msgspec.json.encode(url)[1:-1].decode()
    body = cast(bodies.c.body, Text) if tx.is_sqlite else func.convert_from(bodies.c.body, "UTF8")
    found = _all(
        tx, _stored_posts().where(body.contains(f'"url":"{encoded}"', autoescape=True)).order_by(posts.c.id).limit(20)
    )
    return [stored for stored in found if stored.post.url == url]


def counts(tx: Transaction) -> dict[str, int]:
    """How many posts stand under each verdict; "unjudged" for those under none."""
    rows = tx.run(select(posts.c.verdict, func.count()).group_by(posts.c.verdict))
    return {str(row[0] or "unjudged"): int(row[1]) for row in rows}
