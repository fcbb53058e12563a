"""Sending one delivery, once."""

from datetime import datetime

from bot.core.consent import page_alone
from bot.core.durations import write_duration
from bot.core.model import DeliveryState, Tone, Verdict
from bot.pipeline.publish.round import Round
from bot.store import brakes, consents, outbox, posts, tombstones
from bot.store.database import Transaction
from bot.store.outbox import Delivery


def send(this: Round, delivery: Delivery) -> int:
    """Claim it, and send it; 1 where it moved on.

    Raises:
        OutsideError: As `Publisher.publish`.
    """
    patience = this.desk.patience(delivery.worth)
    if patience is not None and this.now() - delivery.owed_at > patience:
        # also after failed tries: what is owed provably does not stand
        why = f"owed since {delivery.owed_at:%H:%M:%S} UTC, older than {write_duration(patience)}: not sent late"
        if delivery.update.milestone:
            why += f"; `milepost milestones fire {delivery.update.milestone}` sends it"
        with this.database.begin() as tx:
            if outbox.cancel(tx, delivery, why):
                this.write(tx, "expired", delivery, why)
        return 1
    at = this.machine_now()
    key = delivery.key or f"{_micros(at)}-{delivery.id}"
    created_at = delivery.created_at or at
    payload = delivery.payload
    if payload is None or delivery.seq != delivery.update.seq:  # nothing of it was sent, and its words may have changed
        payload = this.fit(delivery.update, created_at)
    if not payload.text and not payload.media:
        why = "nothing of it fits this account's limits: post it there by hand"
        with this.database.begin() as tx:
            outbox.settle(tx, delivery, DeliveryState.FAILED, error=why)
            this.write(tx, "refused", delivery, why)
        return 1
    with this.database.begin() as tx:
        tx.alone()
        if not this.carrier.guard(tx):
            return 0
        # a brake that was pulled since we looked wins: what is claimed is sent, so the claim looks again
        pulled = brakes.pulled(tx)
        if brakes.holds(pulled, this.carrier.name):
            return 0
        if brakes.QUIET in pulled and not delivery.cleared and delivery.update.tone is Tone.LIGHT:
            return 0
        current = outbox.by_id(tx, delivery.id)
        if current is None or (delivery.payload is None and current.update.seq != delivery.update.seq):
            return 0  # its words were changed in this moment: fitted anew
        if _objected(this, tx, delivery):
            return 1
        if not outbox.claim(tx, delivery, key=key, created_at=created_at, payload=payload):
            return 0
    receipt = this.carrier.publisher.publish(payload, key)
    with this.database.begin() as tx:
        state = outbox.settle(tx, delivery, DeliveryState.SENT, receipt=receipt)
        this.went_well(tx, sent=True)
        this.write(tx, "sent", delivery, receipt.url or receipt.id)
        if state is DeliveryState.RETRACTING:
            this.write(tx, "recalled", delivery, "taken back while it was being sent: it is retracted next")
    return 1


def _objected(this: Round, tx: Transaction, delivery: Delivery) -> bool:
    """Let go what may not be sent (any more); what may not even stand on the page, curate takes off."""
    found = posts.by_id(tx, [delivery.update.post_id]) if delivery.update.post_id else []
    if not found:
        return False
    against, answer = consents.objections(tx, this.desk, found[0])
    refused = next((one.why for one in against if one.verdict is Verdict.DROP), "")
    why = refused or page_alone(answer)
    if not why or not outbox.cancel(tx, delivery, why):
        return False
    this.write(tx, "cancelled", delivery, why)
    if refused:
        post = found[0].post
        tombstones.bury(tx, post.platform, post.native_id, at=this.now(), reason=refused, final=False)
    return True


def _micros(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)
