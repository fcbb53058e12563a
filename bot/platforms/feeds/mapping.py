"""Entries to posts: permanent ids, versions, times, tags."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from bot.core.model import Author, Entity, Media, Post
from bot.core.text.cleaning import fold, plain
from bot.core.text.hashtags import hashtags
from bot.core.text.links import links
from bot.core.text.titles import begins_with
from bot.platforms.feeds.entry import Channel, Entry, safe_url

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_ID_CHARS = 500
_MAX_TAGS = 30
_FAST_CLOCK = timedelta(minutes=10)  # a date further ahead is no time of publication (a calendar's entry)
_TAG_AUTHORITY = re.compile(r"tag:(?:[^@,:]*@)?([^,:/]+),")
_LANG = re.compile(r"([A-Za-z]{2,3})(?:[-_].*)?")


@dataclass(frozen=True, slots=True)
class Origin:
    """What is the same for all posts of one look at one feed.

    Attributes:
        url: As configured: permanent, also when the feed moves.
        source: The source's name.
        lang: BCP 47; "" takes what the feed says.
        now: Event time.
        is_first: First contact: entries without a date are older than it for all we know.
        undated: When we first saw entries that have no date, in seconds since 1970, by `brief(native_id)`.
    """

    url: str
    source: str
    lang: str
    now: datetime
    is_first: bool = False
    undated: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """Posts, oldest first, and what the cursor must remember of entries without a date."""

    posts: tuple[Post, ...]
    undated: Mapping[str, int]
    notes: tuple[str, ...] = ()


def brief(native_id: str) -> str:
    """A short name for an entry, for the cursor."""
    return hashlib.sha256(native_id.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def posts_of(channel: Channel, origin: Origin) -> Mapped:
    """Make posts of a feed's entries.

    Two entries with one id are one post: the first in the document counts. An entry that says nothing (no title, no text) is
    left out. An entry without a usable date (none, broken, in the future) is dated by when we first saw it, and at first contact by 1970, so that a feed
    without dates has a baseline, too.
    """
    known = origin.undated or {}
    posts: dict[str, Post] = {}
    undated: dict[str, int] = {}
    empty = double = 0
    for entry in channel.entries:
        if not entry.title and not entry.text:
            empty += 1
            continue
        native_id = native_id_of(entry, origin.url)
        if native_id in posts:
            double += 1
            continue
        created_at = _moment(entry.at)
        if created_at is None or created_at > origin.now + _FAST_CLOCK:
            first_seen = 0 if origin.is_first else int((origin.now - EPOCH).total_seconds())
            undated[brief(native_id)] = seconds = known.get(brief(native_id), first_seen)
            created_at = _moment(seconds) or EPOCH
        posts[native_id] = _post(entry, channel, origin, native_id, min(created_at, origin.now))
    notes = []
    if empty:
        notes.append(f"{empty} entries without title and text left out")
    if double:
        notes.append(f"{double} entries whose id stands twice left out")
    if undated:
        notes.append(f"{len(undated)} entries without a usable date: dated by when we first saw them")
    ordered = list(reversed(posts.values()))  # feeds list the newest first; the sort keeps this where dates are equal
    ordered.sort(key=lambda post: post.created_at)
    return Mapped(tuple(ordered), undated, tuple(notes))


def native_id_of(entry: Entry, feed_url: str) -> str:
    """The entry's permanent id: its own id, else its link, else a hash of title and date; never another feed's.

    An id counts as it stands only where it names the feed's own host (http(s) URL or tag: URI): an id such as "1" says nothing
    outside its feed, and a feed must not be able to speak in the name of an entry on another host. Everything else is put
    behind the feed's address.
    """
    given = plain(entry.id or entry.url).strip()
    if not given:
        given = hashlib.sha256(f"{entry.title}\0{entry.at}".encode("utf-8", "surrogatepass")).hexdigest()
    if len(given) > _MAX_ID_CHARS:
        given = hashlib.sha256(given.encode("utf-8", "surrogatepass")).hexdigest()
    host = _host(feed_url)
    tag = _TAG_AUTHORITY.match(given)
    own = _host(given) == host if safe_url(given) else tag is not None and fold(tag.group(1)) == host
    return given if own else f"{feed_url}#{given}"


def version_of(entry: Entry) -> str:
    """A hash of what readers see: an entry whose date alone changed is the same version."""
    seen = "\0".join((entry.title, entry.text, entry.url, *(item.url for item in entry.media)))
    return hashlib.sha256(seen.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _post(entry: Entry, channel: Channel, origin: Origin, native_id: str, created_at: datetime) -> Post:
    text = _words(entry)
    found: list[Entity] = [*links(text), *hashtags(text, "feeds")]
    targets = [entry.url, *(safe_url(entity.target) for entity in found if entity.kind == "link"), *entry.links]
    tags = [fold("".join(plain(tag).removeprefix("#").split())) for tag in entry.tags]
    tags += [fold(entity.target) for entity in found if entity.kind == "tag"]
    return Post(
        platform="feeds",
        native_id=native_id,
        version=version_of(entry),
        source=origin.source,
        author=Author(id=origin.url, name=entry.author or channel.title, url=channel.url),
        created_at=created_at,
        seen_at=origin.now,
        title=entry.title,
        text=text,
        url=entry.url,
        lang=origin.lang or _lang(entry.lang) or _lang(channel.lang),
        tags=tuple(dict.fromkeys(tag for tag in tags if 0 < len(tag) <= 100))[:_MAX_TAGS],
        links=tuple(dict.fromkeys(target for target in targets if target)),
        media=tuple(Media(item.kind, item.url, item.alt, item.width, item.height) for item in entry.media),
        entities=tuple(sorted(found, key=lambda entity: entity.start)),
    )


def _words(entry: Entry) -> str:
    """Title and text as one text; a text that begins with its title says it once."""
    if not entry.title or begins_with(entry.text, entry.title):
        return entry.text
    return f"{entry.title}\n\n{entry.text}" if entry.text else entry.title


def _moment(seconds: float | None) -> datetime | None:
    if seconds is None:
        return None
    try:
        return EPOCH + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return None


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _lang(value: str) -> str:
    found = _LANG.fullmatch(value)
    return found.group(1).lower() if found else ""
