"""What speaks for and against two posts telling the same story, before their words are laid side by side.

Everything here is asked of a whole batch of pairs at once.
"""

import numpy as np

from bot.core.stories.signature import REPEAT, Numbers

TEXT_ALONE_CHARS = 60
"""Below this, equal words by different people are a stock phrase, unless the desk says otherwise. Measured on labelled real
posts: a third of equal texts of 36 characters are not the same story, one in six of 60."""

REPEAT_CHARS = 20
_OF_ALL = 0.55  # a text of nine words with three mistyped ones, and cut
_OF_OPENING = 0.5
_OF_FEW = 0.3  # a few words by one person, three of them mistyped
_CUT = 2  # how many times as long as its copy that was cut a text may be, where words are mistyped as well
# Words of one copy that the other lacks: mistyped or cut ones, and what was put before or behind.
_ODD_WORDS, _ODD_SHARE = 4, 0.15


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
    text_alone_chars: int,
) -> Numbers:
    """The evidence of pairs.

    Args:
        one: (n,) heads of the posts that are asked about.
        other: (n,) heads of the posts that they are compared with.
        author: (n,) each: who wrote them.
        person: (n,) each: which person of the desk's list wrote them; 0 for none.
        pictured: (n,) whether they have a picture in common.
        text_alone_chars: From here on words alone join two people's posts.

    Returns:
        (n,) of `Evidence`, as numbers; 0 where nothing can join the two.
    """
    found = np.zeros(len(one), np.int64)
    repeats, repeated = one["repeats"], other["repeats"]
    version = one["post"] == other["post"]
    repost = (repeats != 0) & ((repeats == other["post"]) | (repeats == repeated))
    repost |= (repeated != 0) & (repeated == one["post"])
    words = (one["words"] == other["words"]) & (one["words"] != 0)
    shorter = np.minimum(one["chars"], other["chars"])
    alike = _in_common(one["opening"], other["opening"], _OF_OPENING) & (shorter > 0) & ~words
    near = np.flatnonzero(alike)
    alike[near] = _are_near(one["bag"].take(near, axis=0), other["bag"].take(near, axis=0))
    same = (author[0] == author[1]) | ((person[0] == person[1]) & (person[0] != 0))
    longer = np.maximum(one["chars"], other["chars"])
    # A long text has a few words in common with everything that its author writes: beside it, few words are no mistyped copy.
    beside = (longer <= _CUT * shorter) & (shorter > 0) & (shorter < text_alone_chars)
    few = np.flatnonzero(same & beside & ~words & ~alike)
    alike[few] = _are_near_for_one(one["bag"].take(few, axis=0), other["bag"].take(few, axis=0))
    # Most pairs have nothing but a few words or their author in common: the rest is asked of the others alone.
    kept = np.flatnonzero(version | repost | words | alike | pictured)
    if len(kept):
        found[kept] = _weigh(
            one.take(kept),
            other.take(kept),
            same=same[kept],
            known=(version[kept], repost[kept], words[kept], alike[kept], pictured[kept]),
            text_alone_chars=text_alone_chars,
        )
    return found


def _weigh(
    one: Numbers, other: Numbers, *, same: Numbers, known: tuple[Numbers, ...], text_alone_chars: int
) -> Numbers:
    """The same for pairs of which something is known: one version, a repost, equal words, much alike, a picture in common."""
    version, repost, words, alike, pictured = known
    found = np.zeros(len(one), np.int64)

    def say(what: int, where: Numbers) -> Numbers:
        found[where] |= what
        return where

    say(Evidence.VERSION, version)
    say(Evidence.REPOST, repost)
    say(Evidence.WORDS, words)
    answer = say(Evidence.ANSWER, (one["answers"] == other["post"]) | (other["answers"] == one["post"]))
    owners = (one["owners"][:, :, None] == other["owners"][:, None, :]) & (one["owners"][:, :, None] != 0)
    same = say(Evidence.PERSON, same | owners.any(axis=(1, 2)))
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
    long = say(Evidence.LONG, shorter >= text_alone_chars)
    rt = say(Evidence.REPEATS, (((one["flags"] | other["flags"]) & REPEAT) != 0) & (shorter >= REPEAT_CHARS))

    say(Evidence.PICTURE, pictured & ~answer)
    could = same | rt | (long & ~apart) | shared | pictured
    alike = alike & could & ~answer
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
    """Whether two sets of 64 bits have so much in common, measured by the smaller one."""
    enough: Numbers = np.bitwise_count(one & other) >= least * np.minimum(
        np.bitwise_count(one), np.bitwise_count(other)
    )
    return enough


def _are_near(one: Numbers, other: Numbers) -> Numbers:
    """Whether two sets of bits have much in common, and at least one of them lies in the other but for a few."""
    common, here, there = (np.bitwise_count(bits).sum(axis=1) for bits in (one & other, one, other))
    least = np.minimum(here, there)
    near: Numbers = (common >= _OF_ALL * least) & (least - common <= _ODD_WORDS + _ODD_SHARE * least)
    return near


def _are_near_for_one(one: Numbers, other: Numbers) -> Numbers:
    """The same for few words of one person, who may have mistyped half of them."""
    common, here, there = (np.bitwise_count(bits).sum(axis=1) for bits in (one & other, one, other))
    near: Numbers = common >= _OF_FEW * np.minimum(here, there)
    return near
