"""What is to be told now, what comes next, and in which words."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core.milestones.conditions import Moment, leaves
from bot.core.milestones.facts import Facts, Met, moment
from bot.core.milestones.meeting import met
from bot.core.milestones.plan import Milestone
from bot.core.model import EventClock
from bot.core.wording import render

PROVISIONAL = "Provisional: "
"""What stands before the words of a milestone until they are confirmed."""


@dataclass(frozen=True, slots=True)
class Due:
    """A milestone that is to be told.

    Attributes:
        at: Since when.
        values: Names and numbers that results fill in; empty for one of a clock.
    """

    milestone: Milestone
    at: datetime
    values: Mapping[str, object] = field(default_factory=dict)
    proof: tuple[str, ...] = ()
    is_confirmed: bool = True


def due_at(milestone: Milestone, clocks: Mapping[str, EventClock]) -> datetime | None:
    """When a milestone is reached; None where its clock does not exist, or where that is no matter of time alone."""
    if milestone.when is not None:
        return None
    return moment(Moment(milestone.at, milestone.clock, milestone.after), clocks)


def due(plan: Sequence[Milestone], facts: Facts, settled: AbstractSet[str]) -> list[Due]:
    """Name the milestones that are reached and not yet settled.

    Args:
        plan: The desk's plan, in any order; may be empty.
        facts: Clocks, results and time, taken at one instant. A milestone whose time is exactly `now` is due.
        settled: Ids that were told, missed, skipped or are held; these are never named again.

    Returns:
        Earliest first, ties in plan order, each id at most once.
    """
    reached: dict[str, Due] = {}
    for milestone in plan:
        if milestone.id in settled or milestone.id in reached:
            continue
        found = is_due(milestone, facts)
        if found is not None:
            reached[milestone.id] = found
    return sorted(reached.values(), key=lambda one: one.at)


def is_due(milestone: Milestone, facts: Facts) -> Due | None:
    """Whether one milestone is reached, whatever became of it; None where it is not."""
    if milestone.not_before is not None and milestone.not_before > facts.now:
        return None
    if milestone.when is None:
        at = due_at(milestone, facts.clocks)
        return None if at is None or at > facts.now else Due(milestone, max(at, milestone.not_before or at))
    found: Met | None = met(milestone.when, facts)
    if found is None:
        return None
    at = max(found.at, milestone.not_before or found.at)
    return Due(milestone, at, found.values, found.proof, found.is_confirmed)


def upcoming(
    plan: Sequence[Milestone], facts: Facts, settled: AbstractSet[str], limit: int
) -> list[tuple[str, datetime]]:
    """The next milestones that are not reached yet and whose time is known: id and time, soonest first."""
    found = []
    for milestone in plan:
        at = due_at(milestone, facts.clocks)
        if at is not None and at > facts.now and milestone.id not in settled:
            found.append((milestone.id, at))
    return sorted(found, key=lambda pair: pair[1])[:limit]


@dataclass(frozen=True, slots=True)
class Words:
    """What is said.

    Attributes:
        headline: "" for none.
    """

    title: str
    text: str
    headline: str = ""


def words(
    milestone: Milestone, facts: Facts, found: Mapping[str, object] | None = None, *, plainly: bool = False
) -> Words:
    """A milestone's words, with the event's values filled in.

    Args:
        found: Names and numbers of results, where it is not one of a time alone.
        plainly: In plain words, for quiet mode.

    Raises:
        MilepostError: A template uses a name that does not exist. `load` has checked that, so it cannot happen here.
    """
    values = known(milestone, facts) | dict(found or {})
    template = milestone.plain if plainly and milestone.plain else milestone.text
    return Words(
        render(milestone.title, values) if milestone.title and not plainly else "",
        render(template, values),
        render(milestone.headline, values) if milestone.headline else "",
    )


def known(milestone: Milestone, facts: Facts) -> dict[str, object]:
    """What the words may name beside results: event and time, and for one of a clock its name and how long it ran."""
    at, clock = due_at(milestone, facts.clocks), facts.clocks.get(milestone.clock)
    if milestone.when is not None:
        of_when = [one for one in leaves(milestone.when) if isinstance(one, Moment)]
        at = moment(of_when[0], facts.clocks) if len(of_when) == 1 else None
    local = ZoneInfo(facts.zone if clock is None else clock.zone)
    values: dict[str, object] = {"time": (at or facts.now).astimezone(local).strftime("%H:%M"), "event": facts.event}
    if clock is not None and milestone.when is None:
        hours = milestone.after.total_seconds() / 3600
        values |= {
            "clock": clock.name,
            "after": milestone.after,
            "hours": int(hours) if hours == int(hours) else round(hours, 1),
        }
    return values
