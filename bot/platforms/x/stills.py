"""Pictures as X takes them: JPEG, PNG or WebP, not too large, and without the place where they were taken.

Source: https://docs.x.com/x-api/media/quickstart/best-practices (5 MB for a picture)
"""

from io import BytesIO

from bot.core.errors import Rejected

_KINDS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_MOST_PIXELS = 60_000_000
_LONGEST_SIDE = 4096
_QUALITIES = (90, 80, 70, 55)


def fit(content: bytes, most_bytes: int, name: str) -> tuple[bytes, str]:
    """A picture as it may be sent: as it is where X takes it and it says nothing of its place, else as a JPEG.

    The same bytes give the same picture again.

    Args:
        content: Of a file in a form that Pillow reads.
        most_bytes: How large it may be.
        name: What a person calls it.

    Returns:
        The bytes and their media type.

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
            placed = bool(found.getexif().get_ifd(ExifTags.IFD.GPSInfo))
            moves = getattr(found, "n_frames", 1) > 1
            if kind and not placed and not moves and len(content) <= most_bytes and max(found.size) <= _LONGEST_SIDE:
                return content, kind
            image = ImageOps.exif_transpose(found).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Rejected(f"picture {name}: it cannot be read: {error}: save it as JPEG or PNG") from error
    # What shows through is white, as on the page.
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image)
    flat = ground.convert("RGB")
    flat.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    for quality in _QUALITIES:
        out = BytesIO()
        flat.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= most_bytes:
            return out.getvalue(), "image/jpeg"
    raise Rejected(f"picture {name}: it does not fit into {most_bytes} bytes: make it smaller")
