"""Pictures of posts, to be looked at: the small version that Mastodon keeps beside each picture, else the picture."""

from urllib.parse import urlsplit

from bot.core.errors import OutsideError, Unavailable
from bot.core.model import Media
from bot.core.ports import PlatformContext
from bot.core.stories.pictures import MOST_BYTES
from bot.platforms._http.reading import Http

_ACCEPT = "image/jpeg, image/png, image/webp, image/*;q=0.9, */*;q=0.1"
_EACH_S = 4.0  # two calls at the most, within 10 s


class Pictures:
    """Fetches pictures. May be used by several threads.

    Args:
        context: What `app` gives.
        only_public: Refuse addresses of private networks, as for every server of the public one.
    """

    def __init__(self, context: PlatformContext, *, only_public: bool) -> None:
        self._only_public = only_public
        self._http = Http(context.user_agent, context.machine_now, timeout_s=_EACH_S, max_bytes=MOST_BYTES)

    def shows(self, media: Media) -> bool:
        """Whether this is a picture with an address."""
        return media.kind == "image" and media.url[:8].lower().startswith(("https://", "http://"))

    def picture(self, media: Media) -> bytes:
        """The bytes of a picture's small version, else of the picture itself.

        Raises:
            OutsideError: Neither could be had; the reason is the last one's.
        """
        if not self.shows(media):
            raise Unavailable(f"{media.url[:200]!r} is not the address of a picture")
        path = urlsplit(media.url).path
        if "/original/" in path and "media_attachments" in path:
            try:
                return self._get(media.url.replace("/original/", "/small/", 1))
            except OutsideError:
                pass
        return self._get(media.url)

    def _get(self, address: str) -> bytes:
        return self._http.get(address, accept=_ACCEPT, only_public=self._only_public).body
