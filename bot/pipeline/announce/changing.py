"""Facts that change after they were told, and people who stop: a card is raised, and a person decides."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import msgspec

from bot.core.milestones.conditions import Said, Stage, Watched, Won, leaves
from bot.core.milestones.due import PROVISIONAL, Words, is_due, words
from bot.core.milestones.persons import is_out
from bot.core.milestones.plan import Milestone
from bot.core.model import UpdateState
from bot.pipeline.announce.telling import read, values_of, written
from bot.pipeline.announce.watching import Look
from bot.store import cards, coverage, feed, journal, milestones
from bot.store.database import Database, Transaction
from bot.store.milestones import Settled


class Fact(msgspec.Struct, frozen=True):
    """What is told of a fact: as a card keeps it.

    Attributes:
        said: The values that the words were made of.
    """

    text: str
    title: str = ""
    headline: str = ""
    said: str = ""


_decode = msgspec.json.Decoder(Fact).decode


def read_fact(written_fact: str) -> Fact | None:
    """A card's side; None where it says that nothing is so any more."""
    return _decode(written_fact) if written_fact else None


def compare(database: Database, look: Look, *, quiet: bool) -> int:
    """Compare what was told with what is so now; gives back how many cards were raised.

    A fact that agrees again closes its card. A provisional one that is confirmed loses its label.
    """
    facts, known = look.facts, look.known
    if facts.board is None:
        return 0
    raised = 0
    told = [one for one in look.changed if one.id in known]
    asked: set[str] = set()
    if told:
        with database.read() as tx:
            asked = {card.about for card in cards.open_cards(tx) if card.kind == cards.CORRECTION}
    for milestone in told:
        settled = known.get(milestone.id)
        if settled is None or settled.state != "told" or not settled.said or not _stands(milestone):
            continue
        now_due = is_due(replace(milestone, not_before=None), replace(facts, patient=False))
        before = read(settled.said)
        now_said = None if now_due is None else before | values_of(now_due, facts) | {"time": before.get("time")}
        is_confirmed = now_due is not None and now_due.is_confirmed
        is_settled = is_confirmed is not settled.provisional and milestone.id not in asked
        if now_said == before and is_settled:
            continue
        old = words(milestone, facts, before)
        new = None if now_said is None else words(milestone, facts, now_said)
        if new == old and is_settled:
            continue
        with database.begin() as tx:
            tx.alone()
            if quiet and settled.provisional:
                look.again.add(milestone.id)
            raised += _one(
                tx, milestone, settled, old, new, now_said, facts.now, is_confirmed=is_confirmed, quiet=quiet
            )
    return raised


def _stands(milestone: Milestone) -> bool:
    """Whether it tells a fact that can turn out to be another.

    A count only grows, and that somebody was running, or expected, was so when it was told.
    """
    return milestone.when is not None and any(
        isinstance(one, Won | Said) or (isinstance(one, Watched) and one.stage in {Stage.AT, Stage.FINISHED})
        for one in leaves(milestone.when)
    )


def _one(
    tx: Transaction,
    milestone: Milestone,
    settled: Settled,
    old: Words,
    new: Words | None,
    said: Mapping[str, object] | None,
    now: datetime,
    *,
    is_confirmed: bool,
    quiet: bool,
) -> int:
    update = feed.by_id(tx, settled.update_id) if settled.update_id else None
    if update is None or update.state is not UpdateState.LIVE:
        cards.end(tx, cards.CORRECTION, milestone.id, "over", at=now)
        return 0
    if new == old:
        cards.end(tx, cards.CORRECTION, milestone.id, "over", at=now)
        if settled.provisional and is_confirmed and not quiet:
            text = update.text.removeprefix(PROVISIONAL)
            why = f"milestone {milestone.id} is confirmed"
            coverage.revise(tx, replace(update, text=text), at=now, by="clock", why=why)
            milestones.confirm(tx, milestone.id, said=settled.said)
        return 0
    before = Fact(old.text, old.title, old.headline, settled.said)
    after = None if new is None or said is None else Fact(new.text, new.title, new.headline, written(said))
    sides = [msgspec.json.encode(one).decode() if one else "" for one in (before, after)]
    if not cards.raise_card(tx, cards.CORRECTION, milestone.id, sides[0], sides[1], at=now):
        return 0
    why = f"milestone {milestone.id}: told “{old.text}”, and now it is " + (
        f"“{new.text}”" if new else "not so any more"
    )
    why += f"; `milepost milestones correct {milestone.id}` corrects it everywhere"
    journal.write(tx, [journal.Line(now, "differs", "milepost", why, update_id=update.id)])
    return 1


def hold_stopped(database: Database, look: Look) -> set[str]:
    """Hold what was to be told of people who are out of their race, and let go what was held of those who are in it again.

    Gives back the ids that are held now and were not.
    """
    facts, known = look.facts, look.known
    held: set[str] = set()
    if facts.board is None:
        return held
    back: dict[str, list[str]] = {}
    out: dict[str, list[str]] = {}
    by_id = {one.id: one for one in look.changed}
    for milestone in look.changed:
        watched, settled = milestone.watched, known.get(milestone.id)
        if watched is None or (settled is not None and settled.state != "held"):
            continue
        if is_out(watched, facts) and settled is None:
            out.setdefault(watched.person, []).append(milestone.id)
        elif settled is not None and not is_out(watched, facts):
            back.setdefault(watched.person, []).append(milestone.id)
    for person, names in out.items():
        with database.begin() as tx:
            mine = [name for name in names if milestones.settle(tx, name, "held", at=facts.now, due_at=facts.now)]
            if mine:
                cards.raise_card(tx, cards.STOPPED, person, "", ", ".join(mine), at=facts.now)
                why = f"{person} is out of the race: nothing is told of them before a person decides; held: {', '.join(mine)}"
                journal.write(tx, [journal.Line(facts.now, "held back", "milepost", why)])
        held.update(names)
        known.update({name: Settled("held", facts.now, facts.now) for name in names})
    for person, names in back.items():
        with database.begin() as tx:
            for name in names:
                milestones.release(tx, name)
            cards.end(tx, cards.STOPPED, person, "over", at=facts.now)
            why = f"{person} is in the race again: {', '.join(names)} may be told"
            journal.write(tx, [journal.Line(facts.now, "released", "milepost", why)])
        for name in names:
            known.pop(name, None)
            look.open.append(by_id[name])  # it may be reached already
    return held
