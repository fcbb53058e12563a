"""Rows -> results: which column is what, and what can be read of it."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from bot.core.errors import Unavailable
from bot.core.results import FINISH, Result, Standing, Tally, read_time
from bot.platforms.results.tables import Row, Table, at

LINE = "#"
"""As the key: the number of the line."""
STATUSES: Mapping[str, Standing] = {
    "entered": Standing.ENTERED,
    "registered": Standing.ENTERED,
    "started": Standing.STARTED,
    "running": Standing.STARTED,
    "on course": Standing.STARTED,
    "finished": Standing.FINISHED,
    "finish": Standing.FINISHED,
    "ok": Standing.FINISHED,
    "dnf": Standing.STOPPED,
    "stopped": Standing.STOPPED,
    "retired": Standing.STOPPED,
    "dropped out": Standing.STOPPED,
    "dns": Standing.ABSENT,
    "absent": Standing.ABSENT,
    "dsq": Standing.DISQUALIFIED,
    "dq": Standing.DISQUALIFIED,
    "disqualified": Standing.DISQUALIFIED,
}
_NONE = frozenset({"", "-", "--", "n/a", "N/A", "NA", "null", "NULL", "none", "None", "–", "—"})  # "Na" is a name
_UNWRITABLE = {0: None} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")  # NUL, and halves of pairs
_SHOWN = 3
_LONGEST_CHARS = 200


class Columns(BaseModel):
    """[source.columns]: names of columns, or dotted paths into a row of JSON.

    Attributes:
        key: What is permanent of an entrant in a race, the bib mostly; "#" takes the number of the line.
        race: Where one document has several races; "" for the source's `race`.
        name: One column, or several whose cells are joined by a space.
        place: From 1; "" for none.
        status: How far somebody is; "" goes by the times.
        finish: The running time at the finish.
        fields: What else the plan may ask for: its name there, and the column.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    key: str = Field(min_length=1)
    race: str = ""
    name: str | tuple[str, ...] = ""
    place: str = ""
    status: str = ""
    finish: str = ""
    fields: Mapping[str, str] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the name."""
        if isinstance(self.name, str):
            return (self.name,) if self.name else ()
        return self.name

    def every(self) -> list[str]:
        """All columns that are named."""
        one = [self.race, self.place, self.status, self.finish, "" if self.key == LINE else self.key]
        return [name for name in (*one, *self.names, *self.fields.values()) if name]


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a table came to.

    Attributes:
        results: Each entrant once, as the last of their rows says.
        notes: What was left out, and why.
    """

    results: Sequence[Result]
    tallies: tuple[Tally, ...] = ()
    notes: tuple[str, ...] = ()


def mapped(
    table: Table,
    columns: Columns,
    *,
    race: str,
    splits: Sequence[str],
    statuses: Mapping[str, Standing],
    tallies: Mapping[str, str],
) -> Mapped:
    """Make results of rows.

    Raises:
        Unavailable: A column that is named does not exist; the message says which there are.
    """
    if table.columns:
        absent = [name for name in (*columns.every(), *splits, *tallies.values()) if name not in table.columns]
        twice = [name for name in (*columns.every(), *splits) if table.columns.count(name) > 1]
        if twice:
            raise Unavailable(f"there are several columns {twice[0]!r}: which one counts is unknown: rename one")
        if absent:
            raise Unavailable(f"there is no column {absent[0]!r}: there are {', '.join(table.columns[:30])}")
    words = {**STATUSES} | {word.casefold(): standing for word, standing in statuses.items()}
    found: dict[tuple[str, str], Result] = {}
    faults: list[str] = []
    for number, row in table.rows:
        result = _result(row, number, columns, race, splits, words)
        if isinstance(result, str):
            faults.append(f"line {number} {result}" if table.columns else f"entry {number} {result}")
            continue
        found.pop((result.race, result.key), None)
        found[result.race, result.key] = result
    notes = list(table.notes)
    if faults:
        more = f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        what = "row" if len(faults) == 1 else "rows"
        notes.append(f"{len(faults)} {what} left out: {'; '.join(faults[:_SHOWN])}{more}")
    counted, odd = _tallies(table, tallies)
    return Mapped(tuple(found.values()), counted, (*notes, *odd))


def _result(
    row: Row, number: int, columns: Columns, race: str, splits: Sequence[str], words: Mapping[str, Standing]
) -> Result | str:
    key = str(number) if columns.key == LINE else _cell(row, columns.key)
    if not key:
        return "has no key"
    of_race = _cell(row, columns.race) if columns.race else race
    if not of_race:
        return "has no race"
    times = [(point, _time(_value(row, point))) for point in splits]
    if columns.finish:
        times.append((FINISH, _time(_value(row, columns.finish))))
    place = _cell(row, columns.place).rstrip(".") if columns.place else ""
    standing = words.get(_cell(row, columns.status).casefold()) if columns.status else None
    if standing is None and columns.finish:
        standing = words.get(_cell(row, columns.finish).casefold())  # "DNF" instead of a time
    if standing is None:
        has_finish = columns.finish and times[-1][1] is not None
        standing = (
            Standing.FINISHED
            if has_finish
            else Standing.STARTED
            if any(ms is not None for _, ms in times)
            else Standing.ENTERED
        )
    return Result(
        race=of_race,
        key=key,
        name=" ".join(part for name in columns.names if (part := _cell(row, name))),
        place=int(place) if place.isascii() and place.isdecimal() and 0 < len(place) < 10 and int(place) else None,
        times=tuple(times),
        standing=standing,
        fields={name: _cell(row, column) for name, column in columns.fields.items()},
    )


def _value(row: Row, name: str) -> object:
    return row[name] if name in row else at(row, name)


def _cell(row: Row, name: str) -> str:
    value = _value(row, name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        value = int(value) if value.is_integer() else value
    written = " ".join(str(value).translate(_UNWRITABLE).split())[:_LONGEST_CHARS]
    return "" if written in _NONE else written


def _time(value: object) -> int | None:
    """Milliseconds of a written time, or of a number of seconds."""
    if isinstance(value, str):
        return read_time(value)
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or not 0 < value < 3.6e6
    ):
        return None
    return int(value * 1000)


def _tallies(table: Table, wanted: Mapping[str, str]) -> tuple[tuple[Tally, ...], list[str]]:
    found, odd = [], []
    for name, path in wanted.items():
        value = (
            at(table.whole, path) if table.whole is not None else table.rows[-1][1].get(path) if table.rows else None
        )
        number = _number(value)
        if number is None:
            odd.append(f"{name}: no number stands at {path!r}")
        else:
            found.append(Tally(name, number))
    return tuple(found), odd


def _number(value: object) -> int | None:
    """Whole units; signs of money and thousands are passed over: "£59,400,000.50" is 59400000."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value) if math.isfinite(value) and abs(value) < 10**15 else None
    if not isinstance(value, str):
        return None
    written = re.sub(r"[£$€\s_']", "", value)
    if re.fullmatch(r"\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,}", written, re.ASCII):  # 59.400.000,50
        written = written.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d+,\d{1,2}", written, re.ASCII):  # 0,50
        written = written.replace(",", ".")
    written = written.replace(",", "").partition(".")[0]
    return int(written) if written.isascii() and written.isdecimal() and len(written) <= 15 else None
