"""`POST /inbox`: who brings something is known by their signature alone; what is answered with 202 is stored."""

import math
from collections.abc import Mapping

import structlog

from bot.app.hall import App
from bot.core.errors import RateLimited, Rejected, StoreError
from bot.core.inbox import Reception, refused
from bot.core.ports import Receiving
from bot.core.signing import is_timely

_log = structlog.get_logger("milepost")


def is_open(app: App) -> bool:
    """Whether anybody may bring something."""
    return any(isinstance(unit.source, Receiving) for unit in app.sources.values())


def receive(app: App, headers: Mapping[str, str], body: bytes) -> Reception:
    """Take in one message; from any thread.

    Args:
        headers: By their names in lower case; hostile.
        body: As it came; hostile.
    """
    if not headers.get("webhook-id") or not headers.get("webhook-signature"):
        return refused(
            401, "it is not signed: see https://www.standardwebhooks.com, with the secret that you were given"
        )
    if not is_timely(headers, app.machine_now()):
        return refused(
            401, "webhook-timestamp: is missing, or more than five minutes away from our clock: sign it anew"
        )
    for name, unit in app.sources.items():
        source = unit.source
        if not isinstance(source, Receiving) or not source.is_from(headers, body):
            continue
        try:
            batch = source.receive(headers, body)
            app.take_in(name, batch)
        except Rejected as error:
            _log.warning("inbox refused", source=name, reason=str(error))
            return refused(400, str(error))
        except RateLimited as error:
            wait = max(1, math.ceil((error.until - app.machine_now()).total_seconds()))
            return refused(429, str(error), wait)
        except StoreError:
            return refused(503, "it could not be stored: send it again", 5)
        number = batch.posts[0].native_id if batch.posts else batch.gone[0].id
        return Reception(202, {"id": number})
    return refused(401, "nobody is known by this signature")
