"""Choruses: posts that say the same few words as an update, counted with it.

A chorus goes by the first post that said the words (`first_id`), also after another post stands for all. The update's own post
has a row only where it is not that first one: so later voices still find it.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import and_, func, select, update

from bot.core.model import UpdateState, Verdict
from bot.store.bulk import among, insert
from bot.store.database import Transaction
from bot.store.schema import authors, choruses, gone, posts, updates

_IS_VOICE = choruses.c.post_id != updates.c.post_id


def standing(tx: Transaction, first_ids: Collection[int]) -> dict[int, int]:
    """The live update of each of these choruses: first post -> update; those without one are missing."""
    return {first: number for first, number, state, _ in _told(tx, first_ids) if state == UpdateState.LIVE.value}


def taken_back(tx: Transaction, first_ids: Collection[int]) -> set[int]:
    """Which of these choruses a person withdrew: the post that stood for all is still there, its update is not."""
    return {
        first
        for first, _, state, verdict in _told(tx, first_ids)
        if state == UpdateState.WITHDRAWN.value and verdict == Verdict.PUBLISH.value
    }


def _told(tx: Transaction, first_ids: Collection[int]) -> list[tuple[int, int, str, str]]:
    """Updates that stood for these choruses, oldest first: first post, update, its state, its post's verdict."""
    what = (updates.c.id, updates.c.state, posts.c.verdict)
    itself = select(updates.c.post_id, *what).where(among(tx, updates.c.post_id, first_ids))
    another = (
        select(choruses.c.first_id, *what)
        .join(updates, updates.c.post_id == choruses.c.post_id)
        .where(among(tx, choruses.c.first_id, first_ids))
    )
    found: set[tuple[Any, ...]] = set()
    for statement in (itself, another):
        found.update(tuple(row) for row in tx.run(statement.join(posts, posts.c.id == updates.c.post_id)))
    return sorted(found, key=lambda row: (row[0], row[1]))


def join(tx: Transaction, rows: Iterable[tuple[int, int, int]]) -> None:
    """Keep who says the words of an update: post, the chorus's first post, update. A post belongs to one chorus."""
    values = [{"post_id": post, "first_id": first, "update_id": told} for post, first, told in rows]
    if values:
        statement = insert(choruses, is_sqlite=tx.is_sqlite)
        fresh = {name: statement.excluded[name] for name in ("first_id", "update_id")}
        tx.run(statement.on_conflict_do_update(index_elements=["post_id"], set_=fresh), values)


def leave(tx: Transaction, post_ids: Collection[int]) -> dict[int, int]:
    """Forget that these posts say it; gives by how many voices each update has fewer. An update's own post is no voice."""
    if not post_ids:
        return {}
    mine = among(tx, choruses.c.post_id, post_ids)
    counts = (
        select(choruses.c.update_id, func.count())
        .join(updates, updates.c.id == choruses.c.update_id)
        .where(mine, _IS_VOICE)
        .group_by(choruses.c.update_id)
    )
    found = {int(row[0]): int(row[1]) for row in tx.run(counts)}
    if found:
        tx.run(choruses.delete().where(mine))
    return found


def versions(tx: Transaction, idents: Collection[int]) -> list[int]:
    """Which versions of these posts are counted with an update."""
    found = select(choruses.c.post_id).join(posts, posts.c.id == choruses.c.post_id)
    return [int(number) for number in tx.run(found.where(among(tx, posts.c.ident, idents))).scalars()]


def voices(tx: Transaction, update_id: int) -> list[int]:
    """The posts that are counted with an update and are still there, in the order of arrival."""
    statement = (
        select(choruses.c.post_id)
        .join(updates, updates.c.id == choruses.c.update_id)
        .join(posts, posts.c.id == choruses.c.post_id)
        .outerjoin(gone, gone.c.ident == posts.c.ident)
        .outerjoin(authors, and_(authors.c.id == posts.c.author_id, authors.c.gone_at.is_not(None)))
        .where(
            choruses.c.update_id == update_id,
            _IS_VOICE,
            posts.c.verdict == Verdict.PUBLISH.value,
            gone.c.ident.is_(None),
            authors.c.id.is_(None),
        )
        .order_by(choruses.c.post_id)
    )
    return [int(number) for number in tx.run(statement).scalars()]


def first_of(tx: Transaction, update_id: int, post_id: int) -> int:
    """What the chorus of an update goes by: the first post that said it; the update's own where nobody else does."""
    found = tx.run(select(func.min(choruses.c.first_id)).where(choruses.c.update_id == update_id)).scalar()
    return int(found or post_id)


def update_of(tx: Transaction, post_id: int) -> int:
    """The update that a post is counted with; 0 for none."""
    return int(tx.run(select(choruses.c.update_id).where(choruses.c.post_id == post_id)).scalar() or 0)


def move(tx: Transaction, old_id: int, new_id: int) -> None:
    """Count with another update what was counted with one."""
    tx.run(update(choruses).where(choruses.c.update_id == old_id).values(update_id=new_id))
