"""Reads single values of the plan's tables, and collects what is wrong in them, each with its place."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.durations import parse_duration, parse_signed
from bot.core.errors import Mistake
from bot.core.toml_places import Path, Spot
from bot.core.wording import check as check_wording


class Mistakes:
    """One file's.

    Args:
        file: As mistakes show it.
        lines: Of the file.
        spots: Where keys and values stand.
        zone: Of moments that are written without one.
    """

    def __init__(self, file: str, lines: Sequence[str], spots: Mapping[Path, Spot], zone: str) -> None:
        self.file = file
        self.lines = lines
        self.spots = spots
        self.zone = ZoneInfo(zone)
        self.found: list[Mistake] = []

    def bad(self, path: Path, reason: str, hint: str = "", *, value: bool = True) -> None:
        """Note a mistake about a value, or about a key."""
        self.found.append(self.mistake(path, reason, hint, value=value))

    def mistake(self, path: Path, reason: str, hint: str = "", *, value: bool = True) -> Mistake:
        """A mistake with its place, and that of the nearest table around it where the key stands nowhere."""
        while path and path not in self.spots:
            path = path[:-1]
        if not path:
            return Mistake(self.file, 0, 0, reason, hint=hint)
        spot = self.spots[path]
        where = spot.value if value else spot.key
        line = self.lines[where.line - 1] if where.line <= len(self.lines) else ""
        return Mistake(self.file, where.line, where.column, reason, where.length, line, hint)

    def keys(self, path: Path, table: Mapping[str, Any], known: Sequence[str], what: str) -> None:
        """Note what is called as nothing is called here."""
        for key in table:
            if key not in known:
                hint = near(key, known) or f"there are {', '.join(known)}"
                self.bad((*path, key), f"unknown key {key!r} in {what}", hint, value=False)

    def text(self, path: Path, table: Mapping[str, Any], key: str, *, needed: bool = False) -> str:
        """A text; "" where there is none."""
        value: object = table.get(key, "")
        if not isinstance(value, str):
            self.bad((*path, key), f"{key} is a text: write it in quotes")
            return ""
        if needed and not value:
            self.bad(path, f"needs {key!r}")
        return value

    def name(self, path: Path, table: Mapping[str, Any], key: str, *, needed: bool = False) -> str:
        """A text of letters, digits and "-"."""
        found = self.text(path, table, key, needed=needed)
        if found and not found.replace("-", "").isalnum():
            self.bad((*path, key), f"{'an id' if key == 'id' else f'a {key}'} has letters, digits and '-' only")
        return found

    def one_of(self, path: Path, table: Mapping[str, Any], key: str, known: Sequence[str], what: str) -> str:
        """A text that is one of several; "" where there is none."""
        found = self.text(path, table, key)
        if found and found not in known:
            self.bad((*path, key), f"{what} is one of {', '.join(known)}", near(found, known))
            return ""
        return found

    def count(self, path: Path, table: Mapping[str, Any], key: str, *, needed: bool = False) -> int:
        """A whole number from 1; 0 where there is none."""
        value = table.get(key)
        if value is None:
            if needed:
                self.bad(path, f"needs {key!r}: a whole number such as 1_000")
            return 0
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 10**15:
            self.bad((*path, key), f"{key} is a whole number from 1, without quotes: {key} = 1_000")
            return 0
        return value

    def yes(self, path: Path, table: Mapping[str, Any], key: str) -> bool:
        """True or false; false where it is not said."""
        value = table.get(key, False)
        if not isinstance(value, bool):
            self.bad((*path, key), f"{key} is true or false, without quotes")
            return False
        return value

    def span(self, path: Path, table: Mapping[str, Any], key: str, *, signed: bool = False) -> timedelta:
        """A duration; zero where there is none."""
        value = table.get(key)
        if value is None:
            return timedelta(0)
        try:
            return parse_signed(value) if signed else parse_duration(value)
        except ValueError as error:
            self.bad((*path, key), str(error))
            return timedelta(0)

    def moment(self, path: Path, table: Mapping[str, Any], key: str) -> datetime | None:
        """A moment of the calendar, in the event's zone where it names none."""
        value = table.get(key)
        if value is None:
            return None
        if not isinstance(value, datetime):
            self.bad((*path, key), f"{key} is a moment without quotes: {key} = 2016-04-24T13:15:00")
            return None
        return value if value.tzinfo else value.replace(tzinfo=self.zone)

    def wording(self, path: Path, template: str, known: Sequence[str]) -> None:
        """A template that names only what there is."""
        for word in check_wording(template, known):
            self.bad(path, f"nothing is called {word!r} here", near(word, known) or f"there are: {', '.join(known)}")


def near(word: str, known: Sequence[str]) -> str:
    """A hint at what was meant; "" where nothing is like it."""
    found = get_close_matches(word, known, 1)
    return f"did you mean {str(found[0])!r}?" if found else ""
