"""What is true at one instant, and that something is met by it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.core.milestones.board import Board
from bot.core.milestones.conditions import Moment
from bot.core.model import EventClock
from bot.core.people import People


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true at one instant.

    Attributes:
        now: Event time, aware UTC.
        clocks: Every event clock by its id.
        event: The event's name.
        zone: The event's, an IANA name.
        board: What timing has said; None where the plan asks for none of it.
        people: Whom the desk watches.
        told: When each milestone was told.
        patient: Whether a best time must have stood for as long as its race wants. False to compare what was told already: who
            is the best for a moment only is a correction all the same.
    """

    now: datetime
    clocks: Mapping[str, EventClock]
    event: str = ""
    zone: str = "UTC"
    board: Board | None = None
    people: People = field(default_factory=People)
    told: Mapping[str, datetime] = field(default_factory=dict)
    patient: bool = True


@dataclass(frozen=True, slots=True)
class Met:
    """That a condition is met.

    Attributes:
        at: Since when (event time): by the race's clock where that is known, else since we know.
        values: Names and numbers for the words.
        proof: What it goes by, for the log: "mass 1 of timing".
        is_confirmed: False where only one source says so that is not official.
    """

    at: datetime
    values: Mapping[str, object] = field(default_factory=dict)
    proof: tuple[str, ...] = ()
    is_confirmed: bool = True


def moment(given: Moment, clocks: Mapping[str, EventClock]) -> datetime | None:
    """When a moment is; None where its clock does not exist."""
    if given.at is not None:
        return given.at.astimezone(UTC)
    clock = clocks.get(given.clock)
    return None if clock is None else clock.start_at + given.after
