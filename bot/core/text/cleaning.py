"""Texts from outside, made harmless: controls, broken characters, direction tricks, mentions.

All text is hostile. What comes out of `plain` can stand in XML, in JSON and on a terminal, and cannot turn the text around
it; escaping for HTML is still the page's work.
"""

import unicodedata

import regex

from bot.core.text.links import covers, links

# What `plain` has to look at; a text without any of it is returned as it is.
_ODD = regex.compile(
    r"[\x00-\x09\x0B-\x1F\x7F-\x9F\u2028\u2029\u202A-\u202E\u2066-\u206F\uFEFF\uFFF9-\uFFFB\uFFFE\uFFFF\uD800-\uDFFF]"
)
_LINE_ENDS = regex.compile(r"\r\n|[\r\x0B\x0C\x85\u2028\u2029]")
_DROPPED = regex.compile(r"[\x00-\x08\x0E-\x1F\x7F-\x84\x86-\x9F\u202A-\u202E\u2066-\u206F\uFEFF\uFFF9-\uFFFB]")
_BROKEN = regex.compile(r"[\uD800-\uDFFF\uFFFE\uFFFF]")

# A mail address keeps its "@"; "RT@name" does not, though a letter stands before it.
_AT = regex.compile(r"[@＠]+(?=\S)")
_MAIL_BEFORE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_REPEAT_BEFORE = regex.compile(r"(?<![A-Za-z0-9_+~.\-])[Rr][Tt]$")


def fold(text: str) -> str:
    """A tag, handle or word in the form in which it is compared (NFKC, casefold).

    Source: Unicode 15, 3.13 D146 and UAX #15; the second NFKC puts together again what casefolding took apart.
    """
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def plain(text: str) -> str:
    r"""The same words without what can harm: safe for XML, JSON, logs and terminals.

    Every kind of line end becomes `\n`, a tab a space. Other control characters, byte order marks and the characters that
    embed, override or isolate a direction are left out; lone surrogates and non-characters become U+FFFD. Marks that only
    hint a direction (LRM, RLM) and joiners stay: Arabic and emoji need them. Applied twice it changes nothing more.
    """
    if text.isprintable() or _ODD.search(text) is None:
        return text
    text = str(_LINE_ENDS.sub("\n", text)).replace("\t", " ")
    return str(_BROKEN.sub("\ufffd", _DROPPED.sub("", text)))


def one_line(text: str) -> str:
    """`plain`, with every run of white space as one space and none at the ends: for names and titles."""
    return " ".join(plain(text).split())


def paragraphs(text: str) -> str:
    """`plain`, with lines trimmed, spaces run together and at most one empty line in a row."""
    text = plain(text)
    if "\n" not in text:
        return " ".join(text.split())
    kept: list[str] = []
    for line in text.split("\n"):
        words = " ".join(line.split())
        if words or (kept and kept[-1]):
            kept.append(words)
    return "\n".join(kept).strip("\n")


def unmentioned(text: str) -> str:
    """The same text, in which no platform finds a mention: nobody is notified by what we send.

    "@name" becomes "name". Links keep their "@" (`https://example.social/@name` mentions nobody), and so do mail addresses.
    Applied twice it changes nothing more.
    """
    if "@" not in text and "＠" not in text:
        return text
    kept = links(text)
    parts: list[str] = []
    last = 0
    for match in _AT.finditer(text):
        start, end = match.span()
        if covers(kept, start):
            continue
        parts.append(text[last:start])
        last = end
        before = text[start - 1] if start else ""
        if before in _MAIL_BEFORE and end - start == 1:
            repeat = _REPEAT_BEFORE.search(text, max(0, start - 3), start)
            parts.append(" " if repeat else text[start])
    parts.append(text[last:])
    return "".join(parts)
