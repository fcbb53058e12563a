"""Bluesky's records and post views as posts.

Records come from any client in the world, so whatever a record gets wrong costs that part of it alone: a facet that cuts a
character, a date that is none, a language that is a number.
Source: https://docs.bsky.app/docs/advanced-guides/post-richtext, lexicons app/bsky/feed/post.json and app/bsky/embed/*.json
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from bot.core.model import Author, Entity, Media, Post
from bot.core.people import verified_address
from bot.core.text.cleaning import fold as fold_text
from bot.platforms.bluesky.lexicon import (
    MOST_FACETS,
    Blob,
    Embed,
    Facet,
    Image,
    Label,
    PostView,
    ProfileView,
    Ratio,
    Record,
    mend_record,
)
from bot.platforms.bluesky.names import POSTS, is_handle

SENSITIVE = frozenset({"porn", "sexual", "nudity", "graphic-media", "gore", "nsfl", "!warn", "!hide"})

NO_QUOTES = "embedding-disabled"
"""Label of a post whose author lets nobody quote it (a postgate), where the view says so.

Source: lexicons app/bsky/feed/postgate.json, app/bsky/feed/defs.json (viewerState)
"""

_TAG = "app.bsky.richtext.facet#tag"
_MENTION = "app.bsky.richtext.facet#mention"
_LINK = "app.bsky.richtext.facet#link"
_GIVEN_OUT = (".bsky.social", ".invalid")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where readers find things.

    Attributes:
        page: Site that shows profiles and posts, e.g. "https://bsky.app".
        cdn: Site that serves pictures, e.g. "https://cdn.bsky.app".
        video: Site that serves videos, e.g. "https://video.bsky.app".
    """

    page: str = "https://bsky.app"
    cdn: str = "https://cdn.bsky.app"
    video: str = "https://video.bsky.app"


def fold(tag: str) -> str:
    """A hashtag as it is compared: without "#", NFKC, casefold."""
    if tag.isascii():
        return tag.lower().removeprefix("#")
    return _fold(tag)


@lru_cache(maxsize=4096)
def _fold(tag: str) -> str:
    return fold_text(tag).removeprefix("#")


def tags_of(record: Record) -> tuple[str, ...]:
    """The folded hashtags of a record: those in the text in its order, then those beside it; each once."""
    facets = record.facets
    if not facets and not record.tags:
        return ()
    found: dict[str, None] = {}
    if facets:
        if len(facets) > 1:
            facets = sorted(facets[:MOST_FACETS], key=_start)
        for facet in facets:
            for feature in facet.features:
                if feature.type == _TAG and feature.tag:
                    found[fold(feature.tag)] = None
    for tag in record.tags or ():
        found[fold(tag)] = None
    found.pop("", None)
    return tuple(found)


def answers_others(record: Record, did: str) -> bool:
    """Whether a post answers somebody else than its author, whose DID is `did`; a thread of one's own answers nobody."""
    return record.reply is not None and not record.reply.parent.uri.startswith(f"at://{did}/")


def _start(facet: Facet) -> int:
    return facet.index.byteStart


