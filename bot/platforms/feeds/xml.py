"""RSS and Atom: bytes to a channel, by feedparser.

feedparser gets bytes in a `BytesIO` only: a string could name a file or an address, which it would open. It sanitises some
fields and others not (RSS titles, authors, categories), so nothing of what it says is trusted.
"""

import calendar
import re
import time
from collections.abc import Iterable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any

import feedparser

from bot.platforms.feeds.entry import (
    MAX_ENTRIES,
    Channel,
    Enclosure,
    Entry,
    NotAFeedError,
    absolute_url,
    body_text,
    html_links,
    html_text,
    line,
    media_kind,
    pixels,
    safe_url,
    title_line,
    unique_media,
)

_IN_BRACKETS = re.compile(r"\(([^()]+)\)$")
_HTML_TYPES = {"text/html", "application/xhtml+xml"}


def read_xml_feed(body: bytes, url: str, content_type: str) -> Channel:
    """Read RSS or Atom, also where it is not well-formed.

    Args:
        body: As the host sent it, in any encoding; may be empty.
        url: Where it came from: relative addresses count from there.
        content_type: The host's header, "" for none; its charset counts as RFC 7303 says.

    Raises:
        NotAFeedError: There is no feed in it.
    """
    # Without content-location: feedparser would make addresses of ids ("1" becomes http://host/1), and they would change
    # with the host. Links are made absolute below.
    headers = {"content-type": content_type} if content_type else {}
    found = feedparser.parse(BytesIO(body), response_headers=headers, sanitize_html=False)
    entries = found.get("entries") or []
    if not found.get("version") and not entries:
        raise NotAFeedError(_looks_like(body, found))
    if found.get("bozo") and not entries and not found.get("feed"):
        raise NotAFeedError(_looks_like(body, found))
    notes = []
    if found.get("bozo"):
        notes.append(f"not well-formed ({_fault(found)}), read as far as it goes")
    if len(entries) > MAX_ENTRIES:
        notes.append(f"only the first {MAX_ENTRIES} of {len(entries)} entries read")
    feed: Mapping[str, Any] = found.get("feed") or {}
    return Channel(
        entries=tuple(_entry(entry, url) for entry in entries[:MAX_ENTRIES]),
        title=_title(feed),
        url=absolute_url(feed.get("link"), url),
        lang=_text(feed.get("language")),
        ttl_s=_ttl(feed.get("ttl")),
        notes=tuple(notes),
    )


def _entry(entry: Mapping[str, Any], base: str) -> Entry:
    summary = entry.get("summary_detail") or {}
    contents = [part for part in _maps(entry.get("content")) if part.get("value")]
    body = summary if summary.get("value") else (contents[0] if contents else {})
    is_html = body.get("type") in _HTML_TYPES
    markup = [part.get("value") for part in (summary, *contents[:3]) if part.get("type") in _HTML_TYPES]
    links = [link for value in markup for link in html_links(value)]
    links += [
        absolute_url(link.get("href"), base)
        for link in _maps(entry.get("links"))
        if link.get("rel") in {"related", "via"}
    ]
    return Entry(
        id=_text(entry.get("id")),
        url=_permalink(entry, base),
        title=_title(entry),
        text=html_text(body.get("value")) if is_html else body_text(body.get("value")),
        author=_author(entry),
        lang=_text((entry.get("title_detail") or {}).get("language")) or _text(body.get("language")),
        at=_moment(entry),
        tags=tuple(tag for part in _maps(entry.get("tags")) if (tag := _text(part.get("term") or part.get("label")))),
        links=tuple(dict.fromkeys(link for link in links if link)),
        media=_media(entry, base),
    )


def _permalink(entry: Mapping[str, Any], base: str) -> str:
    """The entry's link; feedparser takes the id where there is none, which counts only if it is an address by itself."""
    link = entry.get("link")
    return safe_url(link) if link == entry.get("id") else absolute_url(link, base)


def _title(owner: Mapping[str, Any]) -> str:
    detail = owner.get("title_detail") or {}
    value = detail.get("value") or owner.get("title")
    return line(html_text(value)) if detail.get("type") in _HTML_TYPES else title_line(value)


def _author(entry: Mapping[str, Any]) -> str:
    """The name alone: a mail address is nobody's business on a page.

    Source: https://www.rssboard.org/rss-specification#ltauthorgtSubelementOfLtitemgt ("mail (name)")
    """
    detail = entry.get("author_detail") or {}
    name = line(detail.get("name")) or line(entry.get("author"))
    if "(" in name and ")" not in name:  # feedparser cuts "mail (name)" inside a long top-level domain
        name = name.rpartition("(")[2]
    if "@" not in name:
        return name
    in_brackets = _IN_BRACKETS.search(name)
    if in_brackets and "@" not in in_brackets.group(1):
        return in_brackets.group(1).strip()
    return " ".join(word for word in name.split() if "@" not in word)


def _moment(entry: Mapping[str, Any]) -> float | None:
    """Published, else updated. feedparser answers "updated" with "published" where there is none, hence `in`."""
    for name in ("published", "updated", "created"):
        parsed = entry.get(f"{name}_parsed") if name in entry else None
        try:
            if isinstance(parsed, time.struct_time):
                return float(calendar.timegm(parsed))
            if name in entry:  # feedparser does not read an RFC 822 date without its zone
                moment = parsedate_to_datetime(str(entry[name])[:100])
                return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _media(entry: Mapping[str, Any], base: str) -> tuple[Enclosure, ...]:
    found = []
    for part in (*_maps(entry.get("enclosures")), *_maps(entry.get("media_content"))):
        kind = media_kind(part.get("type")) or media_kind(part.get("medium"))
        url = absolute_url(part.get("href") or part.get("url"), base)
        if kind and url:
            found.append(Enclosure(kind, url, "", pixels(part.get("width")), pixels(part.get("height"))))
    for part in _maps(entry.get("media_thumbnail")):
        if not found and (url := absolute_url(part.get("url"), base)):
            found.append(Enclosure("image", url, "", pixels(part.get("width")), pixels(part.get("height"))))
    return unique_media(found)


def _ttl(value: object) -> float:
    """RSS `ttl` (whole minutes) in seconds.

    Source: https://www.rssboard.org/rss-specification#ltttlgtSubelementOfLtchannelgt
    """
    digits = value.strip() if isinstance(value, str) else ""
    return float(digits) * 60 if digits.isascii() and digits.isdigit() and len(digits) < 6 else 0.0


def _looks_like(body: bytes, found: Mapping[str, Any]) -> str:
    start = body[:1000].lstrip().lower()
    if not start:
        return "the answer is empty"
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start:
        return "a web page (HTML), not RSS, Atom or JSON Feed: give the address of the feed itself"
    return f"neither RSS, Atom nor JSON Feed ({_fault(found)})"


def _fault(found: Mapping[str, Any]) -> str:
    return line(str(found.get("bozo_exception") or "no known root element"))[:200]


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _maps(value: object) -> Iterable[Mapping[str, Any]]:
    return [part for part in value if isinstance(part, Mapping)] if isinstance(value, list | tuple) else []
