"""Calls to X, with every failure named after what the caller does next."""

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

import msgspec

from bot.core.budget import Meter, Work, read_allowance
from bot.core.errors import OutsideError, RateLimited, Rejected, Unanswered, Unauthorized, Unavailable
from bot.core.ports import PlatformContext
from bot.platforms.x.refusals import Kind, Refusal, read

_WITHOUT_A_WORD = timedelta(minutes=15)  # X's own window
_LONGEST_WAIT = timedelta(hours=25)
_CREDITS_WAIT = timedelta(hours=1)
_CAP_WAIT = timedelta(hours=6)
_KEYS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")

_WINDOWS = ("rate-limit", "app-limit-24hour", "user-limit-24hour")
_WORK = {
    "POST /2/tweets": Work.POSTING,
    "DELETE /2/tweets/": Work.TAKING_DOWN,
    "GET /2/users/": Work.LOOKING_UP,
}

Lost = type[Unavailable] | type[Unanswered]


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    Attributes:
        method: HTTP method.
        path: e.g. "/2/tweets".
        params: Query; lists are joined by X's rule, with commas.
        json: Body; None for none.
        files: Parts of a form; None for none.
        as_user: Signed for the account (OAuth 1.0a); else the bearer token.
        lost: What a lost answer means: `Unavailable` where doing it twice does no harm.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    files: Any = None
    as_user: bool = False
    lost: Lost = Unavailable

    @property
    def where(self) -> str:
        """For messages."""
        return f"{self.method} {self.path}"


