"""Held posts as a person decides on them: with the copies of their story, and with others that say the same few words."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bot.core.model import Verdict
from bot.core.stories.choruses import phrase
from bot.store import authors, journal, posts, tombstones
from bot.store.database import Transaction
from bot.store.posts import Decision, StoredPost

LOOKED = 5_000  # held posts among which the same words are looked for: what lies further back joins with the next look
_PAGE = 500
_EFFECTS = ("strand", "tags", "redact", "accounts")  # of a judgement's details: what becomes of the update


def of_stories(tx: Transaction, story_ids: Collection[int]) -> list[StoredPost]:
    """The undecided posts of these stories, in the order of arrival."""
    undecided = (Verdict.HOLD, Verdict.WAIT)
    return [stored for stored in posts.of_stories(tx, story_ids) if stored.verdict in undecided]


def saying(tx: Transaction, words: str) -> list[StoredPost]:
    """Held posts that say nothing but these few words, the highest score first; looks at the first 5,000.

    Args:
        words: As `phrase` gives them; "" finds none.
    """
    found: list[StoredPost] = []
    looked, last = 0, None
    while words and looked < LOOKED:
        batch = posts.held(tx, _PAGE, after=last)
        if not batch:
            break
        looked, last = looked + len(batch), batch[-1]
        found.extend(stored for stored in batch if phrase(stored.post, len(words) + 1) == words)
    return found


def still_there(tx: Transaction, found: Collection[StoredPost]) -> list[StoredPost]:
    """Those that nobody took down at their source, also where that is not carried out yet."""
    stones = tombstones.among_posts(tx, [stored.ident for stored in found]) if found else {}
    histories = authors.histories(tx, [stored.author_id for stored in found]) if found else {}
    gone = {number for number, history in histories.items() if history.is_gone}
    return [stored for stored in found if stored.ident not in stones and stored.author_id not in gone]


def is_embargoed(stored: StoredPost, now: datetime) -> bool:
    """Whether a post's time has not come yet."""
    return stored.again_at is not None and stored.again_at > now


def effects(details: Mapping[str, object]) -> dict[str, object] | None:
    """What of a judgement's details says what becomes of the update."""
    return {name: details[name] for name in _EFFECTS if name in details} or None


def voices(tx: Transaction, lead: StoredPost, now: datetime, text_alone_chars: int) -> list[StoredPost]:
    """Other people's held posts that are one entry of the queue with this one: the same few words, held by the same rule.

    Returns:
        One of each story, in the order of the queue.
    """
    found = [
        stored
        for stored in still_there(tx, saying(tx, phrase(lead.post, text_alone_chars)))
        if stored.story_id != lead.story_id and not is_embargoed(stored, now)
    ]
    lines = journal.judged(tx, [stored.judgement_id for stored in (*found, lead)])
    rule = lines.get(lead.judgement_id, ("", ""))[1]
    alike = [stored for stored in found if lines.get(stored.judgement_id, ("", ""))[1] == rule]
    return list({stored.story_id: stored for stored in reversed(alike)}.values())[::-1]


def decide_voices(
    tx: Transaction,
    lead: StoredPost,
    voices: Sequence[StoredPost],
    verdict: Verdict,
    now: datetime,
    by: str,
    why: str,
) -> None:
    """Decide on them as on the one that leads; of what waits of their own stories the copies are settled with them."""
    ids = {stored.id for stored in voices}
    further = of_stories(tx, {stored.story_id for stored in voices}) if voices else []
    lines: list[journal.Line] = []
    decided: list[tuple[StoredPost, Verdict]] = []
    for stored in (*voices, *(copy for copy in further if copy.id not in ids and copy.story_id != lead.story_id)):
        is_copy = stored.id not in ids
        given = Verdict.DROP if is_copy else verdict
        told = verdict is Verdict.PUBLISH
        details: dict[str, object] | None = {"with": lead.id} if is_copy and told else None
        if told and not is_copy:
            details = effects(journal.details(tx, stored.judgement_id) or {})
        lines.append(
            journal.Line(
                now,
                "judged",
                by,
                why,
                post_id=stored.id,
                story_id=stored.story_id,
                verdict=given.value,
                details=details,
            )
        )
        decided.append((stored, given))
    numbers = journal.write(tx, lines)
    posts.decide(
        tx,
        [
            Decision(stored.id, stored.story_id, given, line, None)
            for (stored, given), line in zip(decided, numbers, strict=True)
        ],
    )


def settle(tx: Transaction, stored: StoredPost, now: datetime, by: str, why: str, *, told: bool = True) -> int:
    """Drop what waits of the same story; gives how many that were.

    Args:
        told: With a copy that is told, which is kept: it is no rejection.
    """
    others = [found for found in of_stories(tx, [stored.story_id]) if found.id != stored.id]
    details = {"with": stored.id} if told else {"with": stored.id, "rejected": True}
    lines = journal.write(
        tx,
        [
            journal.Line(
                now,
                "judged",
                by,
                why,
                post_id=found.id,
                story_id=found.story_id,
                verdict=Verdict.DROP.value,
                details=details,
            )
            for found in others
        ],
    )
    posts.decide(
        tx,
        [
            Decision(found.id, found.story_id, Verdict.DROP, line, None)
            for found, line in zip(others, lines, strict=True)
        ],
    )
    return len(others)
