"""Pictures that look the same: a difference hash of 64 bits, and the window of those that were seen.

A picture that is saved and posted again has other bytes: another size, another compression, a bar with words below it. Its
difference hash (is each of 9 x 8 grey fields darker than the one to its right?) stays almost the same; a crop changes it. The
picture itself is never kept, only these bits.

What comes in is hostile: a picture is measured before it is decoded, decoded at the smallest scale that serves, and only by
the decoders of the formats that platforms show. What says nothing (a plain colour, a soft gradient,
words on a plain ground) has no hash: all of these look alike.
"""

import struct
import zlib
from collections.abc import Iterable
from io import BytesIO

import numpy as np
from PIL import Image, ImageOps, WebPImagePlugin

# never those that run another program (EPS) or read other files; Pillow knows WebP only once its plugin is imported
_FORMATS = ("JPEG", "PNG", "GIF", WebPImagePlugin.WebPImageFile.format)
_JPEGS = ("JPEG", "MPO")  # a JPEG with a second one behind it, as some telephones make it
MOST_BYTES = 5_000_000
_MOST_PIXELS = 16_000_000  # decoded whole: 64 MB with transparency
_MOST_PIXELS_DRAFT = 40_000_000  # a JPEG is decoded at an eighth
_MOST_SCANS = 64  # a progressive JPEG can make its decoder go over it thousands of times
_LEAST_SIDE = 16
_DRAFT = (144, 128)
_WIDTH, _HEIGHT = 9, 8
_CLEAR = 4  # grey levels: compression moves neighbours by less
_LEAST_CLEAR = 20  # of 64 differences
_LEAST_ONES = 10  # of 64 bits, and of zeros: two hashes with fewer are near each other whatever they show
_PLAIN = 0.6
_SAME_LEVEL = 8
_STROKE = 12
_ORIENTATION = 0x0112
_WHITE = (255, 255, 255, 255)

_Levels = np.ndarray[tuple[int, ...], np.dtype[np.int16]]

