"""What is gone at its source is taken down: every version of a post, everything of an account."""

from collections.abc import Sequence
from datetime import datetime

from bot.core.desk import Desk
from bot.core.model import Update, UpdateState, Verdict
from bot.pipeline.curate.removal import look_after
from bot.store import authors, coverage, feed, journal, opt_outs, posts, tombstones
from bot.store.database import Transaction
from bot.store.posts import Decision, StoredPost

_STONES = 2_000
_AUTHORS = 20  # each may have posted much


def take_down(tx: Transaction, desk: Desk, now: datetime) -> int:
    """Carry out the tombstones that are new; gives how many updates were taken off."""
    gone: list[StoredPost] = []
    untold: list[Update] = []
    for key, at, reason in tombstones.to_handle(tx, _STONES):
        found = posts.of_ident(tx, key)
        why = reason if reason.startswith("consent:") else f"{reason} at its source"
        untold += _drop(tx, found, now, f"{why} at {desk.local(at)}")
        gone += found
        tombstones.handled(tx, key)
    for author_id, at, reason in authors.to_handle(tx, _AUTHORS):
        why = f"the author's account is gone ({reason}) since {desk.local(at)}"
        found = posts.of_author(tx, author_id)
        untold += _drop(tx, found, now, why)
        gone += found
        authors.handled(tx, author_id)
    for place, author_id, at in opt_outs.to_handle(tx, _AUTHORS):
        found = posts.of_author(tx, author_id)
        untold += _drop(tx, found, now, f"consent: its author asked at {desk.local(at)} to be left out")
        gone += found
        opt_outs.handled(tx, place)
    return len(untold) + look_after(tx, desk, gone, untold, now) if gone else 0


def _drop(tx: Transaction, gone: Sequence[StoredPost], now: datetime, why: str) -> list[Update]:
    """Drop these posts and take their updates off; gives those that stood until now."""
    lines = journal.write(
        tx,
        [
            journal.Line(
                now,
                "judged",
                "author",
                why,
                post_id=stored.id,
                story_id=stored.story_id or None,
                verdict=Verdict.DROP.value,
            )
            for stored in gone
        ],
    )
    posts.decide(
        tx,
        [
            Decision(stored.id, stored.story_id or stored.id, Verdict.DROP, line, None)
            for stored, line in zip(gone, lines, strict=True)
        ],
    )
    untold = []
    for update in feed.of_post(tx, [stored.id for stored in gone]):
        if update.state is not UpdateState.WITHDRAWN:
            coverage.untell(tx, update, at=now, by="author", why=why, note="Removed by its author.")
            untold.append(update)
    return untold
