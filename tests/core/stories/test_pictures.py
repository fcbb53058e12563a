"""The same picture posted again is seen; other pictures, and what is no picture, are not."""

import struct
import time
import zlib
from collections.abc import Callable, Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from bot.core.stories.pictures import MOST_BYTES, PictureIndex, difference_hash, distance
from tests.drawings import photo, saved, screenshot

NEAR = 8
COUNT = 60


@pytest.fixture(scope="module")
def photos() -> list[Image.Image]:
    return [photo(seed) for seed in range(COUNT)]


def hash_of(content: bytes) -> int:
    found = difference_hash(content)
    assert found is not None
    return found


def barred(image: Image.Image, share: float) -> Image.Image:
    """With a white bar of words below."""
    taller = Image.new("RGB", (image.width, round(image.height * (1 + share))), "white")
    taller.paste(image)
    ImageDraw.Draw(taller).text((10, image.height + 4), "Good luck everyone!", fill="black")
    return taller


def cropped(image: Image.Image, share: float) -> Image.Image:
    return ImageOps.crop(image, round(image.width * share))


# how it was changed, and the share of photos whose hash is still near; measured, rounded down
CHANGES: dict[str, tuple[Callable[[Image.Image], bytes], float]] = {
    "recompressed": (lambda image: saved(image, quality=40), 1.0),
    "recompressed hard": (lambda image: saved(image, quality=15), 1.0),
    "half the size": (lambda image: saved(ImageOps.scale(image, 0.5)), 1.0),
    "a thumbnail": (lambda image: saved(ImageOps.scale(image, 0.3), quality=60), 1.0),
    "twice the size": (lambda image: saved(ImageOps.scale(image, 2)), 1.0),
    "brighter": (lambda image: saved(ImageEnhance.Brightness(image).enhance(1.2)), 1.0),
    "darker": (lambda image: saved(ImageEnhance.Brightness(image).enhance(0.7)), 1.0),
    "more contrast": (lambda image: saved(ImageEnhance.Contrast(image).enhance(1.2)), 1.0),
    "grey": (lambda image: saved(ImageOps.grayscale(image)), 1.0),
    "soft": (lambda image: saved(image.filter(ImageFilter.GaussianBlur(2))), 1.0),
    "PNG": (lambda image: saved(image, "PNG"), 1.0),
    "PNG with alpha": (lambda image: saved(image.convert("RGBA"), "PNG"), 1.0),
    "GIF": (lambda image: saved(image, "GIF"), 1.0),
    "WebP": (lambda image: saved(image, "WEBP", quality=50), 1.0),
    "a thin caption bar": (lambda image: saved(barred(image, 0.05)), 0.95),
    "a caption bar": (lambda image: saved(barred(image, 0.08)), 0.75),
    "cropped by 2 %": (lambda image: saved(cropped(image, 0.02)), 0.95),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_same_picture_posted_again_is_near(photos: Sequence[Image.Image], change: str) -> None:
    make, least = CHANGES[change]
    apart = [distance(hash_of(saved(image)), hash_of(make(image))) for image in photos]
    assert sum(bits <= NEAR for bits in apart) >= least * len(apart), sorted(apart)[-10:]


def test_other_pictures_are_far(photos: Sequence[Image.Image]) -> None:
    hashes = [hash_of(saved(image)) for image in photos]
    hashes += [hash_of(saved(photo(seed, (90, 60)))) for seed in range(1000, 1340)]
    pairs = list(combinations(hashes, 2))
    assert len(pairs) > 79_000
    assert min(distance(one, other) for one, other in pairs) > NEAR


def test_turned_as_its_exif_says(photos: Sequence[Image.Image]) -> None:
    image = photos[0]
    for turn, method in (
        (3, Image.Transpose.ROTATE_180),
        (6, Image.Transpose.ROTATE_90),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
    ):
        exif = Image.Exif()
        exif[0x0112] = turn
        told = hash_of(saved(image.transpose(method), exif=exif))
        untold = hash_of(saved(image.transpose(method)))
        assert distance(told, hash_of(saved(image))) <= 2
        assert distance(untold, hash_of(saved(image))) > NEAR


def test_what_is_transparent_is_white() -> None:
    image = photo(3).convert("RGBA")
    ImageDraw.Draw(image).rectangle((0, 0, 120, 300), fill=(0, 0, 0, 0))
    white = photo(3)
    ImageDraw.Draw(white).rectangle((0, 0, 120, 300), fill="white")
    assert distance(hash_of(saved(image, "PNG")), hash_of(saved(white))) <= 2


def test_the_first_frame_counts() -> None:
    frames = [photo(seed).convert("P") for seed in (1, 2, 3)]
    moving = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)
    assert distance(hash_of(moving), hash_of(saved(photo(1)))) <= NEAR


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, rows: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def many_scans() -> bytes:
    content = saved(photo(1), progressive=True)
    start = content.index(b"\xff\xda")
    return content[:start] + content[start:-2] * 30 + content[-2:]


