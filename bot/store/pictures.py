"""Pictures of posts: which are to be fetched, and the difference hashes of those that were seen. Never a picture itself.

    owed -> fresh -> known        fresh: examined, and the story index of posts that are judged already has not heard of it
      +---> failed

Hashes are 0 to 2^64 - 1 outside, and signed in the table, as databases want them.
"""

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import bindparam, select, text, update

from bot.core.model import Media
from bot.store.bulk import among, insert_ignore
from bot.store.database import Transaction
from bot.store.posts import first_since
from bot.store.schema import pictures, posts

# The conditions of the partial indexes, letter for letter: with bound values no database would use them.
_IS_OWED = text("pictures.state = 'owed'")
_IS_FRESH = text("pictures.state = 'fresh'")
_IS_EXAMINED = pictures.c.state.in_(("fresh", "known"))
_SHOWN = (pictures.c.post_id, pictures.c.place, pictures.c.hash, pictures.c.cid)
_WRAP = 1 << 64
_MOST_ERROR_CHARS = 300


class Picture(msgspec.Struct, frozen=True, gc=False):
    """One picture of a post that is to be fetched.

    Attributes:
        place: 0 for the post's first picture.
        source: The configured source that can fetch it.
        at: Event time of its post.
        due_at: Machine time; so long its post waits for it. In the past: its post does not wait.
    """

    post_id: int
    place: int
    source: str
    media: Media
    at: datetime
    due_at: datetime


class Seen(msgspec.Struct, frozen=True, gc=False):
    """What became of one picture.

    Attributes:
        hash: 0 to 2^64 - 1; None where it says nothing, or could not be had.
        error: Why it could not be had; "" where it was.
    """

    post_id: int
    place: int
    hash: int | None
    error: str = ""


class Shown(msgspec.Struct, frozen=True, gc=False):
    """Examined pictures of a post.

    Attributes:
        places: Of all of them: also of those that say nothing and have no hash.
        cids: Content hashes, as far as the platform gives them.
    """

    post_id: int
    places: tuple[int, ...]
    hashes: tuple[int, ...]
    cids: tuple[str, ...]


def owe(tx: Transaction, wanted: Sequence[Picture]) -> None:
    """Note pictures that are to be fetched; those that are noted already stay as they are."""
    if wanted:
        rows = [
            {
                "post_id": one.post_id,
                "place": one.place,
                "source": one.source,
                "url": one.media.url,
                "cid": one.media.cid,
                "state": "owed",
                "at": one.at,
                "due_at": one.due_at,
            }
            for one in wanted
        ]
        tx.run(insert_ignore(tx, pictures), rows)


def noted(tx: Transaction, post_ids: Collection[int]) -> AbstractSet[int]:
    """Those of these posts whose pictures are noted, in whatever state."""
    if not post_ids:
        return frozenset()
    return set(tx.run(select(pictures.c.post_id).where(among(tx, pictures.c.post_id, post_ids))).scalars())


def waited_for(tx: Transaction, now: datetime) -> dict[int, datetime]:
    """The posts that wait for a picture, and until when: what was judged now would be judged without it.

    Args:
        now: Machine time.

    Returns:
        Post id -> machine time; all of them are later than `now`.
    """
    found = select(pictures.c.post_id, pictures.c.due_at).where(_IS_OWED, pictures.c.due_at > now)
    return {row[0]: row[1] for row in tx.run(found)}


def owed(tx: Transaction, now: datetime, limit: int, *, source: str) -> list[Picture]:
    """Pictures of one source that are to be fetched: first those that a post waits for, the soonest due first.

    Args:
        now: Machine time.
    """
    columns = pictures.c
    statement = (
        select(columns.post_id, columns.place, columns.source, columns.url, columns.cid, columns.at, columns.due_at)
        .where(_IS_OWED, columns.source == source)
        .order_by(columns.due_at <= now, columns.due_at, columns.post_id, columns.place)
        .limit(limit)
    )
    return [
        Picture(row[0], row[1], row[2], Media("image", row[3], cid=row[4]), row[5], row[6]) for row in tx.run(statement)
    ]


def sources(tx: Transaction) -> list[str]:
    """The sources that pictures are owed of, by the alphabet."""
    return sorted(tx.run(select(pictures.c.source).where(_IS_OWED).distinct()).scalars())


