"""`run --record`: writes every batch that comes in, as a recording that `replay` reads."""

import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from bot.core.errors import StoreError
from bot.core.model import Batch
from bot.core.recording import encode_line
from bot.store.cleaning import clean


def _line(at: datetime, source: str, batch: Batch) -> bytes:
    try:
        return encode_line(at, source, batch)
    except UnicodeEncodeError:  # half a character, which no file takes: as the store keeps it
        return encode_line(at, source, msgspec.convert(clean(msgspec.to_builtins(batch)), Batch))


class Recorder:
    """A recording that is being written; does nothing until it is opened. Safe for threads."""

    def __init__(self) -> None:
        self._file: BinaryIO | None = None
        self._lock = threading.Lock()

    def open(self, path: Path) -> None:
        """Append to a file from now on.

        Raises:
            StoreError: It cannot be written.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab")
        except OSError as error:
            raise StoreError(f"{path}: cannot be written: {error.strerror}: give another file to --record") from error

    def keep(self, at: datetime, source: str, batch: Batch) -> None:
        """Write a batch that brought something.

        Args:
            at: Event time at which it came.
        """
        if not (
            batch.posts or batch.gone or batch.gone_authors or batch.back_authors or batch.results or batch.tallies
        ):
            return
        with self._lock:
            if self._file is not None:
                self._file.write(_line(at, source, replace(batch, kept=())) + b"\n")
                self._file.flush()

    def close(self) -> None:
        """Write no more. Safe to call twice."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None
