"""deliveries -> social accounts. Finds: deliveries to look up, to retract or to send, and due.

The claim writes `sending` with everything that will be sent, before the network is touched. A try that ended without an
answer is looked up with `find`, never repeated blindly; a delivery found in `sending` at the start is such a try. No network
call happens inside a transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core.budget import Allowance, Budget, Work
from bot.core.consent import page_alone
from bot.core.desk import Desk
from bot.core.durations import write_duration
from bot.core.errors import OutsideError, RateLimited, Rejected, Unanswered, Unauthorized, Unavailable
from bot.core.model import DeliveryState, Snippet, Tone, Update, Verdict
from bot.core.ports import Metered, Publisher
from bot.core.snippets import fit
from bot.store import brakes, budgets, consents, health, journal, outbox, posts, tombstones
from bot.store.database import Database, Transaction
from bot.store.outbox import Delivery
from bot.store.schema import accounts

_SIGN_IN_WAIT = timedelta(minutes=10)
_REFUSED_WAIT = timedelta(hours=1)
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=5)
_WORK = {DeliveryState.OWED: Work.POSTING, DeliveryState.RETRACTING: Work.TAKING_DOWN}


@dataclass(frozen=True, slots=True)
class Published:
    """What one run for one account came to.

    Attributes:
        done: Deliveries that moved on.
        wait_until: Nothing more before this (machine time); None where nothing is open.
    """

    done: int = 0
    wait_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Carrier:
    """One account, ready to send.

    Attributes:
        name: As configured.
        publisher: Its platform.
        page_url: Permalink of an update, for snippets that point to the page; gives "" where the page is private.
        platform_names: For credits, "bluesky" -> "Bluesky".
        guard: Whether this process holds the account's lease in this very transaction: the fence before a send.
    """

    name: str
    publisher: Publisher
    page_url: Callable[[Update], str]
    platform_names: Mapping[str, str] = field(default_factory=dict)
    guard: Callable[[Transaction], bool] = lambda _tx: True


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
    done = 0
    while mine():
        with database.read() as tx:
            row = health.account(tx, carrier.name)
            pulled = brakes.pulled(tx)
            at = machine_now()
            if row is not None and row.next_at is not None and row.next_at > at:
                return Published(done, row.next_at)
            budget = Budget(budgets.known(tx, carrier.name), at)
            may = budget.may() - ({Work.POSTING} if brakes.holds(pulled, carrier.name) else set())
            quiet = brakes.QUIET in pulled
            delivery = outbox.next_due(tx, carrier.name, at, may=may, worth=budget.worth(), quiet=quiet)
            wake = min(filter(None, (outbox.next_wake(tx, carrier.name, at), budget.changes_at())), default=None)
        if delivery is None:
            return Published(done, wake)
        if delivery.state is DeliveryState.OWED and row is not None and row.last_sent_at is not None:
            paced = row.last_sent_at + timedelta(seconds=carrier.publisher.limits().pace_s)
            if paced > at:
                return Published(done, paced)
        done += _one(database, carrier, desk, delivery, now=now, machine_now=machine_now)
    return Published(done)


def _one(
    database: Database,
    carrier: Carrier,
    desk: Desk,
    delivery: Delivery,
    *,
    now: Callable[[], datetime],
    machine_now: Callable[[], datetime],
) -> int:
    try:
        match delivery.state:
            case DeliveryState.OWED:
                return _send(database, carrier, desk, delivery, now=now, machine_now=machine_now)
            case DeliveryState.RETRACTING:
                _retract(database, carrier, delivery, now=now, machine_now=machine_now)
            case _:
                _look_up(database, carrier, delivery, now=now, machine_now=machine_now)
    except OutsideError as error:
        _failed(database, carrier, desk, delivery, error, now=now(), machine_now=machine_now())
    return 1


def _allowances(carrier: Carrier) -> Sequence[Allowance]:
    return carrier.publisher.allowances() if isinstance(carrier.publisher, Metered) else ()


def _send(
    database: Database,
    carrier: Carrier,
    desk: Desk,
    delivery: Delivery,
    *,
    now: Callable[[], datetime],
    machine_now: Callable[[], datetime],
) -> int:
    patience = desk.patience(delivery.worth)
    if patience is not None and now() - delivery.owed_at > patience:
        # also after failed tries: what is owed provably does not stand
        why = f"owed since {delivery.owed_at:%H:%M:%S} UTC, older than {write_duration(patience)}: not sent late"
        with database.begin() as tx:
            if outbox.cancel(tx, delivery, why):
                _write(tx, "expired", delivery, now(), why)
        return 1
    at = machine_now()
    key = delivery.key or f"{_micros(at)}-{delivery.id}"
    created_at = delivery.created_at or at
    payload = delivery.payload
    if payload is None or delivery.seq != delivery.update.seq:  # nothing of it was sent, and its words may have changed
        payload = _fit(delivery.update, carrier, desk, created_at)
    if not payload.text and not payload.media:
        why = "nothing of it fits this account's limits: post it there by hand"
        with database.begin() as tx:
            outbox.settle(tx, delivery, DeliveryState.FAILED, error=why)
            _write(tx, "refused", delivery, now(), why)
        return 1
    with database.begin() as tx:
        tx.alone()
        if not carrier.guard(tx):
            return 0
        # a brake that was pulled since we looked wins: what is claimed is sent, so the claim looks again
        pulled = brakes.pulled(tx)
        if brakes.holds(pulled, carrier.name):
            return 0
        if brakes.QUIET in pulled and not delivery.cleared and delivery.update.tone is Tone.LIGHT:
            return 0
        current = outbox.by_id(tx, delivery.id)
        if current is None or (delivery.payload is None and current.update.seq != delivery.update.seq):
            return 0  # its words were changed in this moment: fitted anew
        if _objected(tx, desk, delivery, now()):
            return 1
        if not outbox.claim(tx, delivery, key=key, created_at=created_at, payload=payload):
            return 0
    receipt = carrier.publisher.publish(payload, key)
    with database.begin() as tx:
        state = outbox.settle(tx, delivery, DeliveryState.SENT, receipt=receipt)
        budgets.keep(tx, carrier.name, _allowances(carrier))
        health.account_ok(tx, carrier.name, now=machine_now(), sent=True)
        _write(tx, "sent", delivery, now(), receipt.url or receipt.id)
        if state is DeliveryState.RETRACTING:
            _write(tx, "recalled", delivery, now(), "taken back while it was being sent: it is retracted next")
    return 1


def _objected(tx: Transaction, desk: Desk, delivery: Delivery, at: datetime) -> bool:
    """Let go what may not be sent (any more); what may not even stand on the page, curate takes off."""
    found = posts.by_id(tx, [delivery.update.post_id]) if delivery.update.post_id else []
    if not found:
        return False
    against, answer = consents.objections(tx, desk, found[0])
    refused = next((one.why for one in against if one.verdict is Verdict.DROP), "")
    why = refused or page_alone(answer)
    if not why or not outbox.cancel(tx, delivery, why):
        return False
    _write(tx, "cancelled", delivery, at, why)
    if refused:
        post = found[0].post
        tombstones.bury(tx, post.platform, post.native_id, at=at, reason=refused, final=False)
    return True


def _micros(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)


def _fit(update: Update, carrier: Carrier, desk: Desk, created_at: datetime) -> Snippet:
    strand = desk.strand(update.strand).name if update.strand else ""
    return fit(
        update,
        carrier.publisher.limits(),
        strand_name=strand,
        page_url=carrier.page_url(update),
        platform_names=carrier.platform_names,
        created_at=created_at,
    )


def _look_up(
    database: Database,
    carrier: Carrier,
    delivery: Delivery,
    *,
    now: Callable[[], datetime],
    machine_now: Callable[[], datetime],
) -> None:
    since = (delivery.created_at or machine_now()) - timedelta(minutes=5)
    receipt = carrier.publisher.find(delivery.key, since)
    with database.begin() as tx:
        if receipt is not None:
            outbox.settle(tx, delivery, DeliveryState.SENT, receipt=receipt)
            _write(tx, "sent", delivery, now(), f"found after a try without an answer: {receipt.url or receipt.id}")
        else:
            state = outbox.settle(tx, delivery, DeliveryState.OWED)
            _write(
                tx,
                "not sent",
                delivery,
                now(),
                f"looked up after a try without an answer: it does not stand; {state.value} again",
            )
        budgets.keep(tx, carrier.name, _allowances(carrier))
        health.account_ok(tx, carrier.name, now=machine_now(), sent=False)


def _retract(
    database: Database,
    carrier: Carrier,
    delivery: Delivery,
    *,
    now: Callable[[], datetime],
    machine_now: Callable[[], datetime],
) -> None:
    if delivery.receipt is None:
        with database.begin() as tx:
            outbox.settle(tx, delivery, DeliveryState.UNCONFIRMED)
        return
    carrier.publisher.retract(delivery.receipt)
    with database.begin() as tx:
        outbox.settle(tx, delivery, DeliveryState.RETRACTED)
        budgets.keep(tx, carrier.name, _allowances(carrier))
        health.account_ok(tx, carrier.name, now=machine_now(), sent=False)
        _write(tx, "retracted", delivery, now(), delivery.receipt.url or delivery.receipt.id)


def _failed(
    database: Database,
    carrier: Carrier,
    desk: Desk,
    delivery: Delivery,
    error: OutsideError,
    *,
    now: datetime,
    machine_now: datetime,
) -> None:
    """Write what the error means for the delivery and for the account."""
    wait = machine_now + min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(delivery.attempts, 8))
    account_wait: datetime | None = None
    sending = delivery.state is DeliveryState.OWED
    work = _WORK.get(delivery.state, Work.LOOKING_UP)
    back = DeliveryState.OWED if sending else delivery.state
    if delivery.state is DeliveryState.SENDING:  # left by a process that ended: as any try without an answer
        back = DeliveryState.UNCONFIRMED
    text = str(error)
    said = list(_allowances(carrier))
    match error:
        case RateLimited(until=until):
            wait = max(until, machine_now + _FIRST_WAIT)  # the platform's clock may be behind ours
            if error.stops_all:
                account_wait = wait
            else:
                said = [*(one for one in said if one.work is not work), Allowance(work, 0, 0, wait)]
        case Unauthorized():
            wait = account_wait = machine_now + _SIGN_IN_WAIT
        case Unanswered():
            back = DeliveryState.UNCONFIRMED if sending else back
            account_wait = machine_now + _FIRST_WAIT
        case Rejected() if not sending:  # it stands, or may: that is never given up, and a person sees it
            wait = machine_now + _REFUSED_WAIT
        case Rejected():
            back = DeliveryState.FAILED
        case Unavailable():
            account_wait = wait
            if sending and delivery.attempts + 1 >= desk.attempts:
                back = DeliveryState.FAILED
                text = f"given up after {delivery.attempts + 1} tries: {error}"
        case _:
            account_wait = wait
    with database.begin() as tx:
        budgets.keep(tx, carrier.name, said)
        count = health.failed(
            tx,
            accounts,
            carrier.name,
            now=machine_now,
            kind=type(error).__name__,
            error=str(error),
            next_at=account_wait,
        )
        # what was sent, or may have been, is never called "cancelled" because taking it down was refused
        state = outbox.settle(tx, delivery, back, error=text, next_at=wait, may_stand=not sending)
        if state is not delivery.state or count == 1:
            what = {DeliveryState.FAILED: "refused", DeliveryState.UNCONFIRMED: "unconfirmed"}.get(state, "delayed")
            _write(tx, what, delivery, now, f"{type(error).__name__}: {text}")


def _write(tx: Transaction, what: str, delivery: Delivery, at: datetime, why: str) -> None:
    post_id = delivery.update.post_id or None
    journal.write(
        tx,
        [
            journal.Line(
                at, what, "milepost", why, post_id=post_id, update_id=delivery.update.id, place=delivery.account
            )
        ],
    )
