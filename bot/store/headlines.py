"""The bullets at the top of the page: what stands, and what stood. Each change gives the feed its next `seq`: the page is drawn anew."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from bot.core.errors import RefusedError
from bot.store import journal, marks
from bot.store.bulk import insert
from bot.store.database import AnyRow, AnySelect, Transaction
from bot.store.schema import headlines, updates

MOST = 5


@dataclass(frozen=True, slots=True)
class Headline:
    """One bullet.

    Attributes:
        slot: Which bullet: a newer one of the same slot takes its place.
        milestone: Id of the one that owns it; "" where a person has pinned it.
        slug: Of the update that it leads to; "" for none.
        by: "clock", or a person's name.
        ended_at: When another took its place, or it was taken down; None while it stands.
    """

    slot: str
    text: str
    milestone: str
    slug: str
    by: str
    at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""


def put(
    tx: Transaction,
    slot: str,
    text: str,
    *,
    at: datetime,
    by: str,
    milestone: str = "",
    update_id: int | None = None,
    why: str = "",
    forced: bool = True,
) -> bool:
    """Let a bullet stand, in the place of the one of its slot; False where it says that already.

    A sixth takes the place of the oldest that a milestone owns.

    Args:
        forced: False leaves it where five stand that people have pinned, and where a person has pinned this slot.

    Raises:
        RefusedError: Five stand that people have pinned.
    """
    seq = marks.next_number(tx, "feed")  # the lock: two at once must see each other
    before = tx.run(select(headlines).where(headlines.c.slot == slot, headlines.c.ended_seq.is_(None))).first()
    if before is not None and (before.text, before.update_id, before.milestone) == (text, update_id, milestone):
        return False
    if before is not None and not before.milestone and milestone and not forced:
        why = f"{slot}: “{text}” does not take the place of what a person has pinned"
        journal.write(tx, [journal.Line(at, "headline", by, why, update_id=update_id)])
        return False
    if before is None:
        if not _make_room(tx, slot, seq, at=at, by=by, forced=forced):
            return False
    else:
        _end(tx, before.id, seq, at=at, by=by)
    values = {
        "slot": slot,
        "text": text,
        "milestone": milestone,
        "update_id": update_id,
        "by": by,
        "at": at,
        "seq": seq,
    }
    tx.run(insert(headlines, is_sqlite=tx.is_sqlite).values(values))
    said = f"{slot}: {f'“{before.text}” -> ' if before is not None else ''}“{text}”{f': {why}' if why else ''}"
    journal.write(tx, [journal.Line(at, "headline", by, said, update_id=update_id)])
    return True


def take_down(tx: Transaction, slot: str, *, at: datetime, by: str, why: str = "") -> bool:
    """Take a bullet down; False where none of the slot stands."""
    before = tx.run(select(headlines).where(headlines.c.slot == slot, headlines.c.ended_seq.is_(None))).first()
    if before is None:
        return False
    _end(tx, before.id, marks.next_number(tx, "feed"), at=at, by=by)
    said = f"{slot}: “{before.text}” is taken down{f': {why}' if why else ''}"
    journal.write(tx, [journal.Line(at, "headline", by, said, update_id=before.update_id)])
    return True


def take_down_of(tx: Transaction, update_id: int, *, at: datetime, by: str, why: str = "") -> None:
    """Take down every bullet that leads to an update."""
    wanted = select(headlines.c.slot).where(headlines.c.update_id == update_id, headlines.c.ended_seq.is_(None))
    for slot in tx.run(wanted).scalars().all():
        take_down(tx, slot, at=at, by=by, why=why)


def standing(tx: Transaction, *, shown_to: int | None = None) -> list[Headline]:
    """What stands, newest first; at most five.

    Args:
        shown_to: As it stood at this `seq` of the feed (the page is paused); None for now.
    """
    statement = _select()
    if shown_to is None:
        statement = statement.where(headlines.c.ended_seq.is_(None))
    else:
        later = or_(headlines.c.ended_seq.is_(None), headlines.c.ended_seq > shown_to)
        statement = statement.where(headlines.c.seq <= shown_to, later)
    return [_read(row) for row in tx.run(statement.order_by(headlines.c.at.desc(), headlines.c.id.desc())).all()]


def history(tx: Transaction, limit: int) -> list[Headline]:
    """What stood and stands, newest first."""
    return [_read(row) for row in tx.run(_select().order_by(headlines.c.id.desc()).limit(limit)).all()]


def _select() -> AnySelect:
    return select(headlines, updates.c.slug).outerjoin(updates, updates.c.id == headlines.c.update_id)


def _read(row: AnyRow) -> Headline:
    return Headline(row.slot, row.text, row.milestone, row.slug or "", row.by, row.at, row.ended_at, row.ended_by)


def _end(tx: Transaction, number: int, seq: int, *, at: datetime, by: str) -> None:
    statement = headlines.update().where(headlines.c.id == number)
    tx.run(statement.values(ended_at=at, ended_by=by, ended_seq=seq))


def _make_room(tx: Transaction, slot: str, seq: int, *, at: datetime, by: str, forced: bool) -> bool:
    stands = tx.run(
        select(headlines).where(headlines.c.ended_seq.is_(None)).order_by(headlines.c.at, headlines.c.id)
    ).all()
    if len(stands) < MOST:
        return True
    oldest = next((row for row in stands if row.milestone), None)
    if oldest is None:
        names = ", ".join(row.slot for row in stands)
        if forced:
            raise RefusedError(f"headline {slot}: there are {MOST} already ({names}): unpin one first")
        why = f"{slot}: there is no room, people have pinned {names}"
        journal.write(tx, [journal.Line(at, "headline", by, why)])
        return False
    _end(tx, oldest.id, seq, at=at, by=by)
    why = f"{oldest.slot}: “{oldest.text}” makes room for {slot}"
    journal.write(tx, [journal.Line(at, "headline", by, why, update_id=oldest.update_id)])
    return True
