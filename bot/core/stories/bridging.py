"""Two copies of one text can differ from each other more than a copy may: the text that both repeat says that they are copies.

One has lost its end, one has three words mistyped: side by side they look like two things. Without this, which of them are
found to be one would hang on which came first.
"""

import msgspec
from rapidfuzz.distance import Indel

from bot.core.stories.signs import is_spaced, signs
from bot.core.stories.words import Words

_MOST_WORDS = 400


class _Change(msgspec.Struct, gc=False):
    """A place of a text that a copy changes: from, to (equal where it only puts something in), and what it says there."""

    start: int
    end: int
    put: list[str]


def bridges(middle: Words, one: Words, other: Words) -> bool:
    """Whether two texts differ from the one that both are copies of in different places.

    Where both say something else in the same place, or go on differently where it ends, they are two; but for one word that both
    have mistyped.

    Args:
        middle: A text of which each of the others is a copy.
        one: A copy.
        other: Another copy.
    """
    texts = [text.text for text in (middle, one, other)]
    parts = [text.split(" ") if all(map(is_spaced, texts)) else signs(text) for text in texts]
    if any(len(words) > _MOST_WORDS for words in parts):
        return False
    base = parts[0]
    here, there = (_changes(base, words) for words in parts[1:])
    return all(not _meet(a, b) or _are_slips(a, b) for a in here for b in there)


def _changes(base: list[str], copy: list[str]) -> list[_Change]:
    """What a copy changes, in order. A lost end or beginning is no change."""
    found: list[_Change] = []
    behind = False
    for step in Indel.opcodes(base, copy):
        if step.tag == "equal":
            behind = False
            continue
        if behind:
            found[-1].end = step.src_end
            found[-1].put += copy[step.dest_start : step.dest_end]
        else:
            found.append(_Change(step.src_start, step.src_end, copy[step.dest_start : step.dest_end]))
        behind = True
    return [one for one in found if not _is_lost(base, one)]


def _is_lost(base: list[str], change: _Change) -> bool:
    """Whether a copy only lacks an edge; its end can be in the middle of a word."""
    if change.end == len(base) > change.start:
        return not change.put or (len(change.put) == 1 and base[change.start].startswith(change.put[0]))
    return change.start == 0 and not change.put


def _meet(one: _Change, other: _Change) -> bool:
    if one.start == one.end or other.start == other.end:
        return one.start == other.start or one.end == other.end
    return one.start < other.end and other.start < one.end


def _are_slips(one: _Change, other: _Change) -> bool:
    """Whether both put another word for one and the same: two copies of a text have no other reason to do so than a slip."""
    return one.end - one.start == other.end - other.start == len(one.put) == len(other.put) == 1
