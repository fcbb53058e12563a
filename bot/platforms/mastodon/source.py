"""Posts from Mastodon: hashtags on several servers, and official accounts."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from queue import Empty
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from bot.core.errors import OutsideError, RateLimited, Unauthorized, Unavailable
from bot.core.model import Author, Batch, Gone, Media, Post
from bot.core.ports import PlatformContext, StopSign
from bot.core.text.cleaning import fold
from bot.platforms.mastodon.door import Door, server_address
from bot.platforms.mastodon.fields import table
from bot.platforms.mastodon.instance import Instance
from bot.platforms.mastodon.known import Known
from bot.platforms.mastodon.mapping import Mapper
from bot.platforms.mastodon.officials import Officials
from bot.platforms.mastodon.pictures import Pictures
from bot.platforms.mastodon.reader import Found, Reader
from bot.platforms.mastodon.recheck import Recheck
from bot.platforms.mastodon.tail import Happened, Tail, waiting
from bot.platforms.mastodon.timelines import Server, Timelines
from bot.platforms.mastodon.walk import cursor_of, places

_FACTS_HOLD = timedelta(hours=1)
_SIGN_OF_PROGRESS_S = 4.0
_MOST_TOGETHER = 200


class MastodonSource:
    """Hashtags on several servers, and official accounts.

    What a server shows is what it has heard of, so several are asked, and one status is known by its `uri` wherever it comes
    from. `fetch` is the main way in. With a token for the first server there is a `stream`, too, which only adds: what it
    misses comes by `fetch`. Methods may run in threads of their own.

    Args:
        settings: Its block in config.toml.
        context: What `app` gives; the secret "token" is for the first server, and no other sees it.
    """

    secrets: ClassVar[tuple[str, ...]] = ("token",)
    ids_begin: ClassVar[str] = "https://"  # every permanent account id

    class Settings(BaseModel):
        """What to read.

        Attributes:
            servers: Their addresses, https; the secret "token", where there is one, is for the first.
            tags: Hashtags, with or without "#"; case does not matter.
            official: Accounts, `name@host`, all of whose posts are read, boosts excepted; looked up once.
            stream: Follow the first server's streams where there is a token.
            silence_s: A stream without a sign of life for so long is made anew.
            retry_s: The first wait after a broken stream; each further one is twice as long.
        """

        model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

        servers: tuple[str, ...] = Field(min_length=1, max_length=20)
        tags: tuple[str, ...] = Field(default=(), max_length=20)
        official: tuple[str, ...] = Field(default=(), max_length=100)
        stream: bool = True
        silence_s: float = Field(default=90.0, gt=0, le=3600)
        retry_s: float = Field(default=2.0, gt=0, le=60)

        @field_validator("servers")
        @classmethod
        def _servers(cls, servers: tuple[str, ...]) -> tuple[str, ...]:
            found = tuple(server_address(server) for server in servers)
            for server in found:
                if found.count(server) > 1:
                    raise ValueError(f"{server!r} stands there twice")
            return found

        @field_validator("tags")
        @classmethod
        def _tags(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
            for tag in tags:
                bare = tag.removeprefix("#")
                if not bare or any(sign.isspace() or sign in "#/?&" for sign in bare):
                    raise ValueError(f"{tag!r} is not a hashtag: write one word, with or without #")
            return tuple(tag.removeprefix("#") for tag in tags)

        @field_validator("official")
        @classmethod
        def _official(cls, official: tuple[str, ...]) -> tuple[str, ...]:
            found = tuple(handle.removeprefix("@").lower() for handle in official)
            for handle in found:
                name, _, host = handle.partition("@")
                if not name or not host or any(sign.isspace() or sign in "/?#@" for sign in f"{name}{host}"):
                    raise ValueError(f"{handle!r} is no account: write name@mastodon.example")
            return found

        @model_validator(mode="after")
        def _something(self) -> "MastodonSource.Settings":
            if not self.tags and not self.official:
                raise ValueError("there is nothing to read: give tags, official accounts or both")
            return self

    stream: Callable[[str, StopSign], Iterator[Batch]]  # only where a token opens one

    def __init__(self, settings: Settings, context: PlatformContext) -> None:
        self._settings = settings
        self._context = context
        self._known = Known(context.memory)
        token = context.secret("token")
        doors = tuple(
            Door(server, context, token if place == 0 else None) for place, server in enumerate(settings.servers)
        )
        self._servers = {door.server: self._server(door) for door in doors}
        self._first = self._servers[doors[0].server]
        self._timelines = Timelines(self._servers, settings.tags, Officials(settings.official, context, doors))
        self._recheck = Recheck(doors, self._known)
        tags = frozenset(fold(tag) for tag in settings.tags)
        self._reader = Reader(context, self._known, self._recheck, tags, is_alone=len(doors) == 1)
        self._pictures = Pictures(context, only_public=all(server.startswith("https:") for server in settings.servers))
        self._fetch_note = ""
        self._stream_notes: dict[str, str] = {}
        if token is not None and settings.stream and settings.tags:
            self.stream = self._stream

    def _server(self, door: Door) -> Server:
        def uri_of(own_id: str) -> str:
            return self._known.uri(door.server, own_id)

        mapper = Mapper(self._context.name, door.server, uri_of)
        return Server(door, Instance(door, self._context, _FACTS_HOLD), mapper)

    def close(self) -> None:
        """Nothing is held open between two calls."""

    def fetch(self, cursor: str) -> Batch:
        """What is new under the hashtags and by the official accounts since `cursor`, oldest first.

        A server that cannot be read costs only what it alone would have shown: its place in the cursor stands, `note` says why.

        Raises:
            Unavailable: Nothing at all could be read; the cursor stands.
            RateLimited: As above; nothing before `until`.
            Unauthorized: As above: everything is for members only.
        """
        timelines, notes = self._timelines.listed()
        before = places(cursor)
        after = self._timelines.kept(before)
        found = Found()
        failures: list[OutsideError] = []
        more = False
        for line in timelines:
            try:
                place = self._reader.read(line, before.get(line.key), found)
            except OutsideError as error:
                failures.append(error)
            else:
                after[line.key] = place
                more = more or place.is_midway
        if failures and len(failures) == len(timelines):
            raise _together(failures)
        if not timelines and notes:
            raise Unavailable("; ".join(notes))
        for server in self._servers.values():
            self._reader.look_again(server, found)
        self._known.keep()
        self._fetch_note = "; ".join(dict.fromkeys([*notes, *map(str, failures)]))
        return Batch(
            tuple(sorted(found.posts.values(), key=_made_at)),
            cursor_of(after),
            tuple(found.gone.values()),
            more=more,
            note=self._note(),
        )

    def missing(self, ids: Sequence[str]) -> frozenset[str]:
        """Which statuses are gone at the server that showed them; those that none can be asked about are never named.

        Raises:
            Unavailable: No server could be asked.
            RateLimited: As above; nothing before `until`.
            Unauthorized: As above.
        """
        return self._recheck.missing(ids)

    def authors(self, ids: Sequence[str]) -> dict[str, Author]:
        """The authors of these statuses as their servers show them now; of those that none can be asked about, nothing."""
        found = {}
        for uri, (door, status) in self._recheck.shown(ids).items():
            whose = table(status, "account")
            if whose:
                found[uri] = Mapper(self._context.name, door.server).author(whose, uri)
        return found

    def shows(self, media: Media) -> bool:
        """Whether this is a picture with an address."""
        return self._pictures.shows(media)

    def picture(self, media: Media) -> bytes:
        """The bytes of a picture, its small version where there is one.

        Raises:
            OutsideError: It could not be had.
        """
        return self._pictures.picture(media)

    def _note(self) -> str:
        return "; ".join(note for note in (self._fetch_note, *self._stream_notes.values()) if note)

    def _stream(self, cursor: str, stop: StopSign) -> Iterator[Batch]:
        """What happens now at the first server, until `stop` is set; connects again by itself.

        New posts and edits under the hashtags, and deletions of what this process has seen. Its batches carry no cursor: what
        was missed comes by `fetch`. Where the server offers no stream it says so, and goes on asking.
        """
        del cursor
        settings = self._settings
        out = waiting()
        tail = Tail(
            self._first.door,
            self._first.instance,
            settings.tags,
            silence_s=settings.silence_s,
            retry_s=settings.retry_s,
        )
        following = tail.follow(out)
        told_at = time.monotonic()
        try:
            while not stop.is_set():
                try:
                    happened = [out.get(timeout=0.25)]
                except Empty:
                    happened = []
                while happened and len(happened) < _MOST_TOGETHER and not out.empty():
                    happened.append(out.get())
                found, said = self._sift(happened)
                if found.posts or found.gone or said or time.monotonic() - told_at >= _SIGN_OF_PROGRESS_S:
                    told_at = time.monotonic()
                    posts, gone = tuple(found.posts.values()), tuple(found.gone.values())
                    yield Batch(posts, gone=gone, note=self._note())
        finally:
            following.end()

    def _sift(self, happened: list[Happened]) -> tuple[Found, bool]:
        """Posts and deletions of some events, and whether there is something to say."""
        found = Found()
        said = False
        for one in happened:
            if one.note or one.name == "open":
                self._stream_notes[one.tag] = one.note
                said = True
            elif one.name == "delete":
                uri = self._known.uri(self._first.address, one.own_id)
                found.lose(Gone(uri, self._context.now()) if uri else None)
            elif one.status is not None and (post := self._reader.post(self._first, one.status)) is not None:
                if self._reader.is_ours(post):
                    found.keep(post, self._first.address)
                elif post.is_edit:
                    found.lose(self._reader.taken_away(post))
        self._known.keep()
        return found, said


def _made_at(post: Post) -> datetime:
    return post.created_at


def _together(failures: list[OutsideError]) -> OutsideError:
    """What to do where nothing could be read."""
    limited = [error for error in failures if isinstance(error, RateLimited)]
    said = "; ".join(dict.fromkeys(map(str, failures)))
    if len(limited) == len(failures):
        return RateLimited(said, min(error.until for error in limited))
    if all(isinstance(error, Unauthorized) for error in failures):
        return Unauthorized(said)
    return Unavailable(said)
