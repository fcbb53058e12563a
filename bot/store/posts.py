"""Posts, their authors, their tombstones: what was seen.

A batch that comes from a source is stored by `take`; curate reads it back with `unjudged` and writes `decide`.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from typing import Any

import msgspec
from sqlalchemy import Text, bindparam, cast, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.schema import Table
from xxhash import xxh3_64_intdigest

from bot.core.model import Author, Batch, Gone, Post, Verdict
from bot.store.bulk import Bulk, among, stamps
from bot.store.database import AnyRow, AnySelect, Transaction, chunks
from bot.store.schema import authors, gone, journal, posts, sightings

_encode = msgspec.json.Encoder().encode
_decode_post = msgspec.json.Decoder(Post).decode


def ident(platform: str, native_id: str) -> int:
    """64 bits that stand for a post (all its versions) or an account; signed, as databases want them."""
    number = xxh3_64_intdigest(f"{platform}\0{native_id}".encode("utf-8", "surrogatepass"))
    return number - (1 << 64) if number >= 1 << 63 else number


_AGAIN = "~"  # between a version and the count that tells it from an earlier one with the same words


class Arrival(IntEnum):
    """How a post came."""

    LIVE = 0
    LATE = 1
    BASELINE = 2


@dataclass(frozen=True, slots=True)
class StoredPost:
    """A post with what the house knows of it.

    Attributes:
        id: Internal number, ascending in the order of arrival.
        verdict: None while it is not judged.
        judgement_id: The journal line that decided; 0 for none.
        rule_set_id: 0 where no rule set decided.
        story_id: 0 while it has no story.
    """

    id: int
    post: Post
    author_id: int
    arrival: Arrival
    verdict: Verdict | None = None
    judgement_id: int = 0
    rule_set_id: int = 0
    story_id: int = 0
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuthorHistory:
    """What we know of an author from our own work."""

    seen: int = 0
    published: int = 0
    rejected: int = 0
    is_gone: bool = False
    gone_reason: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """One judgement to be written to its post."""

    post_id: int
    story_id: int
    verdict: Verdict
    judgement_id: int
    rule_set_id: int | None
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What a batch came to.

    Attributes:
        new: Ids of posts that were new, ascending.
        again: How many were known already.
        gone: How many known posts or authors it took down.
        kept: The new posts as they stand in the store once this is committed: who judges them need not read them.
    """

    new: Sequence[int] = ()
    again: int = 0
    gone: int = 0
    kept: Sequence[StoredPost] = ()


def insert_ignore(tx: Transaction, table: Table) -> Any:
    """An INSERT that passes over rows whose key exists; each database spells it its own way."""
    return (insert_sqlite(table) if tx.is_sqlite else insert_postgresql(table)).on_conflict_do_nothing()


def _insert_authors(is_sqlite: bool) -> Any:
    statement = insert_sqlite(authors) if is_sqlite else insert_postgresql(authors)
    return statement.on_conflict_do_update(
        index_elements=["id"],
        set_={
            "seen": authors.c.seen + statement.excluded.seen,
            "handle": statement.excluded.handle,
            "name": statement.excluded.name,
        },
    )


_insert = Bulk(
    lambda is_sqlite: (insert_sqlite(posts) if is_sqlite else insert_postgresql(posts)).on_conflict_do_nothing(),
    (
        "id",
        "ident",
        "version",
        "platform",
        "native_id",
        "source",
        "author_id",
        "seen_at",
        "arrival",
        "body",
    ),
)
_upsert_authors = Bulk(_insert_authors, ("id", "platform", "native_id", "handle", "name", "seen"))


def take(
    tx: Transaction,
    batch: Batch,
    *,
    source: str,
    platform: str,
    tell_from: datetime | None,
    late_from: datetime | None,
    now: datetime,
) -> Taken:
    """Store what a source brought; each post once, however often it comes.

    Args:
        source: Name of the source.
        platform: Platform of the tombstones in the batch, for sources of one platform; "" where posts say it themselves.
        tell_from: Posts made before this are a baseline; None where the source has none.
        late_from: Posts made before this came late; None where lateness does not matter.
        now: Event time.
    """
    tx.alone("takes")  # a post and its tombstone that come at once by two ways must see each other
    taken = _take_posts(tx, batch.posts, source, tell_from, late_from, now) if batch.posts else Taken()
    lost = 0
    if batch.back_authors:
        _take_back_authors(tx, batch.back_authors, platform)
    if batch.gone:
        lost += _take_gone(tx, batch.gone, platform)
    if batch.gone_authors:
        lost += _take_gone_authors(tx, batch.gone_authors, platform)
    return replace(taken, gone=lost)


