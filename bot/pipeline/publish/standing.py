"""What stands at an account, or may: it is looked up, taken down, or corrected."""

from dataclasses import replace
from datetime import timedelta

from bot.core.model import DeliveryState
from bot.core.ports import Revising
from bot.pipeline.publish.round import Round
from bot.store import outbox
from bot.store.outbox import Delivery

_BEFORE = timedelta(minutes=5)


def look_up(this: Round, delivery: Delivery) -> None:
    """Settle a try that ended without an answer.

    Raises:
        OutsideError: As `Publisher.find`.
    """
    since = (delivery.created_at or this.machine_now()) - _BEFORE
    receipt = this.carrier.publisher.find(delivery.key, since)
    with this.database.begin() as tx:
        if receipt is not None:
            outbox.settle(tx, delivery, DeliveryState.SENT, receipt=receipt)
            this.write(tx, "sent", delivery, f"found after a try without an answer: {receipt.url or receipt.id}")
        else:
            state = outbox.settle(tx, delivery, DeliveryState.OWED)
            why = f"looked up after a try without an answer: it does not stand; {state.value} again"
            this.write(tx, "not sent", delivery, why)
        this.went_well(tx)


def retract(this: Round, delivery: Delivery) -> None:
    """Take it down.

    Raises:
        OutsideError: As `Publisher.retract`.
    """
    if delivery.receipt is None:
        with this.database.begin() as tx:
            outbox.settle(tx, delivery, DeliveryState.UNCONFIRMED)
        return
    this.carrier.publisher.retract(delivery.receipt)
    with this.database.begin() as tx:
        outbox.settle(tx, delivery, DeliveryState.RETRACTED)
        this.went_well(tx)
        this.write(tx, "retracted", delivery, delivery.receipt.url or delivery.receipt.id)


def correct(this: Round, delivery: Delivery) -> None:
    """Put an update's new words in the place of those that stand; where they cannot be changed, say so and leave them.

    Raises:
        OutsideError: As `Revising.revise`.
    """
    before, update, receipt = delivery.payload, delivery.update, delivery.receipt
    if before is None or receipt is None:
        return _keep(this, delivery, "nothing is known of what stands there")
    payload = replace(this.fit(update, before.created_at), media=before.media)
    if payload == before:  # something changed that this account does not show
        return _keep(this, delivery, "")
    publisher = this.carrier.publisher
    if not isinstance(publisher, Revising):
        return _keep(this, delivery, f"posts cannot be edited there: `milepost withdraw {update.slug}` takes it down")
    if not payload.text:
        return _keep(this, delivery, "nothing of the new words fits this account's limits")
    with this.database.begin() as tx:
        if not this.carrier.guard(tx):
            return None
    receipt = publisher.revise(receipt, payload, f"{delivery.key}-{update.seq}")
    with this.database.begin() as tx:
        if outbox.corrected(tx, delivery, payload=payload, receipt=receipt):
            this.write(tx, "corrected", delivery, receipt.url or receipt.id)
        this.went_well(tx)
    return None


def _keep(this: Round, delivery: Delivery, why: str) -> None:
    with this.database.begin() as tx:
        if outbox.corrected(tx, delivery) and why:
            this.write(tx, "not corrected", delivery, f"the old words stay: {why}")
