"""What a server says of itself: how long a status may be, what may be read, where it streams.

Source: https://docs.joinmastodon.org/entities/Instance/, …/V1_Instance/
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import msgspec

from bot.core.errors import OutsideError
from bot.core.ports import PlatformContext
from bot.platforms.mastodon.door import Door
from bot.platforms.mastodon.faults import AbsentError
from bot.platforms.mastodon.fields import Json, number, table, tables, text

_AGAIN = timedelta(minutes=5)  # where it could not be asked
_MOST_RULES = 50


class Facts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a server; the defaults are what every server of this API allows.

    Attributes:
        version: Its software and version, as it says; "" where it does not say.
        length: The most a status may measure.
        per_link: What every link counts.
        media: The most pictures of a status.
        image_bytes: The largest picture.
        image_pixels: The most pixels of one; 0 where it does not say.
        alt_chars: The longest text of a picture.
        mimes: Media types that it takes; () where it does not say.
        local: Who may read its own people's posts under a hashtag: "public", "authenticated" or "disabled".
        remote: Who may read other servers' posts there.
        streams: Where it streams, http(s); "" where it does not say.
        rules: What its people agreed to.
    """

    version: str = ""
    length: int = 500
    per_link: int = 23
    media: int = 4
    image_bytes: int = 8_000_000
    image_pixels: int = 0
    alt_chars: int = 1_500
    mimes: tuple[str, ...] = ()
    local: str = "public"
    remote: str = "public"
    streams: str = ""
    rules: tuple[str, ...] = ()

    @property
    def access(self) -> str:
        """Who may read anything under a hashtag: the more open of the two."""
        return min((self.local, self.remote), key=("public", "authenticated", "disabled").index)


def facts_of(said: Json) -> Facts:
    """Facts from an answer of `/api/v2/instance` or `/api/v1/instance`; what it does not say keeps its default."""
    plain = Facts()
    configured = table(said, "configuration")
    statuses, media = table(configured, "statuses"), table(configured, "media_attachments")
    access = table(table(configured, "timelines_access"), "hashtag_feeds")
    mimes = media.get("supported_mime_types")
    streams = text(table(configured, "urls"), "streaming") or text(table(said, "urls"), "streaming_api")
    return Facts(
        version=text(said, "version")[:100],
        length=number(statuses, "max_characters") or number(said, "max_toot_chars") or plain.length,
        per_link=number(statuses, "characters_reserved_per_url") or plain.per_link,
        media=number(statuses, "max_media_attachments") or plain.media,
        image_bytes=number(media, "image_size_limit") or plain.image_bytes,
        image_pixels=number(media, "image_matrix_limit"),
        alt_chars=number(media, "description_limit") or plain.alt_chars,
        mimes=tuple(one for one in mimes[:100] if isinstance(one, str)) if isinstance(mimes, list) else (),
        local=_access(access, "local"),
        remote=_access(access, "remote"),
        streams=_http_address(streams),
        rules=tuple(text(rule, "text")[:500] for rule in tables(said, "rules", _MOST_RULES)),
    )


def _access(of: Json, name: str) -> str:
    found = text(of, name)
    return found if found in {"authenticated", "disabled"} else "public"


def _http_address(given: str) -> str:
    """Where a server streams; it says it as browsers need it, with ws(s)."""
    url = urlsplit(given)
    scheme = {"wss": "https", "ws": "http", "https": "https", "http": "http"}.get(url.scheme, "")
    return f"{scheme}://{url.netloc}" if scheme and url.netloc and url.username is None else ""


class Instance:
    """One server's facts, asked for when they are old. Where nobody answers, what was known before still holds.

    Args:
        door: The server.
        context: Machine time, and the memory that keeps the facts over restarts.
        fresh: How long they hold.
    """

    def __init__(self, door: Door, context: PlatformContext, fresh: timedelta) -> None:
        self._door = door
        self._context = context
        self._fresh = fresh
        self._name = f"instance {door.server}"
        self._facts: Facts | None = None
        self._until: datetime | None = None

    def known(self) -> Facts:
        """What is known, without network."""
        if self._facts is None:
            kept = self._context.memory.get(self._name)
            try:
                self._facts = msgspec.json.decode(kept, type=Facts) if kept else Facts()
            except ValueError:
                self._facts = Facts()
        return self._facts

    def facts(self) -> Facts:
        """What is known, after another look where that is due. Never raises: what a server does not say is as usual."""
        known, now = self.known(), self._context.machine_now()
        if self._until is not None and now < self._until:
            return known
        try:
            found = self._ask()
        except OutsideError:
            self._until = now + _AGAIN
            return known
        self._facts, self._until = found, now + self._fresh
        if found != known:
            self._context.memory.put(self._name, msgspec.json.encode(found).decode())
        return found

    def ask_again(self) -> None:
        """The next look asks the server, however new what is known is."""
        self._until = None

    def _ask(self) -> Facts:
        for path in ("/api/v2/instance", "/api/v1/instance"):
            try:
                said, _ = self._door.call("GET", path)
            except AbsentError:
                continue  # Takahē has the older one alone
            if isinstance(said, dict):
                return facts_of(said)
        return Facts()
