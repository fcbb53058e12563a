"""Stores that hold many posts already, made by the store's own functions.

Frames go through the adapter's own decoding and mapping; posts, authors, journal lines and verdicts are written by
`posts.take`, `journal.write` and `posts.decide` in large batches. What is left out is what costs no space: matching
stories and judging. Nine of ten posts are held, as the starter rules do with a crowd.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.core.model import Author, Batch, Post, Verdict
from bot.platforms.bluesky.jetstream import Wire
from bot.platforms.bluesky.lexicon import decode_record
from bot.platforms.bluesky.mapping import Addresses, Mapper, tags_of
from bot.store import health, journal, posts, taking
from bot.store.database import Database
from bot.store.migrate import migrate
from tests.bench import events

SOURCE = "crowd"
_BATCH = 5_000


def mapped(frames: Sequence[bytes]) -> Iterator[Post]:
    """The posts that the Bluesky adapter makes of frames."""
    wire = Wire("ws://127.0.0.1", (), "bench")
    mapper = Mapper(SOURCE, Addresses())
    authors: dict[str, Author] = {}
    handles = {events.did(number): events.handle(number) for number in range(events.AUTHORS)}
    for frame in frames:
        event = wire.decode(frame)
        record = decode_record(bytes(event.record))
        if record is None or record.createdAt is None:
            continue
        author = authors.get(event.did)
        if author is None:
            handle = handles[event.did]
            author = authors[event.did] = Author(event.did, handle, f"Runner {handle}", mapper.profile_url(handle))
        at = record.createdAt
        yield mapper.post(record, tags_of(record), author, event.rkey, event.cid, at, at)


def fill(path: Path, start: int, end: int) -> None:
    """Let a store at `path` grow from `start` posts to `end`; makes it where it is missing."""
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.forgo_durability()
    if not start:
        with database.begin() as tx:
            health.source_ok(
                tx,
                SOURCE,
                now=events.START,
                first_contact_at=events.START,
                lane="stream",
                cursor="",
                note="",
                posts=0,
            )
    for first in range(start, end, _BATCH):
        count = min(_BATCH, end - first)
        _add(database, tuple(mapped(list(events.frames(first, count)))))
    database.close()
    database = Database(f"sqlite:///{path}")
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def _add(database: Database, batch: tuple[Post, ...]) -> None:
    now = batch[-1].seen_at
    with database.begin() as tx:
        taken = taking.take(
            tx, Batch(batch), source=SOURCE, platform="bluesky", tell_from=None, late_from=None, now=now
        )
        verdicts = [Verdict.DROP if number % 10 == 0 else Verdict.HOLD for number in taken.new]
        lines = journal.write(
            tx,
            [
                journal.Line(
                    now,
                    "judged",
                    "rules",
                    "no rule decided: default hold",
                    post_id=number,
                    story_id=number,
                    verdict=verdict.value,
                    rule_set_id=1,
                    details={
                        "facts": [2, 0, 0, 1, False, False, "getinspired", ""],
                        "rules": ["strand-getinspired"],
                        "strand": "getinspired",
                    },
                )
                for number, verdict in zip(taken.new, verdicts, strict=True)
            ],
        )
        posts.decide(
            tx,
            [
                posts.Decision(number, number, verdict, line, 1)
                for number, verdict, line in zip(taken.new, verdicts, lines, strict=True)
            ],
        )
