"""The plan as people see it and act on it."""

from dataclasses import dataclass
from datetime import datetime

from bot.app.hall import App
from bot.core import milestones as plan_room
from bot.core.milestones import Facts
from bot.core.model import UpdateState
from bot.pipeline import announce
from bot.pipeline.announce import Fired
from bot.store import feed, milestones


@dataclass(frozen=True, slots=True)
class Planned:
    """One milestone and what became of it.

    Attributes:
        state: "to come", "due" (it is told within seconds, or waits for quiet mode to end), "told", "withdrawn" (told, and
            taken back), "missed" or "skipped".
        due_at: By its clock as it is set now; None where that clock is not configured.
        settled_at: When it was told, missed or skipped; None for what is to come.
        text: Its words as they would be told now, or as they were told.
        update: Short name of the update that told it; "" for none.
    """

    id: str
    state: str
    due_at: datetime | None
    settled_at: datetime | None = None
    text: str = ""
    update: str = ""


def planned(app: App) -> list[Planned]:
    """Every milestone of the plan, soonest first."""
    facts = Facts(app.now(), app.desk.clocks, app.desk.event, app.desk.zone)
    found = []
    with app.database.read() as tx:
        known = milestones.every(tx)
        for one in app.plan().milestones:
            at = plan_room.due_at(one, facts.clocks)
            done = known.get(one.id)
            told = feed.by_id(tx, done.update_id) if done and done.update_id else None
            state = done.state if done else "due" if at is not None and at <= facts.now else "to come"
            if told is not None and told.state is UpdateState.WITHDRAWN:
                state = "withdrawn"
            words = told.text if told else plan_room.words(one, facts)[1] if at is not None else ""
            found.append(Planned(one.id, state, at, done.at if done else None, words, told.slug if told else ""))
    return sorted(found, key=lambda one: (one.due_at is None, one.due_at or facts.now, one.id))


def fire(app: App, name: str, *, by: str, why: str = "") -> Fired:
    """Tell one now. Raises as `announce.fire`."""
    return announce.fire(app.database, app.desk, app.plan(), name, now=app.now(), by=by, why=why)


def skip(app: App, name: str, *, by: str, why: str = "") -> None:
    """Never tell one by itself. Raises as `announce.skip`."""
    announce.skip(app.database, app.desk, app.plan(), name, now=app.now(), by=by, why=why)
