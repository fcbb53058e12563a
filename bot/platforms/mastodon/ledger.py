"""What was tried: written down before anything is sent, so that a try can be looked for, and what was never tried is known.

Not every server minds an Idempotency-Key, and Mastodon forgets it within an hour. So the account's own statuses are the
proof, and this is what to look for among them.
"""

from datetime import datetime

import msgspec

from bot.core.ports import Memory
from bot.core.text.cleaning import fold

_KEPT = "tried"
_MOST = 60
_MOST_OPEN = 500  # whose status is not known: forgotten, they would count as never sent


class Try(msgspec.Struct, frozen=True, omit_defaults=True):
    """One delivery that was sent, or may have been.

    Attributes:
        at: When (machine time).
        words: What `words_of` says of its text.
        media: How many pictures it had.
        id: The status' id where the server said it; "" while nobody knows.
        url: Its address, "" while nobody knows.
    """

    at: datetime
    words: str
    media: int = 0
    id: str = ""
    url: str = ""


class Ledger:
    """The last tries of one account, durable.

    Args:
        memory: The account's own.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def get(self, key: str) -> Try | None:
        """What was tried under a delivery's key; None where that was never sent."""
        return self._all().get(key)

    def put(self, key: str, tried: Try) -> None:
        """Write a try down; durable when this returns. The oldest that are settled are forgotten."""
        found = {other: kept for other, kept in self._all().items() if other != key}
        found[key] = tried
        self._keep(found)

    def forget(self, key: str) -> None:
        """It was provably not sent."""
        found = self._all()
        if found.pop(key, None) is not None:
            self._keep(found)

    def owners(self) -> dict[str, str]:
        """Whose statuses are known: key by status id."""
        return {kept.id: key for key, kept in self._all().items() if kept.id}

    def _all(self) -> dict[str, Try]:
        kept = self._memory.get(_KEPT)
        try:
            return msgspec.json.decode(kept, type=dict[str, Try]) if kept else {}
        except ValueError:
            return {}

    def _keep(self, found: dict[str, Try]) -> None:
        settled = [key for key, kept in found.items() if kept.id]
        for key in settled[: max(0, len(found) - _MOST)]:
            del found[key]
        while len(found) > _MOST_OPEN:
            del found[next(iter(found))]
        self._memory.put(_KEPT, msgspec.json.encode(found).decode() if found else "")


def words_of(text: str) -> str:
    """What stays of a text whatever a server makes of its spaces, marks and links; the text itself where that is nothing."""
    folded = fold(text)
    return "".join(sign for sign in folded if sign.isalnum()) or "".join(folded.split())
