"""The outbox: what is owed to each account, and where each send stands.

    owed -> sending -> sent -> retracting -> retracted
      |        |         ^
      |        |         +-> correcting: its words have changed since
      |        +-> unconfirmed -> (looked up) -> sent | owed
      +-> cancelled            +-> failed

`sending` is committed before the network is touched. Whoever holds the account's lease and finds a delivery in `sending`
that it does not carry itself knows that a try ended without a record: it is looked up, never repeated blindly. `down` says
that it must not stand at the account (any more); it wins over every state. What was cancelled before it was ever claimed can be
owed again; what was once claimed rests where it came to rest.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import and_, case, func, or_, select, text, update

from bot.core.budget import Work
from bot.core.model import DeliveryState, Receipt, Snippet, Tone, Update, UpdateState, Worth
from bot.core.reports import DeliveryReport
from bot.store.bulk import insert
from bot.store.database import AnyRow, AnySelect, Transaction
from bot.store.schema import deliveries, updates

_encode = msgspec.json.Encoder().encode
_snippet = msgspec.json.Decoder(Snippet).decode
_receipt = msgspec.json.Decoder(Receipt).decode
_update = msgspec.json.Decoder(Update).decode


@dataclass(frozen=True, slots=True)
class Delivery:
    """One update owed to one account.

    Attributes:
        key: The same on every try, "" until it is claimed.
        payload: Frozen with the claim; None before.
        down: Must not stand at the account (any more).
        cleared: A person looked at it: quiet mode lets it go.
        seq: The update's own when the payload was fitted: another one now means that its words may have changed.
        worth: What goes first, and how long it may wait.
    """

    id: int
    update: Update
    account: str
    state: DeliveryState
    owed_at: datetime
    down: bool = False
    cleared: bool = False
    key: str = ""
    created_at: datetime | None = None
    payload: Snippet | None = None
    receipt: Receipt | None = None
    attempts: int = 0
    error: str = ""
    seq: int = 0
    worth: Worth = Worth.SNIPPET


_columns = (
    deliveries.c.id,
    updates.c.body,
    deliveries.c.account,
    deliveries.c.state,
    deliveries.c.owed_at,
    deliveries.c.down,
    deliveries.c.cleared,
    deliveries.c.key,
    deliveries.c.created_at,
    deliveries.c.payload,
    deliveries.c.receipt,
    deliveries.c.attempts,
    deliveries.c.error,
    deliveries.c.seq,
    deliveries.c.worth,
)
_OPEN = ("owed", "sending", "unconfirmed", "correcting", "retracting")
# The condition of the partial index, letter for letter: with bound values no database would use the index.
_IS_OPEN = text("deliveries.state IN ('owed', 'sending', 'unconfirmed', 'correcting', 'retracting')")


def _select() -> AnySelect:
    return select(*_columns).join(updates, updates.c.id == deliveries.c.update_id)


def _read(row: AnyRow) -> Delivery:
    return Delivery(
        row[0],
        _update(row[1]),
        row[2],
        DeliveryState(row[3]),
        row[4],
        bool(row[5]),
        bool(row[6]),
        row[7],
        row[8],
        _snippet(row[9]) if row[9] else None,
        _receipt(row[10]) if row[10] else None,
        row[11],
        row[12],
        row[13] or 0,
        Worth(row[14]),
    )


def report(delivery: Delivery) -> DeliveryReport:
    """A delivery as a person reads it."""
    return DeliveryReport(
        account=delivery.account,
        state=delivery.state.value,
        update=delivery.update.slug,
        url=delivery.receipt.url if delivery.receipt else "",
        error=delivery.error,
        down=delivery.down,
        attempts=delivery.attempts,
        text=delivery.payload.text if delivery.payload else delivery.update.text,
    )


def owe(tx: Transaction, update_id: int, accounts: Sequence[str], *, at: datetime, cleared: bool, worth: Worth) -> None:
    """Owe an update to accounts.

    Where it is owed, or was ever claimed, nothing changes: it may have been sent. What was cancelled before is owed again.
    """
    rows = [
        {
            "update_id": update_id,
            "account": account,
            "state": DeliveryState.OWED.value,
            "owed_at": at,
            "cleared": cleared,
            "worth": int(worth),
        }
        for account in dict.fromkeys(accounts)
    ]
    if rows:
        tx.run(_owing(tx.is_sqlite), rows)


@cache  # what every told post goes through: making the statement takes ten times as long as running it
def _owing(is_sqlite: bool) -> Any:
    statement = insert(deliveries, is_sqlite=is_sqlite)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[deliveries.c.update_id, deliveries.c.account],
        set_={
            "state": new.state,
            "owed_at": new.owed_at,
            "cleared": new.cleared,
            "worth": new.worth,
            "down": False,
            "next_at": None,
            "error": "",
        },
        where=and_(deliveries.c.state == "cancelled", deliveries.c.key == "", deliveries.c.receipt.is_(None)),
    )


def take_back(tx: Transaction, update_id: int, accounts: Sequence[str] | None = None) -> None:
    """Whatever is owed is cancelled, whatever stands or may stand is marked to be retracted: in one statement.

    Args:
        accounts: Only at these; None for all.
    """
    state = deliveries.c.state
    may_stand = state.in_(["sent", "correcting"]) | ((state == "failed") & deliveries.c.receipt.is_not(None))
    statement = update(deliveries).where(
        deliveries.c.update_id == update_id,
        or_(state.in_(["owed", "sending", "unconfirmed"]), may_stand),
    )
    if accounts is not None:
        statement = statement.where(deliveries.c.account.in_(accounts))
    tx.run(
        statement.values(
            down=True,
            state=case((state == "owed", "cancelled"), (may_stand, "retracting"), else_=state),
            attempts=case((may_stand, 0), else_=deliveries.c.attempts),
            next_at=None,
        ),
    )


def correct(tx: Transaction, update_id: int) -> None:
    """The update's words have changed: what stands at accounts is to be corrected."""
    statement = update(deliveries).where(deliveries.c.update_id == update_id, deliveries.c.state == "sent")
    tx.run(statement.values(state="correcting", attempts=0, next_at=None))


