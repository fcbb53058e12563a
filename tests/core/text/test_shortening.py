"""Cutting texts so that they fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import LengthUnit
from bot.core.text.facets import facets
from bot.core.text.hashtags import hashtags
from bot.core.text.lengths import graphemes, length
from bot.core.text.links import links
from bot.core.text.shortening import fits, shorten
from tests.core.text.hostile import texts


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("Good luck to everyone", 21, "Good luck to everyone"),
        ("Good luck to everyone", 20, "Good luck to…"),
        ("Good luck to everyone", 10, "Good luck…"),
        ("Goodlucktoeveryone", 8, "Goodluc…"),
        ("go https://example.com/abc now", 28, "go https://example.com/abc …"),
        ("go https://example.com/abc now", 27, "go…"),
        ("go https://example.com/abc now", 20, "go…"),
        ("run #GetInspired", 12, "run…"),
        ("see site.com.jpg", 13, "see…"),
        ("in 3:35.21", 9, "in…"),
        ("#" + "a" * 70 + "!b", 20, ""),
        ("👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 2, "👨‍👩‍👧‍👦…"),
        ("https://example.com/abc", 5, ""),
        ("abc", 1, ""),
        ("abc", 0, ""),
        ("", 0, ""),
        ("abc", -1, ""),
    ],
)
def test_shorten(text: str, limit: int, expected: str) -> None:
    assert shorten(text, limit, LengthUnit.GRAPHEMES) == expected


def test_bytes_are_a_limit_too() -> None:
    assert shorten("漢字漢字漢字", 6, LengthUnit.GRAPHEMES, max_bytes=12) == "漢字漢…"


def test_clusters_stay_whole_where_code_points_are_counted() -> None:
    assert shorten("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 13, LengthUnit.CHARACTERS) == "👨‍👩‍👧‍👦…"
    assert shorten("e\u0301e\u0301e\u0301", 4, LengthUnit.CHARACTERS) == "e\u0301…"


@given(
    st.lists(st.sampled_from(["👨‍👩‍👧‍👦", "🇬🇧", "e\u0301", "각", "✌🏿", "1️⃣"]), max_size=12),
    st.integers(0, 40),
    st.integers(0, 90),
)
def test_only_whole_clusters_are_kept(clusters: list[str], limit: int, max_bytes: int) -> None:
    short = shorten("".join(clusters), limit, LengthUnit.CHARACTERS, max_bytes)
    kept = short.removesuffix("…")
    assert kept in {"".join(clusters[:count]) for count in range(len(clusters) + 1)}


def test_an_ellipsis_weighs_two_on_x() -> None:
    assert shorten("abcdef", 5, LengthUnit.WEIGHTED) == "abc…"


@given(texts, st.integers(-1, 80), st.sampled_from(LengthUnit), st.integers(0, 120))
def test_shortened_fits_and_cuts_nothing_apart(text: str, limit: int, unit: LengthUnit, max_bytes: int) -> None:
    short = shorten(text, limit, unit, max_bytes)
    assert not short or fits(short, limit, unit, max_bytes)
    assert shorten(short, limit, unit, max_bytes) == short
    if short == text:
        return
    assert not fits(text, limit, unit, max_bytes)
    if not short:
        return
    assert short.endswith("…")
    kept = short.removesuffix("…").rstrip()
    assert text.startswith(kept)
    ends = {0}
    for grapheme in graphemes(text):
        ends.add(max(ends) + len(grapheme))
    # White space at the cut is dropped, so the cut may lie anywhere in the white space after what is kept.
    rest = text[len(kept) :]
    gap = len(rest) - len(rest.lstrip())
    assert any(len(kept) + step in ends for step in range(gap + 1))
    for entity in (*links(text), *facets(text), *hashtags(text)):
        assert not entity.start < len(kept) < entity.end


@given(st.integers(0, 400), st.sampled_from(LengthUnit))
def test_plain_words_use_what_there_is(limit: int, unit: LengthUnit) -> None:
    text = "word " * 60 + "end"
    short = shorten(text, limit, unit)
    assert short == text or limit < 12 or length(short, unit) > limit - 7
