"""JSON Feed 1.0 and 1.1: bytes to a channel.

Source: https://www.jsonfeed.org/version/1.1/
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

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
    unique_media,
)

_VERSION = "https://jsonfeed.org/version/1"


def looks_like_json(body: bytes) -> bool:
    """Whether the first character that counts opens a JSON object or array."""
    return body[:2000].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["}


def read_json_feed(body: bytes, url: str) -> Channel:
    """Read a JSON Feed; what is broken inside it is left out, with a note.

    Args:
        body: UTF-8, with or without a byte order mark.
        url: Where it came from: relative addresses count from there.

    Raises:
        NotAFeedError: It is no JSON, or JSON that is no feed.
    """
    try:
        feed = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise NotAFeedError(f"the JSON is broken: {error}") from error
    if not isinstance(feed, dict):
        raise NotAFeedError("JSON, but no JSON Feed (a list, not an object)")
    version = feed.get("version")
    if not isinstance(version, str) or not version.strip().replace("http://", "https://").startswith(_VERSION):
        raise NotAFeedError(f"JSON, but no JSON Feed (its version says {str(version)[:60]!r}, not {_VERSION}…)")
    items = feed.get("items")
    if not isinstance(items, list):
        raise NotAFeedError("a JSON Feed without a list of items")
    lang = _text(feed.get("language"))
    entries = tuple(_entry(item, url, _author(feed)) for item in items[:MAX_ENTRIES] if isinstance(item, dict) and item)
    notes = []
    if len(entries) < min(len(items), MAX_ENTRIES):
        notes.append(f"{min(len(items), MAX_ENTRIES) - len(entries)} items that are no objects left out")
    if len(items) > MAX_ENTRIES:
        notes.append(f"only the first {MAX_ENTRIES} of {len(items)} items read")
    if feed.get("expired") is True:
        notes.append("the feed says that it has ended (expired)")
    return Channel(
        entries, line(feed.get("title")), absolute_url(feed.get("home_page_url"), url), lang=lang, notes=tuple(notes)
    )


def _entry(item: Mapping[str, object], base: str, fallback_author: str) -> Entry:
    markup = item.get("content_html")
    text = html_text(markup) or body_text(item.get("content_text")) or body_text(item.get("summary"))
    links = [absolute_url(item.get("external_url"), base), *html_links(markup)]
    media = [
        Enclosure("image", picture)
        for key in ("image", "banner_image")
        if (picture := absolute_url(item.get(key), base))
    ]
    for file in _objects(item.get("attachments")):
        kind, place = media_kind(file.get("mime_type")), absolute_url(file.get("url"), base)
        if kind and place:
            media.append(
                Enclosure(kind, place, line(file.get("title")), pixels(file.get("width")), pixels(file.get("height")))
            )
    return Entry(
        id=_text(item.get("id")),
        url=absolute_url(item.get("url"), base),
        title=line(item.get("title")),
        text=text,
        author=_author(item) or fallback_author,
        lang=_text(item.get("language")),
        at=_moment(item.get("date_published")) or _moment(item.get("date_modified")),
        tags=tuple(tag for tag in _list(item.get("tags")) if isinstance(tag, str)),
        links=tuple(dict.fromkeys(link for link in links if link)),
        media=unique_media(media),
    )


def _author(owner: Mapping[str, object]) -> str:
    """The first author with a name; version 1.0 had one `author`, 1.1 has `authors`."""
    for author in (*_objects(owner.get("authors")), *_objects([owner.get("author")])):
        if name := line(author.get("name")):
            return name
    return ""


def _moment(value: object) -> float | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _text(value: object) -> str:
    """Text or a number as text: ids may be numbers, though the specification asks for strings."""
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _list(value: object) -> Sequence[object]:
    return value[:100] if isinstance(value, list) else ()


def _objects(value: object) -> Iterable[Mapping[str, object]]:
    return (item for item in _list(value) if isinstance(item, dict))