_BROKEN = (  # what decoders run into on hostile bytes; a warning is one where warnings are errors
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    Warning,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


def difference_hash(content: bytes) -> int | None:
    """The difference hash of a picture: 64 bits, as they stand from the upper left to the lower right.

    The first frame counts, turned as its EXIF says, on white where it is transparent. Takes about 1 ms for a thumbnail, 5 ms
    for a photo of 3 megapixels; one at a time: a large picture needs up to 100 MB while it is decoded.

    Args:
        content: A file as it came from outside: whatever it is, nothing is raised.

    Returns:
        0 to 2^64 - 1; None where it is no picture of a known format (JPEG, PNG, GIF, WebP), broken, too large to decode
        safely, below 16 pixels, or says too little to be told from others: a plain colour, a soft gradient, words on a plain ground.
    """
    if len(content) > MOST_BYTES:
        return None
    try:
        grey = _thumbnail(content)
        return None if grey is None else _bits(grey)
    except _BROKEN:
        return None


def _thumbnail(content: bytes) -> Image.Image | None:
    """The picture in grey, upright, at most 144 x 128; None where it is not safe to decode."""
    with Image.open(BytesIO(content), formats=_FORMATS) as image:
        is_jpeg = image.format in _JPEGS
        pixels = image.width * image.height
        if min(image.size) < _LEAST_SIDE or pixels > (_MOST_PIXELS_DRAFT if is_jpeg else _MOST_PIXELS):
            return None
        if is_jpeg:
            if content.count(b"\xff\xda") > _MOST_SCANS:
                return None
            image.draft("L", _DRAFT)
        turn = image.getexif().get(_ORIENTATION, 1)
        grey = _grey(image)
    grey.thumbnail(_DRAFT, Image.Resampling.BOX, reducing_gap=None)
    if turn != 1:
        grey.getexif()[_ORIENTATION] = turn
        grey = ImageOps.exif_transpose(grey)
    return grey


def _grey(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("L")
    seen = image.convert("RGBA")
    seen.thumbnail(_DRAFT, Image.Resampling.BOX, reducing_gap=None)
    return Image.alpha_composite(Image.new("RGBA", seen.size, _WHITE), seen).convert("L")


def _bits(grey: Image.Image) -> int | None:
    if _is_text(np.asarray(grey, dtype=np.int16)):
        return None
    fields = np.asarray(grey.resize((_WIDTH, _HEIGHT), Image.Resampling.LANCZOS), dtype=np.int16)
    differences = np.diff(fields, axis=1)
    if np.count_nonzero(np.abs(differences) >= _CLEAR) < _LEAST_CLEAR:
        return None
    found = int.from_bytes(np.packbits(differences > 0).tobytes(), "big")
    return found if _LEAST_ONES <= found.bit_count() <= 64 - _LEAST_ONES else None


def _is_text(grey: _Levels) -> bool:
    """Whether a picture is words on a plain ground: screenshots of posts look alike at 9 x 8 fields, whatever they say.

    Most of it is of one level, and most of the rest is strokes: it differs from its neighbours. Measured on drawn screenshots:
    ground above 0.74, strokes above 0.82; flat drawings have strokes below 0.36, photos a ground below 0.36.
    """
    levels = np.bincount(grey.ravel(), minlength=256)
    ground = int(np.convolve(levels, np.ones(9), "same").argmax())
    rest = np.abs(grey - ground) > _SAME_LEVEL
    left = int(np.count_nonzero(rest))
    if not left or left > (1 - _PLAIN) * grey.size:
        return False
    strokes = np.zeros(grey.shape, dtype=bool)
    strokes[:, 1:] |= np.abs(np.diff(grey, axis=1)) >= _STROKE
    strokes[1:] |= np.abs(np.diff(grey, axis=0)) >= _STROKE
    return int(np.count_nonzero(strokes & rest)) > _PLAIN * left


def distance(one: int, other: int) -> int:
    """In how many of 64 bits two hashes differ: 0 for the same, about 32 for pictures that have nothing in common."""
    return (one ^ other).bit_count()


_LAST_OF_A_CID = 3
_PICTURES_OF_A_POST = 4
_POST_BITS = 48
_NEWEST = (1 << _POST_BITS) - 1


class PictureIndex:
    """The pictures of the window: which posts carry one that looks the same, or the very same bytes.

    Posts are named by numbers that ascend as they come. Not safe for threads. The newest hashes lie in one array that never grows
    beyond `most`, so that a question costs the same whatever was seen: all of them are compared, 100,000 in less than 0.1 ms,
    and where all of them look alike in a few ms. Adding costs next to nothing.

    Args:
        near_bits: The most bits that may differ, 0 to 16.
        most: The most hashes, and the most content hashes, that are kept; the oldest leave first.
    """

    def __init__(self, *, near_bits: int = 8, most: int = 100_000) -> None:
        self._near_bits = near_bits
        self._most = most
        self._hashes = np.zeros(min(most, 1024), dtype=np.uint64)
        self._posts = np.zeros(min(most, 1024), dtype=np.int64)  # ascending but for pictures that were found late
        self._next = 0  # where the next one is written
        self._count = 0
        self._first = 0  # the oldest post that still counts
        self._by_cid: dict[str, tuple[int, ...]] = {}

    def __len__(self) -> int:
        return self._count

    def add(self, post: int, hashes: Iterable[int] = (), cids: Iterable[str] = ()) -> None:
        """Keep the pictures of a post; twice is once only where the caller sees to it.

        Args:
            post: The post's number.
            hashes: As `difference_hash` gives them.
            cids: Content hashes as its platform gives them; "" is passed over.
        """
        for one in hashes:
            if self._next == len(self._hashes) < self._most:
                self._grow()
            self._hashes[self._next] = one
            self._posts[self._next] = post
            self._next = (self._next + 1) % self._most
            self._count = min(self._count + 1, self._most)
        for cid in cids:
            if cid:
                before = self._alive(self._by_cid.pop(cid, ()))  # the newest stays longest
                if post not in before:
                    before = tuple(sorted((*before, post)))  # what was found late must not pass for new
                    before = (*before[:1], *before[1:][-_LAST_OF_A_CID:])
                self._by_cid[cid] = before
        while len(self._by_cid) > self._most:
            del self._by_cid[next(iter(self._by_cid))]

    def forget(self, first: int) -> None:
        """Answer with posts from this number on alone: the others have left the window."""
        self._first = max(self._first, first)

    def near(self, wanted: int, limit: int = 16) -> list[tuple[int, int]]:
        """The posts with a picture that looks like this one, with the bits that differ: nearest first, then the newest post.

        Each post stands once. At most `limit`: a picture that everybody posts must not make every answer long. As many as
        that, or one author's own again and again, may be a logo: it says little of the story.
        """
        apart = np.bitwise_count(self._hashes[: self._count] ^ np.uint64(wanted))
        (found,) = np.nonzero(apart <= self._near_bits)
        found = found[self._posts[found] >= self._first]
        # One number for each, smaller is better: numpy finds the smallest of plain numbers many times faster than by two columns.
        keys = (apart[found].astype(np.int64) << _POST_BITS) | (_NEWEST - self._posts[found])
        asked = _PICTURES_OF_A_POST * limit
        while True:
            best = np.sort(np.partition(keys, asked)[:asked] if asked < len(keys) else keys)
            nearest: dict[int, int] = {}
            for key in best.tolist():
                nearest.setdefault(_NEWEST - (key & _NEWEST), key >> _POST_BITS)
            if len(nearest) >= limit or asked >= len(keys):
                return list(nearest.items())[:limit]
            asked *= 4  # posts with more pictures that look alike than is usual

    def same(self, cids: Iterable[str]) -> list[int]:
        """Posts with the very same bytes, by the platform's content hash: of each the first and the last few."""
        return [post for cid in cids for post in self._alive(self._by_cid.get(cid, ()))]

    def _alive(self, posts: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(post for post in posts if post >= self._first) if posts and posts[0] < self._first else posts

    def _grow(self) -> None:
        size = min(self._most, 2 * len(self._hashes))
        hashes, posts = np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.int64)
        hashes[: self._count], posts[: self._count] = self._hashes, self._posts
        self._hashes, self._posts = hashes, posts