def _take_posts(
    tx: Transaction,
    batch: Sequence[Post],
    source: str,
    tell_from: datetime | None,
    late_from: datetime | None,
    now: datetime,
) -> Taken:
    brought = [(ident(post.platform, post.native_id), post) for post in batch]
    known: dict[int, dict[str, AnyRow]] = {}
    for row in tx.run(
        select(posts.c.ident, posts.c.version, posts.c.id, posts.c.source, posts.c.arrival)
        .where(among(tx, posts.c.ident, {key for key, _ in brought}))
        .order_by(posts.c.id)
    ):
        known.setdefault(row.ident, {})[row.version] = row
    latest = {key: next(reversed(versions)).partition(_AGAIN)[0] for key, versions in known.items()}
    stored = {key: set(versions) for key, versions in known.items()}
    fresh: list[tuple[int, str, Post]] = []
    again: list[tuple[AnyRow, Post]] = []
    for key, post in brought:
        version = post.version
        if latest.get(key) == version:
            if key in known:
                again.append((next(reversed(known[key].values())), post))
            continue
        versions = stored.setdefault(key, set())
        if version in versions:  # edited back to earlier words: a version of its own
            version = f"{version}{_AGAIN}{len(versions)}"
        versions.add(version)
        latest[key] = post.version
        fresh.append((key, version, post))
    if known:
        _come_back(tx, {key for key, _, _ in fresh if key in known})
    new_ids = tx.reserve(posts, len(fresh))
    rows: list[tuple[Any, ...]] = []
    first: dict[int, int] = {}  # arrival of the first version of each post of this batch
    kept: list[StoredPost] = []
    stamp = stamps(tx)
    history: dict[int, tuple[Author, str, int]] = {}
    for number, (key, version, post) in zip(new_ids, fresh, strict=True):
        before = known.get(key)
        if before is not None:
            arrival = min(row.arrival for row in before.values())
            post = replace(post, is_edit=True)  # noqa: PLW2901 - the stored post says that it is an edit
        elif key in first:
            arrival = first[key]
            post = replace(post, is_edit=True)  # noqa: PLW2901 - as above
        elif tell_from is not None and post.created_at < tell_from:
            arrival = Arrival.BASELINE
        elif late_from is not None and post.created_at < late_from:
            arrival = Arrival.LATE
        else:
            arrival = Arrival.LIVE
        is_new = before is None and key not in first
        first.setdefault(key, arrival)
        post, body = _encoded(post)  # noqa: PLW2901 - what no database takes is cleaned
        author = ident(post.platform, post.author.id)
        count = history[author][2] if author in history else 0
        history[author] = (post.author, post.platform, count + is_new)
        rows.append(
            (
                number,
                key,
                version,
                post.platform,
                post.native_id,
                source,
                author,
                stamp(post.seen_at),
                int(arrival),
                body,
            ),
        )
        kept.append(StoredPost(number, post, author, Arrival(arrival)))
    if rows:
        _insert.run(tx, rows)
        _take_authors(tx, history)
    elsewhere = [{"post_id": row.id, "source": source, "at": now} for row, _ in again if row.source != source]
    if elsewhere:
        tx.run(insert_ignore(tx, sightings), elsewhere)
    return Taken(new_ids, len(again), kept=kept)


def _take_authors(tx: Transaction, history: Mapping[int, tuple[Author, str, int]]) -> None:
    rows = [
        (key, platform, author.id, author.handle, author.name, count)
        for key, (author, platform, count) in sorted(history.items())  # one order for all: no deadlock on PostgreSQL
    ]
    _upsert_authors.run(tx, rows)


def _come_back(tx: Transaction, idents: AbstractSet[int]) -> None:
    """A new version lifts a tombstone that only said that the post had left our view."""
    if idents:
        tx.run(gone.delete().where(among(tx, gone.c.ident, idents), gone.c.final.is_(False)))


