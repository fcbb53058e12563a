"""What a run would do, without doing it: on a copy of the store that is thrown away, with accounts that are never touched."""

import os
import sqlite3
import tempfile
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from bot.app import look
from bot.app.hall import App
from bot.app.opening import load_config, open_app
from bot.app.outside import Collected
from bot.core.errors import StoreError
from bot.core.ports import Publisher
from bot.core.reports import JournalLine, LogFilter, Preview
from bot.pipeline import write
from bot.store import health, outbox

_FIRST_LOOK = timedelta(days=1)
_MOST_LINES = 100_000


@dataclass(frozen=True, slots=True)
class WouldDo:
    """What a run would have done.

    Attributes:
        lines: What it would write to the log, oldest first.
        sends: What it would send: (short name of the update, how it reads at the account).
    """

    lines: tuple[JournalLine, ...] = ()
    sends: tuple[tuple[str, Preview], ...] = ()


class DryRun:
    """An App on a copy, whose accounts only say how they would carry an update."""

    def __init__(self, app: App, publishers: Mapping[str, Publisher], before: int) -> None:
        self.app = app
        self._publishers = publishers
        self._before = before

    def result(self) -> WouldDo:
        """What came of the steps since the start."""
        app = self.app
        lines = look.log(app, LogFilter(after_id=self._before, limit=_MOST_LINES))
        limits = {name: publisher.limits() for name, publisher in self._publishers.items()}
        sends: list[tuple[str, Preview]] = []
        with app.database.read() as tx:
            owed = outbox.open_deliveries(tx)
        for delivery in owed:
            update = replace(delivery.update, accounts=(delivery.account,))
            url = app.page_url(update)
            previews = write.previews(app.desk, update, limits, page_url=url, now=app.now())
            sends.extend((update.slug, preview) for preview in previews)
        return WouldDo(tuple(lines), tuple(sends))


@contextmanager
def open_dry(path: Path, environ: Mapping[str, str] | None = None) -> Generator[DryRun]:
    """Open the configuration over a copy of its store, in a temporary folder that is gone afterwards.

    A SQLite store is copied as it is, so that cursors, stories and queue are those of now. A PostgreSQL store is not
    copied: the run begins with an empty one. A source that was never read brings what is up to a day old, so that the rules
    have something to judge; a real first run takes that as its baseline and tells none of it.

    Raises:
        ConfigError: The configuration has mistakes.
        StoreError: The store cannot be copied.
    """
    real = dict(os.environ if environ is None else environ)
    loaded = load_config(path, real)
    with tempfile.TemporaryDirectory(prefix="milepost-dry-run-") as folder:
        copy = Path(folder) / "milepost.db"
        _copy(loaded.store_url(), copy)
        settings = {"MILEPOST_STORE__URL": f"sqlite:///{copy}", "MILEPOST_PAGE__FOLDER": str(Path(folder) / "page")}
        opened = open_app(path, {**real, **settings})
        try:
            opened.migrate()
            app = App(replace(opened.parts, publishers={}, sources=_first_looks(opened)))
            before = look.newest_line(app)
            yield DryRun(app, opened.parts.publishers, before)
        finally:
            opened.close()


def _first_looks(app: App) -> dict[str, Collected]:
    found = {}
    with app.database.read() as tx:
        for name, unit in app.sources.items():
            row = health.source(tx, name)
            if row is None or row.first_contact_at is None:
                backfill = max(unit.terms.backfill, _FIRST_LOOK)
                found[name] = replace(unit, terms=replace(unit.terms, backfill=backfill, late_after=None))
            else:
                found[name] = unit
    return found


def _copy(url: str, target: Path) -> None:
    """Copy a SQLite store, also while a daemon writes to it; another kind, and one that is not there yet, is left out."""
    source = Path(url.removeprefix("sqlite:///"))
    if not url.startswith("sqlite:///") or not source.is_file() or not source.stat().st_size:
        return
    try:
        with (
            closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as real,
            closing(sqlite3.connect(target)) as copy,
        ):
            real.backup(copy)
    except sqlite3.Error as error:
        raise StoreError(f"{source}: cannot be copied for a dry run: {error}") from error
