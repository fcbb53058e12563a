"""How long texts are, beyond the conformance suites."""

import unicodedata

import pytest
from hypothesis import given

from bot.core.model import LengthUnit
from bot.core.text.lengths import graphemes, length
from tests.core.text.hostile import texts


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("", LengthUnit.GRAPHEMES, 0),
        ("a\r\nb", LengthUnit.GRAPHEMES, 3),
        ("👨‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿🇬🇧", LengthUnit.GRAPHEMES, 3),
        ("👨‍👩‍👧‍👦", LengthUnit.CHARACTERS, 7),
        ("👨‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿🇬🇧", LengthUnit.WEIGHTED, 6),
        ("漢字 ok", LengthUnit.WEIGHTED, 7),
        ("“…”", LengthUnit.WEIGHTED, 4),
        ("see x.com", LengthUnit.WEIGHTED, 27),
        ("see x.com", LengthUnit.MASTODON, 9),
        ("see https://x.com/very/long/path/that/goes/on/and/on", LengthUnit.MASTODON, 27),
        ("@ana@example.social hi", LengthUnit.MASTODON, 7),
    ],
)
def test_length(text: str, unit: LengthUnit, expected: int) -> None:
    assert length(text, unit) == expected


@given(texts)
def test_graphemes_are_the_text_and_their_number_its_length(text: str) -> None:
    pieces = graphemes(text)
    assert "".join(pieces) == text
    assert len(pieces) == length(text, LengthUnit.GRAPHEMES)
    assert all(pieces)


@given(texts)
def test_no_unit_fails_and_only_nothing_is_nothing(text: str) -> None:
    for unit in LengthUnit:
        assert (length(text, unit) > 0) == bool(text)
    assert length(text, LengthUnit.WEIGHTED) == length(unicodedata.normalize("NFC", text), LengthUnit.WEIGHTED)