class Door:
    """One application at X, for one thread at a time.

    Args:
        base_url: http(s).
        context: Secrets, machine time, how we introduce ourselves.
        as_user: Whether calls are signed for an account, or made with the bearer token.
    """

    def __init__(self, base_url: str, context: PlatformContext, *, as_user: bool) -> None:
        self._base = base_url.rstrip("/")
        self._context = context
        self._as_user = as_user
        self._client: Any = None
        self._keys: tuple[str, str, str, str] | None = None
        self._lock = Lock()
        self.meter = Meter()
        self._close: weakref.finalize[Any, Any] | None = None

    def __repr__(self) -> str:
        return f"Door({self._base!r})"

    def close(self) -> None:
        """Give the connections back."""
        if self._close is not None:
            self._close()

    def ask(self, call: Call) -> dict[str, Any]:
        """Do it.

        Returns:
            The decoded answer; {} where it has no body.

        Raises:
            Refusal: The service said no, with a status from 400 to 499 but for those below.
            Unavailable: Provably not done; or no answer where `lost` says so.
            Unanswered: As `lost` says.
            RateLimited: Not done; nothing more before `until` (429, and 402: the credits are used up).
            Unauthorized: There is no token, or X does not take it.
        """
        with self._lock:
            response = self._send(call)
        return self._judge(call, response)

    def outside(self, refusal: Refusal, *, reading: bool) -> OutsideError:
        """A refusal as one of our own errors, with what to do."""
        name = self._context.name
        again = f"then run `milepost accounts retry {name}`"
        match refusal.kind:
            case Kind.PLAN:
                hint = "the application may not do this: set its permissions (Read and write) and plan at console.x.com"
                return Unauthorized(f"{refusal}: {hint}, {again}")
            case Kind.SUSPENDED:
                return Unauthorized(f"{refusal}: X has suspended the account: appeal at help.x.com, {again}")
            case Kind.LOCKED:
                return Unauthorized(f"{refusal}: X has locked the account: sign in at x.com and unlock it, {again}")
            case Kind.BLOCKED:
                return Unavailable(f"{refusal}: no answer of X's API: something before it turned us away")
            case Kind.USAGE_CAP:
                return RateLimited(f"{refusal}: X's usage cap is reached", self._context.machine_now() + _CAP_WAIT)
            case _ if refusal.status in {404, 405, 408, 410}:
                return Unavailable(str(refusal))
            case _ if reading and refusal.status == 403:
                return Unauthorized(f"{refusal}: see to the application at console.x.com, {again}")
        return Rejected(str(refusal))

    def _send(self, call: Call) -> Any:
        import requests  # noqa: PLC0415 - slow to load
        from tweepy.errors import HTTPException  # noqa: PLC0415

        client = self._ready()
        client.session.last = None
        try:
            if call.files is None:
                params, body = dict(call.params) or None, call.json
                return client.request(call.method, call.path, params=params, json=body, user_auth=call.as_user)
            from bot.platforms.x.wire import oauth  # noqa: PLC0415

            return client.session.request(
                call.method,
                f"https://api.twitter.com{call.path}",
                files=call.files,
                headers={"User-Agent": client.user_agent},
                auth=oauth(self._keys) if self._keys else None,
            )
        except HTTPException as error:
            return error.response
        except requests.TooManyRedirects as error:
            raise Unavailable(f"X: {call.where}: it sends us elsewhere: check `api` in config.toml") from error
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, UnicodeError) as error:
            raise Unavailable(
                f"X: {call.where}: {self._base!r} is not an address: mend `api` in config.toml"
            ) from error
        except requests.RequestException as error:
            if _never_left(error):
                raise Unavailable(f"X: {call.where}: cannot connect: {_first_line(error)}") from error
            raise call.lost(f"X: {call.where}: no answer: {_first_line(error)}") from error
        except (TypeError, AttributeError, ValueError) as error:
            # tweepy builds its error from the body, and trips over one of another form
            if client.session.last is None:
                raise Unavailable(f"X: {call.where}: it cannot be asked: {type(error).__name__}") from error
            return client.session.last

    def _ready(self) -> Any:
        if self._client is not None:
            return self._client
        keys: tuple[str, str, str, str] | None = None
        bearer = ""
        if self._as_user:
            keys = (self._secret(_KEYS[0]), self._secret(_KEYS[1]), self._secret(_KEYS[2]), self._secret(_KEYS[3]))
        else:
            bearer = self._secret("bearer_token")
        from bot.platforms.x.wire import client  # noqa: PLC0415 - slow to load

        self._keys = keys
        self._client = client(self._base, keys, bearer, self._context.user_agent)
        self._close = weakref.finalize(self, self._client.session.close)
        return self._client

    def _secret(self, key: str) -> str:
        found = self._context.secret(key)
        if found is None:
            name = self._context.name
            variable = f"MILEPOST_{name}_{key}".upper().replace("-", "_")
            raise Unauthorized(f'"{name}": there is no {key} for X: set the secret {variable} (docs/platforms/x.md)')
        value = found.reveal().strip()
        if not value.isascii() or not value.isprintable():
            raise Unauthorized(f'"{self._context.name}": the secret {key} for X holds other signs than a token has')
        return value

    def _judge(self, call: Call, response: Any) -> dict[str, Any]:
        status, headers = response.status_code, response.headers
        self._note(call, headers)
        try:
            body = msgspec.json.decode(response.content) if response.content or call.method == "GET" else {}
        except (ValueError, RecursionError):
            body = None
        if 200 <= status < 300:
            if not isinstance(body, dict):
                raise call.lost(f"X: {call.where}: the answer is no JSON object")
            return body
        if status >= 500 or status < 400:
            raise call.lost(f"X: {call.where}: answered {status}")
        refusal = read(call.where, status, body)
        name = self._context.name
        if status == 429:
            until = self._until(headers, refusal)
            raise RateLimited(f"{refusal}: too many requests", until, stops_all=False)  # of this kind of call
        if status == 402:
            raise RateLimited(
                f"{refusal}: the credits at X are used up, X is paused: buy credits at console.x.com, "
                f"then run `milepost accounts retry {name}`",
                self._context.machine_now() + _CREDITS_WAIT,
            )
        if status == 401:
            raise Unauthorized(
                f'{refusal}: X does not take the keys of "{name}": make new ones at console.x.com, set the secrets, restart'
            )
        raise refusal

    def _note(self, call: Call, headers: Mapping[str, str]) -> None:
        work = next((work for start, work in _WORK.items() if f"{call.method} {call.path}".startswith(start)), None)
        now = self._context.machine_now()
        windows = [
            [headers.get(f"x-{name}-{what}", "") for what in ("remaining", "limit", "reset")] for name in _WINDOWS
        ]
        self.meter.hear(headers.get("date", ""), now)
        self.meter.note(*(read_allowance(work, left, most, _moment(ends), now) for left, most, ends in windows))

    def _until(self, headers: Mapping[str, str], refusal: Refusal) -> datetime:
        now = self._context.machine_now()
        if refusal.kind is Kind.USAGE_CAP:
            return now + _CAP_WAIT
        ends = [
            _moment(headers.get(f"x-{window}-reset", ""))
            for window in _WINDOWS
            if headers.get(f"x-{window}-remaining", "0").strip() == "0"
        ]
        told = [end for end in ends if end is not None]
        if not told:
            return now + _after(headers.get("retry-after", ""))
        # X's clock and ours differ: never at once, and never for longer than X's longest window
        return min(max(*told, now + timedelta(seconds=1)), now + _LONGEST_WAIT)


def _moment(seconds: str) -> datetime | None:
    seconds = seconds.strip()
    if not seconds.isascii() or not seconds.isdigit() or len(seconds) > 11:
        return None
    return datetime.fromtimestamp(int(seconds), UTC)


def _after(seconds: str) -> timedelta:
    if seconds.isascii() and seconds.isdigit() and len(seconds) < 6:
        return timedelta(seconds=max(1, int(seconds)))
    return _WITHOUT_A_WORD


def _never_left(error: Exception) -> bool:
    """Whether a request provably did not reach the service: no connection was made."""
    import ssl  # noqa: PLC0415 - only for a failure

    import requests  # noqa: PLC0415
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError  # noqa: PLC0415

    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    seen: set[int] = set()
    cause: Any = error
    while isinstance(cause, BaseException) and id(cause) not in seen:
        seen.add(id(cause))
        if isinstance(cause, NewConnectionError | ConnectTimeoutError | ssl.SSLCertVerificationError):
            return True
        inner = getattr(cause, "reason", None)
        cause = inner if isinstance(inner, BaseException) else next(iter(cause.args), None) or cause.__cause__
    return False


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200] or type(error).__name__
