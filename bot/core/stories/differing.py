"""Two texts side by side: are they copies? By what differs, not by how much is alike.

Texts from one template ("Good luck to my sister Beth", "… brother Tom") are as alike as copies are, so no measure of
likeness parts them. Here the words are walked through together, and every place where they differ has to be one that
copies have: a slip of the finger, a tag, who passes it on, a cut end. Any other difference makes another text.
"""

from enum import Enum, StrEnum

import msgspec
from rapidfuzz.distance import Indel

from bot.core.stories.closed import NEGATIONS
from bot.core.stories.signs import is_spaced, signs
from bot.core.stories.slips import Known
from bot.core.stories.walk import Care, Side, Walked, chars, has_fact, is_sentence, says_more, side, walk
from bot.core.stories.words import Words

# What is harmless at an edge, as a part of the words that matched.
_EDGE_SHARE = 0.15
_EMPTY_SHARE = 0.25  # where it holds nothing but words that tell nothing
_HEAD_WORDS = 8
# So many characters must be common before a cut end excuses whatever follows.
_CUT_CHARS = 24
_SHOWN_CHARS = 120
# Words by which texts are called alike at all, as a part of the shorter one's.
_ALIKE_SHARE = 0.5
# The same of the longer one's: less is a remark on the same thing.
_TEMPLATE_SHARE = 0.3
# Beyond this many words nothing is aligned that is not a copy: it is only to say what differs.
_MOST_ALIGNED = 400


class Likeness(StrEnum):
    """What two texts are to each other.

    Attributes:
        SAME: Copies; one may be cut, mistyped or longer by what says nothing new.
        ADDS: The longer one is the shorter one and a fact more: an update of it, or the shorter one is a cut copy.
        DIFFERENT: Much alike, as from one template, but they say something else.
        UNLIKE: Not alike, or nothing to compare.
    """

    SAME = "same"
    ADDS = "adds"
    DIFFERENT = "different"
    UNLIKE = "unlike"


class Compared(msgspec.Struct, frozen=True, gc=False):
    """What two texts are to each other, and why, for a person to read.

    Attributes:
        likeness: What they are to each other.
        longer: Which says more: -1 the first, 1 the second, 0 neither.
        words: The words that matched, at most about 120 characters; "" for none.
        differs: What differs: "'brother' instead of 'sister'", "'2 03 05' is added"; "" for nothing.
    """

    likeness: Likeness
    longer: int
    words: str
    differs: str


class _Edges(Enum):
    HARMLESS = 0
    FACT = 1
    OTHER = 2


class _Found(msgspec.Struct, gc=False):
    """The same before it is put into words: what the shorter and what the longer text have for themselves."""

    likeness: Likeness
    words: list[str]
    short: list[str] = []
    long: list[str] = []
    more: int = 0


def compare(one: Words, other: Words, *, known: Known | None = None, care: Care = Care.STRICT) -> Compared:
    """Lay two texts side by side.

    Comparing them the other way round gives the same likeness. Total on any two texts.

    Args:
        one: The words of a text.
        other: The words of another one.
        known: In how many other texts a word was seen; equal texts count once. Without it the form of words decides.
        care: How much is taken for a slip.
    """
    first, second = one.text, other.text
    if first == second:
        return Compared(Likeness.SAME if first else Likeness.UNLIKE, 0, _shown(first), "")
    longer = (len(first) < len(second)) - (len(first) > len(second))
    if not (first and second):
        return Compared(Likeness.UNLIKE, longer, "", "")
    by_sign = not (first.isascii() and second.isascii()) and not (is_spaced(first) and is_spaced(second))
    turned = (len(first), first) > (len(second), second)
    make = _by_sign if by_sign else laid_out
    short, long = make(other if turned else one), make(one if turned else other)
    walked = _walked(short, long, known, care)
    found = _judged(short, long, walked) if walked else _apart(short, long)
    if found.more:
        longer = -found.more if turned else found.more
    ours, theirs = (found.long, found.short) if turned else (found.short, found.long)
    parting = "" if by_sign else " "
    return Compared(
        found.likeness,
        longer,
        _shown(parting.join(found.words)),
        _differs(_shown(parting.join(ours)), _shown(parting.join(theirs))),
    )


def laid_out(words: Words) -> Side:
    """A text made ready to be laid beside others, word by word: worth keeping where there are many."""
    said = words.text.split(" ")
    # A text of nothing but tags says them.
    tags = words.tags
    return side(said, words.names, 0 if tags and tags.bit_count() == len(said) else tags, cut=words.cut)


