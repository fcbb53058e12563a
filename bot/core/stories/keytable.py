"""Which posts of the window carry a key: a fixed piece of memory, a batch of keys at once.

The keys that fall into one bucket share its places, and the newest push out the oldest: a crowd that posts from one template
costs no more than anybody, and memory never grows. So an answer may miss a post and may name one that does not carry the key;
whoever asks looks at the posts themselves.
"""

import numpy as np

from bot.core.stories.signature import Numbers

WAYS = 16
_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_LOWER = np.uint64(0xFFFFFFFF)


class KeyTable:
    """Rows by key, the newest few of each.

    Args:
        keys: How many keys the window is expected to hold. Memory: 24 bytes for each.
    """

    def __init__(self, keys: int) -> None:
        buckets = max(64, keys * 3 // WAYS)
        self._buckets = np.uint64(buckets)
        self._tags = np.zeros((buckets, WAYS), np.uint32)
        self._rows = np.zeros((buckets, WAYS), np.uint32)
        self._next = np.zeros(buckets, np.uint8)

    def find(self, keys: Numbers) -> tuple[Numbers, Numbers]:
        """Rows that carry these keys.

        Args:
            keys: (n,) u8, mixed (see `mixed`).

        Returns:
            Places in `keys`, and a row for each; in no order, a row more than once where it carries several of the keys.
        """
        if not len(keys):
            return np.zeros(0, np.int64), np.zeros(0, np.uint32)
        buckets, tags = self._split(keys)
        hits = self._tags.take(buckets, axis=0) == tags[:, None]
        places, ways = np.nonzero(hits)
        return places, self._rows.take(buckets.take(places) * WAYS + ways)

    def add(self, keys: Numbers, rows: Numbers) -> None:
        """Keep rows under keys, in the order given: the later ones stay longer.

        Args:
            keys: (n,) u8, mixed.
            rows: (n,) u4.
        """
        if not len(keys):
            return
        buckets, tags = self._split(keys)
        packed = np.sort((buckets << np.int64(32)) | np.arange(len(buckets)))  # numbers are sorted faster than an order
        order = packed & np.int64(0xFFFFFFFF)
        buckets, tags, rows = packed >> np.int64(32), tags.take(order), rows.take(order)
        place = ranks(buckets)
        ways = (self._next[buckets].astype(np.int64) + place) % WAYS
        into = buckets * WAYS + ways  # a flat place is written several times faster than one by row and column
        self._tags.reshape(-1)[into] = tags  # of equal places the last one counts, as it should
        self._rows.reshape(-1)[into] = rows
        ends = np.flatnonzero(np.append(buckets[1:] != buckets[:-1], True))
        self._next[buckets.take(ends)] = (ways.take(ends) + 1) % WAYS

    def _split(self, keys: Numbers) -> tuple[Numbers, Numbers]:
        buckets = ((keys & _LOWER) * self._buckets >> _HALF).astype(np.int64)
        return buckets, (keys >> _HALF).astype(np.uint32) | np.uint32(1)


def mixed(numbers: Numbers, kind: int) -> Numbers:
    """Keys of a kind: equal numbers of two kinds have nothing to do with each other."""
    keys = (numbers.astype(np.uint64) ^ np.uint64(kind << 56)) * _MIX
    keys = keys ^ (keys >> np.uint64(29))
    keys = keys * np.uint64(0xBF58476D1CE4E5B9)
    return keys ^ (keys >> _HALF)


def ranks(numbers: Numbers) -> Numbers:
    """The how manieth of its kind each of these sorted numbers is, from 0."""
    starts = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))
    return np.arange(len(numbers)) - np.repeat(starts, np.diff(np.append(starts, len(numbers))))
