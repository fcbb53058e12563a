"""Answers from memory: files of the page with validators, and the plain words for what is not there."""

import gzip
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from bot.core.pages import CONTENT_POLICY, PageFile

SAFE_HEADERS = [
    (b"content-security-policy", f"{CONTENT_POLICY}; frame-ancestors 'self'".encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]
"""What goes with every answer, whatever it is."""

_SMALLEST_GZIP = 1024


def file_answer(request: Request, found: PageFile, status: int = 200) -> Response:
    """Answer with a file, or with 304 where the asker has it already.

    Args:
        request: GET or HEAD.
        found: The file.
        status: 200, or 410 for the page that says that something was removed; only a 200 can become a 304.

    Source: RFC 9110, sections 8.8.3 (ETag), 13.1.2 (If-None-Match), 13.2.2 (precedence).
    """
    body, etag = found.body, f'"{found.etag}"'
    is_text = found.content_type.startswith(("text/", "application/", "image/svg"))
    if is_text and len(body) >= _SMALLEST_GZIP and _takes_gzip(request.headers.get("accept-encoding", "")):
        # Other bytes, other strong validator.
        body, etag = _gzipped(body, found.etag), f'"{found.etag}-gz"'
    headers = {
        "etag": etag,
        "last-modified": format_datetime(found.changed_at.astimezone(UTC), usegmt=True),
        "cache-control": _cache_control(request, found),
    }
    if is_text:
        headers["vary"] = "accept-encoding"
    if found.links:
        headers["link"] = found.links
    if status == 200 and _has_it(request, etag, found):
        return _safe(Response(status_code=304, headers=headers))
    if etag.endswith('-gz"'):
        headers["content-encoding"] = "gzip"
    response = Response(body, status_code=status, headers=headers)
    # Set by itself: Starlette would add a charset to what already names one.
    response.headers["content-type"] = found.content_type
    return _safe(response)


def plain(status: int, text: str) -> Response:
    """A short answer in words."""
    return _safe(PlainTextResponse(f"{text}\n", status_code=status, headers={"cache-control": "no-store"}))


async def not_allowed(scope: Scope, receive: Receive, send: Send) -> None:
    """405: this door only shows things."""
    response = plain(405, "Only GET and HEAD work here.")
    response.headers["allow"] = "GET, HEAD"
    await response(scope, receive, send)


def nothing_here() -> Response:
    """404, the same for every address that is not there."""
    return plain(404, "There is nothing here. The coverage is at the front page.")


def private(body: bytes, content_type: str) -> Response:
    """A page that is for who sits at this machine alone: nobody keeps it, no machine lists it, and it runs no script."""
    response = Response(body, headers={"cache-control": "no-store", "x-robots-tag": "noindex, nofollow"})
    response.headers["content-type"] = content_type
    policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    response.headers["content-security-policy"] = policy
    response.raw_headers.extend(header for header in SAFE_HEADERS if header[0] != b"content-security-policy")
    return response


def safe_json(status: int, body: bytes) -> Response:
    """A JSON answer that nobody keeps."""
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return _safe(Response(body, status_code=status, headers=headers))


def _safe(response: Response) -> Response:
    response.raw_headers.extend(SAFE_HEADERS)
    return response


def _cache_control(request: Request, found: PageFile) -> str:
    if found.content_type.startswith(("text/css", "text/javascript")) and request.query_params.get("v"):
        return "public, max-age=31536000, immutable"  # pages ask for each version by its own address
    if found.content_type.startswith(("application/atom", "application/feed")):
        return "public, max-age=60"
    # Kept, but asked about each time: what was taken back must not live on in a cache.
    return "public, no-cache"


def _has_it(request: Request, etag: str, found: PageFile) -> bool:
    asked = request.headers.get("if-none-match")
    if asked is not None:
        tags = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
        return "*" in tags or etag in tags
    since = _date(request.headers.get("if-modified-since", ""))
    return since is not None and found.changed_at.replace(microsecond=0) <= since


def _date(said: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _takes_gzip(said: str) -> bool:
    return any(_is_gzip(part.split(";")) for part in said.lower().split(","))


def _is_gzip(part: Iterable[str]) -> bool:
    coding, *weights = (piece.strip() for piece in part)
    return coding == "gzip" and not any(weight.replace(" ", "").rstrip("0") in ("q=", "q=0.") for weight in weights)


@lru_cache(maxsize=64)
def _gzipped(body: bytes, _etag: str) -> bytes:
    return gzip.compress(body, compresslevel=5, mtime=0)
