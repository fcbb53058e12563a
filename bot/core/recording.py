"""What a source brought, as JSON Lines: for rehearsals, tests and the store.

One line for each batch: `{"at": …, "source": …, "batch": …}`, with the names and shapes of `core.model`. Fields that hold
their default may be missing. Lines are written compactly, in UTF-8, newest last.
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from bot.core.model import Batch


@dataclass(frozen=True, slots=True)
class Recorded:
    """One line of a recording.

    Attributes:
        at: Event time at which the batch came.
        source: Name of the source that brought it.
        batch: What it brought.
    """

    at: datetime
    source: str
    batch: Batch


class _Line(msgspec.Struct, omit_defaults=True):
    at: datetime
    source: str
    batch: Batch


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Line)


def encode_line(at: datetime, source: str, batch: Batch) -> bytes:
    """Write one line, without its line end."""
    return _encoder.encode(_Line(at, source, batch))


def decode_line(line: bytes) -> Recorded:
    """Read one line.

    Raises:
        ValueError: It is no line of a recording; the message says where in the line and why.
    """
    found = _decoder.decode(line)
    return Recorded(found.at, found.source, found.batch)
