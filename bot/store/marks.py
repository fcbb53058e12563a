"""Small facts with a name, and what platforms remember."""

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from bot.store.database import Database, Transaction
from bot.store.schema import marks, memory


def get(tx: Transaction, name: str) -> str:
    """A mark's value; "" where it is not set."""
    return str(tx.run(select(marks.c.value).where(marks.c.name == name)).scalar() or "")


def put(tx: Transaction, name: str, value: str) -> None:
    """Set a mark; "" forgets it."""
    if not value:
        tx.run(delete(marks).where(marks.c.name == name))
        return
    statement = (insert_sqlite(marks) if tx.is_sqlite else insert_postgresql(marks)).values(name=name, value=value)
    tx.run(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def next_number(tx: Transaction, name: str) -> int:
    """Count on by one, under a lock that lasts until the transaction ends: 1 at first."""
    statement = (insert_sqlite(marks) if tx.is_sqlite else insert_postgresql(marks)).values(name=name, value="0")
    tx.run(statement.on_conflict_do_nothing())
    row = tx.run(select(marks.c.value).where(marks.c.name == name).with_for_update()).scalar_one()
    number = int(row) + 1
    tx.run(marks.update().where(marks.c.name == name).values(value=str(number)))
    return number


class StoreMemory:
    """What one source or account keeps over restarts (`core.ports.Memory`)."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        self._owner = owner

    def get(self, key: str) -> str:
        """The value, "" where nothing was kept."""
        with self._database.read() as tx:
            found = tx.run(select(memory.c.value).where(memory.c.owner == self._owner, memory.c.key == key)).scalar()
        return str(found or "")

    def put(self, key: str, value: str) -> None:
        """Keep a value; "" forgets the key."""
        with self._database.begin() as tx:
            if not value:
                tx.run(delete(memory).where(memory.c.owner == self._owner, memory.c.key == key))
                return
            insert = insert_sqlite(memory) if tx.is_sqlite else insert_postgresql(memory)
            statement = insert.values(owner=self._owner, key=key, value=value)
            tx.run(statement.on_conflict_do_update(index_elements=["owner", "key"], set_={"value": value}))
