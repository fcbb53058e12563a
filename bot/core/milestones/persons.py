"""What has become of a person whom the desk watches."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.core.milestones.board import Board
from bot.core.milestones.conditions import Stage, Watched
from bot.core.milestones.facts import Facts, Met, moment
from bot.core.milestones.plan import Race
from bot.core.milestones.races import happened
from bot.core.model import EventClock
from bot.core.people import People
from bot.core.results import FINISH, Result, Standing, write_time

_OUT = frozenset({Standing.STOPPED, Standing.ABSENT, Standing.DISQUALIFIED})
_MARATHON_KM = 42.195


def race_of(wanted: Watched, people: People) -> tuple[str, str]:
    """Race and bib of a watched person; ("", "") where people.toml does not tell them."""
    person = people.by_id(wanted.person)
    if person is None or not person.bib:
        return "", ""
    race = wanted.race or (person.races[0] if len(person.races) == 1 else "")
    return (race, person.bib) if race else ("", "")


def is_out(wanted: Watched, facts: Facts) -> bool:
    """Whether timing says that the person is not in the race any more, without having finished."""
    one = facts.board.entrant(*race_of(wanted, facts.people)) if facts.board else None
    return one is not None and one.result.standing in _OUT


def watched(wanted: Watched, facts: Facts, board: Board) -> Met | None:
    """Whether somebody has come so far; None where not, where timing has not told of them, or contradicts itself."""
    race_id, bib = race_of(wanted, facts.people)
    one = board.entrant(race_id, bib)
    person = facts.people.by_id(wanted.person)
    if one is None or person is None or not (one.is_confirmed or wanted.unconfirmed) or not one.result.sound:
        return None
    race = board.plan.race(race_id)
    result, style = one.result, board.plan.times
    values: dict[str, object] = {
        "person": person.name,
        "race": race.name or race.id,
        "bib": bib,
        "place": result.place or "",
    }
    proof = (f"{race_id} {bib} of {one.source}",)

    def at(point: str) -> Met | None:
        ms = result.at(point)
        if ms is None:
            return None
        told = values | {"result": write_time(ms, style), "point": point}
        return Met(happened(result, point, one.at, race, facts.clocks), told, proof, one.is_confirmed)

    has_begun = result.standing in {Standing.STARTED, Standing.FINISHED} or any(ms for _, ms in result.times)
    is_running = has_begun and result.standing not in _OUT and result.standing is not Standing.FINISHED
    match wanted.stage:
        case Stage.STARTED:
            return Met(one.at, values, proof, one.is_confirmed) if has_begun and result.standing not in _OUT else None
        case Stage.AT:
            return at(wanted.point)
        case Stage.FINISHED:
            return at(FINISH) if result.standing is Standing.FINISHED else None
        case Stage.STOPPED:
            return Met(one.at, values, proof, one.is_confirmed) if result.standing is Standing.STOPPED else None
        case Stage.RUNNING:
            when = moment(wanted.moment, facts.clocks) if wanted.moment else None
            if when is None or when > facts.now or not is_running:
                return None
            return Met(when, values, proof, one.is_confirmed)
        case Stage.EXPECTED:
            foretold = expected(result, race, facts.clocks)
            if foretold is None or not is_running or facts.now < foretold - wanted.within:
                return None
            clock = facts.clocks[race.clock]
            told = values | {
                "expected": write_time(int((foretold - clock.start_at) / timedelta(milliseconds=1)), style)
            }
            return Met(foretold - wanted.within, told, proof, one.is_confirmed)


def expected(result: Result, race: Race, clocks: Mapping[str, EventClock]) -> datetime | None:
    """When somebody will finish at the pace so far; None before the first split, or where the course is not known."""
    clock = clocks.get(race.clock)
    last = next(((point, ms) for point, ms in reversed(result.times) if ms is not None and point != FINISH), None)
    if clock is None or last is None:
        return None
    point, ms = last
    km = kilometres(point, race)
    whole = race.points_km.get(FINISH, _MARATHON_KM)
    return clock.start_at + timedelta(milliseconds=ms * whole / km) if km else None


def kilometres(point: str, race: Race) -> float:
    """How far a point is from the start: as the plan says, or by its name ("10K", "5 km"); 0 where that is not known."""
    if point in race.points_km:
        return race.points_km[point]
    name = point.casefold().replace(" ", "").removesuffix("m").removesuffix("k")
    if point.casefold() in {"half", "halfway"}:
        return race.points_km.get(FINISH, _MARATHON_KM) / 2
    try:
        return float(name) if point.casefold().rstrip("m").endswith("k") else 0
    except ValueError:
        return 0
