"""Opens the rooms from the configuration."""

import os
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TypeVar

from bot.app.event_time import EventTime, kept
from bot.app.hall import App
from bot.app.outside import Outside, models, platforms
from bot.app.parts import Parts
from bot.app.processes import this_process
from bot.config.load import Loaded, load
from bot.config.settings import Settings
from bot.core.consent import STOP_WORDS, ConsentPolicy
from bot.core.desk import Desk, Official, Strand
from bot.core.errors import StoreError
from bot.core.model import EventClock
from bot.core.rights import Rights, rights
from bot.store.database import Database

_T = TypeVar("_T")
_SQLITE_FILE = "sqlite:///"
_NO_FILE = ("sqlite:///:memory:", "sqlite:///file:")


class Made(Mapping[str, _T]):
    """Platforms by name, each made when it is first asked for: by then the store is there for what they remember."""

    def __init__(self, makers: Mapping[str, Callable[[], _T]]) -> None:
        self._makers = makers
        self._made: dict[str, _T] = {}
        self._lock = Lock()

    def __getitem__(self, name: str) -> _T:
        with self._lock:
            if name not in self._made:
                self._made[name] = self._makers[name]()
            return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def machine_time() -> datetime:
    """The real clock. Only doors and this room know it."""
    return datetime.now(UTC)


def load_config(path: Path, environ: Mapping[str, str] | None = None) -> Loaded:
    """Read and validate a configuration.

    Raises:
        ConfigError: With every mistake; nothing was started.
    """
    return load(path, models=models(), environ=os.environ if environ is None else environ)


def desk_of(settings: Settings) -> Desk:
    """What the steps go by."""
    accounts = tuple(account.name for account in settings.account if account.enabled)
    officials = {key: Official(official.name, official.role) for official in settings.official for key in official.ids}
    strands = {
        strand.id: Strand(
            strand.id, strand.name, strand.tone, tuple(name for name in strand.accounts if name in accounts)
        )
        for strand in settings.strand
    }
    clocks = {
        clock.id: EventClock(clock.id, clock.name, clock.start.astimezone(UTC), clock.zone or settings.event.zone)
        for clock in settings.clock
    }
    return Desk(
        event=settings.event.name,
        zone=settings.event.zone,
        officials=officials,
        strands=strands,
        source_strands={source.name: source.strand for source in settings.source},
        source_rights=rights_of(settings),
        source_prefer={source.name: source.prefer for source in settings.source if source.prefer},
        clocks=clocks,
        accounts=accounts,
        idle=tuple(account.name for account in settings.account if not account.enabled),
        platforms=platforms(),
        default=settings.rules.default,
        publish_at=settings.rules.publish_at or None,
        rejudge=settings.rules.rejudge,
        stale_after=settings.publish.stale_after,
        window=settings.stories.window,
        max_posts=settings.stories.max_posts,
        pictures=settings.stories.pictures,
        picture_distance=settings.stories.picture_distance,
        text_alone_chars=settings.stories.text_alone_chars,
        attempts=settings.publish.attempts,
        consent=ConsentPolicy(
            strict=settings.consent.strict,
            disregard=frozenset(settings.consent.disregard),
            agreed=frozenset(settings.consent.agreed),
            stop_words=settings.consent.stop_words or STOP_WORDS,
        ),
    )


def rights_of(settings: Settings) -> dict[str, Rights]:
    """What may be done with the posts of each source: as its platform allows, and no more than its block does."""
    return {
        source.name: rights(source.kind).within(replace(Rights(), **source.rights.model_dump(exclude_none=True)))
        for source in settings.source
    }


def open_app(
    path: Path,
    environ: Mapping[str, str] | None = None,
    *,
    now: Callable[[], datetime] | None = None,
    machine_now: Callable[[], datetime] = machine_time,
    outside: bool = True,
    make: bool = True,
) -> App:
    """Open everything that a configuration names.

    Args:
        path: config.toml.
        environ: The process's own unless given.
        now: Event time; a rehearsal gives a faster one. None takes the clock that a rehearsal left in the store, else
            machine time.
        outside: False leaves sources and accounts closed: for verbs that only read or decide.
        make: False leaves a SQLite file that is not there yet where it is: for verbs that come after the first run.

    Raises:
        ConfigError: The configuration has mistakes.
        StoreError: The database cannot be used, or is not there.
    """
    loaded = load_config(path, environ)
    settings = loaded.settings
    if not make and not has_store(loaded):
        raise StoreError(f"{_file_of(loaded)}: there is no store yet: run `milepost run`, which makes it")
    secret = loaded.secrets.find("store", "password")
    database = Database(loaded.store_url(), password=secret.reveal() if secret else None)
    if now is None:
        pace = kept(database)
        now = machine_now if pace is None else EventTime(pace, machine_now).now
    rooms = Outside(loaded, database, now=now, machine_now=machine_now)
    parts = Parts(
        settings=settings,
        folder=loaded.folder,
        database=database,
        desk=desk_of(settings),
        now=now,
        machine_now=machine_now,
        holder=this_process(),
        secrets=frozenset(loaded.secrets.found),
        config=loaded.path.absolute(),
        sources=Made({one.name: partial(rooms.source, one) for one in settings.source if one.enabled and outside}),
        publishers=Made({one.name: partial(rooms.account, one) for one in settings.account if one.enabled and outside}),
        tell_hub=rooms.tell_hub if outside and settings.page.hubs else None,
        channels=Made({one.name: partial(rooms.channel, one) for one in settings.alarm if one.enabled and outside}),
    )
    return App(parts)


@contextmanager
def open_beside(path: Path, environ: Mapping[str, str] | None = None) -> Generator[App]:
    """Open what a configuration names over an empty store in memory.

    For verbs that work on rule files alone and may come before the first run.

    Raises:
        ConfigError: The configuration has mistakes.
    """
    real = os.environ if environ is None else environ
    app = open_app(path, {**real, "MILEPOST_STORE__URL": "sqlite://"}, outside=False)
    try:
        app.migrate()
        yield app
    finally:
        app.close()


def has_store(loaded: Loaded) -> bool:
    """Whether the store can be there: False for a SQLite file that is not."""
    file = _file_of(loaded)
    try:
        return file is None or bool(file.stat())
    except PermissionError:
        return True  # in a closed folder: whoever opens it says so
    except OSError:
        return False


def _file_of(loaded: Loaded) -> Path | None:
    url = loaded.store_url()
    if not url.startswith(_SQLITE_FILE) or url.startswith(_NO_FILE):
        return None
    return Path(url.removeprefix(_SQLITE_FILE).partition("?")[0])
