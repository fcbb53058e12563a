"""Tombstones: posts that are gone at their source. They win over a post that comes late."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy import select, update

from bot.core.idents import ident
from bot.core.model import Gone
from bot.store.bulk import among, insert, no
from bot.store.database import Transaction
from bot.store.schema import gone, posts


def take(tx: Transaction, stones: Sequence[Gone], platform: str) -> int:
    """Store what is gone; gives how many of these posts we have. `platform`: of stones that do not say it themselves."""
    keyed = {ident(stone.platform or platform, stone.id): stone for stone in stones}
    known = set(tx.run(select(posts.c.ident).where(among(tx, posts.c.ident, keyed))).scalars())
    rows = [
        {"ident": key, "at": stone.at, "reason": stone.reason, "handled": key not in known, "final": stone.final}
        for key, stone in keyed.items()
        if stone.final or key in known
    ]
    if rows:
        statement = insert(gone, is_sqlite=tx.is_sqlite)
        fields = ("at", "reason", "handled", "final")
        upsert = statement.on_conflict_do_update(
            index_elements=["ident"],
            set_={name: statement.excluded[name] for name in fields},
            where=gone.c.final.is_(False),
        )
        tx.run(upsert, rows)
    return len(known)


def lift(tx: Transaction, idents: AbstractSet[int]) -> None:
    """A new version lifts a tombstone that only said that the post had left our view."""
    if idents:
        tx.run(gone.delete().where(among(tx, gone.c.ident, idents), gone.c.final.is_(False)))


def among_posts(tx: Transaction, idents: Iterable[int]) -> dict[int, str]:
    """Tombstones among these posts: ident -> reason."""
    rows = tx.run(select(gone.c.ident, gone.c.reason).where(among(tx, gone.c.ident, set(idents))))
    return {int(row[0]): str(row[1]) for row in rows}


def to_handle(tx: Transaction, limit: int) -> list[tuple[int, datetime, str]]:
    """Tombstones of known posts that curate has not carried out: ident, time, reason."""
    rows = tx.run(select(gone.c.ident, gone.c.at, gone.c.reason).where(no(tx, gone.c.handled)).limit(limit))
    return [(row[0], row[1], row[2]) for row in rows]


def handled(tx: Transaction, key: int) -> None:
    """Curate has carried out this tombstone."""
    tx.run(update(gone).where(gone.c.ident == key).values(handled=True))


def forget(tx: Transaction, before_at: datetime) -> int:
    """Drop tombstones of posts that never came, older than a time; those of known posts stay for ever."""
    known = select(posts.c.ident).where(posts.c.ident == gone.c.ident).exists()
    return tx.run(gone.delete().where(gone.c.at < before_at, gone.c.handled.is_(True), ~known)).rowcount


def bury(tx: Transaction, platform: str, native_id: str, *, at: datetime, reason: str, final: bool = True) -> None:
    """Set a tombstone for a post that we have, or set it anew: curate carries it out.

    Args:
        final: False where a later version brings it back.
    """
    statement = insert(gone, is_sqlite=tx.is_sqlite)
    row = {"ident": ident(platform, native_id), "at": at, "reason": reason, "handled": False, "final": final}
    tx.run(statement.values(row).on_conflict_do_update(index_elements=["ident"], set_={"handled": False}))