class Mapper:
    """Makes posts of one source.

    Args:
        source: The source's name.
        addresses: Where readers find things.
    """

    def __init__(self, source: str, addresses: Addresses) -> None:
        self._source = source
        self._at = addresses

    def author(self, view: ProfileView) -> Author:
        """An author as the AppView describes them."""
        handle = "" if view.handle == "handle.invalid" else view.handle
        created_at = None
        if isinstance(view.createdAt, str):
            try:
                created_at = msgspec.convert(view.createdAt, datetime)
            except ValueError:
                created_at = None
        return Author(
            id=view.did,
            handle=handle,
            name=_clean(view.displayName or ""),
            url=self.profile_url(handle or view.did),
            created_at=created_at if created_at is None or created_at.tzinfo else created_at.replace(tzinfo=UTC),
            followers=view.followersCount,
            labels=_standing(view.labels),
            verified=_own_domain(handle),
        )

    def profile_url(self, actor: str) -> str:
        """Where readers see an account, by handle or DID."""
        return f"{self._at.page}/profile/{actor}"

    def from_postview(self, view: PostView, seen_at: datetime) -> Post | None:
        """A post as the AppView shows it; None where it is no post.

        Args:
            view: The view.
            seen_at: When we got it (event time).
        """
        did, _, rest = view.uri.removeprefix("at://").partition("/")
        collection, _, rkey = rest.partition("/")
        if collection != POSTS or did != view.author.did:
            return None
        record = mend_record(view.record)
        if record is None:
            return None
        labels = _standing(view.labels)
        if view.viewer is not None and view.viewer.embeddingDisabled:
            labels = (*labels, NO_QUOTES)
        latest = min(view.indexedAt, seen_at) if view.indexedAt and view.indexedAt.tzinfo else seen_at
        return self.post(
            record,
            tags_of(record),
            self.author(view.author),
            rkey,
            view.cid,
            latest,
            seen_at,
            labels=labels,
            likes=view.likeCount,
            reposts=view.repostCount,
        )

    def post(
        self,
        record: Record,
        tags: tuple[str, ...],
        author: Author,
        rkey: str,
        cid: str,
        latest: datetime,
        seen_at: datetime,
        *,
        labels: tuple[str, ...] = (),
        is_edit: bool = False,
        likes: int = 0,
        reposts: int = 0,
    ) -> Post:
        """A post from its record.

        Args:
            record: As decoded.
            tags: What `tags_of` says of the record.
            author: Who wrote it.
            rkey: Record key.
            cid: Content hash: the version.
            latest: It cannot be newer than this, whatever its author says: when somebody we trust has seen it.
            seen_at: When we saw it (event time).
            labels: Labels beside those in the record.
            is_edit: It replaces another version.
            likes: At collection.
            reposts: At collection.
        """
        created_at = record.createdAt
        if created_at is None:
            created_at = latest
        else:
            if created_at.tzinfo is None:
                created_at = created_at.replace(tzinfo=UTC)
            elif created_at.tzinfo is not UTC:
                created_at = created_at.astimezone(UTC)
            created_at = min(created_at, latest)
        text = record.text
        entities, mentions, links = _rich(record.facets, text) if record.facets else ((), (), ())
        media: tuple[Media, ...] = ()
        quote = ""
        if record.embed is not None:
            media, quote = self._embedded(record.embed, author.id)
            links = _once([*links, *[item.url for item in media if item.kind == "link"]])
        if record.labels is not None:
            labels = tuple(dict.fromkeys((*labels, *(label.val for label in record.labels.values))))
        return Post(
            platform="bluesky",
            native_id=f"at://{author.id}/{POSTS}/{rkey}",
            source=self._source,
            author=author,
            created_at=created_at,
            seen_at=seen_at,
            text=_clean(text),
            version=cid,
            url=f"{self._at.page}/profile/{author.handle or author.id}/post/{rkey}",
            lang=_primary(record.langs[0]) if record.langs else "",
            tags=tags,
            mentions=mentions,
            links=links,
            labels=labels,
            sensitive=bool(labels) and not SENSITIVE.isdisjoint(labels),
            reply_to=record.reply.parent.uri if record.reply is not None else "",
            quote_of=quote,
            is_edit=is_edit,
            media=media,
            entities=entities,
            likes=likes,
            reposts=reposts,
        )

    def _embedded(self, embed: Embed, did: str) -> tuple[tuple[Media, ...], str]:
        found: list[Media] = []
        quote = ""
        for part in (embed, embed.media):
            if part is None:
                continue
            found += [self._picture(image, did) for image in (*part.images, *part.items) if image.image is not None]
            if part.video is not None and (cid := _cid(part.video)):
                width, height = _size(part.aspectRatio)
                address = f"{self._at.video}/watch/{did}/{cid}/playlist.m3u8"
                found.append(Media("video", address, _clean(part.alt), width, height, cid))
            if part.external is not None and _is_web(part.external.uri):
                found.append(Media("link", part.external.uri, _clean(part.external.title or part.external.description)))
        reference = embed.record
        if reference is not None:
            quoted = reference.uri or (reference.record.uri if reference.record else "")
            # Lists, feeds and starter packs are embedded in the same way; only a post is quoted.
            quote = quoted if f"/{POSTS}/" in quoted else ""
        return tuple(found), quote

    def _picture(self, image: Image, did: str) -> Media:
        cid = _cid(image.image) if image.image else ""
        width, height = _size(image.aspectRatio)
        address = f"{self._at.cdn}/img/feed_fullsize/plain/{did}/{cid}@jpeg" if cid else ""
        return Media("image", address, _clean(image.alt), width, height, cid)