def corrected(
    tx: Transaction, delivery: Delivery, *, payload: Snippet | None = None, receipt: Receipt | None = None
) -> bool:
    """A correction came to its end; False where the words have changed again meanwhile, or it must go by now.

    Args:
        payload: What stands now; None where the old words stay.
    """
    values: dict[str, Any] = {"state": "sent", "error": "", "next_at": None}
    if payload is not None:
        standing: dict[str, Any] = {"payload": _encode(payload), "seq": delivery.update.seq}
        if receipt is not None:
            standing["receipt"] = _encode(receipt)
        tx.run(update(deliveries).where(deliveries.c.id == delivery.id).values(standing))
    unchanged = select(updates.c.id).where(updates.c.id == delivery.update.id, updates.c.seq == delivery.update.seq)
    statement = update(deliveries).where(
        deliveries.c.id == delivery.id, deliveries.c.state == "correcting", deliveries.c.update_id.in_(unchanged)
    )
    return tx.run(statement.values(values)).rowcount == 1


def of_update(tx: Transaction, update_id: int) -> list[Delivery]:
    """All deliveries of an update, in the order they were owed."""
    return [
        _read(row) for row in tx.run(_select().where(deliveries.c.update_id == update_id).order_by(deliveries.c.id))
    ]


def by_id(tx: Transaction, number: int) -> Delivery | None:
    """One delivery."""
    row = tx.run(_select().where(deliveries.c.id == number)).first()
    return None if row is None else _read(row)


def next_due(
    tx: Transaction, account: str, machine_now: datetime, *, may: Collection[Work], worth: Worth, quiet: bool
) -> Delivery | None:
    """What is to be done next for an account: look up first, then retract, then correct, then send: what is worth most, of that the oldest.

    Args:
        may: What may be done at all.
        worth: The least that is sent.
        quiet: Only what a person cleared, and what is not light, is sent.
    """
    ready = or_(deliveries.c.next_at.is_(None), deliveries.c.next_at <= machine_now)
    mine = _select().where(_IS_OPEN, deliveries.c.account == account, ready)
    wanted: list[Any] = []
    if Work.LOOKING_UP in may:
        wanted.append(deliveries.c.state.in_(["sending", "unconfirmed"]))
    if Work.TAKING_DOWN in may:
        wanted.append(deliveries.c.state == "retracting")
    if Work.CORRECTING in may:
        wanted.append(deliveries.c.state == "correcting")
    if Work.POSTING in may:
        sendable = and_(deliveries.c.state == "owed", deliveries.c.worth <= int(worth))
        if quiet:
            sendable = and_(sendable, or_(deliveries.c.cleared.is_(True), updates.c.tone != Tone.LIGHT.value))
        wanted.append(sendable)
    for condition in wanted:
        row = tx.run(mine.where(condition).order_by(deliveries.c.worth, deliveries.c.id).limit(1)).first()
        if row is not None:
            return _read(row)
    return None


def accounts_with_work(tx: Transaction) -> list[str]:
    """Accounts that something is open for, in the order of their names."""
    rows = tx.run(select(deliveries.c.account).where(_IS_OPEN).distinct().order_by(deliveries.c.account))
    return [str(row[0]) for row in rows]


def claim(tx: Transaction, delivery: Delivery, *, key: str, created_at: datetime, payload: Snippet) -> bool:
    """Write `sending` with everything that will be sent; False where it is no longer owed, or its update does not stand."""
    stands = select(updates.c.id).where(updates.c.id == delivery.update.id, updates.c.state == UpdateState.LIVE.value)
    statement = (
        update(deliveries)
        .where(deliveries.c.id == delivery.id, deliveries.c.state == "owed", deliveries.c.down.is_(False))
        .where(deliveries.c.update_id.in_(stands))
        .values(
            state="sending",
            key=key,
            created_at=created_at,
            payload=_encode(payload),
            seq=delivery.update.seq,
            attempts=deliveries.c.attempts + 1,
            next_at=None,
        )
    )
    return tx.run(statement).rowcount == 1


