"""`POST /inbox`: forms and partners bring what they have, signed."""

import asyncio
import json
from collections.abc import Callable, Mapping

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from bot.core.inbox import MOST_BYTES, Reception, refused
from bot.web.answers import safe_json

_PATIENCE_S = 10.0
_AT_ONCE = 16


class Inbox:
    """Reads a message, bounded in size and time, and hands it on.

    Args:
        take: Takes it, and says what who brought it is told; runs in a thread.
    """

    def __init__(self, take: Callable[[Mapping[str, str], bytes], Reception]) -> None:
        self._take = take
        self._busy = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, in JSON."""
        request = Request(scope, receive)
        found = await self._answer(request)
        response = safe_json(found.status, json.dumps(dict(found.said)).encode() + b"\n")
        if found.retry_after_s:
            response.headers["retry-after"] = str(found.retry_after_s)
        if found.status == 405:
            response.headers["allow"] = "POST"
        if found.status in {408, 413, 503}:
            response.headers["connection"] = "close"  # what is left of the body is not read
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Reception:
        if request.method != "POST":
            return refused(405, "only POST works here")
        if self._busy >= _AT_ONCE:
            return refused(503, "too many at once: send it again", 2)
        self._busy += 1
        try:
            async with asyncio.timeout(_PATIENCE_S):
                body = await _body(request)
            if body is None:
                return refused(413, f"the body is larger than {MOST_BYTES} bytes")
            headers = {name.lower(): value for name, value in request.headers.items()}
            return await asyncio.to_thread(self._take, headers, body)
        except TimeoutError:
            return refused(408, "the body did not come in time")
        except ClientDisconnect:
            return refused(400, "the body broke off")
        finally:
            self._busy -= 1


async def _body(request: Request) -> bytes | None:
    """The whole body; None where it is too large."""
    stated = request.headers.get("content-length", "")
    if stated.isascii() and stated.isdigit() and int(stated) > MOST_BYTES:
        return None
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > MOST_BYTES:
            return None
    return bytes(found)
