"""Opens the App for a verb, and says who acts."""

import getpass
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bot.app import logs
from bot.app.hall import App
from bot.app.opening import has_store, load_config, open_app, open_beside
from bot.cli.ends import mistyped
from bot.cli.moments import Zone
from bot.cli.terminal import note
from bot.core.errors import RefusedError


@contextmanager
def opened(config: Path, *, outside: bool = False, migrate: bool = False) -> Generator[App]:
    """The App over an existing store, for one verb.

    Args:
        config: The configuration file.
        outside: Whether sources and accounts are opened, too.
        migrate: Make or bring up the store, for verbs that come before the first run.

    Raises:
        ConfigError: The configuration has mistakes.
        StoreError: The store cannot be used.
    """
    logs.set_up(level="warning", style="auto", stream=sys.stderr)
    app = open_app(config, outside=outside, make=migrate)
    try:
        if migrate:
            app.migrate()
        app.check_store()
        app.see_clocks()
        yield app
    finally:
        app.close()


@contextmanager
def opened_early(config: Path) -> Generator[App]:
    """The App for a verb of the rules that may come before the first run: over an empty store where there is none yet."""
    if has_store(load_config(config)):
        with opened(config) as app:
            yield app
        return
    logs.set_up(level="warning", style="auto", stream=sys.stderr)
    with open_beside(config) as app:
        note("There is no store yet: this goes by the files alone. `milepost run` makes it.")
        yield app


def zone_of(app: App) -> Zone:
    """The event's zone, now."""
    return Zone(app.settings.event.zone, app.now())


_OURS = frozenset({"author", "clock", "milepost", "platform", "rules", "sweep"})


def who(given: str) -> str:
    """Who acts: what `--as` says, else the login name.

    Raises:
        typer.BadParameter: It is a name that the log uses itself.
        RefusedError: Nobody can be named.
    """
    if given.strip().lower() in _OURS:
        raise mistyped("--as", f"{given.strip()!r} is what the log calls its own doings: name the person who acts")
    if given.strip():
        return given.strip()
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise RefusedError("nobody is logged in by name: say who acts with --as NAME") from None
