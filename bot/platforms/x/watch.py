"""Posts that are looked at again: young ones when their half hour for edits is over, published ones every hour.

X bills a post once in a UTC day ("soft guarantee"): a second look on the same day should cost nothing.
What is young stands in the cursor, so that it is stored with the posts; what was asked for, in the source's memory.
Source: https://docs.x.com/x-api/getting-started/pricing (deduplication)
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from bot.core.model import Post
from bot.core.ports import PlatformContext
from bot.platforms.x.cursor import time_of
from bot.platforms.x.mapping import is_id

_EDITABLE = timedelta(minutes=35)  # half an hour, and the time in which an edit reaches the search
_DAY_S = 86_400
_MOST_YOUNG = 2_000
_MOST_CHECKED = 5_000


class _Kept(msgspec.Struct, omit_defaults=True):
    """Which published posts were asked for: by id, when (seconds since 1970); and which were missing."""

    asked: dict[str, int] = {}
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
        """Newest known versions of those whose time is over, the oldest post first."""
        over = sorted(self._known.items(), key=lambda pair: int(pair[0]))
        return [version for native, version in over if self._now - time_of(native) >= _EDITABLE]

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
    """Which published posts were asked for lately, and which of them were missing.

    Args:
        context: Memory and machine time.
        every_s: How often each is asked for at most.
    """

    def __init__(self, context: PlatformContext, every_s: float) -> None:
        self._memory = context.memory
        self._now_s = int(context.machine_now().timestamp())
        self._every_s = every_s
        try:
            self._kept = msgspec.json.decode(self._memory.get("checked") or "{}", type=_Kept)
        except ValueError:
            self._kept = _Kept()

    def due(self, ids: Sequence[str]) -> list[str]:
        """Which of these are to be asked for, each once; what is no id of X, and what was missing, is not."""
        gone = set(self._kept.gone)
        late = self._now_s - self._every_s
        asked = self._kept.asked
        return [one for one in dict.fromkeys(ids) if is_id(one) and one not in gone and asked.get(one, -1) <= late]

    def known(self, ids: Iterable[str]) -> set[str]:
        """Which of these we have read today already: they were made today, or asked for today."""
        today = self._now_s // _DAY_S
        return {
            one
            for one in ids
            if self._kept.asked.get(one, 0) // _DAY_S == today or int(time_of(one).timestamp()) // _DAY_S == today
        }

    def gone(self) -> set[str]:
        """What was missing."""
        return set(self._kept.gone)

    def put(self, ids: Iterable[str], gone: Iterable[str]) -> None:
        """Remember an answer."""
        asked = {one: at for one, at in self._kept.asked.items() if at > self._now_s - 2 * _DAY_S}
        asked |= dict.fromkeys(ids, self._now_s)
        self._kept.asked = dict(sorted(asked.items(), key=lambda pair: pair[1])[-_MOST_CHECKED:])
        self._kept.gone = [*dict.fromkeys([*self._kept.gone, *gone])][-_MOST_CHECKED:]
        self._memory.put("checked", msgspec.json.encode(self._kept).decode())
