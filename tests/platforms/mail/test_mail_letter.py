"""One letter as a post: nothing is kept that says who somebody is, but for the name that they give."""

from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.core.model import NEEDS_CONSENT, Post
from bot.platforms.mail.letter import NAMELESS, Reading, read
from tests.platforms.contract import NOON, Clock
from tests.platforms.mail.letters import letter, photo

READING = Reading("readers", b"salt", "", "en", Clock(NOON))


def post_of(raw: bytes, reading: Reading = READING) -> Post:
    found = read(raw, reading, is_whole=True).post
    assert found is not None
    return found


def test_who_wrote_what() -> None:
    post = post_of(letter("I ran it in a banana suit.\n-- \nAda\n", subject="My  race"))
    assert (post.platform, post.source, post.title, post.text) == (
        "mail",
        "readers",
        "My race",
        "I ran it in a banana suit.",
    )
    assert (post.author.name, post.author.handle, post.author.url, post.url) == ("Ada Lovelace", "", "", "")
    assert post.labels == (NEEDS_CONSENT,)
    assert (post.created_at, post.seen_at, post.lang) == (NOON, NOON, "en")


def test_no_address_is_anywhere_in_a_post() -> None:
    found = read(letter(pictures=(photo(),), sender="ada@private.example"), READING, is_whole=True)
    assert "private.example" not in repr(found)
    assert "ada" not in repr(found).replace("Canada", "")
    assert post_of(letter(sender="ada@private.example")).author.name == NAMELESS
    assert post_of(letter(sender='"ada@private.example" <ada@private.example>')).author.name == NAMELESS


def test_an_author_is_the_same_in_each_letter_and_unknown_elsewhere() -> None:
    one, two = post_of(letter(number="1")), post_of(letter(number="2", sender="A. L. <ADA.Lovelace@private.example>"))
    assert one.author.id == two.author.id
    assert one.native_id != two.native_id
    assert post_of(letter(), replace(READING, salt=b"other")).author.id != one.author.id


def test_the_same_letter_is_the_same_post_also_without_a_message_id() -> None:
    assert post_of(letter()).native_id == post_of(letter()).native_id
    assert post_of(letter(number="")).native_id == post_of(letter(number="")).native_id
    assert post_of(letter(number="")).native_id != post_of(letter(number="", subject="Other")).native_id


def test_pictures_are_made_anew_without_a_word_of_where_they_were_taken() -> None:
    found = read(letter(pictures=(photo(), photo(kind="PNG"))), READING, is_whole=True)
    assert found.post is not None
    assert [one.url for one in found.post.media] == [f"media/{kept.name}" for kept in found.kept]
    for kept in found.kept:
        with Image.open(BytesIO(kept.content)) as picture:
            assert (picture.format, picture.size) == ("JPEG", (48, 64)), "turned upright"
            assert not picture.getexif()
        assert b"telephone" not in kept.content


def test_what_is_no_picture_is_counted_and_left_out() -> None:
    found = read(letter(pictures=(b"<svg onload=alert(1)>", photo()[:100])), READING, is_whole=True)
    assert found.post is not None
    assert (found.post.media, found.kept, found.unread) == ((), (), 2)


def test_a_letter_that_is_cut_keeps_its_words() -> None:
    raw = letter(pictures=(photo(),))
    found = read(raw[: raw.index(b"image/jpeg")], READING, is_whole=False)
    assert found.post is not None
    assert (found.post.text, found.post.media) == ("I ran it in a banana suit.", ())


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List_Id": "<runners.example.org>"},
        {"List_Unsubscribe": "<mailto:x@example.org>"},
        {"Return_Path": "<>"},
        {"sender": "Mail Delivery <MAILER-DAEMON@example.org>"},
        {"sender": "no-reply@example.org"},
        {"sender": "nobody at all"},
        {"text": "> only a quote\n"},
    ],
)
def test_what_no_person_wrote_to_us_is_no_post(headers: dict[str, str]) -> None:
    assert read(letter(**headers), READING, is_whole=True).post is None  # type: ignore[arg-type] # names of headers


def test_auto_submitted_no_is_a_person() -> None:
    assert post_of(letter(Auto_Submitted="no")).text


@pytest.mark.parametrize(
    ("trusted", "given", "label"),
    [
        ("", "mx.example.org; dmarc=pass", None),
        ("mx.example.org", "mx.example.org; spf=pass; dmarc=pass header.from=private.example", "sender-verified"),
        ("mx.example.org", "mx.example.org; dmarc=fail", "sender-unverified"),
        ("mx.example.org", "evil.example; dmarc=pass", "sender-unverified"),
        ("mx.example.org", "", "sender-unverified"),
    ],
)
def test_only_our_own_server_is_believed_about_senders(trusted: str, given: str, label: str | None) -> None:
    raw = letter(Authentication_Results=given) if given else letter()
    assert post_of(raw, replace(READING, trusted=trusted)).labels == (NEEDS_CONSENT, *([label] if label else []))


@pytest.mark.parametrize("name", ["hello\x1b[31m\x07", "Ada\u202eevil", "x" * 500, "=?utf-8?b?w4TDliDDnA==?="])
def test_hostile_names_are_made_harmless(name: str) -> None:
    shown = post_of(letter().replace(b"Ada Lovelace", name.encode())).author.name
    assert len(shown) <= 80
    assert "\x1b" not in shown
    assert "\u202e" not in shown


@pytest.mark.parametrize(
    "broken",
    [
        b"Subject: =?utf-8?b?A?=\r\n\r\nHello",
        b"From: =?utf-8?b?A?= <ada@private.example>\r\n\r\nHello",
        b"Content-Type: text/plain; charset=undefined\r\n\r\nHello",
        b"Content-Type: message/rfc822\r\n\r\n" * 3_000,
    ],
)
def test_a_letter_that_cannot_be_read_is_called_that(broken: bytes) -> None:
    sender = b"" if broken.startswith(b"From") else b"From: ada@private.example\r\n"
    with pytest.raises(ValueError, match=r"."):
        read(sender + broken, READING, is_whole=True)


@given(st.sampled_from(["Subject", "Date", "Content-Type", "Content-Disposition", "Message-ID"]), st.text(max_size=60))
def test_any_header_makes_a_letter_or_none(name: str, value: str) -> None:
    head = f"From: a@b.example\r\n{name}: {' '.join(value.splitlines())}\r\n\r\nHello"
    try:
        read(head.encode(), READING, is_whole=True)
    except ValueError:
        return


@pytest.mark.parametrize(
    ("kind", "encoding", "body", "words"),
    [
        ("text/plain; charset=iso-8859-1", "quoted-printable", b"Gr=FC=DFe =\r\nvon mir", "Grüße von mir"),
        ("text/plain; charset=koi8-r", "8bit", "привет".encode("koi8-r"), "привет"),
        ("text/plain; charset=no-such-thing", "8bit", b"Hello", "Hello"),
        ("text/plain; charset=utf-8", "base64", b"SGVsbG8=", "Hello"),
        ("text/html; charset=utf-8", "quoted-printable", b"<p style=3D'x'>Hi=C2=A0you</p>", "Hi you"),
    ],
)
def test_letters_in_other_charsets_and_encodings(kind: str, encoding: str, body: bytes, words: str) -> None:
    head = f"From: ada@private.example\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    assert post_of(head.encode() + body).text == words


@given(st.binary(max_size=400))
def test_any_bytes_are_a_letter_or_none(raw: bytes) -> None:
    try:
        read(b"From: a@b.example\r\n" + raw, READING, is_whole=True)
    except ValueError:
        return
