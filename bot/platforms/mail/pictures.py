"""Pictures that came with a letter: made anew, so that nothing is left of where and with what they were taken."""

from hashlib import sha256
from io import BytesIO

_MOST_PIXELS = 60_000_000
_LONGEST_SIDE = 2048
_QUALITY = 85


def fresh(content: bytes) -> tuple[str, bytes, tuple[int, int]] | None:
    """A picture as a new JPEG, turned upright, without metadata.

    Args:
        content: Hostile bytes.

    Returns:
        A name that follows from the bytes, the bytes, width and height in pixels; None where it is no picture that can be read.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415 - slow to load, and few letters carry pictures

    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP", "GIF")) as found:
            if found.width * found.height > _MOST_PIXELS:
                return None
            image = ImageOps.exif_transpose(found).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    ground = Image.new("RGBA", image.size, "white")  # what shows through is white, as on the page
    ground.alpha_composite(image)
    flat = ground.convert("RGB")
    flat.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    out = BytesIO()
    flat.save(out, "JPEG", quality=_QUALITY, optimize=True)
    made = out.getvalue()
    return f"{sha256(made).hexdigest()[:32]}.jpg", made, flat.size
