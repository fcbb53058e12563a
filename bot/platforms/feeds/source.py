"""The `feeds` source: asks one host for one feed, politely, and survives whatever comes back."""

import hashlib
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import urlsplit

import msgspec
from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.core.errors import OutsideError, RateLimited, Unavailable
from bot.core.model import Batch, Media
from bot.core.ports import PlatformContext
from bot.core.stories.pictures import MOST_BYTES
from bot.platforms._http.network import Dial, Resolve, dial, resolve
from bot.platforms._http.reading import Http, Reply, freshness
from bot.platforms.feeds.entry import NotAFeedError, safe_url
from bot.platforms.feeds.mapping import Origin, posts_of
from bot.platforms.feeds.names import brief

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)
_ACCEPT_PICTURE = "image/jpeg, image/png, image/webp, image/gif;q=0.9, */*;q=0.1"
_PICTURE_S = 5.0
_NETWORK, _PUBLIC = "network", "public"
_MAX_VALIDATOR_CHARS = 1000
_LOOKS_KEPT = timedelta(minutes=1)
_LONG_AWAY = timedelta(minutes=15)  # after so long, what has no date did not come just now


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where we left off.

    Attributes:
        url: The configured address that all else belongs to; another address starts anew.
        etag: Verbatim, "" for none.
        modified: Last-Modified, verbatim, "" for none.
        body: Hash of the last body: a host that knows no 304 still costs no parsing.
        moved: New permanent address, "" where it did not move.
        public: The answer came from the public network: a moved address must stay there.
        undated: When entries without a date were first seen (seconds since 1970), by brief names (`names.first_seen`).
        shared: Links that more than one entry has, or had: they name none of them.
        ttl_s: For how long the feed itself asks not to be read again.
        note: What `status` shows as long as the feed does not change.
    """

    url: str = ""
    etag: str = ""
    modified: str = ""
    body: str = ""
    moved: str = ""
    public: bool = False
    undated: dict[str, int] = {}
    shared: tuple[str, ...] = ()
    ttl_s: float = 0.0
    note: str = ""


class _Rest(msgspec.Struct, frozen=True):
    """Until when (machine time) the host is not asked again, if the cursor is still this one.

    A cursor that is not this one means that the last batch was not stored: then we ask at once.
    """

    until: datetime
    cursor: str


class FeedsSource:
    """One feed as a source.

    Args:
        settings: The feeds part of the source's block.
        context: What the house gives.
        resolve: Addresses of a host name; the outer end that tests replace.
        dial: Opens a TCP connection; the outer end that tests replace.
    """

    secrets: ClassVar[tuple[str, ...]] = ()

    class Settings(BaseModel):
        """[[source]] of kind "feeds".

        Attributes:
            url: Address of the feed, http or https, without user and password.
            lang: BCP 47 of its entries; "" takes what the feed says.
            max_bytes: The largest feed that is read.
            timeout_s: Seconds that one look may take, redirects included; the same again for reading a large feed.
            wait_at_most_s: The host's max-age and the feed's ttl are honoured up to so many seconds.
        """

        model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

        url: str
        lang: str = Field(default="", pattern=r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$")
        max_bytes: int = Field(default=5_000_000, ge=1000, le=100_000_000)
        timeout_s: float = Field(default=20.0, gt=0, le=300)
        wait_at_most_s: float = Field(default=600.0, ge=0)

        @field_validator("url")
        @classmethod
        def _is_address(cls, value: str) -> str:
            if not safe_url(value):
                raise ValueError(
                    "is no address of a feed: write http://… or https://…, without user and password, at most 2,000 characters"
                )
            return value.partition("#")[0]

    def __init__(
        self, settings: Settings, context: PlatformContext, *, resolve: Resolve = resolve, dial: Dial = dial
    ) -> None:
        self._settings = settings
        self._context = context
        self._http = Http(
            context.user_agent,
            context.machine_now,
            timeout_s=settings.timeout_s,
            max_bytes=settings.max_bytes,
            resolve=resolve,
            dial=dial,
        )
        self._pictures = Http(
            context.user_agent,
            context.machine_now,
            timeout_s=min(_PICTURE_S, settings.timeout_s),
            max_bytes=MOST_BYTES,
            resolve=resolve,
            dial=dial,
        )

    def shows(self, media: Media) -> bool:
        """Whether this is an address on the web."""
        return bool(safe_url(media.url))

    def picture(self, media: Media) -> bytes:
        """The bytes of an entry's picture.

        An entry must not send us into a private network: there only the host is asked that the feed itself was read from.

        Raises:
            OutsideError: It could not be had.
        """
        origin = _origin(media.url)
        is_ours = bool(origin) and self._context.memory.get(_NETWORK) == self._network(origin)
        return self._pictures.get(media.url, accept=_ACCEPT_PICTURE, only_public=not is_ours).body

    def _network(self, origin: str) -> str:
        """What is remembered of where the feed came from: a host of a private network, or _PUBLIC, for good."""
        return f"{self._settings.url} {origin}"

    def _remember(self, reply: Reply) -> None:
        """Remember it over a restart: whoever owns a name in the public network can let it lead into ours at any time."""
        memory, public = self._context.memory, self._network(_PUBLIC)
        before, now = memory.get(_NETWORK), public if reply.public else self._network(_origin(reply.url))
        if before not in {now, public}:
            memory.put(_NETWORK, now)

    def fetch(self, cursor: str) -> Batch:
        """The feed's entries where it changed, oldest first; the store knows which are new.

        An empty batch where the host says "not modified", where the same bytes came again, or where it asked us to wait.

        Raises:
            Unavailable: Not reached, too slow, too large, or not a feed.
            RateLimited: The host asks us to wait.
            Unauthorized: 401 or 403.
            Rejected: 410, or another 4xx that says that we are wrong here.
        """
        from bot.platforms.feeds.reading import read_guarded  # noqa: PLC0415 - feedparser is slow to load

        state = self._state(cursor)
        if self._rests(cursor):
            return Batch(note=state.note)
        reply, moved = self._ask(state)
        absent_since = self._look(state)
        self._remember(reply)
        if reply.status == 304:
            return self._answer(Batch(note=state.note), state, cursor, reply)
        fingerprint = hashlib.sha256(reply.body).hexdigest()[:16]
        if fingerprint == state.body:
            return self._answer(Batch(note=state.note), state, cursor, reply)
        try:
            channel = read_guarded(
                reply.body, reply.url, reply.headers.get("content-type", ""), self._settings.timeout_s
            )
        except NotAFeedError as error:
            raise Unavailable(f"{reply.url} is not a feed: {error}") from error
        mapped = posts_of(
            channel,
            Origin(
                url=self._settings.url,
                source=self._context.name,
                lang=self._settings.lang,
                now=self._context.now(),
                is_first=not state.body,
                undated=state.undated,
                shared=state.shared,
                absent_since=absent_since,
            ),
        )
        notes = [*channel.notes, *mapped.notes]
        if moved:
            notes.insert(0, f"moved for good to {moved}: change url in the configuration")
        new = Cursor(
            url=self._settings.url,
            etag=_validator(reply, "etag"),
            modified=_validator(reply, "last-modified"),
            body=fingerprint,
            moved=moved,
            public=reply.public,
            undated=dict(mapped.undated),
            shared=mapped.shared,
            ttl_s=channel.ttl_s,
            note="; ".join(notes),
        )
        written = msgspec.json.encode(new).decode()
        return self._answer(Batch(mapped.posts, cursor=written, note=new.note), new, written, reply)

    def missing(self, ids: Sequence[str]) -> AbstractSet[str]:
        """Empty: a feed drops old entries without a word, so that an entry that is not there any more says nothing."""
        del ids
        return frozenset()

    def _state(self, cursor: str) -> Cursor:
        try:
            state = msgspec.json.decode(cursor, type=Cursor) if cursor else Cursor()
        except ValueError:  # written by hand or by another version: the store knows what it has
            return Cursor()
        return state if state.url == self._settings.url else Cursor()

    def _ask(self, state: Cursor) -> tuple[Reply, str]:
        """Ask at the new address where the feed moved, and at the configured one where that fails.

        Returns:
            The answer, and the address to go to from now on ("" for the configured one).
        """
        etag, modified = state.etag, state.modified
        if state.moved:
            try:
                reply = self._http.get(
                    state.moved, etag=etag, modified=modified, accept=_ACCEPT, only_public=state.public
                )
            except RateLimited:
                raise
            except OutsideError:
                etag = modified = ""
            else:
                return reply, reply.moved_to or state.moved
        reply = self._http.get(self._settings.url, etag=etag, modified=modified, accept=_ACCEPT)
        if reply.status == 304 and not (etag or modified):
            raise Unavailable(f"{reply.url}: answered 304 (not modified) though nothing was asked: tell its owner")
        return reply, reply.moved_to

    def _look(self, state: Cursor) -> datetime | None:
        """Note that we look, where a feed without dates needs it; gives when we last did if that is long ago, else None."""
        if not state.undated:
            return None
        now, last = self._context.now(), _moment(self._context.memory.get("looked"))
        if last is None or now - last >= _LOOKS_KEPT or now < last:
            self._context.memory.put("looked", now.isoformat())
        return last if last is not None and now - last > _LONG_AWAY else None

    def _rests(self, cursor: str) -> bool:
        kept = self._context.memory.get("rest")
        if not kept:
            return False
        try:
            rest = msgspec.json.decode(kept, type=_Rest)
            return rest.cursor == brief(cursor) and self._context.machine_now() < rest.until
        except (ValueError, TypeError):
            return False

    def _answer(self, batch: Batch, state: Cursor, cursor: str, reply: Reply) -> Batch:
        wait_s = min(max(freshness(reply.headers), state.ttl_s), self._settings.wait_at_most_s)
        if wait_s > 0:
            until = self._context.machine_now() + timedelta(seconds=wait_s)
            self._context.memory.put("rest", msgspec.json.encode(_Rest(until, brief(cursor))).decode())
        elif self._context.memory.get("rest"):
            self._context.memory.put("rest", "")
        return batch


def _moment(kept: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(kept)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _origin(url: str) -> str:
    """Scheme, host and port of an address, "" for a broken one. Another port of the same host is another service."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.hostname}:{port}"


def _validator(reply: Reply, name: str) -> str:
    value = reply.headers.get(name, "")
    return value if len(value) <= _MAX_VALIDATOR_CHARS else ""
