"""What we read of Bluesky's records and views, and how we read what others wrote wrongly.

Source: lexicons app/bsky/feed/post.json, app/bsky/richtext/facet.json, app/bsky/embed/*.json, app/bsky/actor/defs.json
"""

from datetime import datetime
from typing import Any

import msgspec

MOST_FACETS = 200  # no client makes that many; each costs time


class Index(msgspec.Struct, gc=False):
    """A stretch of a text, in UTF-8 bytes."""

    byteStart: int  # noqa: N815 - the wire's own name
    byteEnd: int  # noqa: N815 - the wire's own name


class Feature(msgspec.Struct, gc=False):
    """What a stretch means: a tag, a link or a mention."""

    type: str = msgspec.field(name="$type", default="")
    tag: str = ""
    uri: str = ""
    did: str = ""


class Facet(msgspec.Struct, gc=False):
    """A stretch and what it means."""

    index: Index
    features: list[Feature] = []


class Link(msgspec.Struct, gc=False):
    """A content hash as JSON writes it."""

    link: str = msgspec.field(name="$link", default="")


class Blob(msgspec.Struct, gc=False):
    """Bytes that lie beside a record."""

    ref: Link | None = None
    cid: str = ""  # blobs of 2022 carry it here


class Ratio(msgspec.Struct, gc=False):
    """Width and height of a picture."""

    width: int = 0
    height: int = 0


class Image(msgspec.Struct, gc=False):
    """A picture in a post."""

    image: Blob | None = None
    alt: str = ""
    aspectRatio: Ratio | None = None  # noqa: N815 - the wire's own name


class External(msgspec.Struct, gc=False):
    """A link card."""

    uri: str = ""
    title: str = ""
    description: str = ""


class Reference(msgspec.Struct, gc=False):
    """Another record, directly or one level down."""

    uri: str = ""
    record: "Reference | None" = None  # an embed.record inside an embed.recordWithMedia


class Embed(msgspec.Struct, gc=False):
    """Any of the things that a post can carry."""

    images: list[Image] = []
    items: list[Image] = []
    external: External | None = None
    video: Blob | None = None
    alt: str = ""
    aspectRatio: Ratio | None = None  # noqa: N815 - the wire's own name
    record: Reference | None = None
    media: "Embed | None" = None


class Reply(msgspec.Struct, gc=False):
    """What a post answers."""

    parent: Reference


class Label(msgspec.Struct, gc=False):
    """One label."""

    val: str
    neg: bool = False


class Labels(msgspec.Struct, gc=False):
    """Labels that an author gave their own record."""

    values: list[Label] = []


class Record(msgspec.Struct, gc=False):
    """What we read of an app.bsky.feed.post record."""

    createdAt: datetime | None = None  # noqa: N815 - the wire's own name
    text: str = ""
    facets: list[Facet] | None = None
    tags: list[str] | None = None
    langs: list[str] | None = None
    embed: Embed | None = None
    reply: Reply | None = None
    labels: Labels | None = None


class ProfileView(msgspec.Struct, gc=False):
    """What we read of an author, from `getProfiles` or beside a post view."""

    did: str
    handle: str = ""
    displayName: str | None = None  # noqa: N815 - the wire's own name
    createdAt: Any = None  # noqa: N815 - the wire's own name
    followersCount: int | None = None  # noqa: N815 - the wire's own name
    labels: list[Label] | None = None


class Viewer(msgspec.Struct, gc=False):
    """What a view says to an account that is signed in."""

    embeddingDisabled: bool = False  # noqa: N815 - the wire's own name


class PostView(msgspec.Struct, gc=False):
    """What we read of a post as the AppView shows it."""

    uri: str
    cid: str
    author: ProfileView
    record: Any
    indexedAt: datetime | None = None  # noqa: N815 - the wire's own name
    likeCount: int = 0  # noqa: N815 - the wire's own name
    repostCount: int = 0  # noqa: N815 - the wire's own name
    labels: list[Label] | None = None
    viewer: Viewer | None = None


_decoder = msgspec.json.Decoder(Record)


def decode_record(raw: bytes) -> Record | None:
    """Read a post record; None where it is not even an object. Parts that are wrong are left out."""
    try:
        return _decoder.decode(raw)
    except ValueError:
        pass
    try:
        return mend_record(msgspec.json.decode(raw))
    except ValueError:
        return None


def mend_record(found: object) -> Record | None:
    """Read what can be read of a record that is already decoded; None where it is no object."""
    if not isinstance(found, dict):
        return None
    record = Record()
    for name, kind in _FIELDS.items():
        try:
            setattr(record, name, msgspec.convert(found.get(name), kind))
        except ValueError:
            continue
    if record.facets is None and isinstance(found.get("facets"), list):
        record.facets = [facet for entry in found["facets"][:MOST_FACETS] if (facet := _facet(entry)) is not None]
    if record.langs is None and isinstance(found.get("langs"), list):
        record.langs = [lang for lang in found["langs"] if isinstance(lang, str)]
    if record.tags is None and isinstance(found.get("tags"), list):
        record.tags = [tag for tag in found["tags"] if isinstance(tag, str)]
    return record


def _facet(entry: object) -> Facet | None:
    try:
        return msgspec.convert(entry, Facet)
    except ValueError:
        return None


_FIELDS: dict[str, Any] = {
    "createdAt": datetime | None,
    "text": str,
    "facets": list[Facet] | None,
    "tags": list[str] | None,
    "langs": list[str] | None,
    "embed": Embed | None,
    "reply": Reply | None,
    "labels": Labels | None,
}
