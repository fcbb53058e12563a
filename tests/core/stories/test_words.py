"""What is kept of a text to be compared."""

import json
from pathlib import Path

import pytest
from hypothesis import given

from bot.core.stories.words import Words, pack, read, unpack
from bot.core.text.normal import normalise
from tests.core.text.hostile import texts


def marked(words: Words, bits: int) -> list[str]:
    return [word for place, word in enumerate(words.text.split(" ")) if bits >> place & 1]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Good luck to my sister Beth and to Tom. Run well!", ["beth", "tom"]),
        ("RT @ana: The race is on at Tower Bridge", ["tower", "bridge"]),
        ("Viel Glück an “Jörg” und Ana-Maria!", ["glück", "jörg", "ana", "maria"]),
        ("nobody here has capitals", []),
        ("ALL OF THIS IS SHOUTED AT TOM", []),
        ("Every Word Of This Is A Headline About Tom", []),
        ("", []),
    ],
)
def test_names_are_words_with_a_capital_within_a_sentence(text: str, names: list[str]) -> None:
    words = read(text)
    assert [word for word in marked(words, words.names) if word != "the"] == names


def test_names_are_unknown_where_capitals_say_nothing() -> None:
    assert read("Good luck to Tom").cased
    assert not any(read(text).cased for text in ("good luck to tom", "GOOD LUCK TO TOM", "Good Luck To Tom", ""))


def test_tags_and_mentions_within_the_text_are_known() -> None:
    words = read("@ana A big #hug for @bob_runs and (#Team) Tom #GetInspired")
    assert words.text == "a big hug for bob runs and team tom"
    assert marked(words, words.tags) == ["hug", "bob", "runs", "team"]
    assert marked(words, words.names) == ["bob", "runs", "tom"]


def test_who_is_addressed_at_the_beginning_is_not_sought_further_on() -> None:
    words = read("RT @ana: @bob_runs 😭 @GetInspired @ana 🥇 No trains today")
    assert words.text == "getinspired ana no trains today"
    assert marked(words, words.tags) == ["getinspired", "ana"]
    assert marked(read("@ana @bob"), read("@ana @bob").tags) == ["ana", "bob"]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("The rhino has rea…", True),
        ("The rhino has rea... https://t.co/abc", True),
        ("The rhino has … #GetInspired @ana 🏃", True),
        ("The rhino … has", False),
        ("The rhino has", False),
        ("…", False),
    ],
)
def test_a_cut_end_is_seen_also_before_links_and_tags(text: str, *, cut: bool) -> None:
    assert read(text).cut is cut


def test_a_repeat_of_old_style_is_known() -> None:
    assert read("RT @ana: Hello").repeat
    assert not read("Art @ana: Hello").repeat


@given(texts)
def test_reading_and_packing_are_total_and_lose_nothing(text: str) -> None:
    words = read(text)
    assert words.text == normalise(text)
    assert unpack(pack(words)) == words


def test_naughty_strings_are_read(shared_data: Path) -> None:
    for text in json.loads((shared_data / "lists" / "blns.json").read_text(encoding="utf-8")):
        assert unpack(pack(read(text))) == read(text)


def test_a_very_long_text_keeps_its_first_names() -> None:
    words = read("so " + "Tom and " * 5000)
    assert words.names.bit_length() <= 8 * 255
    assert unpack(pack(words)) == words


@pytest.mark.parametrize("packed", [b"", b"\x01", b"\x02\0\0\0text", b"\xff" * 9])
def test_an_unknown_form_is_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match="unknown form"):
        unpack(packed)
