"""What a failure outside means: for the delivery, and for the account."""

from datetime import datetime, timedelta

from bot.core.budget import Allowance, Work
from bot.core.errors import OutsideError, RateLimited, Rejected, Unanswered, Unauthorized, Unavailable
from bot.core.model import DeliveryState
from bot.pipeline.publish.round import Round
from bot.store import budgets, health, outbox
from bot.store.outbox import Delivery
from bot.store.schema import accounts

_SIGN_IN_WAIT = timedelta(minutes=10)
_REFUSED_WAIT = timedelta(hours=1)
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=5)
_WORK = {
    DeliveryState.OWED: Work.POSTING,
    DeliveryState.RETRACTING: Work.TAKING_DOWN,
    DeliveryState.CORRECTING: Work.CORRECTING,
}


def failed(this: Round, delivery: Delivery, error: OutsideError) -> None:
    """Write what the error means for the delivery and for the account."""
    machine_now = this.machine_now()
    wait = machine_now + min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(delivery.attempts, 8))
    account_wait: datetime | None = None
    sending = delivery.state is DeliveryState.OWED
    work = _WORK.get(delivery.state, Work.LOOKING_UP)
    back = delivery.state
    if delivery.state is DeliveryState.SENDING:  # left by a process that ended: as any try without an answer
        back = DeliveryState.UNCONFIRMED
    text = str(error)
    said = list(this.allowances())
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
        case Rejected() if work is Work.CORRECTING:  # the old words stay; a person sees why
            return _refused(this, delivery, error)
        case Rejected() if not sending:  # it stands, or may: that is never given up, and a person sees it
            wait = machine_now + _REFUSED_WAIT
        case Rejected():
            back = DeliveryState.FAILED
        case Unavailable():
            account_wait = wait
            if sending and delivery.attempts + 1 >= this.desk.attempts:
                back = DeliveryState.FAILED
                text = f"given up after {delivery.attempts + 1} tries: {error}"
        case _:
            account_wait = wait
    with this.database.begin() as tx:
        name, kind = this.carrier.name, type(error).__name__
        budgets.keep(tx, name, said)
        count = health.failed(tx, accounts, name, now=machine_now, kind=kind, error=str(error), next_at=account_wait)
        # what was sent, or may have been, is never called "cancelled" because taking it down was refused
        state = outbox.settle(tx, delivery, back, error=text, next_at=wait, may_stand=not sending)
        if state is not delivery.state or count == 1:
            what = {DeliveryState.FAILED: "refused", DeliveryState.UNCONFIRMED: "unconfirmed"}.get(state, "delayed")
            this.write(tx, what, delivery, f"{kind}: {text}")
    return None


def _refused(this: Round, delivery: Delivery, error: Rejected) -> None:
    with this.database.begin() as tx:
        this.went_well(tx)
        if outbox.corrected(tx, delivery):
            this.write(tx, "not corrected", delivery, f"the old words stay: {error}")
