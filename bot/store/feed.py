"""The coverage feed: updates in the order of their changes.

Every change of an update gives it the next `seq`, under one lock. Whoever draws the page keeps the `seq` up to which it
has drawn: an update that changed has a greater one.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, select

from bot.core.model import Update, UpdateState
from bot.store import marks
from bot.store.database import AnyRow, AnySelect, Transaction
from bot.store.schema import posts, updates

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Update).decode
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def new_slug() -> str:
    """A permanent public name that tells nothing and cannot be guessed."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(8))


def add(tx: Transaction, update: Update, *, story_id: int = 0, author_id: int = 0) -> Update:
    """Store a new update with the next `seq`; gives it back with id, slug and seq."""
    (number,) = tx.reserve(updates, 1)
    seq = marks.next_number(tx, "feed")
    stored = replace(update, id=number, slug=update.slug or new_slug(), seq=seq)
    tx.run(
        updates.insert(),
        {
            **_row(stored),
            "id": number,
            "slug": stored.slug,
            "first_seq": seq if stored.state is UpdateState.LIVE else None,
            "story_id": story_id or None,
            "author_id": author_id or None,
        },
    )
    return stored


def change(tx: Transaction, update: Update) -> Update:
    """Store an update anew under the next `seq`; the slug stays."""
    seq = marks.next_number(tx, "feed")
    stored = replace(update, seq=seq)
    row = _row(stored)
    if stored.state is UpdateState.LIVE:
        row["first_seq"] = func.coalesce(updates.c.first_seq, seq)
    tx.run(updates.update().where(updates.c.id == stored.id).values(row))
    return stored


def _row(update: Update) -> dict[str, Any]:
    return {
        "kind": update.kind.value,
        "state": update.state.value,
        "at": update.at,
        "seq": update.seq,
        "strand": update.strand,
        "tone": update.tone.value,
        "post_id": update.post_id or None,
        "milestone": update.milestone or None,
        "due_at": update.due_at,
        "body": _encode(update),
    }


def _read(row: AnyRow) -> Update:
    return _decode(row[0])


def _all(tx: Transaction, statement: AnySelect) -> list[Update]:
    return [_read(row) for row in tx.run(statement)]


def seq(tx: Transaction) -> int:
    """The feed's last sequence number; 0 for an empty feed."""
    return int(marks.get(tx, "feed") or 0)


def by_slug(tx: Transaction, slug: str) -> Update | None:
    """One update by its public name."""
    return next(iter(_all(tx, select(updates.c.body).where(updates.c.slug == slug))), None)


def by_id(tx: Transaction, number: int) -> Update | None:
    """One update by its internal number."""
    return next(iter(_all(tx, select(updates.c.body).where(updates.c.id == number))), None)


def author_of(tx: Transaction, number: int) -> int:
    """Internal id of the author whose post an update was made from; 0 for our own."""
    return int(tx.run(select(updates.c.author_id).where(updates.c.id == number)).scalar() or 0)


def of_post(tx: Transaction, post_ids: Sequence[int]) -> list[Update]:
    """Updates made from these posts, oldest first."""
    return _all(tx, select(updates.c.body).where(updates.c.post_id.in_(post_ids)).order_by(updates.c.id))


def of_story(tx: Transaction, story_id: int) -> list[Update]:
    """Updates made from a story, oldest first."""
    return _all(tx, select(updates.c.body).where(updates.c.story_id == story_id).order_by(updates.c.id))


def told_stories(tx: Transaction, story_ids: Sequence[int]) -> set[int]:
    """Which of these stories have an update that stands."""
    rows = tx.run(
        select(updates.c.story_id).where(updates.c.story_id.in_(story_ids), updates.c.state == UpdateState.LIVE.value)
    )
    return {int(row[0]) for row in rows}


def told_by_officials(tx: Transaction, story_ids: Collection[int]) -> set[int]:
    """Which of these stories stand in an official's own words."""
    told = updates.c.state == UpdateState.LIVE.value
    rows = tx.run(select(updates.c.story_id, updates.c.body).where(updates.c.story_id.in_(list(story_ids)), told))
    return {int(row[0]) for row in rows if _decode(row[1]).is_official}


def withdrawn_stories(tx: Transaction, story_ids: Sequence[int]) -> set[int]:
    """Which of these stories have an update that was withdrawn."""
    rows = tx.run(
        select(updates.c.story_id).where(
            updates.c.story_id.in_(story_ids), updates.c.state == UpdateState.WITHDRAWN.value
        )
    )
    return {int(row[0]) for row in rows}


