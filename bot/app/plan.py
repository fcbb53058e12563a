"""The plan as people see it and act on it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.app import people_file, plan_pictures
from bot.app.hall import App
from bot.app.opening import desk_of
from bot.app.rules.checking import read_folder
from bot.core.errors import MilepostError, RuleError
from bot.core.milestones.due import due_at, is_due, words
from bot.core.milestones.facts import Facts
from bot.core.milestones.outline import outline
from bot.core.milestones.plan import FILE, Milestone, Plan
from bot.core.milestones.reading import load
from bot.core.milestones.samples import samples
from bot.core.model import DeliveryState, Update, UpdateState
from bot.core.people import People
from bot.pipeline.announce import by_hand
from bot.pipeline.announce.by_hand import Fired
from bot.pipeline.announce.changing import read_fact
from bot.store import calls, cards, feed, milestones, outbox


@dataclass(frozen=True, slots=True)
class Planned:
    """One milestone and what became of it.

    Attributes:
        state: "to come", "due" (it is told within seconds, or waits for quiet mode to end), "told", "provisional" (told, and not
            confirmed yet), "withdrawn" (told, and taken back), "missed", "skipped", "folded" (left to the next recap) or "held" (a person decides).
        due_at: By its clock as it is set now; when it was reached, where it waits for more than a time; None where that is not
            known yet, or its clock is not configured.
        settled_at: When it was told, missed, skipped or held; None for what is to come.
        text: Its words as they would be told now, or as they were told.
        update: Short name of the update that told it; "" for none.
        waits_for: In words.
    """

    id: str
    state: str
    due_at: datetime | None
    settled_at: datetime | None = None
    text: str = ""
    update: str = ""
    waits_for: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A card: a fact that changed after it was told, or a person who stopped.

    Attributes:
        kind: "correction" or "stopped".
        about: Id of a milestone, or of a person.
        before: What was told; for a person the milestones that are held.
        after: What is so now; "" where nothing of it is.
        places: Where it was told: "page" and accounts.
        commands: What a person may do: what stands behind `milepost`.
    """

    kind: str
    about: str
    before: str
    after: str
    at: datetime
    places: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """A plan as it lies in the folder.

    Attributes:
        examples: How many of its examples were tried, and hold, by milestone.
    """

    plan: Plan
    examples: Mapping[str, int]


def checked(config: Path, environ: Mapping[str, str] | None = None) -> Checked:
    """Read the plan of the configured folder, without a store.

    Raises:
        ConfigError: The configuration has mistakes.
        NotFoundError: There is no such folder.
        RuleError: With every mistake of the plan and of the people that it watches.
    """
    loaded, found = read_folder(config, environ)
    shown = loaded.settings.rules.folder
    desk = desk_of(loaded.settings)
    text = found.files.get(FILE, "")
    people = people_file.on_disk(found.files, shown, People())
    plan = load(
        text,
        file=f"{shown}/{FILE}",
        clocks=desk.clocks,
        strands=tuple(desk.strands),
        accounts=desk.accounts,
        zone=desk.zone,
        persons=people.runners(),
        sources=[source.name for source in loaded.settings.source],
    )
    if wrong := tuple(plan_pictures.mistakes(plan, loaded.resolve(shown), shown)):
        raise RuleError(wrong)
    return Checked(plan, {one["id"]: len(one.get("examples", ())) for one in tomllib.loads(text).get("milestone", ())})


def planned(app: App) -> list[Planned]:
    """Every milestone of the plan, soonest first; those whose time nobody knows stand last."""
    found = []
    with app.facts() as facts, app.database.read() as tx:
        known = milestones.every(tx)
        for one in app.plan().milestones:
            done = known.get(one.id)
            told = feed.by_id(tx, done.update_id) if done and done.update_id else None
            is_reached = is_due(one, facts)
            at = due_at(one, facts.clocks) or (done.due_at if done else is_reached.at if is_reached else None)
            state = done.state if done else "due" if is_reached else "to come"
            if told is not None and told.state is UpdateState.WITHDRAWN:
                state = "withdrawn"
            elif done is not None and done.provisional:
                state = "provisional"
            text = told.text if told else _words(one, facts)
            found.append(
                Planned(
                    one.id, state, at, done.at if done else None, text, told.slug if told else "", outline(one, facts)
                )
            )
    return sorted(found, key=lambda one: (one.due_at is None, one.due_at or facts.now, one.id))


