"""A simulator of X's API v2, written from X's documentation: what a newsroom desk uses of it, and how it refuses.

It knows bearer tokens and OAuth 1.0a (its own check of the signature, not oauthlib's), recent search with pages, `since_id` and
its age, `errors` beside `data`, lookup, own timelines, create, delete, media v2 with metadata, weighted length, duplicate texts,
`x-rate-limit-*`, 429, 402, the kinds of 403, and "posted, but the answer was lost". `prism()` puts X's own OpenAPI document in
front of it, so that no request and no answer may break it.

    with XSimulator(clock) as x:
        ana = x.account("ana")
        ana.post("Good luck! #LondonMarathon")

Source: https://docs.x.com/x-api, X's OpenAPI document 2.167.
"""

import base64
import hashlib
import hmac
import json
import re
import socket
import struct
from collections.abc import Callable
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from tests.servers.x_routes import route, weight
from tests.servers.x_state import BEARER, CONSUMER, Account, Asked, Fault, Refused, State, new_key, plain


class XSimulator(State):
    """X on a free loopback port, while it is entered.

    Args:
        now: Its clock.
        spelling: Which fields it takes and gives: "tweet", "post", or "both".
    """

    def __init__(self, now: Callable[[], datetime], spelling: str = "both") -> None:
        super().__init__(now, spelling)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.hosts.add(f"127.0.0.1:{self.port}")

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def _handler(x: XSimulator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_args: object) -> None:
            pass

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def do_DELETE(self) -> None:
            self._serve()

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            asked = Asked(self.command, parts.path, query, dict(self.headers.items()), body)
            with x.lock:
                x.asked.append(asked)
                fault = next(
                    (
                        one
                        for one in x.faults
                        if one.count > 0 and re.match(one.path, parts.path) and one.method in {"", self.command}
                    ),
                    None,
                )
                if fault is not None:
                    fault.count -= 1
                if fault is None or fault.handled:
                    status, answer, kind, headers = self._answer(asked)
                if fault is not None:
                    status, answer, kind, headers = fault.status, fault.body, fault.kind, dict(fault.headers)
            if status == 0:
                self.close_connection = True
                # a reset, as of a connection that broke
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            content = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def _answer(self, asked: Asked) -> tuple[int, Any, str, dict[str, str]]:
            headers = {"x-access-level": "read-write"}
            try:
                who = _who(x, asked)
                headers |= _limited(x, asked)
                status, body = route(x, asked, who)
            except Refused as refused:
                return refused.status, refused.body, refused.kind, {**headers, **refused.headers}
            return status, body, "application/json", headers

    return Handler


def _who(x: XSimulator, asked: Asked) -> Account | None:
    """Who asks: an account, or None for the application itself."""
    header = next((value for name, value in asked.headers.items() if name.lower() == "authorization"), "")
    if header == f"Bearer {BEARER}":
        return None
    if header.startswith("OAuth "):
        return _signed(x, asked, header.removeprefix("OAuth "))
    raise plain(401, "Unauthorized", "Unauthorized")


def _signed(x: XSimulator, asked: Asked, header: str) -> Account:
    """RFC 5849: the signature over method, address and parameters. Forms of several parts are not signed."""
    given = {
        name.strip(): unquote(value.strip('"')) for name, _, value in (p.partition("=") for p in header.split(","))
    }
    account = next((one for one in x.accounts.values() if one.token == given.get("oauth_token")), None)
    nonce = f"{given.get('oauth_timestamp')}-{given.get('oauth_nonce')}"
    if account is None or given.get("oauth_consumer_key") != CONSUMER[0] or nonce in x.nonces:
        raise plain(401, "Unauthorized", "Unauthorized")
    x.nonces.add(nonce)
    pairs = [(name, value) for name, value in given.items() if name not in {"oauth_signature", "realm"}]
    pairs += list(asked.query.items())
    line = "&".join(f"{n}={v}" for n, v in sorted((quote_(n), quote_(v)) for n, v in pairs))
    key = f"{quote_(CONSUMER[1])}&{quote_(account.token_secret)}".encode()
    for host in x.hosts:
        base = "&".join(quote_(part) for part in (asked.method, f"http://{host}{asked.path}", line))
        made = base64.b64encode(hmac.new(key, base.encode(), hashlib.sha1).digest()).decode()
        if hmac.compare_digest(made, given.get("oauth_signature", "")):
            return account
    raise plain(401, "Unauthorized", "Unauthorized")


def quote_(text: str) -> str:
    """Percent-encoding of RFC 3986, as RFC 5849 wants it."""
    return quote(text, safe="~")


def _limited(x: XSimulator, asked: Asked) -> dict[str, str]:
    left = x.limits.get(asked.path, 450)
    reset = str(int((x.now() + timedelta(minutes=15)).timestamp()))
    headers = {
        "x-rate-limit-limit": "450",
        "x-rate-limit-reset": reset,
        "x-rate-limit-remaining": str(max(0, left - 1)),
    }
    if left <= 0:
        raise Refused(
            429,
            {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}
            | {"code": 429, "message": "Too Many Requests"},
            **headers,
        )
    if asked.path in x.limits:
        x.limits[asked.path] = left - 1
    return headers


__all__ = ["BEARER", "CONSUMER", "Account", "Asked", "Fault", "XSimulator", "new_key", "weight"]
