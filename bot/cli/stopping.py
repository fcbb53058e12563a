"""pause, resume, quiet and withdraw."""

import time
from collections.abc import Sequence
from pathlib import Path

import typer

from bot.app import look, verbs
from bot.app.hall import App
from bot.cli.ends import Exit
from bot.cli.hall import opened, who, zone_of
from bot.cli.lines import delivery_line, update_line
from bot.cli.names import require
from bot.cli.standing import brake_line
from bot.cli.terminal import ERROR, json_document, one_line, out, table
from bot.cli.terminal import note as say
from bot.core.errors import NotFoundError, StoreError
from bot.core.reports import Withdrawal
from bot.core.status import Stopped
from bot.core.text.amounts import several

_AT_REST = frozenset({"retracted", "cancelled"})
_LOOK_S = 0.2
_PAGE = "page"
_STOPS, _GOES_ON = "stops", "goes on"


def pause(config: Path, account: str, *, reason: str, by: str) -> None:
    """Stop an account, the page or everything.

    Raises:
        typer.BadParameter: No account has this name.
    """
    with opened(config) as app:
        require("ACCOUNT", account, (_PAGE, *app.desk.accounts), "account")
        found = verbs.pause(app, account, by=who(by), why=reason)
        out(("paused", "yellow") if found.changed else "paused already", f": {account or 'everything'}")
        _stopped(app, found, _STOPS)


def resume(config: Path, account: str, *, reason: str, by: str) -> None:
    """Let go.

    Raises:
        typer.BadParameter: No account has this name.
    """
    with opened(config) as app:
        require("ACCOUNT", account, (_PAGE, *app.desk.accounts), "account")
        found = verbs.resume(app, account, by=who(by), why=reason)
        out(("resumed", "green") if found.changed else "was not paused", f": {account or 'everything'}")
        _stopped(app, found, _GOES_ON)


def quiet(config: Path, *, on: bool, reason: str, by: str) -> None:
    """Begin or end quiet mode."""
    with opened(config) as app:
        found = verbs.quiet(app, on, by=who(by), why=reason)
        word = "on" if on else "off"
        out(f"quiet mode is {word}" if found.changed else f"quiet mode was {word} already")
        _stopped(app, found, _STOPS if on else _GOES_ON)


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
    word = "stopped  " if verb == _STOPS else "still stopped  "
    for brake in found.brakes:
        out((word, "yellow"), brake_line(brake, zone))


def withdraw(
    config: Path, references: Sequence[str], *, reason: str, note: str, wait_s: float, as_json: bool, by: str
) -> None:
    """Take updates back, each by itself, and print the receipt of every account.

    Raises:
        NotFoundError: The only one has no such name, or was never told.
        StoreError: The store failed; the receipts of what was taken back before are printed.
        typer.Exit: Some, or all, could not be taken back; or after the wait an account has not confirmed that it is gone.
    """
    name, unknown = who(by), 0
    taken: list[Withdrawal] = []
    single = len(references) == 1
    with opened(config) as app:
        try:
            for reference in dict.fromkeys(references):
                try:
                    update = verbs.existing_update(app, reference)
                    if update.id not in {one.update.id for one in taken}:  # a post and its update are one
                        taken.append(verbs.take_back(app, update.slug, by=name, why=reason, note=note))
                except NotFoundError as error:
                    if single:
                        raise
                    unknown += 1
                    say(ERROR, str(error))
            found = _waited(app, taken, wait_s)
        except StoreError:
            if taken:
                _receipts(app, taken, taken, as_json=as_json, single=single)
            raise
        _receipts(app, found, taken, as_json=as_json, single=single)
        if not as_json:
            _still_there(app, found)
        gone = all(_is_gone(app, one) for one in found)
    if unknown and not taken:
        raise typer.Exit(Exit.FAILED)
    if unknown or (wait_s and not gone):
        raise typer.Exit(Exit.PARTIAL)


def _waited(app: App, taken: Sequence[Withdrawal], wait_s: float) -> list[Withdrawal]:
    """How the withdrawals stand when all are confirmed, or when the wait is over."""
    end = time.monotonic() + wait_s
    found = list(taken)
    while not all(_is_gone(app, one) for one in found) and time.monotonic() < end:
        time.sleep(_LOOK_S)
        found = [verbs.receipt(app, one.update.slug) for one in found]
    return found


def _receipts(
    app: App, found: Sequence[Withdrawal], taken: Sequence[Withdrawal], *, as_json: bool, single: bool
) -> None:
    """Print how each stands now, and whether it was new when it was taken; asks nothing of the store."""
    pairs = [(now, then.already) for now, then in zip(found, taken, strict=True)]
    if as_json:
        shown = [_as_data(app, now, already=already) for now, already in pairs]
        json_document(shown[0] if single else shown)
    else:
        for now, already in pairs:
            _receipt(app, now, already=already)


def _as_data(app: App, found: Withdrawal, *, already: bool) -> dict[str, object]:
    page = look.is_drawn(app, found.update)
    return {"update": found.update, "already": already, "page": page, "deliveries": found.deliveries}


def _is_gone(app: App, found: Withdrawal) -> bool:
    return look.is_drawn(app, found.update) and all(delivery.state in _AT_REST for delivery in found.deliveries)


def _receipt(app: App, found: Withdrawal, *, already: bool) -> None:
    word = "was withdrawn already" if already else "withdrawn"
    out(f'{found.update.slug}  {word}: "{one_line(found.update.title or found.update.text, 60)}"')
    rows = [["page", "gone" if look.is_drawn(app, found.update) else "to be redrawn", app.page_url(found.update)]]
    rows += [delivery_line(delivery) for delivery in found.deliveries]
    table(rows, indent="  ")


def _still_there(app: App, found: Sequence[Withdrawal]) -> None:
    if all(_is_gone(app, one) for one in found):
        return
    if app.is_running():
        say("Not everything is confirmed gone yet: ask again with --wait SECONDS.")
    else:
        say("Nothing runs on this database: it goes from page and accounts with the next `milepost run`.")
