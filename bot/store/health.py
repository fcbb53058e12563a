"""How collecting and publishing go: for `status`, and for waiting when a platform asks for it. Machine time."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.schema import Table

from bot.store import marks
from bot.store.bulk import insert_ignore
from bot.store.database import AnyRow, Transaction
from bot.store.schema import accounts, sources

_NOTED_AT = "noted_at:"


def _make(tx: Transaction, table: Table, name: str) -> None:
    tx.run(insert_ignore(tx, table).values(name=name))


def source(tx: Transaction, name: str) -> AnyRow | None:
    """A source's row; None where it was never read."""
    return tx.run(select(sources).where(sources.c.name == name)).first()


def account(tx: Transaction, name: str) -> AnyRow | None:
    """An account's row; None where nothing was ever sent."""
    return tx.run(select(accounts).where(accounts.c.name == name)).first()


def source_ok(
    tx: Transaction,
    name: str,
    *,
    now: datetime,
    first_contact_at: datetime,
    lane: str,
    cursor: str,
    note: str,
    posts: int,
) -> None:
    """A look at a source went well: keep its cursor, in the transaction of the posts.

    Args:
        lane: "fetch" or "stream"; each has a cursor of its own.
        cursor: "" leaves the stored one.
        first_contact_at: Event time; kept only the first time.
        note: Kept with its time until another one comes; "" leaves the last one.
    """
    _make(tx, sources, name)
    values: dict[str, Any] = {
        "last_ok_at": now,
        "error": "",
        "error_kind": "",
        "error_at": None,
        "failures": 0,
        "next_at": None,
    }
    if note:
        values["note"] = note
        marks.put(tx, f"{_NOTED_AT}{name}", now.isoformat())
    if cursor:
        values[f"{lane}_cursor"] = cursor
    if posts:
        values["last_post_at"] = now
    tx.run(sources.update().where(sources.c.name == name).values(values))
    tx.run(
        sources.update()
        .where(sources.c.name == name, sources.c.first_contact_at.is_(None))
        .values(first_contact_at=first_contact_at)
    )


def noted_at(tx: Transaction, name: str) -> datetime | None:
    """When a source's note was last given; None where it has none."""
    found = marks.get(tx, f"{_NOTED_AT}{name}")
    return datetime.fromisoformat(found) if found else None


def failed(
    tx: Transaction, table: Table, name: str, *, now: datetime, kind: str, error: str, next_at: datetime | None
) -> int:
    """Something outside failed; gives the number of failures in a row."""
    _make(tx, table, name)
    tx.run(
        table.update()
        .where(table.c.name == name)
        .values(error=error, error_kind=kind, error_at=now, failures=table.c.failures + 1, next_at=next_at),
    )
    return int(tx.run(select(table.c.failures).where(table.c.name == name)).scalar_one())


def account_ok(tx: Transaction, name: str, *, now: datetime, sent: bool) -> None:
    """An account did what it was asked."""
    _make(tx, accounts, name)
    values: dict[str, Any] = {
        "last_ok_at": now,
        "error": "",
        "error_kind": "",
        "error_at": None,
        "failures": 0,
        "next_at": None,
    }
    if sent:
        values["last_sent_at"] = now
    tx.run(accounts.update().where(accounts.c.name == name).values(values))


def settled(tx: Transaction, name: str) -> None:
    """A person settled what an account could not do: that is no failure any more. Limits and sign-ins still hold."""
    mended = accounts.c.error_kind.in_(["Rejected", "Unanswered"])
    values = {"error": "", "error_kind": "", "error_at": None, "failures": 0}
    tx.run(accounts.update().where(accounts.c.name == name, mended).values(values))


def may_try(row: AnyRow | None, now: datetime) -> bool:
    """Whether a platform has not asked us to wait longer."""
    return row is None or row.next_at is None or row.next_at <= now


def retry_now(tx: Transaction, table: Table, name: str) -> None:
    """A person mended it: try again at once."""
    tx.run(table.update().where(table.c.name == name).values(next_at=None))


def wait(tx: Transaction, table: Table, name: str, next_at: datetime) -> None:
    """Do not try before a time."""
    tx.run(table.update().where(table.c.name == name).values(next_at=next_at))


def retry_refused(tx: Transaction, table: Table) -> None:
    """Try again what was refused for good or for its credentials: a new start may have new settings. Limits still hold."""
    tx.run(table.update().where(table.c.error_kind.in_(["Rejected", "Unauthorized"])).values(next_at=None))
