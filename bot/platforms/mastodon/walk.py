"""Reading a timeline without gaps: from where we left off, page by page, oldest first, until nothing more comes.

`min_id` gives the page right after an id, where `since_id` gives the newest and skips what lies between. But an id is no order
of arrival: a server gives a status from elsewhere the id of the moment in which it was *written*, so what arrives late lies
below what we have. Therefore the last minutes are read again each time, and what is new in them is told.

Source: https://docs.joinmastodon.org/api/guidelines/#pagination, Mastodon's lib/mastodon/snowflake.rb (backdated ids)
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from bot.platforms.mastodon.fields import Json, moment, text
from bot.platforms.mastodon.mapping import version_of

AT_ONCE = 40
_MOST_PAGES = 8
_MOST_SEEN = 80  # two pages are read again at most
_OVERLAP = timedelta(minutes=10)
_BEFORE_ALL = "0"

Page = Callable[[dict[str, object]], list[Json]]


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """A status that was told.

    Attributes:
        id: The server's own.
        at: When it was written, seconds since 1970.
        version: Its state then.
    """

    id: str
    at: int
    version: str = ""


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where we left off in one timeline of one server.

    Attributes:
        at: Everything up to this id was read.
        anchor: What comes after this id is read again.
        seen: What was told of that, in the server's order.
        is_midway: More waits: go on at `at` first.
    """

    at: str
    anchor: str = _BEFORE_ALL
    seen: tuple[Seen, ...] = ()
    is_midway: bool = False


@dataclass(frozen=True, slots=True)
class Walked:
    """What one walk brought.

    Attributes:
        statuses: New, or in a new version; oldest first, in the server's order.
        place: Where to go on.
        lost: Ids that were told and are no longer shown; to be looked at one by one.
    """

    statuses: list[Json]
    place: Place
    lost: tuple[str, ...] = ()


def walk(page: Page, place: Place | None, now: datetime) -> Walked:
    """Read on in a timeline.

    Args:
        page: Gives a page for `min_id` and `limit`, newest first; `min_id` is not there for the newest page.
        place: Where we left off; None at first contact, when the newest page alone is read.
        now: Event time.

    Raises:
        OutsideError: As `page` does; nothing was read.
        AbsentError: As `page` does.
    """
    if place is None:
        found = page({"limit": AT_ONCE})[::-1]
        at = text(found[-1], "id") if found else _BEFORE_ALL
        # A first look that finds nothing goes on from the very beginning: all that comes is new.
        before = text(found[0], "id") if len(found) > 1 else at
        kept = _seen(found[1:] if len(found) > 1 else [])
        return Walked(found, _trimmed(Place(at, before, kept), now))
    start = place.at if place.is_midway else place.anchor
    told = {one.id: one.version for one in place.seen}
    again: set[str] = set()
    fresh: list[Json] = []
    order = list(place.seen) if place.is_midway else []
    at, is_midway = start, True
    for _ in range(_MOST_PAGES):
        found = page({"min_id": at, "limit": AT_ONCE})[::-1]
        if not found or text(found[-1], "id") == at:
            is_midway = False
            break
        at = text(found[-1], "id")
        order += _seen(found)
        for status in found:
            own_id = text(status, "id")
            again.add(own_id)
            if told.get(own_id) != version_of(moment(status, "edited_at")):
                fresh.append(status)
    lost: tuple[str, ...] = ()
    if not is_midway and not place.is_midway:
        lost = tuple(one.id for one in place.seen if one.id not in again)
        # What stood at the end and is gone must not send us back to before it.
        at = at if again else place.at
    return Walked(fresh, _trimmed(Place(at, place.anchor, tuple(order), is_midway), now), lost)


def _seen(statuses: list[Json]) -> tuple[Seen, ...]:
    found = []
    for status in statuses:
        created_at = moment(status, "created_at")
        edited_at = moment(status, "edited_at")
        at = int(created_at.timestamp()) if created_at is not None else 0
        found.append(Seen(text(status, "id"), at, version_of(edited_at)))
    return tuple(found)


def _trimmed(place: Place, now: datetime) -> Place:
    """Move the anchor up: over what is old, and over what is too much to read again."""
    floor = int((now - _OVERLAP).timestamp())
    seen, anchor, first = place.seen, place.anchor, 0
    while first < len(seen) and (len(seen) - first > _MOST_SEEN or seen[first].at < floor):
        anchor = seen[first].id
        first += 1
    return Place(place.at, anchor, seen[first:], place.is_midway)


def places(cursor: str) -> dict[str, Place]:
    """The places of a cursor, by timeline; empty at first contact, and for what nobody can read any more."""
    try:
        return msgspec.json.decode(cursor, type=dict[str, Place]) if cursor else {}
    except ValueError:
        return {}


def cursor_of(found: dict[str, Place]) -> str:
    """The cursor of all places: the same places, the same text."""
    return msgspec.json.encode(found, order="sorted").decode()
