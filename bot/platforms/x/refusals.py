"""X's refusals, told apart: what a person must do, and whether the same may ever be tried again.

Source: https://docs.x.com/x-api/fundamentals/response-codes-and-errors. `type` is the stable word where there is one; much of what
403 means is only in the sentence ("about:blank").
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a refusal means for what we do next."""

    DUPLICATE = "duplicate"
    PLAN = "plan"
    SUSPENDED = "suspended"
    LOCKED = "locked"
    NOT_ALLOWED = "not allowed"  # this very thing: a reply, a quote, a mention
    SINCE_ID = "since_id"
    PAGE = "page"
    FIELDS = "fields"  # it spells its fields otherwise
    USAGE_CAP = "usage cap"
    BLOCKED = "blocked"  # no word of X's API: something before it turned us away
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Refusal(Exception):  # noqa: N818 - stays inside this folder: `door` makes it one of ours
    """The service understood the call and said no.

    Attributes:
        where: Method and path.
        status: HTTP status.
        kind: What it means.
        said: What the service says, shortened; hostile text.
    """

    where: str
    status: int
    kind: Kind
    said: str

    def __str__(self) -> str:
        return f"X: {self.where}: {self.status}: {self.said}" if self.said else f"X: {self.where}: {self.status}"


_CODES: Mapping[int, Kind] = {
    64: Kind.SUSPENDED,
    63: Kind.SUSPENDED,
    187: Kind.DUPLICATE,
    326: Kind.LOCKED,
    453: Kind.PLAN,
}
_TYPES: Mapping[str, Kind] = {
    "client-forbidden": Kind.PLAN,
    "client-not-enrolled": Kind.PLAN,
    "unsupported-authentication": Kind.PLAN,
    "oauth1-permissions": Kind.PLAN,
    "usage-capped": Kind.USAGE_CAP,
}
# The first that is found in what X says, in lower case, wins.
_WORDS: tuple[tuple[str, Kind], ...] = (
    ("duplicate", Kind.DUPLICATE),
    (" locked", Kind.LOCKED),
    ("unlock", Kind.LOCKED),
    ("suspended", Kind.SUSPENDED),
    ("reply to or quote", Kind.NOT_ALLOWED),
    ("not permitted to perform this action", Kind.NOT_ALLOWED),
    ("app permissions", Kind.PLAN),
    ("oauth permissions", Kind.PLAN),
    ("access level", Kind.PLAN),
    ("to a subset of", Kind.PLAN),
    ("your plan", Kind.PLAN),
    ("current plan", Kind.PLAN),
    ("pay-per-use", Kind.PLAN),
    ("enroll", Kind.PLAN),
)


def read(where: str, status: int, body: Any) -> Refusal:
    """What a refusal says.

    Args:
        where: Method and path.
        status: 400 to 499.
        body: The decoded JSON; None where there was none.
    """
    if not isinstance(body, dict):
        return Refusal(where, status, Kind.BLOCKED, "")
    said = _said(body)
    return Refusal(where, status, _kind(status, body, said), said)


def _kind(status: int, body: Mapping[str, Any], said: str) -> Kind:
    last = str(body.get("type", "")).rpartition("/")[2]
    if last in _TYPES:
        return _TYPES[last]
    for error in _errors(body):
        code = error.get("code")
        if isinstance(code, int) and code in _CODES:
            return _CODES[code]
    lowered = said.lower()
    if status == 400:
        return _about_parameter(body, lowered)
    return next((kind for words, kind in _WORDS if words in lowered), Kind.OTHER)


def _about_parameter(body: Mapping[str, Any], said: str) -> Kind:
    names = {str(name) for error in _errors(body) for name in _mapping(error.get("parameters"))}
    names |= {str(error.get("parameter", "")) for error in (body, *_errors(body))}
    pages = {"next_token", "pagination_token"}
    if names & pages or (not names & {"since_id"} and any(name in said for name in pages)):
        return Kind.PAGE
    if "since_id" in names or "since_id" in said:
        return Kind.SINCE_ID
    spelled = {"tweet.fields", "post.fields", "expansions", "media.fields", "user.fields"}
    return Kind.FIELDS if names & spelled or any(name in said for name in spelled) else Kind.OTHER


def _said(body: Mapping[str, Any]) -> str:
    parts = [str(body.get(name) or "") for name in ("detail", "message", "error")]
    parts += [str(error.get("message") or error.get("detail") or "") for error in _errors(body)]
    if not any(parts):
        parts.append(str(body.get("title") or ""))
    told = dict.fromkeys(" ".join(part.split()) for part in parts if part)
    return "".join(sign if sign.isprintable() else " " for sign in "; ".join(told))[:300]


def _errors(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = body.get("errors")
    return [error for error in found if isinstance(error, dict)] if isinstance(found, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
