"""Edits of what was told some hours ago: looked for a few at a time, for no timeline shows them again."""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

_HOURS = timedelta(hours=6)
_PAUSE = timedelta(minutes=1)
_MOST = 400
_AT_ONCE = 20  # Mastodon refuses more


class Watch:
    """What one server showed lately, in which version. Kept for this process alone. May be used by several threads.

    Args:
        machine_now: Machine time.
    """

    def __init__(self, machine_now: Callable[[], datetime]) -> None:
        self._machine_now = machine_now
        self._seen: dict[str, tuple[str, datetime]] = {}  # version, and when it was seen first
        self._turn: deque[str] = deque()
        self._next_at: datetime | None = None
        self._lock = Lock()

    def saw(self, own_id: str, version: str) -> None:
        """The server showed a status in a version."""
        with self._lock:
            _, since = self._seen.get(own_id, ("", self._machine_now()))
            if own_id not in self._seen:
                self._turn.append(own_id)
            self._seen[own_id] = version, since
            while len(self._turn) > _MOST:
                self._seen.pop(self._turn.popleft(), None)

    def forget(self, own_id: str) -> None:
        """It is gone."""
        with self._lock:
            if self._seen.pop(own_id, None) is not None:
                self._turn.remove(own_id)

    def due(self) -> dict[str, str]:
        """Ids to look at now, each with the version that is known; at most 20 a minute, each in its turn, for six hours."""
        now = self._machine_now()
        with self._lock:
            if self._turn and self._next_at is None:
                self._next_at = now + _PAUSE
            if not self._turn or self._next_at is None or now < self._next_at:
                return {}
            self._next_at = now + _PAUSE
            found: dict[str, str] = {}
            for _ in range(len(self._turn)):
                own_id = self._turn.popleft()
                version, since = self._seen[own_id]
                if now - since > _HOURS:
                    del self._seen[own_id]
                    continue
                self._turn.append(own_id)
                found[own_id] = version
                if len(found) == _AT_ONCE:
                    break
            return found
