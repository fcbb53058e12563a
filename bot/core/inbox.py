"""What somebody brought to our door, and what they are told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_BYTES = 65_536
"""The largest body that is taken."""


@dataclass(frozen=True, slots=True)
class Reception:
    """What who brought something is told.

    Attributes:
        status: HTTP: 202 where it is stored, 400 where it is not understood, 401, 404, 413, 429, or 503 where it may work later.
        said: JSON: `{"id": …}`, or `{"error": …}` with what to do.
        retry_after_s: When to come again; 0 where that is not to be said.
    """

    status: int
    said: Mapping[str, str] = field(default_factory=dict)
    retry_after_s: int = 0


def refused(status: int, why: str, retry_after_s: int = 0) -> Reception:
    """Nothing was stored."""
    return Reception(status, {"error": why}, retry_after_s)
