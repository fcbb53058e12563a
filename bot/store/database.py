"""The one way in: `Database.begin()` to write, `Database.read()` to look.

SQLite runs WAL with `synchronous=FULL`; writers begin with `BEGIN IMMEDIATE`, because a deferred transaction that reads
first and then writes fails with "database is locked" in spite of any time-out. PostgreSQL needs no such care. An error of
the database becomes a `StoreError` that says what to do; nothing of the transaction is kept then.
"""

import os
import sqlite3
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, CursorResult, Engine, Executable, Row, Select, create_engine, event, make_url
from sqlalchemy import text as sql_text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool
from sqlalchemy.schema import Table

from bot.core.errors import StoreAwayError, StoreError
from bot.store.borrowed import is_borrowed, opener, state

_BUSY_MS = 10_000
_WAL_PAGES = 16_000  # from here on (64 MB) a commit does by itself what `checkpoint` has not done
_WAL_BYTES = 67_108_864  # a log that grew beyond this under readers who never let go is cut again

# What a statement gives back: SQLAlchemy cannot know the columns of a statement that is put together in parts.
AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]
AnyResult = CursorResult[*tuple[Any, ...]]


class Transaction:
    """One transaction: all of it happens, or nothing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.is_sqlite = connection.dialect.name == "sqlite"
        self._at_end: dict[str, Callable[[], None]] = {}
        self.counted: dict[int, tuple[int, int]] = {}  # what `authors.count_verdict` has not written yet

    def at_end(self, name: str, work: Callable[[], None]) -> None:
        """Do this right before the commit, once for each name: for rows that everybody has to lock in one order."""
        self._at_end.setdefault(name, work)

    def finish(self) -> None:
        """Do what was left for the end."""
        for work in self._at_end.values():
            work()
        self._at_end.clear()

    def run(self, statement: Executable, rows: Sequence[dict[str, Any]] | dict[str, Any] | None = None) -> AnyResult:
        """Execute one statement, once or for each of many rows."""
        return self._connection.execute(statement, rows)

    def plain(self, statement: Executable) -> Sequence[tuple[Any, ...]]:
        """All rows as the driver gives them: for numbers and bytes by the hundred thousand, which need no conversion."""
        result = self._connection.execute(statement)
        rows: Sequence[tuple[Any, ...]] = result.cursor.fetchall()
        result.close()
        return rows

    def raw(self, statement: str, rows: Sequence[tuple[Any, ...]] | tuple[Any, ...] = ()) -> AnyResult:
        """Execute driver SQL as it is: for pragmas, and for the one batch that every post goes through."""
        return self._connection.exec_driver_sql(statement, rows)

    def reserve(self, table: Table, count: int) -> Sequence[int]:
        """Take `count` ids of a table whose key is a number: unique, ascending; never given twice, gaps are possible."""
        if count <= 0:
            return ()
        if self.is_sqlite:  # one writer at a time: nobody else can take these before we commit
            last = int(self._connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM {table.name}").scalar_one())  # noqa: S608 - a table of ours
            return range(last + 1, last + 1 + count)
        taken = self._connection.execute(
            sql_text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)"),
            {"name": table.name, "count": count},
        )
        return sorted(int(row[0]) for row in taken)

    def alone(self, what: str = "decides") -> None:
        """Wait until nobody else does this: for whoever reads a verdict or an update and writes it back.

        Held until the transaction ends. SQLite has one writer at a time by itself.
        """
        if not self.is_sqlite:
            self._connection.execute(
                sql_text("SELECT pg_advisory_xact_lock(hashtext(:what))"), {"what": f"milepost {what}"}
            )

    def notify(self) -> None:
        """Ring the bell of other processes when this commits; SQLite's readers see the change by themselves."""
        if not self.is_sqlite:
            self._connection.exec_driver_sql("NOTIFY milepost")


