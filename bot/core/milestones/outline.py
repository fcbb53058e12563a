"""What a milestone waits for, in words that people read."""

from typing import assert_never

from bot.core.durations import write_duration
from bot.core.milestones.conditions import (
    Condition,
    Moment,
    Outcome,
    Reached,
    Said,
    Stage,
    Together,
    Told,
    Watched,
    Which,
    Won,
)
from bot.core.milestones.facts import Facts
from bot.core.milestones.plan import Milestone
from bot.core.results import FINISH, write_time


def outline(milestone: Milestone, facts: Facts) -> str:
    """In a few words: "the winner of men", "1,000 finishers of mass", "4h after the masses race"."""
    if milestone.when is not None:
        return _of(milestone.when, facts)
    return _of(Moment(milestone.at, milestone.clock, milestone.after), facts)


def _of(condition: Condition, facts: Facts) -> str:
    match condition:
        case Moment():
            return _moment(condition, facts)
        case Reached():
            who = f" of {_which(condition.which)}" if condition.which else ""
            return f"{condition.number:,} {condition.what}{who}"
        case Won():
            number = f" ({condition.number:,})" if condition.outcome is Outcome.NTH else ""
            return f"the {condition.outcome}{number} of {_which(condition.which)}"
        case Watched():
            where = {Stage.AT: f"at {condition.point}"}.get(condition.stage, str(condition.stage))
            person = facts.people.by_id(condition.person)
            return f"{person.name if person else condition.person} {where}"
        case Said():
            return f"a post tagged {condition.tag}"
        case Told():
            return f"{condition.milestone} was told"
        case Together():
            return (" or " if condition.any else " and ").join(_of(one, facts) for one in condition.of)
        case _:
            assert_never(condition)


def _moment(given: Moment, facts: Facts) -> str:
    if given.at is not None:
        return f"{given.at:%Y-%m-%d %H:%M}"
    clock = facts.clocks.get(given.clock)
    side = "before" if given.after.days < 0 else "after"
    return f"{write_duration(given.after)} {side} {clock.name if clock else given.clock}"


def _which(given: Which) -> str:
    parts = [given.race, *(f"{name} {value}" for name, value in given.where)]
    if given.point != FINISH:
        parts.append(f"at {given.point}")
    if given.under_ms is not None:
        parts.append(f"under {write_time(given.under_ms)}")
    return " ".join(parts)
