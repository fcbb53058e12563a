"""What is a phone number or a mail address, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.rules.contacts import email_spans, has_email, has_phone, phone_spans, redacted


@pytest.mark.parametrize(
    "text",
    [
        "call 020 7946 0958",
        "Tel: 07700 900123.",
        "+49 170 1234567",
        "+44 (0)20 7946 0958",
        "0044 20 7946 0958",
        "(212) 555-0142",
        "212-555-0142 now",
        "01 23 45 67 89",
        "★+447700900123★",
        "mobile 07700900123",
    ],
)
def test_phones(text: str) -> None:
    assert has_phone(text)


@pytest.mark.parametrize(
    "text",
    [
        "finished in 2:04:11",
        "splits 00:59:30 01:01:02 02:00:32",
        "3:35.21 in space",
        "#race2026 bib 12345",
        "39,698 set to start",
        "24.04.2016 10:00",
        "01.05.2026 10:00",
        "1981 2016 2026 4000",
        "https://x.example/status/0123456789012",
        "£0123456789",
        "26.2 miles, 42.195 km",
        "1,000,000 cheers for 40,000 runners",
        "",
    ],
)
def test_no_phones(text: str) -> None:
    assert not has_phone(text)


@pytest.mark.parametrize("text", ["me@example.org", "write to a.b+c@mail.example.co.uk!", "(kim@example.org)"])
def test_mails(text: str) -> None:
    assert has_email(text)


@pytest.mark.parametrize(
    "text", ["@ana@press.example", "at mile 20 @kim", "https://social.example/@ana@press.example", "a@b", "@"]
)
def test_no_mails(text: str) -> None:
    assert not has_email(text)


def test_redaction_keeps_places() -> None:
    text = "mail me@example.org or call 020 7946 0958 🏁"
    black = redacted(text, ("phone", "email"))
    assert black == "mail ██████████████ or call █████████████ 🏁"
    assert len(black) == len(text)
    assert redacted(text, ()) == text
    assert redacted(text, ("phone",)).startswith("mail me@example.org")


@given(st.text(alphabet="0123456789+-() ./@a.,:\ud800é", max_size=80))
def test_spans_are_ordered_and_inside(text: str) -> None:
    for spans in (email_spans(text), phone_spans(redacted(text, ()))):
        last = 0
        for start, end in spans:
            assert last <= start < end <= len(text)
            last = end


@given(st.text(alphabet="0123456789+() @a.é", max_size=80))
def test_what_is_redacted_is_gone(text: str) -> None:
    black = redacted(text, ("phone", "email"))
    assert len(black) == len(text)
    for start, end in phone_spans(text):
        assert set(black[start:end]) == {"█"}