def can_be_one(
    one: Words, other: Words, laid: tuple[Side, Side], *, known: Known | None = None, care: Care = Care.STRICT
) -> bool:
    """Whether `compare` may call two texts the same, or one of them the other and more; a small part of its cost.

    Where the answer is no, it calls them different or unlike. Most texts that are laid side by side come from one template.

    Args:
        one: The words of a text.
        other: The words of another one.
        laid: Both as `laid_out` makes them.
        known: As for `compare`.
        care: As for `compare`.
    """
    first, second = one.text, other.text
    if not (first and second):
        return False
    if first == second:
        return True
    short, long = laid
    if not (first.isascii() and second.isascii()) and not (is_spaced(first) and is_spaced(second)):
        short, long = _by_sign(one), _by_sign(other)
    if (len(first), first) > (len(second), second):
        short, long = long, short
    # What only adds lacks no word of the shorter one.
    return _walked(short, long, known, care) is not None or short.vocabulary <= long.vocabulary


def _by_sign(words: Words) -> Side:
    if not words.tags:
        return side(signs(words.text), 0, 0, cut=words.cut, by_sign=True)
    found: list[str] = []
    tags = 0
    for place, word in enumerate(words.text.split(" ")):
        parts = signs(word)
        if words.tags >> place & 1:
            tags |= ((1 << len(parts)) - 1) << len(found)
        found += parts
    return side(found, 0, 0 if tags.bit_count() == len(found) else tags, cut=words.cut, by_sign=True)


def _walked(short: Side, long: Side, known: Known | None, care: Care) -> Walked | None:
    """The walk from the beginnings, or from where a head ends that one of the texts has."""
    walked = walk(short, long, (0, 0), known, care)
    if walked is None and short.words[:2] != long.words[:2]:
        walked = _beyond_a_head(short, long, known, care)
    return walked


def _beyond_a_head(short: Side, long: Side, known: Known | None, care: Care) -> Walked | None:
    """The walk where one of the texts has something before the common words."""
    ones, others = short.words, long.words
    last = min(_HEAD_WORDS, len(others) - 1) if ones[0] in long.vocabulary else 0
    for at in range(1, last + 1):
        if others[at] == ones[0] and (len(ones) == 1 or others[at + 1 : at + 2] == ones[1:2]):
            walked = walk(short, long, (0, at), known, care)
            if walked:
                return walked
    last = min(_HEAD_WORDS, len(ones) - 1) if others[0] in short.vocabulary else 0
    for at in range(1, last + 1):
        if ones[at] == others[0] and ones[at + 1 : at + 2] == others[1:2]:
            walked = walk(short, long, (at, 0), known, care)
            if walked:
                return walked
    return None


def _judged(short: Side, long: Side, walked: Walked) -> _Found:
    """What two texts are that differ in nothing but slips and their edges."""
    (one, other), (one_end, other_end) = walked.start, walked.end
    common = chars(short, one, one_end)
    if not common:
        return _Found(Likeness.UNLIKE, [])
    ours = _edges(short, long, one, one_end, common, cut=long.cut)
    theirs = _edges(long, short, other, other_end, common, cut=short.cut)
    likeness, more = Likeness.SAME, 0
    if ours is _Edges.OTHER or theirs is _Edges.OTHER or (ours is theirs is _Edges.FACT):
        if common < sum(map(len, long.words)) * _TEMPLATE_SHARE:
            return _Found(Likeness.UNLIKE, [])
        likeness = Likeness.DIFFERENT
    elif ours is _Edges.FACT:
        likeness, more = Likeness.ADDS, -1
    elif theirs is _Edges.FACT:
        likeness, more = Likeness.ADDS, 1
    if more and (_parts_a_number(short.words, one, one_end) or _parts_a_number(long.words, other, other_end)):
        likeness, more = Likeness.DIFFERENT, 0
    return _Found(
        likeness,
        short.words[one:one_end],
        [*short.words[:one], *short.words[one_end:]],
        [*long.words[:other], *long.words[other_end:]],
        more,
    )


