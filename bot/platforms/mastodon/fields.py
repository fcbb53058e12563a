"""What a server says, read field by field: what has another form than it should costs itself alone.

Statuses come from any software in the world by way of any server, so nothing of them is taken for granted.
"""

from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

_LONGEST_URL_CHARS = 2_000


def text(of: Json, name: str) -> str:
    """A text; "" where there is none. Numbers count: some servers write ids so."""
    found = of.get(name)
    if isinstance(found, str):
        return found.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    return str(found) if isinstance(found, int) and not isinstance(found, bool) else ""


def table(of: Json, name: str) -> Json:
    """A table; an empty one where there is none."""
    found = of.get(name)
    return found if isinstance(found, dict) else {}


def tables(of: Json, name: str, most: int) -> list[Json]:
    """The first tables of a list."""
    found = of.get(name)
    return [one for one in found[:most] if isinstance(one, dict)] if isinstance(found, list) else []


def number(of: Json, name: str) -> int:
    """A count; 0 where there is none."""
    found = of.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 2**53 else 0


def truth(of: Json, name: str) -> bool | None:
    """True or False; None where the server does not say."""
    found = of.get(name)
    return found if isinstance(found, bool) else None


def web(of: Json, name: str) -> str:
    """An http(s) address; "" where there is none."""
    found = text(of, name)
    is_web = found[:8].lower().startswith(("https://", "http://")) and len(found) <= _LONGEST_URL_CHARS
    return found if is_web and not any(sign.isspace() for sign in found) else ""


def moment(of: Json, name: str) -> datetime | None:
    """A moment, aware UTC; None where there is none."""
    try:
        found = datetime.fromisoformat(text(of, name))
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
