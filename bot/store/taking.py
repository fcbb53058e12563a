"""What a source brings, stored: each post once, however often it comes; an edit as a version of its own."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import bindparam, func, select

from bot.core.idents import ident
from bot.core.model import Author, Batch, Post
from bot.core.stories.signature import sign
from bot.store import authors, identities, results, tombstones
from bot.store.bulk import Bulk, among, insert, insert_ignore, stamps
from bot.store.cleaning import clean
from bot.store.database import AnyRow, Transaction
from bot.store.identities import AGAIN, Recognised
from bot.store.posts import Arrival, StoredPost
from bot.store.schema import authors as authors_table
from bot.store.schema import bodies, posts, sightings

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Taken:
    """What a batch came to.

    Attributes:
        new: Ids of posts that were new, ascending.
        again: How many were known already.
        gone: How many known posts or authors it took down.
        kept: The new posts as they stand in the store once this is committed: who judges them need not read them.
        results: How many entrants of races are new or have changed.
        recognised: What came under an id that we did not know and is known all the same; None mostly.
    """

    new: Sequence[int] = ()
    again: int = 0
    gone: int = 0
    kept: Sequence[StoredPost] = ()
    recognised: Recognised | None = None
    results: int = 0


def _insert_posts(is_sqlite: bool) -> Any:
    newest = select(authors_table.c.last_post_id).where(authors_table.c.id == bindparam("b_author")).scalar_subquery()
    before = func.coalesce(bindparam("b_before", type_=authors_table.c.last_post_id.type), newest)
    return insert(posts, is_sqlite=is_sqlite).values(author_before=before).on_conflict_do_nothing()


_insert = Bulk(
    _insert_posts,
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
        "b_before",  # an earlier post of this batch by the same author; without one, the newest that is stored
        "b_author",
    ),
)
_insert_bodies = Bulk(lambda _: bodies.insert(), ("post_id", "body", "signature"))


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
        authors.take_back(tx, batch.back_authors, platform)
    if batch.gone:
        lost += tombstones.take(tx, batch.gone, platform)
    if batch.gone_authors:
        lost += authors.take_gone(tx, batch.gone_authors, platform)
    changed = results.take(tx, source, batch.results, now=now) if batch.results else 0
    if batch.tallies:
        results.take_tallies(tx, source, batch.tallies, now=now)
    return replace(taken, gone=lost, results=changed)


def _take_posts(
    tx: Transaction,
    batch: Sequence[Post],
    source: str,
    tell_from: datetime | None,
    late_from: datetime | None,
    now: datetime,
) -> Taken:
    brought = [(ident(post.platform, post.native_id), post) for post in batch]
    recognised = None
    if any(post.also_known for post in batch):
        brought, recognised = identities.recognise(tx, brought)
    known = _known(tx, {key for key, _ in brought})
    fresh, again = _sort_out(brought, known)
    if known:
        tombstones.lift(tx, {key for key, _, _ in fresh if key in known})
    new_ids = tx.reserve(posts, len(fresh))
    rows: list[tuple[Any, ...]] = []
    taken: list[tuple[int, int, Post, int, Arrival]] = []
    encoded: list[bytes] = []
    first: dict[int, Arrival] = {}  # of the first version of each post of this batch
    stamp = stamps(tx)
    writers = [ident(post.platform, post.author.id) for _, _, post in fresh]
    history: dict[int, tuple[Author, str, int, int]] = {}
    baseline, late, live = Arrival.BASELINE, Arrival.LATE, Arrival.LIVE
    for number, author, (key, version, post) in zip(new_ids, writers, fresh, strict=True):
        is_new = False
        if key in known:
            arrival = Arrival(min(row.arrival for row in known[key].values()))
        elif key in first:
            arrival = first[key]
        else:
            is_new = True
            is_late = late_from is not None and post.created_at < late_from
            arrival = late if is_late else live
            if tell_from is not None and post.created_at < tell_from:
                arrival = baseline
            first[key] = arrival
        if not is_new:
            post = msgspec.structs.replace(post, is_edit=True)  # noqa: PLW2901 - the stored post says that it is an edit
        post, body = _encoded(post)  # noqa: PLW2901 - what no database takes is cleaned
        before = history.get(author)
        history[author] = (post.author, post.platform, (0 if before is None else before[2]) + is_new, number)
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
                None if before is None else before[3],
                author,
            ),
        )
        taken.append((number, key, post, author, arrival))
        encoded.append(body)
    signed = sign([post for _, _, post, _, _ in taken], [key for _, key, _, _, _ in taken])
    words = [(one[0], body, signature) for one, body, signature in zip(taken, encoded, signed, strict=True)]
    kept = [StoredPost(*one, signature=signature) for one, signature in zip(taken, signed, strict=True)]
    if rows:
        _insert.run(tx, rows)
        _insert_bodies.run(tx, words)
        authors.take(tx, history)
    elsewhere = [{"post_id": row.id, "source": source, "at": now} for row in again if row.source != source]
    if elsewhere:
        tx.run(insert_ignore(tx, sightings), elsewhere)
    return Taken(new_ids, len(again), kept=kept, recognised=recognised)


def _known(tx: Transaction, keys: AbstractSet[int]) -> dict[int, dict[str, AnyRow]]:
    """What we have of these posts: their versions in the order in which they came."""
    known: dict[int, dict[str, AnyRow]] = {}
    columns = (posts.c.ident, posts.c.version, posts.c.id, posts.c.source, posts.c.arrival)
    rows = tx.run(select(*columns).where(among(tx, posts.c.ident, keys))).all()
    for row in sorted(rows, key=itemgetter(2)):  # sorted here: asked for in order, SQLite would look at every post
        known.setdefault(row.ident, {})[row.version] = row
    return known


def _sort_out(
    brought: Sequence[tuple[int, Post]], known: Mapping[int, dict[str, AnyRow]]
) -> tuple[list[tuple[int, str, Post]], list[AnyRow]]:
    """What is new, with the version it is kept as, and the rows of what we have as it was brought."""
    latest = {key: next(reversed(versions)).partition(AGAIN)[0] for key, versions in known.items()}
    stored = {key: set(versions) for key, versions in known.items()}
    fresh: list[tuple[int, str, Post]] = []
    again: list[AnyRow] = []
    for key, post in brought:
        version = post.version
        if latest.get(key) == version:
            if key in known:
                again.append(next(reversed(known[key].values())))
            continue
        versions = stored.setdefault(key, set())
        if version in versions:  # edited back to earlier words: a version of its own
            version = f"{version}{AGAIN}{len(versions)}"
        versions.add(version)
        latest[key] = post.version
        fresh.append((key, version, post))
    return fresh, again


def _encoded(post: Post) -> tuple[Post, bytes]:
    """A post and its bytes; NUL and lone surrogates, which no database takes, are replaced."""
    try:
        body = _encode(post)
    except UnicodeEncodeError:
        body = b"\\u0000"
    if b"\\u0000" not in body:
        return post, body
    cleaned = msgspec.convert(clean(msgspec.to_builtins(post)), Post)
    return cleaned, _encode(cleaned)
