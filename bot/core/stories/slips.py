"""Is one word the other one, mistyped? "teh" is "the"; "Tim" is not "Tom", and "sister" is not "brother".

A slip of the finger is one step: two letters swapped, one doubled, left out, put in or hit wrong. Another word can be one
step away, too ("Hale", "Dale"; "son", "sun"), so a step counts as a slip only where what it makes does not look like a
word: its letters do not follow one another in any language of the crowd, or other texts do not know it.
"""

import unicodedata
from collections.abc import Callable
from enum import Enum

from rapidfuzz.distance import OSA

from bot.core.stories.closed import BEGINNINGS, DATES, ENDINGS, GRAMMAR, NEGATIONS, NUMBERS, PAIRS, PERSONS

_LONG_LETTERS = 7
# Seen in so many other texts, a word is a word; seen in fewer than the second figure, it may be a slip.
_KNOWN_TEXTS = 3
_STRANGE_TEXTS = 2
_KNOWN_NAME_TEXTS = 8
_LETTERS_OF_A_KNOWN_NAME = 5
_LETTERS_OF_A_LIKELY_NAME = 4
# Names come from all languages: what looks odd in one is a name in another ("Pria", "Priya").
_LETTERS_OF_AN_ODD_NAME = 6

Known = Callable[[str], int]

_CLASSES = NEGATIONS | DATES | NUMBERS
_VOWELS = frozenset("aeiou")
_VOWELS_AND_Y = frozenset("aeiouy")
# By the last letter of a word many languages say whose, how many and when.
_ENDINGS = frozenset("aeioumnrstdyh")
_RARE_LAST = frozenset("bcgjqv")


class Slip(Enum):
    """How likely one word is the other one, mistyped.

    Attributes:
        NONE: It is another word.
        LIKELY: It is one step away, but may be a word, too: it takes a second slip in the same text to believe it.
        SURE: It is a slip.
    """

    NONE = 0
    LIKELY = 1
    SURE = 2


class _Step(Enum):
    """How one word becomes the other one, with the letters that a word, and a name, needs for that to be a slip.

    The shorter a word is, the more other words are one step away; the middle of a word is where they are fewest.
    """

    SWAPPED = "two neighbours swapped", 3, 5
    SWAPPED_FIRST = "the first two swapped", 4, 7
    DOUBLED = "a letter doubled", 3, 5
    MISSING = "a letter missing", 3, 9
    MISSING_AT_EDGE = "the first or last letter missing", 5, 99
    OTHER_KIND = "a vowel for a consonant", 4, 7  # what is left is hardly a word
    OTHER = "another letter", 5, 99
    OTHER_AT_EDGE = "another first letter", 6, 99
    OTHER_ENDING = "another last letter", 7, 99
    TWO = "two steps", 99, 99
    ENDING = "another ending", 99, 99

    def __init__(self, label: str, letters: int, letters_of_a_name: int) -> None:
        self.label = label
        self.letters = letters
        self.letters_of_a_name = letters_of_a_name


_LETTER_MORE = (_Step.MISSING, _Step.MISSING_AT_EDGE, _Step.DOUBLED, _Step.ENDING)
_SWAPS = (_Step.SWAPPED, _Step.SWAPPED_FIRST)


def bare(word: str) -> str:
    """The word without marks on its letters: "manana" for "mañana". Never empty: marks alone stay."""
    if word.isascii():
        return word
    letters = "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))
    return unicodedata.normalize("NFC", letters) or word


def may_be_slip(one: str, other: str) -> bool:
    """Whether two words are at most two steps apart; any further and one is not the other, mistyped."""
    return -3 < len(one) - len(other) < 3 and OSA.distance(one, other, score_cutoff=2) < 3


def slip(one: str, other: str, *, names: bool, known: Known | None) -> Slip:
    """Whether one of two different words is most likely the other one, mistyped.

    Args:
        one: A word as `normalise` leaves it.
        other: Another one.
        names: One of them is written with a capital within a sentence.
        known: In how many other texts a word was seen, as `normalise` leaves it.
    """
    if not may_be_slip(one, other):
        return Slip.NONE
    if not (one.isalpha() and other.isalpha()) and any(map(str.isnumeric, one + other)):
        return Slip.NONE
    written = one, other
    one, other = bare(one), bare(other)
    if one == other:
        return Slip.SURE
    shorter = min(len(one), len(other))
    latin = one.isascii() and other.isascii()
    step = _step(one, other)
    grammar = (one in GRAMMAR) + (other in GRAMMAR)
    classed = (one in _CLASSES) + (other in _CLASSES)
    odd = latin and _looks_odd(one) != _looks_odd(other)
    if names and shorter < _LETTERS_OF_AN_ODD_NAME and (classed or step is _Step.OTHER_AT_EDGE):
        odd = False  # "Marc", "Marco"; "Will", "Bill"
        grammar = grammar if grammar == 2 else 0
    if step is _Step.TWO:
        return Slip.NONE  # "northbound", "southbound"; "conscious", "unconscious"
    if grammar or classed:
        # Also with a capital: hardly anybody's name is a letter away from a word of grammar.
        return Slip.SURE if _is_closed_slip(one, other, step, grammar, classed, odd=odd) else Slip.NONE
    if step is _Step.ENDING:
        return Slip.NONE
    if known is not None:
        rare, common = sorted(map(known, written))
        if rare >= _KNOWN_TEXTS:
            return Slip.NONE
        enough = not names or (shorter >= _LETTERS_OF_A_KNOWN_NAME and common >= _KNOWN_NAME_TEXTS)
        if rare < _STRANGE_TEXTS and common >= _KNOWN_TEXTS and enough:
            return Slip.SURE
    # Scripts that write no vowels, or syllables, say more in fewer letters.
    return _by_form(step, shorter if latin else shorter - 2, names=names, odd=odd)


