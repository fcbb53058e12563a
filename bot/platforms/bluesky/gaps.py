"""Spans of time that Jetstream did not give us: noted before the stream goes on, forgotten when their posts are stored."""

from datetime import datetime, timedelta
from threading import Lock

import msgspec

from bot.core.ports import Memory

_KEPT = "gaps"
_LONGEST = timedelta(days=3)  # of what is older nobody wants to hear any more


class Gap(msgspec.Struct, frozen=True):
    """A span of time.

    Attributes:
        since: Its beginning, aware UTC.
        until: Its end, later than its beginning.
    """

    since: datetime
    until: datetime

    def __str__(self) -> str:
        """For people, in UTC."""
        return f"{self.since:%d %b %H:%M} to {self.until:%d %b %H:%M} UTC"


class Gaps:
    """The gaps of one source, over restarts. The stream adds, `fetch` takes away; each in a thread of its own.

    Args:
        memory: The source's own.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._lock = Lock()

    def add(self, gap: Gap) -> None:
        """Keep a gap; durable when it returns. What is kept already is not kept twice; three days of it at most."""
        with self._lock:
            kept = self._read()
            since = max(gap.since, gap.until - _LONGEST, *(one.until for one in kept))
            if since < gap.until:
                self._write([*kept, Gap(since, gap.until)])

    def after(self, done: datetime | None) -> Gap | None:
        """The first gap that is still open, None where there is none. Forgets those that are done.

        Args:
            done: End of the last gap whose posts are stored, as the stored cursor says; None for none yet.
        """
        with self._lock:
            kept = self._read()
            still = [gap for gap in kept if done is None or gap.until > done]
            if len(still) < len(kept):
                self._write(still)
        return still[0] if still else None

    def _read(self) -> list[Gap]:
        kept = self._memory.get(_KEPT)
        try:
            return msgspec.json.decode(kept, type=list[Gap]) if kept else []
        except ValueError:
            return []

    def _write(self, gaps: list[Gap]) -> None:
        self._memory.put(_KEPT, msgspec.json.encode(gaps).decode() if gaps else "")
