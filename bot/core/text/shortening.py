"""Cutting a text so that it fits: at a word, never through a grapheme, a link or a tag."""

import re
from collections.abc import Callable
from itertools import accumulate

from bot.core.model import LengthUnit
from bot.core.text.facets import facets
from bot.core.text.hashtags import hashtags
from bot.core.text.lengths import graphemes, length
from bot.core.text.links import links

ELLIPSIS = "…"

# What is no tag or link as a whole must not become one by being cut: "#…" of a hundred letters, "site.com.jpg", "3:35.21".
_TAG_RUN = re.compile(r"(?<!\S)[#＃$@]\S+")
_ASCII_RUN = re.compile(r"[!-~]+")
_INNER_DOT = re.compile(r"[A-Za-z0-9]\.[A-Za-z0-9]")

# A cut between words is preferred while it keeps this share of what a cut between any two graphemes would keep.
_WORD_SHARE = 0.6


def fits(text: str, limit: int, unit: LengthUnit, max_bytes: int = 0) -> bool:
    """Whether a text keeps to a limit in its unit, and in UTF-8 bytes where `max_bytes` is not 0."""
    if max_bytes and len(text.encode("utf-8", "replace")) > max_bytes:
        return False
    return length(text, unit) <= limit


def shorten(text: str, limit: int, unit: LengthUnit, max_bytes: int = 0) -> str:
    """The text, or its beginning and "…", so that it keeps to a limit.

    Args:
        text: Any text; what fits is returned as it is, so that shortening twice is shortening once.
        limit: The most that the result may measure, in `unit`s; may be 0 or less.
        unit: How the platform counts.
        max_bytes: The most UTF-8 bytes; 0 for no limit.

    Returns:
        Never more than the limits. Cut between words where that keeps enough, else between graphemes; never through a
        grapheme, a link, a tag or a mention. "" where not even one grapheme and "…" fit.
    """
    return shorten_to(text, lambda cut: fits(cut, limit, unit, max_bytes))


def shorten_to(text: str, accepts: Callable[[str], bool]) -> str:
    """As `shorten`, for any test of what fits; the test should not refuse a beginning of what it accepts.

    Returns:
        A text that `accepts` was asked about and took, or "".
    """
    if accepts(text):
        return text
    cuts = _Cuts(text)
    best = _last_fitting(cuts.all, cuts, accepts)
    if not best:
        return ""
    words = [cut for cut in cuts.between_words if best * _WORD_SHARE <= cut <= best]
    for cut in (*reversed(words), best):
        shortened = cuts.made(cut)
        if accepts(shortened):
            return shortened
    return ""


def _close(closed: bytearray, start: int, end: int) -> None:
    closed[start + 1 : end] = b"\x01" * (end - start - 1)


class _Cuts:
    """Where a text may be cut, and what is left when it is."""

    def __init__(self, text: str) -> None:
        self.text = text
        closed = bytearray(len(text) + 1)
        self.ends: set[int] = set()
        for entity in (*links(text), *facets(text), *hashtags(text)):
            _close(closed, entity.start, entity.end)
            if entity.kind == "link":
                self.ends.add(entity.end)
        for run in _TAG_RUN.finditer(text):
            _close(closed, *run.span())
        for run in _ASCII_RUN.finditer(text):
            if _INNER_DOT.search(run.group()):
                _close(closed, *run.span())
        self.all = [end for end in accumulate(map(len, graphemes(text))) if not closed[end]]
        self.between_words = [end for end in self.all if end < len(text) and text[end].isspace()]

    def made(self, cut: int) -> str:
        """The text up to a cut, with "…"; a link at its end is kept apart, since "…" could become part of it."""
        kept = self.text[:cut].rstrip()
        if not kept:
            return ""
        return f"{kept} {ELLIPSIS}" if len(kept) in self.ends else f"{kept}{ELLIPSIS}"


def _last_fitting(places: list[int], cuts: _Cuts, accepts: Callable[[str], bool]) -> int:
    """The last place whose cut is accepted, 0 for none; lengths may dip where a link begins, so the find is checked."""
    low, high = 0, len(places)
    while low < high:
        middle = (low + high) // 2
        if accepts(cuts.made(places[middle])):
            low = middle + 1
        else:
            high = middle
    for place in reversed(places[:low]):
        made = cuts.made(place)
        if made and accepts(made):
            return place
    return 0
