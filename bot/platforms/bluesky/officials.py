"""Official accounts by their permanent ids: a handle is looked up once, for handles change hands."""

from datetime import datetime, timedelta

import msgspec

from bot.core.errors import OutsideError
from bot.core.ports import PlatformContext
from bot.platforms.bluesky.names import is_did
from bot.platforms.bluesky.xrpc import RefusalError, Xrpc

_KEPT = "official"
_PAUSE = timedelta(seconds=30)


class Officials:
    """The accounts that a source was told to trust.

    Args:
        actors: DIDs and handles.
        context: Memory and machine time.
        appview: Who knows handles; None for nobody.
    """

    def __init__(self, actors: tuple[str, ...], context: PlatformContext, appview: Xrpc | None) -> None:
        self._context = context
        self._appview = appview
        self._actors = actors
        self._by_handle: dict[str, str] = {}
        self._asleep_until: datetime | None = None
        self._note = ""
        kept = context.memory.get(_KEPT) if actors else ""
        if kept:
            try:
                self._by_handle = msgspec.json.decode(kept, type=dict[str, str])
            except ValueError:
                self._by_handle = {}

    @property
    def complete(self) -> bool:
        """Whether every account's id is known."""
        return all(is_did(actor) or actor.casefold() in self._by_handle for actor in self._actors)

    def known(self) -> tuple[frozenset[str], str]:
        """The DIDs that are known, after another try to learn those that are not.

        Returns:
            The DIDs, and what an operator should know ("" where all are known).
        """
        if not self.complete:
            self._learn()
        dids = (actor if is_did(actor) else self._by_handle.get(actor.casefold(), "") for actor in self._actors)
        return frozenset(did for did in dids if did), "" if self.complete else self._note

    def _learn(self) -> None:
        now = self._context.machine_now()
        if self._asleep_until is not None and now < self._asleep_until:
            return
        notes = []
        for actor in self._actors:
            handle = actor.casefold()
            if is_did(actor) or handle in self._by_handle:
                continue
            try:
                did = self._resolve(handle)
            except (OutsideError, RefusalError) as error:
                notes.append(f"official account {actor!r} is not known at Bluesky yet: check its spelling ({error})")
                continue
            self._by_handle = {**self._by_handle, handle: did}
            self._context.memory.put(_KEPT, msgspec.json.encode(self._by_handle).decode())
        self._note = "; ".join(notes)
        self._asleep_until = now + _PAUSE if notes else None

    def _resolve(self, handle: str) -> str:
        if self._appview is None:
            raise RefusalError("official accounts", 400, "NoAppView", "give DIDs where `appview` is empty")
        answer = self._appview.query("com.atproto.identity.resolveHandle", [("handle", handle)])
        did = answer.get("did") if isinstance(answer, dict) else None
        if not isinstance(did, str) or not is_did(did):
            raise RefusalError("com.atproto.identity.resolveHandle", 400, "NoDid", "the answer names no DID")
        return did
