"""What needs a person: conditions of the house, and what is told of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.core.text.amounts import several


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is wrong now.

    Attributes:
        id: The same as long as it goes on, and for the same thing another time: "account bluesky: unauthorized".
        about: What is wrong, one sentence for people.
        mend: The command that mends it, or what to do; never empty.
    """

    id: str
    about: str
    mend: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """A condition that goes on, or is over.

    Attributes:
        since: When it began (machine time).
        over_at: When it was over; None while it goes on.
        hushed_by: Who has said that it need not be told; "" for nobody.
        told: By each way of telling, how that stands: "sent", "owed", "sending", "unanswered" or "failed".
        errors: By each way of telling that does not work, why.
    """

    condition: Condition
    since: datetime
    over_at: datetime | None = None
    hushed_by: str = ""
    told: Mapping[str, str] | None = None
    errors: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to a person.

    Attributes:
        id: Of its own, the same on every try.
        event: What is covered, as readers know it.
        at: When it was written (machine time).
        alarms: What it tells, at least one; empty for a trial.
    """

    id: str
    event: str
    at: datetime
    alarms: tuple[Alarm, ...] = ()

    @property
    def subject(self) -> str:
        """One line."""
        if not self.alarms:
            return f"Milepost, {self.event}: a trial alarm"
        count = several(len(self.alarms), "thing")
        return f"Milepost, {self.event}: {count} {'needs' if len(self.alarms) == 1 else 'need'} a person"

    @property
    def lines(self) -> tuple[str, ...]:
        """What is told, a line each, and below each what to do."""
        if not self.alarms:
            return ("This is a trial: nothing is wrong. Whoever reads it will be told when something is.",)
        return tuple(
            line
            for alarm in self.alarms
            for line in (
                f"{alarm.condition.about} (since {alarm.since:%H:%M:%S} UTC)",
                f"    {alarm.condition.mend}",
            )
        )
