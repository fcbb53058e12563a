"""Stops and lets go: quiet mode, pauses of an account, of the page, of everything.

A brake reaches everything owed, scheduled or due, survives restarts, and lists what it stopped. Taking back always goes on.
"""

from datetime import datetime

from bot.core.desk import Desk
from bot.core.durations import write_duration
from bot.core.errors import NotFoundError
from bot.core.milestones import due as plan_room
from bot.core.milestones.facts import Facts
from bot.core.milestones.plan import Plan
from bot.core.model import DeliveryState, Tone
from bot.core.status import Brake, Stopped
from bot.store import brakes, feed, journal, milestones, outbox
from bot.store.database import Database, Transaction


def _scope(desk: Desk, account: str) -> str:
    if not account:
        return brakes.ALL
    if account == "page":
        return brakes.PAGE
    if account not in desk.accounts:
        known = ", ".join(("page", *desk.accounts))
        raise NotFoundError(f"no account is called {account!r}: there are {known}")
    return f"account:{account}"


def pause(database: Database, desk: Desk, account: str, *, now: datetime, by: str, why: str) -> Stopped:
    """Send nothing more to an account ("" for everything, "page" for the page) until it is resumed.

    Raises:
        NotFoundError: No account has this name.
    """
    scope = _scope(desk, account)
    with database.begin() as tx:
        tx.alone()  # what is being told at this moment comes before, or not at all
        changed = brakes.pull(tx, scope, at=now, by=by, why=why)
        if changed:
            journal.write(tx, [journal.Line(now, "paused", by, why, place=account or "everything")])
        return _held(tx, account if account != "page" else None, changed=changed)


def resume(database: Database, desk: Desk, account: str, *, now: datetime, by: str, why: str) -> Stopped:
    """Let go; what waited longer than the desk's patience is not sent any more.

    Raises:
        NotFoundError: No account has this name.
    """
    scope = _scope(desk, account)
    with database.begin() as tx:
        tx.alone()  # what is being told at this moment comes before, or not at all
        changed = brakes.release(tx, scope)
        if not changed:
            return Stopped(tuple(brakes.pulled(tx).values()), changed=False)
        journal.write(tx, [journal.Line(now, "resumed", by, why, place=account or "everything")])
        names = None if scope == brakes.ALL else [] if scope == brakes.PAGE else [account]
        return _let_go(tx, desk, names, now=now, by=by)


def quiet_on(database: Database, desk: Desk, plan: Plan, *, now: datetime, by: str, why: str) -> Stopped:
    """Stop what is light, scheduled or automatic; official and safety updates go on after a look."""
    with database.begin() as tx:
        tx.alone()  # what is being told at this moment comes before, or not at all
        changed = brakes.pull(tx, brakes.QUIET, at=now, by=by, why=why)
        if changed:
            journal.write(tx, [journal.Line(now, "quiet on", by, why)])
        facts = Facts(now, desk.clocks, desk.event, desk.zone)
        soon = plan_room.upcoming(plan.milestones, facts, milestones.settled(tx), 10)
        due = [found.milestone.id for found in plan_room.due(plan.milestones, facts, milestones.settled(tx))]
        owed = [found for found in outbox.open_deliveries(tx) if _stopped_by_quiet(found)]
        return Stopped(
            tuple(brakes.pulled(tx).values()),
            tuple(outbox.report(found) for found in owed),
            tuple(update for update in feed.waiting(tx) if update.due_at is not None),
            (*due, *(name for name, _ in soon)),
            changed=changed,
        )


def _stopped_by_quiet(found: outbox.Delivery) -> bool:
    return found.state is DeliveryState.OWED and not found.cleared and found.update.tone is Tone.LIGHT


def quiet_off(database: Database, desk: Desk, *, now: datetime, by: str, why: str) -> Stopped:
    """End quiet mode: nothing stale goes out, and what goes out keeps each account's pace."""
    with database.begin() as tx:
        tx.alone()  # what is being told at this moment comes before, or not at all
        changed = brakes.release(tx, brakes.QUIET)
        if not changed:
            return Stopped(tuple(brakes.pulled(tx).values()), changed=False)
        journal.write(tx, [journal.Line(now, "quiet off", by, why)])
        return _let_go(tx, desk, None, now=now, by=by)


def _held(tx: Transaction, account: str | None, *, changed: bool) -> Stopped:
    owed = (
        []
        if account is None
        else [found for found in outbox.open_deliveries(tx, account) if found.state is DeliveryState.OWED]
    )
    scheduled = [update for update in feed.waiting(tx) if update.due_at is not None]
    return Stopped(
        tuple(brakes.pulled(tx).values()),
        tuple(outbox.report(found) for found in owed),
        tuple(scheduled),
        changed=changed,
    )


def _let_go(tx: Transaction, desk: Desk, accounts: list[str] | None, *, now: datetime, by: str) -> Stopped:
    """Let go what no other brake holds: what such a one holds stays as it is until that one is released, too."""
    pulled = brakes.pulled(tx)
    expired = []
    for found in outbox.owed_before(tx, now - desk.stale_after, accounts):
        if _held_still(pulled, found) or desk.patience(found.worth) is None:
            continue
        why = f"waited since {found.owed_at:%H:%M:%S} UTC, longer than {write_duration(desk.stale_after)}"
        if outbox.cancel(tx, found, why):
            expired.append(found)
            journal.write(
                tx,
                [
                    journal.Line(
                        now,
                        "expired",
                        by,
                        why,
                        post_id=found.update.post_id or None,
                        update_id=found.update.id,
                        place=found.account,
                    )
                ],
            )
    left = [
        found
        for found in outbox.open_deliveries(tx)
        if found.state is DeliveryState.OWED and (accounts is None or found.account in accounts)
    ]
    stopped = brakes.ALL in pulled or brakes.QUIET in pulled
    return Stopped(
        tuple(pulled.values()),
        tuple(outbox.report(found) for found in left if not _held_still(pulled, found)),
        tuple(update for update in feed.waiting(tx) if update.due_at is not None and not stopped),
        expired=tuple(outbox.report(found) for found in expired),
    )


def _held_still(pulled: dict[str, Brake], found: outbox.Delivery) -> bool:
    return brakes.holds(pulled, found.account) or (brakes.QUIET in pulled and _stopped_by_quiet(found))
