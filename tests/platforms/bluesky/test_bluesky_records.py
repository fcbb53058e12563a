"""What we send: facets by bytes, and pictures that a service takes."""

from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.core.errors import Rejected
from bot.core.model import Entity, Media, Snippet
from bot.platforms.bluesky.records import check, compose, fit_picture, picture

NOON = datetime(2016, 4, 24, 12, 0, 0, 123_456, UTC)


def test_the_date_is_frozen_with_the_snippet() -> None:
    assert compose(Snippet("x", NOON), []) == {
        "$type": "app.bsky.feed.post",
        "text": "x",
        "createdAt": "2016-04-24T12:00:00.123Z",
    }


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8), min_size=1, max_size=6))
def test_facets_cut_the_bytes_where_entities_cut_the_text(words: list[str]) -> None:
    text = " ".join(words)
    places = [0]
    for word in words:
        places.append(places[-1] + len(word) + 1)
    entities = tuple(Entity("tag", start, end - 1, "x") for start, end in pairwise(places))
    facets = compose(Snippet(text, NOON, entities), [])["facets"]
    content = text.encode()
    assert [content[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode() for f in facets] == words


def test_a_record_that_breaks_the_lexicon_is_refused_before_it_is_sent() -> None:
    good = compose(Snippet("hello #x", NOON, (Entity("tag", 6, 8, "x"),)), [])
    check(good)
    with pytest.raises(Rejected, match=r"facets\.0\.index\.byteEnd"):
        check({**good, "facets": [{"index": {"byteStart": 0}, "features": []}]})


def test_nobody_is_notified() -> None:
    record = compose(Snippet("thanks @ana.test", NOON, (Entity("mention", 7, 16, "did:plc:abc"),)), [])
    assert "facets" not in record


def test_entities_outside_the_text_are_left_out() -> None:
    entities = (Entity("tag", 0, 99, "x"), Entity("tag", 2, 2, "x"), Entity("tag", -1, 1, "x"))
    assert "facets" not in compose(Snippet("#x", NOON, entities), [])


def image(kind: str, size: tuple[int, int] = (30, 20), *, place: bool = False) -> bytes:
    out = BytesIO()
    exif = Image.Exif()
    if place:
        exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", size, "red").save(out, kind, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize(("kind", "mime"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")])
def test_a_small_picture_goes_as_it_is(kind: str, mime: str) -> None:
    content = image(kind)
    assert fit_picture(content, 1_000_000, "a") == (content, mime, (30, 20))


def test_a_picture_does_not_say_where_it_was_taken() -> None:
    content = image("JPEG", place=True)
    assert Image.open(BytesIO(content)).getexif().get_ifd(0x8825)
    sent, _, _ = fit_picture(content, 1_000_000, "a")
    assert not Image.open(BytesIO(sent)).getexif().get_ifd(0x8825)


def test_a_large_picture_becomes_a_smaller_one_and_always_the_same() -> None:
    out = BytesIO()
    Image.effect_noise((700, 500), 90).convert("RGBA").save(out, "PNG")
    sent, mime, size = fit_picture(out.getvalue(), 60_000, "a")
    assert len(sent) <= 60_000
    assert mime == "image/jpeg"
    assert Image.open(BytesIO(sent)).size == size
    assert fit_picture(out.getvalue(), 60_000, "a")[0] == sent


def test_another_format_is_made_anew() -> None:
    assert fit_picture(image("TIFF"), 1_000_000, "a")[1] == "image/jpeg"


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg/>", image("PNG")[:60]])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(Rejected, match=r"photo\.png"):
        fit_picture(content, 1_000, "photo.png")


def test_what_cannot_be_made_small_is_refused() -> None:
    with pytest.raises(Rejected, match="does not fit"):
        fit_picture(image("PNG"), 10, "photo.png")


def test_an_alt_text_is_always_sent() -> None:
    media = Media("image", "media/a.png", width=3, height=2)
    assert picture("blob", media, (0, 0)) == {"alt": "", "image": "blob", "aspectRatio": {"width": 3, "height": 2}}
    assert picture("blob", Media("image", alt="A"), (0, 0)) == {"alt": "A", "image": "blob"}
