"""What a server can answer, and what we call it: errors are named after what the caller does next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from traceback import format_exception

from bot.core.errors import OutsideError, RateLimited, Rejected, Unanswered, Unauthorized, Unavailable
from tests.servers.at_network import PASSWORD as BLUESKY_PASSWORD
from tests.servers.x_simulator import BEARER, CONSUMER

Names = frozenset[type[OutsideError]]

WAIT = timedelta(seconds=120)
_SAID = b'{"error": "AsTold", "message": "as told", "title": "As told", "detail": "as told"}'


@dataclass(frozen=True)
class Answer:
    """One row.

    Attributes:
        name: For people.
        status: 0 where the answer has none.
        reading: What it may be called where nothing was to be done but to read.
        posting: What it may be called where something was to be posted.
        body: What stands in it.
        missing: Bytes of the body that it promises and does not bring.
        says_until: It says when we may come again.
        is_yes: It is a yes for whoever does not read what stands in it.
    """

    name: str
    status: int
    reading: Names
    posting: Names
    body: bytes = _SAID
    missing: int = 0
    says_until: bool = False
    is_yes: bool = False

    def on_the_wire(self, now: datetime) -> bytes:
        """The bytes of it."""
        if not self.status:
            return self.body
        ends = str(int((now + WAIT).timestamp()))
        headers = {
            "content-type": "text/html" if self.body.startswith(b"<") else "application/json",
            "content-length": str(len(self.body) + self.missing),
            "connection": "close",
        }
        if self.says_until:
            headers |= {"retry-after": str(int(WAIT.total_seconds()))}
            headers |= dict.fromkeys(("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset"), ends)
        lines = [f"HTTP/1.1 {self.status} As told", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


def _row(
    name: str,
    status: int,
    reading: type[OutsideError] | tuple[type[OutsideError], ...],
    posting: type[OutsideError] | tuple[type[OutsideError], ...],
    **more: object,
) -> Answer:
    def names(given: type[OutsideError] | tuple[type[OutsideError], ...]) -> Names:
        return frozenset(given if isinstance(given, tuple) else (given,))

    return Answer(name, status, names(reading), names(posting), **more)  # type: ignore[arg-type] # by name


def keeps_secrets(error: OutsideError) -> bool:
    """Whether neither an error nor what led to it shows a secret that a stand was given."""
    told = "".join(format_exception(error))
    return not any(secret in told for secret in PLANTED)


PLANTED = (BLUESKY_PASSWORD, "desk_token", BEARER, *CONSUMER, "planted-token", "hush-hush", "whsec_")
PAGE = b"<html><body>Welcome</body></html>"
ANSWERS = (
    _row("400", 400, (Rejected, Unavailable), Rejected),
    _row("401", 401, Unauthorized, Unauthorized),
    # Forbidden for good, or for whoever signs in so.
    _row("403", 403, Unauthorized, (Unauthorized, Rejected)),
    _row("403-page", 403, (Unauthorized, Unavailable), (Unauthorized, Unavailable), body=PAGE),
    # Not there: at a wrong address, or while a server is being mended.
    _row("404", 404, (Unavailable, Rejected), (Unavailable, Rejected)),
    _row("410", 410, (Unavailable, Rejected), (Unavailable, Rejected)),
    _row("422", 422, (Rejected, Unavailable), Rejected),
    _row("429", 429, RateLimited, RateLimited),
    _row("429-until", 429, RateLimited, RateLimited, says_until=True),
    _row("500", 500, Unavailable, Unanswered),
    _row("502-page", 502, Unavailable, Unanswered, body=PAGE),
    _row("503", 503, Unavailable, Unanswered),
    _row("503-until", 503, (Unavailable, RateLimited), (Unanswered, RateLimited), says_until=True),
    _row("504", 504, Unavailable, Unanswered, body=b""),
    _row("page", 200, Unavailable, Unanswered, body=PAGE, is_yes=True),
    _row("nothing-of-ours", 200, Unavailable, Unanswered, body=b"[[[[", is_yes=True),
    _row("cut-off", 200, Unavailable, Unanswered, missing=100),
    _row("no-http", 0, Unavailable, Unanswered, body=b"220 welcome\r\n\r\n"),
    _row("silence", 0, Unavailable, Unanswered, body=b""),
)
FAULT = next(answer for answer in ANSWERS if answer.name == "503")
