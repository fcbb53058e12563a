"""A post's words as they are compared with other posts' words: is it the same story?

Runs once for every collected post, so it is made for speed: cheap questions before any search, and translation tables.
"""

import re
import unicodedata

from bot.core.text.cleaning import fold

# The beginnings of links; a link goes on to the next white space or to letters that links do not have.
_LINK = re.compile(r"(?:https?://|www\.|pic\.twitter\.com/)[!-~]+")

# For texts of plain ASCII: apostrophes vanish (don't = dont), everything else that is neither letter nor digit parts words.
_ASCII = {code: " " for code in range(128) if not chr(code).isalnum()} | {ord("'"): None}
_KEPT = "LMN"

# The signs of currencies, but for those of scripts that write words without spaces.
CURRENCIES = "$£€¥₹₽₺₩₴₪₫₱₦"
SIGNS = "+-" + CURRENCIES
"""What is kept before a number, and may be a part of its word."""
_MINUS = "-−–"  # first within brackets: after another sign it would be a range
_MAY_BE_SIGNED = re.compile(rf"[{CURRENCIES}]|[{_MINUS}+]\d")
# What stands before a number and makes it another one; not the dash of "10-12", "2-1" or "2016-04-24".
_SIGNED = re.compile(rf"((?:(?<![{_MINUS}\w+{CURRENCIES})\]%.,:/])[{_MINUS}+][{CURRENCIES}]?|[{CURRENCIES}])(?=\d))")
# A currency after its number is written before it: "15 €" is "€15".
_AFTER = re.compile(rf"(?<![\d{CURRENCIES}])(\d+(?:[ .,]\d{{3}})*(?:[.,]\d+)?) ?([{CURRENCIES}])(?!\d)")
_AS_MINUS = str.maketrans("−–", "--")
_OF_A_SCORE = re.compile(r"(?<=\d )-(?=\d)")  # "2 -1"
_VANISHING_MARKS = (
    "\u20e3\ufe00\ufe01\ufe02\ufe03\ufe04\ufe05\ufe06\ufe07\ufe08\ufe09\ufe0a\ufe0b\ufe0c\ufe0d\ufe0e\ufe0f"
)


class _Table(dict[int, str | None]):
    """What becomes of a code point; what was asked once is remembered, and there are only so many code points."""

    def __missing__(self, code: int) -> str | None:
        sign = chr(code)
        category = unicodedata.category(sign)
        kept: str | None = " "
        if sign in _VANISHING_MARKS or 0xE0100 <= code <= 0xE01EF or category in {"Cf", "Cs"} or sign in "’‘ʼ":
            kept = None
        elif category[0] in _KEPT:
            kept = sign
        self[code] = kept
        return kept


_ANY = _Table(_ASCII | {code: chr(code) for code in range(128) if chr(code).isalnum()})


def normalise(text: str) -> str:
    """The words and numbers of a post, in order, without what copies of it differ in.

    Links, "RT @name:", mentions at the beginning, hashtags and "via @name" at the end, emoji, punctuation, case and
    compatibility forms are gone; words are parted by one space. Hashtags and mentions within the text stay as words. A text
    of nothing but tags, or of nothing but mentions, keeps their words. A sign or currency of a number is a part of its word:
    "-3", "€15". Applied twice it changes nothing more.
    """
    plain = text.isascii()
    # The one compatibility sign that is common in posts; without it most texts need no normalising.
    text = fold(text if plain else text.replace("…", " "))
    if "://" in text or "www." in text or ".com/" in text:
        text = _LINK.sub(" ", text)
    if "@" in text or "#" in text:
        text = _without_edges(text)
    table = _ASCII if plain else _ANY
    signed = _MAY_BE_SIGNED.search(text) is not None
    text = _with_signs(text, table) if signed else text.translate(table)
    if not plain and not text.isascii():
        # What stood between a letter and its mark may be gone now.
        text = unicodedata.normalize("NFKC", text)
    text = " ".join(text.split())
    return _OF_A_SCORE.sub("", text) if signed else text


def _with_signs(text: str, table: dict[int, str | None]) -> str:
    """The text as the table makes it, with what stands before its numbers and makes them other ones."""
    parts = _SIGNED.split(_AFTER.sub(r" \2\1 ", text))
    for at in range(len(parts)):
        parts[at] = parts[at].translate(table) if at % 2 == 0 else f" {parts[at].translate(_AS_MINUS)}"
    return "".join(parts)


def pieces(part: str) -> list[str]:
    """The words that `normalise` makes of a part of a text, which is in small letters and has no white space."""
    if part.isascii() and not ("@" in part or "#" in part or "/" in part or "www." in part):
        return part.translate(_ASCII).split()
    return normalise(part).split()


def _without_edges(text: str) -> str:
    """The text without who is addressed at its beginning and what is tagged at its end."""
    if "@" not in text:
        return _without_tags(text)
    words = text.split()
    first, last = 0, len(words)
    while first < last:
        if words[first][0] == "@" or words[first].startswith(".@"):
            first += 1
        elif words[first] == "rt" and first + 1 < last and words[first + 1][0] == "@":
            first += 2
        else:
            break
    while first < last:
        if words[last - 1][0] == "#":
            last -= 1
        elif last - first > 1 and words[last - 2] in {"via", "(via"} and words[last - 1][0] == "@":
            last -= 2
        else:
            break
    # Of nothing but tags, those are what it says; of nothing but names, the names.
    return " ".join(words[first:last] or words[first:]) or text


def _without_tags(text: str) -> str:
    """The text without the tags at its end; a text of nothing but tags stays as it is."""
    left = text
    while True:
        parts = left.rsplit(None, 1)
        if not parts or parts[-1][0] != "#":
            return left
        if len(parts) == 1:
            return text
        left = parts[0]
