"""A file of rules or people on the desk: its text, where everything in it stands, and mistakes with their excerpt."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from bot.core.errors import Mistake
from bot.core.toml_places import Path, Place, Spot, places

_AT = re.compile(r"\s*\(at line (\d+), column (\d+)\)$")
_AT_END = re.compile(r"\s*\(at end of document\)$")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BARE = re.compile(r"[A-Za-z_.\-]+")
_SHOWN = 200
_PLAIN = (
    ("Unescaped '\\' in a string", "write patterns in single quotes: '\\d+'"),
    ("Invalid statement", "a line is 'key = value', '[[rule]]' or a comment with '#'"),
    ("Cannot overwrite a value", "this key is given twice"),
    ("Cannot declare", "this table is given twice: every rule begins with [[rule]]"),
    ("Cannot mutate immutable namespace", "this key is given twice"),
    ("Expected '=' after a key", "write key = value"),
    ("Expected newline or end of document after a statement", "the value ended before; quotes must be of one kind"),
    ("Unclosed array", "a list ends with ']', and a comma stands between its entries"),
    ("Unclosed inline table", "a table ends with '}', and a comma stands between its keys"),
    ("Unterminated string", "a text ends with the quote that it began with"),
    ("Expected ']", "a rule begins with [[rule]]"),
    ("Expected", "the text has no closing quote"),
    ("Illegal character", "a text ends on the line where it began; a tab or line break is not allowed in it"),
    ("Found invalid character", "keys have letters, digits, '-' and '_'"),
    ("Duplicate inline table key", "this key is given twice"),
    ("Invalid date or datetime", "write date, time and zone: 2016-04-24T10:00:00+01:00"),
    ("Unescaped", "write patterns in single quotes: '\\d+'"),
    ("Invalid hex value", "write patterns in single quotes: '\\d+'"),
)


class Sheet:
    """One file.

    Args:
        name: As mistakes show it.
        text: Its text, with any line ends.
        table: What its tables are called: hints speak of it.
    """

    def __init__(self, name: str, text: str, table: str = "rule") -> None:
        self.name = name
        self._table = table
        self.text = text.removeprefix("\ufeff").replace("\r\n", "\n")
        self.lines = self.text.split("\n")
        self.spots: Mapping[Path, Spot] = {}

    def read(self) -> dict[str, Any] | Mistake:
        """The document, or why it is none."""
        bad = _SURROGATE.search(self.text)
        if bad:
            return self.at(*self._where(bad.start()), 1, "this is not a character: save the file as UTF-8")
        try:
            document = tomllib.loads(self.text)
            self.spots = places(self.text)
        except RecursionError:
            return self.at(1, 1, 1, "lists or tables are nested too deeply")
        except (ValueError, OverflowError) as error:
            return self._broken(str(error))
        return document

    def _broken(self, message: str) -> Mistake:
        found = _AT.search(message)
        if found:
            line, column = int(found.group(1)), int(found.group(2))
        elif _AT_END.search(message):
            line, column = len(self.lines), len(self.lines[-1]) + 1
        else:
            line, column = 1, 1
        reason = _AT_END.sub("", _AT.sub("", message))[:_SHOWN]
        source = self._line(line)
        sign = source[column - 1 : column]
        if sign and sign in "“”‘’«»„":
            return self.at(line, column, 1, "write straight quotes", '"…"')
        if reason == "Invalid value":
            bare = _BARE.match(source, column - 1)
            reason = "a text needs quotes" if bare else "the value is missing or wrong"
            return self.at(line, column, len(bare.group()) if bare else 1, reason, f'"{bare.group()}"' if bare else "")
        if reason.startswith("Unescaped '\\'"):  # the place is told after the letter that follows
            column = max(1, column - 2)
        plain = next((words for start, words in _PLAIN if reason.startswith(start)), "").replace("rule", self._table)
        return self.at(line, column, 1, reason[:1].lower() + reason[1:] + (f": {plain}" if plain else ""))

    def _where(self, index: int) -> tuple[int, int]:
        before = self.text[:index]
        return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1

    def _line(self, number: int) -> str:
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def at(self, line: int, column: int, length: int, reason: str, hint: str = "") -> Mistake:
        """A mistake at a place of the text."""
        source = "".join(sign if sign.isprintable() else " " for sign in self._line(line))
        source = source[: max(_SHOWN, column + min(length, _SHOWN))]
        length = max(1, min(length, len(source) - column + 1))
        return Mistake(self.name, line, column, reason, length, source.replace("\t", " "), hint)

    def spot(self, path: Path) -> Spot:
        """Where a key and its value stand; the nearest table around it where it stands nowhere."""
        while path:
            found = self.spots.get(path)
            if found:
                return found
            path = path[:-1]
        start = Place(1, 1, 1)
        return Spot(start, start)

    def key(self, path: Path, reason: str, hint: str = "") -> Mistake:
        """A mistake about a key, a table's header or an entry of a list."""
        place = self.spot(path).key
        return self.at(place.line, place.column, place.length, reason, hint)

    def value(self, path: Path, reason: str, hint: str = "") -> Mistake:
        """A mistake about a value."""
        place = self.spot(path).value
        return self.at(place.line, place.column, place.length, reason, hint)

    def inside(self, path: Path, start: int, end: int, reason: str, hint: str = "") -> Mistake:
        """A mistake inside a text, by indexes of the text that was read."""
        place = self.spot(path).value
        row, source, column = place.line, self._line(place.line), place.column - 1
        quote = source[column : column + 1]
        if quote not in {"'", '"'}:
            return self.at(place.line, place.column, place.length, reason, hint)
        wide = 3 if source.startswith(quote * 3, column) else 1
        column += wide
        if wide == 3 and column >= len(source):
            row, column = row + 1, 0
            source = self._line(row)
        columns: list[int] = []
        while len(columns) <= end and column <= len(source):
            columns.append(column)
            column += _width(source, column) if quote == '"' else 1
        if not columns or start >= len(columns):
            return self.at(place.line, place.column, place.length, reason, hint)
        last = columns[min(end, len(columns) - 1)]
        return self.at(row, columns[start] + 1, last - columns[start], reason, hint)


def _width(source: str, column: int) -> int:
    """How many characters of a line make one character of a text in double quotes."""
    if source[column : column + 1] != "\\":
        return 1
    return {"u": 6, "U": 10}.get(source[column + 1 : column + 2], 2)
