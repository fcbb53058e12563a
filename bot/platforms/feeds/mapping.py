"""Entries to posts: permanent ids, versions, times, tags."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.core.model import Author, Entity, Media, Post
from bot.core.text.cleaning import fold, plain
from bot.core.text.hashtags import hashtags
from bot.core.text.links import links
from bot.core.text.titles import begins_with
from bot.platforms.feeds.entry import Channel, Entry, safe_url
from bot.platforms.feeds.names import (
    Facts,
    dated,
    facts_of,
    first_seen,
    names_of,
    native_id_of,
    shared_links,
    without_doubles,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_TAGS = 30
_FAST_CLOCK = timedelta(minutes=10)  # a date further ahead is no time of publication (a calendar's entry)
_MAX_SHARED = 50
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
        undated: What the last look remembered of entries that have no date (`names.first_seen`).
        shared: Links that more than one entry had at some time, canonical.
        absent_since: When we last looked, where that is long ago: an entry without a date came at that time for all we know.
    """

    url: str
    source: str
    lang: str
    now: datetime
    is_first: bool = False
    undated: Mapping[str, int] | None = None
    shared: Sequence[str] = ()
    absent_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """Posts, oldest first, and what the cursor must remember of entries without a date and of links that many have."""

    posts: tuple[Post, ...]
    undated: Mapping[str, int]
    shared: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def posts_of(channel: Channel, origin: Origin) -> Mapped:
    """Make posts of a feed's entries.

    Two entries with one id are one post: the first in the document counts. An entry that says nothing (no title, no text) is
    left out. An entry without a usable date (none, broken, in the future) is dated by when we first saw it, and at first contact by 1970, so that a feed
    without dates has a baseline, too.
    """
    telling = [entry for entry in channel.entries if entry.title or entry.text]
    single = without_doubles(telling)
    now_links = shared_links(single)
    shared = (*origin.shared, *sorted(now_links - set(origin.shared)))[-_MAX_SHARED:]
    entries: list[Entry] = []
    ids: dict[str, None] = {}
    facts = []
    for entry in single:
        usable = _dated(entry, origin.now)
        one = facts_of(usable, channel, origin.url, now_links.union(shared))
        native_id = native_id_of(_named(entry, one), origin.url)
        if native_id not in ids:
            ids[native_id] = None
            entries.append(usable)
            facts.append(one)
    undated = [place for place, one in enumerate(facts) if one.at is None]
    now_s = 0 if origin.is_first else int((origin.now - EPOCH).total_seconds())
    seconds, kept = first_seen(facts, set(undated), origin.undated or {}, now_s)
    facts = dated(facts, undated, seconds)
    names = names_of(facts, entries, origin.source, origin.url)
    posts = [
        _post(
            entry,
            channel,
            origin,
            native_id,
            _made(entry, one, origin, now_s),
            also,
        )
        for entry, one, native_id, also in zip(entries, facts, ids, names, strict=True)
    ]
    notes = []
    if len(telling) < len(channel.entries):
        notes.append(f"{len(channel.entries) - len(telling)} entries without title and text left out")
    if len(posts) < len(telling):
        notes.append(f"{len(telling) - len(posts)} entries whose id stands twice left out")
    if undated:
        notes.append(f"{len(undated)} entries without a usable date: dated by when we first saw them")
    ordered = posts[::-1]  # feeds list the newest first; the sort keeps this where dates are equal
    ordered.sort(key=lambda post: post.created_at)
    return Mapped(tuple(ordered), kept, shared, tuple(notes))


def _made(entry: Entry, facts: Facts, origin: Origin, now_s: int) -> datetime:
    """When an entry was made, never in the future; without a date when it was first seen, or could have been."""
    if entry.at is None and facts.at == now_s and origin.absent_since is not None and not origin.is_first:
        return origin.absent_since
    return min(_moment(facts.at if entry.at is None else entry.at) or EPOCH, origin.now)


def _named(entry: Entry, facts: Facts) -> Entry:
    """The entry as its id in the store is made of it: a link that many have names none of them."""
    return replace(entry, id=facts.id and entry.id, url=facts.link and entry.url)


def _dated(entry: Entry, now: datetime) -> Entry:
    """The entry without a date that is of no use."""
    at = _moment(entry.at)
    return entry if at is not None and at <= now + _FAST_CLOCK else replace(entry, at=None)


def version_of(entry: Entry) -> str:
    """A hash of what readers see: an entry whose date or link alone changed is the same version (sites move)."""
    seen = "\0".join((entry.title, entry.text, *(item.url for item in entry.media)))
    return hashlib.sha256(seen.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _post(
    entry: Entry, channel: Channel, origin: Origin, native_id: str, created_at: datetime, also_known: tuple[str, ...]
) -> Post:
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
        also_known=also_known,
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


def _lang(value: str) -> str:
    found = _LANG.fullmatch(value)
    return found.group(1).lower() if found else ""
