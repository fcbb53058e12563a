"""What a person has seen at an account that cannot be asked."""

from datetime import datetime

from bot.core.errors import NotFoundError, RefusedError
from bot.core.model import DeliveryState, Receipt
from bot.store import health, journal, outbox
from bot.store.database import Database


def settle(
    database: Database, update_id: int, account: str, *, receipt: Receipt | None, now: datetime, by: str
) -> DeliveryState:
    """Take a person's word for whether an update stands at an account.

    Args:
        receipt: Of what stands there; None where it does not stand.
        by: Who has looked.

    Returns:
        The state that was written: what does not stand and is still wanted is owed again; what stands and is no longer wanted
        is to be retracted.

    Raises:
        NotFoundError: The update was never owed to this account.
        RefusedError: Nobody asks: it is known, or it is still to be taken down.
    """
    with database.begin() as tx:
        tx.alone()
        found = [one for one in outbox.of_update(tx, update_id) if one.account == account]
        if not found:
            raise NotFoundError(f"account {account}: this update was never for it")
        (delivery,) = found
        match delivery.state, receipt:
            case DeliveryState.UNCONFIRMED, None:
                state = outbox.settle(tx, delivery, DeliveryState.OWED)
                what, why = "not sent", f"looked at by hand: it does not stand; {state.value}"
            case DeliveryState.UNCONFIRMED, Receipt():
                state = outbox.settle(tx, delivery, DeliveryState.SENT, receipt=receipt)
                what, why = "sent", f"looked at by hand: it stands; {state.value}"
            case DeliveryState.RETRACTING, None:
                state = outbox.settle(tx, delivery, DeliveryState.RETRACTED)
                what, why = "retracted", "looked at by hand: it is gone"
            case DeliveryState.RETRACTING, _:
                raise RefusedError(
                    f"account {account}: it must not stand there: delete it by hand, then say that it is gone"
                )
            case DeliveryState.SENDING, _:
                raise RefusedError(f"account {account}: it is being sent in this moment: wait for what comes of it")
            case _:
                raise RefusedError(f"account {account}: nobody asks, it is {delivery.state.value}")
        health.settled(tx, account)
        post_id = delivery.update.post_id or None
        journal.write(tx, [journal.Line(now, what, by, why, post_id=post_id, update_id=update_id, place=account)])
        return state
