"""What crosses the wall between the drawn page and the door that serves it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: http:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)
"""What a coverage page may load, as a Content-Security-Policy: no inline script or style; pictures from anywhere.

The page carries it itself (it may be served as plain files) and the HTTP door sends it with `frame-ancestors` added, which
a page cannot say of itself.

Source: https://www.w3.org/TR/CSP3/#meta-element
"""

_TYPES = {
    "html": "text/html; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
}


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file of the page, ready to be sent.

    Attributes:
        body: The whole file.
        content_type: As the HTTP header says it, with charset.
        etag: Strong validator without quotes: equal tags are equal bytes.
        changed_at: When these bytes were first drawn. Aware UTC.
        links: The HTTP `Link` header that goes with it (a feed's hubs and its own address); "" for none.
    """

    body: bytes
    content_type: str
    etag: str
    changed_at: datetime
    links: str = ""


@dataclass(frozen=True, slots=True)
class PageChange:
    """One update that came, changed or went, as an open page takes it in.

    Attributes:
        seq: The update's place in the feed's order of changes.
        slug: Its permanent public name.
        state: "live" or "withdrawn".
        at: The update's time, ISO 8601 in UTC.
        html: The update as the page draws it; for a withdrawn one the line that stands in its place.
    """

    seq: int
    slug: str
    state: str
    at: str
    html: str


def page_file(name: str, body: bytes, changed_at: datetime, links: str = "") -> PageFile:
    """Make a file ready to be sent: its type goes by the end of its name.

    Args:
        name: As `draw` names it, e.g. "u/4f2a9c1b.html"; an unknown ending is sent as plain bytes.
        body: The whole file.
        changed_at: When these bytes were first drawn. Aware UTC.
        links: See `PageFile`.
    """
    content_type = _TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
    return PageFile(body, content_type, hashlib.sha256(body).hexdigest()[:32], changed_at, links)
