"""Rule sets and milestone plans: every one that was ever active, and which is active now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zlib import compress, decompress

import msgspec
from sqlalchemy import select

from bot.store import marks
from bot.store.bulk import insert_ignore
from bot.store.database import Transaction
from bot.store.schema import journal, rule_sets

RULES = "rules"
MILESTONES = "milestones"


@dataclass(frozen=True, slots=True)
class StoredSet:
    """A set of files as it was adopted.

    Attributes:
        id: Internal number; verdicts name it.
        name: Content hash.
        files: Relative file name -> text.
        at: When it was first adopted.
    """

    id: int
    name: str
    files: Mapping[str, str]
    at: datetime


def active(tx: Transaction, kind: str) -> StoredSet | None:
    """The set that every worker goes by; None where none was ever adopted."""
    number = marks.get(tx, f"active:{kind}")
    return by_id(tx, int(number)) if number else None


def active_id(tx: Transaction, kind: str) -> int:
    """The active set's number; 0 for none. Cheap: asked before each run."""
    return int(marks.get(tx, f"active:{kind}") or 0)


def by_id(tx: Transaction, number: int) -> StoredSet | None:
    """A set that was once active."""
    row = tx.run(
        select(rule_sets.c.id, rule_sets.c.name, rule_sets.c.files, rule_sets.c.at).where(rule_sets.c.id == number)
    ).first()
    return None if row is None else StoredSet(row[0], row[1], msgspec.json.decode(decompress(row[2])), row[3])


def adoptions(tx: Transaction, kind: str) -> Iterator[tuple[int, datetime]]:
    """Which set was adopted when, the newest first; a set comes again where it was adopted again."""
    wanted = select(journal.c.rule_set_id, journal.c.at).where(
        journal.c.what == "adopted", journal.c.place == kind, journal.c.rule_set_id.is_not(None)
    )
    for row in tx.run(wanted.order_by(journal.c.id.desc())):
        yield row[0], row[1]


def adopt(tx: Transaction, kind: str, name: str, files: Mapping[str, str], at: datetime) -> int:
    """Store a set unless it is known, and make it the active one; gives its number."""
    packed = compress(msgspec.json.encode(dict(files)))
    tx.run(insert_ignore(tx, rule_sets).values(kind=kind, name=name, files=packed, at=at))
    number = int(tx.run(select(rule_sets.c.id).where(rule_sets.c.kind == kind, rule_sets.c.name == name)).scalar_one())
    marks.put(tx, f"active:{kind}", str(number))
    marks.put(tx, f"adopted_at:{kind}", at.isoformat())
    return number
