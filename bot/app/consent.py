"""What people do about consent: keep answers, take them back, leave somebody out."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.app import look, people
from bot.app.hall import App
from bot.core.errors import NotFoundError, RefusedError
from bot.core.idents import ident
from bot.core.model import NEEDS_CONSENT
from bot.core.reports import Consented
from bot.pipeline import consent
from bot.store import authors, consents, feed, opt_outs
from bot.store.consents import Consent
from bot.store.opt_outs import OptOut
from bot.store.posts import StoredPost

SCOPES = ("page", "accounts")


@dataclass(frozen=True, slots=True)
class PostConsent:
    """How consent stands for one post.

    Attributes:
        post_id: Its last version.
        needed: It was sent to the desk alone, so that a yes is needed.
        asked: Everything that was asked and answered, oldest first.
        objections: What speaks against showing it now, the strongest first.
    """

    post_id: int
    needed: bool
    asked: tuple[Consent, ...]
    objections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One account of somebody who is left out, or is so no more.

    Attributes:
        account: `platform:permanent account id`.
        handle: "" where none is known.
        changed: False where it stood so already.
        updates: Slugs of live updates in their words, which are taken off; empty for one that is left out no more.
    """

    account: str
    handle: str
    changed: bool
    updates: tuple[str, ...] = ()


def record(app: App, reference: str, *, answer: str, scope: Sequence[str], evidence: str, by: str) -> Consented:
    """Keep what the author of a post answered.

    Args:
        answer: "yes" or "no".
        scope: Of a yes: "page", "accounts" or both; accounts are never without the page.

    Raises:
        NotFoundError: Nothing has this name.
        RefusedError: It cannot be kept so; the message says why.
    """
    given = _scope(scope) if answer == "yes" else set[str]()
    if "accounts" in given and "page" not in given:
        raise RefusedError("what goes to accounts stands on the page, too: --scope page,accounts")
    return consent.record(
        app.database,
        app.desk,
        _versions(app, reference),
        answer=answer,
        page="page" in given,
        accounts="accounts" in given,
        evidence=evidence,
        now=app.now(),
        by=by,
    )


def revoke(app: App, reference: str, *, scope: Sequence[str], evidence: str, by: str) -> Consented:
    """Take a yes back, for good or for accounts alone. Raises as `record`."""
    taken = _scope(scope)
    return consent.record(
        app.database,
        app.desk,
        _versions(app, reference),
        answer="revoked",
        page="page" not in taken,
        accounts=False,
        evidence=evidence,
        now=app.now(),
        by=by,
    )


def show(app: App, reference: str) -> PostConsent:
    """How consent stands for one post. Raises as `record`."""
    stored = _versions(app, reference)[-1]
    with app.database.read() as tx:
        against, _ = consents.objections(tx, app.desk, stored)
        asked = consents.of_post(tx, stored.ident)
    return PostConsent(stored.id, NEEDS_CONSENT in stored.post.labels, tuple(asked), tuple(one.why for one in against))


def newest(app: App, limit: int) -> list[Consent]:
    """The last answers about any post, newest first."""
    with app.database.read() as tx:
        return consents.newest(tx, limit)


def opt_out(app: App, who: str, *, why: str, by: str) -> list[LeftOut]:
    """Leave somebody out, with every account that the desk's file of people or the platforms say is theirs.

    Raises:
        NotFoundError: Nobody is called so.
        RefusedError: Several people are.
    """
    accounts = _accounts(app, who)
    changed = consent.opt_out(app.database, [_parts(one) for one in accounts], now=app.now(), by=by, why=why)
    found = []
    with app.database.read() as tx:
        cards = authors.cards(tx, [ident(*_parts(one)) for one in accounts])
        for account, new in zip(accounts, changed, strict=True):
            number = ident(*_parts(account))
            live = tuple(update.slug for update in feed.live_of_author(tx, number))
            found.append(LeftOut(account, cards[number].handle if number in cards else "", new, live))
    return found


def opt_in(app: App, who: str, *, why: str, by: str) -> list[LeftOut]:
    """Leave somebody out no more. Raises as `opt_out`."""
    accounts = _accounts(app, who)
    changed = consent.opt_in(app.database, [_parts(one) for one in accounts], now=app.now(), by=by, why=why)
    return [LeftOut(account, "", were) for account, were in zip(accounts, changed, strict=True)]


def left_out(app: App) -> list[OptOut]:
    """Everybody who is left out, the newest first."""
    with app.database.read() as tx:
        return opt_outs.listed(tx)


def _scope(given: Sequence[str]) -> set[str]:
    found = set(given)
    if not found or not found <= set(SCOPES):
        raise RefusedError(f"{','.join(given)!r} is no scope: write page, accounts or page,accounts")
    return found


def _versions(app: App, reference: str) -> Sequence[StoredPost]:
    found = look.find(app, reference)
    if not found.versions:
        raise RefusedError(f"{reference!r} is an update of the desk's own: nobody else is asked about it")
    return found.versions


def _accounts(app: App, who: str) -> list[str]:
    """Every account of the person who is called so; an account that was never seen by its `platform:id`."""
    platform, mark, own = who.partition(":")
    is_page = who.startswith(("https://", "http://"))
    is_account = bool(mark and own) and not is_page and platform in (app.desk.platforms or (platform,))
    called = own if is_account else who.rstrip("/").rpartition("/")[2] if is_page else who
    try:
        known = people.known(app, called)
    except NotFoundError:
        if is_account:
            return [who]
        raise NotFoundError(
            f"nobody is called {who!r}: give a handle, a profile's address or a name in people.toml; "
            "somebody who was never seen by platform:account id (bluesky:did:plc:…)"
        ) from None
    wanted = [one for one in known if not is_account or any(seen.account == who for seen in one.accounts)]
    if is_account and not wanted:
        return [who]
    if len(wanted) > 1:
        several = ", ".join(seen.account for one in wanted for seen in one.accounts)
        raise RefusedError(f"several people are called {who!r}: name one account: {several}")
    return [seen.account for seen in wanted[0].accounts]


def _parts(account: str) -> tuple[str, str]:
    platform, _, own = account.partition(":")
    return platform, own
