"""Takes down what its author took down. Finds: published posts to re-check at their source. First version: all of them."""

from datetime import datetime, timedelta

from bot.core.ports import Source
from bot.store import feed, journal, posts, tombstones
from bot.store.database import Database

_KEEP_STONES = timedelta(hours=48)


def sweep(database: Database, source: Source, *, name: str, now: datetime) -> int:
    """Ask a source which of its published posts are gone; gives how many are.

    Raises:
        OutsideError: The source could not be asked; nothing was changed.
    """
    with database.read() as tx:
        standing = feed.live_from_posts(tx, [name])
    if not standing:
        return 0
    gone = set(source.missing([native_id for _, native_id in standing]))
    lost = [(update, native_id) for update, native_id in standing if native_id in gone]
    if not lost:
        return 0
    with database.begin() as tx:
        for update, native_id in lost:
            found = posts.by_id(tx, [update.post_id])
            if found:
                tombstones.bury(tx, found[0].post.platform, native_id, at=now, reason="found missing by the sweep")
                journal.write(
                    tx,
                    [
                        journal.Line(
                            now,
                            "missing",
                            "sweep",
                            "gone at its source",
                            post_id=found[0].id,
                            update_id=update.id,
                            place=name,
                        )
                    ],
                )
    return len(lost)


def forget(database: Database, *, now: datetime) -> int:
    """Forget tombstones of posts that never came."""
    with database.begin() as tx:
        return tombstones.forget(tx, now - _KEEP_STONES)
