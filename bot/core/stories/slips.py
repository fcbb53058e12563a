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

_VERY_LONG_LETTERS = 9
# Seen in so many other texts, a word is a word; seen in fewer than the second figure, it may be a slip.
_KNOWN_TEXTS = 3
_STRANGE_TEXTS = 2
_KNOWN_NAME_TEXTS = 8
_LETTERS_OF_A_KNOWN_NAME = 5

Known = Callable[[str], int]

_CLASSES = NEGATIONS | DATES | NUMBERS
_VOWELS = frozenset("aeiou")
_VOWELS_AND_Y = frozenset("aeiouy")
# By the last letter of a word many languages say whose, how many and when.
_ENDINGS = frozenset("aeioumnrstdyh")
_RARE_LAST = frozenset("bcgjqv")


class _Step(Enum):
    """How one word becomes the other one, with the letters that a word, and a name, needs for that to be a slip.

    The shorter a word is, the more other words are one step away; the middle of a word is where they are fewest.
    """

    SWAPPED = 3, 5
    SWAPPED_FIRST = 4, 7
    DOUBLED = 3, 5
    MISSING = 3, 9
    MISSING_AT_EDGE = 5, 99
    OTHER_KIND = 4, 7  # a vowel for a consonant: what is left is hardly a word
    OTHER = 5, 99
    OTHER_AT_EDGE = 6, 99
    OTHER_ENDING = 7, 99
    TWO = 9, 99
    ENDING = 99, 99

    def __init__(self, letters: int, letters_of_a_name: int) -> None:
        self.letters = letters
        self.letters_of_a_name = letters_of_a_name


_LETTER_MORE = (_Step.MISSING, _Step.MISSING_AT_EDGE, _Step.DOUBLED, _Step.ENDING)
_SWAPS = (_Step.SWAPPED, _Step.SWAPPED_FIRST)


def bare(word: str) -> str:
    """The word without marks on its letters: "manana" for "mañana"."""
    if word.isascii():
        return word
    return "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))


def is_slip(one: str, other: str, *, names: bool, known: Known | None) -> bool:
    """Whether one of two different words is most likely the other one, mistyped.

    Args:
        one: A word as `normalise` leaves it.
        other: Another one.
        names: One of them is written with a capital within a sentence.
        known: In how many other texts a word was seen.
    """
    if abs(len(one) - len(other)) > 2:
        return False
    if not (one.isalpha() and other.isalpha()):
        return False
    steps = OSA.distance(one, other, score_cutoff=2)
    shorter = min(len(one), len(other))
    if steps > 2 or (steps == 2 and (shorter < _VERY_LONG_LETTERS or names)):
        return False
    one, other = bare(one), bare(other)
    if one == other:
        return True
    slip = _step(one, other)
    grammar = (one in GRAMMAR) + (other in GRAMMAR)
    if (one in _CLASSES and other in _CLASSES) or (grammar == 2 and not _is_grammar_slip(one, other, slip)):
        return False
    if slip is _Step.ENDING and not grammar:
        return False
    odd = one.isascii() and other.isascii() and _looks_odd(one) != _looks_odd(other)
    if one in _CLASSES or other in _CLASSES:
        return _is_class_slip(one, other, slip, odd=odd)
    if grammar and not names:
        return True
    if known is not None:
        rare, common = sorted((known(one), known(other)))
        if rare >= _KNOWN_TEXTS:
            return False
        if rare < _STRANGE_TEXTS and common >= (_KNOWN_NAME_TEXTS if names else _KNOWN_TEXTS):
            return shorter >= (_LETTERS_OF_A_KNOWN_NAME if names else 2)
    if odd:
        return shorter > 1
    if shorter == 2:
        # Nearly all words of two letters are words of grammar.
        return not names and (slip is _Step.MISSING or slip is _Step.MISSING_AT_EDGE)
    return shorter >= (slip.letters_of_a_name if names else slip.letters)


def _is_grammar_slip(one: str, other: str, slip: _Step) -> bool:
    """Two words of grammar: whether one is the other without a letter, and nothing hangs on it.

    Two of one language are two words ("in", "on"; "his", "her"), one that only another language has is a slip ("is", "si").
    """
    if not GRAMMAR[one] & GRAMMAR[other]:
        return True
    if one in PERSONS and other in PERSONS:
        return False
    return slip in _LETTER_MORE


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


def _is_class_slip(one: str, other: str, slip: _Step, *, odd: bool) -> bool:
    """A negation, a date or a number word that was mistyped, and has not become another word by that."""
    if one in GRAMMAR and other in GRAMMAR:
        return not GRAMMAR[one] & GRAMMAR[other] and slip in _SWAPS
    shorter = min(len(one), len(other))
    if slip is _Step.DOUBLED or slip in _SWAPS:
        return shorter >= 3 or odd
    return shorter >= 3 and (odd or (slip is _Step.MISSING and shorter >= 4))


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
