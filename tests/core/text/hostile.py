"""Texts as hypothesis should try them: everything Unicode has, and the pieces that trip up text code."""

import re

from hypothesis import strategies as st

from bot.core.text.facets import facets
from bot.core.text.links import covers, links

# What X takes for a mention, put into words of our own: a sign before the "@" that is no part of a name, or "RT".
_MENTION_ON_X = re.compile(
    r"(?:^|[^A-Za-z0-9_!#$%&*@＠]|(?<![A-Za-z0-9_+~.\-])[Rr][Tt]:?)[@＠](?P<name>[A-Za-z0-9_]{1,20})"
)
_MENTION_ON_MASTODON = re.compile(r"(?<![=/\w])@(?P<name>[A-Za-z0-9_]+)")

PIECES = (
    "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇬🇧", "🇬", "1️⃣", "#️⃣", "☺︎", "✌🏿️", "e\u0301", "\u0301", "Z͑ͫ̓ͪ̂ͫ̽", "שּׁ", "עברית", "السياسة", "می‌خواهم", "\u0600", "ᾳ", "İ", "ß", "ﬁ", "Ａ", "ｶﾞ",
    "@ana", "@ana.bsky.social", "@@x", "RT @a: ", "rt@b ", "x@y.org", "＠zoë", "@a@b.social", " via @c", "(via @d)", ".@e", "@", " #GetInspired", "#a", "＃タグ", "##b", "#1", "#",
    "https://example.com/a_(b)", "http://x.co/?q=1#f", "HTTPS://EXAMPLE.ORG", "https://localhost/@u", "https://", "www.example.com/@v", "done.So", "t.co/abc", "http://t.co/abcdefghij", "$AAPL",
    " ", "  ", "\n", "\r\n", "\t", "\x00", "\x1b[31m", "\u202e", "\u2066", "\u200d", "\u200b", "\ufeff", "\u2028", "\ud83d", "\udc00", "\uffff", "\U000e0041", "“", "”", "…", "'", "’", "漢字", "한국", "word", "a",
    "<script>", "&amp;", "{{ x }}", "." * 20, "(" * 20,
)  # fmt: skip

texts = st.lists(
    st.one_of(st.sampled_from(PIECES), st.characters(exclude_categories=()), st.text(max_size=8)), max_size=40
).map("".join)


def mentions(text: str) -> list[str]:
    """What some platform would take for a mention; what stands in a link mentions nobody."""
    kept = links(text)
    found = [facet.target for facet in facets(text) if facet.kind == "mention"]
    for pattern in (_MENTION_ON_X, _MENTION_ON_MASTODON):
        found.extend(
            match.group("name") for match in pattern.finditer(text) if not covers(kept, match.start("name") - 1)
        )
    return found
