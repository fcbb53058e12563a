"""The story index, kept in step with the store: built after a start, asked for each batch, built again after any doubt."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

import msgspec

from bot.core.desk import Desk
from bot.core.idents import ident
from bot.core.model import Author, Post, Update
from bot.core.people import People
from bot.core.stories.index import Arrived, StoryIndex
from bot.core.stories.match import Match
from bot.core.stories.signature import is_current, sign
from bot.store import feed, pictures, posts, stories
from bot.store.database import Transaction
from bot.store.pictures import Shown
from bot.store.posts import StoredPost

_OWN = "milepost"  # the platform of our own words, which no source can have
_OWN_WORDS = 1_000
_PICTURES = 1_000
_T = TypeVar("_T")


class StoryKeeper:
    """The holder of the story index. Not safe for threads: the holder of the curate lease owns it.

    Args:
        desk: Says how long a story can be joined, and how many posts are kept.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._index: StoryIndex | None = None
        self._people = People()
        self._said = ""
        self._seq = 0
        self._own_words: dict[int, bytes] = {}  # by update: what was heard last

    def forget(self) -> None:
        """Build the index again before it is asked: what it holds may never have been stored."""
        self._index = None

    def ready(self, tx: Transaction, now: datetime, *, people: People, own: Mapping[str, str]) -> None:
        """Bring the index to what the store has, with our own words up to now.

        Args:
            people: The desk's people.
            own: The desk's own accounts by `platform:account id`.
        """
        said = stories.said(tx)
        if said != self._said or people.name != self._people.name:  # people have spoken since
            self._said, self._people, self._index = said, people, None
        if self._index is None:
            self._index = self._built(tx, now)
        self._index.ours = frozenset(ident(*key.split(":", 1)) for key in own)
        self._hear_ourselves(tx, now)
        self._see(tx)

    @property
    def posts(self) -> int:
        """How many posts are in the window; 0 before the index is built."""
        return 0 if self._index is None else len(self._index)

    def size(self, story_id: int) -> int:
        """How many posts of a story are in the window, at least 1."""
        return 1 if self._index is None else self._index.size(story_id)

    def is_repeated(self, stored: StoredPost) -> bool:
        """Whether more than one post of the window says the words of this one."""
        return self._index is not None and self._index.said(_signatures([stored]))[0] > 1

    def match(self, tx: Transaction, batch: Sequence[StoredPost]) -> list[Match]:
        """The story of each post of a batch; those that have one keep it."""
        index = self._index
        if index is None:
            raise RuntimeError("the index is asked before it is ready")
        fresh = [stored for stored in batch if not stored.story_id]
        again = [stored for stored in batch if stored.story_id]
        found = dict(zip([one.id for one in fresh], index.match(self._arrived(tx, fresh)), strict=True))
        heard = index.said(_signatures(again))
        ours = index.ours_among({index.now(stored.story_id) for stored in again}) if again else set()
        for stored, times in zip(again, heard, strict=True):
            story = index.now(stored.story_id)
            found[stored.id] = Match(
                story, "", max(0, index.size(story) - 1), words_seen=times > 1, said_by_us=story in ours
            )
        if any(
            match.merged for match in found.values()
        ):  # a later post of the batch may show where an earlier one belongs
            for number, match in found.items():
                if index.now(match.story_id) != match.story_id:
                    found[number] = msgspec.structs.replace(match, story_id=index.now(match.story_id))
        return [found[stored.id] for stored in batch]

    def _arrived(self, tx: Transaction, batch: Sequence[StoredPost]) -> list[Arrived]:
        pictured = [stored.id for stored in batch if stored.post.media and _cids(stored.post) is not None]
        shown = pictures.of_posts(tx, pictured) if pictured and self._desk.pictures else []
        pictures.known(tx, shown)  # the index hears of them now, and must not hear of them again
        hashes = {one.post_id: one.hashes for one in shown}
        edits = {stored.ident for stored in batch if stored.post.is_edit}
        anew = edits.difference(stories.decided(tx, edits)) if edits else edits
        found = []
        for stored, signature in zip(batch, _signatures(batch), strict=True):
            post = stored.post
            cids = _cids(post) if post.media else None
            original = f"{post.platform}:{post.repost_of}" if post.repost_of else ""
            found.append(
                Arrived(
                    stored.id,
                    stored.author_id,
                    signature,
                    post.seen_at,
                    original,
                    cids is not None,
                    hashes.get(stored.id, ()),
                    cids or (),
                    stored.ident in anew and stored.post.is_edit,
                )
            )
        return found

    def _built(self, tx: Transaction, now: datetime) -> StoryIndex:
        index = StoryIndex(
            window=self._desk.window,
            max_posts=self._desk.max_posts,
            people=self._people.by_author,
            apart=stories.apart_pairs(tx),
            picture_distance=self._desk.picture_distance,
            text_alone_chars=self._desk.text_alone_chars,
        )
        with _without_garbage_search():
            kept = posts.signatures(tx, since=now - self._desk.window, limit=self._desk.max_posts)
            for part in _read_ahead(kept):
                index.load(*part)
            if self._desk.pictures:
                _show(index, pictures.since(tx, now - self._desk.window))
        self._seq = 0
        self._own_words = {}
        return index

    def _see(self, tx: Transaction) -> None:
        """Take in what pictures look like that were examined after their posts were judged."""
        if self._index is None or not self._desk.pictures:
            return
        while found := pictures.fresh(tx, _PICTURES):
            _show(self._index, found)
            pictures.known(tx, found)
            if sum(len(shown.places) for shown in found) < _PICTURES:
                return

    def _hear_ourselves(self, tx: Transaction, now: datetime) -> None:
        """Take in what the desk itself has told since: nothing is told twice there."""
        index = self._index
        newest = feed.seq(tx)
        if index is None or newest == self._seq:
            return
        found = feed.own_words(tx, after=self._seq, since=now - self._desk.window, limit=_OWN_WORDS)
        self._seq = newest
        ours = [one for one in found if one[0].text or one[0].title]
        signatures = sign([_as_post(update) for update, _ in ours])
        for (update, before), signature in zip(ours, signatures, strict=True):
            if self._own_words.get(update.id) == signature:
                continue  # only something else of it has changed
            self._own_words[update.id] = signature
            if before:  # it was heard before
                index.load([-update.id], [before], [0], [signature], update.at)
                continue
            (match,) = index.match([Arrived(-update.id, 0, signature, update.at)])
            story = index.now(match.story_id)
            feed.tells(tx, update.id, story)
            if match.merged:
                stories.join(tx, story, match.merged)


