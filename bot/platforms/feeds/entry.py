"""What every feed format comes to: a channel with entries, as plain text and plain values, still hostile."""

import html
import re
from dataclasses import dataclass
from urllib.parse import urljoin

import nh3

from bot.core.text.cleaning import one_line, paragraphs

MAX_ENTRIES = 1000
MAX_URL_CHARS = 2000
_MAX_HTML_CHARS = 50_000  # nh3 takes quadratic time on deep nesting: 0.3 s for this much
_MAX_TEXT_CHARS = 5000
_MAX_TITLE_CHARS = 500
_MAX_LINKS = 20
_MAX_MEDIA = 10

_BLOCKS = {"p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "tr", "pre", "hr"}
_PARAGRAPHS = re.compile(r"</?(?:p|h[1-6]|blockquote|ul|ol|pre|hr)>")
_TAGS = re.compile(r"</?[a-z][a-z0-9]*>")
_HREF = re.compile(r'<a href="([^"]*)"')
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_HTTP = re.compile(r"https?://[^\s/?#\\@]+(?:[/?#][^\s]*)?", re.IGNORECASE)
_BREAKERS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff\"<>\\^`{|}]")


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that an entry carries.

    Attributes:
        kind: "image", "video" or "audio".
        url: http(s).
        alt: "" where the feed gives none.
        width: Pixels; 0 where unknown.
        height: Pixels; 0 where unknown.
    """

    kind: str
    url: str
    alt: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed.

    Attributes:
        id: As the feed says (guid, atom:id, JSON Feed id); "" where it says none.
        url: http(s) permalink, or "".
        title: One line of plain text, or "".
        text: Plain text with paragraphs, or "".
        author: One line of plain text, or "".
        lang: As the feed says, or "".
        at: Seconds since 1970 UTC when it was published, else updated; None where the feed gives no usable date.
        tags: Categories as they are written.
        links: http(s) targets in the entry's text, unique, in order.
        media: At most ten, unique by URL.
    """

    id: str = ""
    url: str = ""
    title: str = ""
    text: str = ""
    author: str = ""
    lang: str = ""
    at: float | None = None
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    media: tuple[Enclosure, ...] = ()


@dataclass(frozen=True, slots=True)
class Channel:
    """A whole feed.

    Attributes:
        entries: In the order of the document, at most `MAX_ENTRIES`.
        title: One line of plain text, or "".
        url: http(s) address of the site, or "".
        lang: As the feed says, or "".
        ttl_s: For how long the feed asks not to be read again; 0 where it does not.
        notes: What an operator should know, short.
    """

    entries: tuple[Entry, ...] = ()
    title: str = ""
    url: str = ""
    lang: str = ""
    ttl_s: float = 0.0
    notes: tuple[str, ...] = ()


class NotAFeedError(ValueError):
    """The bytes are no feed; the message says what they look like."""


def safe_url(value: object) -> str:
    """An http(s) address that can stand in text and attributes, or "" where the value is none.

    Addresses with a user or a password, with white space or markup inside, or longer than `MAX_URL_CHARS` are none.
    """
    if not isinstance(value, str):
        return ""
    value = value.strip()
    if len(value) > MAX_URL_CHARS or _BREAKERS.search(value) or not _HTTP.fullmatch(value):
        return ""
    return value


def absolute_url(value: object, base: str) -> str:
    """`safe_url` of an address that may be relative to `base`; "" for an empty one."""
    if not isinstance(value, str) or not value.strip():
        return ""
    try:
        return safe_url(urljoin(base, value.strip()))
    except ValueError:
        return ""


def line(value: object) -> str:
    """A title or a name: one line, at most 500 characters; "" for what is no text."""
    return _shortened(one_line(value[: _MAX_TITLE_CHARS * 20]), _MAX_TITLE_CHARS) if isinstance(value, str) else ""


def title_line(value: object) -> str:
    """A title whose feed did not say that it is HTML: entities that were escaped twice are read once more."""
    return (
        line(_ENTITY.sub(lambda found: html.unescape(found.group()), value[:10_000])) if isinstance(value, str) else ""
    )


def body_text(value: object) -> str:
    """Plain text that came as plain text: paragraphs kept, at most 5,000 characters."""
    return _shortened(paragraphs(value[:_MAX_HTML_CHARS]), _MAX_TEXT_CHARS) if isinstance(value, str) else ""


def html_text(value: object) -> str:
    """The words of HTML, without scripts and styles, paragraphs kept, at most 5,000 characters."""
    if not isinstance(value, str) or not value:
        return ""
    bare = nh3.clean(_cut(value), tags=_BLOCKS, attributes={}, link_rel=None)
    bare = " ".join(bare.split())  # a line end in HTML is a space
    bare = _TAGS.sub("\n", _PARAGRAPHS.sub("\n\n", bare))
    return _shortened(paragraphs(html.unescape(bare)), _MAX_TEXT_CHARS)


def html_links(value: object) -> tuple[str, ...]:
    """The http(s) targets of the links in HTML, unique, in order, at most 20."""
    if not isinstance(value, str) or "href" not in value.lower():
        return ()
    bare = nh3.clean(_cut(value), tags={"a"}, attributes={"a": {"href"}}, link_rel=None, url_schemes={"http", "https"})
    found = (safe_url(html.unescape(target)) for target in _HREF.findall(bare))
    return tuple(dict.fromkeys(url for url in found if url))[:_MAX_LINKS]


def media_kind(mime: object) -> str:
    """What a media type or a medium is for us: "image", "video", "audio", or "" for everything else."""
    kind = mime.partition("/")[0].strip().lower() if isinstance(mime, str) else ""
    return kind if kind in {"image", "video", "audio"} else ""


def unique_media(found: list[Enclosure]) -> tuple[Enclosure, ...]:
    """The first of each URL, at most ten."""
    return tuple({item.url: item for item in reversed(found)}.values())[::-1][:_MAX_MEDIA]


def pixels(value: object) -> int:
    """A width or height, 0 where it is not a sensible number."""
    try:
        number = int(value) if isinstance(value, str | int) else 0
    except ValueError:
        return 0
    return number if 0 < number <= 100_000 else 0


def _cut(value: str) -> str:
    return value[:_MAX_HTML_CHARS].replace("\0", "")


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
