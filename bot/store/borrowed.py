"""A SQLite file that this user may read and not write: an on-call reader beside the service's own user.

A log beside the file (`-wal`) is what the writer leaves us to read; where there is none, nobody writes, and the file alone is
the whole store. SQLite would then want to make that log, which this user cannot or, worse, can: it would be ours and shut the
writer out.

Source: https://www.sqlite.org/wal.html#read_only_databases
"""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from bot.core.errors import StoreError


def is_borrowed(file: Path) -> bool:
    """Whether a file is there that this user may only read.

    Raises:
        StoreError: It is there, or its folder is closed, and this user may not even read it.
    """
    if _may(file, os.O_RDWR):
        return False
    if _may(file, os.O_RDONLY):
        return True
    raise StoreError(
        f"{file}: this user may not read the database, which keeps the sessions of accounts: do it as its owner, or let a group "
        "read it (chmod g+r on the file and those beside it)"
    )


def opener(file: Path, patience_s: float) -> Callable[[], sqlite3.Connection]:
    """What opens a borrowed file, each time as it then is."""

    def connect() -> sqlite3.Connection:
        whole = "" if _log_of(file).exists() else "&immutable=1"
        uri = f"file:{quote(str(file.absolute()))}?mode=ro{whole}"
        return sqlite3.connect(uri, uri=True, timeout=patience_s, check_same_thread=False)

    return connect


def state(file: Path) -> tuple[tuple[int, int], ...]:
    """What differs after a commit: times and sizes of the file and its log, (0, 0) for one that is not there."""
    return tuple(_state(path) for path in (file, _log_of(file)))


def _log_of(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


def _state(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _may(file: Path, how: int) -> bool:
    try:
        os.close(os.open(file, how))
    except PermissionError:
        return False
    except OSError:
        return True  # it is not there, or no file: whoever opens it says so
    return True
