"""One letter as a post: who wrote what, with which pictures. Every byte of it is hostile."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.errors import MessageError
from hashlib import sha256

from imap_tools.message import MailMessage

from bot.core.model import NEEDS_CONSENT, Author, Kept, Media, Post
from bot.core.text.cleaning import one_line, plain
from bot.platforms.mail.body import own_words
from bot.platforms.mail.pictures import fresh

NAMELESS = "A reader"
VERIFIED, UNVERIFIED = "sender-verified", "sender-unverified"

_MOST_PICTURES = 8
_MOST_PICTURE_BYTES = 15_000_000
_LONGEST_NAME = 80
_LONGEST_SUBJECT = 300
_AUTOMATIC = frozenset({"bulk", "list", "junk", "auto_reply"})
_ROBOTS = ("mailer-daemon@", "postmaster@", "no-reply@", "noreply@", "donotreply@")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one source reads letters by.

    Attributes:
        source: Its name.
        salt: Makes permanent names of senders from addresses that nobody can guess back.
        trusted: Name of our own server in Authentication-Results; "" where its word is not asked for.
        lang: BCP 47 of what readers write, "" for unknown.
        now: Event time.
    """

    source: str
    salt: bytes
    trusted: str
    lang: str
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that was read.

    Attributes:
        post: None for one that no person wrote to us (answers of machines, lists, bounces), or that says nothing.
        kept: Its pictures, made anew.
        unread: Attached pictures that could not be read.
    """

    post: Post | None = None
    kept: tuple[Kept, ...] = ()
    unread: int = 0


def read(raw: bytes, reading: Reading, *, is_whole: bool) -> Letter:
    """Read one letter.

    Args:
        raw: As it lies in the mailbox.
        is_whole: False where it was cut because it is too large: its attachments are left out.

    Raises:
        ValueError: It is no letter that can be read.
    """
    try:
        return _read(raw, reading, is_whole=is_whole)
    except (
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
        MessageError,
        AssertionError,
    ) as error:  # of the parser
        raise ValueError(f"{type(error).__name__}: {error}") from error


def _read(raw: bytes, reading: Reading, *, is_whole: bool) -> Letter:
    message = MailMessage.from_bytes(raw)
    headers = {name.lower(): tuple(map(str, values)) for name, values in message.headers.items()}
    sender = message.from_values
    whole = " ".join(headers.get("from", ()))
    address = (sender.email if sender else "").strip().lower() or (whole.lower() if "@" in whole else "")
    if not address or _is_automatic(headers, address):
        return Letter()
    words = plain(own_words(message.text, message.html)).strip()
    subject = one_line(message.subject)[:_LONGEST_SUBJECT]
    kept, media, unread = _pictures(message) if is_whole else ((), (), 0)
    if not words and not media:
        return Letter(unread=unread)
    seen = reading.now()
    post = Post(
        platform="mail",
        native_id=_id(headers, raw),
        source=reading.source,
        author=Author(_person(address, reading.salt), "", name=_name(sender.name if sender else "")),
        created_at=_made_at(message.date, seen),
        seen_at=seen,
        title=subject,
        text=words,
        lang=reading.lang,
        labels=(NEEDS_CONSENT, *_verdict(headers, reading.trusted)),
        media=media,
    )
    return Letter(post, kept, unread)


def _is_automatic(headers: dict[str, tuple[str, ...]], address: str) -> bool:
    """Source: RFC 3834 (Auto-Submitted), RFC 2919 (List-Id), RFC 3464 (an empty Return-Path)."""
    submitted = " ".join(headers.get("auto-submitted", ())).strip().lower()
    precedence = " ".join(headers.get("precedence", ())).strip().lower()
    return (
        (submitted not in {"", "no"})
        or precedence in _AUTOMATIC
        or "list-id" in headers
        or "list-unsubscribe" in headers
        or any(value.strip() == "<>" for value in headers.get("return-path", ()))
        or address.startswith(_ROBOTS)
    )


def _pictures(message: MailMessage) -> tuple[tuple[Kept, ...], tuple[Media, ...], int]:
    kept: list[Kept] = []
    media: list[Media] = []
    unread = 0
    for attached in message.attachments:
        if not attached.content_type.lower().startswith("image/"):
            continue
        made = fresh(attached.payload) if len(media) < _MOST_PICTURES and attached.size <= _MOST_PICTURE_BYTES else None
        if made is None:
            unread += 1
            continue
        name, content, (width, height) = made
        if name not in {one.name for one in kept}:
            kept.append(Kept(name, content))
            media.append(Media("image", f"media/{name}", width=width, height=height))
    return tuple(kept), tuple(media), unread


def _id(headers: dict[str, tuple[str, ...]], raw: bytes) -> str:
    """The letter's permanent name: not its Message-ID itself, which may tell where somebody writes from."""
    given = "".join(headers.get("message-id", ())).strip()
    return sha256(given.encode("utf-8", "replace") if given else raw).hexdigest()[:32]


def _person(address: str, salt: bytes) -> str:
    return f"mail:{hmac.new(salt, address.encode('utf-8', 'replace'), sha256).hexdigest()[:24]}"


def _name(given: str) -> str:
    """What somebody calls themselves; an address is no name."""
    name = one_line(given).strip(" \"'")[:_LONGEST_NAME]
    return NAMELESS if not name or "@" in name else name


def _made_at(stated: datetime, seen: datetime) -> datetime:
    """When it was written, as it says, but neither later than now nor long ago: a date is easily wrong."""
    if stated.tzinfo is None or not seen - timedelta(days=2) <= stated <= seen:
        return seen
    return stated


def _verdict(headers: dict[str, tuple[str, ...]], trusted: str) -> tuple[str, ...]:
    """What our own server found out about the sender's domain.

    Source: RFC 8601; only what stands under our own server's name counts, for anybody can write such a header.
    """
    if not trusted:
        return ()
    for value in headers.get("authentication-results", ()):
        name, _, found = value.partition(";")
        if name.strip().split(" ")[0].lower() != trusted.lower():
            continue
        words = found.lower().split()
        if any(word.rstrip(";") == "dmarc=pass" for word in words):
            return (VERIFIED,)
        return (UNVERIFIED,)
    return (UNVERIFIED,)
