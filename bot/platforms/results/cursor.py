"""What the `results` source remembers from one look to the next."""

import msgspec


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where we left off.

    Attributes:
        place: The file or address that all else belongs to; another one starts anew.
        blocks: A short hash of each block of rows that was brought.
        etag: Verbatim, once all of the answer was brought; "" for none. `modified` too.
        seen: Size and time of change of the file at the last look.
        tail: Hash of a document whose end is not whole, and since when (seconds since 1970) it stands; "" for none.
        note: What `status` shows as long as nothing changes.
    """

    place: str = ""
    blocks: tuple[str, ...] = ()
    etag: str = ""
    modified: str = ""
    seen: str = ""
    tail: str = ""
    note: str = ""
