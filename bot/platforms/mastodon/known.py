"""Which id of a server is which status: servers speak of statuses by ids of their own, we by their uri.

What was seen lately is kept over restarts, in pieces of which each look writes one: else nobody could be asked any more
whether a post of yesterday still stands.
"""

from collections import OrderedDict
from threading import RLock

import msgspec

from bot.core.ports import Memory

_MOST = 20_000
_PIECES = 50
_AT_ONCE = 200  # entries of a piece: some 20 kB
_POINTER = "known"


class _Seen(msgspec.Struct, frozen=True, array_like=True):
    server: str
    own_id: str
    uri: str


class Known:
    """What was seen lately, over all servers of a source. May be used by several threads.

    Args:
        memory: Keeps the last 10,000 over restarts.
        most: How many are remembered in this process; the oldest leave first.
    """

    def __init__(self, memory: Memory, most: int = _MOST) -> None:
        self._memory = memory
        self._most = most
        self._lock = RLock()
        self._uris: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._ids: dict[tuple[str, str], str] = {}
        self._versions: OrderedDict[str, str] = OrderedDict()
        self._piece: list[_Seen] = []
        self._number = self._pointed = -1
        self._is_loaded = False
        self._is_written = True

    def saw(self, server: str, own_id: str, uri: str) -> None:
        """A server showed a status; `keep` makes it last."""
        with self._lock:
            if self._uris.get((server, own_id)) == uri:
                return
            self._load()
            if self._uris.get((server, own_id)) == uri:
                return
            self._put(server, own_id, uri)
            self._piece.append(_Seen(server, own_id, uri))
            self._is_written = False
            if len(self._piece) >= _AT_ONCE:
                self.keep()
                self._number, self._piece = (self._number + 1) % _PIECES, []

    def keep(self) -> None:
        """Write down what was seen since the last time; nothing where that is nothing."""
        with self._lock:
            if self._is_written:
                return
            self._memory.put(f"{_POINTER} {self._number}", msgspec.json.encode(self._piece).decode())
            if self._number != self._pointed:
                self._memory.put(_POINTER, str(self._number))
                self._pointed = self._number
            self._is_written = True

    def uri(self, server: str, own_id: str) -> str:
        """The uri of a status by its id at a server; "" where it was not seen."""
        with self._lock:
            if (server, own_id) not in self._uris:
                self._load()
            return self._uris.get((server, own_id), "")

    def own_id(self, server: str, uri: str) -> str:
        """The id of a status at a server; "" where it was not seen there."""
        with self._lock:
            if (server, uri) not in self._ids:
                self._load()
            return self._ids.get((server, uri), "")

    def is_stale(self, uri: str, version: str) -> bool:
        """Whether a later version of a status was seen: a server that has not heard of an edit shows the old words."""
        with self._lock:
            newest = self._versions.get(uri, "")
            if version < newest:
                return True
            if version:
                self._versions[uri] = version
                self._versions.move_to_end(uri)
                while len(self._versions) > self._most:
                    self._versions.popitem(last=False)
            return False

    def _put(self, server: str, own_id: str, uri: str) -> None:
        self._uris[server, own_id] = uri
        self._ids[server, uri] = own_id
        while len(self._uris) > self._most:
            (where, _), old = self._uris.popitem(last=False)
            self._ids.pop((where, old), None)

    def _load(self) -> None:
        """Read what was kept, once; a new process begins a new piece."""
        if self._is_loaded:
            return
        self._is_loaded = True
        pointer = self._memory.get(_POINTER)
        last = int(pointer) if pointer.isascii() and pointer.isdigit() else -1
        self._number = (last + 1) % _PIECES
        if last < 0:
            return
        for step in range(1, _PIECES + 1):  # the oldest first
            kept = self._memory.get(f"{_POINTER} {(last + step) % _PIECES}")
            try:
                found = msgspec.json.decode(kept, type=list[_Seen]) if kept else []
            except ValueError:
                continue
            for seen in found:
                self._put(seen.server, seen.own_id, seen.uri)
