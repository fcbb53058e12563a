"""`Sender.post`: one body to one address, once; or an error that says whether it may have arrived."""

import ssl
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

import httpcore2
import httpx2

from bot.core.errors import OutsideError, RateLimited, Rejected, Unanswered, Unauthorized, Unavailable
from bot.platforms._http.network import Deadline, Dial, Network, Resolve, Transport, dial, resolve
from bot.platforms._http.reading import CONNECT_S, READ_S, Http

_MOST_BYTES = 65_536  # of an answer
_DEFAULT_WAIT = timedelta(minutes=1)  # a 429 that does not say for how long
_NOT_SENT = (httpcore2.ConnectError, httpcore2.ConnectTimeout, httpcore2.PoolTimeout, httpcore2.UnsupportedProtocol)
_FAULTS = (
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.TimeoutException,
    httpx2.HTTPError,
    httpx2.StreamError,
)


class Sender:
    """Posts to addresses that the operator has configured. No redirect is followed: a body goes where it was meant to go.

    Args:
        user_agent: How we introduce ourselves.
        machine_now: For Retry-After.
        timeout_s: The whole call ends within this.
        resolve: Addresses of a host name; the outer end that tests replace.
        dial: Opens a TCP connection to an address; the outer end that tests replace.
    """

    def __init__(
        self,
        user_agent: str,
        machine_now: Callable[[], datetime],
        *,
        timeout_s: float = 15.0,
        resolve: Resolve = resolve,
        dial: Dial = dial,
    ) -> None:
        self._user_agent = user_agent
        self._machine_now = machine_now
        self._timeout_s = timeout_s
        self._resolve = resolve
        self._dial = dial
        self._reading = Http(user_agent, machine_now)

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        where: str,
        method: str = "POST",
        known: Collection[int] = (),
    ) -> bytes:
        """Send a body; gives the beginning of the answer.

        Args:
            url: http or https. It may hold a secret: no message shows it.
            body: As it is.
            headers: Beside ours.
            where: What messages call the address.
            method: Of HTTP.
            known: Refusals (4xx) whose answer, where there is one, the caller reads itself.

        Raises:
            Unavailable: Provably not sent.
            Unanswered: It may have arrived: 5xx, a broken or late answer.
            RateLimited: 429, or 503 with Retry-After: not taken.
            Unauthorized: 401, 403, 407: not taken.
            Rejected: Every other refusal, and a redirect.
        """
        deadline = Deadline(self._timeout_s)
        network = Network(self._resolve, self._dial, deadline, only_public=False)
        tls: ssl.SSLContext | None = None
        sent = {"user-agent": self._user_agent, "accept-encoding": "identity", **headers}
        try:
            if url.lower().startswith("https:"):
                tls = httpx2.create_ssl_context(trust_env=False)
            with (
                httpx2.Client(
                    transport=Transport(network, tls),
                    timeout=httpx2.Timeout(READ_S, connect=CONNECT_S),
                    trust_env=False,
                ) as client,
                client.stream(method, url, content=body, headers=sent) as response,
            ):
                answer = b""
                for chunk in response.iter_raw():
                    answer += chunk[: _MOST_BYTES - len(answer)]
                    if len(answer) >= _MOST_BYTES:
                        break
        except _NOT_SENT as error:
            raise Unavailable(f"{where}: not reached ({type(error).__name__}): tried again") from None
        except (httpx2.InvalidURL, UnicodeError):
            raise Rejected(f"{where}: its address is none: give a whole https:// address") from None
        except _FAULTS as error:
            raise Unanswered(f"{where}: no whole answer ({type(error).__name__}): it may have arrived") from None
        if 200 <= response.status_code < 300 or (answer and response.status_code in known):
            return answer
        raise self._refusal(response, where)

    def _refusal(self, response: httpx2.Response, where: str) -> OutsideError:
        status = response.status_code
        wait = self._reading.retry_after(response.headers.get("retry-after", ""))
        if status == 429 or (status == 503 and wait is not None):
            until = self._machine_now() + (_DEFAULT_WAIT if wait is None else wait)
            return RateLimited(f"{where}: asks us to wait ({status})", until)
        if status in {401, 403, 407}:
            return Unauthorized(f"{where}: does not take it ({status}): check its address or make a new one")
        if 300 <= status < 400:
            return Rejected(f"{where}: leads elsewhere ({status}): give the address that it leads to")
        if 400 <= status < 500:
            return Rejected(f"{where}: refuses it ({status}): check its address or make a new one")
        return Unanswered(f"{where}: answered {status}: it may have arrived")
