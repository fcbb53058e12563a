"""How long a text is, as each platform counts it.

Source: Bluesky's lexicon (graphemes of UAX #29); X "Counting characters" and twitter-text's configurations v2 and v3;
Mastodon's `status_length` rules. Lengths are never negative, and 0 only for the empty text.
"""

import unicodedata
from typing import assert_never

import regex

from bot.core.model import LengthUnit
from bot.core.text.links import links

LINK_LENGTH = 23
"""What X and Mastodon count for every link, however long it is."""

_GRAPHEME = regex.compile(r"\X")
# One grapheme that is drawn as an emoji: a flag, a keycap, or signs with tints, variations, tags and joiners.
_EMOJI = regex.compile(
    r"[\U0001F1E6-\U0001F1FF]{2}"
    r"|[0-9#*]\uFE0F?\u20E3"
    r"|\p{Extended_Pictographic}(?:[\uFE0F\U0001F3FB-\U0001F3FF]|[\U000E0020-\U000E007F])*"
    r"(?:\u200D\p{Extended_Pictographic}[\uFE0F\U0001F3FB-\U0001F3FF]*)*"
)
_LIGHT = regex.compile(r"[\u0000-\u10FF\u2000-\u200D\u2010-\u201F\u2032-\u2037]")
_REMOTE = regex.compile(r"(?<![=/\w])(@[A-Za-z0-9_]+(?:[A-Za-z0-9_.\-]*[A-Za-z0-9_])?)@[\w.\-]*\w")


def graphemes(text: str) -> list[str]:
    """User-perceived characters in order; joined they are the text again. CR LF is one."""
    if text.isascii() and "\r" not in text:
        return list(text)
    return list(_GRAPHEME.findall(text))


def length(text: str, unit: LengthUnit) -> int:
    """How much of a limit a text takes up, in the given unit."""
    match unit:
        case LengthUnit.GRAPHEMES:
            return _grapheme_length(text)
        case LengthUnit.WEIGHTED:
            return weighted_length(text)
        case LengthUnit.MASTODON:
            return _mastodon_length(text)
        case LengthUnit.CHARACTERS:
            return len(text)
        case _:
            assert_never(unit)


def weighted_length(text: str, *, emoji_is_two: bool = True) -> int:
    """X's weight of a text: links 23, Latin and its neighbours 1, everything else 2, counted on NFC.

    Args:
        text: Any text.
        emoji_is_two: Any sequence that is drawn as one emoji counts 2, as X does since configuration v3; in v2 each of its
            code points counts for itself.
    """
    text = unicodedata.normalize("NFC", text)
    total = last = 0
    for link in links(text):
        total += _weight(text[last : link.start], emoji_is_two=emoji_is_two) + LINK_LENGTH
        last = link.end
    return total + _weight(text[last:], emoji_is_two=emoji_is_two)


def _weight(text: str, *, emoji_is_two: bool) -> int:
    if text.isascii():
        return len(text)
    total = 0
    if emoji_is_two:
        text, found = _EMOJI.subn("", text)
        total = 2 * found
    return total + 2 * len(text) - len(_LIGHT.findall(text))


def _grapheme_length(text: str) -> int:
    if text.isascii():
        return len(text) - text.count("\r\n")
    return len(_GRAPHEME.findall(text))


def _mastodon_length(text: str) -> int:
    """Graphemes, with every link that names its scheme as 23 and every remote handle as its local part."""
    total = last = 0
    if "://" in text:
        for link in links(text):
            if text.startswith(link.target, link.start):  # a bare host is only text there
                total += _grapheme_length(_REMOTE.sub(r"\1", text[last : link.start])) + LINK_LENGTH
                last = link.end
    rest = text[last:]
    return total + _grapheme_length(_REMOTE.sub(r"\1", rest) if "@" in rest else rest)
