"""Starts that were moved: kept beside the configuration, until the configuration itself says another time."""

from datetime import datetime

from sqlalchemy import select

from bot.store import marks
from bot.store.database import Transaction
from bot.store.schema import marks as table

_MARK = "clock:"


def moved(tx: Transaction) -> dict[str, tuple[datetime, datetime]]:
    """By the clock's id: when it starts now, and what the configuration said when it was moved."""
    rows = tx.run(select(table.c.name, table.c.value).where(table.c.name.startswith(_MARK, autoescape=True)))
    found = {}
    for name, value in rows:
        start, _, configured = value.partition(" ")
        found[name.removeprefix(_MARK)] = datetime.fromisoformat(start), datetime.fromisoformat(configured)
    return found


def move(tx: Transaction, clock: str, start: datetime, configured: datetime) -> None:
    """A clock starts at another time than the configuration says; the same time forgets that it was moved."""
    same = start == configured
    marks.put(tx, f"{_MARK}{clock}", "" if same else f"{start.isoformat()} {configured.isoformat()}")
