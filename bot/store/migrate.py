"""Bring a database to this program's schema, or say why not."""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from bot.core.errors import StoreError
from bot.store.database import Database, Transaction
from bot.store.schema import metadata

_LOCK = 4_242_016  # one migration at a time among machines that start together


def _script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def head() -> str:
    """The revision that this program needs."""
    found = _script().get_current_head()
    if found is None:
        raise StoreError("this program carries no migrations: install it again")
    return found


def revision(database: Database) -> str:
    """The revision that a database is at; "" for an empty one.

    Raises:
        StoreError: The database cannot be read.
    """
    try:
        with database.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() or ""
    except SQLAlchemyError as error:
        raise database.explain(error) from error


def check(database: Database) -> None:
    """Refuse a database that this program cannot work with.

    Raises:
        StoreError: It is empty, older (run `milepost migrate`) or newer (use the newer program).
    """
    at = revision(database)
    if at == head():
        return
    if not at:
        raise StoreError(
            f"{database.name}: the database is empty: run `milepost migrate`, or `milepost run`, which migrates by itself"
        )
    if at not in {script.revision for script in _script().walk_revisions()}:
        raise StoreError(
            f"{database.name}: the database is of a newer Milepost (schema {at}; this program knows {head()}): "
            "use that newer version, or restore the copy you made before it; nothing was changed",
        )
    raise StoreError(
        f"{database.name}: the database is at schema {at}, this program needs {head()}: run `milepost migrate`"
    )


def _refuse_foreign(database: Database, connection: Connection) -> None:
    """Leave a database alone that holds somebody else's tables."""
    others = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
    if others:
        raise StoreError(
            f"{database.name}: this is no Milepost database, it holds other tables ({', '.join(sorted(others)[:3])}): "
            "give store.url a database of its own; nothing was changed",
        )


def migrate(database: Database) -> tuple[str, str]:
    """Bring the database to `head()`, in one transaction where the database can.

    Of several processes that start together one migrates; the others wait and find it done.

    Returns:
        The revisions before ("" for an empty database) and after; equal when there was nothing to do.

    Raises:
        StoreError: As `check` for a newer database; or the database cannot be written. It is then as it was.
    """
    before = revision(database)
    if before == head():
        return before, before
    script = _script()
    config = Config()
    config.set_main_option("path_separator", "os")

    def upgrade(at: tuple[str, ...], _context: MigrationContext) -> list[object]:  # `at` was read under the lock
        return list(script._upgrade_revs("head", at))  # type: ignore[arg-type]  # noqa: SLF001 - what alembic's own command does

    with database.rebuild() as tx:
        if not tx.is_sqlite:  # SQLite has one writer at a time by itself
            tx.run(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        connection = _connection(tx)
        before = MigrationContext.configure(connection).get_current_revision() or ""  # another may have migrated by now
        if not before:
            _refuse_foreign(database, connection)
        elif before not in {found.revision for found in script.walk_revisions()}:
            check(database)
        with EnvironmentContext(config, script, fn=upgrade) as environment:
            environment.configure(
                connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True
            )
            environment.run_migrations()
    return before, revision(database)


def _connection(tx: Transaction) -> Connection:
    return tx._connection  # noqa: SLF001 - alembic runs inside our transaction
