"""What the clock runs: tells what is reached, each in one transaction of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from bot.core.desk import Desk
from bot.core.durations import write_duration
from bot.core.milestones.due import Due, due
from bot.core.milestones.plan import Late, Plan
from bot.core.model import Update, UpdateState
from bot.core.people import People
from bot.core.text.amounts import several
from bot.pipeline.announce.changing import compare, hold_stopped
from bot.pipeline.announce.telling import is_late, of_same_person, rank, reason, recap_of, tell, values_of, written
from bot.pipeline.announce.watching import Look, Watcher
from bot.store import brakes, calls, coverage, feed, journal, milestones
from bot.store.database import Database, Transaction
from bot.store.milestones import Settled

_LEAST_ITEMS = 2


@dataclass(frozen=True, slots=True)
class Announced:
    """What one run came to.

    Attributes:
        told: Updates that went live.
        missed: Milestones and scheduled updates that were too late to be said.
        cards: Facts that changed after they were told, and people who stopped: a person decides.
    """

    told: int = 0
    missed: int = 0
    cards: int = 0


def announce(
    database: Database,
    desk: Desk,
    plan: Plan,
    *,
    now: datetime,
    watcher: Watcher | None = None,
    people: People | None = None,
) -> Announced:
    """Tell what is due, each in one transaction.

    Args:
        watcher: What timing has said so far; None reads all of it, as a first run does.
        people: Whom the desk watches; None for nobody.
    """
    with database.read() as tx:
        quiet = brakes.QUIET in brakes.pulled(tx)
        scheduled = feed.due(tx, now)
    watcher = watcher or Watcher(database)
    count = _Count()
    cards = 0
    with watcher.look(desk, plan, people or People(), now=now) as look:
        if look.changed:
            held = hold_stopped(database, look)
            cards = len(held) + compare(database, look, quiet=quiet)
        found = due(look.open, look.facts, look.known.keys())
        for one in found:
            at = None if quiet and not one.milestone.plain else _cools_down(plan, one, look.known, now)
            if at is not None:
                _milestone(database, desk, plan, replace(one, at=at), look, found, count, quiet=quiet)
            if one.milestone.id not in look.known:
                look.again.add(one.milestone.id)
    _close_calls(database, desk, plan, now=now, quiet=quiet)
    for update in () if quiet else scheduled:
        with database.begin() as tx:
            count.add(_tell_scheduled(tx, desk, update, now))
    return Announced(count.told, count.missed, cards)


def _close_calls(database: Database, desk: Desk, plan: Plan, *, now: datetime, quiet: bool) -> None:
    """Close the calls whose time is over, and every one while quiet mode is on."""
    for milestone in plan.milestones if any(one.call for one in plan.milestones) else ():
        if not milestone.call:
            continue
        with database.read() as tx:
            call = calls.get(tx, milestone.id)
        if call is None or call.closed_at is not None or not (quiet or now >= call.opened_at + milestone.call):
            continue
        with database.begin() as tx:
            tx.alone()
            call = calls.get(tx, milestone.id)
            if call is None or call.closed_at is not None:
                continue
            closed = calls.close(tx, milestone.id, call, source=milestone.answers, at=now)
            number = milestones.every(tx)[milestone.id].update_id
            update = feed.by_id(tx, number) if number else None
            if update is not None and update.state is UpdateState.LIVE:
                feed.change(tx, replace(update, note="This call is closed.", changed_at=now))
            why = f"call {milestone.id}: {'quiet mode is on' if quiet else 'its time is over'}; {several(closed.answers, 'answer')}"
            why += (
                f" by {milestone.answers} since {desk.local(call.opened_at)}"
                if milestone.answers
                else " (nobody counts them)"
            )
            journal.write(tx, [journal.Line(now, "closed", "clock", why, update_id=number)])


class _Count:
    def __init__(self) -> None:
        self.told = self.missed = 0

    def add(self, done: bool | None) -> None:
        match done:
            case True:
                self.told += 1
            case False:
                self.missed += 1
            case None:
                pass
            case other:
                assert_never(other)


def _cools_down(plan: Plan, found: Due, known: Mapping[str, Settled], now: datetime) -> datetime | None:
    """Since when it may be told, where it keeps a distance to the last of its strand; None while it waits."""
    milestone = found.milestone
    if not milestone.cool_down or milestone.recap:
        return found.at
    strands = {one.id: one.strand for one in plan.milestones}
    last = [one.at for name, one in known.items() if one.state == "told" and strands.get(name) == milestone.strand]
    at = max([found.at, *(one + milestone.cool_down for one in last)])
    return at if at <= now else None


def _milestone(
    database: Database,
    desk: Desk,
    plan: Plan,
    found: Due,
    look: Look,
    every: Sequence[Due],
    count: _Count,
    *,
    quiet: bool,
) -> None:
    """Tell one, or settle it as missed or as old news."""
    milestone, now, known = found.milestone, look.facts.now, look.known
    same = of_same_person(found, known, {one.milestone.id for one in every}, look.facts)
    with database.begin() as tx:
        if (brakes.QUIET in brakes.pulled(tx)) is not quiet:
            return  # in this moment: the next look goes by it
        is_old = any(other > rank(found.milestone.watched) for other, _ in same) if found.milestone.watched else False
        late = is_late(desk, found.at, now)
        dropped, folded = late and milestone.late is Late.DROP, late and milestone.late is Late.FOLD
        items = recap_of(tx, plan, found, look.facts, known) if milestone.recap else []
        idle = _why_no_recap(plan, found, known, now, items) if milestone.recap else ""
        if items:
            found = replace(found, values={**found.values, "items": items})
        state = "skipped" if is_old or idle else "missed" if dropped else "folded" if folded else "told"
        if not milestones.settle(tx, milestone.id, state, at=now, due_at=found.at):
            return
        update_id = None
        if is_old:
            why = f"milestone {milestone.id}: later news of {milestone.watched and milestone.watched.person} was told"
            journal.write(tx, [journal.Line(now, "skipped", "clock", why)])
        elif idle:
            journal.write(tx, [journal.Line(now, "skipped", "clock", f"milestone {milestone.id}: {idle}")])
        elif folded:
            said = written(values_of(found, look.facts)) if milestone.when is not None else ""
            milestones.name_update(tx, milestone.id, None, said=said)
            why = f"milestone {milestone.id} was due at {desk.local(found.at)}: left to the next recap"
            journal.write(tx, [journal.Line(now, "folded", "clock", why)])
        elif dropped:
            why = f"milestone {milestone.id} was due at {desk.local(found.at)} and is older than {write_duration(desk.stale_after)}: not said late; `milepost milestones fire {milestone.id}` tells it"
            journal.write(tx, [journal.Line(now, "missed", "clock", why)])
            count.add(False)
        else:
            why = f"milestone {milestone.id}: {reason(desk, found)}"
            why += f"; late, it was due at {desk.local(found.at)}" if late else ""
            why += "" if found.is_confirmed else "; provisional, one source says so that is not official"
            earlier = [number for _, number in same if number]
            told = tell(tx, desk, found, look.facts, by="clock", why=why, cleared=False, plainly=quiet, earlier=earlier)
            update_id = told.id
            count.add(True)
    known[milestone.id] = Settled(state, now, found.at, update_id)


def _why_no_recap(plan: Plan, found: Due, known: Mapping[str, Settled], now: datetime, items: Sequence[str]) -> str:
    """Why a recap would say nothing, or nothing new; "" where it is told."""
    if len(items) < _LEAST_ITEMS:
        return f"in {write_duration(found.milestone.recap)} nothing happened that a recap could sum up"
    recaps = {one.id for one in plan.milestones if one.recap}
    last = max((one.at for name, one in known.items() if name in recaps and one.state == "told"), default=None)
    if last is not None and now - last < found.milestone.cool_down:
        return f"the last recap is not {write_duration(found.milestone.cool_down)} ago"
    return ""


def _tell_scheduled(tx: Transaction, desk: Desk, found: Update, now: datetime) -> bool | None:
    """True where it was told, False where it was too late and is a draft again, None where it changed meanwhile."""
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
    accounts = tuple(name for name in update.accounts if name in desk.accounts)
    coverage.tell(tx, update, accounts, at=now, by="clock", why="scheduled by the desk", cleared=True)
    return True
