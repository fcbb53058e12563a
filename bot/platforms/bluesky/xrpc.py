"""Calls to an XRPC service, with every failure named after what the caller does next."""

import weakref
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx2
import msgspec

from bot.core.budget import Meter, Work, read_allowance
from bot.core.errors import OutsideError, RateLimited, Rejected, Unanswered, Unauthorized, Unavailable

_LARGEST_ANSWER_BYTES = 8_000_000
_TIMEOUT = httpx2.Timeout(15.0, connect=8.0)
_TOKENS = {"AuthMissing", "AuthenticationRequired", "InvalidToken", "ExpiredToken"}
_ACCOUNT_ENDED = {"AccountTakedown", "AccountDeactivated", "AccountSuspended"}
_WITHOUT_A_WORD_UNTIL = timedelta(minutes=5)
_LONGEST = timedelta(days=1)
_WORK = {
    "com.atproto.repo.putRecord": Work.POSTING,
    "com.atproto.repo.deleteRecord": Work.TAKING_DOWN,
    "com.atproto.repo.getRecord": Work.LOOKING_UP,
}

Params = Iterable[tuple[str, str]]


class RefusalError(Exception):
    """The service understood the call and said no (a status from 400 to 499, but for 429).

    Stays inside this folder: `outside` makes it one of ours.

    Attributes:
        status: The HTTP status.
        name: The XRPC error's name ("InvalidSwap"), "" where the answer is no XRPC error.
        said: What the service says, shortened; hostile text.
    """

    def __init__(self, where: str, status: int, name: str, said: str) -> None:
        super().__init__(f"{where}: {name or status}: {said}" if said else f"{where}: {name or status}")
        self.status = status
        self.name = name
        self.said = said

    @property
    def is_about_sign_in(self) -> bool:
        """Whether other credentials could change the answer. An expired token comes as 400."""
        if self.name in _ACCOUNT_ENDED:
            return False
        return self.status == httpx2.codes.UNAUTHORIZED or self.name in _TOKENS

    def outside(self) -> OutsideError:
        """The refusal as one of our own errors."""
        forbidden = self.status == httpx2.codes.FORBIDDEN and self.name
        if self.is_about_sign_in or self.name in _ACCOUNT_ENDED or forbidden:
            return Unauthorized(str(self))
        if self.status in {httpx2.codes.FORBIDDEN, httpx2.codes.REQUEST_TIMEOUT}:
            # A page of HTML: something before the service turned us away, whatever we asked.
            return Unavailable(str(self))
        return Rejected(str(self))


