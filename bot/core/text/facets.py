"""Tags, links and mentions as Bluesky's own apps find them in a text.

Source: the cases of bluesky-social/atproto's rich-text tests, and the lexicon app.bsky.richtext.facet (a tag has at most
64 graphemes and 640 bytes). Offsets are code points; only the platform's file turns them into bytes.
"""

import regex

from bot.core.model import Entity
from bot.core.text.lengths import graphemes
from bot.core.text.links import is_top

_LONGEST_TAG_GRAPHEMES = 64
_LONGEST_TAG_BYTES = 640

# Signs that are not seen end a tag as a space does.
_TAG = regex.compile(r"(?<![^\s\ufeff])[#＃](?!\ufe0f)(?P<tag>[^\s\ufeff\u00ad\u2060\u200a-\u200d\u20e2]+)")
_TAG_WORD = regex.compile(r"[^\d\p{P}]")
_CASHTAG = regex.compile(r"(?<![^\s(])\$(?P<name>[A-Za-z][A-Za-z0-9]{0,4})(?![^\s.,;:!?)\"'\u2019])")
_LINK = regex.compile(
    r"(?<![^\s(])(?:(?P<full>https?://[^\s/]\S*)|(?P<bare>[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+)*\.(?P<top>[A-Za-z0-9]+))\S*+)",
    regex.IGNORECASE,
)
_MENTION = regex.compile(r"(?<![^\s(])@(?P<handle>[A-Za-z0-9.\-]*[A-Za-z0-9])")
_NOT_PUNCTUATION = regex.compile(r"(?r)\P{P}")


def facets(text: str) -> tuple[Entity, ...]:
    """Every tag, link and mention of a text, in order, never overlapping.

    Returns:
        Tags with the target as written ("$AAPL" for "$aapl"), links with an http(s) target ("https://" is put before a bare
        host), mentions with the handle as written, without "@": nobody asks here whose it is.
    """
    found: list[Entity] = []
    if "#" in text or "＃" in text:
        found.extend(_tags(text))
    if "$" in text:
        found.extend(Entity("tag", m.start(), m.end(), f"${m['name'].upper()}") for m in _CASHTAG.finditer(text))
    if "." in text or "://" in text:
        found.extend(_links(text))
    if "@" in text:
        found.extend(
            Entity("mention", m.start(), m.end(), m["handle"])
            for m in _MENTION.finditer(text)
            if _is_handle(m["handle"])
        )
    return tuple(sorted(found, key=lambda entity: entity.start))


def _tags(text: str) -> list[Entity]:
    found = []
    for match in _TAG.finditer(text):
        last = _NOT_PUNCTUATION.search(match["tag"])
        tag = match["tag"][: last.end()] if last else ""
        if (
            not _TAG_WORD.search(tag)
            or len(tag.encode("utf-8", "replace")) > _LONGEST_TAG_BYTES
            or len(graphemes(tag)) > _LONGEST_TAG_GRAPHEMES
        ):
            continue
        found.append(Entity("tag", match.start(), match.start() + 1 + len(tag), tag))
    return found


def _links(text: str) -> list[Entity]:
    found = []
    for match in _LINK.finditer(text):
        if match["bare"] and not is_top(match["top"]):
            continue
        link = match.group()
        if link[-1] in ".,;:!?…":
            link = link[:-1]
        if link[-1] == ")" and "(" not in link:
            link = link[:-1]
        found.append(
            Entity("link", match.start(), match.start() + len(link), link if match["full"] else f"https://{link}")
        )
    return found


def _is_handle(name: str) -> bool:
    """Whether a name after "@" looks like a handle, which is a domain (or ".test", the network's own playground)."""
    top = name.rpartition(".")[2]
    return "." in name and (top.lower() == "test" or is_top(top))
