"""What speaks for and against two posts telling the same story, before their words are laid side by side.

Everything here is asked of a whole batch of pairs at once.
"""

import numpy as np

from bot.core.stories.signature import REPEAT, Numbers

STOCK_PHRASE_CHARS = 60
"""Below this, equal words by different people are a stock phrase. Measured on labelled real posts: a third of equal texts of
36 characters are not the same story, one in six of 60."""

REPEAT_CHARS = 20
_OF_ALL = 0.55  # a text of nine words with three mistyped ones, and cut
_OF_OPENING = 0.5
_OF_FEW = 0.3  # a few words by one person, three of them mistyped
_ODD_WORDS, _ODD_SHARE = (
    4,
    0.15,
)  # words of one copy that the other lacks: mistyped or cut ones, and what was put before or behind


class Evidence:
    """What holds of a pair: bits of a number, for every pair is asked, and an enum would cost as much as the answer."""

    VERSION = 1  # the same post
    REPOST = 2  # one repeats the other, or both repeat the same
    ANSWER = 4  # one quotes or answers the other
    WORDS = 8  # equal normalised words
    PERSON = 16  # by one person
    LINK = 32  # one link in common
    LINKS_DIFFER = 64  # both have links, and none in common
    POINTS = 128  # one links to the other's permalink
    REPEATS = 256  # one begins with "RT @name"
    LONG = 512  # both are longer than a stock phrase
    COMPARE = 1024  # it is worth while to lay the words side by side
    NUMBERS_DIFFER = 2048  # each has a number that the other lacks
    PICTURE = 4096  # one picture in common


def weigh(
    one: Numbers,
    other: Numbers,
    *,
    author: tuple[Numbers, Numbers],
    person: tuple[Numbers, Numbers],
    pictured: Numbers,
) -> Numbers:
    """The evidence of pairs.

    Args:
        one: (n,) heads of the posts that are asked about.
        other: (n,) heads of the posts that they are compared with.
        author: (n,) each: who wrote them.
        person: (n,) each: which person of the desk's list wrote them; 0 for none.
        pictured: (n,) whether they have a picture in common.

    Returns:
        (n,) of `Evidence`, as numbers; 0 where nothing can join the two.
    """
    found = np.zeros(len(one), np.int64)

    def say(what: int, where: Numbers) -> Numbers:
        found[where] |= what
        return where

    repeats, repeated = one["repeats"], other["repeats"]
    version = say(Evidence.VERSION, one["post"] == other["post"])
    repost = say(
        Evidence.REPOST,
        (repeats != 0) & ((repeats == other["post"]) | (repeats == repeated))
        | (repeated != 0) & (repeated == one["post"]),
    )
    answer = say(Evidence.ANSWER, (one["answers"] == other["post"]) | (other["answers"] == one["post"]))
    words = say(Evidence.WORDS, (one["words"] == other["words"]) & (one["words"] != 0))
    owners = (one["owners"][:, :, None] == other["owners"][:, None, :]) & (one["owners"][:, :, None] != 0)
    same = say(
        Evidence.PERSON,
        (author[0] == author[1]) | ((person[0] == person[1]) & (person[0] != 0)) | owners.any(axis=(1, 2)),
    )
    here, there = one["links"], other["links"]
    links = ((here[:, :, None] == there[:, None, :]) & (here[:, :, None] != 0)).any(axis=(1, 2))
    points = say(
        Evidence.POINTS,
        ((other["permalink"][:, None] == here) & (here != 0)).any(axis=1)
        | ((one["permalink"][:, None] == there) & (there != 0)).any(axis=1),
    )
    shared = say(Evidence.LINK, links | points | ((one["permalink"] == other["permalink"]) & (one["permalink"] != 0)))
    apart = say(Evidence.LINKS_DIFFER, (here[:, 0] != 0) & (there[:, 0] != 0) & ~shared)
    shorter = np.minimum(one["chars"], other["chars"])
    long = say(Evidence.LONG, shorter >= STOCK_PHRASE_CHARS)
    rt = say(Evidence.REPEATS, (((one["flags"] | other["flags"]) & REPEAT) != 0) & (shorter >= REPEAT_CHARS))

    alike = _in_common(one["bag"], other["bag"], _OF_ALL) & _in_common(one["opening"], other["opening"], _OF_OPENING)
    alike &= _few_are_odd(one["bag"], other["bag"])
    alike |= same & ~long & _in_common(one["bag"], other["bag"], _OF_FEW)
    say(Evidence.PICTURE, pictured & ~answer)
    could = same | rt | (long & ~apart) | shared | pictured
    alike &= ~words & could & ~answer & (shorter > 0)
    numbers = one["numbers"] & other["numbers"]
    contradict = (numbers != one["numbers"]) & (numbers != other["numbers"])
    say(Evidence.NUMBERS_DIFFER, alike & contradict)
    say(Evidence.COMPARE, alike & ~contradict)
    useless = (
        ~version
        & ~repost
        & ((found & (Evidence.COMPARE | Evidence.NUMBERS_DIFFER | Evidence.PICTURE)) == 0)
        & (~words | answer)
    )
    found[useless] = 0
    return found


def _in_common(one: Numbers, other: Numbers, least: float) -> Numbers:
    """Whether two sets of bits have so much in common, measured by the smaller one."""
    counts = [np.bitwise_count(bits) for bits in (one & other, one, other)]
    common, here, there = (count.sum(axis=1) if count.ndim > 1 else count for count in counts)
    enough: Numbers = common >= least * np.minimum(here, there)
    return enough


def _few_are_odd(one: Numbers, other: Numbers) -> Numbers:
    """Whether at least one of two sets of bits lies in the other but for a few."""
    here, there = np.bitwise_count(one).sum(axis=1), np.bitwise_count(other).sum(axis=1)
    common = np.bitwise_count(one & other).sum(axis=1)
    least = np.minimum(here, there)
    few: Numbers = least - common <= _ODD_WORDS + _ODD_SHARE * least
    return few
