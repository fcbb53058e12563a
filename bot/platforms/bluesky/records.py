"""What we send: a snippet as an app.bsky.feed.post record, and pictures that a service accepts.

Written by hand as plain JSON on purpose: the same snippet must give the same bytes on every try, in every release.
Source: lexicons app/bsky/feed/post.json, app/bsky/richtext/facet.json, app/bsky/embed/images.json
"""

from collections.abc import Sequence
from datetime import UTC
from io import BytesIO
from typing import Any

from bot.core.errors import Rejected
from bot.core.model import Entity, Media, Snippet
from bot.platforms.bluesky.names import POSTS

_KINDS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
_MOST_PIXELS = 60_000_000
_SIDES = (2000, 1600, 1200, 900, 600, 400)
_QUALITIES = (88, 78, 66)


def compose(snippet: Snippet, pictures: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The record of a snippet.

    Args:
        snippet: What to say. Mentions among its entities stay plain text: we notify no third party.
        pictures: One `app.bsky.embed.images#image` for each picture, at most four.

    Raises:
        Rejected: The text cannot be sent at all.
    """
    try:
        facets = _facets(snippet.text, snippet.entities)
    except UnicodeEncodeError as error:
        raise Rejected(f"the text is not valid Unicode at character {error.start + 1}: write it anew") from error
    moment = snippet.created_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    record: dict[str, Any] = {"$type": POSTS, "text": snippet.text, "createdAt": moment}
    if facets:
        record["facets"] = facets
    if snippet.lang:
        record["langs"] = [snippet.lang]
    if pictures:
        record["embed"] = {"$type": "app.bsky.embed.images", "images": list(pictures)}
    return record


def check(record: dict[str, Any]) -> None:
    """Hold a record against the network's lexicon, as the SDK knows it, before anything is sent.

    Not every server does that for us, and its refusal would come when the pictures are uploaded already.

    Raises:
        Rejected: It breaks the lexicon; the message names the field.
    """
    from atproto import models  # noqa: PLC0415 - 0.6 s and 70 MB: only who publishes pays
    from atproto_client.exceptions import ModelError  # noqa: PLC0415

    try:
        models.get_or_create(record, models.AppBskyFeedPost.Record)
    except ModelError as error:
        first = " ".join(str(error).split())[:300]
        raise Rejected(f"the record breaks the lexicon of app.bsky.feed.post: {first}") from error


def picture(blob: object, media: Media, size: tuple[int, int]) -> dict[str, Any]:
    """One picture of a record.

    Args:
        blob: What the service said when it took the bytes.
        media: For the text equivalent, which is always sent.
        size: Width and height of the bytes; (0, 0) where unknown.
    """
    found: dict[str, Any] = {"alt": media.alt, "image": blob}
    width, height = size if all(size) else (media.width, media.height)
    if width > 0 and height > 0:
        found["aspectRatio"] = {"width": width, "height": height}
    return found


def _facets(text: str, entities: Sequence[Entity]) -> list[dict[str, Any]]:
    facets = []
    for entity in sorted(entities, key=lambda entity: (entity.start, entity.end)):
        if not 0 <= entity.start < entity.end <= len(text):
            continue
        match entity.kind:
            case "tag":
                feature = {"$type": "app.bsky.richtext.facet#tag", "tag": entity.target.removeprefix("#")}
            case "link":
                feature = {"$type": "app.bsky.richtext.facet#link", "uri": entity.target}
            case _:
                continue
        start = len(text[: entity.start].encode())
        end = start + len(text[entity.start : entity.end].encode())
        facets.append({"index": {"byteStart": start, "byteEnd": end}, "features": [feature]})
    text.encode()
    return facets


def fit_picture(content: bytes, most_bytes: int, name: str) -> tuple[bytes, str, tuple[int, int]]:
    """A picture as it may be sent: as it is where it is small enough and names no place, else as a JPEG.

    The same bytes give the same picture again.

    Args:
        content: Of a file in a form that Pillow reads.
        most_bytes: How large it may be.
        name: What a person calls it.

    Returns:
        The bytes, their media type, and width and height.

    Raises:
        Rejected: It is no picture, is far too large, or cannot be made small enough.
    """
    from PIL import ExifTags, Image, ImageOps  # noqa: PLC0415 - slow to load, and few snippets carry pictures

    try:
        with Image.open(BytesIO(content)) as found:
            width, height = found.size
            if width * height > _MOST_PIXELS:
                raise Rejected(f"picture {name}: {width} × {height} pixels are too many: make it smaller")
            kind = _KINDS.get(found.format or "")
            exif = found.getexif()
            # A picture that says where it was taken is made anew: the service would hand that on.
            if kind is not None and len(content) <= most_bytes and not exif.get_ifd(ExifTags.IFD.GPSInfo):
                return content, kind, _upright(found.size, exif.get(ExifTags.Base.Orientation, 1))
            image = ImageOps.exif_transpose(found).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Rejected(f"picture {name}: it cannot be read: {error}: save it as JPEG or PNG") from error
    # What shows through is white, as on the page.
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image)
    flat = ground.convert("RGB")
    for side in _SIDES:
        flat.thumbnail((side, side))
        for quality in _QUALITIES:
            out = BytesIO()
            flat.save(out, "JPEG", quality=quality, optimize=True)
            if out.tell() <= most_bytes:
                return out.getvalue(), "image/jpeg", flat.size
    raise Rejected(f"picture {name}: it does not fit into {most_bytes} bytes: make it smaller")


def _upright(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    return (size[1], size[0]) if orientation in {5, 6, 7, 8} else size