def settle(
    tx: Transaction,
    delivery: Delivery,
    state: DeliveryState,
    *,
    receipt: Receipt | None = None,
    error: str = "",
    next_at: datetime | None = None,
    may_stand: bool = False,
) -> DeliveryState:
    """Write how a try ended. What must be down never comes to rest as sent or owed; gives the state that was written.

    Args:
        may_stand: It stands at the account, or may: a failure stays a failure then, also of what must be down.
    """
    row = tx.run(
        select(deliveries.c.down, deliveries.c.seq).where(deliveries.c.id == delivery.id).with_for_update()
    ).one()
    down = bool(row.down)
    if state is DeliveryState.SENT:
        if down:
            state = DeliveryState.RETRACTING
        elif row.seq is not None and row.seq != _seq(tx, delivery):
            state = DeliveryState.CORRECTING  # edited while it was being sent
    elif down and state is DeliveryState.CORRECTING:
        state = DeliveryState.RETRACTING
    elif down and (state is DeliveryState.OWED or (state is DeliveryState.FAILED and not may_stand)):
        state = DeliveryState.CANCELLED
    values: dict[str, Any] = {"state": state.value, "error": error, "next_at": next_at}
    if receipt is not None:
        values["receipt"] = _encode(receipt)
    if state in (DeliveryState.UNCONFIRMED, DeliveryState.CORRECTING, DeliveryState.RETRACTING) and error:
        values["attempts"] = deliveries.c.attempts + 1
    tx.run(update(deliveries).where(deliveries.c.id == delivery.id).values(values))
    return state


def _seq(tx: Transaction, delivery: Delivery) -> int | None:
    return tx.run(select(updates.c.seq).where(updates.c.id == delivery.update.id)).scalar()


def cancel(tx: Transaction, delivery: Delivery, error: str) -> bool:
    """Let go what was not sent; False where it is no longer owed."""
    statement = update(deliveries).where(deliveries.c.id == delivery.id, deliveries.c.state == "owed")
    return tx.run(statement.values(state="cancelled", error=error)).rowcount == 1


def let_go(tx: Transaction, update_id: int, error: str) -> None:
    """What of an update is owed and was never sent is not sent any more."""
    statement = update(deliveries).where(deliveries.c.update_id == update_id, deliveries.c.state == "owed")
    tx.run(statement.values(state="cancelled", error=error))


def open_deliveries(tx: Transaction, account: str = "") -> list[Delivery]:
    """Everything that is not at rest, oldest first; of one account or of all."""
    statement = _select().where(_IS_OPEN)
    if account:
        statement = statement.where(deliveries.c.account == account)
    return [_read(row) for row in tx.run(statement.order_by(deliveries.c.id))]


def owed_before(tx: Transaction, at: datetime, accounts: Sequence[str] | None = None) -> list[Delivery]:
    """What has been owed since before a time, oldest first."""
    statement = _select().where(_IS_OPEN, deliveries.c.state == "owed", deliveries.c.owed_at < at)
    if accounts is not None:
        statement = statement.where(deliveries.c.account.in_(accounts))
    return [_read(row) for row in tx.run(statement.order_by(deliveries.c.id))]


def unconfirmed_before(tx: Transaction, at: datetime) -> dict[str, int]:
    """Deliveries that were begun before a time and may or may not stand, by account; accounts with none are missing."""
    statement = select(deliveries.c.account, func.count()).where(
        _IS_OPEN, deliveries.c.state.in_(["sending", "unconfirmed"]), deliveries.c.created_at < at
    )
    return {str(row[0]): int(row[1]) for row in tx.run(statement.group_by(deliveries.c.account))}


def counts(tx: Transaction) -> dict[tuple[str, str], int]:
    """How many deliveries each account has in each state."""
    rows = tx.run(
        select(deliveries.c.account, deliveries.c.state, func.count()).group_by(
            deliveries.c.account, deliveries.c.state
        )
    )
    return {(str(row[0]), str(row[1])): int(row[2]) for row in rows}


def clear(tx: Transaction, update_id: int) -> None:
    """A person looked at this update: quiet mode lets its deliveries go."""
    tx.run(update(deliveries).where(deliveries.c.update_id == update_id).values(cleared=True))


def retry_now(tx: Transaction, account: str) -> None:
    """A person mended the account: nothing that is open for it waits any longer."""
    tx.run(
        update(deliveries)
        .where(deliveries.c.account == account, deliveries.c.state.in_(_OPEN), deliveries.c.next_at.is_not(None))
        .values(next_at=None)
    )


def next_wake(tx: Transaction, account: str, machine_now: datetime) -> datetime | None:
    """When an account's next delivery that waits for a time becomes due (machine time); None where none waits."""
    return tx.run(
        select(func.min(deliveries.c.next_at, type_=deliveries.c.next_at.type)).where(
            deliveries.c.account == account, _IS_OPEN, deliveries.c.next_at > machine_now
        ),
    ).scalar()
