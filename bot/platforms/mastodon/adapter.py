"""What Mastodon.py sends through: `requests`, carried over our own wire. Imported only by who sends, for it is slow to load."""

import io
from threading import local
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from bot.platforms.mastodon.wire import Exchange, Wire, WireError


class Adapter(BaseAdapter):
    """What `requests` sends through: a `Wire`.

    Args:
        wire: Carries it.
    """

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire
        self._last = local()

    def last(self) -> Exchange:
        """How far this thread's last request came; an empty one where it sent none."""
        found = getattr(self._last, "exchange", None)
        return found if isinstance(found, Exchange) else Exchange()

    def forget(self) -> None:
        """Nothing was sent by this thread yet."""
        self._last.exchange = None

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: object = None,
        verify: object = True,
        cert: object = None,
        proxies: object = None,
    ) -> requests.Response:
        """Send a prepared request.

        Raises:
            WireError: No complete answer came.
        """
        del stream, timeout, verify, cert, proxies
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else body
        if not isinstance(content, bytes):
            raise WireError("a body that is no bytes")
        url = request.url or ""
        headers = {name: str(value) for name, value in request.headers.items() if name.lower() != "connection"}
        headers["Host"] = urlsplit(url).netloc.rpartition("@")[2]
        headers["Accept-Encoding"] = "gzip, deflate"
        made = self._wire.exchange(request.method or "GET", url, headers, content)
        self._last.exchange = made
        if not made.status:
            raise WireError(made.failure)
        answer = requests.Response()
        answer.status_code = made.status
        # Mastodon.py warns aloud of each answer that calls itself deprecated: the older instance document is our fallback.
        answer.headers = CaseInsensitiveDict({n: v for n, v in made.headers.items() if n != "deprecation"})
        answer.raw = io.BytesIO(made.body)
        answer._content = made.body  # noqa: SLF001 - the way in which `requests` itself keeps a body that was read
        answer.encoding = "utf-8"
        answer.url = url
        answer.request = request
        return answer

    def close(self) -> None:
        """Nothing is held between two calls."""


def session(adapter: Adapter) -> requests.Session:
    """A session that sends everything through an adapter, as it is told and nowhere else.

    A server that sends us elsewhere would be sent our token's requests there, or a POST would become a GET.
    """

    class Straight(requests.Session):
        def request(self, *args: object, **named: object) -> requests.Response:
            named["allow_redirects"] = False
            return super().request(*args, **named)  # type: ignore[arg-type]

    made = Straight()
    made.trust_env = False
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made
