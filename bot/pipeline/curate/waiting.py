"""Posts that wait for their pictures: what passed the rules is judged when it is known what its pictures look like.

A post waits at most `PATIENCE`, by machine time, whatever becomes of its pictures. Nothing is written of it but which pictures
are owed, so it stays unjudged. Not all wait: what officials say is told at once, an edit follows its post at once; their pictures
are examined afterwards, so that copies by others are found.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.core.desk import Desk
from bot.core.model import Media, Post, Verdict
from bot.store import authors, pictures, posts, tombstones
from bot.store.authors import AuthorHistory
from bot.store.database import Transaction
from bot.store.pictures import Picture
from bot.store.posts import Arrival, StoredPost

PATIENCE = timedelta(seconds=10)
_MOST = 4  # pictures of one post
_NOBODY = AuthorHistory()


def nobody_waits(desk: Desk) -> "Waiting":
    """For a curator without sources: no picture is ever looked at."""
    return Waiting(replace(desk, pictures=False), lambda *_: False, lambda: datetime.min.replace(tzinfo=UTC))


class Waiting:
    """Knows which posts have to wait. Only whoever holds the curate lease may use it.

    Args:
        shows: Whether a source, by its name, could fetch a picture; cheap.
        machine_now: Machine time.
    """

    def __init__(self, desk: Desk, shows: Callable[[str, Media], bool], machine_now: Callable[[], datetime]) -> None:
        self._desk = desk
        self._shows = shows
        self._machine_now = machine_now
        self.until: datetime | None = None  # when the first of those that wait is judged at the latest; machine time

    def ids(self, tx: Transaction) -> list[int]:
        """The posts that wait now, ascending; none where pictures are not looked at."""
        waiting = pictures.waited_for(tx, self._machine_now()) if self._desk.pictures else {}
        self.until = min(waiting.values(), default=None)
        return sorted(waiting)

    def put_off(
        self, tx: Transaction, batch: Sequence[StoredPost], rules: Callable[[Post, AuthorHistory], Verdict]
    ) -> Sequence[StoredPost]:
        """Note the pictures that are to be examined, and leave out the posts that wait for them.

        Args:
            batch: Posts that are to be judged.
            rules: What rules say of a post that nobody has said before.

        Returns:
            The posts that are judged now, in their order; most often the batch itself.
        """
        if not self._desk.pictures:
            return batch
        pictured = {
            stored.id: stored
            for stored in batch
            if stored.post.media and stored.arrival is not Arrival.BASELINE and self._shown(stored.post)
        }
        for post_id in pictures.noted(tx, pictured):
            del pictured[post_id]
        passed = self._passed(tx, pictured, rules) if pictured else []
        if not passed:
            return batch
        now = self._machine_now()
        waits = {stored.id for stored in passed if self._waits(stored)}
        if waits and self.until is None:
            self.until = now + PATIENCE
        pictures.owe(
            tx,
            [
                Picture(
                    stored.id,
                    place,
                    stored.post.source,
                    media,
                    stored.post.seen_at,
                    now + PATIENCE if stored.id in waits else now,
                )
                for stored in passed
                for place, media in enumerate(self._shown(stored.post))
            ],
        )
        return [stored for stored in batch if stored.id not in waits]

    def newest(self, tx: Transaction, batch: Sequence[StoredPost]) -> dict[int, int]:
        """Of posts that may have waited: the newest version, ident -> id. An edit does not wait, and may be judged by now."""
        if not self._desk.pictures:
            return {}
        waited = [stored.ident for stored in batch if stored.post.media and self._waits(stored)]
        return posts.newest_versions(tx, waited) if waited else {}

    def _shown(self, post: Post) -> list[Media]:
        found = [media for media in post.media if media.kind == "image" and self._shows(post.source, media)]
        return found[:_MOST]

    def _waits(self, stored: StoredPost) -> bool:
        return not stored.verdict and not stored.post.is_edit and self._desk.official(stored.post) is None

    def _passed(
        self, tx: Transaction, pictured: dict[int, StoredPost], rules: Callable[[Post, AuthorHistory], Verdict]
    ) -> list[StoredPost]:
        histories = authors.histories(tx, (stored.author_id for stored in pictured.values()))
        stones = tombstones.among_posts(tx, [stored.ident for stored in pictured.values()])
        passed = []
        for stored in pictured.values():
            history = histories.get(stored.author_id, _NOBODY)
            if stored.ident in stones or history.is_gone:
                continue
            if rules(stored.post, history) is not Verdict.DROP:
                passed.append(stored)
        return passed
