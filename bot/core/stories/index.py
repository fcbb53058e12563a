"""Same story? Which posts tell the same thing.

A story is named by the first post of it. The index keeps a window of posts in memory; it is a cache that can be built
again from the store. Two posts are one story when one repeats the other by the platform's own relation, when they are
versions of one post, or when they say the same words and nothing that differs speaks against it: short words by different
people ("Good luck everyone!") and equal words with different links stay apart.
"""

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from bot.core.model import Post
from bot.core.stories.match import Match
from bot.core.text.normal import normalise

# Below this, equal words by different people are a stock phrase. Measured on labelled real posts: a third of equal texts
# of 36 characters are not the same story, one in six of 60.
_STOCK_PHRASE_CHARS = 60
_REPEAT_CHARS = 20
_PREFIX_CHARS = 32
_CANDIDATES = 16  # a crowd that posts from one template must not make every look-up slow


class _Kept(msgspec.Struct):
    story_id: int
    author: str
    author_handle: str
    links: tuple[str, ...]
    words: str


class StoryIndex:
    """The window of posts that a new one is compared with.

    Not safe for threads: the holder of the curate lease owns it. Cost of one match: a few look-ups, whatever the size.

    Args:
        window: How long a post can be joined.
        max_posts: The most posts kept; the oldest leave first.
    """

    def __init__(self, *, window: timedelta, max_posts: int) -> None:
        self._window = window
        self._max_posts = max_posts
        self._order: deque[tuple[datetime, str, int, _Kept | None, str]] = deque()
        self._by_key: dict[str, int] = {}
        self._versions: dict[str, int] = {}  # only of posts that are kept in more than one version
        self._by_words: dict[str, list[_Kept]] = {}
        self._by_prefix: dict[str, list[_Kept]] = {}
        self._sizes: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._order)

    def match(self, post_id: int, post: Post) -> Match:
        """Find the story of a post, and keep the post for those that come after it."""
        key, words = post.key, normalise(post.text or post.title)
        story_id, reason = self._find(key, post, words) or (post_id, "")
        size = self._sizes.get(story_id, 0)
        seen = words in self._by_words
        chorus = self._by_words[words][0] if seen and story_id == post_id and len(words) < _STOCK_PHRASE_CHARS else None
        self._add(story_id, key, post, words)
        return Match(story_id, reason, size, seen, chorus_of=chorus.story_id if chorus else 0)

    def add(self, story_id: int, post: Post) -> None:
        """Keep a post of a known story, as when the index is built from the store."""
        self._add(story_id, post.key, post, normalise(post.text or post.title))

    def repeats(self, post: Post) -> bool:
        """Whether more than one post of the window says the words of this one."""
        return len(self._by_words.get(normalise(post.text or post.title), ())) > 1

    def size(self, story_id: int) -> int:
        """How many posts of a story are in the window; 0 where none is."""
        return self._sizes.get(story_id, 0)

    def _add(self, story_id: int, key: str, post: Post, words: str) -> None:
        prefix = words[:_PREFIX_CHARS] if len(words) > _PREFIX_CHARS else ""
        if key in self._by_key:
            self._versions[key] = self._versions.get(key, 1) + 1
        else:
            self._by_key[key] = story_id
        kept = None
        if words:
            kept = _Kept(story_id, post.author.id, post.author.handle, post.links, words)
            _keep(self._by_words, words, kept)
            if prefix:
                _keep(self._by_prefix, prefix, kept)
        self._sizes[story_id] = self._sizes.get(story_id, 0) + 1
        self._order.append((post.seen_at, key, story_id, kept, prefix))
        self._forget(post.seen_at)

    def _find(self, key: str, post: Post, words: str) -> tuple[int, str] | None:
        story = self._by_key.get(key)  # first: a repost that came before what it repeats stays where it is
        if story is not None:
            return story, "another version of the same post"
        if post.repost_of:
            story = self._by_key.get(f"{post.platform}:{post.repost_of}")
            if story is not None:
                return story, f"repost of {post.platform}:{post.repost_of}"
        if not words:
            return None
        text = post.text or post.title
        repeats = bool(post.repost_of) or text.startswith("RT @")
        if words in self._by_words:
            for kept in self._by_words[words]:
                reason = _same(post, kept, words, repeats=repeats)
                if reason:
                    return kept.story_id, reason
        if repeats and len(words) > _PREFIX_CHARS and text.rstrip().endswith(("…", "...")):
            for kept in self._by_prefix.get(words[:_PREFIX_CHARS], ()):
                if kept.words.startswith(words):
                    return kept.story_id, "repeats the beginning of the same words"
        return None

    def _forget(self, now: datetime) -> None:
        horizon = now - self._window
        while self._order and (len(self._order) > self._max_posts or self._order[0][0] < horizon):
            _, key, story, kept, prefix = self._order.popleft()
            versions = self._versions.pop(key, 1)
            if versions == 1:
                del self._by_key[key]
            elif versions > 2:
                self._versions[key] = versions - 1
            if kept is not None:
                _drop(self._by_words, kept.words, kept)
                _drop(self._by_prefix, prefix, kept)
            left = self._sizes[story] - 1
            if left:
                self._sizes[story] = left
            else:
                del self._sizes[story]


def _keep(table: dict[str, list[_Kept]], name: str, kept: _Kept) -> None:
    found = table.get(name)
    if found is None:
        table[name] = [kept]
        return
    if len(found) >= _CANDIDATES:
        found.pop(0)
    found.append(kept)


def _drop(table: dict[str, list[_Kept]], name: str, kept: _Kept) -> None:
    found = table.get(name)
    if found and found[0] is kept:
        found.pop(0)
        if not found:
            del table[name]


def _same(post: Post, kept: _Kept, words: str, *, repeats: bool) -> str:
    """Why a post with equal words tells the same story; "" where it does not."""
    if kept.author == post.author.id:
        return "same words by the same author"
    if repeats and len(words) >= _REPEAT_CHARS:
        return "repeats the same words"
    if post.links and kept.links:
        if set(post.links) & set(kept.links):
            return "same words and the same link"
        return ""
    if len(words) >= _STOCK_PHRASE_CHARS:
        return "same words"
    return ""


def build(index: StoryIndex, kept: Sequence[tuple[int, Post]]) -> StoryIndex:
    """Fill an index with posts of known stories, oldest first."""
    for story_id, post in kept:
        index.add(story_id, post)
    return index
