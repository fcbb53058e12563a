"""Patterns: found as Unicode reads, and refused with a plain word where they are wrong."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.rules.patterns import Pattern, PatternError
from bot.core.rules.words import clean


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(a", "bad pattern: missing )"),
        ("[z-a]", "bad character range"),
        ("(?=a)b", "look-ahead"),
        (r"(a)\1", "back-references"),
        ("((a{100}){100}){100}", "too large"),
        ("(i?)a", "'(?i)'"),
        ("a" * 301, "longer than 300"),
        ("a*", "empty text"),
        (r"\b", "empty text"),
        ("", "empty text"),
        ("(?é)a", "plain letters"),  # rurex panics on this
        ("[^a\\", "single backslash"),  # and on this
        ("\ud800", "cannot be used"),
    ],
)
def test_bad_patterns(pattern: str, reason: str) -> None:
    with pytest.raises(PatternError) as caught:
        Pattern(pattern)
    assert reason in str(caught.value)
    assert 0 <= caught.value.at <= len(pattern)


def test_unicode_edges() -> None:
    assert Pattern(r"(?i)\bcafé\b").found("un CAFÉ noir")
    assert Pattern(r"a\\").found("a\\")


def pattern_or_reason(text: str) -> Pattern | PatternError:
    try:
        return Pattern(text)
    except PatternError as error:
        return error


@settings(max_examples=300)
@given(st.text(alphabet="ab01é🏁()[]{}?*+.|\\^$-:<>=!PimsxubdwQE ,&#", max_size=20), st.text(max_size=50))
def test_any_text_is_a_pattern_or_is_refused(pattern: str, text: str) -> None:
    made = pattern_or_reason(pattern)
    if isinstance(made, Pattern):
        assert made.found(clean(text)) in {True, False}
    else:
        assert 0 <= made.at <= len(pattern)
