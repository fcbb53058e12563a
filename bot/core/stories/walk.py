"""Walks through the words of two texts together, over the places where copies may differ, and stops at any other.

What it steps over: slips of the finger, a space put in or left out, a word said twice, tags.
"""

import re
from enum import Enum

import msgspec
from rapidfuzz.distance import OSA

from bot.core.stories.closed import EMPTY, FACTS, GRAMMAR, PASSING_ON, VERBS
from bot.core.stories.signs import can_be_missing, is_empty, says_something, swapped
from bot.core.stories.slips import Known, Slip, bare, may_be_slip, slip
from bot.core.text.normal import SIGNS

# One slip in so many words, or signs where words are not parted, and never more than some: more slips make another text.
_WORDS_A_SLIP = 4
_SIGNS_A_SLIP = 12
_MOST_SLIPS = 6
_SLIPS_OF_ONE = 3
# "via The Morning Paper": the words after it are a name.
_WORDS_OF_A_NAME = 4
_WORDS_AFTER_A_CUT = 3
_LONGEST_CREDIT = 4  # "vai", "viia"
# By its ending a word is mostly one that says what was done: "cancelled", "annulé", "cancelado", "annullata".
_DONE = re.compile(
    r".*(?:[a-z]{2}(?:ed|é|ée|és|ées)|[a-z]{3}(?:ad|id|at|it|ut)[oa]s?|[a-z]{3}[aiu]t[ie])|.*ge[a-zäöüß]{3,}(?:t|en)"
)
_MANY_WORDS = 50  # from here on a set is worth making
# A text that has more words left than these, tags and names of whom one passes on among them, has not come to its end.
_LATE_WORDS = 5
# How sure the slip is that one steps over; 0 for what is none.
_SURE, _LIKELY, _LIKELY_NAME = 1, 2, 3


class Care(Enum):
    """How much is taken for a slip.

    Attributes:
        STRICT: What two people's texts may differ in.
        BY_ONE: One person wrote both: who repeats a few words has mistyped more of them.
        LENIENT: What may be a slip is one. Not enough to call two texts copies, but to say that they do not contradict each other.
    """

    STRICT = 0
    BY_ONE = 1
    LENIENT = 2


class Side(msgspec.Struct, gc=False):
    """One of the two texts.

    Attributes:
        words: Its words, or its signs.
        names: Which of them are names; bit n for word n.
        tags: Which of them are tags.
        cut: Its end is missing.
        vocabulary: Each word once.
        said: How many words there are before the tags at its end.
        by_sign: It is compared sign by sign.
    """

    words: list[str]
    names: int
    tags: int
    cut: bool
    vocabulary: frozenset[str]
    said: int
    by_sign: bool = False

    def is_name(self, at: int) -> bool:
        """Whether the word is written as a name and is none of grammar."""
        return self.names >> at & 1 == 1 and bare(self.words[at]) not in GRAMMAR

    def is_tag(self, at: int) -> bool:
        """Whether the word is a hashtag or a mention."""
        return self.tags >> at & 1 == 1

    def mentions(self, at: int) -> bool:
        """Whether somebody is mentioned from this word on."""
        return (self.names & self.tags) >> at != 0


class Walked(msgspec.Struct, gc=False):
    """How far two texts go together.

    Attributes:
        start: Where the common words begin in each.
        end: Where they end in each; at least one of the texts is at its end there, but for tags.
        broken: One of the texts ends within a word of the other.
    """

    start: tuple[int, int]
    end: tuple[int, int]
    broken: bool = False


def side(words: list[str], names: int, tags: int, *, cut: bool, by_sign: bool = False) -> Side:
    """A text made ready to be laid beside others."""
    said = len(words)
    if tags:
        while said and tags >> (said - 1) & 1 == 1:
            said -= 1
    return Side(words, names, tags, cut, frozenset(words), said, by_sign)


