"""One run for one account: what is due, one delivery after the other, at its pace."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.budget import Budget, Work
from bot.core.desk import Desk
from bot.core.errors import OutsideError
from bot.core.model import DeliveryState
from bot.pipeline.publish.failing import failed
from bot.pipeline.publish.round import Carrier, Round
from bot.pipeline.publish.sending import send
from bot.pipeline.publish.standing import correct, look_up, retract
from bot.store import brakes, budgets, health, outbox
from bot.store.database import Database
from bot.store.outbox import Delivery


@dataclass(frozen=True, slots=True)
class Published:
    """What one run for one account came to.

    Attributes:
        done: Deliveries that moved on.
        wait_until: Nothing more before this (machine time); None where nothing is open.
    """

    done: int = 0
    wait_until: datetime | None = None


def publish(
    database: Database,
    carrier: Carrier,
    desk: Desk,
    *,
    now: Callable[[], datetime],
    machine_now: Callable[[], datetime],
    mine: Callable[[], bool] = lambda: True,
) -> Published:
    """Do what is due for one account, one delivery after the other, at its pace.

    Args:
        mine: Whether the caller still holds the account's lease, for longer than one send can take; asked before each.
    """
    this = Round(database, carrier, desk, now, machine_now)
    done = 0
    while mine():
        with database.read() as tx:
            row = health.account(tx, carrier.name)
            pulled = brakes.pulled(tx)
            at = machine_now()
            if row is not None and row.next_at is not None and row.next_at > at:
                return Published(done, row.next_at)
            budget = Budget(budgets.known(tx, carrier.name), at)
            may = budget.may()
            if brakes.holds(pulled, carrier.name):  # what must go is still looked up and taken down
                may -= {Work.POSTING, Work.CORRECTING}
            quiet = brakes.QUIET in pulled
            delivery = outbox.next_due(tx, carrier.name, at, may=may, worth=budget.worth(), quiet=quiet)
            wake = min(filter(None, (outbox.next_wake(tx, carrier.name, at), budget.changes_at())), default=None)
        if delivery is None:
            return Published(done, wake)
        if delivery.state is DeliveryState.OWED and row is not None and row.last_sent_at is not None:
            paced = row.last_sent_at + timedelta(seconds=carrier.publisher.limits().pace_s)
            if paced > at:
                return Published(done, paced)
        done += _one(this, delivery)
    return Published(done)


def _one(this: Round, delivery: Delivery) -> int:
    try:
        match delivery.state:
            case DeliveryState.OWED:
                return send(this, delivery)
            case DeliveryState.RETRACTING:
                retract(this, delivery)
            case DeliveryState.CORRECTING:
                correct(this, delivery)
            case _:
                look_up(this, delivery)
    except OutsideError as error:
        failed(this, delivery, error)
    return 1