def _encoded(post: Post) -> tuple[Post, bytes]:
    """A post and its bytes; NUL and lone surrogates, which no database takes, are replaced."""
    try:
        body = _encode(post)
    except UnicodeEncodeError:
        body = b"\\u0000"
    if b"\\u0000" not in body:
        return post, body
    cleaned = msgspec.convert(_clean(msgspec.to_builtins(post)), Post)
    return cleaned, _encode(cleaned)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {key: _clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    return value


def _take_gone(tx: Transaction, stones: Sequence[Gone], platform: str) -> int:
    keyed = {ident(stone.platform or platform, stone.id): stone for stone in stones}
    known = set(tx.run(select(posts.c.ident).where(among(tx, posts.c.ident, keyed))).scalars())
    rows = [
        {"ident": key, "at": stone.at, "reason": stone.reason, "handled": key not in known, "final": stone.final}
        for key, stone in keyed.items()
        if stone.final or key in known
    ]
    if rows:
        statement = insert_sqlite(gone) if tx.is_sqlite else insert_postgresql(gone)
        fields = ("at", "reason", "handled", "final")
        upsert = statement.on_conflict_do_update(
            index_elements=["ident"],
            set_={name: statement.excluded[name] for name in fields},
            where=gone.c.final.is_(False),
        )
        tx.run(upsert, rows)
    return len(known)


def _take_gone_authors(tx: Transaction, stones: Sequence[Gone], platform: str) -> int:
    """Also of accounts that never posted here: what comes of them later is gone before it came."""
    count = 0
    for stone in stones:
        place = stone.platform or platform
        key = ident(place, stone.id)
        row = tx.run(select(authors.c.gone_at).where(authors.c.id == key)).first()
        if row is None:
            tx.run(
                insert_ignore(tx, authors).values(
                    id=key,
                    platform=place,
                    native_id=_clean(stone.id),
                    handle="",
                    name="",
                    gone_at=stone.at,
                    gone_reason=stone.reason,
                ),
            )
        elif row[0] is None:
            values = {"gone_at": stone.at, "gone_reason": stone.reason, "gone_handled": False}
            tx.run(update(authors).where(authors.c.id == key).values(values))
            count += 1
    return count


def _take_back_authors(tx: Transaction, ids: Sequence[str], platform: str) -> None:
    """Accounts that are there again: what they say from now on counts; what was taken down stays down."""
    keys = {ident(platform, native_id) for native_id in ids}
    tx.run(
        update(authors)
        .where(among(tx, authors.c.id, keys), authors.c.gone_at.is_not(None))
        .values(gone_at=None, gone_reason="", gone_handled=True),
    )


_columns = (
    posts.c.id,
    posts.c.body,
    posts.c.author_id,
    posts.c.arrival,
    posts.c.verdict,
    posts.c.judgement_id,
    posts.c.rule_set_id,
    posts.c.story_id,
    posts.c.again_at,
)


def _stored(row: AnyRow) -> StoredPost:
    return StoredPost(
        row[0],
        _decode_post(row[1]),
        row[2],
        Arrival(row[3]),
        Verdict(row[4]) if row[4] else None,
        row[5] or 0,
        row[6] or 0,
        row[7] or 0,
        row[8],
    )


def _all(tx: Transaction, statement: AnySelect) -> list[StoredPost]:
    return [_stored(row) for row in tx.run(statement).all()]


def unjudged(tx: Transaction, limit: int, at_hand: Mapping[int, StoredPost] | None = None) -> list[StoredPost]:
    """Posts that no verdict stands on, in the order of arrival.

    Args:
        at_hand: Posts that need not be read again, by id, as `take` gave them.
    """
    ids = tx.run(select(posts.c.id).where(posts.c.verdict.is_(None)).order_by(posts.c.id).limit(limit)).scalars().all()
    at_hand = at_hand or {}
    read = {stored.id: stored for stored in by_id(tx, [number for number in ids if number not in at_hand])}
    return [at_hand[number] if number in at_hand else read[number] for number in ids]


def due_again(tx: Transaction, now: datetime, limit: int) -> list[StoredPost]:
    """Posts that wait and whose time has come, in the order of their time."""
    return _all(
        tx,
        select(*_columns)
        .where(posts.c.verdict == "wait", posts.c.again_at <= now)
        .order_by(posts.c.again_at, posts.c.id)
        .limit(limit),
    )


def before(tx: Transaction, post_id: int, limit: int, *, since: datetime) -> list[StoredPost]:
    """Posts that came before `post_id`, newest first, seen since a time: what is judged again after an edit of the rules."""
    return _all(
        tx,
        select(*_columns)
        .where(posts.c.id < post_id, posts.c.id >= _first_since(tx, since), posts.c.seen_at >= since)
        .order_by(posts.c.id.desc())
        .limit(limit),
    )


def by_id(tx: Transaction, ids: Iterable[int]) -> list[StoredPost]:
    """These posts, in the order of their ids; those that do not exist are missing."""
    found: list[StoredPost] = []
    for part in chunks(sorted(set(ids))):
        found.extend(_all(tx, select(*_columns).where(posts.c.id.in_(part)).order_by(posts.c.id)))
    return found


def by_key(tx: Transaction, platform: str, native_id: str) -> list[StoredPost]:
    """Every version of a post, oldest first; empty where it was never seen."""
    return _all(tx, select(*_columns).where(posts.c.ident == ident(platform, native_id)).order_by(posts.c.id))


def of_story(tx: Transaction, story_id: int) -> list[StoredPost]:
    """All posts of a story in the order of arrival."""
    return _all(tx, select(*_columns).where(posts.c.story_id == story_id).order_by(posts.c.id))


def of_author(tx: Transaction, author_id: int) -> list[StoredPost]:
    """All posts of an author in the order of arrival."""
    return _all(tx, select(*_columns).where(posts.c.author_id == author_id).order_by(posts.c.id))


def recent(tx: Transaction, *, since: datetime, limit: int) -> list[StoredPost]:
    """The last posts that belong to a story, oldest first: what the story index is built from."""
    found = _all(
        tx,
        select(*_columns)
        .where(posts.c.story_id.is_not(None), posts.c.id >= _first_since(tx, since), posts.c.seen_at >= since)
        .order_by(posts.c.id.desc())
        .limit(limit),
    )
    return found[::-1]


def _first_since(tx: Transaction, since: datetime) -> int:
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


def histories(tx: Transaction, author_ids: Iterable[int]) -> dict[int, AuthorHistory]:
    """What is known of these authors; unknown ones are missing."""
    found: dict[int, AuthorHistory] = {}
    statement = select(
        authors.c.id,
        authors.c.seen,
        authors.c.published,
        authors.c.rejected,
        authors.c.gone_at,
        authors.c.gone_reason,
    )
    for row in tx.run(statement.where(among(tx, authors.c.id, set(author_ids)))):
        found[row[0]] = AuthorHistory(row[1], row[2], row[3], row[4] is not None, row[5])
    return found


def count_verdict(tx: Transaction, author_id: int, *, published: int = 0, rejected: int = 0) -> None:
    """Add to what we know of an author."""
    tx.run(
        update(authors)
        .where(authors.c.id == author_id)
        .values(published=authors.c.published + published, rejected=authors.c.rejected + rejected),
    )


def stones_of(tx: Transaction, idents: Iterable[int]) -> dict[int, str]:
    """Tombstones among these posts: ident -> reason."""
    rows = tx.run(select(gone.c.ident, gone.c.reason).where(among(tx, gone.c.ident, set(idents))))
    return {int(row[0]): str(row[1]) for row in rows}


def _to_handle(tx: Transaction, column: Any) -> Any:
    """The condition of the partial index, letter for letter: with a bound value no database would use the index."""
    return text(f"{column.name} = 0" if tx.is_sqlite else f"NOT {column.name}")


def stones_to_handle(tx: Transaction, limit: int) -> list[tuple[int, datetime, str]]:
    """Tombstones of known posts that curate has not carried out: ident, time, reason."""
    rows = tx.run(select(gone.c.ident, gone.c.at, gone.c.reason).where(_to_handle(tx, gone.c.handled)).limit(limit))
    return [(row[0], row[1], row[2]) for row in rows]


def of_ident(tx: Transaction, key: int) -> list[StoredPost]:
    """Every version of the post with this ident, oldest first."""
    return _all(tx, select(*_columns).where(posts.c.ident == key).order_by(posts.c.id))


def stone_handled(tx: Transaction, key: int) -> None:
    """Curate has carried out this tombstone."""
    tx.run(update(gone).where(gone.c.ident == key).values(handled=True))


def authors_to_handle(tx: Transaction, limit: int) -> list[tuple[int, datetime, str]]:
    """Authors whose account is gone and whose posts curate has not taken down: id, time, reason."""
    rows = tx.run(
        select(authors.c.id, authors.c.gone_at, authors.c.gone_reason)
        .where(_to_handle(tx, authors.c.gone_handled))
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def author_handled(tx: Transaction, author_id: int) -> None:
    """Curate has taken down this author's posts."""
    tx.run(update(authors).where(authors.c.id == author_id).values(gone_handled=True))


def forget_stones(tx: Transaction, before_at: datetime) -> int:
    """Drop tombstones of posts that never came, older than a time; those of known posts stay for ever."""
    known = select(posts.c.ident).where(posts.c.ident == gone.c.ident).exists()
    return tx.run(gone.delete().where(gone.c.at < before_at, gone.c.handled.is_(True), ~known)).rowcount


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
        )
    ),
    ("b_story", "b_verdict", "b_judgement", "b_rule_set", "b_again", "b_id"),
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
    """Which of these stories a person rejected ("rejected") or whose post was removed at its source ("removed")."""
    found: dict[int, str] = {}
    for part in chunks(list(set(story_ids))):
        statement = (
            select(posts.c.story_id, journal.c.by)
            .join(journal, journal.c.id == posts.c.judgement_id)
            .where(
                posts.c.story_id.in_(part),
                posts.c.verdict == "drop",
                posts.c.rule_set_id.is_(None),
                journal.c.by != "milepost",
            )
        )
        for row in tx.run(statement):
            if row[1] == "author":
                found.setdefault(row[0], "removed")
            else:
                found[row[0]] = "rejected"
    return found


