"""Pictures of the desk's own: made anew and kept in the store."""

import io
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from bot.core.errors import NotFoundError, RefusedError
from bot.core.model import Media
from bot.store import media
from bot.store.database import Database

_LARGEST_PIXELS = 50_000_000
_LONGEST_SIDE = 2000


def keep(database: Database, path: Path, alt: str, *, now: datetime) -> Media:
    """Take in a picture: turned upright, stripped of metadata, scaled down, kept in the store.

    Raises:
        NotFoundError: There is no such file.
        RefusedError: It has no alt text, or is no picture we can read.
    """
    name, content, size = made_anew(path, alt)
    with database.begin() as tx:
        media.keep(tx, name, content, now)
    return Media("image", f"media/{name}", alt.strip(), *size)


def made_anew(path: Path, alt: str) -> tuple[str, bytes, tuple[int, int]]:
    """Name, bytes and size of a picture as it is kept. Raises as `keep`."""
    if not alt.strip():
        raise RefusedError(f"{path}: needs an alt text, for those who cannot see it: --alt 'what it shows'")
    try:
        with Image.open(path) as found:
            if found.width * found.height > _LARGEST_PIXELS:
                raise RefusedError(f"{path}: has more than {_LARGEST_PIXELS:,} pixels: scale it down first")
            picture = ImageOps.exif_transpose(found)
            picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
            out = io.BytesIO()
            lossless = found.format == "PNG" and (
                picture.mode in ("RGBA", "LA", "P") or picture.width * picture.height < 500_000
            )
            if lossless:
                picture.save(out, "PNG", optimize=True)
            else:
                picture.convert("RGB").save(out, "JPEG", quality=88, optimize=True)
            size = picture.size
    except FileNotFoundError as error:
        raise NotFoundError(f"{path}: there is no such file") from error
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError) as error:
        raise RefusedError(f"{path}: is no picture that can be read: give a JPEG, PNG or WebP ({error})") from error
    content = out.getvalue()
    return f"{sha256(content).hexdigest()[:20]}.{'png' if lossless else 'jpg'}", content, size
