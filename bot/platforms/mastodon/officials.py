"""Official accounts by their permanent ids: a handle is looked up once, for handles change hands."""

from datetime import datetime, timedelta

import msgspec

from bot.core.errors import OutsideError, Unavailable
from bot.core.ports import PlatformContext
from bot.platforms.mastodon.door import Door
from bot.platforms.mastodon.faults import AbsentError
from bot.platforms.mastodon.fields import text
from bot.platforms.mastodon.mapping import actor_of

_KEPT = "official"
_PAUSE = timedelta(seconds=30)


class Whose(msgspec.Struct, frozen=True):
    """An account as one server knows it.

    Attributes:
        server: Where it is read.
        id: The server's own id of it.
        actor: Its permanent id.
    """

    server: str
    id: str
    actor: str


class Officials:
    """The accounts that a source was told to trust.

    Each is read at the server of its own name where that is one of ours, for that one has everything; else at the first.

    Args:
        handles: `name@host`.
        context: Memory and machine time.
        doors: Servers, at least one.
    """

    def __init__(self, handles: tuple[str, ...], context: PlatformContext, doors: tuple[Door, ...]) -> None:
        self._handles = handles
        self._context = context
        self._doors = doors
        self._asleep_until: datetime | None = None
        self._note = ""
        self._kept: dict[str, Whose] = {}
        kept = context.memory.get(_KEPT) if handles else ""
        if kept:
            try:
                self._kept = msgspec.json.decode(kept, type=dict[str, Whose])
            except ValueError:
                self._kept = {}

    def known(self) -> tuple[dict[str, Whose], str]:
        """The accounts that are known by handle, after another try to learn those that are not.

        Returns:
            The accounts, and what an operator should know ("" where all are known).
        """
        servers = {door.server for door in self._doors}
        lacking = [name for name in self._handles if (who := self._kept.get(name)) is None or who.server not in servers]
        now = self._context.machine_now()
        if lacking and (self._asleep_until is None or now >= self._asleep_until):
            notes = [note for name in lacking if (note := self._learn(name))]
            self._note = "; ".join(notes)
            self._asleep_until = now + _PAUSE if notes else None
        found = {name: who for name in self._handles if (who := self._kept.get(name)) and who.server in servers}
        return found, self._note if len(found) < len(self._handles) else ""

    def _learn(self, handle: str) -> str:
        """Look a handle up; gives what is wrong, "" for nothing."""
        host = handle.partition("@")[2]
        door = next((one for one in self._doors if one.host == host), self._doors[0])
        acct = handle.partition("@")[0] if door.host == host else handle
        try:
            account, _ = door.call("GET", "/api/v1/accounts/lookup", {"acct": acct})
            own_id, actor = (text(account, "id"), actor_of(account)) if isinstance(account, dict) else ("", "")
            if not own_id or not actor:
                raise Unavailable(f"{door.server}: the answer names no account")
        except (OutsideError, AbsentError) as error:
            return f"official account {handle!r} is not known at {door.server} yet: check its spelling ({error})"
        before = self._kept.get(handle)
        if before is not None and before.actor != actor:
            return f"official account {handle!r} is somebody else now ({actor}, was {before.actor}): it is not read"
        self._kept = {**self._kept, handle: Whose(door.server, own_id, actor)}
        self._context.memory.put(_KEPT, msgspec.json.encode(self._kept).decode())
        return ""
