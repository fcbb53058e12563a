"""Our own account's profile: whether it says that a bot writes here, and making it say so.

Source: lexicons app/bsky/actor/profile.json, com/atproto/label/defs.json
"""

from typing import Any

from bot.core.errors import Unavailable
from bot.platforms.bluesky.session import Tokens
from bot.platforms.bluesky.xrpc import RefusalError, Xrpc

_PROFILE = "app.bsky.actor.profile"


def is_bot(profile: object) -> bool:
    """Whether a profile's record labels its account as a bot.

    Args:
        profile: An answer of getRecord; None where there is no profile.

    Source: lexicons com/atproto/label/defs.json (selfLabels), app/bsky/actor/profile.json
    """
    value = profile.get("value") if isinstance(profile, dict) else None
    labels = value.get("labels") if isinstance(value, dict) else None
    given = labels.get("values") if isinstance(labels, dict) else None
    return isinstance(given, list) and any(isinstance(one, dict) and one.get("val") == "bot" for one in given)


def _as_bot(profile: object) -> tuple[dict[str, object], str | None]:
    """A profile's record with the label beside what stands there, and the hash of what it replaces.

    Args:
        profile: As `is_bot`.

    Returns:
        The record, and None for the hash where there is no profile yet.
    """
    found = profile if isinstance(profile, dict) else {}
    value, cid = found.get("value"), found.get("cid")
    record: dict[str, object] = dict(value) if isinstance(value, dict) else {"$type": "app.bsky.actor.profile"}
    labels = record.get("labels")
    given = labels.get("values") if isinstance(labels, dict) else None
    values = [*(given if isinstance(given, list) else []), {"val": "bot"}]
    record["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": values}
    return record, cid if isinstance(cid, str) else None


def own_profile(door: Xrpc, tokens: Tokens) -> Any:
    """The account's profile as getRecord gives it; None where it has none."""
    where = [("repo", tokens.did), ("collection", _PROFILE), ("rkey", "self")]
    try:
        return door.query("com.atproto.repo.getRecord", where, token=tokens.access)
    except RefusalError as error:
        if error.name == "RecordNotFound":
            return None
        raise


def mark(door: Xrpc, tokens: Tokens) -> bool:
    """Label the account as a bot, beside what stands in its profile; False where it is labelled already.

    Raises:
        RefusalError: The service does not take it.
        Unavailable: Not done, or the profile was changed in this moment.
        RateLimited: Nothing before `until`.
    """
    standing = own_profile(door, tokens)
    if is_bot(standing):
        return False
    record, cid = _as_bot(standing)
    body = {"repo": tokens.did, "collection": _PROFILE, "rkey": "self", "record": record, "swapRecord": cid}
    try:
        door.procedure("com.atproto.repo.putRecord", body, token=tokens.access, lost=Unavailable)
    except RefusalError as error:
        if error.name == "InvalidSwap":
            raise Unavailable("the profile was changed in this moment: try again") from error
        raise
    return True
