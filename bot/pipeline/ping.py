"""drawn feeds -> WebSub hubs. Finds: hubs that have not been told of the last drawing.

A hub is told that a feed changed and comes to read it; what it was told twice does no harm. However often the page is drawn while a hub
is away, it is told once when it is there again. How far each was told is kept over restarts.

Source: https://www.w3.org/TR/websub/#publishing
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from bot.core.errors import OutsideError, RateLimited, Rejected, Unauthorized
from bot.store import marks
from bot.store.database import Database, Transaction

_MARK = "hub:"
_FIRST_WAIT = timedelta(seconds=10)
_LONGEST_WAIT = timedelta(minutes=10)
_REFUSED_WAIT = timedelta(hours=1)

Tell = Callable[[str, str], None]
"""Tells a hub (its address) that a feed (its address) changed; raises an `OutsideError` where it could not."""


class _Known(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept of a hub.

    Attributes:
        seq: Up to which change of the coverage it was told.
        failures: Tries that failed, in a row.
        next_at: Not before this (machine time); None for at once.
        error: Of the last try; "" where that went well.
    """

    seq: int = -1
    failures: int = 0
    next_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Pinged:
    """What one run came to.

    Attributes:
        told: Hubs that were told.
        failed: Hubs that could not be told now, with the reason.
    """

    told: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()


def ping(
    database: Database,
    hubs: Sequence[str],
    feeds: Sequence[str],
    tell: Tell,
    *,
    seq: int,
    machine_now: Callable[[], datetime],
) -> Pinged:
    """Tell every hub that does not know it yet that the feeds changed.

    Args:
        hubs: Addresses.
        feeds: Addresses of the feeds, as they say it themselves.
        seq: Up to which change of the coverage they are drawn.
    """
    told, failed = [], []
    for hub in hubs:
        with database.read() as tx:
            known = _known(tx, hub)
        now = machine_now()
        if known.seq >= seq or (known.next_at is not None and known.next_at > now):
            continue
        try:
            for feed in feeds:
                tell(hub, feed)
        except OutsideError as error:
            failed.append((hub, str(error)))
            after = msgspec.structs.replace(
                known, failures=known.failures + 1, next_at=_again(error, known.failures, now), error=str(error)
            )
        else:
            told.append(hub)
            after = _Known(seq)
        with database.begin(silent=True) as tx:
            marks.put(tx, f"{_MARK}{hub}", msgspec.json.encode(after).decode())
    return Pinged(tuple(told), tuple(failed))


def _again(error: OutsideError, failures: int, now: datetime) -> datetime:
    if isinstance(error, RateLimited):
        return max(error.until, now + _FIRST_WAIT)
    if isinstance(error, Rejected | Unauthorized):
        return now + _REFUSED_WAIT
    return now + min(_LONGEST_WAIT, _FIRST_WAIT * (1 << min(failures, 8)))


def errors(tx: Transaction, hubs: Sequence[str]) -> dict[str, str]:
    """Hubs that could not be told at the last try, with the reason."""
    return {hub: known.error for hub in hubs if (known := _known(tx, hub)).error}


def _known(tx: Transaction, hub: str) -> _Known:
    found = marks.get(tx, f"{_MARK}{hub}")
    return msgspec.json.decode(found, type=_Known) if found else _Known()
