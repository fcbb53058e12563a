"""What platforms still let an account do: as their answers said, for each kind of call apart, with a reserve for what matters most.

A limit on one kind of call stops that kind alone: a full hour of posts does not keep anything from being taken down, and
a limit on deletions does not hold up a milestone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.checkup import ahead_of
from bot.core.model import Worth

_LONGEST = timedelta(days=1)
_RESERVED = 10  # one in so many posts is kept back for milestones and safety


class Work(StrEnum):
    """What an account is asked to do."""

    POSTING = "posting"
    CORRECTING = "correcting"
    TAKING_DOWN = "taking down"
    LOOKING_UP = "looking up"


@dataclass(frozen=True, slots=True)
class Allowance:
    """How often one kind of call may still be made.

    Attributes:
        left: Calls that are still allowed; 0 for none.
        most: Of how many; 0 where that is not known.
        resets_at: When it is all allowed again (machine time, aware UTC); says nothing from then on.
    """

    work: Work
    left: int
    most: int
    resets_at: datetime

    @property
    def reserve(self) -> int:
        """How many of `most` are kept back: from so few on, only milestones and safety updates are posted."""
        return self.most // _RESERVED if self.work is Work.POSTING else 0


def read_allowance(
    work: Work | None, left: str, most: str, resets_at: datetime | None, now: datetime
) -> Allowance | None:
    """What the headers of an answer say; None where they say nothing that can be used.

    Args:
        work: None for calls that no budget is kept of.
        left: As the header has it: hostile text, "" where it is missing.
        resets_at: More than a day from now is taken for a day.
        now: Machine time.
    """
    left, most = left.strip(), most.strip()
    if work is None or resets_at is None or not _is_count(left) or not _is_count(most):
        return None
    return Allowance(work, int(left), int(most), min(resets_at, now + _LONGEST))


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 9


class Meter:
    """What the last answers said of each kind of work. May be used by several threads."""

    def __init__(self) -> None:
        self._said: dict[Work, Allowance] = {}
        self.ahead: timedelta | None = None
        """How far the platform's clock was ahead of ours when it was last heard; None where it never said."""

    def hear(self, date: str, now: datetime) -> None:
        """Take an answer's Date header; "" where it has none."""
        self.ahead = ahead_of(date, now) if date else self.ahead

    def note(self, *windows: Allowance | None) -> None:
        """Keep what one answer said; of several windows the one counts that is nearest to its end."""
        told = [one for one in windows if one is not None]
        if told:
            nearest = min(told, key=lambda one: one.left)
            self._said[nearest.work] = nearest

    def allowances(self) -> tuple[Allowance, ...]:
        """What was said last; empty before the first answer."""
        return tuple(self._said.copy().values())


@dataclass(frozen=True, slots=True)
class Budget:
    """What one account may do at one moment.

    Attributes:
        allowances: At most one of each kind of work; what is missing is not limited.
        now: Machine time.
    """

    allowances: Sequence[Allowance]
    now: datetime

    def may(self) -> frozenset[Work]:
        """What may be done at all."""
        return frozenset(Work) - {one.work for one in self._in_force() if one.left <= 0}

    def worth(self) -> Worth:
        """The least that a post must be worth now; `SNIPPET` lets everything go."""
        short = any(one.left <= one.reserve for one in self._in_force() if one.work is Work.POSTING)
        return Worth.MILESTONE if short else Worth.SNIPPET

    def changes_at(self) -> datetime | None:
        """When something that waits may go on; None where nothing has to wait."""
        return min((one.resets_at for one in self.short()), default=None)

    def short(self) -> list[Allowance]:
        """What is used up, or so far that the rest is kept back."""
        return [one for one in self._in_force() if one.left <= one.reserve]

    def _in_force(self) -> list[Allowance]:
        return [one for one in self.allowances if one.resets_at > self.now]
