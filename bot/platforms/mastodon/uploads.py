"""Pictures as a server takes them."""

import time
from collections.abc import Callable
from io import BytesIO

from bot.core.errors import Rejected, Unavailable
from bot.core.model import LengthUnit, Media
from bot.core.text.shortening import fits, shorten_to
from bot.platforms.mastodon.door import Door, File
from bot.platforms.mastodon.faults import AbsentError
from bot.platforms.mastodon.fields import text
from bot.platforms.mastodon.instance import Facts

_KINDS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
_MOST_PIXELS = 60_000_000
_SIDES = (3_840, 2_560, 1_920, 1_280, 960, 640, 400, 240)
_QUALITIES = (88, 78, 66)
_LOOKS_S = (0.5, 0.5, 1.0, 1.0, 2.0, 2.0, 3.0)  # 10 s in all: a lease outlives that

Wait = Callable[[float], None]


def upload(door: Door, media: Media, content: bytes, facts: Facts, wait: Wait = time.sleep) -> str:
    """Bring a picture to the server, with its text, and wait until it can be shown.

    Nothing shows it before a status names it: a lost answer does no harm.

    Args:
        door: The server, with a token.
        media: For its text and its name.
        content: Its bytes.
        facts: What the server takes.
        wait: Waits so many seconds.

    Returns:
        The server's id for it.

    Raises:
        Rejected: It is no picture, or the server does not take it.
        Unavailable: It is not ready yet, or did not arrive: try again.
    """
    content, mime = fit(content, facts, media.url)
    alt = shorten_to(media.alt, lambda cut: fits(cut, facts.alt_chars, LengthUnit.CHARACTERS, 0))
    asked = {"description": alt} if alt else {}
    files = {"file": File(f"picture.{mime.partition('/')[2]}", content, mime)}
    try:
        found, made = door.call("POST", "/api/v2/media", asked, files=files)
    except AbsentError:
        try:
            found, made = door.call("POST", "/api/v1/media", asked, files=files)
        except AbsentError as error:
            raise Rejected(f"{error}: this server takes no pictures") from error
    own_id = text(found, "id") if isinstance(found, dict) else ""
    if not own_id:
        raise Unavailable(f"{door.server}: the answer names no picture")
    is_ready = made.status == 200
    for pause_s in _LOOKS_S:
        if is_ready:
            return own_id
        wait(pause_s)
        try:
            _, made = door.call("GET", f"/api/v1/media/{own_id}")
        except AbsentError as error:
            raise Unavailable(f"picture {media.url}: {error}: it is brought again") from error
        is_ready = made.status == 200
    raise Unavailable(f"picture {media.url}: {door.server} is still working at it")


def fit(content: bytes, facts: Facts, name: str) -> tuple[bytes, str]:
    """A picture as it may be sent: as it is where the server takes it and it names no place, else as a JPEG.

    Raises:
        Rejected: It is no picture, is far too large, or cannot be made small enough.
    """
    from PIL import ExifTags, Image, ImageOps  # noqa: PLC0415 - slow to load, and few snippets carry pictures

    most_pixels = facts.image_pixels or _MOST_PIXELS
    try:
        with Image.open(BytesIO(content)) as found:
            width, height = found.size
            if width * height > _MOST_PIXELS:
                raise Rejected(f"picture {name}: {width} × {height} pixels are too many: make it smaller")
            kind = _KINDS.get(found.format or "", "")
            is_taken = bool(kind) and (not facts.mimes or kind in facts.mimes)
            is_small = len(content) <= facts.image_bytes and width * height <= most_pixels
            if is_taken and is_small and not found.getexif().get_ifd(ExifTags.IFD.GPSInfo):
                return content, kind
            image = ImageOps.exif_transpose(found).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Rejected(f"picture {name}: it cannot be read: {error}: save it as JPEG or PNG") from error
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image)
    flat = ground.convert("RGB")
    for side in _SIDES:
        flat.thumbnail((side, side))
        if flat.width * flat.height > most_pixels:
            continue
        for quality in _QUALITIES:
            out = BytesIO()
            flat.save(out, "JPEG", quality=quality, optimize=True)
            if out.tell() <= facts.image_bytes:
                return out.getvalue(), "image/jpeg"
    raise Rejected(f"picture {name}: it does not fit into {facts.image_bytes} bytes: make it smaller")
