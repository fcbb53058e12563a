"""Bytes -> rows, whatever line ends, delimiter and encoding they have."""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.core.errors import Unavailable

Row = Mapping[str, object]
_DELIMITERS = (",", ";", "\t", "|")
_LONGEST_CELL_CHARS = 10_000
_MOST_COLUMNS = 500
_MOST_LINES = 20
"""So many lines a row may have, by line breaks in quotes; one that has more forgot to close a quote."""
_MOST_FAULTS = 1_000
_SHOWN = 20
_OPEN = "opens a quote that nothing closes"
_WAITS = "opens a quote that nothing closes yet: it waits"
_END = "\0end"
"""Comes after the last line: no text has it, for NUL is taken out."""
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one document.

    Attributes:
        rows: Each with the number of its line (of its place in the list, for JSON), from 1.
        columns: Names of the first line; empty for JSON.
        whole: The document itself, for JSON; None for CSV.
        notes: What an operator should know.
        waits: Its end is in the middle of being written, as it seems.
    """

    rows: Sequence[tuple[int, Row]]
    columns: tuple[str, ...] = ()
    whole: object = None
    notes: tuple[str, ...] = field(default=())
    waits: bool = False


def text_of(body: bytes) -> tuple[str, str]:
    """The text and a note where it is not UTF-8; nothing is lost."""
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return body.decode(encoding, "replace"), ""
    try:
        return body.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        pass
    lines, odd = [], 0
    for line in body.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True):
        try:
            lines.append(line.decode())
        except UnicodeDecodeError:  # one such line must not make others look different
            lines.append(line.decode("cp1252", "replace"))
            odd += 1
    what = "line is" if odd == 1 else "lines are"
    return "".join(lines), f"{odd} {what} not UTF-8: read as Windows-1252"


def whole_lines(body: bytes) -> tuple[bytes, bool]:
    """A growing file up to its last line end, and whether something stands behind that: it may be in the middle of being written."""
    if body.startswith(tuple(bom for bom, _ in _BOMS)):
        text = text_of(body[: len(body) // 2 * 2])[0]
        end = max(text.rfind("\n"), text.rfind("\r")) + 1
        return text[:end].encode(), end < len(text) or len(body) % 2 == 1
    end = max(body.rfind(b"\n"), body.rfind(b"\r")) + 1
    return body[:end], end < len(body)


def read_csv(body: bytes, delimiter: str, *, is_done: bool = False) -> Table:
    """Read CSV with a header line.

    Args:
        delimiter: "" for the one that the header has most of.
        is_done: Nobody is writing it any more: a quote that is open at the end is a fault.

    Raises:
        Unavailable: There is no header.
    """
    text, note = text_of(body)
    lines = _LINE.findall(text.replace("\0", ""))
    head = next((number for number, line in enumerate(lines) if line.strip()), None)
    if head is None:
        raise Unavailable("there is no line in it yet")
    if told := re.fullmatch(r"sep=([,;\t|])\s*", lines[head]):  # as some spreadsheets begin
        delimiter, lines[head] = delimiter or told[1], "\n"
        head = next((number for number, line in enumerate(lines) if line.strip()), head)
    cut = delimiter or max(_DELIMITERS, key=lines[head].count)
    notes = [note] if note else []
    rows: list[tuple[int, Row]] = []
    columns: tuple[str, ...] = ()
    for number, cells in _rows(lines, cut, notes, is_done=is_done):
        if not any(cell.strip() for cell in cells):
            continue
        if not columns:
            columns = tuple(cell.strip() for cell in cells[:_MOST_COLUMNS])
            continue
        rows.append((number, dict(zip(columns, (cell[:_LONGEST_CELL_CHARS].strip() for cell in cells), strict=False))))
    return Table(rows, columns, None, tuple(notes), bool(notes) and notes[-1].endswith(_WAITS))


class _TooLongError(Exception):
    """A row has more lines than a row can have."""


def _rows(lines: Sequence[str], delimiter: str, notes: list[str], *, is_done: bool) -> Iterator[tuple[int, list[str]]]:
    """Every row with the number of its first line, from 1.

    A row that cannot be read costs that line alone. A quote that is still open at the end waits for what comes, unless the
    document is done.
    """
    at_line, faults = 0, 0
    while at_line < len(lines):
        stopped, why = at_line, ""
        feed = _Feed(lines, at_line)
        reader = csv.reader(feed, delimiter=delimiter)
        try:
            for cells in reader:
                if _END in cells[-1:]:
                    break
                if cells and cells[-1].endswith(_END):
                    if is_done:
                        why = _OPEN
                        break
                    notes.append(f"line {stopped + 1} {_WAITS}")
                    return
                yield stopped + 1, cells
                stopped = feed.begin()
        except _TooLongError:
            why = _OPEN
        except csv.Error as error:
            why = f"cannot be read ({error})"
        if not why:
            break
        faults += 1
        if faults <= 3:
            notes.append(f"line {stopped + 1} {why}: left out")
        if faults >= _MOST_FAULTS:
            notes.append(f"{faults} lines cannot be read: nothing after line {stopped + 1} was")
            return
        at_line = stopped + 1
    if faults > 3:
        notes.append(f"{faults} lines in all cannot be read")


class _Feed(Iterator[str]):
    """Lines for a reader, few for each row, and `_END` behind the last."""

    def __init__(self, lines: Sequence[str], first: int) -> None:
        self._lines = lines
        self._next = self._first = first

    def begin(self) -> int:
        """A row is done: where the next one begins, from 0."""
        self._first = self._next
        return self._first

    def __next__(self) -> str:
        """The next line.

        Raises:
            _TooLongError: The row has had as many as a row may have.
        """
        if self._next > len(self._lines):
            raise StopIteration
        if self._next - self._first >= _MOST_LINES:
            raise _TooLongError
        self._next += 1
        return self._lines[self._next - 1] if self._next <= len(self._lines) else _END


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
