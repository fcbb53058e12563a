"""tweepy's client on a session of our own: our address, our time-outs, answers of bounded size, no secret in a log.

tweepy 4.17 knows one host and no time-out (tweepy issue 2024), and at debug level it and oauthlib log the keys they sign with.
Import this inside methods: requests costs 0.1 s. requests and urllib3 come with tweepy and are known here and in `door` alone.
"""

import logging
import time
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ReadTimeoutError

LARGEST_ANSWER_BYTES = 8_000_000
_CONNECT_S = 5.0
_SILENCE_S = 30.0
_WHOLE_S = 60.0
_TWEEPY_HOST = "https://api.twitter.com"
_TALKATIVE = (
    "tweepy.client",
    "tweepy.api",
    "oauthlib.oauth1.rfc5849",
    "oauthlib.oauth1.rfc5849.signature",
    "oauthlib.oauth1.rfc5849.utils",
    "oauthlib.oauth1.rfc5849.request_validator",
    "requests_oauthlib",
    "requests_oauthlib.oauth1_auth",
    "requests_oauthlib.oauth1_session",
)


class TooLargeError(requests.RequestException):
    """The answer is larger than any that we expect."""


def client(base_url: str, keys: tuple[str, str, str, str] | None, bearer: str, user_agent: str) -> Any:
    """A `tweepy.Client` that talks to our address.

    Args:
        base_url: http(s), without a slash at the end.
        keys: Consumer key and secret, access token and secret; None for an application that only reads.
        bearer: Bearer token; "" for none.
        user_agent: How we introduce ourselves.
    """
    import tweepy  # noqa: PLC0415 - slow to load

    hush()
    consumer_key, consumer_secret, token, token_secret = keys or (None, None, None, None)
    made = tweepy.Client(
        bearer_token=bearer or None,
        consumer_key=consumer_key,
        consumer_secret=consumer_secret,
        access_token=token,
        access_token_secret=token_secret,
        return_type=requests.Response,
        wait_on_rate_limit=False,  # it would sleep in our thread, and without a reset it recurses for ever
    )
    made.user_agent = user_agent
    made.session = _Session(base_url)
    return made


def oauth(keys: tuple[str, str, str, str]) -> Any:
    """Signs one request for a user, as tweepy does; for what tweepy has no call for."""
    import tweepy  # noqa: PLC0415 - slow to load

    return tweepy.OAuth1UserHandler(*keys).apply_auth()


def hush() -> None:
    """Drop the debug lines of those who would log a key. Done again, it changes nothing."""
    for name in _TALKATIVE:
        logging.getLogger(name).addFilter(_no_debug)


def _no_debug(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


class _Session(requests.Session):
    """Sends to our address whatever tweepy asks of its own, before it is signed: the signature covers the address.

    Attributes:
        last: The answer to the last request; None where none came.
    """

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base = base_url
        self.last: requests.Response | None = None
        self.trust_env = False  # whom we talk to is said in config.toml alone; a .netrc would replace the token
        self.max_redirects = 0  # a redirect would take what we post elsewhere
        self.mount("https://", _Adapter())
        self.mount("http://", _Adapter())

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        self.last = None
        self.last = super().send(request, **options)
        return self.last

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        address = str(request.url)
        if address.startswith(_TWEEPY_HOST + "/"):
            base, asked = urlsplit(self._base), urlsplit(address)
            path = base.path.rstrip("/") + asked.path
            request.url = urlunsplit((base.scheme, base.netloc, path, asked.query, ""))
        return super().prepare_request(request)


class _Adapter(HTTPAdapter):
    """Bounds the time and the size of every answer, and reads it whole."""

    def send(self, request: requests.PreparedRequest, *_args: Any, **options: Any) -> requests.Response:
        options |= {"stream": True, "timeout": (_CONNECT_S, _SILENCE_S)}
        began = time.monotonic()
        response = super().send(request, **options)
        try:
            content = _read(response.raw, began)
        except ReadTimeoutError as error:
            raise requests.ReadTimeout(error) from error
        except HTTPError as error:
            raise requests.exceptions.ChunkedEncodingError(error) from error
        finally:
            response.close()
        response._content = content  # noqa: SLF001 - requests' own way to hold what was read
        response._content_consumed = True  # noqa: SLF001
        return response


def _read(raw: Any, began: float) -> bytes:
    content = bytearray()
    # read1 gives what is there; read and stream wait until they have as much as they were asked for
    while part := raw.read1(65_536, decode_content=True):
        content += part
        if len(content) > LARGEST_ANSWER_BYTES:
            raise TooLargeError(f"the answer is larger than {LARGEST_ANSWER_BYTES} bytes")
        if time.monotonic() - began > _WHOLE_S:
            raise requests.ReadTimeout(f"the answer took more than {_WHOLE_S:.0f} s")
    return bytes(content)