def own_words(tx: Transaction, *, after: int, since: datetime, limit: int) -> list[tuple[Update, int]]:
    """What we told ourselves since a time, not from posts, that stands and changed after a `seq`.

    Returns:
        The newest, in the order of their changes, each with its story; 0 where it is not known which one it tells.
    """
    statement = select(updates.c.body, updates.c.story_id).where(
        updates.c.seq > after,
        updates.c.at >= since,
        updates.c.post_id.is_(None),
        updates.c.state == UpdateState.LIVE.value,
    )
    rows = tx.run(statement.order_by(updates.c.seq.desc()).limit(limit)).all()
    return [(_read(row), int(row[1] or 0)) for row in reversed(rows)]


def tells(tx: Transaction, number: int, story_id: int) -> None:
    """Say which story an update of our own tells."""
    tx.run(updates.update().where(updates.c.id == number).values(story_id=story_id))


def live(tx: Transaction, *, limit: int | None = None, shown_to: int | None = None) -> list[Update]:
    """What stands on the page, newest first.

    Args:
        limit: At most so many; None for all.
        shown_to: Only what first went live up to this `seq` (the page is paused); None for all.
    """
    statement = select(updates.c.body).where(updates.c.state == UpdateState.LIVE.value)
    if shown_to is not None:
        statement = statement.where(updates.c.first_seq <= shown_to)
    statement = statement.order_by(updates.c.at.desc(), updates.c.id.desc())
    return _all(tx, statement if limit is None else statement.limit(limit))


def withdrawn(tx: Transaction) -> list[Update]:
    """What once stood on the page and was taken off, newest first."""
    return _all(
        tx,
        select(updates.c.body)
        .where(updates.c.state == UpdateState.WITHDRAWN.value, updates.c.first_seq.is_not(None))
        .order_by(updates.c.at.desc(), updates.c.id.desc()),
    )


def changed_after(tx: Transaction, after: int, limit: int, *, shown_to: int | None = None) -> list[Update]:
    """Updates that once went live and changed after a `seq`, in the order of their changes; `shown_to` as for `live`."""
    statement = select(updates.c.body).where(updates.c.seq > after, updates.c.first_seq.is_not(None))
    if shown_to is not None:
        statement = statement.where(updates.c.first_seq <= shown_to)
    return _all(tx, statement.order_by(updates.c.seq).limit(limit))


def waiting(tx: Transaction) -> list[Update]:
    """Drafts and scheduled updates, soonest first, drafts last."""
    states = [UpdateState.SCHEDULED.value, UpdateState.DRAFT.value]
    return _all(
        tx,
        select(updates.c.body)
        .where(updates.c.state.in_(states))
        .order_by(updates.c.due_at.is_(None), updates.c.due_at, updates.c.id),
    )


def due(tx: Transaction, now: datetime) -> list[Update]:
    """Scheduled updates whose time has come, soonest first."""
    statement = select(updates.c.body).where(updates.c.state == UpdateState.SCHEDULED.value, updates.c.due_at <= now)
    return _all(tx, statement.order_by(updates.c.due_at, updates.c.id))


def counts(tx: Transaction) -> dict[str, int]:
    """How many updates stand in each state."""
    rows = tx.run(select(updates.c.state, func.count()).group_by(updates.c.state))
    return {str(row[0]): int(row[1]) for row in rows}


def live_of_author(tx: Transaction, author_id: int) -> list[Update]:
    """Live updates in the words of an account, oldest first."""
    statement = select(updates.c.body).where(
        updates.c.author_id == author_id, updates.c.state == UpdateState.LIVE.value
    )
    return _all(tx, statement.order_by(updates.c.id))


def live_from_posts(tx: Transaction, source_names: Sequence[str]) -> list[tuple[Update, str]]:
    """Live updates made from posts of these sources, with the post's native id: what a sweep re-checks."""
    statement = (
        select(updates.c.body, posts.c.native_id)
        .join(posts, posts.c.id == updates.c.post_id)
        .where(updates.c.state == UpdateState.LIVE.value, posts.c.source.in_(source_names))
        .order_by(updates.c.id)
    )
    return [(_decode(row[0]), str(row[1])) for row in tx.run(statement)]
