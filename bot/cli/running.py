"""run: the service, once, or dry."""

import sys
from pathlib import Path

import typer

from bot.app import logs, look
from bot.app.dry_run import WouldDo, open_dry
from bot.app.hall import App
from bot.app.opening import open_app
from bot.cli.ends import Exit, flush
from bot.cli.hall import zone_of
from bot.cli.lines import journal_line
from bot.cli.serving import Signals, leave_at_once, local_url, notify, open_door, shut
from bot.cli.standing import stays
from bot.cli.terminal import ERROR, note, one_line, out, plain
from bot.core.errors import NotFoundError
from bot.core.reports import Preview
from bot.core.text.amounts import several
from bot.daemon import Daemon


def run(config: Path, record: Path | None, *, web: bool) -> None:
    """Run until SIGTERM or Ctrl-C; ends within five seconds.

    Raises:
        ConfigError: The configuration has mistakes.
        StoreError: The store cannot be used, or another one runs on it.
        NotFoundError: The folder to record into is not there.
        RefusedError: The page's address cannot be listened on.
        typer.Exit: There are no rules to go by.
    """
    _require_folder(record)
    app = open_app(config)
    in_time = True
    try:
        _prepare(app, record)
        signals = Signals()
        signals.listen()
        page = app.settings.page
        server = open_door(app, page.host, page.port) if web else None
        app.run_step("refresh", app.refresh)
        daemon = Daemon(app)
        daemon.start()
        notify("READY=1")
        if server is not None:
            note("The page is at ", (local_url(app, server), "bold"), "; Ctrl-C ends it.")
        flush()
        signals.wait()
        notify("STOPPING=1")
        note("Ending; once more ends it at once.")
        flush()
        in_time = shut(daemon, server)
    finally:
        if in_time:
            app.close()
    if not in_time:
        leave_at_once(Exit.OK)


def once(config: Path, record: Path | None) -> None:
    """Do what is due now, and end.

    Raises:
        NotFoundError: The folder to record into is not there.
        typer.Exit: There are no rules to go by, or a source or an account failed.
    """
    _require_folder(record)
    app = open_app(config)
    try:
        _prepare(app, record)
        Daemon(app).run_once()
        found = look.status(app)
        failing = [(one.name, one.state, one.error) for one in found.sources if one.error]
        failing += [(one.name, one.state, one.error) for one in found.accounts if one.error]
    finally:
        app.close()
    for name, state, error in failing:
        note((f"{state}: ", "red"), f"{name}: {one_line(error)}")
    if failing:
        raise typer.Exit(Exit.PARTIAL)


def _require_folder(record: Path | None) -> None:
    if record is not None and not record.absolute().parent.is_dir():
        raise NotFoundError(f"{record.parent}: there is no such folder: make it, or name another file with --record")


def _prepare(app: App, record: Path | None) -> None:
    """Be the one that runs, with a store and rules that are fit for it."""
    logs.set_up(level=app.settings.log.level, style=app.settings.log.format)
    app.hold()
    before, after = app.migrate()
    if before != after and before:
        note(f"The store was brought from schema {before} to {after}.")
    _rules(app)
    if record is not None:
        app.record(record)


def _rules(app: App) -> None:
    """Take over the rules on disk, or go on with those in the store, loudly.

    Raises:
        typer.Exit: There are none.
    """
    app.adopt(at_once=True)
    refused = look.refusals(app)
    for one in refused:
        note(plain(one.mistakes))
    if not app.has_rules():
        what = "mend these files" if refused else "put rule files there"
        note(
            ERROR,
            f"{app.rules_folder}: no rules to go by, and none are stored: {what}; nothing was started.",
        )
        raise typer.Exit(Exit.CONFIGURATION)
    for one in refused:
        note(("warning: ", "bold yellow"), f"the {one.kind} above are refused, {stays(one)} until they are mended.")


def dry_run(config: Path) -> None:
    """Collect and judge on a copy, and print what would be done.

    Raises:
        ConfigError: The configuration has mistakes.
        StoreError: The store cannot be copied.
        typer.Exit: There are no rules to go by.
    """
    logs.set_up(level="warning", style="auto", stream=sys.stderr)
    with open_dry(config) as dry:
        _rules(dry.app)
        Daemon(dry.app).run_once()
        _would_do(dry.app, dry.result())


def _would_do(app: App, found: WouldDo) -> None:
    zone = zone_of(app)
    for line in found.lines:
        out(*journal_line(line, zone))
    for name, preview in found.sends:
        _would_send(name, preview)
    lines, sends = several(len(found.lines), "line"), several(len(found.sends), "delivery", "deliveries")
    note(f"A dry run: {lines}, {sends}; nothing was kept and nothing was sent.")


def _would_send(name: str, preview: Preview) -> None:
    if preview.snippet is None:
        out(("would send ", "bold"), f"update {name} to {preview.account}, but {preview.problem}")
        return
    out(("would send ", "bold"), f"update {name} to {preview.account}, {preview.length} of {preview.limit}")
    for text in plain(preview.snippet.text).splitlines():
        out(f"  | {text}".rstrip())
