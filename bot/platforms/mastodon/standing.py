"""What came of a try: looked for among the account's own statuses, by its words, its pictures and its time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import quote

from bot.core.errors import Unavailable
from bot.core.model import Receipt
from bot.core.ports import PlatformContext
from bot.platforms.mastodon.content import read
from bot.platforms.mastodon.credential import Credential
from bot.platforms.mastodon.door import Door
from bot.platforms.mastodon.faults import AbsentError
from bot.platforms.mastodon.fields import Json, moment, tables, text, web
from bot.platforms.mastodon.ledger import Ledger, Try, words_of

_CLOCKS_DIFFER = timedelta(minutes=10)
_AT_ONCE = 40
_MOST_PAGES = 10


def standing(
    door: Door,
    me: Credential,
    ledger: Ledger,
    key: str,
    context: PlatformContext,
    *,
    since: datetime | None,
    settle: timedelta,
) -> Receipt | None:
    """What came of the try under a key.

    Args:
        door: The account's server, with its token.
        me: Whose account it is.
        ledger: What was tried; a receipt that is found is written down there.
        key: A delivery's.
        context: Machine time.
        since: Nothing older need be looked at; None for the time of the try.
        settle: For how long what is not there may still appear.

    Returns:
        Its receipt, or None where it is certain that nothing came of it.

    Raises:
        OutsideError: It cannot be told, or not yet.
    """
    tried = ledger.get(key)
    if tried is None:
        return None  # it is written down before it is sent
    if tried.id:
        try:
            door.call("GET", f"/api/v1/statuses/{quote(tried.id, safe='')}")
        except AbsentError:
            return None
        return Receipt(tried.id, tried.url)
    earliest = min(tried.at, since or tried.at) - _CLOCKS_DIFFER
    others = {own_id for own_id, other in ledger.owners().items() if other != key}
    matches = [
        status for status in _own(door, me, earliest) if text(status, "id") not in others and _says(status, tried)
    ]
    if matches:
        receipt = receipt_of(matches[-1])  # the oldest
        ledger.put(key, Try(tried.at, tried.words, tried.media, receipt.id, receipt.url))
        return receipt
    left = tried.at + settle - context.machine_now()
    if left > timedelta(0):
        # A server that was slow may still be at it, and one that minds no key would then have it twice.
        raise Unavailable(
            f"{door.server}: a try without an answer is not there, but may still appear: "
            f"looked for again in {left.total_seconds():.0f} s"
        )
    return None


def receipt_of(status: Json) -> Receipt:
    """The receipt of a status of ours."""
    return Receipt(text(status, "id"), web(status, "url") or web(status, "uri"))


def _own(door: Door, me: Credential, earliest: datetime) -> Iterator[Json]:
    """The account's own statuses since then, newest first.

    Raises:
        Unavailable: They cannot be read, or there are too many.
    """
    params: dict[str, object] = {"limit": _AT_ONCE, "exclude_reblogs": "true"}
    path = f"/api/v1/accounts/{quote(me.own_id, safe='')}/statuses"
    for _ in range(_MOST_PAGES):
        try:
            answer, _made = door.call("GET", path, params)
        except AbsentError as error:
            raise Unavailable(f"{error}: our own statuses cannot be read") from error
        if not isinstance(answer, list):
            raise Unavailable(f"GET {path} at {door.server}: the answer is no list")
        found = tables({"found": answer}, "found", _AT_ONCE * 2)
        for status in found:
            made_at = moment(status, "created_at")
            if made_at is None or made_at >= earliest:
                yield status
        last = moment(found[-1], "created_at") if found else None
        if not found or (last is not None and last < earliest) or text(found[-1], "id") == params.get("max_id"):
            return
        params["max_id"] = text(found[-1], "id")
    raise Unavailable(f"{door.server}: more than {_MOST_PAGES * _AT_ONCE} statuses since then: look there by hand")


def _says(status: Json, tried: Try) -> bool:
    """Whether a status has a try's words and as many pictures."""
    said = words_of(read(text(status, "content"), {}).text)
    return said == tried.words and len(tables(status, "media_attachments", 16)) == tried.media
