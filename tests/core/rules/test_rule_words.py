"""Whole words in any script, and texts that people disguise."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.rules.domains import any_under, domain_of, domains_of, tidy_domain
from bot.core.rules.words import WordIndex, clean, fold, loosen


def found(term: str, text: str) -> bool:
    return WordIndex({fold(term): 1}).scan(fold(text)) == 1


EDGES = {  # the 17 by which ways to find words were compared: a list, a text, what must be found of the list
    "a word in another case": (["race"], "The Race!", ["race"]),
    "the beginning of a longer word": (["race"], "a racehorse", []),
    "the middle of a longer word": (["race"], "embrace it", []),
    "a hashtag": (["#race"], "go #race go", ["#race"]),
    "the beginning of a longer hashtag": (["#race"], "the #racers", []),
    "a word that stands as a hashtag": (["race"], "#race", ["race"]),
    "an emoji between letters": (["🏁"], "over🏁here", ["🏁"]),
    "a word that ends with signs": (["c++"], "I like c++.", ["c++"]),
    "signs behind the end of another word": (["c++"], "abc++", []),
    "a word of a script without spaces": (["優勝"], "彼が優勝した", ["優勝"]),
    "a word beside a script without spaces": (["marathon"], "東京marathon優勝", ["marathon"]),
    "an apostrophe of another form": (["don't stop"], "Don’t stop now", ["don't stop"]),
    "an accent in capitals": (["café"], "un CAFÉ noir", ["café"]),
    "a letter behind an accent": (["café"], "cafés", []),
    "one letter that capitals write as two": (["straße"], "die STRASSE hinauf", ["strasse"]),
    "the beginning of a Cyrillic word": (["бег"], "бегун", []),
    "a phrase that begins with another term": (["race", "race day"], "race days", ["race"]),
}


def test_the_edges_are_seventeen() -> None:
    assert len(EDGES) == 17


@pytest.mark.parametrize(("terms", "text", "expected"), EDGES.values(), ids=EDGES)
def test_a_word_is_found_where_it_has_edges(terms: list[str], text: str, expected: list[str]) -> None:
    index = WordIndex(dict.fromkeys(map(fold, terms), 1))
    assert [hit.term for hit in index.hits(fold(text), 1)] == expected
    assert (index.scan(fold(text)) == 1) is bool(expected)


@pytest.mark.parametrize(
    ("term", "text", "expected"),
    [
        ("бег", "Мой бег.", True),
        ("race day", "race days", False),
        ("giveaway", "ＧＩＶＥＡＷＡＹ", True),
        ("giveaway", "give\u200baw\u00aday", True),
        ("giveaway", "𝓰𝓲𝓿𝓮𝓪𝔀𝓪𝔂", True),
        ("5k", "15K", False),
        ("ass", "massive class", False),
        ("word", "snake_word_case", False),
        ("נהדר", "זה נהדר!", True),
    ],
)
def test_a_term_is_found_as_a_whole_word_only(term: str, text: str, *, expected: bool) -> None:
    assert found(term, text) is expected


def test_overlapping_terms_are_all_found_and_told_apart() -> None:
    index = WordIndex({"race": 1, "race day": 2, "day": 4})
    assert index.scan("race days") == 1
    assert index.scan("race day") == 7
    assert [(hit.term, hit.start, hit.end) for hit in index.hits("my race day", 6)] == [
        ("race day", 3, 11),
        ("day", 8, 11),
    ]


def test_an_index_without_terms_finds_nothing() -> None:
    assert WordIndex({}).scan("anything") == 0
    assert WordIndex({}).hits("anything", 1) == ()


@given(st.text())
def test_folding_takes_any_text(text: str) -> None:
    assert fold(text).encode() is not None
    assert loosen(text).encode() is not None
    assert WordIndex({"a": 1, "🏁": 2}).scan(fold(text)) >= 0


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_plain_texts_fold_as_all_others_do(text: str) -> None:
    assert fold(text) == fold(text + "é")[:-1]


_MIXED = st.text(
    alphabet=st.one_of(st.sampled_from("aéÉ!@4`’\ufe0f\u200b\u0301\u0323🏃ＡㅤΣаß"), st.characters()), max_size=40
)


@given(_MIXED)
def test_calm_texts_fold_as_all_others_do(text: str) -> None:
    assert fold(text) == fold(text + " É")[:-2]  # a capital outside of ASCII is never calm
    assert loosen(text) == loosen(text + " а")[:-2]  # nor is a letter of another script


@given(st.text(max_size=60))
def test_folding_forgets_case(text: str) -> None:
    assert fold(fold(text).upper().lower()) == fold(fold(fold(text).upper().lower()))


def test_lone_surrogates_become_valid_text() -> None:
    assert clean("a\ud800b") == "a\ufffdb"
    assert clean("🏁\udfff") == "🏁\ufffd"


def test_a_pile_of_marks_is_folded_in_no_time() -> None:
    # Sorting 100,000 alternating marks in one go takes many seconds, and the test's time-out ends it.
    started = perf_counter()
    assert fold("a" + "\u0301\u0323" * 50_000)
    assert perf_counter() - started < 2


def test_a_long_text_is_folded_whole() -> None:
    text = "Läufer " * 300 + "GIVE’AWAY"
    assert fold(text) == "läufer " * 300 + "give'away"


@pytest.mark.parametrize(
    ("term", "text", "expected"),
    [
        ("free money", "Fr33 M0ney", True),
        ("free money", "frее mоnеy", True),  # Cyrillic look-alikes
        ("free money", "fŕéé mönéy", True),
        ("cash prize", "c@sh pri$e", False),
        ("cash prize", "c@sh prize!", True),
        ("free", "carefree", False),
        ("мир", "мир", True),
        ("race", "5K and 10K", False),
    ],
)
def test_disguises(term: str, text: str, *, expected: bool) -> None:
    assert (WordIndex({loosen(term): 1}).scan(loosen(text)) == 1) is expected


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.Example.org/path?x=http://other.example", "example.org"),
        ("https://example.org:8080", "example.org"),
        ("https://press.example@evil.example/", "evil.example"),
        ("https://evil.example\\@press.example/", "evil.example"),
        ("https://[2001:db8::1]:80/", "[2001:db8::1]"),
        ("https://example.org.", "example.org"),
        ("mailto:me@example.org", ""),
        ("", ""),
    ],
)
def test_domain_of_a_link(url: str, domain: str) -> None:
    assert domain_of(url) == domain


def test_domains_are_named_once_and_subdomains_belong() -> None:
    assert domains_of(("https://a.example/1", "https://www.a.example/2", "https://b.example")) == (
        "a.example",
        "b.example",
    )
    known = frozenset({tidy_domain("*.Bit.ly")})
    assert any_under(("x.bit.ly",), known)
    assert any_under(("bit.ly",), known)
    assert not any_under(("rabbit.ly",), known)
    assert not any_under((), known)
