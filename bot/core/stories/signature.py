"""What is kept beside a post so that it can be compared again: packed, a batch at a time.

A signature is a fixed head (numbers that find candidates) and the packed words (what a candidate is compared by). It says
nothing of the story, so it is made once, when the post is taken, and never written again.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_64_intdigest

from bot.core.idents import ident
from bot.core.model import Post
from bot.core.people import verified_keys
from bot.core.stories.links import link_keys, permalink_key
from bot.core.stories.words import pack, read

VERSION = 2
REPEAT = 1
SHINGLES = 10
LINKS = 4
OPENING = 8
"""Words at the beginning that two copies have mostly in common, wherever they are cut."""

# Little-endian, whatever machine wrote it. 0 stands for "none" everywhere.
HEAD = np.dtype(
    [
        ("version", "u1"),
        ("flags", "u1"),  # REPEAT: it begins with "RT @name"
        ("chars", "<u2"),  # of the normalised words, at most 65,535
        ("made", "<u4"),  # created_at, seconds since 1970
        ("words", "<u8"),  # hash of the normalised words
        ("bag", "<u8", (2,)),  # one of 128 bits for each word: how much two texts have in common, at a glance
        ("numbers", "<u8"),  # one of 64 bits for each word with a digit
        ("opening", "<u8"),  # the same of the first words, one of 64 bits for each
        ("shingles", "<u4", (SHINGLES,)),  # the least hashes of three words in a row
        # Names are whole: whoever makes posts could find two whose halves are equal, and be taken for somebody else.
        ("links", "<u8", (LINKS,)),
        ("permalink", "<u8"),
        ("post", "<u8"),  # what it is (all versions) ...
        ("repeats", "<u8"),  # ... what it only repeats ...
        ("answers", "<u8"),  # ... and what it quotes or replies to
        ("owners", "<u8", (2,)),  # addresses that are proven to be the author's
    ],
)
HEAD_BYTES = HEAD.itemsize

Numbers = npt.NDArray[Any]

_BASE = 0x9E3779B97F4A7C15 | 1
_INVERSE = pow(_BASE, -1, 1 << 64)
_HALF = 0xFFFFFFFF
_WHOLE = 0xFFFFFFFFFFFFFFFF


def sign(posts: Sequence[Post], idents: Sequence[int] = ()) -> list[bytes]:
    """The signatures of these posts, in their order. Total: any text has one.

    Args:
        posts: May be empty.
        idents: Their short names, where they are known by others than their own; empty for their own.
    """
    if not posts:
        return []
    words = [read(post.text or post.title) for post in posts]
    texts = [found.text for found in words]
    head = np.zeros(len(posts), HEAD)
    head["version"] = VERSION
    head["shingles"], head["bag"], head["opening"], head["numbers"] = fingerprints(texts)
    head["words"] = [xxh3_64_intdigest(text.encode("utf-8", "surrogatepass")) if text else 0 for text in texts]
    head["flags"] = [REPEAT if found.repeat else 0 for found in words]
    head["chars"] = [min(len(text), 0xFFFF) for text in texts]
    head["made"] = [max(0, min(int(post.created_at.timestamp()), _HALF)) for post in posts]
    head["post"] = (
        [(key & _WHOLE) or 1 for key in idents] if idents else [_name(post.platform, post.native_id) for post in posts]
    )
    for number, post in enumerate(posts):
        if post.repost_of:
            head["repeats"][number] = _name(post.platform, post.repost_of)
        if post.quote_of or post.reply_to:
            head["answers"][number] = _name(post.platform, post.quote_of or post.reply_to)
        if post.links:
            keys = [key & _WHOLE for key in link_keys(post)[:LINKS]]
            head["links"][number, : len(keys)] = keys
        if post.platform == "feeds" and post.url:
            head["permalink"][number] = permalink_key(post) & _WHOLE
        if post.author.verified:
            keys = [key & _WHOLE for key in verified_keys(post.author, post.platform)[:2]]
            head["owners"][number, : len(keys)] = keys
    whole = head.tobytes()
    starts = range(0, len(whole), HEAD_BYTES)
    return [whole[start : start + HEAD_BYTES] + pack(found) for start, found in zip(starts, words, strict=True)]


def _name(platform: str, native_id: str) -> int:
    """A post's short name without a sign, as a signature holds it; never 0."""
    return (ident(platform, native_id) & _WHOLE) or 1


def heads(signatures: Sequence[bytes]) -> Numbers:
    """The heads of many signatures as one array of `HEAD`; it is a copy."""
    return np.frombuffer(b"".join([one[:HEAD_BYTES] for one in signatures]), HEAD).copy()


def is_current(signature: bytes | None) -> bool:
    """Whether this program can read a signature; else it is made anew from the post."""
    return signature is not None and len(signature) > HEAD_BYTES and signature[0] == VERSION