def held(tx: Transaction, limit: int, *, after: int = 0) -> list[StoredPost]:
    """Posts that wait for a person, in the order of arrival."""
    return _all(
        tx, select(*_columns).where(posts.c.verdict == "hold", posts.c.id > after).order_by(posts.c.id).limit(limit)
    )


def held_count(tx: Transaction) -> int:
    """How many posts wait for a person."""
    return int(tx.run(select(func.count()).select_from(posts).where(posts.c.verdict == "hold")).scalar_one())


def sightings_of(tx: Transaction, post_ids: Iterable[int]) -> list[tuple[str, datetime]]:
    """Where else these posts were seen, oldest first."""
    rows = tx.run(
        select(sightings.c.source, sightings.c.at)
        .where(sightings.c.post_id.in_(list(post_ids)))
        .order_by(sightings.c.at)
    )
    return [(str(row[0]), row[1]) for row in rows]


def find_authors(tx: Transaction, text: str) -> tuple[int, ...]:
    """Accounts whose handle, name or permanent id is this text; handles are compared without case."""
    lowered = text.removeprefix("@").lower()
    statement = select(authors.c.id).where(
        or_(
            func.lower(authors.c.handle) == lowered, authors.c.native_id == text, func.lower(authors.c.name) == lowered
        ),
    )
    return tuple(int(row[0]) for row in tx.run(statement))


