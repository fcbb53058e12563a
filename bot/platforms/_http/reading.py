"""`Http.get`: one URL, one answer or one of our own errors."""

import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpcore2
import httpx2

from bot.core.errors import OutsideError, RateLimited, Rejected, Unauthorized, Unavailable
from bot.platforms._http.inflating import Inflater
from bot.platforms._http.network import Deadline, Dial, Network, PrivateAddressError, Resolve, Transport, dial, resolve

CONNECT_S = 5.0
READ_S = 10.0
MAX_REDIRECTS = 5
_DEFAULT_WAIT = timedelta(minutes=5)  # a 429 that does not say for how long
_MAX_WAIT = timedelta(days=1)

_NETWORK_FAULTS = (
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.TimeoutException,
    httpcore2.UnsupportedProtocol,
    httpx2.HTTPError,
    httpx2.StreamError,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a host answered.

    Attributes:
        status: 200 to 299, or 304.
        url: Where the answer came from, after redirects.
        moved_to: The new permanent address where the first redirects were permanent (301, 308) and safe to keep; else "".
        public: The answer came from a public address.
        headers: Names in lower case; a repeated header is joined by ", ".
        body: Decoded from gzip or deflate; b"" for 304.
    """

    status: int
    url: str
    moved_to: str = ""
    public: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Http:
    """Reads URLs for one source.

    Args:
        user_agent: How we introduce ourselves.
        machine_now: For Retry-After.
        timeout_s: The whole call, redirects and body included, ends within this (name resolution has its own,
            the resolver's).
        max_bytes: The largest body, as sent and as decoded.
        resolve: Addresses of a host name; the outer end that tests replace.
        dial: Opens a TCP connection to an address; the outer end that tests replace.
    """

    def __init__(
        self,
        user_agent: str,
        machine_now: Callable[[], datetime],
        *,
        timeout_s: float = 20.0,
        max_bytes: int = 5_000_000,
        resolve: Resolve = resolve,
        dial: Dial = dial,
    ) -> None:
        self._user_agent = user_agent
        self._machine_now = machine_now
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._resolve = resolve
        self._dial = dial
        self._tls: ssl.SSLContext | None = None

    def get(
        self, url: str, *, etag: str = "", modified: str = "", accept: str = "*/*", only_public: bool = False
    ) -> Reply:
        """Read a URL.

        Args:
            url: http or https.
            etag: What the host last said, verbatim; "" for none.
            modified: The host's Last-Modified, verbatim; "" for none.
            accept: Media types, best first.
            only_public: Refuse a private address at the first hop, too (for addresses that somebody else named).

        Raises:
            Unavailable: Not reached, too slow, too large, broken, 404, 408, 425, 5xx, or a redirect that we do not follow.
            RateLimited: 429, or 503 with Retry-After.
            Unauthorized: 401, 403, 407.
            Rejected: 410 and every other 4xx.
        """
        deadline = Deadline(self._timeout_s)
        network = Network(self._resolve, self._dial, deadline, only_public=only_public)
        headers = {"user-agent": self._user_agent, "accept": accept, "accept-encoding": "gzip, deflate"}
        if etag:
            headers["if-none-match"] = etag
        if modified:
            headers["if-modified-since"] = modified
        here, moved, permanent, seen = url, "", True, {url}
        try:
            while True:
                _check_url(here)
                with self._client(network, here) as client, client.stream("GET", here, headers=headers) as response:
                    target = _target(response, here)
                    if not target:
                        reply = self._reply(response, here, deadline)
                        break
                network.only_public = network.only_public or network.public
                permanent = permanent and response.status_code in {301, 308} and not _downgrade(here, target)
                moved = target if permanent else moved
                if target in seen:
                    raise Unavailable(f"{url}: redirects in a circle ({target}): tell the host's owner")
                if len(seen) > MAX_REDIRECTS:
                    raise Unavailable(f"{url}: more than {MAX_REDIRECTS} redirects: tell the host's owner")
                seen.add(target)
                here = target
        except PrivateAddressError as error:
            raise Unavailable(
                f"{url}: refused: {error}: a public host must not lead us into a private network"
            ) from error
        except httpcore2.TimeoutException as error:
            raise Unavailable(f"{here}: too slow: {str(error) or 'no answer'} (tried again later)") from error
        except (httpx2.InvalidURL, UnicodeError) as error:
            raise Unavailable(f"{here}: not an address: {error}") from error
        except _NETWORK_FAULTS as error:
            raise Unavailable(f"{here}: {str(error) or type(error).__name__} (tried again later)") from error
        return Reply(reply.status, reply.url, moved, network.public, reply.headers, reply.body)

    def _client(self, network: Network, url: str) -> httpx2.Client:
        """A client for one hop; the certificates of the system are loaded only where they are needed, once."""
        if self._tls is None and url.lower().startswith("https:"):
            self._tls = httpx2.create_ssl_context(trust_env=False)
        return httpx2.Client(
            transport=Transport(network, self._tls),
            timeout=httpx2.Timeout(READ_S, connect=CONNECT_S),
            trust_env=False,
        )

    def _reply(self, response: httpx2.Response, url: str, deadline: Deadline) -> Reply:
        status = response.status_code
        if status != 304 and not 200 <= status < 300:
            raise self._refusal(response, url)
        headers = dict(response.headers)
        body = b"" if status == 304 else self._body(response, url, deadline)
        return Reply(status, url, headers=headers, body=body)

    def _body(self, response: httpx2.Response, url: str, deadline: Deadline) -> bytes:
        too_large = Unavailable(f"{url}: larger than {self._max_bytes} bytes: raise max_bytes if that is right")
        said = response.headers.get("content-length", "")
        if said.isascii() and said.isdigit() and int(said[:20]) > self._max_bytes:
            raise too_large
        coding = response.headers.get("content-encoding", "").strip().lower()
        if coding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise Unavailable(f"{url}: sent in the coding {coding[:40]!r}, which was not asked for")
        decoder = None if coding in {"", "identity"} else Inflater(self._max_bytes)
        parts, raw, size = [], 0, 0
        for chunk in response.iter_raw():
            deadline.left()
            raw += len(chunk)
            part = decoder.feed(chunk) if decoder else chunk
            size += len(part)
            if raw > self._max_bytes or size > self._max_bytes:
                raise too_large
            parts.append(part)
            if decoder and decoder.ended:
                break
        if decoder and raw and not decoder.ended:
            raise Unavailable(f"{url}: the compressed answer is cut off (tried again later)")
        return b"".join(parts)

    def _refusal(self, response: httpx2.Response, url: str) -> OutsideError:
        status = response.status_code
        wait = self.retry_after(response.headers.get("retry-after", ""))
        match status:
            case 429:
                until = self._machine_now() + (_DEFAULT_WAIT if wait is None else wait)
                return RateLimited(f"{url}: asks us to wait (429)", until)
            case 503 if wait is not None:
                return RateLimited(f"{url}: asks us to wait (503)", self._machine_now() + wait)
            case 401 | 403 | 407:
                return Unauthorized(f"{url}: does not let us in ({status}): check the address, or ask its owner")
            case 410:
                return Rejected(f"{url}: is gone for good (410): remove this source or give its new address")
            case 404 | 408 | 421 | 425:  # what a content system shows for minutes while it publishes
                return Unavailable(f"{url}: answered {status}: check the address if it stays so")
            case _ if 400 <= status < 500:
                return Rejected(f"{url}: refuses our request ({status}): check the address")
        return Unavailable(f"{url}: answered {status} (tried again later)")

    def retry_after(self, value: str) -> timedelta | None:
        """How long a Retry-After header asks us to wait, at most a day; None where there is none or it is no time.

        Source: https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
        """
        value = value.strip()
        if value.isascii() and value.isdigit():
            return min(timedelta(seconds=int(value[:9])), _MAX_WAIT)
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(max(moment - self._machine_now(), timedelta(0)), _MAX_WAIT)


def freshness(headers: Mapping[str, str]) -> float:
    """Seconds for which a host says that its answer stays fresh; 0 where it does not say.

    Source: https://www.rfc-editor.org/rfc/rfc9111#name-calculating-freshness-lifet
    """
    control = headers.get("cache-control", "").lower()
    if "no-cache" in control or "no-store" in control:
        return 0.0
    found = re.search(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", control)
    if not found:
        return 0.0
    age = headers.get("age", "").strip()
    return max(0.0, float(found.group(1)) - (float(age[:9]) if age.isascii() and age.isdigit() else 0.0))


def _check_url(url: str) -> None:
    parsed = httpx2.URL(url)
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise Unavailable(f"{url[:200]}: not an http or https address: nothing else is read")


def _target(response: httpx2.Response, here: str) -> str:
    """Where a redirect leads, absolute and without fragment; "" where the answer is none."""
    if response.status_code not in {301, 302, 303, 307, 308}:
        return ""
    location = response.headers.get("location", "").strip()
    if not location:
        raise Unavailable(f"{here}: a redirect ({response.status_code}) without an address")
    target = httpx2.URL(here).join(location).copy_with(fragment=None)
    if target.userinfo:
        raise Unavailable(f"{here}: a redirect with a password in its address is not followed")
    return str(target)


def _downgrade(here: str, target: str) -> bool:
    return here.lower().startswith("https:") and not target.startswith("https:")
