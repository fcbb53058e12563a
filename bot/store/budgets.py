"""What each account's platform still allows, over restarts. Machine time."""

from collections.abc import Iterable

from sqlalchemy import delete, select

from bot.core.budget import Allowance, Work
from bot.store.bulk import insert
from bot.store.database import Transaction
from bot.store.schema import allowances


def known(tx: Transaction, account: str) -> list[Allowance]:
    """What was last said, also where its time is over; empty where nothing was ever said."""
    rows = tx.run(select(allowances).where(allowances.c.account == account).order_by(allowances.c.work))
    return [Allowance(Work(row.work), row.left, row.most, row.resets_at) for row in rows]


def keep(tx: Transaction, account: str, said: Iterable[Allowance]) -> None:
    """Keep what was said now, in the place of what was said before about the same kind of work."""
    before = {one.work: one for one in known(tx, account)}
    for one in said:
        old = before.get(one.work)
        if old == one:
            continue
        most = one.most or (old.most if old else 0)
        values = {
            "account": account,
            "work": one.work.value,
            "left": one.left,
            "most": most,
            "resets_at": one.resets_at,
        }
        statement = insert(allowances, is_sqlite=tx.is_sqlite).values(values)
        tx.run(statement.on_conflict_do_update(index_elements=["account", "work"], set_=values))


def forget(tx: Transaction, account: str) -> None:
    """A person wants it tried now: nothing is known to be used up."""
    tx.run(delete(allowances).where(allowances.c.account == account))
