"""Why posts are in their story, and what being in it did to them: read from the journal."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import select

from bot.core.model import Verdict
from bot.core.reports import Joined, JournalLine
from bot.store import journal as log
from bot.store.bulk import among
from bot.store.database import Transaction
from bot.store.posts import StoredPost, is_approved
from bot.store.schema import journal

MOVES = ("split", "joined")  # what the journal says where stories change
_decode = msgspec.json.decode


def reasons(tx: Transaction, post_ids: Iterable[int]) -> dict[int, Joined]:
    """Why each of these posts was joined when it came, without the other post's author.

    Returns:
        Those that were not joined, or that a person has split off since, are missing.
    """
    columns = select(journal.c.post_id, journal.c.what, journal.c.details).where(
        among(tx, journal.c.post_id, post_ids),
        journal.c.what.in_(("judged", "split")),
        journal.c.details.is_not(None),
    )
    found: dict[int, Joined] = {}
    for post_id, what, details in tx.run(columns.order_by(journal.c.id)):
        if what == "split":
            found.pop(int(post_id), None)
            continue
        story = _decode(details).get("story")
        if isinstance(story, dict):
            found[int(post_id)] = joined_of(story)
    return found


def joined_of(story: Mapping[str, Any]) -> Joined:
    """What a judgement's details keep under "story"."""
    return Joined(
        int(story.get("post", 0)),
        str(story.get("reason", "")),
        str(story.get("words", "")),
        tuple(story.get("merged", ())),
        int(story.get("chorus_of", 0)),
    )


def moves(tx: Transaction, post_ids: Iterable[int]) -> list[JournalLine]:
    """What was done to the stories of these posts, oldest first."""
    found = select(journal.c.id).where(among(tx, journal.c.post_id, post_ids), journal.c.what.in_(MOVES))
    return log.by_ids(tx, [int(row[0]) for row in tx.run(found)])


def because_of_story(tx: Transaction, stored: Sequence[StoredPost]) -> set[int]:
    """Which of these posts were dropped only because their story was told or rejected, or was settled with another post."""
    dropped = {one.judgement_id: one.id for one in stored if one.verdict is Verdict.DROP and one.judgement_id}
    columns = select(journal.c.id, journal.c.by, journal.c.rule, journal.c.details)
    found = set()
    for line, by, rule, details in tx.run(columns.where(among(tx, journal.c.id, dropped))):
        more = _decode(details) if details else {}
        overruled = not rule and (not details or "ruled" in more)  # something above the rules decided
        if overruled if by == "rules" else "with" in more:
            found.add(dropped[line])
    return found


def rejected(tx: Transaction, stored: Sequence[StoredPost]) -> set[int]:
    """Which of these posts a person rejected themselves, not along with another one."""
    dropped = {one.judgement_id: one.id for one in stored if one.verdict is Verdict.DROP and not one.rule_set_id}
    columns = select(journal.c.id, journal.c.details).where(
        among(tx, journal.c.id, dropped), journal.c.by.not_in(("rules", "author", "milepost", "platform", "clock"))
    )
    lines = tx.run(columns).all()
    return {dropped[line] for line, details in lines if not (details and "with" in _decode(details))}


def waiting(stored: Iterable[StoredPost]) -> list[int]:
    """Posts that nobody has decided on for good: held, or embargoed and not approved."""
    return [
        one.id
        for one in stored
        if one.verdict is Verdict.HOLD or (one.verdict is Verdict.WAIT and not is_approved(one))
    ]


def ruled(tx: Transaction, post_id: int) -> dict[str, Any]:
    """What the rules said of a post last, as the journal's details; empty where they were never asked."""
    found = select(journal.c.details).where(
        journal.c.post_id == post_id,
        journal.c.what == "judged",
        journal.c.by == "rules",
        journal.c.details.is_not(None),
    )
    row = tx.run(found.order_by(journal.c.id.desc()).limit(1)).first()
    return dict(_decode(row[0])) if row else {}
