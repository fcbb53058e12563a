"""Pictures of posts, to be looked at: X's own picture host, in its small size. X does not bill them."""

from urllib.parse import parse_qsl, urlsplit

from bot.core.errors import Unavailable
from bot.core.model import Media
from bot.core.ports import PlatformContext
from bot.core.stories.pictures import MOST_BYTES
from bot.platforms._http.reading import Http

_HOST = "pbs.twimg.com"
_ACCEPT = "image/jpeg, image/*;q=0.9, */*;q=0.1"
_EACH_S = 5.0
_FORMS = frozenset({"jpg", "png", "webp"})


class Pictures:
    """Fetches pictures. May be used by several threads."""

    def __init__(self, context: PlatformContext) -> None:
        self._http = Http(context.user_agent, context.machine_now, timeout_s=_EACH_S, max_bytes=MOST_BYTES)

    def shows(self, media: Media) -> bool:
        """Whether this is a picture of a post at X."""
        return media.kind == "image" and bool(_small(media.url))

    def picture(self, media: Media) -> bytes:
        """The bytes of a picture in its small size.

        Raises:
            OutsideError: It could not be had.
        """
        address = _small(media.url)
        if not address:
            raise Unavailable(f"{media.url[:200]!r} is not the address of a picture at X")
        return self._http.get(address, accept=_ACCEPT, only_public=True).body


def _small(url: str) -> str:
    """The small size of a picture at X's picture host; "" for what lies elsewhere."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme != "https" or parts.hostname != _HOST or port is not None or parts.username is not None:
        return ""
    # pbs.twimg.com/media/ID?format=png has its format beside it; every other word of the address is ours
    forms = [value for name, value in parse_qsl(parts.query) if name == "format" and value in _FORMS]
    query = f"format={forms[0]}&name=small" if forms else "name=small"
    return f"https://{_HOST}{parts.path}?{query}"
