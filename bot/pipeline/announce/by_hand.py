"""What a person does about a milestone: tells it, leaves it, corrects what was told of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches

from bot.core.desk import Desk
from bot.core.errors import NotFoundError, RefusedError
from bot.core.milestones.due import Due, due_at, is_due, words
from bot.core.milestones.facts import Facts
from bot.core.milestones.plan import Milestone, Plan
from bot.core.milestones.samples import samples
from bot.core.model import DeliveryState, Tone, Update, UpdateState
from bot.pipeline.announce.changing import Fact, read_fact
from bot.pipeline.announce.telling import of_same_person, recap_of, tell, tone_of
from bot.store import brakes, cards, coverage, feed, headlines, journal, milestones, outbox
from bot.store.database import Database, Transaction


@dataclass(frozen=True, slots=True)
class Fired:
    """A milestone that a person told.

    Attributes:
        update: What stands on the page.
        accounts: Where it is owed to by this.
    """

    update: Update
    accounts: tuple[str, ...] = ()


def fire(database: Database, desk: Desk, plan: Plan, name: str, facts: Facts, *, by: str, why: str = "") -> Fired:
    """Tell a milestone now because a person says so.

    Before its time, after it was missed, skipped or held, or once more to accounts where it expired before it was ever sent.

    Raises:
        NotFoundError: The plan has no such milestone.
        RefusedError: It is told everywhere it shall be, or is withdrawn; quiet mode is on; its clock is not configured; its
            words need a name or number that nothing has told yet.
    """
    milestone, now = _find(plan, name), facts.now
    found = _reached(milestone, facts)
    said = why or "a person said so"
    with database.begin() as tx:
        tx.alone()
        every = milestones.every(tx)
        known = every.get(name)
        if milestone.recap:
            found = replace(found, values={**found.values, "items": recap_of(tx, plan, found, facts, every)})
        if known is not None and known.state == "told":
            return _again(tx, desk, name, known.update_id, now=now, by=by)
        if tone_of(desk, milestone) is Tone.LIGHT and brakes.QUIET in brakes.pulled(tx):
            raise RefusedError(f"milestone {name} is light and quiet mode is on: it can be told when that is over")
        if known is None:
            milestones.settle(tx, name, "told", at=now, due_at=found.at)
            how = "before its time" if found.at > now else "at its time"
        else:
            milestones.tell_after_all(tx, name, at=now)
            how = f"late, it was {known.state}" if known.state != "held" else "it was held"
        why = f"milestone {name}, due {desk.local(found.at)}: {how}: {said}"
        earlier = [number for _, number in of_same_person(found, every, set(), facts) if number]
        told = tell(tx, desk, found, facts, by=by, why=why, cleared=True, earlier=earlier)
        return Fired(told, tuple(one.account for one in outbox.of_update(tx, told.id)))


def _reached(milestone: Milestone, facts: Facts) -> Due:
    """The milestone with what its words need."""
    free = replace(milestone, not_before=None)
    found = is_due(free, facts)
    if found is not None:
        return replace(found, milestone=milestone)
    if milestone.when is None:
        at = due_at(milestone, facts.clocks)
        if at is None:
            raise RefusedError(f"milestone {milestone.id}: there is no clock {milestone.clock!r} in the configuration")
        return Due(milestone, at)
    given = samples(milestone.when)
    one, other = (
        words(milestone, facts, values) for values in (given, {name: _other(value) for name, value in given.items()})
    )
    if one != other:
        raise RefusedError(
            f"milestone {milestone.id} is not reached, and its words need what is not known yet: write it with `milepost post`"
        )
    return Due(milestone, facts.now)


def _other(value: object) -> object:
    """Another value of its kind: words that stay the same with it do not need it."""
    match value:
        case str():
            return value + "?"
        case int():
            return value + 1
        case list():
            return [_other(one) for one in value]
    return value


def _again(tx: Transaction, desk: Desk, name: str, update_id: int | None, *, now: datetime, by: str) -> Fired:
    """Owe a told milestone once more to the accounts where it was let go before it was ever sent."""
    update = feed.by_id(tx, update_id) if update_id else None
    if update is None or update.state is not UpdateState.LIVE:
        raise RefusedError(
            f"milestone {name} was told and is withdrawn: it is never told twice; write it with `milepost post`"
        )
    let_go = [
        one.account
        for one in outbox.of_update(tx, update.id)
        if one.state is DeliveryState.CANCELLED and not one.key and one.account in desk.accounts
    ]
    if not let_go:
        raise RefusedError(f"milestone {name} is told already, as update {update.slug}")
    outbox.owe(tx, update.id, let_go, at=now, cleared=True, worth=update.worth)
    journal.write(
        tx,
        [journal.Line(now, "owed again", by, f"milestone {name}", update_id=update.id, place=one) for one in let_go],
    )
    return Fired(update, tuple(let_go))


def skip(database: Database, desk: Desk, plan: Plan, name: str, *, now: datetime, by: str, why: str = "") -> None:
    """Never tell a milestone by itself: before its time, or after it was missed. A person may still fire it.

    Raises:
        NotFoundError: The plan has no such milestone.
        RefusedError: It is told already; its clock is not configured.
    """
    milestone = _find(plan, name)
    at = due_at(milestone, desk.clocks)
    if at is None and milestone.when is None:
        raise RefusedError(f"milestone {name}: there is no clock {milestone.clock!r} in the configuration")
    due = "" if at is None else f", due {desk.local(at)}"
    with database.begin() as tx:
        tx.alone()
        known = milestones.every(tx).get(name)
        if known is not None and known.state == "told":
            raise RefusedError(f"milestone {name} is told: `milepost withdraw` takes it back")
        if known is None:
            milestones.settle(tx, name, "skipped", at=now, due_at=at or now)
        elif not milestones.skip(tx, name, at=now):
            return
        journal.write(tx, [journal.Line(now, "skipped", by, f"milestone {name}{due}{f': {why}' if why else ''}")])


def correct(database: Database, plan: Plan, name: str, *, now: datetime, by: str, why: str = "") -> Update:
    """What changed after it was told is so: correct it on the page, in its headline and at every account, once.

    Where nothing of it is so any more, it is withdrawn everywhere.

    Raises:
        NotFoundError: The plan has no such milestone.
        RefusedError: Nothing about it has changed, or it is withdrawn.
    """
    _find(plan, name)
    with database.begin() as tx:
        tx.alone()
        card, update = _card(tx, name)
        after = read_fact(card.after)
        cards.end(tx, cards.CORRECTION, name, "confirmed", at=now, by=by)
        said = f"milestone {name} is corrected{f': {why}' if why else ''}"
        if after is None:
            return coverage.untell(tx, update, at=now, by=by, why=said, note="This turned out not to be so.")
        milestones.confirm(tx, name, said=after.said)
        before = read_fact(card.before)
        if before is not None:
            _correct_recaps(tx, plan, before, after, at=now, by=by, why=said)
        milestone = _find(plan, name)
        stands = {one.slot: one for one in headlines.standing(tx)}
        slot = milestone.slot or name
        if after.headline and slot in stands and stands[slot].milestone == name:
            headlines.put(tx, slot, after.headline, at=now, by=by, milestone=name, update_id=update.id, why=said)
        corrected = replace(update, text=after.text, title=after.title)
        return coverage.revise(tx, corrected, at=now, by=by, why=said)


def _correct_recaps(tx: Transaction, plan: Plan, before: Fact, after: Fact, *, at: datetime, by: str, why: str) -> None:
    """What was summed up is corrected where it was."""
    known = milestones.every(tx)
    for one in plan.milestones:
        number = known[one.id].update_id if one.recap and one.id in known else None
        update = feed.by_id(tx, number) if number else None
        if update is None or update.state is not UpdateState.LIVE:
            continue
        text = update.text
        for old, new in ((before.text, after.text), (before.headline, after.headline)):
            text = text.replace(old, new) if old else text
        if text != update.text:
            coverage.revise(tx, replace(update, text=text), at=at, by=by, why=why)


def leave(database: Database, plan: Plan, name: str, *, now: datetime, by: str, why: str = "") -> None:
    """What changed after it was told is left as it was told; of a person who stopped, what is held stays held.

    Args:
        name: Id of a milestone, or of a person who stopped.

    Raises:
        NotFoundError: The plan has no such milestone, and no such person has stopped.
        RefusedError: Nothing about it has changed.
    """
    with database.begin() as tx:
        tx.alone()
        if not cards.end(tx, cards.STOPPED, name, "dismissed", at=now, by=by):
            _find(plan, name)
            _card(tx, name)
            cards.end(tx, cards.CORRECTION, name, "dismissed", at=now, by=by)
        journal.write(tx, [journal.Line(now, "left", by, f"{name} stays as it is{f': {why}' if why else ''}")])


def _card(tx: Transaction, name: str) -> tuple[cards.Card, Update]:
    card, known = cards.is_open(tx, cards.CORRECTION, name), milestones.every(tx).get(name)
    update = feed.by_id(tx, known.update_id) if known and known.update_id else None
    if card is None or update is None or update.state is not UpdateState.LIVE:
        raise RefusedError(f"milestone {name}: nothing has changed since it was told; `milepost milestones` lists them")
    return card, update


def _find(plan: Plan, name: str) -> Milestone:
    found = next((one for one in plan.milestones if one.id == name), None)
    if found is None:
        near = get_close_matches(name, [one.id for one in plan.milestones], n=1)
        hint = f"did you mean {near[0]!r}?" if near else "`milepost milestones` lists them"
        raise NotFoundError(f"the plan has no milestone {name!r}: {hint}")
    return found
