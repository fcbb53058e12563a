"""The configuration file as it was written: its table, the place of every key, and excerpts that hide secrets."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from bot.config.words import looks_secret
from bot.core.errors import ConfigError, Mistake
from bot.core.toml_places import Path as Keys
from bot.core.toml_places import Place, Spot, places

_AT = re.compile(r"\s*\(at line (\d+), column (\d+)\)$")
_END = re.compile(r"\s*\(at end of document\)$")
_PAIR = re.compile(r"""\s*([A-Za-z0-9_."'-][A-Za-z0-9_."' -]*?)\s*=""")
_LONG_STRING = re.compile(r"([A-Za-z0-9_-]+)[\"']?\s*=\s*(\"{3}|'{3})")
_MOST_FLAWS = 20
_WIDEST = 160  # characters of a line that an excerpt shows beyond need
_PLAIN = {
    "Illegal character '\\n'": "this text has no closing quote",
    "Cannot overwrite a value": "this key already stands above: keep one of the two",
    "Invalid value": 'this is no value: text stands in "quotes", a moment as 2016-04-24T10:00:00+01:00',
    "Unescaped '\\' in a string": "a \\ stands alone in a text: write \\\\, or put the text in 'single quotes'",
    "Expected newline or end of document after a statement": "something follows where the line should end",
    "Unterminated string": "this text has no closing quote",
    "Unclosed array": "this list has no closing ]",
    "Unclosed inline table": "this block has no closing }",
}


class Trust(StrEnum):
    """How much can be said of the file's content."""

    WHOLE = "whole"
    PARTS = "parts"  # lines with broken values were left out: what is absent may only be unreadable
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Document:
    """One configuration file.

    Attributes:
        file: Its name as the person typed it.
        lines: Its lines as excerpts show them: secrets and control characters are masked, columns are kept.
        table: What `tomllib` read; empty where the file cannot be read as TOML.
        spots: Where each key and value stands.
        flaws: Mistakes of TOML itself, in order; mostly none.
        trust: How much of the content was read.
    """

    file: str
    lines: tuple[str, ...]
    table: Mapping[str, Any]
    spots: Mapping[Keys, Spot]
    flaws: tuple[Mistake, ...]
    trust: Trust

    def at_key(self, path: Keys, reason: str, hint: str = "") -> Mistake:
        """A mistake under a key; under the block's head where the key is not written, without a line for the whole file."""
        spot = self.spot(path)
        return self._at(spot.key if spot else None, reason, hint)

    def at_value(self, path: Keys, reason: str, hint: str = "") -> Mistake:
        """A mistake under a value, else as `at_key`."""
        spot = self.spot(path)
        return self._at(spot.value if spot else None, reason, hint)

    def line(self, path: Keys) -> int:
        """The line of a value, 0 where exactly this path is not written."""
        spot = self.spots.get(path)
        return spot.value.line if spot else 0

    def spot(self, path: Keys) -> Spot | None:
        """The place of a path or of the nearest thing around it; None for the whole file."""
        while path:
            if found := self.spots.get(path):
                return found
            path = path[:-1]
        return None

    def hiding(self, secret: Iterable[Keys]) -> "Document":
        """The same document whose excerpts mask these values and all that stands inside them."""
        lines = list(self.lines)
        for path in secret:
            for other, spot in self.spots.items():
                is_head = spot.value == spot.key and self.lines[spot.key.line - 1].lstrip().startswith("[")
                if other[: len(path)] == path and not is_head:
                    _mask(lines, spot.value)
        return replace(self, lines=tuple(lines))

    def _at(self, place: Place | None, reason: str, hint: str) -> Mistake:
        if place is None:
            return Mistake(self.file, 0, 1, reason, hint=hint)
        text = _clip(self.lines[place.line - 1], place.column + place.length)
        length = max(1, min(place.length, len(text) - place.column + 1))
        return Mistake(self.file, place.line, place.column, reason, length, text, hint)


def read(path: Path) -> Document:
    """Read a configuration file.

    A file that is not TOML is a document with flaws. Broken values are left out one by one, so that all of them are told.

    Raises:
        ConfigError: It is absent, unreadable or not UTF-8: nothing can be said of its content.
    """
    file = str(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        reason = "does not exist: run `milepost init` to write one, or name another with -c FILE"
        raise ConfigError((Mistake(file, 0, 1, reason),)) from None
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or "not a file name"
        reason = f"cannot be read ({why.lower()}): name a file that this user may read"
        raise ConfigError((Mistake(file, 0, 1, reason),)) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError((_not_text(file, data, error.start),)) from None
    return _parse(file, text)


def _parse(file: str, text: str) -> Document:
    lines = text.split("\n")
    shown = tuple(_clean(line) for line in lines)
    flaws: list[Mistake] = []
    while True:
        kept = "\n".join(lines)
        try:
            table = tomllib.loads(kept)
            return Document(file, shown, table, places(kept), tuple(flaws), Trust.PARTS if flaws else Trust.WHOLE)
        except RecursionError:
            flaws.append(Mistake(file, 0, 1, "lists and blocks lie too deep in one another"))
        except ValueError as error:
            flaw = _flaw(file, text, lines, str(error))
            ahead = flaw.line > max((known.line for known in flaws), default=0)
            flaws.extend([flaw] if ahead or not flaws else [])
            if ahead and _PAIR.match(lines[flaw.line - 1]) and len(flaws) < _MOST_FLAWS:
                lines[flaw.line - 1] = ""
                continue
        return Document(file, shown, {}, {}, tuple(flaws), Trust.NONE)


def _flaw(file: str, text: str, lines: list[str], message: str) -> Mistake:
    if found := _AT.search(message):
        line, column = int(found[1]), int(found[2])
        what = message[: found.start()]
    elif found := _END.search(message):
        line = max(index for index, content in enumerate(["", *lines]) if content.strip() or index == 1)
        column = len(lines[line - 1].rstrip()) + 1
        what = message[: found.start()]
        what = "something is not closed: a quote, a ] or a }" if what not in _PLAIN or what == "Invalid value" else what
    else:  # a whole number with thousands of digits: Python tells no place
        return Mistake(file, 0, 1, "a number is too long to be read")
    plain = _PLAIN.get(what) or f"this is not TOML: {what[:1].lower()}{what[1:]}"
    excerpt = _clip(_guard(text, lines[line - 1].rstrip("\r"), line), column)
    return Mistake(file, line, column, plain, 1, excerpt)


def _guard(text: str, line: str, number: int) -> str:
    """A line of a broken file, without what may be a secret; "" where all of it may be one."""
    before = "\n".join(text.split("\n")[: number - 1])
    for found in _LONG_STRING.finditer(before):
        if looks_secret(found[1]) and before.count(found[2], found.start()) % 2:
            return ""
    for pair in re.finditer(r"""([A-Za-z0-9_."'-]+)\s*=""", line):
        if looks_secret(pair[1].rpartition(".")[2].strip("\"'")):
            return _clean(line[: pair.end()]) + " ***" + " " * max(0, len(line) - pair.end() - 4)
    if re.search(r"://[^@\s]*:[^@\s]*@", line):
        start = line.index("://") + 3
        return _clean(line[:start]) + "***" + " " * max(0, len(line) - start - 3)
    return _clean(line)


def _not_text(file: str, data: bytes, at: int) -> Mistake:
    line = data.count(b"\n", 0, at) + 1
    column = len(data[data.rfind(b"\n", 0, at) + 1 : at].decode("utf-8", "replace")) + 1
    return Mistake(file, line, column, "is not UTF-8 here: save the file as UTF-8")


def _mask(lines: list[str], place: Place) -> None:
    row, start, length = place.line - 1, place.column - 1, place.length
    text = lines[row]
    lines[row] = f"{text[:start]}{'***'[:length].ljust(length)}{text[start + length :]}"


def _clean(line: str) -> str:
    """A line that cannot move a terminal's cursor; as long as before."""
    return "".join(
        " " if letter == "\t" else letter if letter.isprintable() else "\ufffd" for letter in line.rstrip("\r")
    )


def _clip(line: str, need: int) -> str:
    most = max(need, _WIDEST)
    return line.rstrip() if len(line) <= most else f"{line[:most]}…"