def walk(
    one: Side, other: Side, start: tuple[int, int], known: Known | None, care: Care = Care.STRICT
) -> Walked | None:
    """Walk from here to the end of one of the texts; None where they differ before."""
    ones, others = one.words, other.words
    i, j = start
    for word, against in zip(ones[i:] if i else ones, others[j:] if j else others, strict=False):
        if word != against:
            break
        i += 1
        j += 1
    lengths = len(ones), len(others)
    late = one.said - _LATE_WORDS, other.said - _LATE_WORDS
    slips: list[int] = []
    per_slip = _SIGNS_A_SLIP if one.by_sign else _WORDS_A_SLIP
    words = min(lengths) - min(start)
    allowed = min(_MOST_SLIPS, (words + 2) // per_slip)
    if care is not Care.STRICT:
        allowed = max(allowed, min(_SLIPS_OF_ONE, (words + 1) // 2))
    believed = care is Care.LENIENT
    while i < lengths[0] and j < lengths[1]:
        if ones[i] == others[j]:
            i += 1
            j += 1
            continue
        if i >= late[0] or j >= late[1]:
            end = _end(one, other, i, j)
            if end is not None:
                return Walked(start, end[0], end[1]) if believed or _is_believed(slips) else None
        step = _over_signs(ones, others, i, j) if one.by_sign else _over_words(one, other, i, j, known)
        if step is None:
            return None
        i += step[0]
        j += step[1]
        if step[2]:
            slips.append(step[2])
            if len(slips) > allowed:
                return None
    return Walked(start, (i, j)) if believed or _is_believed(slips) else None


def _is_believed(slips: list[int]) -> bool:
    """Whether what looks like slips are some: a likely one needs another beside it, a likely one in a name a sure one."""
    if not slips:
        return True
    worst = max(slips)
    return worst == _SURE or _SURE in slips or (worst == _LIKELY and len(slips) > 1)


def _over_words(one: Side, other: Side, i: int, j: int, known: Known | None) -> tuple[int, int, int] | None:
    """How to step over what differs here: words of the first, words of the second, slips; None where one must not."""
    ones, others = one.words, other.words
    word, against = ones[i], others[j]
    if not (word.isascii() and against.isascii()) and bare(word) == bare(against):
        return 1, 1, 0
    if may_be_slip(word, against):
        # A text begins with a capital, name or not.
        names = i == 0 or j == 0 or one.is_name(i) or other.is_name(j) or one.is_tag(i) or other.is_tag(j)
        found = slip(word, against, names=names, known=known)
        if found is not Slip.NONE:
            return 1, 1, _SURE if found is Slip.SURE else _LIKELY_NAME if names else _LIKELY
    after, after_against = ones[i + 1 : i + 2], others[j + 1 : j + 2]
    if after and against.startswith(word) and _joins(word, after[0], against):
        return 2, 1, 0
    if after_against and word.startswith(against) and _joins(against, after_against[0], word):
        return 1, 2, 0
    if other.is_tag(j) and after_against == [word] and not _has_digit(against):
        return 0, 1, 0
    if one.is_tag(i) and after == [against] and not _has_digit(word):
        return 1, 0, 0
    if j and against == others[j - 1] and against.isalpha() and against not in FACTS:
        return 0, 1, _SURE
    if i and word == ones[i - 1] and word.isalpha() and word not in FACTS:
        return 1, 0, _SURE
    return None


def _over_signs(ones: list[str], others: list[str], i: int, j: int) -> tuple[int, int, int] | None:
    """The same where signs are compared."""
    sign, against = ones[i], others[j]
    after, after_against = _at(ones, i + 1), _at(others, j + 1)
    if sign == after_against and against == after and swapped(sign, against):
        return 2, 2, _SURE
    if sign == after_against and can_be_missing(against, _at(others, j - 1), after_against):
        return 0, 1, _SURE
    if against == after and can_be_missing(sign, _at(ones, i - 1), after):
        return 1, 0, _SURE
    return None


def _has_digit(word: str) -> bool:
    return not word.isalpha() and any(map(str.isnumeric, word))


def _at(words: list[str], at: int) -> str:
    return words[at] if 0 <= at < len(words) else ""


def _joins(first: str, second: str, whole: str) -> bool:
    """Whether two words are one that was written without a space ("good luck", "10 k"), and no number becomes another one."""
    if len(first) + len(second) != len(whole) or first + second != whole:
        return False
    if first[-1].isdigit() and second[0].isdigit():
        # A thousand may be parted, "1 000"; a score or a time is two numbers.
        first = first.lstrip(SIGNS)
        return first.isdigit() and len(second) == 3 and second.isdigit() and len(first) <= 3
    return True


def _end(one: Side, other: Side, i: int, j: int) -> tuple[tuple[int, int], bool] | None:
    """Where the common words end if one of the texts does, but for tags, and whether it ends within a word of the other."""
    for turned in (False, True):
        side, at, against, against_at = (other, j, one, i) if turned else (one, i, other, j)
        end = max(at, side.said)
        if end == at and side.mentions(at) and against.mentions(against_at):
            # "Well done @ana", "Well done @bob" are not the same; "Well done @an…" may have been cut.
            end = len(side.words)
        if end == at or (passes_on(side, at) and end - at <= _WORDS_OF_A_NAME + 1):
            return (i, j), False
        if end == at + 1:
            word, whole = side.words[at], against.words[against_at]
            if len(word) < len(whole) and whole.startswith(word):
                broken = _is_broken(side, at, against, against_at)
                if broken or len(against.words) - against_at >= _WORDS_AFTER_A_CUT:
                    # What it is the beginning of is common, too; of "Jan" and "Janine" nobody can say.
                    return ((i + 1, j + 1) if broken else (i, j + 1) if turned else (i + 1, j)), broken
    return None


def _is_broken(side: Side, at: int, against: Side, against_at: int) -> bool:
    """Whether the last word of a text is certainly the beginning of a word, and not a word of its own ("Jan", "Janine")."""
    if side.cut:
        return True
    word, whole = side.words[at], against.words[against_at]
    if side.is_name(at) or against.is_name(against_at) or word in FACTS or whole in FACTS:
        return False
    return word.isalpha() and whole.isalpha()


def has_fact(side: Side, start: int, end: int, said: list[str]) -> bool:
    """Whether these words of a text say something that can be true or not: a number, a name, a date, a negation.

    Args:
        side: The text.
        start: Its first word to look at.
        end: The one after the last.
        said: What the other text says; what is named there is no news.
    """
    if side.by_sign:
        return says_something(side.words[start:end])
    known = said if end - start < _MANY_WORDS else frozenset(said)
    for at in range(start, end):
        word = side.words[at]
        if side.is_tag(at):
            continue
        if bare(word) in FACTS or _has_digit(word):
            return True
        if side.is_name(at) and word not in known:
            return True
    return False


def says_more(side: Side, start: int, end: int, said: list[str]) -> bool:
    """Whether these words at the end of a text may tell something.

    All do but those that only show how one feels about it, and words of the other text that make no sentence.

    Args:
        side: The text.
        start: The first word behind what was said.
        end: The one after the last.
        said: What the other text says.
    """
    if side.by_sign:
        words = [side.words[at] for at in range(start, end) if not side.is_tag(at)]
        return says_something(words) or not is_empty(words)
    if has_fact(side, start, end, said) or is_sentence(side, start, end):
        return True
    for at in range(start, end):
        word = side.words[at]
        if passes_on(side, at):
            return False
        if not side.is_tag(at) and bare(word) not in EMPTY and word not in said and not _is_cut_link(side, at):
            return True
    return False


def _is_cut_link(side: Side, at: int) -> bool:
    """Whether a word is what is left of a link where a text was cut: "htt…"."""
    return side.cut and at == len(side.words) - 1 and "https".startswith(side.words[at])


def is_sentence(side: Side, start: int, end: int) -> bool:
    """Whether these words have a verb of grammar or a word that says what was done: they are a sentence of their own."""
    for at in range(start, end):
        word = side.words[at]
        if not side.is_tag(at) and (bare(word) in VERBS or (word not in EMPTY and _DONE.fullmatch(word))):
            return True
    return False


def passes_on(side: Side, at: int) -> bool:
    """Whether the word says that what follows is who said it: "via", also mistyped where somebody is mentioned then."""
    word = side.words[at]
    if word in PASSING_ON:
        return True
    if not side.is_tag(at + 1) or side.is_tag(at) or not 1 < len(word) <= _LONGEST_CREDIT or not word.isalpha():
        return False
    return at + _WORDS_OF_A_NAME >= len(side.words) - 1 and OSA.distance(word, "via", score_cutoff=1) <= 1


def chars(side: Side, start: int, end: int) -> int:
    """How many characters these words have that say something: tags and who passes it on do not."""
    if not side.tags and PASSING_ON.isdisjoint(side.words):
        return sum(map(len, side.words[start:end]))
    counted = 0
    for at in range(start, end):
        if passes_on(side, at):
            if end - at <= _WORDS_OF_A_NAME + 1:
                break
        elif not side.is_tag(at):
            counted += len(side.words[at])
    return counted