def _words(milestone: Milestone, facts: Facts) -> str:
    """As it would be told now, with ‹names› for what nobody knows yet. "" without its clock."""
    found = is_due(milestone, facts)
    if milestone.when is None and due_at(milestone, facts.clocks) is None:
        return ""
    recap = {"items": ["‹what was important›"]} if milestone.recap else {}
    given = {name: f"‹{name}›" if isinstance(value, str) else value for name, value in samples(milestone.when).items()}
    try:
        return words(milestone, facts, recap | (dict(found.values) if found else given)).text
    except MilepostError:  # it does something with a value that no mark of ours can stand for
        return milestone.text


def waiting(app: App) -> list[Waiting]:
    """What waits for a person, oldest first."""
    found = []
    with app.database.read() as tx:
        known = milestones.every(tx)
        for card in cards.open_cards(tx):
            if card.kind == cards.STOPPED:
                held = tuple(
                    name for name, one in known.items() if one.state == "held" and name in card.after.split(", ")
                )
                commands = tuple(f"milestones fire {name}" for name in held)
                leave = (f"milestones leave {card.about}",)
                found.append(Waiting(card.kind, card.about, card.after, "", card.at, (), commands + leave))
                continue
            before, after = read_fact(card.before), read_fact(card.after)
            settled = known.get(card.about)
            deliveries = outbox.of_update(tx, settled.update_id) if settled and settled.update_id else []
            stands = {DeliveryState.SENT, DeliveryState.CORRECTING, DeliveryState.SENDING, DeliveryState.UNCONFIRMED}
            places = ("page", *(one.account for one in deliveries if one.state in stands))
            commands = (f"milestones correct {card.about}", f"milestones leave {card.about}")
            said = before.text if before else ""
            found.append(Waiting(card.kind, card.about, said, after.text if after else "", card.at, places, commands))
    return found


@dataclass(frozen=True, slots=True)
class CallState:
    """A call for contributions.

    Attributes:
        state: "to come", "open" or "closed".
        answers: How many have come so far; None where nobody counts them.
    """

    id: str
    state: str
    opened_at: datetime | None = None
    closes_at: datetime | None = None
    answers: int | None = None


def called(app: App) -> list[CallState]:
    """Every call of the plan, in its order."""
    found = []
    with app.database.read() as tx:
        for one in app.plan().milestones:
            if not one.call:
                continue
            call = calls.get(tx, one.id)
            if call is None:
                found.append(CallState(one.id, "to come"))
                continue
            count = calls.answers(tx, call, one.answers) if one.answers else None
            ends = call.closed_at or call.opened_at + one.call
            found.append(CallState(one.id, "closed" if call.closed_at else "open", call.opened_at, ends, count))
    return found


def fire(app: App, name: str, *, by: str, why: str = "") -> Fired:
    """Tell one now. Raises as `by_hand.fire`."""
    with app.facts() as facts:
        return by_hand.fire(app.database, app.desk, app.plan_to_tell(), name, facts, by=by, why=why)


def skip(app: App, name: str, *, by: str, why: str = "") -> None:
    """Never tell one by itself. Raises as `by_hand.skip`."""
    by_hand.skip(app.database, app.desk, app.plan(), name, now=app.now(), by=by, why=why)


def correct(app: App, name: str, *, by: str, why: str = "") -> Update:
    """What changed is so: correct it wherever it was told. Raises as `by_hand.correct`."""
    return by_hand.correct(app.database, app.plan(), name, now=app.now(), by=by, why=why)


def leave(app: App, name: str, *, by: str, why: str = "") -> None:
    """What was told stays, what is held stays held. Raises as `by_hand.leave`."""
    by_hand.leave(app.database, app.plan(), name, now=app.now(), by=by, why=why)
