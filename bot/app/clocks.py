"""Event clocks as people see and move them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.app.hall import App
from bot.pipeline import clocks
from bot.pipeline.clocks import Moved


@dataclass(frozen=True, slots=True)
class Clock:
    """One event clock.

    Attributes:
        start: When it starts, or has started.
        configured: What the configuration says; another time where it was moved.
        zone: Its own.
        runs: Event time since the start; negative before it.
    """

    id: str
    name: str
    start: datetime
    configured: datetime
    zone: str
    runs: timedelta


def every(app: App) -> list[Clock]:
    """Every clock, in the order of the configuration."""
    now = app.now()
    return [
        Clock(one.id, one.name, one.start_at, app.parts.desk.clocks[one.id].start_at, one.zone, now - one.start_at)
        for one in app.desk.clocks.values()
    ]


def move(app: App, name: str, start: datetime, *, by: str, why: str = "") -> Moved:
    """Let a clock start at another time. Raises as `pipeline.clocks.move`."""
    done = clocks.move(
        app.database, app.desk, app.parts.desk.clocks, app.plan(), name, start, now=app.now(), by=by, why=why
    )
    app.see_clocks()
    return done
