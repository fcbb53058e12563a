"""Pictures of the desk's own: bytes, re-encoded without metadata before they come here."""

from datetime import datetime

from sqlalchemy import select

from bot.store.bulk import insert_ignore
from bot.store.database import Transaction
from bot.store.schema import media


def keep(tx: Transaction, name: str, content: bytes, at: datetime) -> None:
    """Keep a picture; the same name is the same picture."""
    tx.run(insert_ignore(tx, media).values(name=name, content=content, at=at))


def content(tx: Transaction, name: str) -> bytes | None:
    """The bytes of a picture; None where there is none of this name."""
    found = tx.run(select(media.c.content).where(media.c.name == name)).scalar()
    return None if found is None else bytes(found)


def names(tx: Transaction) -> set[str]:
    """The names of all pictures."""
    return {str(row[0]) for row in tx.run(select(media.c.name))}