def _rich(facets: list[Facet], text: str) -> tuple[tuple[Entity, ...], tuple[str, ...], tuple[str, ...]]:
    """Entities by code points, mentions and links; facets that cut a character or lie outside are left out."""
    content = b"" if text.isascii() else text.encode()
    size = len(content) or len(text)
    found: list[Entity] = []
    mentions: list[str] = []
    links: list[str] = []
    for facet in facets[:MOST_FACETS] if len(facets) > MOST_FACETS else facets:
        start, end = facet.index.byteStart, facet.index.byteEnd
        if not 0 <= start < end <= size:
            continue
        if content:
            try:
                before = len(content[:start].decode())
                end = before + len(content[start:end].decode())
            except UnicodeDecodeError:
                continue
            start = before
        for feature in facet.features:
            kind = feature.type
            if kind == _TAG:
                if feature.tag:
                    found.append(Entity("tag", start, end, feature.tag.removeprefix("#")))
            elif kind == _LINK:
                if _is_web(feature.uri):
                    found.append(Entity("link", start, end, feature.uri))
                    links.append(feature.uri)
            elif kind == _MENTION and feature.did:
                found.append(Entity("mention", start, end, feature.did))
                named = text[start:end]
                mentions.append(named[1:].casefold() if named.startswith("@") else feature.did)
    if len(found) > 1:
        found.sort(key=_place)
    return tuple(found), _once(mentions), _once(links)


def _once(names: list[str]) -> tuple[str, ...]:
    return tuple(names) if len(names) < 2 else tuple(dict.fromkeys(names))


def _place(entity: Entity) -> int:
    return entity.start


def _clean(text: str) -> str:
    # PostgreSQL stores no NUL; a sign of the same length keeps every offset.
    return text.replace("\0", "\ufffd") if "\0" in text else text


def _is_web(address: str) -> bool:
    return address[:8].lower().startswith(("https://", "http://"))


def _own_domain(handle: str) -> tuple[str, ...]:
    """The web address that a handle is, which the AppView has checked; none for a name that the network itself gives out.

    Such a name says nothing about any other site, and somebody else may have it next week.
    """
    if not is_handle(handle) or handle.lower().endswith(_GIVEN_OUT):
        return ()
    address = verified_address(f"https://{handle}")
    return (address,) if address else ()


def _cid(blob: Blob) -> str:
    return blob.ref.link if blob.ref is not None else blob.cid


def _size(ratio: Ratio | None) -> tuple[int, int]:
    return (max(0, ratio.width), max(0, ratio.height)) if ratio is not None else (0, 0)


@lru_cache(maxsize=1024)
def _primary(lang: str) -> str:
    primary = lang.replace("_", "-").partition("-")[0].lower()
    return primary if primary.isascii() and primary.isalpha() and len(primary) in {2, 3} else ""


def _standing(labels: list[Label] | None) -> tuple[str, ...]:
    """Labels that hold: a later negation takes one back."""
    if not labels:
        return ()
    taken_back = {label.val for label in labels if label.neg}
    return tuple(dict.fromkeys(label.val for label in labels if label.val not in taken_back))
