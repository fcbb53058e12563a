"""What patterns cost: counted before they run, so that none holds a post up on any text."""

import re
from dataclasses import dataclass

import pytest
import rurex
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import RuleError
from bot.core.rules.pattern_work import work
from bot.core.rules.patterns import MOST_STEPS, MOST_WORK, Pattern, PatternError, steps
from bot.core.rules.ruleset import load

RULE = """[[rule]]
id = "hostile"
action = "hold"
when = ['matches(text, r"{pattern}")']
"""


@pytest.mark.parametrize(
    ("pattern", "places"),
    [
        ("abc", 3),
        ("héé", 3),
        ("a|bc", 4),
        ("(?:ab)", 2),
        ("(ab)", 4),
        ("(?P<name>ab)", 4),
        ("(?<name>ab)", 4),
        ("(?i)ab", 2),
        ("(?i:ab)", 2),
        ("a{10}", 10),
        ("a{ 10 }", 10),
        ("a{10}?", 11),
        ("a{2,}", 3),
        ("a{2,5}", 8),
        ("a{0,5}", 10),
        ("a*b+c?", 6),
        ("a{0}", 1),
        (r"\w\d\pL\p{Greek}", 8),
        (r"\w{10}\p{L}{10}\pL{10}", 60),
        (r"\b\Ba", 5),
        (r"\b{start}a", 3),
        (r"\b{2}a", 5),
        (r"\x{61}{3}\u{61}{3}", 6),
        (r"\{\}\(\)\[\]\\{3}", 9),
        ("[ab]{5}", 5),
        ("[^a]{5}", 10),
        (r"[\w]{5}", 10),
        ("[]{9}]{5}", 5),
        ("[^]{9}]{5}", 10),
        ("[-]{9}]{5}", 14),
        ("[a[{9}]{9}]{5}", 5),
        (r"[a\]{9}]{5}", 5),
        ("[[:alpha:]]{5}", 5),
        ("[a-zA-Z0-9]{5}", 10),
        ("(a{1,50}){1,50}b", 5100),
        ("(.{0,200}){5}q", 2011),
        ("((a{20}){20}){5}b", 2211),
        ("(?s).{1000}z", 1001),
        (r"\b(\w+)\b\s+\b(\w+)\b.{0,300}z", 622),
    ],
)
def test_places_are_counted(pattern: str, places: int) -> None:
    assert work(pattern) == places


@dataclass(frozen=True)
class Known:
    """A pattern that was built from pieces, so that its letters can be counted without reading it."""

    text: str
    letters: int


PIECES = st.sampled_from(["a", "é", "[ab]", r"\w", r"\pL", r"\]", "[]{3}]", r"[\]{2}]", ".", "x{2}", "[a[b{4}]]"]).map(
    lambda text: Known(text, 2 if text == "x{2}" else 1)
)
KNOWN = st.recursive(
    PIECES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: Known(two[0].text + two[1].text, two[0].letters + two[1].letters)),
        st.tuples(inner, inner).map(
            lambda two: Known(f"({two[0].text}|{two[1].text})", two[0].letters + two[1].letters)
        ),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "*?", "{1}"])).map(
            lambda two: Known(f"(?:{two[0].text}){two[1]}", two[0].letters)
        ),
        st.tuples(inner, st.integers(0, 9), st.integers(1, 9)).map(
            lambda three: Known(
                f"(?i:{three[0].text}){{{three[1]},{three[1] + three[2]}}}",
                three[0].letters * (three[1] + three[2]),
            )
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=400)
@given(KNOWN)
def test_no_letter_of_a_pattern_escapes_the_count(known: Known) -> None:
    assert work(known.text) >= known.letters


