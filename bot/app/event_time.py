"""The event clock of a rehearsal: it may run faster than the machine's, and every process that opens the store goes by it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.errors import StoreError
from bot.store import marks
from bot.store.database import Database

_MARK = "rehearsal"


@dataclass(frozen=True, slots=True)
class Pace:
    """How event time goes on from a moment.

    Attributes:
        event_at: Event time at that moment.
        machine_at: Machine time at that moment.
        speed: Seconds of the event in one of the machine; 0 stands still.
        until: From this event time on it goes at the machine's own pace; None for never.
    """

    event_at: datetime
    machine_at: datetime
    speed: float = 1.0
    until: datetime | None = None

    def at(self, machine: datetime) -> datetime:
        """Event time at a machine time."""
        passed = machine - self.machine_at
        found = self.event_at + passed * self.speed
        if self.until is None or found <= self.until or not self.speed:
            return found
        return self.until + (passed - max(timedelta(0), self.until - self.event_at) / self.speed)

    def left(self, event: datetime, machine: datetime) -> timedelta:
        """How long the machine has to wait for an event time before `until`; nothing where it is past or never comes."""
        return (event - self.at(machine)) / self.speed if self.speed and event > self.at(machine) else timedelta(0)


class EventTime:
    """A clock that is set; call `now` for the event time."""

    def __init__(self, pace: Pace, machine_now: Callable[[], datetime]) -> None:
        self.pace = pace
        self._machine_now = machine_now

    def now(self) -> datetime:
        """Event time."""
        return self.pace.at(self._machine_now())

    def jump(self, event: datetime) -> None:
        """Stand still at an event time."""
        self.pace = Pace(event, self._machine_now(), speed=0)


def keep(database: Database, pace: Pace) -> None:
    """Let every process that opens this store go by this clock."""
    written = json.dumps(
        {
            "event_at": pace.event_at.isoformat(),
            "machine_at": pace.machine_at.isoformat(),
            "speed": pace.speed,
            "until": pace.until.isoformat() if pace.until else None,
        }
    )
    with database.begin() as tx:
        marks.put(tx, _MARK, written)


def kept(database: Database) -> Pace | None:
    """The clock that a rehearsal left in this store; None for a store that goes by the real one."""
    try:
        with database.read() as tx:
            written = marks.get(tx, _MARK)
    except StoreError:  # an empty store: whoever works with it says so
        return None
    if not written:
        return None
    found = json.loads(written)
    return Pace(
        datetime.fromisoformat(found["event_at"]),
        datetime.fromisoformat(found["machine_at"]),
        float(found["speed"]),
        datetime.fromisoformat(found["until"]) if found["until"] else None,
    )