class Xrpc:
    """One service. May be used by several threads.

    Args:
        service: Its address, http(s).
        user_agent: How we introduce ourselves.
        machine_now: Machine time, for rate limits without a date.
        meter: Takes what the answers say of rate limits.
    """

    def __init__(
        self, service: str, user_agent: str, machine_now: Callable[[], datetime], meter: Meter | None = None
    ) -> None:
        self.service = service.rstrip("/")
        self._meter = meter or Meter()
        self._machine_now = machine_now
        self._client = httpx2.Client(
            trust_env=False, timeout=_TIMEOUT, headers={"user-agent": user_agent, "accept": "application/json"}
        )
        # Nobody has to remember to close what goes out of use.
        self._close = weakref.finalize(self, self._client.close)

    def close(self) -> None:
        """Give the connections back."""
        self._close()

    def query(self, method: str, params: Params = (), *, token: str = "") -> Any:
        """Ask; nothing changes at the service.

        Args:
            method: e.g. "app.bsky.feed.getPosts".
            params: Names and values; a name may come several times.
            token: Bearer token; "" for none.

        Returns:
            The decoded JSON.

        Raises:
            RefusalError: The service said no.
            Unavailable: No answer, or none that can be used.
            RateLimited: Nothing before `until`.
        """
        request = self._request("GET", method, token, query=urlencode(list(params)))
        return self._answer(request, method, lost=Unavailable)

    def procedure(
        self,
        method: str,
        body: object = None,
        *,
        token: str = "",
        lost: type[Unavailable] | type[Unanswered] = Unanswered,
    ) -> Any:
        """Let the service do something.

        Args:
            method: e.g. "com.atproto.repo.putRecord".
            body: Sent as JSON, None values included; None for no body.
            token: Bearer token; "" for none.
            lost: What a lost answer means: `Unavailable` where doing it twice does no harm.

        Raises:
            RefusalError: The service said no.
            Unavailable: Provably not sent.
            RateLimited: Not done; nothing before `until`.
            Unanswered: As `lost` says.
        """
        content = None if body is None else msgspec.json.encode(body)
        headers = {} if content is None else {"content-type": "application/json"}
        return self._answer(self._request("POST", method, token, content=content, headers=headers), method, lost=lost)

    def upload(self, method: str, content: bytes, mime: str, *, token: str) -> Any:
        """Send bytes that nothing shows before a record names them: a lost answer does no harm.

        Raises:
            RefusalError: The service said no.
            Unavailable: Not known to have arrived: send again.
            RateLimited: Nothing before `until`.
        """
        request = self._request("POST", method, token, content=content, headers={"content-type": mime})
        return self._answer(request, method, lost=Unavailable)

    def _request(
        self,
        verb: str,
        method: str,
        token: str,
        *,
        query: str = "",
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Request:
        sent = dict(headers or {})
        if token:
            sent["authorization"] = f"Bearer {token}"
        try:
            address = f"{self.service}/xrpc/{method}{'?' if query else ''}{query}"
            return self._client.build_request(verb, address, content=content, headers=sent)
        except (httpx2.InvalidURL, ValueError) as error:
            raise Unavailable(f"{self.service!r} is not an address: {error}: mend it in config.toml") from error

    def _answer(self, request: httpx2.Request, method: str, *, lost: type[Unavailable] | type[Unanswered]) -> Any:
        where = f"{method} at {self.service}"
        try:
            response = self._client.send(request, stream=True)
        except (
            httpx2.ConnectError,
            httpx2.ConnectTimeout,
            httpx2.PoolTimeout,
            httpx2.ProxyError,
            httpx2.UnsupportedProtocol,
        ) as error:
            raise Unavailable(f"{where}: cannot connect: {_first_line(error)}") from error
        except httpx2.TransportError as error:
            raise lost(f"{where}: no answer: {_first_line(error)}") from error
        try:
            content = self._read(response, where, lost)
        finally:
            response.close()
        return self._judge(response, content, method, lost)

    @staticmethod
    def _read(response: httpx2.Response, where: str, lost: type[Unavailable] | type[Unanswered]) -> bytes:
        content = bytearray()
        try:
            for part in response.iter_bytes():
                content += part
                if len(content) > _LARGEST_ANSWER_BYTES:
                    raise lost(f"{where}: the answer is larger than {_LARGEST_ANSWER_BYTES} bytes")
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            raise lost(f"{where}: the answer broke off: {_first_line(error)}") from error
        return bytes(content)

    def _judge(
        self, response: httpx2.Response, content: bytes, method: str, lost: type[Unavailable] | type[Unanswered]
    ) -> Any:
        where = f"{method} at {self.service}"
        status = response.status_code
        self._note(method, response.headers)
        if status == httpx2.codes.TOO_MANY_REQUESTS:
            raise RateLimited(f"{where}: too many requests", self._until(response.headers))
        if 400 <= status < 500:
            name, said = _error(content)
            raise RefusalError(where, status, name, said)
        if not 200 <= status < 300:
            raise lost(f"{where}: answered {status}")
        if not content:
            return None
        try:
            return msgspec.json.decode(content)
        except ValueError as error:
            raise lost(f"{where}: the answer is no JSON: {error}") from error

    def _note(self, method: str, headers: httpx2.Headers) -> None:
        self._meter.hear(headers.get("date", ""), self._machine_now())
        left, most = headers.get("ratelimit-remaining", ""), headers.get("ratelimit-limit", "")
        self._meter.note(read_allowance(_WORK.get(method), left, most, _reset(headers), self._machine_now()))

    def _until(self, headers: httpx2.Headers) -> datetime:
        # A PDS gives no Retry-After. Its clock may be far from ours: at least a second, at most a day.
        now = self._machine_now()
        reset, after = _reset(headers), headers.get("retry-after", "")
        if reset is None:
            seconds = int(after) if after.isascii() and after.isdigit() and len(after) < 8 else 0
            reset = now + (timedelta(seconds=seconds) or _WITHOUT_A_WORD_UNTIL)
        return min(max(reset, now + timedelta(seconds=1)), now + _LONGEST)


def _reset(headers: httpx2.Headers) -> datetime | None:
    """`ratelimit-reset`, in seconds since 1970; None where there is none."""
    reset = headers.get("ratelimit-reset", "")
    return datetime.fromtimestamp(int(reset), UTC) if reset.isascii() and reset.isdigit() and len(reset) < 12 else None


def _error(content: bytes) -> tuple[str, str]:
    try:
        found = msgspec.json.decode(content)
    except ValueError:
        return "", ""
    if not isinstance(found, dict):
        return "", ""
    name, said = found.get("error"), found.get("message")
    return (name[:80] if isinstance(name, str) else ""), (said[:300] if isinstance(said, str) else "")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0] or type(error).__name__
