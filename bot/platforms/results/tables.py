"""Bytes -> rows, whatever line ends, delimiter and encoding they have."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.core.errors import Unavailable

Row = Mapping[str, object]
_DELIMITERS = (",", ";", "\t", "|")
_LONGEST_CELL_CHARS = 10_000
_MOST_COLUMNS = 500
_SHOWN = 20
_BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one document.

    Attributes:
        rows: Each with the number of its line (of its place in the list, for JSON), from 1.
        columns: Names of the first line; empty for JSON.
        whole: The document itself, for JSON; None for CSV.
        notes: What an operator should know.
    """

    rows: Sequence[tuple[int, Row]]
    columns: tuple[str, ...] = ()
    whole: object = None
    notes: tuple[str, ...] = field(default=())


def text_of(body: bytes) -> tuple[str, str]:
    """The text and a note where it is not UTF-8; nothing is lost."""
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return body.decode(encoding, "replace"), ""
    try:
        return body.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace"), "it is not UTF-8, and was read as Windows-1252"


def whole_lines(body: bytes) -> tuple[bytes, bool]:
    """A growing file up to its last line end, and whether something stands behind that: it may be in the middle of being written."""
    if body.startswith(tuple(bom for bom, _ in _BOMS)):
        text = text_of(body[: len(body) // 2 * 2])[0]
        end = max(text.rfind("\n"), text.rfind("\r")) + 1
        return text[:end].encode(), end < len(text) or len(body) % 2 == 1
    end = max(body.rfind(b"\n"), body.rfind(b"\r")) + 1
    return body[:end], end < len(body)


def read_csv(body: bytes, delimiter: str) -> Table:
    """Read CSV with a header line.

    Args:
        delimiter: "" for the one that the header has most of.

    Raises:
        Unavailable: There is no header.
    """
    text, note = text_of(body)
    head = text.lstrip("\r\n").splitlines()[0] if text.strip() else ""
    if not head:
        raise Unavailable("there is no line in it yet")
    cut = delimiter or max(_DELIMITERS, key=head.count)
    notes = [note] if note else []
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=cut)
    rows: list[tuple[int, Row]] = []
    columns: tuple[str, ...] = ()
    lines = _lines(reader, notes)
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if not columns:
            columns = tuple(cell.strip() for cell in cells[:_MOST_COLUMNS])
            continue
        rows.append((number, dict(zip(columns, (cell[:_LONGEST_CELL_CHARS].strip() for cell in cells), strict=False))))
    return Table(rows, columns, None, tuple(notes))


def _lines(reader: Iterator[list[str]], notes: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Rows until one that cannot be read: what comes after it cannot be told apart."""
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            notes.append(f"line {reader.line_num} cannot be read ({error}): nothing after it was")  # type: ignore[attr-defined] # a reader has it
            return
        yield reader.line_num, cells  # type: ignore[attr-defined] # a reader has it


def read_json(body: bytes, path: str) -> Table:
    """Read a JSON document with a list of objects in it.

    Args:
        path: Where the list stands, "results.items"; "" for the document itself.

    Raises:
        Unavailable: It is no whole JSON, or no list stands there.
    """
    text, note = text_of(body)
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unavailable(
            f"it is no whole JSON ({str(error)[:100]}): it may be in the middle of being written"
        ) from error
    found = at(whole, path) if path else whole
    if not isinstance(found, list):
        there = f"; there are: {', '.join(list(whole)[:_SHOWN])}" if isinstance(whole, dict) else ""
        raise Unavailable(f"no list of rows stands at {path or 'the top'!r}: set `rows`{there}")
    rows = [(number, one) for number, one in enumerate(found, start=1) if isinstance(one, dict)]
    notes = [note] if note else []
    if len(rows) < len(found):
        notes.append(f"{len(found) - len(rows)} entries are no objects")
    return Table(rows, (), whole, tuple(notes))


def at(value: object, path: str) -> object:
    """What stands at a dotted path; None where nothing does. A key that has the whole name comes first."""
    if isinstance(value, dict) and path in value:
        return value[path]
    for part in path.split("."):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isascii() and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value
