"""Authors: what we know of them from our own work, and whether their account is gone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, bindparam, func, or_, select, update

from bot.core.idents import ident
from bot.core.model import Author, Gone
from bot.store.bulk import Bulk, among, insert, insert_ignore, no
from bot.store.cleaning import clean
from bot.store.database import Transaction
from bot.store.schema import authors, posts


class AuthorHistory(msgspec.Struct, frozen=True, gc=False):
    """What we know of an author from our own work."""

    seen: int = 0
    published: int = 0
    rejected: int = 0
    is_gone: bool = False
    gone_reason: str = ""


class AuthorCard(msgspec.Struct, frozen=True, gc=False):
    """An account as it showed itself with its last post, and what came of its posts."""

    platform: str
    native_id: str
    handle: str = ""
    name: str = ""
    seen: int = 0
    published: int = 0


def _insert_authors(is_sqlite: bool) -> Any:
    statement = insert(authors, is_sqlite=is_sqlite)
    return statement.on_conflict_do_update(
        index_elements=["id"],
        set_={
            "seen": authors.c.seen + statement.excluded.seen,
            "handle": statement.excluded.handle,
            "name": statement.excluded.name,
            "last_post_id": statement.excluded.last_post_id,
        },
    )


_upsert_authors = Bulk(_insert_authors, ("id", "platform", "native_id", "handle", "name", "seen", "last_post_id"))


def post_ids(author_ids: Iterable[int]) -> Select[tuple[int]]:
    """Asks for the ids of all posts of these authors, each version of each: along the chain from their newest post."""
    newest = select(authors.c.last_post_id.label("id")).where(authors.c.id.in_(list(author_ids)))
    chain = newest.cte("chain", recursive=True)
    before = select(posts.c.author_before).join(chain, posts.c.id == chain.c.id)
    chain = chain.union_all(before.where(posts.c.author_before.is_not(None)))
    return select(chain.c.id)


def take(tx: Transaction, history: Mapping[int, tuple[Author, str, int, int]]) -> None:
    """Store authors as they show themselves now: id -> author, platform, how many posts are new, the newest post."""
    rows = [
        (key, platform, author.id, author.handle, author.name, count, last)
        for key, (author, platform, count, last) in sorted(
            history.items()
        )  # one order for all: no deadlock on PostgreSQL
    ]
    _upsert_authors.run(tx, rows)


def take_gone(tx: Transaction, stones: Sequence[Gone], platform: str) -> int:
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
                    native_id=clean(stone.id),
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


def take_back(tx: Transaction, ids: Sequence[str], platform: str) -> None:
    """Accounts that are there again: what they say from now on counts; what was taken down stays down."""
    keys = {ident(platform, native_id) for native_id in ids}
    tx.run(
        update(authors)
        .where(among(tx, authors.c.id, keys), authors.c.gone_at.is_not(None))
        .values(gone_at=None, gone_reason="", gone_handled=True),
    )


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
    for key, seen, published, rejected, gone_at, reason in tx.run(
        statement.where(among(tx, authors.c.id, set(author_ids)))
    ):
        more, less = tx.counted.get(key, (0, 0))
        found[key] = AuthorHistory(seen, published + more, rejected + less, gone_at is not None, reason)
    return found


def cards(tx: Transaction, author_ids: Iterable[int]) -> dict[int, AuthorCard]:
    """Who these accounts are; unknown ones are missing."""
    statement = select(
        authors.c.id,
        authors.c.platform,
        authors.c.native_id,
        authors.c.handle,
        authors.c.name,
        authors.c.seen,
        authors.c.published,
    )
    rows = tx.run(statement.where(among(tx, authors.c.id, set(author_ids))))
    return {row[0]: AuthorCard(*row[1:]) for row in rows}


def count_verdict(tx: Transaction, author_id: int, *, published: int = 0, rejected: int = 0) -> None:
    """Add to what we know of an author; written at the end of the transaction, in one order for all: no deadlock."""
    before = tx.counted.get(author_id, (0, 0))
    tx.counted[author_id] = (before[0] + published, before[1] + rejected)
    tx.at_end("count verdicts", lambda: _write_counts(tx))


_add_counts = Bulk(
    lambda _: (
        update(authors)
        .where(authors.c.id == bindparam("b_id"))
        .values(
            published=authors.c.published + bindparam("b_published"),
            rejected=authors.c.rejected + bindparam("b_rejected"),
        )
    ),
    ("b_published", "b_rejected", "b_id"),
)


def _write_counts(tx: Transaction) -> None:
    _add_counts.run(tx, [(*tx.counted[key], key) for key in sorted(tx.counted)])
    tx.counted.clear()


def to_handle(tx: Transaction, limit: int) -> list[tuple[int, datetime, str]]:
    """Authors whose account is gone and whose posts curate has not taken down: id, time, reason."""
    rows = tx.run(
        select(authors.c.id, authors.c.gone_at, authors.c.gone_reason)
        .where(no(tx, authors.c.gone_handled))
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def handled(tx: Transaction, author_id: int) -> None:
    """Curate has taken down this author's posts."""
    tx.run(update(authors).where(authors.c.id == author_id).values(gone_handled=True))


def find(tx: Transaction, text: str) -> tuple[int, ...]:
    """Accounts whose handle, name or permanent id is this text; handles are compared without case."""
    lowered = text.removeprefix("@").lower()
    statement = select(authors.c.id).where(
        or_(
            func.lower(authors.c.handle) == lowered, authors.c.native_id == text, func.lower(authors.c.name) == lowered
        ),
    )
    return tuple(int(row[0]) for row in tx.run(statement))
