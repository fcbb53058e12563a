"""Takes down what its author took down. Finds: published posts to re-check at their source. First version: all of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.desk import Desk
from bot.core.model import Update, Verdict
from bot.core.ports import AuthorSource, Source
from bot.store import consents, feed, journal, posts, tombstones
from bot.store.database import Database

_KEEP_STONES = timedelta(hours=48)


def sweep(database: Database, source: Source, desk: Desk, *, name: str, now: datetime) -> int:
    """Ask a source which of its published posts are gone, or may not be shown any more; gives how many.

    Raises:
        OutsideError: The source could not be asked; nothing was changed.
    """
    with database.read() as tx:
        standing = feed.live_from_posts(tx, [name])
    if not standing:
        return 0
    gone = set(source.missing([native_id for _, native_id in standing]))
    lost = [(update, native_id) for update, native_id in standing if native_id in gone]
    left = [(update, native_id) for update, native_id in standing if native_id not in gone]
    withdrawn = _objected(database, source, desk, left, name=name, now=now) if isinstance(source, AuthorSource) else 0
    if not lost:
        return withdrawn
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
    return len(lost) + withdrawn


def _objected(
    database: Database,
    source: AuthorSource,
    desk: Desk,
    standing: Sequence[tuple[Update, str]],
    *,
    name: str,
    now: datetime,
) -> int:
    """Mark what its author, as their profile stands now, does not want shown; curate takes it off."""
    found = source.authors([native_id for _, native_id in standing])
    count = 0
    with database.begin() as tx:
        for update, native_id in standing:
            author = found.get(native_id)
            stored = posts.by_id(tx, [update.post_id]) if author is not None else []
            if author is None or not stored:
                continue
            against = desk.consent.objections(
                stored[0].post,
                labels=author.labels,
                is_official=desk.official(stored[0].post) is not None,
                answer=consents.answers(tx, stored).get(stored[0].id),
            )
            if not against or against[0].verdict is not Verdict.DROP:
                continue
            count += 1
            why = against[0].why
            tombstones.bury(tx, stored[0].post.platform, native_id, at=now, reason=why, final=False)
            line = journal.Line(now, "objected", "sweep", why, post_id=stored[0].id, update_id=update.id, place=name)
            journal.write(tx, [line])
    return count


def forget(database: Database, *, now: datetime) -> int:
    """Forget tombstones of posts that never came."""
    with database.begin() as tx:
        return tombstones.forget(tx, now - _KEEP_STONES)
