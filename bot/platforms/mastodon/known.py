"""Which id of a server is which status: servers speak of statuses by ids of their own, we by their uri.

Kept for this process alone. What was forgotten is found again by looking it up; nothing depends on it but speed, and the
deletions of a stream.
"""

from collections import OrderedDict
from threading import Lock

_MOST = 20_000


class Known:
    """What was seen lately, over all servers of a source. May be used by several threads.

    Args:
        most: How many statuses are remembered for each server; the oldest leave first.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._uris: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._ids: dict[tuple[str, str], str] = {}
        self._versions: OrderedDict[str, str] = OrderedDict()

    def saw(self, server: str, own_id: str, uri: str) -> None:
        """A server showed a status."""
        with self._lock:
            self._uris[server, own_id] = uri
            self._uris.move_to_end((server, own_id))
            self._ids[server, uri] = own_id
            while len(self._uris) > self._most:
                (where, _), old = self._uris.popitem(last=False)
                self._ids.pop((where, old), None)

    def uri(self, server: str, own_id: str) -> str:
        """The uri of a status by its id at a server; "" where it was not seen."""
        with self._lock:
            return self._uris.get((server, own_id), "")

    def own_id(self, server: str, uri: str) -> str:
        """The id of a status at a server; "" where it was not seen there."""
        with self._lock:
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
