"""Tells one milestone: its update, deliveries and told mark in one transaction, so it is told once for ever."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

import msgspec

from bot.core.desk import Desk
from bot.core.durations import write_duration
from bot.core.milestones.conditions import Stage, Watched
from bot.core.milestones.due import PROVISIONAL, Due, known, words
from bot.core.milestones.facts import Facts
from bot.core.milestones.persons import race_of
from bot.core.milestones.plan import Milestone, Plan
from bot.core.model import Tone, Update, UpdateKind, UpdateState
from bot.store import calls, coverage, feed, headlines, milestones, outbox
from bot.store.database import Transaction
from bot.store.milestones import Settled

_MOST_ITEMS = 5
_RANKS = {Stage.STARTED: 0, Stage.RUNNING: 1, Stage.AT: 1, Stage.EXPECTED: 1, Stage.STOPPED: 2, Stage.FINISHED: 3}


def tone_of(desk: Desk, milestone: Milestone) -> Tone:
    """How it is told: by its own tone, or its strand's."""
    if milestone.call:
        return Tone.LIGHT
    return milestone.tone or (desk.strand(milestone.strand).tone if milestone.strand else Tone.NEWS)


def tell(
    tx: Transaction,
    desk: Desk,
    found: Due,
    facts: Facts,
    *,
    by: str,
    why: str,
    cleared: bool,
    plainly: bool = False,
    earlier: Sequence[int] = (),
) -> Update:
    """Write the update of a milestone that was claimed in this transaction.

    Args:
        plainly: In its plain words, as news: quiet mode is on.
        earlier: Updates that are old news through this one.
    """
    milestone = found.milestone
    said = values_of(found, facts)
    told = words(milestone, facts, said, plainly=plainly)
    strand = desk.strand(milestone.strand)
    update = Update(
        id=0,
        slug="",
        kind=UpdateKind.MILESTONE,
        state=UpdateState.LIVE,
        at=facts.now,
        text=told.text if found.is_confirmed else PROVISIONAL + told.text,
        title=told.title,
        strand=milestone.strand,
        is_official=True,
        milestone=milestone.id,
        tone=Tone.NEWS if plainly else tone_of(desk, milestone),
        media=() if milestone.media is None or plainly else (milestone.media,),
    )
    accounts = strand.accounts if milestone.accounts is None else milestone.accounts
    owed = tuple(name for name in accounts if name in desk.accounts)
    stored = coverage.tell(tx, update, owed, at=facts.now, by=by, why=why, cleared=cleared)
    milestones.name_update(
        tx,
        milestone.id,
        stored.id,
        said=written(said) if milestone.when is not None else "",
        provisional=not found.is_confirmed,
    )
    if told.headline:
        slot = milestone.slot or milestone.id
        headlines.put(
            tx, slot, told.headline, at=facts.now, by=by, milestone=milestone.id, update_id=stored.id, forced=False
        )
    if milestone.call:
        calls.open_call(tx, milestone.id, at=facts.now)
    return make_old(tx, stored, earlier)


def recap_of(tx: Transaction, plan: Plan, found: Due, facts: Facts, told: Mapping[str, Settled]) -> list[str]:
    """What was important for as long before a recap as it wants: headlines, or else words, oldest first, the last five."""
    items = []
    for one in plan.milestones:
        settled = told.get(one.id)
        if settled is None or one.recap or facts.now - settled.at > found.milestone.recap:
            continue
        said = words(one, facts, read(settled.said) if settled.said else None)
        if settled.state == "folded":
            items.append((settled.at, said.headline or said.text))
        elif settled.state == "told" and (one.headline or one.important):
            update = feed.by_id(tx, settled.update_id) if settled.update_id else None
            if update is not None and update.state is UpdateState.LIVE:
                items.append((settled.at, said.headline or update.text))
    return [text for _, text in sorted(items)[-_MOST_ITEMS:]]


def values_of(found: Due, facts: Facts) -> dict[str, object]:
    """Everything that the words of one may name, as it is now."""
    return known(found.milestone, facts) | dict(found.values)


def written(values: Mapping[str, object]) -> str:
    """Values as the store keeps them."""
    return msgspec.json.encode(values, order="deterministic").decode()


def read(said: str) -> dict[str, object]:
    """Values as the store has kept them."""
    return dict(msgspec.json.decode(said))


def make_old(tx: Transaction, stored: Update, earlier: Sequence[int]) -> Update:
    """What was told before is old news: readers are led on, and what was not sent of it is not sent any more."""
    for number in earlier:
        before = feed.by_id(tx, number)
        if before is None or before.state is not UpdateState.LIVE:
            continue
        feed.change(tx, replace(before, followed=stored.slug))
        stored = feed.change(tx, replace(stored, follows=before.slug))
        outbox.let_go(tx, before.id, "later news was told")
    return stored


def of_same_person(
    found: Due, known: Mapping[str, Settled], now: AbstractSet[str], facts: Facts
) -> list[tuple[int, int]]:
    """What else was told, or is to be told now, of the same person: how late in the race it is, and its update (0 for none).

    Args:
        now: Ids of the milestones that are to be told in this look.
    """
    watched = found.milestone.watched
    board = facts.board
    if watched is None or board is None:
        return []
    same = []
    race = race_of(watched, facts.people)
    for other in board.plan.milestones:
        theirs = other.watched
        if other.id == found.milestone.id or theirs is None or theirs.person != watched.person:
            continue
        if race_of(theirs, facts.people) != race:
            continue
        settled = known.get(other.id)
        if settled is not None and settled.state == "told":
            same.append((rank(theirs), settled.update_id or 0))
        elif settled is None and other.id in now:
            same.append((rank(theirs), 0))
    return same


def rank(watched: Watched) -> int:
    """What comes later in a race ranks higher, and makes what ranks lower old news."""
    return _RANKS[watched.stage]


def reason(desk: Desk, found: Due) -> str:
    """What it is told for."""
    milestone = found.milestone
    if found.proof:
        return ", ".join(found.proof[:5])
    if milestone.when is not None or milestone.at is not None:
        return desk.local(found.at)
    began = "before" if milestone.after.days < 0 else "after"
    return f"{desk.clocks[milestone.clock].name} {write_duration(milestone.after)} {began} the start"


def is_late(desk: Desk, at: datetime, now: datetime) -> bool:
    """Whether it is found too late to be told as if it had just been reached."""
    return now - at > desk.stale_after