def _by_form(step: _Step, shorter: int, *, names: bool, odd: bool) -> Slip:
    """What the form of two words says that are of no closed class."""
    if odd and shorter >= (_LETTERS_OF_AN_ODD_NAME if names else 2):
        return Slip.SURE
    if shorter == 2 and not names and (step is _Step.MISSING or step is _Step.MISSING_AT_EDGE):
        return Slip.SURE  # nearly all words of two letters are words of grammar
    if shorter >= (step.letters_of_a_name if names else step.letters):
        return Slip.SURE
    return Slip.LIKELY if shorter >= (_LETTERS_OF_A_LIKELY_NAME if names else 2) else Slip.NONE


def _is_closed_slip(one: str, other: str, step: _Step, grammar: int, classed: int, *, odd: bool) -> bool:
    """Whether a word of a closed class was mistyped, and has not become another such word by that."""
    if classed == 2 or (grammar == 2 and not _is_grammar_slip(one, other, step)):
        return False
    return not classed or _is_class_slip(one, other, step, odd=odd)


def _is_grammar_slip(one: str, other: str, step: _Step) -> bool:
    """Two words of grammar: whether one is the other without a letter, and nothing hangs on it.

    Two of one language are two words ("in", "on"; "his", "her"), one that only another language has is a slip ("is", "si").
    """
    if not GRAMMAR[one] & GRAMMAR[other]:
        return True
    if one in PERSONS and other in PERSONS:
        return False
    return step in _LETTER_MORE


def _step(one: str, other: str) -> _Step:
    """Which step lies between two words that are one or two steps apart."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    size = len(short)
    place = next((place for place in range(size) if short[place] != long[place]), size)
    if len(long) > size + 1:
        return _Step.TWO
    if len(long) == size + 1:
        if short[place:] != long[place + 1 :]:
            return _Step.TWO
        letter = long[place]
        if place and letter == long[place - 1]:
            return _Step.DOUBLED
        if place == size:
            return _Step.ENDING if letter in _VOWELS and short[-1] not in _RARE_LAST else _Step.MISSING_AT_EDGE
        return _Step.MISSING if place else _Step.MISSING_AT_EDGE
    if short[place + 1 :] == long[place + 1 :]:
        was, now = short[place], long[place]
        if place >= size - 2 and was in _VOWELS and now in _VOWELS:
            return _Step.ENDING  # "hermano", "hermanas"
        if place == size - 1 and was in _ENDINGS and now in _ENDINGS:
            return _Step.OTHER_ENDING
        if place == 0:
            return _Step.OTHER_AT_EDGE
        return _Step.OTHER if (was in _VOWELS) is (now in _VOWELS) else _Step.OTHER_KIND
    if short[place] == long[place + 1] and short[place + 1] == long[place] and short[place + 2 :] == long[place + 2 :]:
        return _Step.SWAPPED if place else _Step.SWAPPED_FIRST
    return _Step.TWO


def _is_class_slip(one: str, other: str, step: _Step, *, odd: bool) -> bool:
    """A negation, a date or a number word that was mistyped, and has not become another word by that."""
    if one in GRAMMAR and other in GRAMMAR:
        return not GRAMMAR[one] & GRAMMAR[other] and step in _SWAPS
    shorter = min(len(one), len(other))
    if step is _Step.DOUBLED or step in _SWAPS:
        return shorter >= 3 or odd
    if odd:
        return shorter >= 3
    if step is _Step.MISSING:
        return shorter >= 4
    return shorter >= _LONG_LETTERS - 1 and (step is _Step.OTHER or step is _Step.OTHER_KIND)


def _looks_odd(word: str) -> bool:
    """Whether letters stand side by side that do not in words of the crowd's languages."""
    before = "_"
    vowels = 0
    for letter in word:
        if before + letter not in PAIRS:
            return True
        before = letter
        vowels += letter in _VOWELS_AND_Y
    if before + "_" not in PAIRS:
        return True
    if len(word) < 3:
        return False
    first, second, last = word[0], word[1], word[-1]
    if first == second and first not in "aeol":
        return True
    if first not in _VOWELS_AND_Y and second not in _VOWELS_AND_Y and word[:2] not in BEGINNINGS:
        return True
    if last not in _VOWELS_AND_Y and word[-2] not in _VOWELS_AND_Y and word[-2:] not in ENDINGS:
        return True
    return vowels == 0
