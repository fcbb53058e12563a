"""What a server's answer means for us: every failure named after what the caller does next.

Source: https://docs.joinmastodon.org/api/guidelines/, https://docs.joinmastodon.org/api/rate-limits/
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import msgspec

from bot.core.errors import OutsideError, RateLimited, Rejected, Unanswered, Unauthorized, Unavailable
from bot.core.text.cleaning import one_line
from bot.platforms.mastodon.wire import Exchange

_WITHOUT_A_WORD = timedelta(minutes=5)  # the period of Mastodon's own limits
_LONGEST = timedelta(days=1)
_EARLIEST_EPOCH = 1_000_000_000  # a smaller number counts seconds from now
_LONGEST_WORDS_CHARS = 300
_LATER = frozenset({408, 421, 425})

Lost = type[Unavailable] | type[Unanswered]


class AbsentError(Exception):
    """What was asked for is not there (404, 410). Stays inside this folder."""

    def __init__(self, where: str, status: int, said: str) -> None:
        super().__init__(f"{where}: answered {status}: {said}" if said else f"{where}: answered {status}")
        self.status = status


def fault(made: Exchange, where: str, now: datetime, *, lost: Lost, token: bool) -> OutsideError | AbsentError | None:
    """What an answer means; None where it is a good one.

    Args:
        made: How far the request came.
        where: What was asked of whom, for people.
        now: Machine time.
        lost: What a lost answer means: `Unanswered` where the request may have done something that must not be done twice.
        token: A token was sent with it.
    """
    if not made.reached:
        return Unavailable(f"{where}: {made.failure or 'it was not sent'}")
    status = made.status
    if not status:
        return lost(f"{where}: {made.failure or 'no answer'}")
    if 200 <= status < 300:
        return None
    said = words(made)
    about = f"{where}: answered {status}{': ' + said if said else ''}"
    if status == 429:
        return RateLimited(f"{where}: too many requests", until(made.headers, now))
    if 300 <= status < 400:
        return Unavailable(f"{about}: it leads elsewhere: write the server's own address")
    if status in {404, 410}:
        return AbsentError(where, status, said)
    if status == 401 or (status == 403 and _is_json(made)) or (status == 400 and token and "token" in said.lower()):
        # Takahē says 400 where others say 401.
        return Unauthorized(f"{about}: sign in again" if token else f"{about}: it wants a token")
    if status == 403 or status in _LATER:
        # A page of HTML: something before the server turned us away, whatever we asked.
        return Unavailable(about)
    if 400 <= status < 500:
        return Rejected(about)
    return lost(about)


def words(made: Exchange) -> str:
    """What a server says went wrong, on one line and short; hostile text. "" where it says nothing to people."""
    try:
        found = msgspec.json.decode(made.body)
    except (ValueError, RecursionError):
        text = made.body[:_LONGEST_WORDS_CHARS].decode("utf-8", "replace")
        return "" if "<" in text else one_line(text)
    if isinstance(found, dict):
        parts = (found.get("error"), found.get("error_description"))
        return one_line(": ".join(part for part in parts if isinstance(part, str)))[:_LONGEST_WORDS_CHARS]
    return ""


def _is_json(made: Exchange) -> bool:
    return "json" in made.headers.get("content-type", "") or made.body[:1] == b"{"


def until(headers: Mapping[str, str], now: datetime) -> datetime:
    """When a server takes requests again: at least a second from now, at most a day.

    Mastodon and GoToSocial write ISO dates into X-RateLimit-Reset (GoToSocial once wrote seconds since 1970, others still do);
    its clock may be another than ours, so its own Date is taken off.
    """
    stated = headers.get("x-ratelimit-reset", "").strip()
    after = headers.get("retry-after", "").strip()
    ends = _moment(stated, now) or _moment(after, now)
    if ends is None:
        return now + _WITHOUT_A_WORD
    there = _http_date(headers.get("date", ""))
    if there is not None and not after and abs(there - now) < _LONGEST:
        ends += now - there
    return min(max(ends, now + timedelta(seconds=1)), now + _LONGEST)


def _moment(value: str, now: datetime) -> datetime | None:
    number = value.partition(".")[0]
    if number.isascii() and number.isdigit() and len(number) < 12:
        seconds = int(number)
        if seconds < _EARLIEST_EPOCH:
            return now + timedelta(seconds=seconds)
        return datetime.fromtimestamp(seconds, UTC)
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return _http_date(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _http_date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
