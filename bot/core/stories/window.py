"""The posts of the window, as columns: a ring in which the newest push out the oldest."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from bot.core.stories.signature import HEAD, HEAD_BYTES, Numbers

_UNSORTED = 4_096


class Window:
    """What is known of the last posts, by row. A row is `number % capacity` of the post's place in the order of arrival.

    Args:
        span: How long a post stays.
        capacity: The most posts that stay.

    Attributes:
        head: (capacity,) of `signature.HEAD`.
        post: (capacity,) of i8: post ids.
        story: (capacity,) of i8: the story as it was found; `StoryIndex` knows what became of it.
        author: (capacity,) of i8: who wrote it, by the store's author id.
        person: (capacity,) of i8: key of the person that the desk names, 0 for none.
        chorus: (capacity,) of i8: the first post that said the same few words, 0 for none.
        texts: Packed words by row.
    """

    def __init__(self, *, span: timedelta, capacity: int) -> None:
        self._span = span
        self.capacity = capacity
        # Zeros take no memory before they are written over.
        self.head: Numbers = np.zeros(capacity, HEAD)
        self.post, self.story, self.author, self.person, self.chorus = (np.zeros(capacity, np.int64) for _ in range(5))
        self._number = np.full(capacity, -1, np.int64)
        self.texts = [b""] * capacity
        self.first = 0  # the oldest that still counts
        self.end = 0  # the next to come
        self._marks: deque[tuple[datetime, int]] = deque()
        self._sorted = np.zeros((2, 0), np.int64)  # post ids, ascending, and the number of each
        self._sorted_end = 0  # the first that is not among them

    def __len__(self) -> int:
        return self.end - self.first

    def alive(self, rows: Numbers) -> Numbers:
        """Which of these rows hold posts that still count."""
        return self._number[rows] >= self.first

    def numbers(self, rows: Numbers) -> Numbers:
        """The places of the posts of these rows in the order of arrival; those below `first` do not count any more."""
        return self._number.take(rows)

    def numbers_of(self, posts: Sequence[int]) -> list[int]:
        """The places of posts in the order of arrival, by their ids; -1 for each that does not count any more, or never came.

        All are sorted once; what came since is looked through until it is more than a sixteenth of the window.
        """
        start = max(self.first, self._sorted_end)
        if self.end - start > max(_UNSORTED, len(self) // 16):
            numbers = np.arange(self.first, self.end)
            ids = self.post[numbers % self.capacity]
            order = np.argsort(ids, kind="stable")
            self._sorted, self._sorted_end = np.stack((ids[order], numbers[order])), self.end
            start = self.end
        ids, numbers = self._sorted
        places = np.searchsorted(ids, posts, side="right") - 1
        found = numbers[places] if len(numbers) else np.full(len(posts), -1)
        found[(places < 0) | (found < self.first)] = -1
        if len(ids):
            found[ids[places] != posts] = -1
        late = self.post[np.arange(start, self.end) % self.capacity]
        for place, post in enumerate(posts) if len(late) else ():
            newer = np.flatnonzero(late == post)
            if len(newer):
                found[place] = start + int(newer[-1])
        return [int(number) for number in found]

    def room(self, count: int) -> tuple[Numbers, list[int]]:
        """Rows for new posts, at most `capacity` of them, and the stories of those that they push out."""
        numbers = np.arange(self.end, self.end + count)
        rows = numbers % self.capacity
        self.end += count
        left = self._leave(max(self.first, self.end - self.capacity))
        self._number[rows] = numbers
        return rows, left

    def put(
        self, rows: Numbers, head: Numbers, post: Numbers, author: Numbers, person: Numbers, signatures: Sequence[bytes]
    ) -> None:
        """Fill rows; each post is its own story until it is said otherwise."""
        texts = [signature[HEAD_BYTES:] for signature in signatures]
        # Rows follow one another, but at the end of the ring: slices are many times faster than lists of rows.
        before_end = min(len(rows), self.capacity - int(rows[0])) if len(rows) else 0
        for part in (slice(0, before_end), slice(before_end, len(rows))):
            if part.start == part.stop:
                continue
            row = int(rows[part.start])
            into = slice(row, row + part.stop - part.start)
            self.head[into] = head[part]
            self.post[into] = post[part]
            self.story[into] = post[part]
            self.author[into] = author[part]
            self.person[into] = person[part]
            self.chorus[into] = 0
            self.texts[into] = texts[part]

    def forget(self, now: datetime) -> list[int]:
        """Let go what is older than the span, at `now`, which is also the time of what came last; gives their stories."""
        if not self._marks or self._marks[-1][1] != self.end:
            self._marks.append((now, self.end))
        horizon = now - self._span
        first = self.first
        while self._marks and self._marks[0][0] < horizon:
            first = self._marks.popleft()[1]
        return self._leave(first)

    def _leave(self, first: int) -> list[int]:
        if first <= self.first:
            return []
        rows = np.arange(self.first, first) % self.capacity
        self.first = first
        return [int(story) for story in self.story[rows]]
