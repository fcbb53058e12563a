"""Moves an event clock: a start is delayed, and everything that hangs on it moves."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from difflib import get_close_matches

from bot.core.desk import Desk
from bot.core.errors import NotFoundError
from bot.core.milestones.conditions import moments
from bot.core.milestones.plan import Milestone, Plan
from bot.core.model import EventClock
from bot.store import clocks, journal, milestones
from bot.store.database import Database, Transaction


@dataclass(frozen=True, slots=True)
class Moved:
    """What moving a clock did.

    Attributes:
        clock: Its id.
        before: When it started so far.
        after: When it starts now.
        milestones: Those that are told later or earlier by it, soonest first: id and time.
        back: Those of them that had been missed and are to come again.
        passed: Those whose time has gone by through this: they are told now, or missed where it is long ago.
    """

    clock: str
    before: datetime
    after: datetime
    milestones: tuple[tuple[str, datetime], ...] = ()
    back: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()


def as_they_start(tx: Transaction, configured: Mapping[str, EventClock]) -> Mapping[str, EventClock]:
    """The clocks with the starts that were moved. A configuration that was changed since then stands above that."""
    moved = clocks.moved(tx)
    return {
        name: replace(clock, start_at=moved[name][0]) if name in moved and moved[name][1] == clock.start_at else clock
        for name, clock in configured.items()
    }


def move(
    database: Database,
    desk: Desk,
    configured: Mapping[str, EventClock],
    plan: Plan,
    name: str,
    start: datetime,
    *,
    now: datetime,
    by: str,
    why: str = "",
) -> Moved:
    """Let a clock start at another time.

    What was told stays told. What had been missed and lies ahead by the new time is to come again.

    Args:
        configured: The clocks as the configuration has them.
        start: The new start, aware.

    Raises:
        NotFoundError: There is no such clock.
    """
    if name not in configured:
        near = get_close_matches(name, configured, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(configured) or 'none'}"
        raise NotFoundError(f"no clock is called {name!r}: {hint}")
    with database.begin() as tx:
        tx.alone()  # what is being told at this moment comes before, or by the new time
        before = as_they_start(tx, configured)[name].start_at
        clocks.move(tx, name, start, configured[name].start_at)
        known = milestones.every(tx)
        hanging = [(one.id, start + after) for one in plan.milestones for after in _spans(one, name)[:1]]
        open_now = [(one, at) for one, at in hanging if one not in known or known[one].state == "missed"]
        back = tuple(one for one, at in open_now if one in known and at > now)
        for one in back:
            milestones.come_again(tx, one)
        coming = sorted(((one, at) for one, at in open_now if at > now), key=lambda pair: pair[1])
        passed = tuple(one for one, at in open_now if one not in known and at <= now)
        if before != start:
            said = f"clock {name}: {desk.local(before)} -> {desk.local(start)}{f': {why}' if why else ''}"
            journal.write(tx, [journal.Line(now, "moved", by, said)])
    return Moved(name, before, start, tuple(coming), back, passed)


def _spans(milestone: Milestone, clock: str) -> list[timedelta]:
    """How long after a clock's start a milestone is told, or may be told where it waits for more than that; longest first."""
    if milestone.when is None:
        return [milestone.after] if milestone.clock == clock else []
    return sorted((one.after for one in moments(milestone.when) if one.clock == clock), reverse=True)
