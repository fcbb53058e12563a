"""Marks what a person takes back; publish and refresh carry it out."""

from datetime import datetime

from bot.core.errors import NotFoundError
from bot.core.model import Update, UpdateState
from bot.core.reports import Withdrawal
from bot.store import coverage, feed, outbox
from bot.store.database import Database


def withdraw(database: Database, update_id: int, *, now: datetime, by: str, why: str, note: str = "") -> Withdrawal:
    """Take an update off the feed and off every account.

    Args:
        why: For the journal; readers do not see it.
        note: For readers, at the permalink; "" for none.

    Returns:
        Where each account stands at this moment; publish goes on from there.

    Raises:
        NotFoundError: There is no such update.
    """
    with database.begin() as tx:
        tx.alone()
        update = feed.by_id(tx, update_id)
        if update is None:
            raise NotFoundError(f"update {update_id} does not exist")
        already = update.state is UpdateState.WITHDRAWN
        taken = coverage.untell(tx, update, at=now, by=by, why=why, note=note)
        return Withdrawal(taken, tuple(outbox.report(found) for found in outbox.of_update(tx, update_id)), already)


def receipt(database: Database, update_id: int) -> Withdrawal:
    """How a withdrawal stands now.

    Raises:
        NotFoundError: There is no such update.
    """
    with database.read() as tx:
        update = _existing(feed.by_id(tx, update_id), update_id)
        return Withdrawal(
            update, tuple(outbox.report(found) for found in outbox.of_update(tx, update_id)), already=True
        )


def _existing(update: Update | None, update_id: int) -> Update:
    if update is None:
        raise NotFoundError(f"update {update_id} does not exist")
    return update
