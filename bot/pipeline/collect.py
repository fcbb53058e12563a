"""source -> posts. Finds: sources due. Cursor and posts are one transaction: nothing is lost, nothing comes twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.errors import OutsideError, RateLimited, Rejected, Unauthorized
from bot.core.model import Batch
from bot.core.ports import Source
from bot.store import health, journal, media
from bot.store.database import Database, Transaction
from bot.store.identities import Recognised
from bot.store.posts import StoredPost
from bot.store.schema import sources
from bot.store.taking import take

_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=10)
_GONE_WAIT = timedelta(days=3650)
_SIGN_IN_WAIT = timedelta(minutes=10)
_RECOGNISED_LINES = 100


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one source.

    Attributes:
        name: As configured.
        platform: Platform of its tombstones; "" where every post says its own.
        backfill: At first contact, posts up to this old are still told.
        late_after: After an outage, posts older than this are late; None where lateness does not matter.
        has_baseline: False for a recording: what it brings is told however old it is.
    """

    name: str
    platform: str = ""
    backfill: timedelta = timedelta(0)
    late_after: timedelta | None = timedelta(minutes=15)
    has_baseline: bool = True


@dataclass(frozen=True, slots=True)
class Collected:
    """What one look at a source came to.

    Attributes:
        new: Posts that were not known.
        gone: Known posts or authors that are gone now.
        more: Look again at once.
        noted: What an operator should know, where it is not what was noted last; "" mostly.
        kept: The new posts, committed, for who judges them.
        results: Entrants of races that are new or have changed.
    """

    new: int = 0
    gone: int = 0
    more: bool = False
    noted: str = ""
    kept: Sequence[StoredPost] = ()
    results: int = 0


def cursor_of(database: Database, name: str, lane: str) -> str:
    """Where a source left off in a lane ("fetch" or "stream"); "" at first contact."""
    with database.read() as tx:
        row = health.source(tx, name)
    return "" if row is None else str(getattr(row, f"{lane}_cursor"))


def may_collect(database: Database, name: str, machine_now: datetime) -> bool:
    """Whether the source has not asked us to wait."""
    with database.read() as tx:
        return health.may_try(health.source(tx, name), machine_now)


def collect(
    database: Database, source: Source, terms: Terms, *, now: datetime, machine_now: datetime
) -> tuple[Batch, Collected]:
    """Fetch once and store what came.

    Raises:
        OutsideError: As the source raised it; `failed` records it. The cursor stands.
    """
    batch = source.fetch(cursor_of(database, terms.name, "fetch"))
    return batch, store(database, batch, terms, lane="fetch", now=now, machine_now=machine_now)


def store(
    database: Database, batch: Batch, terms: Terms, *, lane: str, now: datetime, machine_now: datetime
) -> Collected:
    """Store one batch with its cursor, in one transaction."""
    with database.begin() as tx:
        row = health.source(tx, terms.name)
        first = row is None or row.first_contact_at is None
        contact = now if row is None or row.first_contact_at is None else row.first_contact_at
        taken = take(
            tx,
            batch,
            source=terms.name,
            platform=terms.platform,
            tell_from=contact - terms.backfill if terms.has_baseline else None,
            late_from=now - terms.late_after if terms.late_after is not None else None,
            now=now,
        )
        for picture in batch.kept:
            media.keep(tx, picture.name, picture.content, now)
        noted = batch.note if batch.note and (row is None or batch.note != row.note) else ""
        health.source_ok(
            tx,
            terms.name,
            now=machine_now,
            first_contact_at=contact,
            lane=lane,
            cursor=batch.cursor,
            note=batch.note,
            posts=len(taken.new),
        )
        if first:
            older = (
                "what is older is a baseline" if terms.has_baseline else "what it brings is judged however old it is"
            )
            journal.write(tx, [journal.Line(now, "met", "milepost", f"first contact: {older}", place=terms.name)])
        elif row is not None and row.error:
            journal.write(
                tx,
                [
                    journal.Line(
                        now, "recovered", "milepost", f"after {row.failures} failures: {row.error}", place=terms.name
                    )
                ],
            )
        if taken.recognised is not None:
            journal.write(tx, _recognised(tx, terms.name, taken.recognised, now))
        if noted:  # input may be lost: that stays in the log, also where the next look goes well
            journal.write(tx, [journal.Line(now, "noted", "milepost", noted, place=terms.name)])
    return Collected(len(taken.new), taken.gone, batch.more, noted, taken.kept, taken.results)


def _recognised(tx: Transaction, source: str, found: Recognised, now: datetime) -> list[journal.Line]:
    """A line for each post that came under another id for the first time, and one for all where they are many."""
    told = journal.with_line(tx, found.posts, "recognised")
    fresh = [(number, by) for number, by in found.posts.items() if number not in told]
    lines = [
        journal.Line(now, "recognised", "milepost", f"came under another id and is known by {by}", number, place=source)
        for number, by in fresh[:_RECOGNISED_LINES]
    ]
    total = sum(found.by.values())
    if fresh and total > 1:
        by = ", ".join(f"{count} by {kind}" for kind, count in found.by.items())
        why = f"{total} entries came under other ids and are known: {by}"
        lines.append(journal.Line(now, "recognised", "milepost", why, place=source))
    return lines


def failed(database: Database, name: str, error: OutsideError, *, now: datetime, machine_now: datetime) -> datetime:
    """Record that a source failed; gives when to try again (machine time). Only the first failure in a row is journalled."""
    match error:
        case RateLimited(until=until):
            # where reading alone has to wait, the source says so itself, and what was published is still asked for
            next_at = until if error.stops_all else machine_now + _FIRST_WAIT
        case Rejected():
            next_at = machine_now + _GONE_WAIT
        case Unauthorized():
            next_at = machine_now + _SIGN_IN_WAIT
        case _:
            next_at = machine_now + _FIRST_WAIT
    with database.begin() as tx:
        count = health.failed(
            tx, sources, name, now=machine_now, kind=type(error).__name__, error=str(error), next_at=next_at
        )
        if not isinstance(error, RateLimited | Rejected | Unauthorized):
            next_at = machine_now + min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(count - 1, 10))
            health.wait(tx, sources, name, next_at)
        if count == 1:
            journal.write(
                tx, [journal.Line(now, "failing", "milepost", f"{type(error).__name__}: {error}", place=name)]
            )
    return next_at
