"""What the plan may wait for among posts: how many came in, and which updates carry a rule's tag."""

from datetime import datetime

import msgspec
from sqlalchemy import exists, func, select

from bot.core.model import Update
from bot.store.database import Transaction
from bot.store.schema import posts, updates

_decode = msgspec.json.Decoder(Update).decode


def posts_after(tx: Transaction, number: int) -> tuple[int, int, datetime | None]:
    """How many posts came in after one, each once however often it was edited; the newest, and when it was seen.

    What was there before first contact with its source does not count.
    """
    earlier = posts.alias()
    is_edit = exists().where(earlier.c.ident == posts.c.ident, earlier.c.id < posts.c.id)
    wanted = select(func.count(), func.max(posts.c.id), func.max(posts.c.seen_at))
    count, newest, at = tx.run(wanted.where(posts.c.id > number, posts.c.arrival < 2, ~is_edit)).one()
    return int(count), int(newest or number), at


def updates_after(tx: Transaction, seq: int, limit: int) -> list[tuple[Update, int, int]]:
    """Updates from posts that once went live and changed after a `seq`, in that order, with author's and story's number."""
    rows = tx.run(
        select(updates.c.body, updates.c.author_id, updates.c.story_id, updates.c.seq)
        .where(updates.c.seq > seq, updates.c.first_seq.is_not(None), updates.c.post_id.is_not(None))
        .order_by(updates.c.seq)
        .limit(limit)
    )
    return [(_decode(row.body), row.author_id or 0, row.story_id or 0) for row in rows]
