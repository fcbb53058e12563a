"""What needs a person, since when, and what each way of telling was given of it. Times are machine time."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select, update

from bot.core.alarms import Alarm, Condition
from bot.store.bulk import insert
from bot.store.database import AnyRow, Transaction
from bot.store.schema import alarms, notices

_KEPT = timedelta(days=7)
OWED, SENDING, SENT, UNANSWERED, FAILED = "owed", "sending", "sent", "unanswered", "failed"


def keep(tx: Transaction, found: Sequence[Condition], *, now: datetime, again: timedelta) -> None:
    """Take in what is wrong now: what is new begins, what is gone is over.

    Args:
        found: Everything that is wrong, each id once.
        again: What comes back so soon after it was over goes on as it was, and is not told again.
    """
    known = {row.id: row for row in tx.run(select(alarms))}
    for one in found:
        row = known.pop(one.id, None)
        values = {"about": one.about, "mend": one.mend}
        if row is None or (row.over_at is not None and now - row.over_at > again):
            tx.run(delete(notices).where(notices.c.alarm_id == one.id))
            fresh = {**values, "since": now, "over_at": None, "hushed_by": ""}
            statement = insert(alarms, is_sqlite=tx.is_sqlite).values(id=one.id, **fresh)
            tx.run(statement.on_conflict_do_update(index_elements=["id"], set_=fresh))
        elif row.over_at is not None or (row.about, row.mend) != (one.about, one.mend):
            tx.run(update(alarms).where(alarms.c.id == one.id).values(**values, over_at=None))
    for row in known.values():
        if row.over_at is None:
            tx.run(update(alarms).where(alarms.c.id == row.id).values(over_at=now))
        elif now - row.over_at > _KEPT + again:
            tx.run(delete(notices).where(notices.c.alarm_id == row.id))
            tx.run(delete(alarms).where(alarms.c.id == row.id))


def differs(tx: Transaction, found: Sequence[Condition], *, now: datetime, again: timedelta) -> bool:
    """Whether `keep` would write anything; cheap."""
    rows = {row.id: row for row in tx.run(select(alarms))}
    going = {one.id: (one.about, one.mend) for one in found}
    return (
        any(
            (row.over_at is None) != (row.id in going)
            or (row.id in going and going[row.id] != (row.about, row.mend))
            or (row.over_at is not None and now - row.over_at > _KEPT + again)
            for row in rows.values()
        )
        or not going.keys() <= rows.keys()
    )


def to_tell(tx: Transaction, channel: str, *, now: datetime) -> list[Alarm]:
    """Everything that one way of telling has not told yet and may tell now, oldest first."""
    both = alarms.outerjoin(notices, and_(notices.c.alarm_id == alarms.c.id, notices.c.channel == channel))
    waited = and_(notices.c.state == OWED, or_(notices.c.next_at.is_(None), notices.c.next_at <= now))
    statement = select(alarms).select_from(both)
    statement = statement.where(alarms.c.over_at.is_(None), alarms.c.hushed_by == "")
    statement = statement.where(or_(notices.c.state.is_(None), waited))
    return [_read(row) for row in tx.run(statement.order_by(alarms.c.since, alarms.c.id))]


def claim(tx: Transaction, channel: str, *, now: datetime) -> list[Alarm]:
    """As `to_tell`; from now on it is being sent."""
    found = to_tell(tx, channel, now=now)
    values = {"state": SENDING, "at": now, "next_at": None}
    for one in found:
        made = insert(notices, is_sqlite=tx.is_sqlite).values(alarm_id=one.condition.id, channel=channel, **values)
        tx.run(made.on_conflict_do_update(index_elements=["alarm_id", "channel"], set_=values))
    return found


def settle(
    tx: Transaction,
    channel: str,
    told: Sequence[Alarm],
    state: str,
    *,
    now: datetime,
    error: str = "",
    next_at: datetime | None = None,
) -> None:
    """How the telling ended, for all that was claimed with it."""
    statement = update(notices).where(
        notices.c.channel == channel, notices.c.alarm_id.in_([one.condition.id for one in told])
    )
    values = {"state": state, "at": now, "error": error, "next_at": next_at, "attempts": notices.c.attempts + 1}
    tx.run(statement.values(values))


def attempts(tx: Transaction, channel: str, told: Sequence[Alarm]) -> int:
    """How often the telling of these was tried before, at the most."""
    ids = [one.condition.id for one in told]
    rows = tx.run(select(notices.c.attempts).where(notices.c.channel == channel, notices.c.alarm_id.in_(ids)))
    return max((int(row[0]) for row in rows), default=0)


def listed(tx: Transaction, *, over: bool = False) -> list[Alarm]:
    """What goes on, oldest first; with `over` also what is over."""
    told: dict[str, dict[str, str]] = {}
    errors: dict[str, dict[str, str]] = {}
    for row in tx.run(select(notices).order_by(notices.c.channel)):
        told.setdefault(row.alarm_id, {})[row.channel] = row.state
        if row.error:
            errors.setdefault(row.alarm_id, {})[row.channel] = row.error
    statement = select(alarms).order_by(alarms.c.since, alarms.c.id)
    if not over:
        statement = statement.where(alarms.c.over_at.is_(None))
    return [_read(row, told.get(row.id, {}), errors.get(row.id, {})) for row in tx.run(statement)]


def hush(tx: Transaction, name: str, *, by: str) -> bool:
    """Tell it no more, until it is over; False where nothing of that name goes on."""
    statement = update(alarms).where(alarms.c.id == name, alarms.c.over_at.is_(None)).values(hushed_by=by)
    return tx.run(statement).rowcount == 1


def broken(tx: Transaction) -> dict[str, str]:
    """Ways of telling that last failed, with the reason."""
    rows = tx.run(select(notices.c.channel, notices.c.error, notices.c.at).order_by(notices.c.at))
    last = {str(row[0]): str(row[1]) for row in rows}
    return {channel: error for channel, error in last.items() if error}


def _read(row: AnyRow, told: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None) -> Alarm:
    condition = Condition(row.id, row.about, row.mend)
    return Alarm(condition, row.since, row.over_at, row.hushed_by, dict(told or {}), dict(errors or {}))
