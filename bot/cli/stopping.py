"""pause, resume, quiet and withdraw."""

import time
from pathlib import Path

import typer

from bot.app import look, verbs
from bot.app.hall import App
from bot.cli.ends import Exit
from bot.cli.hall import opened, who, zone_of
from bot.cli.lines import delivery_line, update_line
from bot.cli.names import require
from bot.cli.standing import brake_line
from bot.cli.terminal import json_document, note, one_line, out, table
from bot.core.reports import Stopped, Withdrawal
from bot.core.text.amounts import several

_AT_REST = frozenset({"retracted", "cancelled"})
_LOOK_S = 0.2
_PAGE = "page"


def pause(config: Path, account: str, *, reason: str, by: str) -> None:
    """Stop an account, the page or everything.

    Raises:
        typer.BadParameter: No account has this name.
    """
    with opened(config) as app:
        require("ACCOUNT", account, (_PAGE, *app.desk.accounts), "account")
        found = verbs.pause(app, account, by=who(by), why=reason)
        out(("paused", "yellow") if found.changed else "paused already", f": {account or 'everything'}")
        _stopped(app, found, "stops")


def resume(config: Path, account: str, *, reason: str, by: str) -> None:
    """Let go.

    Raises:
        typer.BadParameter: No account has this name.
    """
    with opened(config) as app:
        require("ACCOUNT", account, (_PAGE, *app.desk.accounts), "account")
        found = verbs.resume(app, account, by=who(by), why=reason)
        out(("resumed", "green") if found.changed else "was not paused", f": {account or 'everything'}")
        _stopped(app, found, "goes on")


def quiet(config: Path, *, on: bool, reason: str, by: str) -> None:
    """Begin or end quiet mode."""
    with opened(config) as app:
        found = verbs.quiet(app, on, by=who(by), why=reason)
        word = "on" if on else "off"
        out(f"quiet mode is {word}" if found.changed else f"quiet mode was {word} already")
        _stopped(app, found, "stops" if on else "goes on")


def quiet_status(config: Path, *, as_json: bool) -> None:
    """Say what is stopped."""
    with opened(config) as app:
        brakes = look.brakes_now(app)
        if as_json:
            json_document(brakes)
            return
        is_quiet = any(brake.scope == "quiet" for brake in brakes)
        out(f"quiet mode is {'on' if is_quiet else 'off'}")
        for brake in brakes:
            out(("stopped  ", "yellow"), brake_line(brake, zone_of(app)))


def _stopped(app: App, found: Stopped, verb: str) -> None:
    """What a stop holds back, or what goes on and what was too old for it."""
    zone = zone_of(app)
    if found.deliveries:
        out(f"{verb}: {several(len(found.deliveries), 'delivery', 'deliveries')}")
        table([[one.account, one.update, f'"{one_line(one.text, 60)}"'] for one in found.deliveries], indent="  ")
    if found.scheduled:
        out(f"{verb}: {several(len(found.scheduled), 'scheduled update')}")
        for update in found.scheduled:
            out(f"  {update_line(update, zone)}")
    if found.milestones:
        name = "milestone" if len(found.milestones) == 1 else "milestones"
        out(f"{verb}: {name} {', '.join(found.milestones)}")
    if found.expired:
        out(f"too old to be sent, let go: {several(len(found.expired), 'delivery', 'deliveries')}")
        table([[one.account, one.update, f'"{one_line(one.text, 60)}"'] for one in found.expired], indent="  ")
    for brake in found.brakes:
        out(("stopped  ", "yellow"), brake_line(brake, zone))


def withdraw(config: Path, reference: str, *, reason: str, note: str, wait_s: float, as_json: bool, by: str) -> None:
    """Take an update back, and print the receipt of every account.

    Raises:
        NotFoundError: Nothing has this name, or it was never told.
        typer.Exit: After the wait an account has not confirmed that it is gone.
    """
    with opened(config) as app:
        found = verbs.take_back(app, reference, by=who(by), why=reason, note=note)
        already = found.already
        end = time.monotonic() + wait_s
        while not _is_gone(app, found) and time.monotonic() < end:
            time.sleep(_LOOK_S)
            found = verbs.receipt(app, found.update.slug)
        gone = _is_gone(app, found)
        if as_json:
            page = look.is_drawn(app, found.update)
            json_document({"update": found.update, "already": already, "page": page, "deliveries": found.deliveries})
        else:
            _receipt(app, found, already=already)
    if wait_s and not gone:
        raise typer.Exit(Exit.PARTIAL)


def _is_gone(app: App, found: Withdrawal) -> bool:
    return look.is_drawn(app, found.update) and all(delivery.state in _AT_REST for delivery in found.deliveries)


def _receipt(app: App, found: Withdrawal, *, already: bool) -> None:
    word = "was withdrawn already" if already else "withdrawn"
    out(f'{found.update.slug}  {word}: "{one_line(found.update.title or found.update.text, 60)}"')
    running = app.is_running()
    rows = [["page", "gone" if look.is_drawn(app, found.update) else "to be redrawn", app.page_url(found.update)]]
    rows += [delivery_line(delivery) for delivery in found.deliveries]
    table(rows, indent="  ")
    if running and not _is_gone(app, found):
        note("Not everything is confirmed gone yet: ask again with --wait SECONDS.")
    if not running and not _is_gone(app, found):
        note("Nothing runs on this database: it goes from page and accounts with the next `milepost run`.")
