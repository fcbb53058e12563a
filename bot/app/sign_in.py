"""What people do about an account that does not work: sign in afresh, or try again at once."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bot.app.hall import App
from bot.core.errors import NotFoundError, RefusedError, Rejected
from bot.core.model import Author
from bot.core.ports import Secret
from bot.store import budgets, health, journal, outbox, schema


@runtime_checkable
class Login(Protocol):
    """An account that a person can sign in to."""

    def login(self, password: Secret | None = None) -> Author:
        """Sign in afresh and remember the session; None takes the secret that is configured."""

    def is_signed_in(self) -> bool:
        """Whether a session is remembered. Cheap, without network: it may have died meanwhile."""


@runtime_checkable
class PageLogin(Login, Protocol):
    """An account whose server has a page on which a person allows us in and is shown a code."""

    def sign_in_page(self) -> str:
        """Its address; the code that it shows, or an access token, goes to `login`."""


@runtime_checkable
class Markable(Protocol):
    """An account that can be labelled as a bot from here."""

    def mark_as_bot(self) -> bool:
        """Label it; False where it is labelled already. Raises as `Publisher.publish`."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What signing in to an account needs.

    Attributes:
        given: Whether the password is configured as a secret.
        by_page: Whether there is a page that shows a code.
    """

    given: bool
    by_page: bool = False


def needing_login(app: App) -> tuple[str, ...]:
    """Enabled accounts that cannot send before somebody signs in: no password is configured, and no session remembered.

    Asks no network. Empty where the App was opened without the outside.
    """
    return tuple(
        name
        for name, publisher in app.parts.publishers.items()
        if isinstance(publisher, Login) and not _is_given(app, name) and not publisher.is_signed_in()
    )


def advice(name: str) -> str:
    """What to do about an account that nobody has signed in to."""
    return f"account {name}: nobody has signed in: run `milepost accounts login {name}`"


def _is_given(app: App, name: str) -> bool:
    return any(owner == name for owner, _ in app.parts.secrets)


def needs(app: App, name: str) -> Needs:
    """What signing in to an account needs.

    Raises:
        NotFoundError: No account has this name.
        RefusedError: Nobody signs in to this kind of account.
    """
    return Needs(_is_given(app, name), isinstance(_login(app, name), PageLogin))


def page(app: App, name: str) -> str:
    """Where a person lets us in to an account and is shown a code; "" where its server has no such page.

    Raises:
        OutsideError: The server cannot be asked.
        NotFoundError: No account has this name.
        RefusedError: Nobody signs in to this kind of account.
    """
    publisher = _login(app, name)
    if not isinstance(publisher, PageLogin):
        return ""
    try:
        return publisher.sign_in_page()
    except Rejected:  # it has its own ways: a token does
        return ""


def login(app: App, name: str, password: str | None, *, by: str) -> Author:
    """Sign in, remember the session, and let the account try again at once.

    Args:
        password: None takes the secret that is configured.

    Raises:
        OutsideError: As the platform says: `Unauthorized` where it does not take the password.
        NotFoundError: No account has this name.
        RefusedError: Nobody signs in to this kind of account.
    """
    author = _login(app, name).login(None if password is None else Secret(password))
    with app.database.begin() as tx:
        health.account_ok(tx, name, now=app.machine_now(), sent=False)
        outbox.retry_now(tx, name)
        budgets.forget(tx, name)
        who = f"as {author.handle or author.id}"
        journal.write(tx, [journal.Line(app.now(), "signed in", by, who, place=name)])
    return author


def mark(app: App, name: str, *, by: str) -> bool:
    """Label an account as a bot; False where it is labelled already.

    Raises:
        NotFoundError: No account has this name.
        RefusedError: It is labelled at its platform's own pages alone.
        OutsideError: As the platform says.
    """
    publisher = app.parts.publishers.get(name)
    if publisher is None:
        raise NotFoundError(_unknown(app, name))
    if not isinstance(publisher, Markable):
        raise RefusedError(
            f"account {name}: this kind of account is marked as automated in the settings of its platform: docs/platforms says where"
        )
    if not publisher.mark_as_bot():
        return False
    with app.database.begin() as tx:
        journal.write(tx, [journal.Line(app.now(), "marked", by, "labelled as a bot", place=name)])
    return True


def retry(app: App, name: str, *, by: str) -> None:
    """Try an account, or a source, again at once, although it waits.

    Raises:
        NotFoundError: Nothing has this name.
    """
    if name in app.desk.accounts:
        table = schema.accounts
    elif any(source.name == name for source in app.settings.source):
        table = schema.sources
    else:
        raise NotFoundError(_unknown(app, name))
    with app.database.begin() as tx:
        health.retry_now(tx, table, name)
        if table is schema.accounts:
            outbox.retry_now(tx, name)
            budgets.forget(tx, name)
        journal.write(tx, [journal.Line(app.now(), "retry", by, "try again at once", place=name)])


def _login(app: App, name: str) -> Login:
    publisher = app.parts.publishers.get(name)
    if publisher is None:
        raise NotFoundError(_unknown(app, name))
    if not isinstance(publisher, Login):
        raise RefusedError(f"account {name}: nobody signs in to this kind of account: it needs no password")
    return publisher


def _unknown(app: App, name: str) -> str:
    return f"no enabled account is called {name!r}: there are {', '.join(app.desk.accounts) or 'none'}"
