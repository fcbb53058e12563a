"""Which milestones were told or missed: for ever."""

from datetime import datetime

from sqlalchemy import select

from bot.store.bulk import insert_ignore
from bot.store.database import Transaction
from bot.store.schema import milestones


def settled(tx: Transaction) -> set[str]:
    """Ids of milestones that were told or missed; none of them is ever told again."""
    return {str(row[0]) for row in tx.run(select(milestones.c.id))}


def settle(tx: Transaction, milestone: str, state: str, *, at: datetime, due_at: datetime) -> bool:
    """Claim a milestone for ever as "told" or "missed"; False where it was settled before."""
    statement = insert_ignore(tx, milestones).values(id=milestone, state=state, at=at, due_at=due_at)
    return tx.run(statement.returning(milestones.c.id)).first() is not None


def name_update(tx: Transaction, milestone: str, update_id: int) -> None:
    """Remember which update told it."""
    tx.run(milestones.update().where(milestones.c.id == milestone).values(update_id=update_id))


def states(tx: Transaction) -> dict[str, str]:
    """State of each settled milestone."""
    return {str(row[0]): str(row[1]) for row in tx.run(select(milestones.c.id, milestones.c.state))}
