"""The few statements that every post goes through, without SQLAlchemy's work for each row and each id.

On SQLite that work costs several times what the database does: rows go to the driver as tuples, a list of ids as one
parameter. The statements themselves are SQLAlchemy's, so that the tables are named in one place; PostgreSQL executes them
as any other.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, UpdateBase, any_, bindparam, func, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.schema import Table

from bot.store.database import Transaction


class Bulk:
    """One statement that is executed for each of many rows.

    Args:
        make: The statement for SQLite (True) or PostgreSQL (False), with a bound parameter for each name.
        names: Of the parameters, in the order in which rows have them.
    """

    def __init__(self, make: Callable[[bool], UpdateBase], names: Sequence[str]) -> None:
        self._make = make
        self._names = tuple(names)

    def run(self, tx: Transaction, rows: Sequence[tuple[Any, ...]]) -> None:
        """Execute it for each row; times in rows come from `stamps`. Does nothing where there are none."""
        if not rows:
            return
        if tx.is_sqlite:
            tx.raw(self._sqlite, rows)
        else:
            tx.run(self._postgresql, [dict(zip(self._names, row, strict=True)) for row in rows])

    @cached_property
    def _sqlite(self) -> str:
        compiled = self._make(True).compile(dialect=sqlite.dialect(), column_keys=list(self._names))
        asked = tuple(compiled.positiontup or ())
        if asked != self._names:
            raise TypeError(f"the statement takes {asked}, its rows have {self._names}")
        return str(compiled)

    @cached_property
    def _postgresql(self) -> UpdateBase:
        return self._make(False)


def stamps(tx: Transaction) -> Callable[[datetime | None], Any]:
    """What makes of a time what a row of a `Bulk` holds. Many rows of one batch have the same time: it remembers the last.

    Raises:
        ValueError: (the made function) The time has no zone.
    """
    if not tx.is_sqlite:
        return _as_it_is
    last: datetime | None = None
    written: str | None = None

    def stamp(at: datetime | None) -> str | None:
        nonlocal last, written
        if at is not last:
            last, written = at, None if at is None else _written(at)
        return written

    return stamp


def _as_it_is(at: datetime | None) -> datetime | None:
    return at


def _written(at: datetime) -> str:
    if at.tzinfo is not UTC:
        if at.tzinfo is None:
            raise ValueError(f"a time without a zone reached the store: {at!r}")
        at = at.astimezone(UTC)
    return at.replace(tzinfo=None).isoformat(" ", "microseconds")


def among(tx: Transaction, column: ColumnElement[Any], ids: Iterable[int]) -> ColumnElement[bool]:
    """Whether a column holds one of these numbers, however many they are."""
    wanted = list(ids)
    if tx.is_sqlite:
        written = msgspec.json.encode(wanted).decode()
        return column.in_(select(func.json_each(bindparam(None, written)).table_valued("value").c.value))
    return column == any_(bindparam(None, wanted, type_=ARRAY(column.type)))


def insert(table: Table, *, is_sqlite: bool) -> Any:
    """An INSERT that knows ON CONFLICT; each database spells it its own way."""
    return insert_sqlite(table) if is_sqlite else insert_postgresql(table)


def insert_ignore(tx: Transaction, table: Table) -> Any:
    """An INSERT that passes over rows whose key exists."""
    return insert(table, is_sqlite=tx.is_sqlite).on_conflict_do_nothing()


def no(tx: Transaction, column: ColumnElement[bool]) -> Any:
    """That a yes/no column is no, letter for letter as partial indexes say it: with a bound value none would be used."""
    name = getattr(column, "name", "")
    return text(f"{name} = 0" if tx.is_sqlite else f"NOT {name}")
