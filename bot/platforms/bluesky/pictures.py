"""Pictures of posts, to be looked at: the CDN's thumbnail, else the blob itself from its author's server.

Both names in an address, DID and CID, come from a record that anybody can write: what has another form is no picture of ours.
Source: https://atproto.com/specs/did (documents), lexicon com/atproto/sync/getBlob.json
"""

import re
from urllib.parse import urlencode

import msgspec

from bot.core.errors import OutsideError, Unavailable
from bot.core.model import Media
from bot.core.ports import PlatformContext
from bot.core.stories.pictures import MOST_BYTES
from bot.platforms._http.reading import Http
from bot.platforms.bluesky.names import is_did, is_handle

_ACCEPT = "image/jpeg, image/*;q=0.9, */*;q=0.1"
_EACH_S = 3.0  # three calls at the most, within 10 s
_CID = re.compile(r"[a-zA-Z0-9]{8,128}")
_WEB = "did:web:"


class Pictures:
    """Fetches pictures. May be used by several threads.

    Args:
        cdn: Site that serves pictures, as in their addresses.
        plc: Directory of did:plc identities; "" for none: then the CDN alone is asked.
        context: What `app` gives.
    """

    def __init__(self, cdn: str, plc: str, context: PlatformContext) -> None:
        self._cdn = cdn
        self._plc = plc
        self._http = Http(context.user_agent, context.machine_now, timeout_s=_EACH_S, max_bytes=MOST_BYTES)

    def shows(self, media: Media) -> bool:
        """Whether this is a picture of a Bluesky post."""
        return bool(self._place(media))

    def picture(self, media: Media) -> bytes:
        """The bytes of a picture's thumbnail; where the CDN has none (it takes a moment), of the picture itself.

        Raises:
            OutsideError: Neither could be had; the reason is the last one's.
        """
        place = self._place(media)
        if not place:
            raise Unavailable(f"{media.url[:200]!r} is not the address of a picture at {self._cdn}")
        did, cid = place
        try:
            return self._http.get(f"{self._cdn}/img/feed_thumbnail/plain/{did}/{cid}@jpeg", accept=_ACCEPT).body
        except OutsideError:
            if not self._plc:
                raise
        return self._blob(did, cid)

    def _place(self, media: Media) -> tuple[str, str] | None:
        did, _, cid = (
            media.url.removeprefix(f"{self._cdn}/img/feed_fullsize/plain/").removesuffix("@jpeg").rpartition("/")
        )
        return (did, cid) if is_did(did) and _CID.fullmatch(cid) else None

    def _blob(self, did: str, cid: str) -> bytes:
        """The blob from the author's own server. A public directory must not send us into a private network."""
        host = did.removeprefix(_WEB)
        if did.startswith(_WEB) and not is_handle(host):
            raise Unavailable(f"{did}: not a name of a host")
        is_web = did.startswith(_WEB)
        where = f"https://{host}/.well-known/did.json" if is_web else f"{self._plc}/{did}"
        document = self._http.get(where, accept="application/json, */*;q=0.1", only_public=is_web)
        query = urlencode({"did": did, "cid": cid})
        address = f"{_server(document.body, did)}/xrpc/com.atproto.sync.getBlob?{query}"
        return self._http.get(address, accept=_ACCEPT, only_public=document.public).body


def _server(document: bytes, did: str) -> str:
    """The address of an account's server, without a slash at its end.

    Raises:
        Unavailable: The document names none.
    """
    try:
        services = msgspec.convert(msgspec.json.decode(document), _Document).service
    except ValueError as error:
        raise Unavailable(f"{did}: its document cannot be read: {error}") from error
    for service in services:
        if service.id.endswith("#atproto_pds") and isinstance(service.serviceEndpoint, str):
            return service.serviceEndpoint.rstrip("/")
    raise Unavailable(f"{did}: its document names no server of its posts")


class _Service(msgspec.Struct):
    id: str = ""
    serviceEndpoint: object = ""  # noqa: N815 - the specification's name; a list or a map with other services


class _Document(msgspec.Struct):
    service: list[_Service] = []
