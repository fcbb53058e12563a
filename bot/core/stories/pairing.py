"""Which posts may tell the same: by the keys that they have in common, a batch at a time.

A key is equal words, three words in a row, an author, a person, a link, a post, a picture. Everything here is only a
finder: what is missed is not joined, what is found is looked at.
"""

import numpy as np

from bot.core.stories.keytable import mixed, ranks
from bot.core.stories.signature import Numbers

_WEIGHED = 24  # those that have most keys in common with a post are weighed
CANDIDATES = 16  # a crowd that posts from one template must not make every look-up slow
_NEIGHBOURS = 3  # in a large batch ...
_PAIRS = 4_096  # ... and as many as come one by one, up to so many pairs for each key in a small one
WORDS, SHINGLE, AUTHOR, PERSON, LINK, POST, PICTURE = range(7)
PICTURED = 1024  # a weight of its own: whether a pair has a picture in common can be seen from the sum
_HEAVIEST = 2047
_WEIGHTS = np.array([64, 2, 1, 1, 3, 128, PICTURED])  # how much a key in common says, by its kind


def keys_of(
    head: Numbers, author: Numbers, person: Numbers, *, without_shingles: Numbers | None = None
) -> tuple[Numbers, Numbers, Numbers]:
    """All keys of posts, flat, the place of the post that each belongs to, and of what kind each is."""
    shingles = head["shingles"]
    if without_shingles is not None and without_shingles.any():
        shingles = np.where(without_shingles[:, None], np.uint32(0), shingles)
    columns = [
        (head["words"][:, None], WORDS),
        (shingles, SHINGLE),
        (author[:, None], AUTHOR),
        (person[:, None], PERSON),
        (head["owners"], PERSON),
        (head["links"], LINK),
        (head["permalink"][:, None], LINK),
        (head["post"][:, None], POST),
        (head["repeats"][:, None], POST),
    ]
    keys, owners, kinds = [], [], []
    for column, kind in columns:
        place, which = np.nonzero(column)
        keys.append(mixed(column[place, which], kind))
        owners.append(place)
        kinds.append(np.full(len(place), kind, np.int64))
    return np.concatenate(keys), np.concatenate(owners), np.concatenate(kinds)


def says_the_same(one: Numbers, other: Numbers) -> Numbers:
    """Of which posts all that can be said of a pair is said of the one before, too: the same words, flags and link, made later."""
    same: Numbers = (
        (one["words"] == other["words"])
        & (one["flags"] == other["flags"])
        & (one["links"][:, 0] == other["links"][:, 0])
        & (one["made"] <= other["made"])
    )
    return same


def repeated(head: Numbers) -> Numbers:
    """Which posts say the words of one before them in the same batch."""
    repeated = np.ones(len(head), bool)
    repeated[np.unique(head["words"], return_index=True)[1]] = False
    return repeated


def within(keys: Numbers, owner: Numbers, fresh: Numbers) -> tuple[Numbers, Numbers]:
    """Keys that two posts of one batch have in common, each with the few before it and with the first, as places in `keys`."""
    kept = np.flatnonzero(fresh[owner])
    order = kept[np.lexsort((owner[kept], keys[kept]))]
    keys = keys[order]
    later, earlier = [], []
    neighbours = min(CANDIDATES, max(_NEIGHBOURS, _PAIRS // len(fresh)))
    for distance in range(1, neighbours + 1):
        same = np.flatnonzero(keys[distance:] == keys[:-distance])
        later.append(order[same + distance])
        earlier.append(order[same])
    first = np.searchsorted(keys, keys)
    far = np.flatnonzero(np.arange(len(keys)) - first > neighbours)
    later.append(order[far])
    earlier.append(order[first[far]])
    ones, others = np.concatenate(later), np.concatenate(earlier)
    apart = owner[ones] != owner[others]
    return ones[apart], others[apart]


def best(place: Numbers, row: Numbers, kind: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Each pair once, with all that speaks for it, and of each post only those for which most speaks, these first.

    Everything is packed into one number for each pair: numpy sorts plain numbers many times faster than by an order.
    """
    if not len(place):
        return place, row, kind
    hits = np.sort((place << np.int64(35)) | (row << np.int64(3)) | kind)
    both = hits >> np.int64(3)
    starts = np.flatnonzero(np.append(True, both[1:] != both[:-1]))
    weight = np.minimum(np.add.reduceat(_WEIGHTS[hits & np.int64(7)], starts), _HEAVIEST)
    both = both[starts]
    place, row = both >> np.int64(32), both & np.int64(0xFFFFFFFF)
    pairs = np.sort((place << np.int64(43)) | ((_HEAVIEST - weight) << np.int64(32)) | row)
    place = pairs >> np.int64(43)
    pairs = pairs[ranks(place) < _WEIGHED]
    weight = _HEAVIEST - ((pairs >> np.int64(32)) & np.int64(_HEAVIEST))
    return pairs >> np.int64(43), pairs & np.int64(0xFFFFFFFF), weight
