"""Words in posts: folding spellings together, and finding the terms of all word lists in one pass.

A term is found as a whole word, never inside another ("Scunthorpe", "Dick Beardsley", "15K" for "5K"). Smart edges: an edge of
a term needs a word boundary only where the term's own character there belongs to a script that puts spaces between words.
So "#race" spares "#racers", an emoji is found anywhere, and 優勝 is found inside a Japanese sentence.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, Implementation

# Soft hyphen, joiners, direction marks, variation selectors, fillers and tags: they are not seen, so they do not count.
_UNSEEN = (
    "\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_UNSEENS = re.compile(f"[{_UNSEEN}]")
_APOSTROPHE = "\u2018\u2019\u201b\u02bc\u02b9\u2032\u00b4`"
_APOSTROPHES = re.compile(f"[{_APOSTROPHE}]")
_MARK = "\u0300-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
_MARKS = re.compile(f"[{_MARK}]+")
_RESTLESS = re.compile(f"[{_UNSEEN}{_APOSTROPHE}{_MARK}]")
_ASCII = bytes(range(128))
# Sorting a long pile of combining marks takes quadratic time, so a long text is normalised in pieces.
_LONG = 400
_PIECE = 100
_FEW_TERMS = 1_000

_ASCII_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
# Scripts that write no spaces between words: Thai, Lao, Myanmar, Khmer, Kana, Han.
_UNSPACED = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x2E80, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


def clean(text: str) -> str:
    """The text with a replacement character for what is no valid text (lone surrogates)."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def fold(text: str) -> str:
    """Fold spellings together: width, style, case, what is not seen, and curly apostrophes.

    Returns:
        Text of possibly another length, without lone surrogates.
    """
    if text.isascii():
        if "`" in text:
            text = text.replace("`", "'")
        return text.lower()
    text = clean(text)
    if len(text) > _LONG:
        return "".join(_folded(piece) for piece in _pieces(text))
    return _folded(text)


def _pieces(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        end = at + _PIECE
        if end < len(text):
            end = max(text.rfind(" ", at, end) + 1, 0) or end
        yield text[at:end]
        at = end


def _folded(text: str) -> str:
    text = text.replace("\u2019", "'").replace("\ufe0f", "").replace("`", "'")  # the frequent ones
    encoded = text.encode()
    strange = _strange(encoded)
    if not _RESTLESS.search(strange) and strange.casefold() == strange and unicodedata.is_normalized("NFKC", strange):
        return encoded.lower().decode()  # only ASCII can change: no mark joins a letter, nothing else has a case
    text = _APOSTROPHES.sub("'", _UNSEENS.sub("", text))
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _strange(encoded: bytes) -> str:
    """What is not ASCII in a text (UTF-8): mostly a few signs, so it is quicker to look through than the text."""
    return encoded.translate(None, _ASCII).decode()


_LOOKALIKES = str.maketrans(
    "авекмнорстухіјѕԁԛԝɡαβεικνορτυχ",
    "abekmhopctyxijsdqwgabeikvoptux",
)
_ALIEN = "\u0370-\u03ff\u0400-\u052f\u0251"  # Greek, Cyrillic, script a
_ALIENS = re.compile(f"[{_ALIEN}]")
_DISGUISED = re.compile(f"[{_MARK}{_ALIEN}]")
_DIGITS = (("0", "o"), ("1", "i"), ("3", "e"), ("4", "a"), ("5", "s"), ("7", "t"))
_SIGNS = str.maketrans("@$!", "asi")
_SIGNS_INSIDE = re.compile(r"([@$!])(?<=[^\W_].)(?=[^\W_])")
_WORD = re.compile(r"[^\W_]+")


def loosen(text: str) -> str:
    """Fold disguises as well: accents, look-alikes from other scripts in mixed words, digits and signs for letters.

    Harms honest text ("5K" becomes "sk"), so it serves `looks_like` alone.
    """
    return loosen_folded(fold(text))


def loosen_folded(text: str) -> str:
    """As `loosen`, for a text that is folded already."""
    if not text.isascii() and _in_disguise(_strange(text.encode())):
        bare = _MARKS.sub("", text)  # before taking apart: a pile of marks takes quadratic time to sort
        text = _MARKS.sub("", unicodedata.normalize("NFD", bare))
        if _ALIENS.search(text):
            text = _WORD.sub(_unmask, text)
    for digit, letter in _DIGITS:
        text = text.replace(digit, letter)
    if "!" in text or "@" in text or "$" in text:
        text = _SIGNS_INSIDE.sub(lambda found: found.group().translate(_SIGNS), text)
    return text


def _in_disguise(strange: str) -> bool:
    return _DISGUISED.search(strange) is not None or not unicodedata.is_normalized("NFD", strange)


def _unmask(word: re.Match[str]) -> str:
    letters = word.group()
    mixed = not letters.isascii() and any("a" <= letter <= "z" for letter in letters)
    return letters.translate(_LOOKALIKES) if mixed else letters


@lru_cache(maxsize=4096)
def _joins(character: str) -> bool:
    """Whether the character goes on with a word of a script that writes spaces."""
    if not (character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")):
        return False
    point = ord(character)
    return not any(low <= point <= high for low, high in _UNSPACED)


@dataclass(frozen=True, slots=True)
class Hit:
    """A term found in a folded text.

    Attributes:
        term: As it was folded.
        start: Index in the folded text.
        end: Index after its last character.
        lists: Bits of the lists that hold it.
    """

    term: str
    start: int
    end: int
    lists: int


class WordIndex:
    """All terms of many lists in one automaton; immutable, safe to share between threads.

    Args:
        terms: Folded terms, none of them empty, each with the bits of the lists that hold it.
    """

    __slots__ = ("_edges", "_find", "_masks", "_terms")

    def __init__(self, terms: Mapping[str, int]) -> None:
        self._terms: Sequence[str] = tuple(terms)
        self._masks = tuple(terms.values())
        self._edges = tuple((_joins(term[0]), _joins(term[-1])) for term in self._terms)
        kind = Implementation.DFA if len(terms) <= _FEW_TERMS else None  # faster, but large
        self._find = AhoCorasick(list(self._terms), implementation=kind).find_matches_as_indexes if terms else None

    def scan(self, folded: str) -> int:
        """The bits of all lists that have a term in the text."""
        if self._find is None:
            return 0
        lists = 0
        for index, start, end in self._find(folded, True):
            bits = self._masks[index]
            if lists | bits != lists and self._is_word(folded, index, start, end):
                lists |= bits
        return lists

    def hits(self, folded: str, lists: int) -> tuple[Hit, ...]:
        """Each term of these lists that is in the text, in the order of the text."""
        if self._find is None:
            return ()
        found = (
            Hit(self._terms[index], start, end, self._masks[index])
            for index, start, end in self._find(folded, True)
            if self._masks[index] & lists and self._is_word(folded, index, start, end)
        )
        return tuple(sorted(found, key=lambda hit: (hit.start, -hit.end)))

    def _is_word(self, folded: str, index: int, start: int, end: int) -> bool:
        left, right = self._edges[index]
        if left and start:
            before = folded[start - 1]
            if before in _ASCII_WORD or (not before.isascii() and _joins(before)):
                return False
        if right and end < len(folded):
            after = folded[end]
            return not (after in _ASCII_WORD or (not after.isascii() and _joins(after)))
        return True
