"""Is one word the other one, mistyped? "teh" is "the"; "Tim" is not "Tom", and "sister" is not "brother".

A slip of the finger is one step: two letters swapped, one doubled, left out, put in or hit wrong. Another word can be one
step away, too ("Hale", "Dale"; "son", "sun"), so a step counts as a slip only where what it makes does not look like a
word: its letters do not follow one another in any language of the crowd, or other texts do not know it.
"""

import unicodedata
from collections.abc import Callable

from rapidfuzz.distance import OSA

from bot.core.stories.closed import DATES, GRAMMAR, NEGATIONS, NUMBERS, PAIRS

# From here on a word has few neighbours, so that one step to another real word is rare.
_LONG_LETTERS = 6
_VERY_LONG_LETTERS = 9
# Seen in so many other texts, a word is a word; seen in fewer than the second figure, it may be a slip.
_KNOWN_TEXTS = 3
_STRANGE_TEXTS = 2

Known = Callable[[str], int]

_CLASSES = NEGATIONS | DATES | NUMBERS
_VOWELS = frozenset("aeiou")


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
    if one in _CLASSES or other in _CLASSES:
        return _is_class_slip(one, other)
    if known is not None:
        seen, others = known(one), known(other)
        if seen >= _KNOWN_TEXTS and others >= _KNOWN_TEXTS:
            return False
        if not names and shorter > 1 and min(seen, others) < _STRANGE_TEXTS and max(seen, others) >= _KNOWN_TEXTS:
            return True
    return _looks_like_slip(one, other, steps, names=names)


def _is_class_slip(one: str, other: str) -> bool:
    """A negation, a date or a number word that was mistyped, and has not become another word by that."""
    if (one in _CLASSES and other in _CLASSES) or one in GRAMMAR or other in GRAMMAR:
        return False
    return min(len(one), len(other)) >= 3 and _looks_odd(one) != _looks_odd(other)


def _looks_like_slip(one: str, other: str, steps: int, *, names: bool) -> bool:
    """By the form of the two words alone."""
    shorter = min(len(one), len(other))
    if one.isascii() and other.isascii() and _looks_odd(one) != _looks_odd(other):
        return shorter > 1 or one in GRAMMAR or other in GRAMMAR
    grammar = (one in GRAMMAR) + (other in GRAMMAR)
    if grammar:
        return grammar == 1 and not names and shorter > 1
    if len(one) == len(other):
        changed = [place for place in range(len(one)) if one[place] != other[place]]
        if steps == 1 and len(changed) == 2:  # swapped
            return shorter >= (_LONG_LETTERS + names)
        # The end of a word says whose, how many and when: "hermano", "hermana".
        return not names and shorter >= _LONG_LETTERS and changed[-1] < shorter - 2
    short, long = (one, other) if len(one) < len(other) else (other, one)
    place = next((place for place in range(shorter) if short[place] != long[place]), shorter)
    doubled = place > 0 and long[place] == long[place - 1]
    if doubled and not names:
        return shorter >= 3
    if place >= shorter - 1 and long[place] in _VOWELS:
        return False
    return shorter >= (_LONG_LETTERS + names) and (not names or 0 < place < shorter)


def _looks_odd(word: str) -> bool:
    """Whether two letters stand side by side that do not in words of the crowd's languages."""
    before = "_"
    for letter in word:
        if before + letter not in PAIRS:
            return True
        before = letter
    return before + "_" not in PAIRS
