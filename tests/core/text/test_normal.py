"""Words as they are compared."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.text.normal import normalise
from tests.core.text.hostile import texts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RT @LondonMarathon: Good luck!", "good luck"),
        ("rt @a: RT @b: @c Good luck", "good luck"),
        ("@ana @bob Good luck", "good luck"),
        (".@ana Good luck", "good luck"),
        ("Good luck @ana!", "good luck ana"),
        ("Good luck #LondonMarathon #GetInspired", "good luck"),
        ("Good #luck to all", "good luck to all"),
        ("Good luck via @ana", "good luck"),
        ("Good luck (via @ana) #go https://t.co/abc", "good luck"),
        ("Good luck https://example.com/a?b=c#d 🏃‍♀️🏃🏽", "good luck"),
        ("It is -3, or −3, or –3 or (-3) now", "it is -3 or -3 or -3 or -3 now"),
        ("10-12 of us, 2-1, 2 -1, on 2016-04-24, sub-4, a - 3", "10 12 of us 2 1 2 1 on 2016 04 24 sub 4 a 3"),
        ("up +5%, down -5%, 4+3", "up +5 down -5 4 3"),
        ("€15, 15€, 15 € and US$15", "€15 €15 €15 and us $15"),
        ("£1,250.50, 1,250 €, 1 250 €, -£5, $ 15", "£1 250 50 €1 250 €1 250 -£5 15"),
        ("In 2016 $5", "in 2016 $5"),
        ("１５￥", "¥15"),
        ("Good luck pic.twitter.com/AbC", "good luck"),
        ("見てhttps://t.co/abc続き", "見て 続き"),
        ("You’ve got this, don't stop…", "youve got this dont stop"),
        ("Ｋｉｐｃｈｏｇｅ ﬁnishes in 2:03:05", "kipchoge finishes in 2 03 05"),
        ("1️⃣ first 💪🏿word😀word", "1 first word word"),
        ("#a #b", "a b"),
        ("@a @b", "a b"),
        ("RT @a:", "rt a"),
        ("RT @a: #b #c", "b c"),
        ("@a @b #c", "c"),
        ("महात्मा गांधी", "महात्मा गांधी"),
        ("", ""),
        ("!!!", ""),
        ("a\x00b\u200bc\n\n  d", "a bc d"),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Through the 10K split!", "Through the 20K split!"),
        ("Good luck to my sister", "Good luck to my brother"),
        ("See you Saturday", "See you Sunday"),
        ("It is 3 degrees", "It is -3 degrees"),
        ("+5% since last year", "-5% since last year"),
        ("Entry is €15", "Entry is £15"),
    ],
)
def test_what_makes_another_story_stays(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@given(texts)
def test_twice_is_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert once == " ".join(once.split())


def test_twice_is_once_for_every_sign() -> None:
    # Unassigned signs vanish, and letters without case or composition stay: the others are what can move.
    for code in range(0x110000):
        sign = chr(code)
        if unicodedata.category(sign) in {"Cn", "Co"} or (
            unicodedata.category(sign) == "Lo" and not unicodedata.decomposition(sign)
        ):
            continue
        once = normalise(f"a{sign}\u0301b")
        assert normalise(once) == once, hex(code)


def test_naughty_strings(shared_data: Path) -> None:
    for text in json.loads((shared_data / "lists" / "blns.json").read_text(encoding="utf-8")):
        once = normalise(text)
        assert normalise(once) == once


@settings(max_examples=2000)
@given(st.text("-−–+€£$ 15.,()a%#@", max_size=14))
def test_twice_is_once_for_signs_and_numbers(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
