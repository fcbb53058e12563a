"""The `file` account: a stand-in for a social account, for rehearsals and the demo.

It keeps what it was sent as JSON Lines: `{"id", "key", "created_at", "text", …}` for a snippet, `{"correct", "key", "text", …}` for
other words in its place, `{"retract", "at"}` for one that was taken back. It never forgets and never sends twice, and its lines are on the disk when `publish` returns.
"""

import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from bot.core.errors import Unanswered, Unavailable
from bot.core.model import Entity, LengthUnit, Limits, Media, Receipt, Snippet
from bot.core.ports import PlatformContext


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the file: a snippet, or the id of one that was corrected (`correct`) or taken back (`retract`)."""

    id: str = ""
    key: str = ""
    created_at: datetime | None = None
    text: str = ""
    lang: str = ""
    entities: tuple[Entity, ...] = ()
    media: tuple[Media, ...] = ()
    retract: str = ""
    correct: str = ""
    at: datetime | None = None


class FileAccount:
    """A file as an account."""

    secrets: ClassVar[tuple[str, ...]] = ()

    class Settings(BaseModel):
        """[[account]] of kind "file".

        Attributes:
            path: Where the lines go, relative to the configuration file; its folder is made where it is missing.
            length: The most a text may measure.
            unit: How it is counted.
            pace_s: Seconds between two sends.
        """

        model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

        path: Path
        length: int = Field(default=300, ge=20)
        unit: LengthUnit = LengthUnit.GRAPHEMES
        pace_s: float = Field(default=0.0, ge=0, allow_inf_nan=False)

    def __init__(self, settings: Settings, context: PlatformContext) -> None:
        self._settings = settings
        self._context = context
        self._path = Path(context.folder, settings.path)

    def limits(self) -> Limits:
        """As configured, with four pictures and a link."""
        return Limits(
            length=self._settings.length, unit=self._settings.unit, media=4, link=True, pace_s=self._settings.pace_s
        )

    def publish(self, snippet: Snippet, key: str) -> Receipt:
        """Append the snippet, once for each key.

        Raises:
            Unavailable: Nothing was written.
            Unanswered: The line may stand, in part or whole.
        """
        standing = self._receipt(key)
        if standing is None:
            standing = Receipt(f"{self._context.name}/{key}")
            self._append(
                _Line(
                    id=standing.id,
                    key=key,
                    created_at=snippet.created_at,
                    text=snippet.text,
                    lang=snippet.lang,
                    entities=snippet.entities,
                    media=snippet.media,
                )
            )
        return standing

    def find(self, key: str, since: datetime) -> Receipt | None:
        """The receipt of a snippet that stands; None where it does not, or was taken back.

        Raises:
            Unavailable: The file cannot be read.
        """
        del since
        receipt = self._receipt(key)
        return None if receipt is None or receipt.id in self._retracted() else receipt

    def revise(self, receipt: Receipt, snippet: Snippet, key: str) -> Receipt:
        """Note what stands in the place of a snippet's earlier words, once for each key.

        Raises:
            Unavailable: Nothing was written.
            Unanswered: The line may stand.
        """
        if not any(line.key == key for line in self._lines()):
            self._append(
                _Line(
                    key=key,
                    created_at=snippet.created_at,
                    text=snippet.text,
                    lang=snippet.lang,
                    entities=snippet.entities,
                    media=snippet.media,
                    correct=receipt.id,
                    at=self._context.machine_now(),
                )
            )
        return receipt

    def retract(self, receipt: Receipt) -> None:
        """Note that a snippet is taken back. Done already is done.

        Raises:
            Unavailable: Nothing was written.
            Unanswered: The line may stand.
        """
        if receipt.id not in self._retracted():
            self._append(_Line(retract=receipt.id, at=self._context.machine_now()))

    def _receipt(self, key: str) -> Receipt | None:
        return next((Receipt(line.id) for line in self._lines() if line.key == key and line.id), None)

    def _retracted(self) -> set[str]:
        return {line.retract for line in self._lines() if line.retract}

    def _lines(self) -> Iterator[_Line]:
        """Every whole line; one that was torn by a crash is passed over, for it was never confirmed."""
        try:
            if not stat.S_ISREG(self._path.stat().st_mode):  # a device or a pipe may never end
                raise Unavailable(f"{self._path}: not a plain file: give the account a file that can be written")
            with self._path.open("rb") as file:
                for raw in file:
                    try:
                        yield msgspec.json.decode(raw, type=_Line)
                    except ValueError:
                        continue
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unavailable(error) from error

    def _append(self, line: _Line) -> None:
        raw = msgspec.json.encode(line) + b"\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._path.open("ab+", buffering=0)
        except OSError as error:
            raise self._unavailable(error) from error
        with file:
            try:
                if file.seek(0, os.SEEK_END):
                    file.seek(-1, os.SEEK_END)
                    raw = raw if file.read(1) == b"\n" else b"\n" + raw  # a crash tore the last line
                written = file.write(raw)
                os.fsync(file.fileno())
            except OSError as error:
                raise Unanswered(f"{self._path}: {error.strerror}: whether it was written is looked up") from error
            if written != len(raw):
                raise Unanswered(
                    f"{self._path}: only {written} of {len(raw)} bytes were written: make room on the disk"
                )

    def _unavailable(self, error: OSError) -> Unavailable:
        return Unavailable(f"{self._path}: {error.strerror}: give the account a file that can be written")
