"""What people do about alarms: look at them, try the ways of telling, hush one."""

from bot.app.hall import App
from bot.core.alarms import Alarm
from bot.core.errors import NotFoundError
from bot.pipeline import alert
from bot.store import alarms, journal


def listed(app: App, *, over: bool = False) -> list[Alarm]:
    """What needs a person, oldest first; with `over` also what was over lately. As the running daemon last saw it."""
    with app.database.read() as tx:
        return alarms.listed(tx, over=over)


def ways(app: App) -> tuple[str, ...]:
    """Names of the enabled ways of telling."""
    return tuple(app.parts.channels)


def test(app: App, name: str) -> None:
    """Send a trial by one way.

    Raises:
        NotFoundError: No enabled alarm has this name.
        OutsideError: It could not be sent, or may have been.
    """
    channel = app.parts.channels.get(name)
    if channel is None:
        known = ", ".join(app.parts.channels) or "none"
        raise NotFoundError(f"no enabled [[alarm]] is called {name!r}: there are {known}")
    alert.trial(channel, event=app.settings.event.name, now=app.machine_now())


def hush(app: App, name: str, *, by: str) -> None:
    """Tell something no more, until it is over and comes again.

    Raises:
        NotFoundError: Nothing of this name goes on.
    """
    with app.database.begin() as tx:
        if not alarms.hush(tx, name, by=by):
            going = ", ".join(repr(one.condition.id) for one in alarms.listed(tx)) or "nothing"
            raise NotFoundError(f"{name!r} does not go on: what does: {going}")
        journal.write(tx, [journal.Line(app.now(), "hushed", by, name)])
