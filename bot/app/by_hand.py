"""What a person says of an account that cannot be asked."""

from bot.app import verbs
from bot.app.hall import App
from bot.core.errors import NotFoundError, RefusedError
from bot.core.model import DeliveryState
from bot.core.ports import ByHand
from bot.pipeline.publish import settling


def settle(app: App, name: str, reference: str, *, stands: bool, url: str = "", by: str) -> DeliveryState:
    """Take a person's word for whether an update stands at an account that cannot be asked.

    Args:
        reference: The update's, or its post's.
        url: Of what stands; "" where it is not known, or does not stand.

    Returns:
        The state that was written.

    Raises:
        NotFoundError: Nothing has this name.
        RefusedError: Nobody asks, or the account looks for itself.
        Rejected: The address is none of this account's.
    """
    publisher = app.parts.publishers.get(name)
    if publisher is None:
        raise NotFoundError(
            f"no enabled account is called {name!r}: there are {', '.join(app.desk.accounts) or 'none'}"
        )
    if not isinstance(publisher, ByHand):
        raise RefusedError(f"account {name}: it looks for itself what stands there: `milepost accounts retry {name}`")
    update = verbs.existing_update(app, reference)
    receipt = publisher.seen(url) if stands else None
    return settling.settle(app.database, update.id, name, receipt=receipt, now=app.now(), by=by)