SAYS_NOTHING: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "a page": lambda: b"<!doctype html><title>Sorry</title><img src=x>",
    "SVG": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200"><circle r="80"/></svg>',
    "EPS": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 200 200\n%%EndComments\nshowpage\n",
    "TIFF": lambda: saved(photo(1), "TIFF"),
    "BMP": lambda: saved(photo(1), "BMP"),
    "half a JPEG": lambda: saved(photo(1))[:3000],
    "half a PNG": lambda: saved(photo(1), "PNG")[:3000],
    "half a WebP": lambda: saved(photo(1), "WEBP")[:1000],
    "a head alone": lambda: saved(photo(1))[:20],
    "too many bytes": lambda: saved(photo(1)) + bytes(MOST_BYTES),
    "a bomb by its head": lambda: png(60_000, 60_000, b""),
    "a bomb": lambda: png(20_000, 20_000, bytes(1) * 400_000),
    "below the bomb's size": lambda: png(5_000, 4_000, bytes(5_001 * 4_000)),
    "a JPEG of many scans": many_scans,
    "a plain colour": lambda: saved(Image.new("RGB", (400, 300), "navy")),
    "a soft gradient": lambda: saved(Image.linear_gradient("L").resize((400, 300))),
    "a gradient to the right": lambda: saved(Image.linear_gradient("L").rotate(90).resize((400, 300))),
    "noise": lambda: saved(Image.effect_noise((400, 300), 60)),
    "a pixel": lambda: saved(Image.new("RGB", (1, 1)), "GIF"),
    "an icon": lambda: saved(photo(1, (15, 15)), "PNG"),
    "a hidden picture": lambda: saved(Image.new("RGBA", (400, 300), (1, 2, 3, 0)), "PNG"),
}


@pytest.mark.parametrize("what", SAYS_NOTHING)
def test_what_says_nothing_has_no_hash(what: str) -> None:
    begun = time.process_time()
    assert difference_hash(SAYS_NOTHING[what]()) is None
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("dark", [False, True])
def test_words_on_a_plain_ground_have_no_hash(dark: bool) -> None:
    """Screenshots of posts are laid out alike: at 9 x 8 fields different words look the same."""
    found = [difference_hash(saved(screenshot(seed, dark=dark), "PNG")) for seed in range(40)]
    assert found.count(None) >= 38


def test_flat_drawings_have_one() -> None:
    def drawn(shade: str, left: int) -> Image.Image:
        image = Image.new("RGB", (400, 300), "skyblue")
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, 220, 400, 300), fill="seagreen")
        draw.ellipse((left, 60, left + 150, 210), fill=shade)
        draw.rectangle((300, 120, 360, 240), fill="maroon")
        return image

    one, other = (
        hash_of(saved(drawn("gold", 30), "PNG")),
        hash_of(saved(drawn("gold", 30).resize((200, 150)), quality=50)),
    )
    assert distance(one, other) <= NEAR


@given(st.binary(max_size=200), st.integers(0, 10_000), st.sampled_from(["JPEG", "PNG", "GIF", "WEBP"]))
def test_broken_bytes_raise_nothing(junk: bytes, at: int, form: str) -> None:
    content = saved(photo(1, (60, 40)), form)
    at %= len(content)
    difference_hash(content[:at] + junk + content[at + len(junk) :])
    difference_hash(content[:at] + junk)
    difference_hash(junk)


# -- the window ---------------------------------------------------------------------------------------------------------

ONE = 0x0F1E2D3C4B5A6978


