"""The right to run a step for a while, shared between machines through the store. Machine time."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from bot.store.bulk import insert_ignore
from bot.store.database import Transaction
from bot.store.schema import leases


def take(tx: Transaction, name: str, holder: str, now: datetime, length: timedelta) -> bool:
    """Take or renew a lease; False where another holder's has not run out."""
    tx.run(insert_ignore(tx, leases).values(name=name, holder=holder, until=now))
    free = (leases.c.holder == holder) | (leases.c.until <= now)
    statement = update(leases).where(leases.c.name == name, free).values(holder=holder, until=now + length)
    return tx.run(statement).rowcount == 1


def end(tx: Transaction, name: str, holder: str) -> None:
    """End a lease whose holder is no more; not one that somebody else took meanwhile."""
    tx.run(delete(leases).where(leases.c.name == name, leases.c.holder == holder))


def give_back(tx: Transaction, holder: str) -> None:
    """Give back every lease of a holder: the next one need not wait."""
    tx.run(delete(leases).where(leases.c.holder == holder))


def holder_of(tx: Transaction, name: str, now: datetime) -> str:
    """Who holds a lease now; "" for nobody."""
    return str(tx.run(select(leases.c.holder).where(leases.c.name == name, leases.c.until > now)).scalar() or "")
