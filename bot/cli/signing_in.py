"""accounts: list, login, mark, retry, settle."""

import getpass
import sys
from pathlib import Path

from bot.app import by_hand, look, sign_in
from bot.cli.hall import opened, who
from bot.cli.names import require
from bot.cli.standing import account_row
from bot.cli.terminal import json_document, note, one_line, out, table
from bot.core.errors import RefusedError
from bot.core.model import DeliveryState

_SETTLED = {
    DeliveryState.SENT: "it stands",
    DeliveryState.CORRECTING: "it stands, and is corrected next",
    DeliveryState.RETRACTING: "it stands, and is taken down next",
    DeliveryState.OWED: "it does not stand, and is sent again",
    DeliveryState.CANCELLED: "it does not stand, and need not",
    DeliveryState.RETRACTED: "it is gone",
}


def list_accounts(config: Path, *, as_json: bool) -> None:
    """Print every account and how it does."""
    with opened(config, outside=True) as app:
        found = look.accounts(app)
        if as_json:
            json_document(found)
            return
        table([account_row(one, app.machine_now()) for one in found])
    if not found:
        note("No accounts: updates go to the page alone. See [[account]] in config.example.toml.")


def login(config: Path, name: str, *, by: str) -> None:
    """Sign in to an account.

    Raises:
        typer.BadParameter: No account has this name.
        RefusedError: Nobody signs in to it, or there is nobody to ask for the password.
        OutsideError: As the platform says.
    """
    person = who(by)
    with opened(config, outside=True, migrate=True) as app:  # a newcomer signs in first
        require("NAME", name, app.desk.accounts, "enabled account")
        needs = sign_in.needs(app, name)
        page = sign_in.page(app, name) if needs.by_page and not needs.given else ""
        what = "password" if not needs.by_page else "code or access token" if page else "access token"
        password = None if needs.given else _ask(name, what, page)
        author = sign_in.login(app, name, password, by=person)
    out(f"{name}: signed in as {one_line(author.handle or author.id)}")


def _ask(name: str, what: str, page: str) -> str:
    """What opens an account, from the keyboard, unseen, or one line of standard input."""
    if page:
        note(f"Open this page, allow Milepost, and type the code that it shows; or type an access token:\n{page}")
    asked = f"{what.capitalize()} for {name}: "
    given = getpass.getpass(asked) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise RefusedError(f"account {name}: no {what} was given: type it, pipe it in, or configure it as a secret")
    return given


def mark(config: Path, name: str, *, by: str) -> None:
    """Label an account as a bot.

    Raises:
        typer.BadParameter: No account has this name.
        RefusedError: It cannot be labelled from here.
        OutsideError: As the platform says.
    """
    person = who(by)
    with opened(config, outside=True, migrate=True) as app:
        require("NAME", name, app.desk.accounts, "enabled account")
        done = sign_in.mark(app, name, by=person)
    out(f"{name}: {'is labelled as a bot now' if done else 'is labelled as a bot already'}")


def retry(config: Path, name: str, *, by: str) -> None:
    """Try an account or a source again at once.

    Raises:
        typer.BadParameter: Nothing has this name.
    """
    with opened(config) as app:
        sources = [source.name for source in app.settings.source]
        require("NAME", name, (*app.desk.accounts, *sources), "account or source")
        sign_in.retry(app, name, by=who(by))
        out(f"{name}: is tried again at once")
        if not app.is_running():
            note("Nothing runs on this database: it is tried with the next `milepost run`.")


def settle(config: Path, name: str, reference: str, *, stands: bool, url: str, by: str) -> None:
    """Say whether an update stands at an account that cannot be asked.

    Raises:
        typer.BadParameter: No account has this name.
        NotFoundError: Nothing has this reference, or it was never for this account.
        RefusedError: Nobody asks, or the account looks for itself.
        OutsideError: The address is none of this account's.
    """
    person = who(by)
    with opened(config, outside=True) as app:
        require("NAME", name, app.desk.accounts, "enabled account")
        state = by_hand.settle(app, name, reference, stands=stands, url=url, by=person)
    out(f"{name}: {_SETTLED[state]}")