def test_near_ones_come_first_then_newer_posts() -> None:
    index = PictureIndex(near_bits=8)
    index.add(5, (ONE ^ 0b111,))
    index.add(3, (ONE,))
    index.add(4, (ONE ^ (1 << 63), ~ONE % 2**64))
    index.add(6, (ONE,))
    index.add(7, (ONE ^ 0x1FF,))
    assert index.near(ONE) == [(6, 0), (3, 0), (4, 1), (5, 3)]
    assert index.near(ONE, 2) == [(6, 0), (3, 0)]
    assert PictureIndex(near_bits=9).near(ONE) == []
    assert len(index) == 6


def test_a_post_with_two_pictures_stands_once() -> None:
    index = PictureIndex()
    index.add(1, (ONE, ONE ^ 1))
    index.add(2, (ONE ^ 3,))
    assert index.near(ONE) == [(1, 0), (2, 2)]


@pytest.mark.parametrize("bits", [0, 3])
def test_as_many_bits_as_set(bits: int) -> None:
    index = PictureIndex(near_bits=bits)
    index.add(1, (ONE ^ 0b111,))
    assert index.near(ONE) == ([(1, 3)] if bits else [])


def test_the_oldest_leave_first() -> None:
    index = PictureIndex(near_bits=0, most=3)
    for post_id in range(1, 6):
        index.add(post_id, (post_id,), (f"cid{post_id}",))
    assert [post_id for post_id in range(1, 6) if index.near(post_id)] == [3, 4, 5]
    assert [post_id for post_id in range(1, 6) if index.same([f"cid{post_id}"])] == [3, 4, 5]
    assert len(index) == 3
    for post_id in range(6, 9):
        index.add(post_id, (post_id,))
    assert [post_id for post_id in range(1, 9) if index.near(post_id)] == [6, 7, 8]


def test_it_grows_as_far_as_it_may() -> None:
    index = PictureIndex(near_bits=0, most=5000)
    for post_id in range(1, 7001):
        index.add(post_id, (post_id * 2**40,))
    assert len(index) == 5000
    assert not index.near(2000 * 2**40)
    assert index.near(2001 * 2**40) == [(2001, 0)]
    assert index.near(7000 * 2**40) == [(7000, 0)]


def test_equal_bytes_need_no_hash() -> None:
    index = PictureIndex()
    index.add(4, (), ("bafy1", ""))
    index.add(5, (), ("bafy1", "bafy2"))
    assert index.same(["bafy2", "bafy1"]) == [5, 4, 5]
    for number in (6, 7, 8, 8):
        index.add(number, (), ("bafy1",))
    index.add(5, (), ("bafy1",))  # found late
    assert index.same(["bafy1"]) == [4, 6, 7, 8], (
        "the first, whose story may be closed, and the last, which stay longest"
    )
    assert index.same(["", "bafy3"]) == []
    assert index.same([]) == []


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 2**64 - 1)), max_size=60), st.integers(1, 20))
def test_it_answers_as_a_list_would(kept: list[tuple[int, int]], most: int) -> None:
    index = PictureIndex(near_bits=16, most=most)
    window: list[tuple[int, int]] = []
    for post_id, one in kept:
        index.add(post_id, (one,))
        window = [*window, (post_id, one)][-most:]
        nearest: dict[int, int] = {}
        for number, other in window:
            if distance(one, other) <= 16:
                nearest[number] = min(distance(one, other), nearest.get(number, 64))
        assert index.near(one, 100) == sorted(nearest.items(), key=lambda pair: (pair[1], -pair[0]))


def test_what_left_the_window_hides_nothing() -> None:
    index = PictureIndex()
    for post in range(1, 41):
        index.add(post, (ONE,), ("bafy1",))
    assert [post for post, _ in index.near(ONE)] == list(range(40, 24, -1))
    index.forget(39)
    index.add(41, (ONE ^ 1,), ("bafy1",))
    assert index.near(ONE) == [(40, 0), (39, 0), (41, 1)]
    assert index.same(["bafy1"]) == [39, 40, 41]
    index.forget(41)
    assert (index.near(ONE), index.same(["bafy1"])) == ([(41, 1)], [41])
    index.forget(42)
    assert (index.near(ONE), index.same(["bafy1"])) == ([], [])


def test_one_post_of_many_pictures_does_not_hide_others() -> None:
    index = PictureIndex()
    index.add(1, (ONE ^ 1,))
    index.add(2, (ONE,) * 1000)
    assert index.near(ONE, 2) == [(2, 0), (1, 1)]
    assert index.near(ONE) == [(2, 0), (1, 1)]
