"""What a removal leaves: the others of a story or a chorus stand, and are looked after."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.desk import Desk
from bot.core.model import Update, Verdict
from bot.core.stories.leading import Candidate, in_order, is_repost
from bot.pipeline.curate.chorus import add, hand_over
from bot.store import brakes, choruses, copies, feed, journal, posts
from bot.store.copies import Member
from bot.store.database import Transaction
from bot.store.posts import Decision, StoredPost

STANDS_IN = "the post that led was removed: this copy waits for a person"


def look_after(tx: Transaction, desk: Desk, gone: Sequence[StoredPost], untold: Sequence[Update], now: datetime) -> int:
    """Set right what posts that are gone belonged to; gives how many updates changed.

    Updates that they did not lead lose them from their count and list. Where one led a chorus, the next takes over; where
    one led a story, the best copy by another account waits for a person.

    Args:
        gone: Every version of them; their verdicts are written.
        untold: The updates that they led and that stood until now.
    """
    ids = {stored.id for stored in gone}
    fewer = choruses.leave(tx, ids)
    changed = add(tx, Counter({number: -voices for number, voices in fewer.items()}))
    stories = {stored.story_id for stored in gone if stored.story_id}
    live = copies.live(tx, stories)
    counts = copies.count(tx, desk, {(one.story_id, one.author_id) for one in live})
    for one in live:
        left = tuple(copy for copy in one.update.copies if copy.post_id not in ids)
        also = min(one.update.also, counts[one.story_id, one.author_id])
        if (also, left) != (one.update.also, one.update.copies):
            feed.change(tx, replace(one.update, also=also, copies=left))
            changed += 1
    told = {one.story_id for one in live}
    led = {stored.id: stored for stored in gone}
    alone: dict[int, StoredPost] = {}
    for update in untold:
        why = f"post {update.post_id}, which said it first, was removed: this one said the same"
        if update.chorus and hand_over(tx, desk, update, now, why=why, quiet=brakes.QUIET in brakes.pulled(tx)):
            changed += 1
        elif led[update.post_id].story_id not in told:
            alone[led[update.post_id].story_id] = led[update.post_id]
    _hold_best(tx, desk, alone, now)
    return changed


def _hold_best(tx: Transaction, desk: Desk, led: dict[int, StoredPost], now: datetime) -> None:
    """Let the best copy of each story wait for a person, unless one waits already."""
    if not led:
        return
    members = copies.members(tx, led)
    for story, lead in led.items():
        found = [one for one in members.get(story, ()) if one.author_id != lead.author_id and one.is_clean]
        best = _best(found, desk)
        if best is None or best.verdict is not Verdict.DROP:
            continue
        kept = {name: value for name, value in best.details.items() if name not in ("ruled", "with")}
        line = journal.Line(
            now,
            "judged",
            "milepost",
            STANDS_IN,
            post_id=best.id,
            story_id=story,
            verdict=Verdict.HOLD.value,
            details=kept or None,
        )
        (number,) = journal.write(tx, [line])
        posts.decide(tx, [Decision(best.id, story, Verdict.HOLD, number, None)])


def _best(found: Sequence[Member], desk: Desk) -> Member | None:
    """A copy that waits already, else the one that leads; reposts of what is gone are gone with it."""
    waiting = [one for one in found if one.verdict in (Verdict.HOLD, Verdict.WAIT)]
    by_id = {one.id: one for one in waiting or found if waiting or not is_repost(one.post)}
    ordered = in_order([Candidate(one.id, one.post) for one in by_id.values()], desk)
    return by_id[ordered[0].post_id] if ordered else None
