"""Where in a TOML file each key and value stands.

No TOML library tells the place of a valid value. This scanner runs after `tomllib` has accepted the text, so it need not
validate: it only walks the same grammar (TOML 1.0) and notes line and column of every key and value.
Source: https://toml.io/en/v1.0.0
"""

from collections.abc import Mapping
from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of one line.

    Attributes:
        line: 1-based.
        column: 1-based, in characters.
        length: Characters on that line; at least 1.
    """

    line: int
    column: int
    length: int


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a key stands and where its value stands. An array's element and a table header have one place for both."""

    key: Place
    value: Place


def places(text: str) -> Mapping[Path, Spot]:
    r"""Find every key and value of a valid TOML document.

    Args:
        text: A document that `tomllib.loads` accepts, with "\n" or "\r\n" line ends; may be empty.

    Returns:
        By path: table names and keys as text, positions in arrays (also of tables) as whole numbers from 0. The root has
        no entry. A table that is named by several headers has the place of the first.
    """
    return _Scanner(text).run()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Path, Spot] = {}
        self.tables: dict[Path, int] = {}
        self.starts = [0]
        self.starts.extend(index + 1 for index, character in enumerate(text) if character == "\n")

    def run(self) -> Mapping[Path, Spot]:
        prefix: Path = ()
        while True:
            self.blank(newlines=True)
            if self.at >= len(self.text):
                return self.found
            if self.text[self.at] == "[":
                prefix = self.header()
            else:
                self.pair(prefix)

    def header(self) -> Path:
        start = self.at
        double = self.text.startswith("[[", self.at)
        self.at += 2 if double else 1
        keys = [name for name, _ in self.dotted()]
        self.blank()
        self.at += 2 if double else 1
        here = self.place(start, self.at)
        path: Path = ()
        for key in keys[:-1]:
            self.found.setdefault((*path, key), Spot(here, here))
            path = self.current((*path, key))
        path = (*path, keys[-1])
        if double:
            number = self.tables.get(path, -1) + 1
            self.tables[path] = number
            self.found.setdefault(path, Spot(here, here))
            path = (*path, number)
        self.found.setdefault(path, Spot(here, here))
        return path

    def current(self, path: Path) -> Path:
        return (*path, self.tables[path]) if path in self.tables else path

    def pair(self, prefix: Path) -> None:
        keys = self.dotted()
        self.blank()
        self.at += 1
        self.blank()
        path = prefix
        for name, where in keys:
            path = (*path, name)
            if name is not keys[-1][0] or where is not keys[-1][1]:
                self.found.setdefault(path, Spot(where, where))
        where = keys[-1][1]
        start = self.at
        self.value(path)
        self.found[path] = Spot(where, self.place(start, self.at))

    def dotted(self) -> list[tuple[str, Place]]:
        keys = []
        while True:
            self.blank()
            start = self.at
            if self.text[self.at] in "\"'":
                name = self.string()
            else:
                while self.at < len(self.text) and (self.text[self.at].isalnum() or self.text[self.at] in "_-"):
                    self.at += 1
                name = self.text[start : self.at]
            keys.append((name, self.place(start, self.at)))
            self.blank()
            if self.at >= len(self.text) or self.text[self.at] != ".":
                return keys
            self.at += 1

    def value(self, path: Path) -> None:
        match self.text[self.at]:
            case '"' | "'":
                self.string()
            case "[":
                self.array(path)
            case "{":
                self.table(path)
            case _:
                while self.at < len(self.text) and self.text[self.at] not in ",]}#\r\n":
                    self.at += 1
                while self.text[self.at - 1] in " \t":
                    self.at -= 1

    def array(self, path: Path) -> None:
        self.at += 1
        number = 0
        while True:
            self.blank(newlines=True)
            if self.text[self.at] == "]":
                self.at += 1
                return
            if self.text[self.at] == ",":
                self.at += 1
                continue
            start = self.at
            self.value((*path, number))
            here = self.place(start, self.at)
            self.found[(*path, number)] = Spot(here, here)
            number += 1

    def table(self, path: Path) -> None:
        self.at += 1
        while True:
            self.blank(newlines=True)
            if self.text[self.at] == "}":
                self.at += 1
                return
            if self.text[self.at] == ",":
                self.at += 1
                continue
            self.pair(path)

    def string(self) -> str:
        quote = self.text[self.at]
        start = self.at
        if self.text.startswith(quote * 3, self.at):
            self.at += 3
            while not self.text.startswith(quote * 3, self.at):
                self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
            self.at += 3
            while self.at < len(self.text) and self.text[self.at] == quote:  # up to two quotes may touch the end
                self.at += 1
            return self.text[start + 3 : self.at - 3]
        self.at += 1
        while self.text[self.at] != quote:
            self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
        self.at += 1
        inner = self.text[start + 1 : self.at - 1]
        return _unescape(inner) if quote == '"' and "\\" in inner else inner

    def blank(self, *, newlines: bool = False) -> None:
        while self.at < len(self.text):
            character = self.text[self.at]
            if character in " \t" or (newlines and character in "\r\n"):
                self.at += 1
            elif newlines and character == "#":
                while self.at < len(self.text) and self.text[self.at] != "\n":
                    self.at += 1
            else:
                return

    def place(self, start: int, end: int) -> Place:
        low, high = 0, len(self.starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.starts[middle] <= start else (low, middle)
        first_line = self.text[start:end].split("\n", 1)[0].rstrip("\r")
        return Place(low + 1, start - self.starts[low] + 1, max(1, len(first_line)))


def _unescape(inner: str) -> str:
    """Decode a basic string's escapes, as `tomllib` does; only keys need it."""
    out = []
    index = 0
    simple = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}
    while index < len(inner):
        if inner[index] != "\\":
            out.append(inner[index])
            index += 1
            continue
        letter = inner[index + 1]
        if letter in simple:
            out.append(simple[letter])
            index += 2
        else:
            width = 4 if letter == "u" else 8
            out.append(chr(int(inner[index + 2 : index + 2 + width], 16)))
            index += 2 + width
    return "".join(out)
