"""Texts made harmless."""

import unicodedata
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.text.cleaning import fold, one_line, paragraphs, plain, unmentioned
from tests.core.text.hostile import mentions, texts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Caf\u00e9", "caf\u00e9"),
        ("ＧｅｔＩｎｓｐｉｒｅｄ", "getinspired"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("e\u0301", "\u00e9"),
    ],
)
def test_fold(text: str, expected: str) -> None:
    assert fold(text) == expected


@given(texts)
def test_fold_twice_is_fold_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_fold_is_stable_for_every_sign() -> None:
    unstable = [hex(code) for code in range(0x110000) if fold(fold(chr(code))) != fold(chr(code))]
    assert unstable == []


def test_plain_keeps_words_and_drops_tricks() -> None:
    assert plain("a\x00b\x1b[31mc\td\re\r\nf\u2028g") == "ab[31mc d\ne\nf\ng"
    assert plain("\u202egnp.exe\u202c \u2066x\u2069") == "gnp.exe x"
    assert plain("\ud83d \uffff") == "\ufffd \ufffd"
    assert plain("👨‍👩‍👧 می‌خواهم") == "👨‍👩‍👧 می‌خواهم"


@given(texts)
def test_plain_is_well_formed_everywhere(text: str) -> None:
    cleaned = plain(text)
    assert plain(cleaned) == cleaned
    cleaned.encode("utf-8")
    assert not any(unicodedata.category(sign) == "Cc" and sign != "\n" for sign in cleaned)
    element = ET.Element("x")
    element.text = cleaned
    assert ET.fromstring(ET.tostring(element)).text == (cleaned or None)  # noqa: S314 - our own XML, made a line above


@given(texts)
def test_one_line_and_paragraphs(text: str) -> None:
    line, block = one_line(text), paragraphs(text)
    assert "\n" not in line
    assert "  " not in line
    assert line == line.strip() == one_line(line)
    assert "\n\n\n" not in block
    assert block == block.strip() == paragraphs(block)
    assert line.split() == block.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Go @ana!", "Go ana!"),
        ("@ana @bob.bsky.social", "ana bob.bsky.social"),
        ("＠ana", "ana"),
        ("RT@ana: go", "RT ana: go"),
        ("rt @ana", "rt ana"),
        ("start@example.org", "start@example.org"),
        ("@ana@example.social", "ana@example.social"),
        ("é@ana @@bob", "éana bob"),
        ("https://example.social/@ana and @bob", "https://example.social/@ana and bob"),
        ("5 @ 6", "5 @ 6"),
    ],
)
def test_unmentioned(text: str, expected: str) -> None:
    assert unmentioned(text) == expected


@given(st.one_of(texts, st.text(alphabet="@＠aR t.:_-é/\u200d")))
def test_nobody_is_mentioned(text: str) -> None:
    cleaned = unmentioned(text)
    assert unmentioned(cleaned) == cleaned
    assert mentions(cleaned) == []


def test_the_check_for_mentions_finds_some() -> None:
    assert all(mentions(text) for text in ("@ana.org", "(@ana.org", "é@ana", "RT@ana", "x @ana", ".@ana", "＠ana"))
    assert not any(mentions(text) for text in ("ana@example.org", "https://example.org/@ana", "@ ana"))
