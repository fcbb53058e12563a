"""Posts that are looked at again: young ones when their half hour for edits is over, published ones once a day.

X bills a post once in a UTC day, so a second look on the same day costs nothing, and a later one is bounded to one a day.
What is young stands in the cursor, so that it is stored with the posts; what was asked for today in the source's memory.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from bot.core.model import Post
from bot.core.ports import PlatformContext
from bot.platforms.x.cursor import time_of
from bot.platforms.x.mapping import is_id

_EDITABLE = timedelta(minutes=35)  # half an hour, and the time in which an edit reaches the search
_AT_ONCE = 100
_MOST_YOUNG = 2_000
_MOST_CHECKED = 5_000


class _Day(msgspec.Struct, omit_defaults=True):
    day: str = ""
    seen: list[str] = []
    gone: list[str] = []


class Young:
    """Posts that can still be edited.

    Args:
        known: The newest known version by native id, from the cursor.
        now: Machine time.
    """

    def __init__(self, known: Mapping[str, str], now: datetime) -> None:
        self._known = {native: version for native, version in known.items() if is_id(native) and is_id(version)}
        self._now = now

    def add(self, posts: Iterable[Post]) -> None:
        """Watch these, if they are young. A retweet cannot be edited."""
        for post in posts:
            if not post.repost_of and self._now - time_of(post.native_id) < _EDITABLE:
                known = self._known.get(post.native_id, "0")
                self._known[post.native_id] = max(known, post.version, key=int)

    def due(self) -> list[str]:
        """Newest known versions of those whose time is over; at most as many as one call takes."""
        over = [version for native, version in self._known.items() if self._now - time_of(native) >= _EDITABLE]
        return over[:_AT_ONCE]

    def native(self, version: str) -> str:
        """The native id of a version that is watched; the id itself where none is."""
        return next((native for native, known in self._known.items() if known == version), version)

    def done(self, versions: Iterable[str]) -> None:
        """Watch these no longer."""
        over = set(versions)
        self._known = {native: version for native, version in self._known.items() if version not in over}

    def left(self) -> dict[str, str]:
        """What is watched, for the cursor; of too many the newest."""
        return dict(sorted(self._known.items(), key=lambda pair: int(pair[0]))[-_MOST_YOUNG:])


class Checked:
    """Which published posts were asked for today, and which of them were missing."""

    def __init__(self, context: PlatformContext) -> None:
        self._memory = context.memory
        today = f"{context.machine_now().astimezone(UTC):%Y-%m-%d}"
        try:
            kept = msgspec.json.decode(self._memory.get("checked") or "{}", type=_Day)
        except ValueError:
            kept = _Day()
        self._day = kept if kept.day == today else _Day(today)

    def due(self, ids: Sequence[str]) -> list[str]:
        """Which of these were not asked for today, each once; what is no id of X is none."""
        seen = set(self._day.seen)
        return [number for number in dict.fromkeys(ids) if is_id(number) and number not in seen]

    def gone(self) -> set[str]:
        """What was missing today."""
        return set(self._day.gone)

    def put(self, asked: Sequence[str], gone: Iterable[str]) -> None:
        """Remember an answer."""
        self._day.seen = [*self._day.seen, *asked][-_MOST_CHECKED:]
        self._day.gone = [*dict.fromkeys([*self._day.gone, *gone])][-_MOST_CHECKED:]
        self._memory.put("checked", msgspec.json.encode(self._day).decode())