def _edges(side: Side, other: Side, start: int, end: int, common: int, *, cut: bool) -> _Edges:
    """What a text says before and after the common words.

    Args:
        side: The text.
        other: The text that it is compared with.
        start: Its first common word.
        end: The one after its last common word.
        common: How many characters are common.
        cut: The other text is marked as cut. One that ends within a word, or anywhere else, may be: then the longer one adds to
            it, and which of them was made first says what it is.
    """
    last = len(side.words)
    if start:
        head = chars(side, 0, start)
        if head > common * _EDGE_SHARE:
            return _Edges.OTHER
        if head and (has_fact(side, 0, start, other.words) or is_sentence(side, 0, start)):
            return _Edges.FACT
    if end == last:
        return _Edges.HARMLESS
    tail = chars(side, end, last)
    if not tail or (cut and (common >= _CUT_CHARS or common >= tail)):
        return _Edges.HARMLESS
    if tail > common * _EMPTY_SHARE or says_more(side, end, last, other.words):
        return _Edges.FACT
    return _Edges.HARMLESS


def _apart(short: Side, long: Side) -> _Found:
    """What two texts are that differ within: one adds to the other, they are of one template, or nothing is alike."""
    ones, others = short.words, long.words
    if len(ones) > _MOST_ALIGNED or len(others) > _MOST_ALIGNED:
        return _Found(Likeness.UNLIKE, [])
    size = sum(map(len, ones))
    if (
        sum(map(len, others)) * _TEMPLATE_SHARE > size
        or sum(map(len, short.vocabulary & long.vocabulary)) < size * _ALIKE_SHARE / 2
    ):
        return _Found(Likeness.UNLIKE, [])
    begin, end = _edges_in_common(ones, others)
    if sum(map(len, ones[:begin])) + sum(map(len, ones[len(ones) - end :])) >= size * _ALIKE_SHARE:
        # One place differs: the common case of a template.
        gone, put = ones[begin : len(ones) - end], others[begin : len(others) - end]
        matched = ones[:begin] + ones[len(ones) - end :]
        added = [] if gone else [(begin, len(others) - end)]
    else:
        matched, gone, put, added = _aligned(ones, others)
    common = sum(map(len, matched))
    if common < size * _ALIKE_SHARE or common < sum(map(len, others)) * _TEMPLATE_SHARE:
        return _Found(Likeness.UNLIKE, [])
    if (
        not gone
        and NEGATIONS.isdisjoint(put)
        and any(has_fact(long, start, stop, ones) for start, stop in added)
        and not any(_parts_a_number(others, start, stop) for start, stop in added)
    ):
        return _Found(Likeness.ADDS, matched, gone, put, 1)
    return _Found(Likeness.DIFFERENT, matched, gone, put)


def _parts_a_number(words: list[str], start: int, end: int) -> bool:
    """Whether these words begin or end within a number: "1 250" is not 250 and something more, but another number."""
    return any(0 < at < len(words) and words[at - 1][-1].isdigit() and words[at].isdigit() for at in (start, end))


def _edges_in_common(ones: list[str], others: list[str]) -> tuple[int, int]:
    """How many words two texts have in common at the beginning, and at the end of what is left."""
    most = min(len(ones), len(others))
    begin = 0
    while begin < most and ones[begin] == others[begin]:
        begin += 1
    end = 0
    while end < most - begin and ones[-1 - end] == others[-1 - end]:
        end += 1
    return begin, end


def _aligned(ones: list[str], others: list[str]) -> tuple[list[str], list[str], list[str], list[tuple[int, int]]]:
    """The words in common, those of each text alone, and where the second only adds some."""
    matched: list[str] = []
    gone: list[str] = []
    put: list[str] = []
    added: list[tuple[int, int]] = []
    for step in Indel.opcodes(ones, others):
        if step.tag == "equal":
            matched += ones[step.src_start : step.src_end]
            continue
        gone += ones[step.src_start : step.src_end]
        put += others[step.dest_start : step.dest_end]
        if step.tag == "insert":
            added.append((step.dest_start, step.dest_end))
    return matched, gone, put, added


def _shown(text: str) -> str:
    """The beginning of the words, for a person to read."""
    if len(text) <= _SHOWN_CHARS:
        return text
    return text[:_SHOWN_CHARS].rpartition(" ")[0] or text[:_SHOWN_CHARS]


def _differs(ours: str, theirs: str) -> str:
    """What differs, in words: the second text's words after the first's."""
    if ours and theirs:
        return f"'{theirs}' instead of '{ours}'"
    if ours:
        return f"'{ours}' is left out"
    return f"'{theirs}' is added" if theirs else ""
