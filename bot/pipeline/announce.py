"""clock -> milestones, and the desk's own scheduled updates. Finds: milestones due and not told, updates whose time has come.

A milestone's "told" mark, its update and its deliveries are one transaction: it fires once for ever. What is due while
quiet mode is on waits; what then, or after an outage, is older than the desk's patience is missed, not said late.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from typing import assert_never

from bot.core import milestones as plan_room
from bot.core.desk import Desk
from bot.core.durations import write_duration
from bot.core.errors import NotFoundError, RefusedError
from bot.core.milestones import Facts, Late, Milestone, Plan
from bot.core.model import DeliveryState, Tone, Update, UpdateKind, UpdateState
from bot.store import brakes, coverage, feed, journal, milestones, outbox
from bot.store.database import Database, Transaction


@dataclass(frozen=True, slots=True)
class Announced:
    """What one run came to.

    Attributes:
        told: Updates that went live.
        missed: Milestones and scheduled updates that were too late to be said.
    """

    told: int = 0
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Fired:
    """A milestone that a person told.

    Attributes:
        update: What stands on the page.
        accounts: Where it is owed to by this.
    """

    update: Update
    accounts: tuple[str, ...] = ()


def announce(database: Database, desk: Desk, plan: Plan, *, now: datetime) -> Announced:
    """Tell what is due, each in one transaction of its own."""
    facts = Facts(now, desk.clocks, desk.event, desk.zone)
    with database.read() as tx:
        quiet = brakes.QUIET in brakes.pulled(tx)
        due = plan_room.due(plan.milestones, facts, milestones.settled(tx))
        scheduled = feed.due(tx, now)
    if quiet:
        return Announced()
    told = missed = 0
    for milestone in due:
        with database.begin() as tx:
            match _tell_milestone(tx, desk, milestone, facts):
                case True:
                    told += 1
                case False:
                    missed += 1
                case None:
                    pass
                case other:
                    assert_never(other)
    for update in scheduled:
        with database.begin() as tx:
            match _tell_scheduled(tx, desk, update, now):
                case True:
                    told += 1
                case False:
                    missed += 1
                case None:
                    pass
                case other:
                    assert_never(other)
    return Announced(told, missed)


def _tell_milestone(tx: Transaction, desk: Desk, milestone: Milestone, facts: Facts) -> bool | None:
    """True where it was told, False where it was missed, None where it was settled meanwhile or quiet mode came."""
    if brakes.QUIET in brakes.pulled(tx):
        return None
    at = plan_room.due_at(milestone, facts.clocks)
    if at is None:
        return None
    late = facts.now - at > desk.stale_after and milestone.late is Late.DROP
    state = "missed" if late else "told"
    if not milestones.settle(tx, milestone.id, state, at=facts.now, due_at=at):
        return None
    if late:
        why = f"milestone {milestone.id} was due at {desk.local(at)} and is older than {write_duration(desk.stale_after)}: not said late; `milepost milestones fire {milestone.id}` tells it"
        journal.write(tx, [journal.Line(facts.now, "missed", "clock", why)])
        return False
    why = f"milestone {milestone.id}: {_reached(desk, milestone)}"
    if facts.now - at > desk.stale_after:
        why += f"; late, it was due at {desk.local(at)}"
    _tell(tx, desk, milestone, facts, by="clock", why=why, cleared=False)
    return True


def _reached(desk: Desk, milestone: Milestone) -> str:
    """What it is told for."""
    if milestone.at is not None:
        return desk.local(milestone.at)
    began = "before" if milestone.after.days < 0 else "after"
    return f"{desk.clocks[milestone.clock].name} {write_duration(milestone.after)} {began} the start"


def _tell(
    tx: Transaction, desk: Desk, milestone: Milestone, facts: Facts, *, by: str, why: str, cleared: bool
) -> Update:
    title, text = plan_room.words(milestone, facts)
    strand = desk.strand(milestone.strand)
    update = Update(
        id=0,
        slug="",
        kind=UpdateKind.MILESTONE,
        state=UpdateState.LIVE,
        at=facts.now,
        text=text,
        title=title,
        strand=milestone.strand,
        is_official=True,
        milestone=milestone.id,
        tone=milestone.tone or (strand.tone if milestone.strand else Tone.NEWS),
    )
    accounts = strand.accounts if milestone.accounts is None else milestone.accounts
    stored = coverage.tell(tx, update, _known(desk, accounts), at=facts.now, by=by, why=why, cleared=cleared)
    milestones.name_update(tx, milestone.id, stored.id)
    return stored


def fire(database: Database, desk: Desk, plan: Plan, name: str, *, now: datetime, by: str, why: str = "") -> Fired:
    """Tell a milestone now because a person says so.

    Before its time, after it was missed or skipped, or once more to accounts where it expired before it was ever sent.

    Raises:
        NotFoundError: The plan has no such milestone.
        RefusedError: It is told everywhere it shall be, or is withdrawn; quiet mode is on; its clock is not configured.
    """
    milestone = _find(plan, name)
    facts = Facts(now, desk.clocks, desk.event, desk.zone)
    at = plan_room.due_at(milestone, facts.clocks)
    if at is None:
        raise RefusedError(f"milestone {name}: there is no clock {milestone.clock!r} in the configuration")
    said = why or "a person said so"
    with database.begin() as tx:
        tx.alone()
        known = milestones.every(tx).get(name)
        if known is not None and known.state == "told":
            return _again(tx, desk, name, known.update_id, now=now, by=by)
        tone = milestone.tone or (desk.strand(milestone.strand).tone if milestone.strand else Tone.NEWS)
        if tone is Tone.LIGHT and brakes.QUIET in brakes.pulled(tx):
            raise RefusedError(f"milestone {name} is light and quiet mode is on: it can be told when that is over")
        if known is None:
            milestones.settle(tx, name, "told", at=now, due_at=at)
            how = "before its time" if at > now else "at its time"
        else:
            milestones.tell_after_all(tx, name, at=now)
            how = f"late, it was {known.state}"
        told = _tell(
            tx,
            desk,
            milestone,
            facts,
            by=by,
            why=f"milestone {name}, due {desk.local(at)}: {how}: {said}",
            cleared=True,
        )
        return Fired(told, tuple(one.account for one in outbox.of_update(tx, told.id)))


def _again(tx: Transaction, desk: Desk, name: str, update_id: int | None, *, now: datetime, by: str) -> Fired:
    """Owe a told milestone once more to the accounts where it was let go before it was ever sent."""
    update = feed.by_id(tx, update_id) if update_id else None
    if update is None or update.state is not UpdateState.LIVE:
        raise RefusedError(
            f"milestone {name} was told and is withdrawn: it is never told twice; write it with `milepost post`"
        )
    let_go = [
        one.account
        for one in outbox.of_update(tx, update.id)
        if one.state is DeliveryState.CANCELLED and not one.key and one.account in desk.accounts
    ]
    if not let_go:
        raise RefusedError(f"milestone {name} is told already, as update {update.slug}")
    outbox.owe(tx, update.id, let_go, at=now, cleared=True, worth=update.worth)
    journal.write(
        tx,
        [journal.Line(now, "owed again", by, f"milestone {name}", update_id=update.id, place=one) for one in let_go],
    )
    return Fired(update, tuple(let_go))


def skip(database: Database, desk: Desk, plan: Plan, name: str, *, now: datetime, by: str, why: str = "") -> None:
    """Never tell a milestone by itself: before its time, or after it was missed. A person may still fire it.

    Raises:
        NotFoundError: The plan has no such milestone.
        RefusedError: It is told already; its clock is not configured.
    """
    milestone = _find(plan, name)
    at = plan_room.due_at(milestone, desk.clocks)
    if at is None:
        raise RefusedError(f"milestone {name}: there is no clock {milestone.clock!r} in the configuration")
    with database.begin() as tx:
        tx.alone()
        known = milestones.every(tx).get(name)
        if known is not None and known.state == "told":
            raise RefusedError(f"milestone {name} is told: `milepost withdraw` takes it back")
        if known is None:
            milestones.settle(tx, name, "skipped", at=now, due_at=at)
        elif not milestones.skip(tx, name, at=now):
            return
        journal.write(
            tx, [journal.Line(now, "skipped", by, f"milestone {name}, due {desk.local(at)}{f': {why}' if why else ''}")]
        )


def _find(plan: Plan, name: str) -> Milestone:
    found = next((one for one in plan.milestones if one.id == name), None)
    if found is None:
        near = get_close_matches(name, [one.id for one in plan.milestones], n=1)
        hint = f"did you mean {near[0]!r}?" if near else "`milepost milestones` lists them"
        raise NotFoundError(f"the plan has no milestone {name!r}: {hint}")
    return found


def _tell_scheduled(tx: Transaction, desk: Desk, found: Update, now: datetime) -> bool | None:
    """As `_tell_milestone`, for an update that the desk scheduled; a late one becomes a draft again."""
    tx.alone()  # a person may be editing or taking it back at this moment
    update = feed.by_id(tx, found.id)
    if update is None or update.state is not UpdateState.SCHEDULED or update.due_at is None or update.due_at > now:
        return None
    if brakes.QUIET in brakes.pulled(tx):
        return None
    if now - update.due_at > desk.stale_after:
        feed.change(tx, replace(update, state=UpdateState.DRAFT, due_at=None))
        why = f"was scheduled for {desk.local(update.due_at)} and is older than {write_duration(desk.stale_after)}: it is a draft now"
        journal.write(tx, [journal.Line(now, "missed", "clock", why, update_id=update.id)])
        return False
    coverage.tell(
        tx, update, _known(desk, update.accounts), at=now, by="clock", why="scheduled by the desk", cleared=True
    )
    return True


def _known(desk: Desk, accounts: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in accounts if name in desk.accounts)
