"""Posts from Mastodon: hashtags on several servers, and official accounts."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import Empty
from typing import ClassVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from bot.core.errors import OutsideError, RateLimited, Unauthorized, Unavailable
from bot.core.model import Batch, Gone, Media, Post
from bot.core.ports import PlatformContext, StopSign
from bot.core.text.cleaning import fold
from bot.platforms.mastodon.door import Door, server_address
from bot.platforms.mastodon.faults import AbsentError
from bot.platforms.mastodon.fields import Json, tables, text
from bot.platforms.mastodon.instance import Instance
from bot.platforms.mastodon.known import Known
from bot.platforms.mastodon.mapping import OPEN, Mapper
from bot.platforms.mastodon.officials import Officials
from bot.platforms.mastodon.pictures import Pictures
from bot.platforms.mastodon.recheck import Recheck
from bot.platforms.mastodon.tail import Happened, Tail, waiting
from bot.platforms.mastodon.walk import AT_ONCE, Place, cursor_of, places, walk

_FACTS_HOLD = timedelta(hours=1)
_SIGN_OF_PROGRESS_S = 4.0
_MOST_TOGETHER = 200
_MOST_CHECKED = 10  # statuses that left a timeline, in one look at it


@dataclass(frozen=True, slots=True)
class Server:
    """One server.

    Attributes:
        door: The way to it.
        instance: What it allows.
        mapper: Makes posts of its statuses.
    """

    door: Door
    instance: Instance
    mapper: Mapper


@dataclass(frozen=True, slots=True)
class Timeline:
    """One list of statuses that is read.

    Attributes:
        key: Its name in the cursor.
        server: Where it is.
        path: From "/api/" on.
        name: As people know it.
        tag: The folded hashtag; "" for an account's.
        params: Beside those of paging.
    """

    key: str
    server: Server
    path: str
    name: str
    tag: str = ""
    params: tuple[tuple[str, str], ...] = ()


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
        self._officials = Officials(settings.official, context, doors)
        self._recheck = Recheck(doors, self._known)
        self._pictures = Pictures(context, only_public=all(server.startswith("https:") for server in settings.servers))
        self._rests: dict[str, tuple[datetime, str]] = {}
        self._notes = {"fetch": "", "stream": ""}
        if token is not None and settings.stream and settings.tags:
            self.stream = self._stream

    def _server(self, door: Door) -> Server:
        def uri_of(own_id: str) -> str:
            return self._known.uri(door.server, own_id)

        return Server(
            door,
            Instance(door, self._context, _FACTS_HOLD),
            Mapper(self._context.name, door.server, uri_of),
        )

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
        timelines, notes = self._timelines()
        before = places(cursor)
        after = {line.key: before[line.key] for line in timelines if line.key in before}
        found: dict[str, Post] = {}
        gone: list[Gone] = []
        failures: list[OutsideError] = []
        for line in timelines:
            try:
                place = self._read(line, before.get(line.key), found, gone)
            except OutsideError as error:
                failures.append(error)
                if isinstance(error, RateLimited):
                    self._rests[line.server.door.server] = (error.until, str(error))
            except AbsentError as error:
                failures.append(Unavailable(f"{line.name}: {error}: is this a server of Mastodon's API?"))
            else:
                after[line.key] = place
        if failures and len(failures) == len(timelines):
            raise _together(failures)
        if not timelines and notes:
            raise Unavailable("; ".join(notes))
        self._known.keep()
        notes += [str(error) for error in failures]
        self._notes["fetch"] = "; ".join(dict.fromkeys(notes))
        return Batch(
            tuple(sorted(found.values(), key=_made_at)),
            cursor_of(after),
            tuple(gone),
            more=any(place.is_midway for place in after.values()),
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
        return "; ".join(note for note in self._notes.values() if note)

    def _timelines(self) -> tuple[list[Timeline], list[str]]:
        """What is to be read, and what an operator should know."""
        lines: list[Timeline] = []
        notes: list[str] = []
        for server in self._servers.values() if self._settings.tags else ():
            facts = server.instance.facts()
            where = server.door.server
            if facts.access == "disabled":
                notes.append(f"{where} has switched hashtags off for everybody: choose another server")
                continue
            if facts.access == "authenticated" and not server.door.has_token:
                notes.append(f"{where} shows hashtags to its members only: give it a token, or choose another server")
                continue
            for part, access in (("its own people's", facts.local), ("other servers'", facts.remote)):
                if access == "disabled" or (access == "authenticated" and not server.door.has_token):
                    notes.append(f"{where} does not show {part} posts under a hashtag to us")
            lines += [
                Timeline(
                    f"{where} #{fold(tag)}",
                    server,
                    f"/api/v1/timelines/tag/{quote(tag, safe='')}",
                    f"#{tag} at {where}",
                    fold(tag),
                )
                for tag in self._settings.tags
            ]
        known, note = self._officials.known()
        lines += [
            Timeline(
                f"{who.server} {who.actor}",
                self._servers[who.server],
                f"/api/v1/accounts/{quote(who.id, safe='')}/statuses",
                f"{handle} at {who.server}",
                params=(("exclude_reblogs", "true"),),
            )
            for handle, who in known.items()
        ]
        return lines, [*notes, note] if note else notes

    def _read(self, line: Timeline, place: Place | None, found: dict[str, Post], gone: list[Gone]) -> Place:
        """Read on in one timeline; what comes is added to `found` and `gone`, its new place is given."""
        door = line.server.door
        until, why = self._rests.get(door.server, (None, ""))
        if until is not None and self._context.machine_now() < until:
            raise RateLimited(why, until)

        def page(params: dict[str, object]) -> list[Json]:
            answer, _ = door.call("GET", line.path, {**dict(line.params), **params})
            if not isinstance(answer, list):
                raise Unavailable(f"{line.name}: the answer is no list")
            return tables({"found": answer}, "found", AT_ONCE * 2)

        walked = walk(page, place, self._context.now())
        checked = [self._left(line, own_id) for own_id in walked.lost[:_MOST_CHECKED]]
        for status in walked.statuses:
            post = self._post(line.server, status)
            if post is not None:
                _keep(found, post, door.server)
        gone += [one for one in checked if one is not None]
        return walked.place

    def _post(self, server: Server, status: Json) -> Post | None:
        """A status as a post; None where it is not for everybody, or older than what we have."""
        uri = text(status, "uri")
        if text(status, "id") and uri:
            self._known.saw(server.door.server, text(status, "id"), uri)
        if text(status, "visibility") not in OPEN:
            return None
        post = server.mapper.post(status, self._context.now())
        return None if post is None or self._known.is_stale(post.native_id, post.version) else post

    def _left(self, line: Timeline, own_id: str) -> Gone | None:
        """What became of a status that its timeline no longer shows; None where it stands, or nobody can tell."""
        uri = self._known.uri(line.server.door.server, own_id)
        if not uri:
            return None
        try:
            status = self._recheck.status(line.server.door, own_id)
        except OutsideError:
            return None
        if status is None:
            return Gone(uri, self._context.now())
        post = line.server.mapper.post(status, self._context.now())
        if line.tag and post is not None and post.is_edit and not self._is_ours(post):
            return Gone(uri, self._context.now(), "edited: the hashtag was taken away", final=False)
        return None

    def _is_ours(self, post: Post) -> bool:
        return not {fold(tag) for tag in self._settings.tags}.isdisjoint(post.tags)

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
        following = tail.follow(stop, out)
        told_at = time.monotonic()
        try:
            while not stop.is_set():
                try:
                    happened = [out.get(timeout=0.25)]
                except Empty:
                    happened = []
                while happened and len(happened) < _MOST_TOGETHER and not out.empty():
                    happened.append(out.get())
                posts, gone, said = self._sift(happened)
                if posts or gone or said or time.monotonic() - told_at >= _SIGN_OF_PROGRESS_S:
                    told_at = time.monotonic()
                    yield Batch(posts, gone=gone, note=self._note())
        finally:
            following.end()

    def _sift(self, happened: list[Happened]) -> tuple[tuple[Post, ...], tuple[Gone, ...], bool]:
        """Posts and deletions of some events, and whether there is something to say."""
        found: dict[str, Post] = {}
        gone: dict[str, Gone] = {}
        said = False
        server = self._first
        for one in happened:
            if one.note or one.name == "open":
                self._notes["stream"] = one.note
                said = True
            elif one.name == "delete":
                uri = self._known.uri(server.door.server, one.own_id)
                if uri:
                    found.pop(uri, None)
                    gone[uri] = Gone(uri, self._context.now())
            elif one.status is not None and (post := self._post(server, one.status)) is not None:
                if self._is_ours(post):
                    _keep(found, post, server.door.server)
                elif post.is_edit:
                    reason = "edited: the hashtag was taken away"
                    gone[post.native_id] = Gone(post.native_id, self._context.now(), reason, final=False)
        self._known.keep()
        return tuple(found.values()), tuple(gone.values()), said


def _keep(found: dict[str, Post], post: Post, server: str) -> None:
    """Keep one copy of a post: the newest version, and of equal ones that of the server where it was written."""
    other = found.get(post.native_id)
    is_at_home = post.native_id.startswith(f"{server}/")
    if other is None or post.version > other.version or (post.version == other.version and is_at_home):
        found[post.native_id] = post


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
