"""Rule sets, milestone plans and people: every one that was ever active, and which is active now."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import compress, decompress

import msgspec
from sqlalchemy import select

from bot.store import marks
from bot.store.bulk import insert_ignore
from bot.store.database import Transaction
from bot.store.schema import journal, rule_sets

_KEPT = timedelta(days=2)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[tuple[datetime, int]]).decode

RULES = "rules"
REJUDGE = "rejudge"  # the mark that says how far judging again has come
MILESTONES = "milestones"
PEOPLE = "people"
KINDS = (RULES, MILESTONES, PEOPLE)
_REARMED = "rearmed"


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
    past = _past(tx, kind)
    young = [one for one in past if one[0] > at - _KEPT]
    marks.put(tx, f"past:{kind}", _encode([*past[: len(past) - len(young)][-1:], *young, (at, number)]).decode())
    return number


def judge_again(tx: Transaction, number: int, *, before: int, freed: Collection[str] = ()) -> None:
    """Have what is undecided judged by a new set, from the newest post back.

    Args:
        before: Internal number after the newest post.
        freed: Rules that were taken out of action: what they dropped is judged again as well. Those of an earlier time whose
            posts were not all looked at yet stay with them.
    """
    kept = msgspec.json.decode(marks.get(tx, REJUDGE) or "{}").get("freed", [])
    place = {"set": number, "before": before, "freed": sorted({*kept, *freed})}
    marks.put(tx, REJUDGE, msgspec.json.encode(place).decode())


def put_rearmed(tx: Transaction, line_id: int) -> None:
    """Remember the line of the journal by which a person put a rule back into action: fuses count anew from it."""
    marks.put(tx, _REARMED, str(line_id))


def rearmed(tx: Transaction) -> int:
    """The newest such line; 0 where nobody ever did."""
    return int(marks.get(tx, _REARMED) or 0)


def in_force(tx: Transaction, kind: str, at: datetime) -> int:
    """The set that was active at a moment of the last two days; the oldest that is remembered for a time before; 0 for none."""
    past = _past(tx, kind)
    return next((number for begun, number in reversed(past) if begun <= at), past[0][1] if past else 0)


def _past(tx: Transaction, kind: str) -> list[tuple[datetime, int]]:
    """Which sets became active when, oldest first: those of the last two days, and the one before them."""
    return _decode(marks.get(tx, f"past:{kind}") or "[]")
