"""clock -> milestones, and the desk's own scheduled updates. Finds: milestones due and not told, updates whose time has come.

A milestone's "told" mark, its update and its deliveries are one transaction: it fires once for ever. What is due while
quiet mode is on waits; what then, or after an outage, is older than the desk's patience is missed, not said late.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from bot.core import milestones as plan_room
from bot.core.desk import Desk
from bot.core.durations import write_duration
from bot.core.milestones import Facts, Milestone, Plan
from bot.core.model import Tone, Update, UpdateKind, UpdateState
from bot.store import brakes, coverage, feed, journal, milestones
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


def announce(database: Database, desk: Desk, plan: Plan, *, now: datetime) -> Announced:
    """Tell what is due, each in one transaction of its own."""
    facts = Facts(now, desk.clocks, desk.event)
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
    late = facts.now - at > desk.stale_after
    state = "missed" if late else "told"
    if not milestones.settle(tx, milestone.id, state, at=facts.now, due_at=at):
        return None
    if late:
        why = f"milestone {milestone.id} was due at {desk.local(at)} and is older than {write_duration(desk.stale_after)}: not said late"
        journal.write(tx, [journal.Line(facts.now, "missed", "clock", why)])
        return False
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
    why = f"milestone {milestone.id}: {desk.clocks[milestone.clock].name} {write_duration(milestone.after)} {'before' if milestone.after.days < 0 else 'after'} the start"
    stored = coverage.tell(tx, update, _known(desk, accounts), at=facts.now, by="clock", why=why)
    milestones.name_update(tx, milestone.id, stored.id)
    return True


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
