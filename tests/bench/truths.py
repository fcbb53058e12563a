"""What is known of posts that are put into a filled index and asked for: copies, hard negatives, strangers.

Copies are made by ten transformations of real posts where ../shared/data is there, of our own texts where it is not, and of texts
of other fields to which nothing was tuned. Each is by another author; those too short to be joined by their words alone are left out.
"""

from collections.abc import Collection, Sequence
from random import Random

import msgspec

from bot.core.text.normal import normalise
from tests.bench.crowd import natural
from tests.core.stories import pairs

STRANGERS = 1_000
_ORIGINALS = 300


class Asked(msgspec.Struct, frozen=True):
    """A text that is asked for beside one that was kept.

    Attributes:
        text: It.
        beside: Which of the kept texts.
        same: It is a copy of that one, not another text of the same template.
        cut: Its end is missing: the kept one may also be called an update of it, or it one of that.
    """

    text: str
    beside: int
    same: bool
    cut: bool


class Truths(msgspec.Struct, frozen=True):
    """Texts by what is known of them.

    Attributes:
        strangers: They are like none of the crowd's; whatever they match is wrong.
        kept: They are inserted first.
        asked: They are asked for then.
    """

    strangers: Sequence[str]
    kept: Sequence[str]
    asked: Sequence[Asked]


def truths(crowd: Collection[str]) -> Truths:
    """The same in every run.

    Args:
        crowd: Normalised texts of all posts that fill the indexes.
    """
    chance = Random(pairs.SEED)
    own = [natural(chance) for _ in range(4 * STRANGERS)]
    strangers = [text for text in own if normalise(text) not in crowd][:STRANGERS]
    texts = pairs.real_texts() if pairs.DATA.is_dir() else own[-_ORIGINALS * 3 :]
    texts = [text for text in texts if len(normalise(text)) >= pairs.SHORT_CHARS]
    found = [
        *pairs.copies(chance.sample(texts, min(len(texts), _ORIGINALS))),
        *pairs.hard_negatives(),
        *pairs.held_out_pairs(),
    ]
    kept: dict[str, int] = {}
    asked = [
        Asked(pair.other, kept.setdefault(pair.one, len(kept)), pair.same, pair.cut)
        for pair in found
        if not (pair.same and pair.short)
    ]
    return Truths(strangers, list(kept), asked)
