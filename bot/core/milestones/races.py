"""How a race came out, and how many of it are home."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.core.milestones.board import Board, Entrant, Group
from bot.core.milestones.conditions import Outcome, Reached, Won
from bot.core.milestones.facts import Facts, Met, moment
from bot.core.milestones.plan import Race
from bot.core.model import EventClock
from bot.core.results import Result, write_time


def reached(wanted: Reached, facts: Facts, board: Board) -> Met | None:
    """Whether a count is reached; of finishers with who made it."""
    values = {"count": f"{wanted.number:,}", "number": wanted.number}
    if wanted.what == "posts":
        count, at = board.posts
        return Met(at, values, (f"{count:,} posts",)) if at is not None and count >= wanted.number else None
    if wanted.which is not None:
        race = board.plan.race(wanted.which.race)
        group = board.group(wanted.which)
        one = (
            group.nth(max(1, wanted.number - race.before))
            if race.before + len(group.arrived) >= wanted.number
            else None
        )
        if one is None:
            return None
        return _of_race(facts, board, group, [one], values)
    value, at = board.tallies.get(wanted.what, (0, facts.now))
    return (
        Met(at, values | {"exactly": f"{value:,}"}, (f"{wanted.what} {value:,}",)) if value >= wanted.number else None
    )


def won(wanted: Won, facts: Facts, board: Board) -> Met | None:
    """Whether a race came out so, and who it was."""
    group, race = board.group(wanted.which), board.plan.race(wanted.which.race)
    match wanted.outcome:
        case Outcome.WINNER:
            return _of_race(
                facts, board, group, group.at_place(wanted.rank, 1) or _unplaced(group, wanted, facts, race)
            )
        case Outcome.PODIUM:
            three = [group.at_place(wanted.rank, place) for place in (1, 2, 3)]
            if len(three[0]) + len(three[1]) + len(three[2]) < 3:
                return None
            return _of_race(facts, board, group, [one for place in three for one in place])
        case Outcome.RECORD:
            best = group.best()
            if best is None or race.record_ms is None or group.time(best) >= race.record_ms:
                return None
            by = write_time(race.record_ms - group.time(best), board.plan.times)
            return _of_race(
                facts, board, group, [best], {"record": write_time(race.record_ms, board.plan.times), "by": by}
            )
        case Outcome.FIRST:
            best = group.best()
            return _of_race(facts, board, group, [best] if best and _stands(best, facts, race) else [])
        case Outcome.NTH:
            number = wanted.number - race.before
            found = group.at_place(wanted.rank, number)
            values = {"count": f"{wanted.number:,}", "number": wanted.number}
            return _of_race(facts, board, group, found, values)
        case Outcome.LAST:
            closed = moment(wanted.closes, facts.clocks) if wanted.closes else None
            last = group.slowest() if closed is not None and closed <= facts.now else None
            found_last = _of_race(facts, board, group, [last] if last else [])
            return found_last and Met(
                closed or found_last.at, found_last.values, found_last.proof, found_last.is_confirmed
            )


def _unplaced(group: Group, wanted: Won, facts: Facts, race: Race) -> list[Entrant]:
    """The quickest, where the source tells no places at all."""
    best = group.best()
    if best is None or group.places[wanted.rank] or not race.settle or not _stands(best, facts, race):
        return []
    return [best]


def _stands(best: Entrant, facts: Facts, race: Race) -> bool:
    """Whether nobody quicker has come for as long as the race wants."""
    return not facts.patient or facts.now - best.at >= race.settle


def _of_race(
    facts: Facts, board: Board, group: Group, found: Sequence[Entrant], more: Mapping[str, object] | None = None
) -> Met | None:
    if not found:
        return None
    race = board.plan.race(group.wanted.race)
    names = [_name(one.result) for one in found]
    times = [write_time(group.time(one), board.plan.times) for one in found]
    lead = found[0].result
    values: dict[str, object] = {
        "race": race.name or race.id,
        "name": _listed(names) if len(found) < 3 else names[0],
        "result": times[0],
        "place": lead.place or "",
        "bib": lead.key,
        "fields": dict(lead.fields),
        "names": names,
        "results": times,
    }
    at = max(happened(one.result, group.wanted.point, one.at, race, facts.clocks) for one in found)
    proof = tuple(f"{one.result.race} {one.result.key} of {one.source}" for one in found)
    return Met(at, values | dict(more or {}), proof, all(one.is_confirmed for one in found))


def happened(result: Result, point: str, seen_at: datetime, race: Race, clocks: Mapping[str, EventClock]) -> datetime:
    """When somebody was at a point: by the race's clock, or when we learnt of it; never after that."""
    clock, at = clocks.get(race.clock), result.at(point)
    if clock is None or at is None:
        return seen_at
    return min(seen_at, clock.start_at + timedelta(milliseconds=at))


def _name(result: Result) -> str:
    return result.name or f"number {result.key}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)
