"""Which statuses are gone: asked of the servers that showed them."""

import re
from collections.abc import Iterable, Sequence

from bot.core.errors import OutsideError, RateLimited, Unauthorized, Unavailable
from bot.platforms.mastodon.door import Door
from bot.platforms.mastodon.faults import AbsentError
from bot.platforms.mastodon.fields import Json, tables, text
from bot.platforms.mastodon.known import Known

_AT_ONCE = 20  # Mastodon refuses more
_MOST_LOOKUPS = 40
# Where a status' uri ends with its own server's id for it; elsewhere (Pleroma's /objects/) it does not.
_OWN_ID = re.compile(r"/users/[^/]+/statuses/([A-Za-z0-9]{1,40})$|/@[^/]+/(?:posts/)?([A-Za-z0-9]{1,40})/?$")


class Recheck:
    """Asks servers about statuses.

    Args:
        doors: Servers, at least one; the first may have a token.
        known: Which id is which status.
    """

    def __init__(self, doors: Sequence[Door], known: Known) -> None:
        self._doors = doors
        self._known = known

    def status(self, door: Door, own_id: str) -> Json | None:
        """A status as its server shows it now; None where it is gone.

        Raises:
            OutsideError: It cannot be told.
        """
        try:
            found, _ = door.call("GET", f"/api/v1/statuses/{own_id}")
        except AbsentError:
            return None
        if not isinstance(found, dict) or text(found, "id") != own_id:
            raise Unavailable(f"{door.server}: the answer is not the status that was asked for")
        return found

    def shown(self, uris: Iterable[str]) -> dict[str, tuple[Door, Json]]:
        """Statuses as the servers that showed them show them now, by uri; those that cannot be had are missing."""
        asked: dict[str, dict[str, str]] = {}
        for uri in dict.fromkeys(uris):
            if (place := self._place(uri)) is not None:
                asked.setdefault(place[0].server, {})[place[1]] = uri
        found: dict[str, tuple[Door, Json]] = {}
        for door in self._doors:
            ids = asked.get(door.server, {})
            for first in range(0, len(ids), _AT_ONCE):
                try:
                    answer, _ = door.call("GET", "/api/v1/statuses", {"id[]": list(ids)[first : first + _AT_ONCE]})
                except (OutsideError, AbsentError):
                    break  # a server that lists none, or cannot be asked now: nothing is known
                for status in tables({"found": answer}, "found", _AT_ONCE):
                    if text(status, "id") in ids:
                        found[ids[text(status, "id")]] = (door, status)
        return found

    def missing(self, uris: Iterable[str]) -> frozenset[str]:
        """Which statuses are gone at the server that showed them.

        One that no server of ours can be asked about is never named.

        Raises:
            Unavailable: No server could be asked.
            RateLimited: As above, with a date.
            Unauthorized: As above: it wants a token.
        """
        asked: dict[str, dict[str, str]] = {}
        lookups = 0
        for uri in dict.fromkeys(uris):
            place = self._place(uri)
            if place is None and lookups < _MOST_LOOKUPS and self._doors[0].has_token:
                lookups += 1
                place = self._look_up(uri)
            if place is not None:
                asked.setdefault(place[0].server, {})[place[1]] = uri
        gone: set[str] = set()
        failures: list[OutsideError] = []
        for door in self._doors:
            try:
                gone |= self._gone(door, asked.get(door.server, {}))
            except OutsideError as error:
                failures.append(error)
        if failures and len(failures) == len(asked):
            raise _first(failures)
        return frozenset(gone)

    def is_gone(self, door: Door, own_id: str, uri: str) -> bool:
        """Whether a status is gone at a server, and at its own where that is one of ours.

        A server that breaks with another forgets its posts, which stand all the same.

        Raises:
            OutsideError: It cannot be told.
        """
        if not self._is_absent(door, own_id):
            return False
        home = self._home(uri)
        return home is None or home[0] is door or self._is_absent(*home)

    def _gone(self, door: Door, uris: dict[str, str]) -> set[str]:
        ids = list(uris)
        shown: set[str] = set()
        for first in range(0, len(ids), _AT_ONCE):
            some = ids[first : first + _AT_ONCE]
            try:
                found, _ = door.call("GET", "/api/v1/statuses", {"id[]": some})
            except AbsentError:
                continue  # Mastodon before 4.3, and others: each is asked about by itself
            listed = tables({"found": found}, "found", _AT_ONCE)
            shown |= {text(status, "id") for status in listed}
        # A list may leave out what its server does not like to list: each that is not there is asked about once more.
        return {uris[own_id] for own_id in ids if own_id not in shown and self.is_gone(door, own_id, uris[own_id])}

    def _is_absent(self, door: Door, own_id: str) -> bool:
        try:
            return self.status(door, own_id) is None
        except Unauthorized:
            return False  # for members only now: its server shows it to somebody

    def _home(self, uri: str) -> tuple[Door, str] | None:
        """The server where a status was written, and its id there, where that is one of ours."""
        own = _OWN_ID.search(uri)
        for door in self._doors:
            if uri.startswith(f"{door.server}/"):
                own_id = self._known.own_id(door.server, uri) or ((own[1] or own[2]) if own else "")
                return (door, own_id) if own_id else None
        return None

    def _place(self, uri: str) -> tuple[Door, str] | None:
        home = self._home(uri)
        if home is not None:
            return home
        for door in self._doors:
            own_id = self._known.own_id(door.server, uri)
            if own_id:
                return door, own_id
        return None

    def _look_up(self, uri: str) -> tuple[Door, str] | None:
        """Where our first server has a status that was seen before this process began."""
        door = self._doors[0]
        params: dict[str, object] = {"q": uri, "type": "statuses", "resolve": "false", "limit": 1}
        try:
            found, _ = door.call("GET", "/api/v2/search", params)
        except (OutsideError, AbsentError):
            return None
        for status in tables(found if isinstance(found, dict) else {}, "statuses", 5):
            if text(status, "uri") == uri and text(status, "id"):
                self._known.saw(door.server, text(status, "id"), uri)
                return door, text(status, "id")
        return None


def _first(failures: Sequence[OutsideError]) -> OutsideError:
    return next((error for error in failures if isinstance(error, RateLimited)), failures[0])