def seen(tx: Transaction, results: Sequence[Seen]) -> None:
    """Write what became of pictures that were owed."""
    if results:
        statement = (
            update(pictures)
            .where(
                pictures.c.post_id == bindparam("b_post"),
                pictures.c.place == bindparam("b_place"),
                pictures.c.state == "owed",
            )
            .values(state=bindparam("b_state"), hash=bindparam("b_hash"), error=bindparam("b_error"))
        )
        rows = [
            {
                "b_post": one.post_id,
                "b_place": one.place,
                "b_state": "failed" if one.error else "fresh",
                "b_hash": None if one.hash is None else _signed(one.hash),
                "b_error": one.error[:_MOST_ERROR_CHARS],
            }
            for one in results
        ]
        tx.run(statement, rows)


def is_late(tx: Transaction, due_before: datetime) -> bool:
    """Whether a picture is owed that no post waits for since a time (machine time)."""
    late = select(pictures.c.post_id).where(_IS_OWED, pictures.c.due_at < due_before).limit(1)
    return tx.run(late).first() is not None


def give_up(tx: Transaction, due_before: datetime, error: str) -> None:
    """Owe no longer what no post waits for since a time (machine time)."""
    statement = update(pictures).where(_IS_OWED, pictures.c.due_at < due_before)
    tx.run(statement.values(state="failed", error=error))


def disown(tx: Transaction, source: str, error: str) -> None:
    """Owe no longer what is owed of a source."""
    tx.run(update(pictures).where(_IS_OWED, pictures.c.source == source).values(state="failed", error=error))


def of_posts(tx: Transaction, post_ids: Collection[int]) -> list[Shown]:
    """The examined pictures of these posts, in the order of the pictures; posts without any are missing."""
    if not post_ids:
        return []
    statement = select(*_SHOWN).where(_IS_EXAMINED, among(tx, pictures.c.post_id, post_ids))
    return _shown(tx.run(statement.order_by(pictures.c.post_id, pictures.c.place)))


def fresh(tx: Transaction, limit: int = 1000) -> list[Shown]:
    """Pictures that are not `known`, of posts that belong to a story: what the story index has not heard of.

    Those of posts that are not judged yet are left out: the index hears of them by `of_posts` when they are.

    Args:
        limit: The most pictures.
    """
    statement = (
        select(*_SHOWN)
        .join(posts, posts.c.id == pictures.c.post_id)
        .where(_IS_FRESH, posts.c.story_id.is_not(None))
        .order_by(pictures.c.post_id, pictures.c.place)
        .limit(limit)
    )
    return _shown(tx.run(statement))


def known(tx: Transaction, heard: Iterable[Shown]) -> None:
    """The story index has heard of these very pictures; another one of the same post may have come meanwhile."""
    rows = [{"b_post": one.post_id, "b_place": place} for one in heard for place in one.places]
    if rows:
        which = (pictures.c.post_id == bindparam("b_post"), pictures.c.place == bindparam("b_place"))
        tx.run(update(pictures).where(_IS_FRESH, *which).values(state="known"), rows)


def since(tx: Transaction, at: datetime) -> list[Shown]:
    """The known pictures of posts seen since a time that belong to a story, oldest first: for building the index.

    What is fresh is not among them: the index hears of it by `fresh`, once.
    """
    statement = (
        select(*_SHOWN)
        .join(posts, posts.c.id == pictures.c.post_id)
        .where(pictures.c.state == "known", pictures.c.post_id >= first_since(tx, at), pictures.c.at >= at)
        .where(posts.c.story_id.is_not(None))
        .order_by(pictures.c.post_id, pictures.c.place)
    )
    return _shown(tx.plain(statement))


def forget(tx: Transaction, before_at: datetime) -> int:
    """Forget the pictures of posts seen before a time (event time); gives how many."""
    return tx.run(pictures.delete().where(pictures.c.at < before_at)).rowcount


def _shown(rows: Iterable[Sequence[Any]]) -> list[Shown]:
    """One for each post, of rows of `_SHOWN` in the order of posts and places."""
    found = []
    for post_id, pictured in groupby(rows, itemgetter(0)):
        _, places, hashes, cids = zip(*pictured, strict=True)
        kept = tuple(number % _WRAP for number in hashes if number is not None)
        found.append(Shown(post_id, places, kept, tuple(filter(None, cids))))
    return found


def _signed(number: int) -> int:
    return number - _WRAP if number >= _WRAP // 2 else number
