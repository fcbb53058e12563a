"""Two copies of one text can differ from each other more than a copy may: the text that both repeat says that they are copies.

One has lost its end, one has three words mistyped: side by side they look like two things. Without this, which of them are
found to be one would hang on which came first.
"""

from rapidfuzz.distance import Indel

from bot.core.stories.signs import is_spaced, signs
from bot.core.stories.words import Words

_MOST_WORDS = 400

Span = tuple[int, int]


def bridges(middle: Words, one: Words, other: Words) -> bool:
    """Whether two texts differ from the one that both are copies of in different places.

    Where both say something else in the same place, or go on differently where it ends, they are two.
    """
    texts = [text.text for text in (middle, one, other)]
    if all(map(is_spaced, texts)):
        parts = [text.split(" ") for text in texts]
    else:
        parts = [signs(text) for text in texts]
    if any(len(words) > _MOST_WORDS for words in parts):
        return False
    base, ours, theirs = parts
    here, there = _changed(base, ours), _changed(base, theirs)
    return not any(_meet(a, b) for a in here for b in there)


def _changed(base: list[str], copy: list[str]) -> list[Span]:
    """Which places of a text a copy changes: from, to; empty where it only puts something in. A lost end or beginning is none."""
    found: list[Span] = []
    put = False
    for step in Indel.opcodes(base, copy):
        if step.tag == "equal":
            put = False
            continue
        if found and put:  # right behind the last one: one change
            found[-1] = found[-1][0], step.src_end
        else:
            found.append((step.src_start, step.src_end))
        put = True
    adds = {word for word in copy if word not in base}
    if not adds:
        found = [(start, end) for start, end in found if 0 < start and end < len(base)]
    return found


def _meet(one: Span, other: Span) -> bool:
    if one[0] == one[1] or other[0] == other[1]:
        return one[0] <= other[1] and other[0] <= one[1] and (one[0] == other[0] or one[1] == other[1])
    return one[0] < other[1] and other[0] < one[1]
