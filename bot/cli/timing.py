"""clocks: list, move."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.app import clocks
from bot.cli.ends import mistyped
from bot.cli.hall import opened, who, zone_of
from bot.cli.moments import Zone
from bot.cli.names import require
from bot.cli.terminal import json_document, note, out, table
from bot.core.durations import parse_signed, write_duration
from bot.core.text.amounts import several


def list_clocks(config: Path, *, as_json: bool) -> None:
    """Print every event clock."""
    with opened(config) as app:
        found = clocks.every(app)
        if as_json:
            json_document(found)
            return
        table([_row(one, Zone(one.zone, app.now())) for one in found])
    if not found:
        note("No clocks: see [[clock]] in config.example.toml.")


def _row(one: clocks.Clock, zone: Zone) -> list[str]:
    ran = write_duration(timedelta(seconds=round(abs(one.runs).total_seconds())))
    moved = f"moved from {zone.clock(one.configured)}" if one.start != one.configured else ""
    return [one.id, one.name, zone.clock(one.start), f"for {ran}" if one.runs >= timedelta(0) else f"in {ran}", moved]


def move(
    config: Path, name: str, *, to: str, by_how_much: str, reset: bool, reason: str, as_json: bool, by: str
) -> None:
    """Let a clock start at another time.

    Raises:
        typer.BadParameter: There is no such clock, or the time is none.
    """
    person = who(by)
    if sum(map(bool, (to, by_how_much, reset))) != 1:
        raise mistyped("ID", "say where to: --to TIME, --by DURATION (e.g. 10m, -5m), or --reset")
    with opened(config) as app:
        found = {one.id: one for one in clocks.every(app)}
        require("ID", name, found, "clock")
        one = found[name]
        start = one.configured if reset else _start(one, to, by_how_much)
        done = clocks.move(app, name, start, by=person, why=reason)
        if as_json:
            json_document(done)
            return
        zone = zone_of(app)
        if done.before == done.after:
            out(f"{name}: starts at {zone.clock(start)} already")
            return
        out((name, "bold"), f"  {zone.clock(done.before)} -> {zone.clock(done.after)}")
        for milestone, at in done.milestones[:10]:
            out(f"  {zone.clock(at)}  {milestone}", "  (had been missed)" if milestone in done.back else "")
        if len(done.milestones) > 10:
            out(f"  and {several(len(done.milestones) - 10, 'milestone')} more")
        if done.passed:
            note(f"By the new time these are over, told now or missed: {', '.join(done.passed)}")


def _start(one: clocks.Clock, to: str, by_how_much: str) -> datetime:
    """The new start: a time of day is on the day of the start so far, in the clock's own zone."""
    if by_how_much:
        try:
            return one.start + parse_signed(by_how_much.removeprefix("+"))
        except ValueError:
            raise mistyped("--by", f"{by_how_much!r} is no length of time: write 10m, 1h30m or -5m") from None
    zone = ZoneInfo(one.zone)
    try:
        if ":" in to and "T" not in to and "-" not in to:
            day = one.start.astimezone(zone).date()
            local = datetime.combine(day, time.fromisoformat(to), zone)
        else:
            local = datetime.fromisoformat(to)
            local = local if local.tzinfo else local.replace(tzinfo=zone)
    except ValueError:
        raise mistyped("--to", f"{to!r} is no time: write 10:15 or 2016-04-24T10:15") from None
    return local.astimezone(UTC)
