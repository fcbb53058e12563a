"""Whether what a milestone waits for is so, since when, and with which names and numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.core.milestones.board import Board, Entrant, Group
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
    Won,
)
from bot.core.milestones.plan import Race
from bot.core.model import EventClock
from bot.core.people import People
from bot.core.results import FINISH, Result, Standing, write_time

_OUT = frozenset({Standing.STOPPED, Standing.ABSENT, Standing.DISQUALIFIED})
_MARATHON_KM = 42.195


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
    """

    now: datetime
    clocks: Mapping[str, EventClock]
    event: str = ""
    zone: str = "UTC"
    board: Board | None = None
    people: People = field(default_factory=People)
    told: Mapping[str, datetime] = field(default_factory=dict)


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


def met(condition: Condition, facts: Facts) -> Met | None:
    """Whether a condition is met now; None where it is not (yet)."""
    match condition:
        case Moment():
            at = moment(condition, facts.clocks)
            return Met(at) if at is not None and at <= facts.now else None
        case Told():
            told = facts.told.get(condition.milestone)
            return Met(told) if told is not None else None
        case Together():
            return _together([met(one, facts) for one in condition.of], any_of=condition.any)
    if facts.board is None:
        return None
    match condition:
        case Reached():
            return _reached(condition, facts, facts.board)
        case Won():
            return _won(condition, facts, facts.board)
        case Watched():
            return _watched(condition, facts, facts.board)
        case Said():
            return _said(condition, facts.board)


def _together(found: Sequence[Met | None], *, any_of: bool) -> Met | None:
    have = [one for one in found if one is not None]
    if any_of:
        return min(have, key=lambda one: one.at, default=None)
    if len(have) < len(found) or not have:
        return None
    values: dict[str, object] = {}
    for one in have:
        values |= one.values
    proof = tuple(line for one in have for line in one.proof)
    return Met(max(one.at for one in have), values, proof, all(one.is_confirmed for one in have))


def _reached(wanted: Reached, facts: Facts, board: Board) -> Met | None:
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


def _won(wanted: Won, facts: Facts, board: Board) -> Met | None:
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
            return _of_race(facts, board, group, [best] if best and _stands(group, best, facts, race) else [])
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
    if best is None or group.places[wanted.rank] or not race.settle or not _stands(group, best, facts, race):
        return []
    return [best]


def _stands(group: Group, best: Entrant, facts: Facts, race: Race) -> bool:
    """Whether nobody quicker has come for as long as the race wants."""
    del group
    return facts.now - best.at >= race.settle


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


def _watched(wanted: Watched, facts: Facts, board: Board) -> Met | None:
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


def _said(wanted: Said, board: Board) -> Met | None:
    marks = board.marked(wanted.tag)
    official = next((one for one in marks if one.is_official), None)
    second = next((one for one in marks[1:] if one.author != marks[0].author and one.story != marks[0].story), None)
    sure = min((one for one in (official, second) if one is not None), key=lambda one: one.at, default=None)
    chosen = official or (marks[0] if marks and (sure or wanted.unconfirmed) else None)
    if chosen is None:
        return None
    values = {"name": chosen.name, "said": chosen.text, "url": chosen.url}
    return Met((sure or chosen).at, values, (f"a post by {chosen.name or 'somebody'}",), sure is not None)


def samples(condition: Condition | None) -> Mapping[str, object]:
    """What the words of a condition's milestone may name, with harmless values: to check a template before its day."""
    if condition is None or isinstance(condition, Moment | Told):
        return {}
    if isinstance(condition, Together):
        found: dict[str, object] = {}
        given = [samples(one) for one in condition.of]
        for one in given:
            found |= one
        # any of several: only what all of them tell can be named
        return {name: found[name] for name in found if not condition.any or all(name in one for one in given)}
    race: dict[str, object] = {
        "race": "the race", "name": "Ana López", "result": "2:03.05", "place": 1, "bib": "1", "fields": _Any(),
        "names": ["Ana López", "Bo Li", "Cy Ray"], "results": ["2:03.05", "2:03.51", "2:06.23"],
    }  # fmt: skip
    count: dict[str, object] = {"count": "1,000", "number": 1000}
    match condition:
        case Reached():
            if condition.which is not None:
                return race | count
            return count | ({} if condition.what == "posts" else {"exactly": "1,003"})
        case Won():
            more: dict[str, object] = count if condition.outcome is Outcome.NTH else {}
            if condition.outcome is Outcome.RECORD:
                more = {"record": "2:02.57", "by": "0:01"}
            return race | more
        case Watched():
            person: dict[str, object] = {"person": "Ana López", "race": "the race", "bib": "1", "place": 1}
            if condition.stage in {Stage.AT, Stage.FINISHED}:
                person |= {"result": "2:03.05", "point": "10K"}
            return person | ({"expected": "3:35.21"} if condition.stage is Stage.EXPECTED else {})
        case Said():
            return {"name": "Ana López", "said": "She is home", "url": "https://example.org/1"}


class _Any(dict[str, str]):
    """Fields whose names only the source's mapping knows."""

    def __missing__(self, key: str) -> str:
        return key