@settings(max_examples=400)
@given(st.text(alphabet="ab01é🏁()[]{}?*+.|\\^$-:<>=!Pimsubdwx, &#", max_size=30), st.integers(0, 100_000))
def test_places_times_bytes_never_pass_the_limit(pattern: str, length: int) -> None:
    try:
        made = Pattern(pattern)
    except PatternError:
        return
    assert 1 <= made.work <= MOST_WORK
    assert steps(made.work) * made.most_bytes <= MOST_STEPS
    for sign in "aé優🏁":
        looked: list[str] = []
        made._found = looked.append
        made.found(sign * length)
        assert len(looked[0].encode()) <= made.most_bytes or length == 0
        assert looked[0] == sign * min(length, made.most_bytes // len(sign.encode()))


@settings(max_examples=400)
@given(
    st.text(alphabet="aKé[]()?*+.|\\^$zbBw\U0010ffff ", min_size=1, max_size=12),
    st.sampled_from(["", "(?i)", "(?s)", "(?m)", "(?i)(?m)", "(?-u)", "(?P<name>", "(?i:"]),
    st.text(alphabet="aKkéÉ\n \U0010ffff", max_size=12),
)
def test_a_pattern_that_is_only_searched_forwards_finds_what_it_finds(rest: str, begins: str, text: str) -> None:
    pattern = begins + rest + (")" if begins.count("(") > begins.count(")") else "")
    try:
        made = Pattern(pattern)
    except PatternError:
        return
    assert made.found(text) == rurex.compile(pattern).is_match(text)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a{1,50}){1,50}b",
        "(.{0,200}){5}q",
        "((a{20}){20}){5}b",
        "(?s).{1000}z",
        r"\b(\w+)\b\s+\b(\w+)\b.{0,300}z",
        r"\w{151}",
        "(((((a{1,3}){1,3}){1,3}){1,3}){1,3}){1,3}b",
    ],
)
def test_a_pattern_whose_repeats_multiply_is_refused_with_its_place(pattern: str) -> None:
    with pytest.raises(RuleError) as caught:
        load({"a.toml": RULE.format(pattern=pattern)})
    (mistake,) = caught.value.mistakes
    assert mistake.place == "a.toml:4:24"
    assert mistake.length == len(pattern) + 3
    assert "too costly: its repeats make" in mistake.reason
    assert "a word list" in mistake.reason


@pytest.mark.parametrize("pattern", ["(?x)a {50}", "(?ix)a", "(?x: a )b"])
def test_the_flag_that_changes_how_all_is_read_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError, match="the flag x is not possible") as caught:
        Pattern(pattern)
    assert caught.value.at == pattern.index("?x" if "?x" in pattern else "?ix")


def test_what_editors_write_looks_at_whole_posts() -> None:
    for pattern in (
        r"(?i)\b(bib|runner|race)\s*(number|no\.?|num)?\s*[:#]?\s*\d{2,6}\b",
        r"(?i)\b([1-9]|1[0-7])[ -]?(years?[ -]old|yrs?[ -]old|y/o)\b",
        r"(?i)\bcross(es|ed)\s+the\s+(finish\s+)?line\b",
        r"(?i)\b(win|won|free|claim)\b.{0,40}\b(prize|voucher|iphone)\b",
    ):
        assert Pattern(pattern).most_bytes >= 2_000, "500 characters of any script"


def test_a_long_text_is_taken_to_end_where_the_pattern_stops_looking() -> None:
    pattern = Pattern("[ab]{100}c")
    seen = pattern.most_bytes
    assert pattern.found("a" * (seen - 1) + "c")
    assert not pattern.found("a" * seen + "c")
    assert Pattern("end$").found("x" * (Pattern("end$").most_bytes - 3) + "end of the text")


def test_a_stored_pattern_that_is_too_costly_today_looks_at_less() -> None:
    text = "(a{1,50}){1,50}b"
    pattern = Pattern(text, trusted=True)
    assert steps(pattern.work) * pattern.most_bytes <= MOST_STEPS
    assert pattern.found("a" * 30 + "b")
    assert re.search(text, "a" * 30 + "b")