def bury(tx: Transaction, platform: str, native_id: str, *, at: datetime, reason: str) -> None:
    """Set a tombstone for a post that we have, or set it anew: curate carries it out."""
    statement = insert_sqlite(gone) if tx.is_sqlite else insert_postgresql(gone)
    row = {"ident": ident(platform, native_id), "at": at, "reason": reason, "handled": False, "final": True}
    tx.run(statement.values(row).on_conflict_do_update(index_elements=["ident"], set_={"handled": False}))


def by_url(tx: Transaction, url: str) -> list[StoredPost]:
    """Every version of the post with this permalink. Looks at every post: for a person's question, not for a step."""
    encoded = msgspec.json.encode(url)[1:-1].decode()
    body = cast(posts.c.body, Text) if tx.is_sqlite else func.convert_from(posts.c.body, "UTF8")
    found = _all(
        tx, select(*_columns).where(body.contains(f'"url":"{encoded}"', autoescape=True)).order_by(posts.c.id).limit(20)
    )
    return [stored for stored in found if stored.post.url == url]


def counts(tx: Transaction) -> dict[str, int]:
    """How many posts stand under each verdict; "unjudged" for those under none."""
    rows = tx.run(select(posts.c.verdict, func.count()).group_by(posts.c.verdict))
    return {str(row[0] or "unjudged"): int(row[1]) for row in rows}