def _read_ahead(parts: Iterator[_T]) -> Iterator[_T]:
    """The same parts, in their order; the next one is read while this one is used."""
    with ThreadPoolExecutor(1, "read ahead") as reader:
        following = reader.submit(next, parts, None)
        while (part := following.result()) is not None:
            following = reader.submit(next, parts, None)
            yield part


@contextmanager
def _without_garbage_search() -> Iterator[None]:
    """A million rows have no cycles among them, and to search them again and again takes a quarter of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _show(index: StoryIndex, found: Sequence[Shown]) -> None:
    index.show([one.post_id for one in found], [one.hashes for one in found], [one.cids for one in found])


def _cids(post: Post) -> tuple[str, ...] | None:
    """The content hashes of a post's pictures, as far as its platform gives them; None where it has no picture."""
    found = [media.cid for media in post.media if media.kind == "image"]
    return tuple(cid for cid in found if cid) if found else None


def _signatures(batch: Sequence[StoredPost]) -> list[bytes]:
    missing = [stored for stored in batch if not is_current(stored.signature)]
    made = (
        dict(
            zip(
                [one.id for one in missing],
                sign([one.post for one in missing], [one.ident for one in missing]),
                strict=True,
            )
        )
        if missing
        else {}
    )
    return [made.get(stored.id) or stored.signature for stored in batch]


def _as_post(update: Update) -> Post:
    """Our own words in the form of what is compared."""
    text = f"{update.title}\n\n{update.text}" if update.title else update.text
    links = tuple(entity.target for entity in update.entities if entity.kind == "link")
    return Post(_OWN, f"{update.slug}", _OWN, Author(_OWN), update.at, update.at, text, links=links)
