"""A database that does not answer, or is locked, may do so later: that is another error than one that stays."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bot.core.errors import StoreAwayError, StoreError
from bot.store.database import Database
from tests.cli.small_race import free_port


def failure(database: Database) -> StoreError:
    with pytest.raises(StoreError) as found, database.read():
        pass
    database.close()
    return found.value


def test_a_server_that_refuses_the_connection_is_away() -> None:
    error = failure(Database(f"postgresql://ana@127.0.0.1:{free_port()}/race"))
    assert isinstance(error, StoreAwayError)
    assert "PostgreSQL does not answer: check that it runs" in str(error)


def test_a_server_whose_socket_is_not_there_is_away(tmp_path: Path) -> None:
    error = failure(Database(f"postgresql://ana@/race?host={tmp_path}"))
    assert isinstance(error, StoreAwayError)
    assert "PostgreSQL does not answer: check that it runs" in str(error)


def test_a_file_that_another_process_holds_is_away(tmp_path: Path) -> None:
    path = tmp_path / "milepost.db"
    database = Database(f"sqlite:///{path}")
    with database.begin() as tx:
        tx.raw("CREATE TABLE kept (id INTEGER)")
    with sqlite3.connect(path, isolation_level=None) as holder, sqlite3.connect(path, timeout=0) as other:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError) as locked:
            other.execute("INSERT INTO kept VALUES (1)")
        holder.execute("ROLLBACK")
    holder.close()
    other.close()
    error = database.explain(OperationalError("INSERT", None, locked.value))
    database.close()
    assert isinstance(error, StoreAwayError)
    assert "another process holds the database for writing: wait" in str(error)


def test_a_database_that_was_never_made_is_not_away(database: Database) -> None:
    with pytest.raises(StoreError) as found, database.read() as tx:
        tx.raw("SELECT 1 FROM nowhere")
    assert not isinstance(found.value, StoreAwayError)
