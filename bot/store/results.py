"""What timing says: entrants of races as each source tells them now, and numbers that are counted.

Every change of an entrant gives it the next `seq`, under one lock; the same row again changes nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import func, select, tuple_

from bot.core.results import Result, Row, Tally, corrected
from bot.store import journal, marks
from bot.store.bulk import insert
from bot.store.cleaning import clean
from bot.store.database import Transaction
from bot.store.schema import entrants, tallies

_CHUNK = 300
_LINES = 100
_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Result).decode


def take(tx: Transaction, source: str, results: Sequence[Result], *, now: datetime) -> int:
    """Store what is new or has changed, and give back how many; what a source says otherwise than before stands in the log, too."""
    latest = {(one.race, one.key): one for one in map(_clean, results)}
    if not latest:
        return 0
    marks.next_number(tx, "results")  # the lock: changes are seen in the order of their seq
    seq = tx.run(select(func.coalesce(func.max(entrants.c.seq), 0))).scalar_one()
    known = {}
    for part in _parts(list(latest)):
        rows = tx.run(
            select(entrants.c.race, entrants.c.key, entrants.c.body).where(
                entrants.c.source == source, tuple_(entrants.c.race, entrants.c.key).in_(part)
            )
        )
        known.update({(row.race, row.key): row.body for row in rows})
    rows_now = []
    for (race, key), result in latest.items():
        body = _encode(result)
        if known.get((race, key)) != body:
            seq += 1
            rows_now.append({"source": source, "race": race, "key": key, "seq": seq, "body": body, "at": now})
    if rows_now:
        statement = insert(entrants, is_sqlite=tx.is_sqlite)
        excluded = statement.excluded
        tx.run(
            statement.on_conflict_do_update(
                index_elements=["source", "race", "key"],
                set_={"seq": excluded.seq, "body": excluded.body, "at": excluded.at},
            ),
            rows_now,
        )
    said = []
    for row in rows_now:
        own = (row["race"], row["key"])
        words = corrected(_decode(known[own]), latest[own]) if own in known else ""
        if words:
            said.append(f"{' '.join(own)}{f', {latest[own].name}' if latest[own].name else ''}: {words}")
    if len(said) > _LINES:
        said = [*said[:_LINES], f"and {len(said) - _LINES} more rows say otherwise than they did"]
    journal.write(tx, [journal.Line(now, "result changed", source, why, place=source) for why in said])
    return len(rows_now)


def take_tallies(tx: Transaction, source: str, found: Iterable[Tally], *, now: datetime) -> None:
    """Store numbers that are counted; the same number again changes nothing."""
    for one in found:
        statement = insert(tallies, is_sqlite=tx.is_sqlite).values(
            source=source, name=one.name, value=one.value, at=now
        )
        tx.run(
            statement.on_conflict_do_update(
                index_elements=["source", "name"],
                set_={"value": one.value, "at": now},
                where=tallies.c.value != one.value,
            )
        )


def changed_after(tx: Transaction, seq: int, limit: int) -> list[Row]:
    """Entrants that changed after a `seq`, in the order of their changes."""
    rows = tx.run(
        select(entrants.c.source, entrants.c.body, entrants.c.seq, entrants.c.at)
        .where(entrants.c.seq > seq)
        .order_by(entrants.c.seq)
        .limit(limit)
    )
    return [Row(row.source, _decode(row.body), row.seq, row.at) for row in rows]


def of_entrant(tx: Transaction, race: str, key: str) -> Row | None:
    """What was told last of one entrant, by whatever source; None where none has."""
    row = tx.run(
        select(entrants.c.source, entrants.c.body, entrants.c.seq, entrants.c.at)
        .where(entrants.c.race == race, entrants.c.key == key)
        .order_by(entrants.c.seq.desc())
        .limit(1)
    ).first()
    return None if row is None else Row(row.source, _decode(row.body), row.seq, row.at)


def counted(tx: Transaction) -> dict[str, tuple[int, datetime]]:
    """The highest value of each tally over its sources, with when it was seen."""
    found: dict[str, tuple[int, datetime]] = {}
    for row in tx.run(select(tallies.c.name, tallies.c.value, tallies.c.at)):
        if row.name not in found or row.value > found[row.name][0]:
            found[row.name] = (row.value, row.at)
    return found


def _clean(result: Result) -> Result:
    """As a database takes it."""
    try:
        if b"\\u0000" not in _encode(result):
            return result
    except UnicodeEncodeError:  # half of a pair of surrogates
        pass
    return msgspec.convert(clean(msgspec.to_builtins(result)), Result)


def _parts(keys: list[tuple[str, str]]) -> Iterable[list[tuple[str, str]]]:
    for start in range(0, len(keys), _CHUNK):
        yield keys[start : start + _CHUNK]
