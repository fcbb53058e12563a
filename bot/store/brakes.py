"""What the desk has stopped: quiet mode, pauses of accounts, of the page, of everything."""

from datetime import datetime

from sqlalchemy import delete, select

from bot.core.status import Brake
from bot.store import feed
from bot.store.bulk import insert_ignore
from bot.store.database import Transaction
from bot.store.schema import brakes

QUIET = "quiet"
ALL = "all"
PAGE = "page"


def pull(tx: Transaction, scope: str, *, at: datetime, by: str, why: str) -> bool:
    """Pull a brake; False where it was pulled already (who and when stay)."""
    statement = insert_ignore(tx, brakes).values(scope=scope, at=at, by=by, why=why, seq=feed.seq(tx))
    return tx.run(statement.returning(brakes.c.scope)).first() is not None


def release(tx: Transaction, scope: str) -> bool:
    """Release a brake; False where it was not pulled."""
    return tx.run(delete(brakes).where(brakes.c.scope == scope)).rowcount == 1


def pulled(tx: Transaction) -> dict[str, Brake]:
    """All brakes that are pulled, by scope."""
    rows = tx.run(select(brakes.c.scope, brakes.c.at, brakes.c.by, brakes.c.why, brakes.c.seq).order_by(brakes.c.scope))
    return {str(row[0]): Brake(row[0], row[1], row[2], row[3], row[4]) for row in rows}


def holds(pulled_now: dict[str, Brake], account: str) -> bool:
    """Whether an account is stopped, by a brake of its own or by the one for everything."""
    return ALL in pulled_now or f"account:{account}" in pulled_now


def page_limit(pulled_now: dict[str, Brake]) -> int | None:
    """Up to which `seq` new updates are shown; None where the page is not paused."""
    stops = [pulled_now[scope].seq for scope in (ALL, PAGE) if scope in pulled_now]
    return min(stops) if stops else None
