"""Which milestones were told, missed or skipped: for ever. What was missed or skipped a person may still tell."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.store import marks
from bot.store.bulk import insert_ignore
from bot.store.database import Transaction
from bot.store.schema import milestones

VERSION = "milestones"
"""The mark that counts every change: who keeps what became of each need not read it again before."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one milestone.

    Attributes:
        state: "told", "missed", "skipped", "folded" (left to the next recap), or "held" (a person decides).
        at: When that was decided (event time).
        due_at: When it was due then; a clock may have been moved since.
        update_id: The update that told it; None for none.
        said: JSON of the values that results filled in; "" for one of a time alone.
        provisional: It was told with a label, and nobody has confirmed it yet.
    """

    state: str
    at: datetime
    due_at: datetime
    update_id: int | None = None
    said: str = ""
    provisional: bool = False


def settled(tx: Transaction) -> set[str]:
    """Ids of milestones that were told, missed or skipped; none of them is told again by itself."""
    return {str(row[0]) for row in tx.run(select(milestones.c.id))}


def settle(tx: Transaction, milestone: str, state: str, *, at: datetime, due_at: datetime) -> bool:
    """Claim a milestone for ever as "told" or "missed"; False where it was settled before."""
    statement = insert_ignore(tx, milestones).values(id=milestone, state=state, at=at, due_at=due_at)
    return _changed(tx, done=tx.run(statement.returning(milestones.c.id)).first() is not None)


def tell_after_all(tx: Transaction, milestone: str, *, at: datetime) -> bool:
    """Claim one that was missed or skipped, for ever; False where it is told, or not settled at all."""
    statement = milestones.update().where(milestones.c.id == milestone, milestones.c.state != "told")
    return _changed(tx, done=tx.run(statement.values(state="told", at=at)).rowcount == 1)


def skip(tx: Transaction, milestone: str, *, at: datetime) -> bool:
    """One that was missed, folded or is held is skipped; False where it was none of these."""
    statement = milestones.update().where(
        milestones.c.id == milestone, milestones.c.state.in_(["missed", "held", "folded"])
    )
    return _changed(tx, done=tx.run(statement.values(state="skipped", at=at)).rowcount == 1)


def come_again(tx: Transaction, milestone: str) -> None:
    """One that was missed lies ahead again: its clock was moved."""
    statement = milestones.delete().where(milestones.c.id == milestone, milestones.c.state == "missed")
    _changed(tx, done=tx.run(statement).rowcount == 1)


def every(tx: Transaction) -> dict[str, Settled]:
    """What became of each, by its id; those that are to come are missing."""
    rows = tx.run(select(milestones))
    return {row.id: Settled(row.state, row.at, row.due_at, row.update_id, row.said, row.provisional) for row in rows}


def missed(tx: Transaction, since: datetime) -> dict[str, datetime]:
    """Those that were missed since a time (event time), with when they were due; earliest first."""
    rows = tx.run(
        select(milestones.c.id, milestones.c.due_at)
        .where(milestones.c.state == "missed", milestones.c.at >= since)
        .order_by(milestones.c.due_at, milestones.c.id)
    )
    return {str(row[0]): row[1] for row in rows}


def release(tx: Transaction, milestone: str) -> None:
    """One that was held is to come again."""
    statement = milestones.delete().where(milestones.c.id == milestone, milestones.c.state == "held")
    _changed(tx, done=tx.run(statement).rowcount == 1)


def name_update(
    tx: Transaction, milestone: str, update_id: int | None, *, said: str = "", provisional: bool = False
) -> None:
    """Remember which update told it, and what its words were made of."""
    statement = milestones.update().where(milestones.c.id == milestone)
    tx.run(statement.values(update_id=update_id, said=said, provisional=provisional))
    _changed(tx, done=True)


def confirm(tx: Transaction, milestone: str, *, said: str) -> None:
    """What it says is confirmed: it goes by these values from now on."""
    tx.run(milestones.update().where(milestones.c.id == milestone).values(said=said, provisional=False))
    _changed(tx, done=True)


def _changed(tx: Transaction, *, done: bool) -> bool:
    if done:
        marks.next_number(tx, VERSION)
    return done


def states(tx: Transaction) -> dict[str, str]:
    """State of each settled milestone."""
    return {str(row[0]): str(row[1]) for row in tx.run(select(milestones.c.id, milestones.c.state))}