def fingerprints(texts: Sequence[str]) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """The least shingle hashes of normalised texts, and the bits of their words, first words and numbers.

    A shingle is three words in a row, hashed over the signs from the first of the first to the last of the last; a text of
    fewer words is one. Letters of scripts that do not part words (kana, Han, Thai, …) count as words.

    Returns:
        `(len(texts), SHINGLES)` of u4, ascending, 0 where there are fewer; `(len(texts), 2)`, `(len(texts),)` and `(len(texts),)` of u8.
    """
    count = len(texts)
    least = np.zeros((count, SHINGLES), np.uint32)
    bags, openings, figures = np.zeros((count, 2), np.uint64), np.zeros(count, np.uint64), np.zeros(count, np.uint64)
    signs = np.frombuffer("\n".join((*texts, "")).encode("utf-32-le", "surrogatepass"), np.uint32)
    powers, inverses = _powers(1 << (len(signs) + 1).bit_length())
    sums = np.zeros(len(signs) + 1, np.uint64)
    np.cumsum((signs + np.uint64(1)) * powers[: len(signs)], out=sums[1:])

    gap = (signs == 32) | (signs == 10)
    alone = _without_gaps(signs)
    before = np.empty_like(gap)
    before[0], before[1:] = True, gap[:-1] | alone[:-1]
    starts = np.flatnonzero(~gap & (before | alone))
    if not len(starts):
        return least, bags, openings, figures
    after = np.empty_like(gap)
    after[-1], after[:-1] = True, gap[1:] | alone[1:]
    ends = np.flatnonzero(~gap & (after | alone)) + 1
    owner = np.searchsorted(np.flatnonzero(signs == 10), starts)

    single = _mixed((sums[ends] - sums[starts]) * inverses[starts])
    first = np.arange(len(starts))
    begins = np.empty(len(starts), bool)
    begins[0], begins[1:] = True, owner[1:] != owner[:-1]
    heads_at = np.flatnonzero(begins)
    bit = np.uint64(1) << (single & np.uint64(63))
    upper = (single & np.uint64(64)) != 0
    whose = owner[heads_at]
    bags[whose, 0] = np.bitwise_or.reduceat(np.where(upper, np.uint64(0), bit), heads_at)
    bags[whose, 1] = np.bitwise_or.reduceat(np.where(upper, bit, np.uint64(0)), heads_at)
    early = first - np.repeat(heads_at, np.diff(np.append(heads_at, len(starts)))) < OPENING
    digits = np.concatenate(([0], np.cumsum(_are_digits(signs))))
    number = digits[ends] > digits[starts]
    figures[whose] = np.bitwise_or.reduceat(np.where(number, bit, np.uint64(0)), heads_at)
    openings[whose] = np.bitwise_or.reduceat(np.where(early, bit, np.uint64(0)), heads_at)

    last = np.minimum(first + 2, len(starts) - 1)
    whole = owner[last] == owner
    # Of a text with fewer than three words: from its first to its last.
    finals = np.searchsorted(owner, owner, side="right") - 1
    short = begins & ~((finals - first) >= 2)
    last = np.where(short, finals, last)
    kept = (whole & ((last - first) == 2)) | short
    starts, last, owner = starts[kept], last[kept], owner[kept]
    hashes = _mixed((sums[ends[last]] - sums[starts]) * inverses[starts]) >> np.uint64(32)

    order = np.sort((owner.astype(np.uint64) << np.uint64(32)) | np.maximum(hashes, np.uint64(1)))
    order = order[np.concatenate(([True], order[1:] != order[:-1]))]
    owner = (order >> np.uint64(32)).astype(np.int64)
    place = np.arange(len(owner)) - np.searchsorted(owner, owner)
    few = place < SHINGLES
    least[owner[few], place[few]] = (order[few] & np.uint64(_HALF)).astype(np.uint32)
    return least, bags, openings, figures


def word_hashes(texts: Sequence[str]) -> list[int]:
    """A 32-bit hash of each word that stands in these texts, once for each text."""
    return [
        xxh3_64_intdigest(word.encode("utf-8", "surrogatepass")) & _HALF for text in texts for word in {*text.split()}
    ]


def _mixed(numbers: Numbers) -> Numbers:
    """The finishing steps of MurmurHash3: every bit counts in every bit."""
    numbers = numbers ^ (numbers >> np.uint64(33))
    numbers = numbers * np.uint64(0xFF51AFD7ED558CCD)
    numbers = numbers ^ (numbers >> np.uint64(33))
    numbers = numbers * np.uint64(0xC4CEB9FE1A85EC53)
    mixed: Numbers = numbers ^ (numbers >> np.uint64(33))
    return mixed


def _are_digits(signs: Numbers) -> Numbers:
    """Which code points are digits, by the blocks that hold them in scripts of today (normalising made the wide ones plain)."""
    digits = (signs >= 48) & (signs <= 57)
    if len(signs) and signs.max() > 0x660:
        for zero in (0x660, 0x6F0, 0x966, 0x9E6, 0xE50):
            digits |= (signs >= zero) & (signs < zero + 10)
    return digits


def _without_gaps(signs: Numbers) -> Numbers:
    """Which code points belong to scripts that do not part words: Thai, Lao, Burmese, Khmer, kana, Han."""
    if not len(signs) or signs.max() < 0x0E00:
        return np.zeros(len(signs), bool)
    return (
        ((signs >= 0x0E00) & (signs < 0x0F00))
        | ((signs >= 0x1000) & (signs < 0x10A0))
        | ((signs >= 0x1780) & (signs < 0x1800))
        | ((signs >= 0x3040) & (signs < 0x3100))
        | ((signs >= 0x3400) & (signs < 0xA000))
        | ((signs >= 0x20000) & (signs < 0x32000))
    )


@lru_cache(maxsize=8)
def _powers(count: int) -> tuple[Numbers, Numbers]:
    """The first powers of the base and of its inverse, modulo 2**64."""
    both = []
    for base in (_BASE, _INVERSE):
        steps = np.full(count, base, np.uint64)
        steps[0] = 1
        both.append(np.cumprod(steps, dtype=np.uint64))
    return both[0], both[1]
