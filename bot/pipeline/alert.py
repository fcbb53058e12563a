"""alarms -> people. Finds: conditions that are new, and what was not told of them yet.

Each way of telling is told each condition once: `sending` is written before the network is touched, and a try whose outcome is
unknown is not repeated, for the same message twice in the night is how people come to read none. The others tell it all the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from bot.core.alarms import Alarm, Condition, Notice
from bot.core.errors import OutsideError, RateLimited, Unanswered, Unavailable
from bot.core.ports import Channel
from bot.store import alarms
from bot.store.database import Database

_FIRST_WAIT = timedelta(seconds=10)
_LONGEST_WAIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Alerted:
    """What one run came to.

    Attributes:
        told: How many conditions were told, over all ways.
        failed: By each way that could not tell, why.
    """

    told: int = 0
    failed: Mapping[str, str] | None = None


def alert(
    database: Database,
    found: Sequence[Condition],
    channels: Mapping[str, Channel],
    *,
    event: str,
    again: timedelta,
    machine_now: Callable[[], datetime],
) -> Alerted:
    """Keep what is wrong, and tell what is new by every way.

    Args:
        found: Everything that is wrong now.
        again: What comes back so soon after it was over is not told again.
    """
    now = machine_now()
    with database.read() as tx:
        differs = alarms.differs(tx, found, now=now, again=again)
    if differs:
        with database.begin() as tx:
            tx.alone("alarms")
            alarms.keep(tx, found, now=now, again=again)
    told = 0
    failed: dict[str, str] = {}
    for name, channel in channels.items():
        with database.read() as tx:
            is_owed = bool(alarms.to_tell(tx, name, now=machine_now()))
        if not is_owed:
            continue
        with database.begin() as tx:
            tx.alone("alarms")
            mine = alarms.claim(tx, name, now=machine_now())
        error = _tell(database, name, channel, mine, event=event, machine_now=machine_now)
        told += 0 if error else len(mine)
        failed |= {name: error} if error else {}
    return Alerted(told, failed)


def trial(channel: Channel, *, event: str, now: datetime) -> None:
    """Send a trial by one way. Raises as `Channel.send`."""
    channel.send(Notice(f"trial-{int(now.timestamp() * 1_000_000)}", event, now))


def _tell(
    database: Database,
    name: str,
    channel: Channel,
    mine: Sequence[Alarm],
    *,
    event: str,
    machine_now: Callable[[], datetime],
) -> str:
    """Tell, and write down how it ended; gives why it did not go well, "" where it did."""
    state, error, next_at = alarms.SENT, "", None
    try:
        channel.send(Notice(_name(mine), event, machine_now(), tuple(mine)))
    except OutsideError as problem:
        error = str(problem)
        match problem:
            case Unavailable():
                with database.read() as tx:
                    before = alarms.attempts(tx, name, mine)
                wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(before, 8))
                state, next_at = alarms.OWED, machine_now() + wait
            case RateLimited(until=until):
                state, next_at = alarms.OWED, max(until, machine_now() + _FIRST_WAIT)
            case Unanswered():
                state = alarms.UNANSWERED
            case _:
                state = alarms.FAILED
    with database.begin() as tx:
        alarms.settle(tx, name, mine, state, now=machine_now(), error=error, next_at=next_at)
    return error


def _name(mine: Sequence[Alarm]) -> str:
    """A name for a message: the same for the same alarms, also on another try."""
    told = "\n".join(f"{one.condition.id} {one.since.isoformat()}" for one in mine)
    return sha256(told.encode()).hexdigest()[:32]
