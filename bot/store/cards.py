"""What was told of results and is not so any more, and whose milestones are held: until a person decides."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text

from bot.store.bulk import insert
from bot.store.database import Transaction
from bot.store.schema import cards

CORRECTION = "correction"
STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Card:
    """One thing that waits for a person, or waited.

    Attributes:
        kind: "correction" or "stopped".
        about: Id of a milestone, or of a person in people.toml.
        before: JSON of what was told; "" for a person.
        after: JSON of what is so now; "" where nothing of it is.
        state: "open", "confirmed", "dismissed", or "over" where it came to nothing by itself.
        by: Who decided; "" for nobody.
    """

    id: int
    kind: str
    about: str
    before: str
    after: str
    at: datetime
    state: str = "open"
    by: str = ""
    ended_at: datetime | None = None


def raise_card(tx: Transaction, kind: str, about: str, before: str, after: str, *, at: datetime) -> bool:
    """Open a card, or change the one that is open; False where it says that already, or a person has dismissed just this."""
    last = tx.run(
        select(cards).where(cards.c.kind == kind, cards.c.about == about).order_by(cards.c.id.desc()).limit(1)
    ).first()
    if last is not None and last.after == after and last.before == before and last.state in {"open", "dismissed"}:
        return False
    statement = insert(cards, is_sqlite=tx.is_sqlite).values(
        kind=kind, about=about, before=before, after=after, at=at, state="open"
    )
    changed = {"before": before, "after": after, "at": at}
    where = text("state = 'open'")  # as the index says it: with a bound value PostgreSQL finds none
    tx.run(statement.on_conflict_do_update(index_elements=["kind", "about"], index_where=where, set_=changed))
    return True


def end(tx: Transaction, kind: str, about: str, state: str, *, at: datetime, by: str = "") -> bool:
    """Close what is open; False where nothing is."""
    statement = cards.update().where(cards.c.kind == kind, cards.c.about == about, cards.c.state == "open")
    return tx.run(statement.values(state=state, by=by, ended_at=at)).rowcount == 1


def is_open(tx: Transaction, kind: str, about: str) -> Card | None:
    """The open one; None where there is none."""
    row = tx.run(select(cards).where(cards.c.kind == kind, cards.c.about == about, cards.c.state == "open")).first()
    return None if row is None else Card(*row)


def open_cards(tx: Transaction) -> list[Card]:
    """All that are open, oldest first."""
    return [Card(*row) for row in tx.run(select(cards).where(cards.c.state == "open").order_by(cards.c.at, cards.c.id))]