class Watch:
    """Tells that another process (or this one) has committed something."""

    def __init__(self, changed: Callable[[float], bool], close: Callable[[], None]) -> None:
        self.changed = changed
        self.close = close

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Database:
    """A database of ours, open.

    Args:
        url: "sqlite:///file", "sqlite://" (memory, for tests) or "postgresql://user@host/name".
        password: For PostgreSQL; never part of the URL in a file.
    """

    def __init__(self, url: str, *, password: str | None = None) -> None:
        try:
            parsed = make_url(url)
        except SQLAlchemyError as error:
            raise StoreError(
                f"store.url: {url!r} is not a database URL: write sqlite:///var/milepost.db or postgresql://user@host/name"
            ) from error
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if not self.is_sqlite and parsed.get_backend_name() != "postgresql":
            raise StoreError(
                f"store.url: {parsed.get_backend_name()!r} is not supported: use sqlite:/// or postgresql://"
            )
        self._writing = Lock()
        self.file: Path | None = None
        self._is_borrowed = False
        if self.is_sqlite:
            if parsed.database and parsed.database != ":memory:":
                self.file = Path(parsed.database)
                self._is_borrowed = is_borrowed(self.file)
                if not self._is_borrowed:
                    _private_file(self.file)
            self.engine = _sqlite_engine(url, self.file if self._is_borrowed else None)
        else:
            if password is not None:
                parsed = parsed.set(password=password)
            self.engine = create_engine(
                parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=10, max_overflow=20
            )
        self.name = parsed.render_as_string(hide_password=True)

    @contextmanager
    def begin(self, *, silent: bool = False) -> Generator[Transaction]:
        """A writing transaction; commits at the end, keeps nothing if an error leaves the block.

        Args:
            silent: Ring no bell: what is written makes no work for anybody.

        Raises:
            StoreError: The database is full, read-only or newer; `StoreAwayError` where it is locked or away. The message says
                what to do.
        """
        try:
            with (
                self._turn(),
                self.engine.connect().execution_options(milepost_write=True) as connection,
                connection.begin(),
            ):
                transaction = Transaction(connection)
                yield transaction
                transaction.finish()
                if not silent:
                    transaction.notify()
        except SQLAlchemyError as error:
            raise self.explain(error) from error

    @contextmanager
    def rebuild(self) -> Generator[Transaction]:
        """A writing transaction in which tables may be made anew: SQLite checks keys between tables at its end, not before.

        Raises:
            StoreError: As `begin`; or a row would point to nothing. Nothing is kept then.
        """
        if not self.is_sqlite:
            with self.begin() as tx:
                yield tx
            return
        try:
            with self._turn(), self.engine.connect().execution_options(milepost_write=True) as connection:
                driver = connection.connection.cursor()
                driver.execute("PRAGMA foreign_keys = OFF")  # has no effect once a transaction has begun
                try:
                    with connection.begin():
                        transaction = Transaction(connection)
                        yield transaction
                        broken = transaction.raw("PRAGMA foreign_key_check").first()
                        if broken is not None:
                            raise StoreError(f"{self.name}: a row of {broken[0]} points to nothing in {broken[2]}")
                finally:
                    driver.execute("PRAGMA foreign_keys = ON")
        except SQLAlchemyError as error:
            raise self.explain(error) from error

    @contextmanager
    def _turn(self) -> Generator[None]:
        """Wait for the other writers of this process on SQLite: it would let us sleep up to a tenth of a second past our turn.

        Who waits too long goes on and lets SQLite say what is wrong.
        """
        is_mine = self.is_sqlite and self._writing.acquire(timeout=_BUSY_MS / 1000)
        try:
            yield
        finally:
            if is_mine:
                self._writing.release()

    @contextmanager
    def read(self) -> Generator[Transaction]:
        """A reading transaction: one consistent view, never waits for a writer on SQLite."""
        try:
            with self.engine.connect() as connection:
                if not self.is_sqlite:
                    connection = connection.execution_options(isolation_level="REPEATABLE READ")  # noqa: PLW2901 - the same one
                with connection.begin():
                    yield Transaction(connection)
        except SQLAlchemyError as error:
            raise self.explain(error) from error

    def explain(self, error: Exception) -> StoreError:
        """Say what is wrong with the database and what to do, without a password."""
        cause = str(error.orig) if isinstance(error, DBAPIError) else str(error)
        lowered = cause.lower()
        is_away = isinstance(error, DBAPIError) and error.connection_invalidated
        for mark, advice in (*_AWAY, *_ADVICE):
            if mark in lowered:
                kind = StoreAwayError if is_away or (mark, advice) in _AWAY else StoreError
                return kind(f"{self.name}: {advice} ({cause.strip().splitlines()[0]})")
        kind = StoreAwayError if is_away else StoreError
        return kind(f"{self.name}: {cause.strip().splitlines()[0]}")

    def watch(self) -> Watch:
        """A watch on commits: `changed(timeout_s)` waits until something was committed, or the time is over."""
        if not self.is_sqlite:
            return _watch_postgresql(self.engine)
        return _watch_borrowed(self.file) if self.file and self._is_borrowed else _watch_sqlite(self.engine)

    def checkpoint(self) -> None:
        """Bring what is committed from SQLite's log into its file, beside the writers, so that no commit has to.

        Raises:
            StoreError: As `begin`.
        """
        if not self.is_sqlite:
            return
        try:
            with self.engine.connect() as connection:
                connection.connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise self.explain(error) from error

    def forgo_durability(self) -> None:
        """Commit without waiting for the disk: for a store that is thrown away. PostgreSQL stays as it is."""
        if self.is_sqlite:

            @event.listens_for(self.engine, "connect")
            def _on_connect(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
                connection.execute("PRAGMA synchronous = OFF")

            self.engine.dispose()

    def close(self) -> None:
        """Close every connection. Safe to call twice."""
        self.engine.dispose()


_NO_ANSWER = "PostgreSQL does not answer: check that it runs, and host and port in store.url"
_AWAY = (  # the same may work later
    (
        "database is locked",
        "another process holds the database for writing: wait, or stop that process (try `milepost status`)",
    ),
    ("connection refused", _NO_ANSWER),
    ("is the server running", _NO_ANSWER),
    ("no route to host", _NO_ANSWER),
    ("network is unreachable", _NO_ANSWER),
    ("timeout expired", _NO_ANSWER),
    ("timed out", _NO_ANSWER),
    ("server closed the connection", "PostgreSQL went away: check that it runs"),
    ("the database system is", "PostgreSQL starts or stops: wait until it is ready"),
    ("too many clients", "PostgreSQL takes no more connections: wait, or raise its max_connections"),
)
_ADVICE = (
    (
        "database or disk is full",
        "the disk is full: make room; nothing was lost, what was not stored is collected again",
    ),
    ("readonly database", "the database file cannot be written: check its owner and mode, and those of its folder"),
    (
        "unable to open database file",
        "the database file cannot be opened: check that its folder exists and can be written",
    ),
    ("file is not a database", "this file is not a Milepost database: check store.url, or restore a copy"),
    ("malformed", "the database file is damaged: stop, keep the file, and restore a copy"),
    ("no such table", "the database is empty or older than this program: run `milepost migrate`"),
    ("does not exist", "the database, or a table in it, does not exist: create it, then run `milepost migrate`"),
    ("password authentication failed", "the password is refused: check the secret store_password"),
    ("no password supplied", "PostgreSQL wants a password: give the secret store_password"),
    ("could not translate host name", "the host of store.url is unknown: check its name"),
)


def _private_file(file: Path) -> None:
    """Create a database file that only its owner can read: it keeps sessions."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except PermissionError as error:
        if not file.exists():
            raise StoreError(
                f"{file}: cannot be created: check that its folder can be written ({error.strerror})"
            ) from error
    except OSError as error:
        raise StoreError(f"{file}: cannot be opened: {error.strerror}: check store.url and its folder") from error


def _sqlite_engine(url: str, borrowed: Path | None) -> Engine:
    memory = make_url(url).database in (None, "", ":memory:")
    if borrowed:
        engine = create_engine("sqlite://", creator=opener(borrowed, _BUSY_MS / 1000), poolclass=NullPool)
    else:
        engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": _BUSY_MS / 1000})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the "begin" event below begins
        pragmas = [
            f"busy_timeout = {_BUSY_MS}",
            "foreign_keys = ON",
            "synchronous = FULL",
            "cache_size = -65536",
            "temp_store = MEMORY",
        ]
        if not memory and not borrowed:
            pragmas.insert(1, "journal_mode = WAL")
            pragmas.append(f"wal_autocheckpoint = {_WAL_PAGES}")
            pragmas.append(f"journal_size_limit = {_WAL_BYTES}")
        for pragma in pragmas:
            try:
                connection.execute(f"PRAGMA {pragma}")
            except sqlite3.OperationalError:
                if "journal_mode" not in pragma:  # a read-only file keeps its mode; writing then says so
                    raise

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("milepost_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _watch_sqlite(engine: Engine) -> Watch:
    """`PRAGMA data_version` changes when another connection has committed."""
    raw = engine.raw_connection()
    cursor = raw.cursor()

    def version() -> int:
        cursor.execute("PRAGMA data_version")
        (number,) = cursor.fetchone() or (0,)
        return int(number)

    return Watch(_looking(version), raw.close)


def _watch_borrowed(file: Path) -> Watch:
    """The files themselves change: an open connection would not see a log that is made after it."""
    return Watch(_looking(lambda: state(file)), lambda: None)


def _looking(version: Callable[[], object]) -> Callable[[float], bool]:
    """Look again and again whether something is another than it was."""
    import time  # noqa: PLC0415 - only this watch waits

    last = [version()]

    def changed(timeout_s: float) -> bool:
        end = time.monotonic() + timeout_s
        while True:
            now = version()
            if now != last[0]:
                last[0] = now
                return True
            left = end - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(0.2, left))

    return changed


def _watch_postgresql(engine: Engine) -> Watch:
    """`LISTEN milepost` on a connection of its own."""
    own = create_engine(engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    connection = own.connect()
    connection.exec_driver_sql("LISTEN milepost")
    driver = connection.connection.driver_connection
    if driver is None:
        raise StoreError(
            "PostgreSQL closed the connection that listens for changes: it is opened anew at the next start"
        )

    def changed(timeout_s: float) -> bool:
        try:
            heard = list(driver.notifies(timeout=timeout_s, stop_after=1))
        except driver_errors() as error:
            raise StoreAwayError(f"PostgreSQL went away while listening for changes: {error}") from error
        return bool(heard)

    return Watch(changed, connection.close)


def driver_errors() -> tuple[type[Exception], ...]:
    """What psycopg raises; asked for late because importing it takes a while."""
    import psycopg  # noqa: PLC0415 - only PostgreSQL needs it

    return (psycopg.Error,)


def chunks(values: Sequence[Any], size: int = 500) -> Iterable[Sequence[Any]]:
    """Cut a long list of parameters into statements that every database takes."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
