"""X's text and its offsets, as plain text and offsets in it.

X escapes `&`, `<` and `>` in the text and counts its offsets, in code points, on what it escaped.
Source: seen in recorded answers; https://docs.x.com/x-api/fundamentals/data-dictionary (entities).
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.core.model import Entity, Media
from bot.core.text.cleaning import fold

_ESCAPED = re.compile(r"&(?:amp|lt|gt);")
_BROKEN = re.compile("[\0\ud800-\udfff]")
_SIGNS = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_OWN_MEDIA = re.compile(r"https?://(?:www\.)?(?:x|twitter)\.com/[^/]+/status/\d+/(?:photo|video)/\d+", re.IGNORECASE)
_MOST = 500


class Rich:
    """What a text holds beside its words.

    Attributes:
        text: Plain text.
        entities: Tags, mentions and links, in order of the text.
        tags: Folded, unique, in order.
        mentions: Handles, folded, unique.
        links: Where the text leads, as far as X has followed it; not to its own pictures.
        cards: Pages that X describes, as link cards.
    """

    def __init__(self, raw: str, found: Any) -> None:
        self.text, shift = _plain(raw)
        entities: list[Entity] = []
        tags: dict[str, None] = {}
        mentions: dict[str, None] = {}
        links: dict[str, None] = {}
        cards: dict[str, Media] = {}
        size = len(self.text)
        for kind, row in _rows(found):
            start, end = _number(row.get("start")), _number(row.get("end"))
            start, end = shift(start), shift(end)
            fits = 0 <= start < end <= size
            if kind == "hashtags":
                tag = clean(row.get("tag")).lstrip("#＃")
                if tag:
                    tags[fold(tag)] = None
                    if fits:
                        entities.append(Entity("tag", start, end, tag))
            elif kind == "mentions":
                name, number = clean(row.get("username")), clean(row.get("id"))
                if name or number:
                    mentions[fold(name or number)] = None
                    if fits:
                        entities.append(Entity("mention", start, end, number or name))
            else:
                target = _target(row)
                if target and fits:
                    entities.append(Entity("link", start, end, target))
                if target and not row.get("media_key") and not _OWN_MEDIA.match(target):
                    links[target] = None
                    title = clean(row.get("title"))
                    if title:
                        cards[target] = Media("link", target, title)
        entities.sort(key=lambda entity: entity.start)
        self.entities = tuple(entities)
        self.tags, self.mentions, self.links = tuple(tags), tuple(mentions), tuple(links)
        self.cards = tuple(cards.values())


def clean(value: Any) -> str:
    """A text that the store, JSON and XML can hold, of the same length; "" for what is no text."""
    if not isinstance(value, str):
        return ""
    return value if _BROKEN.search(value) is None else _BROKEN.sub("\ufffd", value)


def is_web(address: str) -> bool:
    """Whether this is an http(s) address."""
    return address[:8].lower().startswith(("https://", "http://"))


def _plain(raw: str) -> tuple[str, Callable[[int], int]]:
    """The text without escapes, and where an offset in the escaped text lies in it."""
    raw = clean(raw)
    if "&" not in raw:
        return raw, lambda offset: offset
    ends: list[int] = []
    lost = [0]
    for match in _ESCAPED.finditer(raw):
        ends.append(match.end())
        lost.append(lost[-1] + len(match[0]) - 1)
    return _ESCAPED.sub(lambda match: _SIGNS[match[0]], raw), lambda offset: offset - lost[bisect_right(ends, offset)]


def _rows(found: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Hashtags, mentions and URLs of an `entities` object, each in X's order; at most so many that no text has more."""
    if not isinstance(found, dict):
        return
    for kind in ("hashtags", "mentions", "urls"):
        rows = found.get(kind)
        for row in rows[:_MOST] if isinstance(rows, list) else ():
            if isinstance(row, dict):
                yield kind, row


def _target(row: Mapping[str, Any]) -> str:
    """Where a short link leads by X's own word: the last stop first."""
    for name in ("unwound_url", "expanded_url", "url"):
        address = clean(row.get(name)).strip()
        if is_web(address):
            return address
    return ""


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else -1
