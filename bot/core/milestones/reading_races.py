"""Reads the races of the plan."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.core.milestones.mistakes import Mistakes, near
from bot.core.milestones.plan import Race
from bot.core.model import EventClock
from bot.core.results import read_time

RACE_KEYS = ("id", "name", "clock", "record", "before", "settle", "official", "points")


def read_races(notes: Mistakes, tables: Sequence[dict[str, Any]], clocks: Mapping[str, EventClock]) -> dict[str, Race]:
    """Read the `[[race]]` tables; what is wrong in them is noted."""
    found: dict[str, Race] = {}
    for number, table in enumerate(tables):
        race = _race(notes, ("race", number), table, clocks)
        if race.id in found:
            reason = f"the id {race.id!r} is used twice: each race needs its own"
            notes.bad(("race", number, "id"), reason)
        found[race.id] = race
    return found


def _race(notes: Mistakes, path: tuple[str, int], table: dict[str, Any], clocks: Mapping[str, EventClock]) -> Race:
    notes.keys(path, table, RACE_KEYS, "[[race]]")
    record = notes.text(path, table, "record")
    record_ms = read_time(record) if record else None
    if record and record_ms is None:
        notes.bad((*path, "record"), 'a record is a running time: record = "2:02:57"')
    clock = notes.text(path, table, "clock")
    if clock and clock not in clocks:
        known_clocks = ", ".join(clocks) or "none: add a [[clock]] to the configuration"
        reason = f"no event clock is called {clock!r} (there are: {known_clocks})"
        notes.bad((*path, "clock"), reason, near(clock, tuple(clocks)))
    official = table.get("official")
    if official is not None and not (isinstance(official, list) and all(isinstance(one, str) for one in official)):
        notes.bad((*path, "official"), 'official is a list of sources: official = ["timing"]')
        official = None
    points = table.get("points", {})
    if not isinstance(points, dict) or not all(
        isinstance(km, int | float) and not isinstance(km, bool) and 0 < km < 10_000 for km in points.values()
    ):
        notes.bad(
            (*path, "points"),
            "points says how many kilometres each point is from the start: points = { HALF = 21.0975 }",
        )
        points = {}
    return Race(
        notes.text(path, table, "id", needed=True),
        notes.text(path, table, "name"),
        clock,
        record_ms,
        notes.count(path, table, "before"),
        notes.span(path, table, "settle"),
        None if official is None else tuple(official),
        {str(point): float(km) for point, km in points.items()},
    )
