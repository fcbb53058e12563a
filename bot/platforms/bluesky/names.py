"""The syntax of AT identifiers, and record keys that follow from a delivery's key."""

import re
from dataclasses import dataclass
from hashlib import blake2b

POSTS = "app.bsky.feed.post"

_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_DID = re.compile(r"did:[a-z]+:[a-zA-Z0-9._:%-]{0,2039}[a-zA-Z0-9._-]")
_HANDLE = re.compile(
    r"(?=.{1,253}\Z)(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
)
_NSID = re.compile(
    r"(?=.{1,317}\Z)[a-zA-Z](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+\.[a-zA-Z][a-zA-Z0-9]{0,62}"
)
_RKEY = re.compile(r"[a-zA-Z0-9_~.:-]{1,512}")
_KEY = re.compile(r"(\d{1,16})-(.+)", re.ASCII | re.DOTALL)
_LARGEST_US = 2**53 - 1


def is_did(text: str) -> bool:
    """Whether a text has the form of a DID.

    Source: https://atproto.com/specs/did
    """
    return _DID.fullmatch(text) is not None


def is_handle(text: str) -> bool:
    """Whether a text has the form of a handle, without "@".

    Source: https://atproto.com/specs/handle
    """
    return _HANDLE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class AtUri:
    """An address of a repository, a collection or a record.

    Attributes:
        authority: The DID or handle of the repository.
        collection: NSID, "" where the address names a whole repository.
        rkey: Record key, "" where the address names a repository or a collection.
    """

    authority: str
    collection: str = ""
    rkey: str = ""

    def __str__(self) -> str:
        """The address as it is written."""
        return "/".join(part for part in (f"at://{self.authority}", self.collection, self.rkey) if part)


def parse_at_uri(text: str) -> AtUri | None:
    """Read an AT-URI without query and fragment; None where it is none.

    Source: https://atproto.com/specs/at-uri-scheme
    """
    if not text.startswith("at://") or len(text) > 8192:
        return None
    authority, *rest = text[5:].split("/")
    if not (is_did(authority) or is_handle(authority)) or len(rest) > 2:
        return None
    if rest and _NSID.fullmatch(rest[0]) is None:
        return None
    if len(rest) == 2 and (_RKEY.fullmatch(rest[1]) is None or rest[1] in {".", ".."}):
        return None
    return AtUri(authority, *rest)


def tid(time_us: int, clock: int) -> str:
    """Write a TID: 13 characters that sort by time, then by clock id.

    Args:
        time_us: Microseconds since 1970, 0 to 2**53 - 1.
        clock: 0 to 1023.

    Source: https://atproto.com/specs/tid
    """
    if not 0 <= time_us <= _LARGEST_US or not 0 <= clock < 1024:
        raise ValueError(f"{time_us} µs with clock {clock} does not fit into a TID")
    number = time_us << 10 | clock
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))


def record_key(key: str) -> str:
    """The record key of a delivery: the same for the same key, so that no try makes a second record.

    Args:
        key: `<time_us>-<delivery>`: the microseconds since 1970 at which the snippet was made, and what tells deliveries of the
            same microsecond apart. A decimal delivery number is taken modulo 1024, so that neighbours never meet;
            anything else is hashed.

    Raises:
        ValueError: The key does not have that form.
    """
    found = _KEY.fullmatch(key)
    if found is None:
        raise ValueError(
            f"{key!r} is not a delivery's key: it is written <microseconds>-<delivery>, e.g. 1461502800000000-311"
        )
    time_us, delivery = found.groups()
    if delivery.isascii() and delivery.isdigit():
        clock = int(delivery[-18:]) % 1024 if len(delivery) <= 18 else _hashed(delivery)
    else:
        clock = _hashed(delivery)
    return tid(int(time_us), clock)


def _hashed(delivery: str) -> int:
    return int.from_bytes(blake2b(delivery.encode("utf-8", "surrogatepass"), digest_size=2).digest(), "big") % 1024
