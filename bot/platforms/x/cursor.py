"""Where each search was left off, and how far a walk through its pages has come.

X gives the newest page first. The place moves only when the last page was read, to the newest id that the *first* page named;
a walk that was cut short (a limit, a lost connection) goes on with its page token, which never expires, so that nothing is
paid for twice. Source: https://docs.x.com/x-api/posts/search/integrate/paginate
"""

import hashlib
from datetime import UTC, datetime, timedelta

import msgspec

_EPOCH_MS = 1_288_834_974_657  # X's snowflakes count from here
OLDEST = timedelta(days=6, hours=12)
"""Recent search holds seven days; an older `since_id` is refused with 400."""
LAG_S = 30
"""X leaves out its newest half minute."""


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """One search's place.

    Attributes:
        since: The newest id that was read completely; "" for none.
        until_s: Up to when everything was read, seconds since 1970: the time at which the last complete walk began.
        token: Of the next page of a walk that is not done; "" for none.
        newest: The newest id of that walk, "" where it brought none yet.
        began_s: When that walk began.
    """

    since: str = ""
    until_s: int = 0
    token: str = ""
    newest: str = ""
    began_s: int = 0


class Cursor(msgspec.Struct, omit_defaults=True):
    """All that a look goes on from.

    Attributes:
        places: Of all searches, by `name_of`.
        young: Posts that may still be edited: the newest known version by native id.
    """

    places: dict[str, Place] = {}
    young: dict[str, str] = {}


def decode(cursor: str) -> Cursor:
    """The cursor; an empty one at first contact, and where it was written by another version."""
    try:
        return msgspec.json.decode(cursor, type=Cursor) if cursor else Cursor()
    except ValueError:
        return Cursor()


def encode(cursor: Cursor) -> str:
    """The cursor's text; the same cursor gives the same text."""
    return msgspec.json.encode(cursor, order="sorted").decode()


def name_of(query: str) -> str:
    """What a search is called in a cursor: another search has another place."""
    return hashlib.sha256(query.encode()).hexdigest()[:12]


def time_of(post_id: str) -> datetime:
    """When an id was given. Ids before November 2010 carry no time and give 2010."""
    return datetime.fromtimestamp(((int(post_id) >> 22) + _EPOCH_MS) / 1000, UTC)


def is_too_old(since: str, now: datetime) -> bool:
    """Whether recent search would refuse this `since_id`."""
    return now - time_of(since) > OLDEST


def start_of(place: Place, now: datetime, first_look_s: int) -> tuple[dict[str, str], str]:
    """From where a search reads: after an id, or from a time where there is no id that X still takes.

    Args:
        place: Where it was left off.
        now: Machine time.
        first_look_s: How far back the first look goes.

    Returns:
        X's parameter, and what cannot be read any more, for people ("" for nothing).
    """
    if place.since and not is_too_old(place.since, now):
        return {"since_id": place.since}, ""
    if place.token:  # every page of a walk is asked for in the same words
        now = datetime.fromtimestamp(place.began_s + LAG_S, UTC)
    start, missed = now - timedelta(seconds=first_look_s), ""
    if place.until_s or place.since:
        last = datetime.fromtimestamp(place.until_s, UTC) if place.until_s else time_of(place.since)
        start = last - timedelta(seconds=LAG_S)
        if start < now - OLDEST:
            missed = f"X searches only seven days back: posts from {start:%d %B %H:%M} UTC on were missed"
            start = now - OLDEST
    return {"start_time": f"{start:%Y-%m-%dT%H:%M:%SZ}"}, missed
