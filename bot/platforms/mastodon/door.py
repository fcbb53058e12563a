"""One server, asked through Mastodon.py. May be used by several threads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bot.core.budget import Meter, Work, read_allowance
from bot.core.errors import Unavailable
from bot.core.ports import PlatformContext, Secret
from bot.platforms.mastodon.faults import Lost, fault, until
from bot.platforms.mastodon.wire import Exchange, Wire

_WORK = {
    "POST /api/v1/statuses": Work.POSTING,
    "PUT /api/v1/statuses": Work.CORRECTING,
    "DELETE /api/v1/statuses": Work.TAKING_DOWN,
    "GET /api/v1/accounts": Work.LOOKING_UP,
}
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})


@dataclass(frozen=True, slots=True)
class File:
    """A file of a request.

    Attributes:
        name: As the server is told.
        content: Its bytes.
        mime: Its media type.
    """

    name: str
    content: bytes
    mime: str


def server_address(given: str) -> str:
    """A server's address as everything here writes it: scheme and host, in lower case, without a slash at the end.

    Raises:
        ValueError: It is none; the message says what to write.
    """
    text = given.strip()
    url = urlsplit(text if "://" in text else f"https://{text}")
    try:
        port = url.port
    except ValueError as error:
        raise ValueError(f"{given!r} has no port that is one") from error
    host = (url.hostname or "").lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode()
        except UnicodeError as error:
            raise ValueError(f"{given!r} is no address of a server: its name cannot be written in ASCII") from error
    if (
        not host
        or url.path not in {"", "/"}
        or url.query
        or url.fragment
        or url.username is not None
        or any(map(str.isspace, text))
    ):
        raise ValueError(f"{given!r} is no address of a server: write https://mastodon.example")
    if url.scheme == "http" and host not in _LOOPBACK:
        raise ValueError(f"{given!r}: only https: a token must not be read on the way")
    if url.scheme not in {"http", "https"}:
        raise ValueError(f"{given!r}: write https://{host}")
    shown = f"[{host}]" if ":" in host else host
    return f"{url.scheme}://{shown}{f':{port}' if port is not None else ''}"


class Door:
    """The way to one server, with or without a token.

    Args:
        server: Its address, as `server_address` writes it.
        context: User agent and machine time.
        token: Opens what is not for everybody; None for a stranger.
        wire: Carries the requests; the outer end that tests replace.
        meter: Takes what the answers say of rate limits.
    """

    def __init__(
        self,
        server: str,
        context: PlatformContext,
        token: Secret | None = None,
        wire: Wire | None = None,
        meter: Meter | None = None,
    ) -> None:
        self.server = server
        self.host = urlsplit(server).netloc
        self.wire = wire or Wire()
        self._context = context
        self._token = token
        self._meter = meter or Meter()
        self._lock = Lock()
        self._client: tuple[Any, Any] | None = None
        self.was_silent = False  # the last request had no answer at all

    def __repr__(self) -> str:
        return f"Door({self.server!r})"

    @property
    def has_token(self) -> bool:
        """Whether a token is sent."""
        return self._token is not None

    def headers(self) -> dict[str, str]:
        """What a request that is not made by Mastodon.py carries."""
        found = {"User-Agent": self._context.user_agent}
        if self._token is not None:
            found["Authorization"] = f"Bearer {self._token.reveal()}"
        return found

    def call(
        self,
        method: str,
        path: str,
        params: Mapping[str, object] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        files: Mapping[str, File] | None = None,
        lost: Lost = Unavailable,
    ) -> tuple[Any, Exchange]:
        """Ask for something, or let the server do something.

        Args:
            method: "GET", "POST", "PUT" or "DELETE".
            path: From "/api/" on, already quoted.
            params: A list stands under a name that ends in "[]".
            headers: Beside those that every request has.
            files: By the name of the field.
            lost: What a lost answer means.

        Returns:
            The decoded JSON (None for an empty answer), and how it came.

        Raises:
            AbsentError: 404 or 410.
            OutsideError: As `faults.fault` names it.
        """
        where = f"{method} {path.partition('?')[0]} at {self.server}"
        sent = {name: (file.name, file.content, file.mime) for name, file in (files or {}).items()}

        def use(client: Any) -> object:
            return client._Mastodon__api_request(  # noqa: SLF001 - see the folder's docstring
                method, path, dict(params or {}), files=sent, headers=dict(headers or {}), parse=False
            )

        made = self._use(use, where, lost)
        return _decoded(made, where, lost), made

    def use(self, use: Callable[[Any], object], where: str, *, lost: Lost = Unavailable) -> Any:
        """Let Mastodon.py do something of its own, with one request.

        Args:
            use: Is called with the client.
            where: What is done, for people.
            lost: What a lost answer means.

        Returns:
            The decoded JSON of the answer, not what the SDK makes of it: it takes ids for numbers.

        Raises:
            AbsentError: 404 or 410.
            OutsideError: As `faults.fault` names it.
        """
        where = f"{where} at {self.server}"
        return _decoded(self._use(use, where, lost), where, lost)

    def _use(self, use: Callable[[Any], object], where: str, lost: Lost) -> Exchange:
        """Run something and judge by what went over the wire, not by the SDK's errors.

        Its rate limit error, for one, also comes after a request that was carried out, where a header was no date.
        """
        from mastodon.errors import MastodonError  # noqa: PLC0415 - slow to load: only who asks pays

        client, adapter = self._made()
        adapter.forget()
        problem: Exception | None = None
        try:
            use(client)
        except (MastodonError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            problem = error
        made: Exchange = adapter.last()
        self.was_silent = not made.status
        self._note(where, made.headers)
        token = self._token is not None
        failure = fault(made, where, self._context.machine_now(), lost=lost, token=token)
        if failure is not None:
            # The SDK's own error quotes what was sent and received; it goes no further than this.
            raise failure from None
        if problem is not None and not made.status:
            raise Unavailable(f"{where}: it could not be sent: {type(problem).__name__}") from None
        return made

    def _note(self, where: str, headers: Mapping[str, str]) -> None:
        self._meter.hear(headers.get("date", ""), self._context.machine_now())
        work = next((work for start, work in _WORK.items() if where.startswith(start)), None)
        left, most = headers.get("x-ratelimit-remaining", ""), headers.get("x-ratelimit-limit", "")
        now = self._context.machine_now()
        self._meter.note(read_allowance(work, left, most, until(headers, now), now))

    def _made(self) -> tuple[Any, Any]:
        with self._lock:
            if self._client is None:
                from mastodon import Mastodon  # noqa: PLC0415 - 0.4 s and 45 MB: only who asks pays

                from bot.platforms.mastodon.adapter import Adapter, session  # noqa: PLC0415 - as above

                adapter = Adapter(self.wire)
                client = Mastodon(
                    api_base_url=self.server,
                    ratelimit_method="throw",
                    request_timeout=20,
                    version_check_mode="none",
                    user_agent=self._context.user_agent,
                    session=session(adapter),
                )
                # Given to the constructor it would be taken for the name of a file where one has this name.
                client.access_token = None if self._token is None else self._token.reveal()
                self._client = client, adapter
            return self._client


def _decoded(made: Exchange, where: str, lost: Lost) -> Any:
    if not made.body.strip():
        return None
    try:
        return msgspec.json.decode(made.body)
    except (ValueError, RecursionError) as error:
        raise lost(f"{where}: the answer is no JSON: {str(error)[:200]}") from error
