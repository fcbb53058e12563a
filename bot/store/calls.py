"""Calls for contributions: since when each is open, when it was closed, and how many answers came by its source."""

from datetime import datetime

import msgspec
from sqlalchemy import func, select

from bot.store import marks
from bot.store.database import Transaction
from bot.store.schema import posts


class Call(msgspec.Struct, frozen=True):
    """What became of one.

    Attributes:
        after: The newest post when it was opened: answers came later.
        closed_at: None while it is open.
        answers: How many had come when it was closed.
    """

    opened_at: datetime
    after: int
    closed_at: datetime | None = None
    answers: int = 0


_decode = msgspec.json.Decoder(Call).decode


def _keep(tx: Transaction, milestone: str, call: Call) -> None:
    marks.put(tx, f"call:{milestone}", msgspec.json.encode(call).decode())


def open_call(tx: Transaction, milestone: str, *, at: datetime) -> None:
    """It is open from now on."""
    newest = tx.run(select(func.coalesce(func.max(posts.c.id), 0))).scalar_one()
    _keep(tx, milestone, Call(at, newest))


def get(tx: Transaction, milestone: str) -> Call | None:
    """One call; None where it was never opened."""
    written = marks.get(tx, f"call:{milestone}")
    return _decode(written) if written else None


def close(tx: Transaction, milestone: str, call: Call, *, source: str, at: datetime) -> Call:
    """It is closed from now on."""
    closed = msgspec.structs.replace(call, closed_at=at, answers=answers(tx, call, source))
    _keep(tx, milestone, closed)
    return closed


def answers(tx: Transaction, call: Call, source: str) -> int:
    """How many posts have come by a source since a call was opened, or had until it was closed."""
    if call.closed_at is not None or not source:
        return call.answers
    wanted = select(func.count(func.distinct(posts.c.ident))).where(posts.c.id > call.after, posts.c.source == source)
    return int(tx.run(wanted).scalar_one())
