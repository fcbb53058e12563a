"""Phone numbers and mail addresses in posts.

A finish time (2:04:11), a bib number (12345), a year, a date, a score of runners (39,698) is no phone number; a Mastodon name
(@ana@press.example) is no mail address.
"""

import re
from collections.abc import Collection

from bot.core.rules.patterns import Pattern
from bot.core.rules.words import clean

# International (+44 …, 0044 …), national with trunk zero (020 7946 0000), North American (212-555-0100).
_PHONE = re.compile(
    r"(?:\+|(?<!\d)00)[ \u00a0(]?\d(?:[ \u00a0().\-/]{0,2}\d){6,14}"
    r"|\(?(?<!\d)0\d(?:[ \u00a0().\-/]{0,2}\d){7,10}"
    r"|\(?(?<!\d)[2-9]\d\d\)?[ .\-][2-9]\d\d[ .\-]\d{4}",
)
_DIGITS = Pattern(r"\d(?:[ \x{a0}().\-/]{0,2}\d){6}", whole=True)  # quick: most posts stop here
_DATE = re.compile(r"\d{1,2}[./\-]\d{1,2}[./\-](?:19|20)\d\d(?!\d)")
_BEFORE = frozenset(":.,/=&%_#@-+£$€")
_MAIL_HOST = re.compile(r"[^\W_](?:[\w\-]{0,62}\.){1,8}[^\W\d_]{2,24}")
_MAIL_LOCAL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-")
_LONGEST_LOCAL = 64


def phone_spans(text: str) -> list[tuple[int, int]]:
    """Where phone numbers stand in a clean text: start and end in code points, in order, never overlapping."""
    if not _DIGITS.found(text):
        return []
    return [found.span() for found in _PHONE.finditer(text) if _is_phone(text, *found.span())]


def _is_phone(text: str, start: int, end: int) -> bool:
    before = text[start - 1] if start else " "
    if before.isalnum() or before in _BEFORE:
        return False
    after = text[end : end + 2]
    if after[:1].isdigit() or (after[:1] in {":", ","} and after[1:].isdigit()) or after[:1] in {"/", "_", "%"}:
        return False
    return _DATE.match(text, start) is None


def has_phone(text: str) -> bool:
    """Whether a phone number stands in the text."""
    return bool(phone_spans(text))


def email_spans(text: str) -> list[tuple[int, int]]:
    """Where mail addresses stand: start and end in code points, in order, never overlapping."""
    spans = []
    at = text.find("@")
    last = 0
    while at != -1:
        start = at
        while start > last and at - start < _LONGEST_LOCAL and text[start - 1] in _MAIL_LOCAL:
            start -= 1
        host = _MAIL_HOST.match(text, at + 1)
        before = text[start - 1] if start else " "
        if host and start < at and before not in "@/":
            spans.append((start, host.end()))
            last = host.end()
        at = text.find("@", max(at + 1, last))
    return spans


def has_email(text: str) -> bool:
    """Whether a mail address stands in the text."""
    return "@" in text and bool(email_spans(text))


def redacted(text: str, kinds: Collection[str]) -> str:
    """Black out phone numbers and mail addresses, each by as many blocks as it had characters, so that places stay.

    Args:
        text: Any text.
        kinds: Of "phone" and "email"; empty changes nothing.
    """
    text = clean(text)
    spans = (phone_spans(text) if "phone" in kinds else []) + (email_spans(text) if "email" in kinds else [])
    for start, end in spans:
        text = text[:start] + "█" * (end - start) + text[end:]
    return text
