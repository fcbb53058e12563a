"""What waits for a person, as they decide on it: one entry for a story, and one for the same few words of many people."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.desk import Desk
from bot.core.model import NEEDS_CONSENT, Verdict
from bot.core.reports import QueueItem
from bot.core.stories.choruses import phrase
from bot.core.stories.leading import Candidate, in_order
from bot.store import consents, journal, posts, waiting
from bot.store.database import Database, Transaction
from bot.store.posts import StoredPost, is_approved

_PAGE = 500


def queue(database: Database, desk: Desk, *, limit: int, now: datetime) -> list[QueueItem]:
    """Stories that a person can decide on, one entry for each, shown by its best copy.

    Posts that say the same few words and are held by the same rule are one entry, too.

    Returns:
        Held ones first, the highest score first, then the oldest; then those that wait for their time, the soonest first.
    """
    entries = _Entries(desk, limit, now)
    looked, last = 0, None
    with database.read() as tx:
        while not entries.is_full or (entries.has_phrases and looked < waiting.LOOKED):
            batch = posts.held(tx, _PAGE, after=last)
            if not batch:
                break
            looked, last = looked + len(batch), batch[-1]
            entries.add(tx, batch)
        if not entries.is_full:
            entries.add(tx, posts.embargoed(tx, limit - len(entries.items)))
        entries.lead(tx)
        entries.ask(tx)
    return list(entries.items.values())


class _Entries:
    """The entries of the queue by story, in their order."""

    def __init__(self, desk: Desk, limit: int, now: datetime) -> None:
        self._desk = desk
        self._limit = limit
        self._now = now
        self.items: dict[int, QueueItem] = {}
        self._phrases: dict[tuple[str, str], int] = {}  # words and the rule that holds them -> story of the entry
        self._voices: set[int] = set()  # stories that are part of another entry

    @property
    def is_full(self) -> bool:
        return len(self.items) >= self._limit

    @property
    def has_phrases(self) -> bool:
        return bool(self._phrases)

    def add(self, tx: Transaction, batch: Sequence[StoredPost]) -> None:
        """Take in posts in the order of the queue."""
        lines = journal.judged(tx, [stored.judgement_id for stored in batch])
        for stored in batch:
            story = stored.story_id or stored.id
            words = (
                phrase(stored.post, self._desk.text_alone_chars)
                if stored.verdict is Verdict.HOLD and not self._embargo(stored)
                else ""
            )
            rule = lines.get(stored.judgement_id, ("", ""))[1]
            if story in self.items:
                self.items[story] = replace(self.items[story], others=self.items[story].others + 1)
            elif story in self._voices:
                continue
            elif words and (first := self._phrases.get((words, rule))):
                self.items[first] = replace(self.items[first], said=self.items[first].said + 1)
                self._voices.add(story)
            elif not self.is_full:
                self.items[story] = self._item(stored, lines.get(stored.judgement_id))
                if words:
                    self._phrases[words, rule] = story

    def lead(self, tx: Transaction) -> None:
        """Show each story by the copy that would lead."""
        several = [story for story, item in self.items.items() if item.others]
        copies: dict[int, list[StoredPost]] = {}
        for stored in waiting.of_stories(tx, several) if several else ():
            if stored.verdict is Verdict.HOLD and not self._embargo(stored):
                copies.setdefault(stored.story_id, []).append(stored)
        for story, found in copies.items():
            best = in_order([Candidate(stored.id, stored.post) for stored in found], self._desk)[0]
            if best.post_id != self.items[story].id:
                stored = next(stored for stored in found if stored.id == best.post_id)
                line = journal.judged(tx, [stored.judgement_id]).get(stored.judgement_id)
                shown = self.items[story]
                self.items[story] = replace(
                    self._item(stored, line), others=shown.others, said=shown.said, score=shown.score
                )

    def ask(self, tx: Transaction) -> None:
        """Say of which nobody has agreed yet that they are shown."""
        sent = [item.id for item in self.items.values() if NEEDS_CONSENT in item.post.labels]
        answers = consents.answers(tx, posts.by_id(tx, sent)) if sent else {}
        for story, item in self.items.items():
            if item.id in sent and not (item.id in answers and answers[item.id].page):
                self.items[story] = replace(item, is_unasked=True)

    def _item(self, stored: StoredPost, line: tuple[str, str, str, str] | None) -> QueueItem:
        why, rule, strand, by = line or ("", "", "", "")
        return QueueItem(
            stored.id,
            stored.post,
            why,
            rule,
            stored.story_id or stored.id,
            strand=strand or self._desk.source_strands.get(stored.post.source, ""),
            score=stored.score,
            until=self._embargo(stored),
            approved_by=by if is_approved(stored) else "",
            rights=self._desk.rights(stored.post).said,
        )

    def _embargo(self, stored: StoredPost) -> datetime | None:
        """When the post's embargo ends; None where there is none any more."""
        return stored.again_at if stored.again_at is not None and stored.again_at > self._now else None
