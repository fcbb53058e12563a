"""Posts from Bluesky: hashtags and official accounts from Jetstream, and what official accounts said meanwhile."""

import math
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import ClassVar

import msgspec
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from bot.core.errors import Unavailable
from bot.core.model import Author, Batch, Media
from bot.core.ports import PlatformContext, StopSign
from bot.platforms.bluesky.authorfeeds import AuthorFeeds, read_marks, write_marks
from bot.platforms.bluesky.gaps import Gap, Gaps
from bot.platforms.bluesky.jetstream import Wire, parse_cursor
from bot.platforms.bluesky.lexicon import PostView
from bot.platforms.bluesky.mapping import Addresses, Mapper, fold
from bot.platforms.bluesky.names import is_did, is_handle, parse_at_uri
from bot.platforms.bluesky.officials import Officials
from bot.platforms.bluesky.pictures import Pictures
from bot.platforms.bluesky.profiles import Profiles
from bot.platforms.bluesky.search import Found, Search
from bot.platforms.bluesky.session import Session
from bot.platforms.bluesky.sieve import Sieve
from bot.platforms.bluesky.tail import Pace, Tail
from bot.platforms.bluesky.xrpc import RefusalError, Xrpc

_SIGN_OF_PROGRESS_S = 4.0
_GONE_WAIT_S = 0.25  # the whole network's deletions pass by: a few together make one transaction
_AT_ONCE = 25


class BlueskySource:
    """Hashtags and official accounts.

    `stream` is the main way in; `fetch` fills the gaps: of official accounts always, of hashtags where it has an account to
    search with. Its two cursors have nothing to do with each other. Methods may run in threads of their own.

    Args:
        settings: Its block in config.toml.
        context: What `app` gives.
    """

    secrets: ClassVar[tuple[str, ...]] = ("password",)
    ids_begin: ClassVar[str] = "did:"  # every permanent account id

    class Settings(BaseModel):
        """What to read.

        Attributes:
            tags: Hashtags, with or without "#"; case does not matter.
            official: DIDs, or handles, which are looked up once and remembered by DID.
            replies: Whether what official accounts answer others is read, too. Threads of their own, and what they say under
                a hashtag, always are.
            jetstream: Where events come from, ws(s). One that ends in /subscribe speaks the older wire.
            appview: Where profiles, author feeds and single posts come from; "" for none: then authors have neither
                handle nor known labels, and gaps stay open.
            page: Site that permalinks lead to.
            cdn: Site that serves pictures.
            plc: Directory that says where an account's posts lie, for pictures that the CDN does not have; "" for none.
            identifier: Handle or DID of an account to search with, for which the secret "password" is an app password of this
                source's own: two never share a session. "" for none: then gaps of hashtags stay open.
            service: Where that account signs in.
            first_look_s: How far back hashtags are searched at first contact; what is older than the source's `backfill` is
                never told.
            batch_events: The most events that are handled together.
            batch_wait_s: How long events wait for company.
            silence_s: A connection without any event for this long is made anew.
            retry_s: The first wait after a broken connection; each further one is twice as long.
        """

        model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

        tags: tuple[str, ...] = ()
        official: tuple[str, ...] = ()
        replies: bool = False
        jetstream: str = Field(default="wss://jetstream.us-east.bsky.network", pattern=r"^wss?://[^\s/]")
        appview: str = Field(default="https://public.api.bsky.app", pattern=r"^(https?://[^\s/].*)?$")
        page: str = Field(default="https://bsky.app", pattern=r"^https?://[^\s/]")
        cdn: str = Field(default="https://cdn.bsky.app", pattern=r"^https?://[^\s/]")
        plc: str = Field(default="https://plc.directory", pattern=r"^(https?://[^\s/].*)?$")
        identifier: str = ""
        service: str = Field(default="https://bsky.social", pattern=r"^https?://[^\s/]")
        first_look_s: float = Field(default=3600.0, ge=0, le=259_200)
        batch_events: int = Field(default=2_000, ge=1, le=10_000)
        batch_wait_s: float = Field(default=0.02, ge=0, le=1)
        silence_s: float = Field(default=60.0, gt=0, le=3600)
        retry_s: float = Field(default=1.0, gt=0, le=60)

        @field_validator("tags")
        @classmethod
        def _tags(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
            for tag in tags:
                if not tag.removeprefix("#") or any(sign.isspace() for sign in tag) or "#" in tag[1:]:
                    raise ValueError(f"{tag!r} is not a hashtag: write one word, with or without #")
            return tags

        @field_validator("official")
        @classmethod
        def _official(cls, official: tuple[str, ...]) -> tuple[str, ...]:
            for actor in official:
                if not is_did(actor) and not is_handle(actor.removeprefix("@")):
                    raise ValueError(f"{actor!r} is neither a handle nor a DID: write name.bsky.social or did:plc:…")
            return tuple(actor.removeprefix("@") for actor in official)

        @field_validator("identifier")
        @classmethod
        def _identifier(cls, identifier: str) -> str:
            if identifier and not is_did(identifier) and not is_handle(identifier.removeprefix("@")):
                raise ValueError(f"{identifier!r} is neither a handle nor a DID: write name.bsky.social or did:plc:…")
            return identifier

        @model_validator(mode="after")
        def _something(self) -> "BlueskySource.Settings":
            if not self.tags and not self.official:
                raise ValueError("there is nothing to read: give tags, official accounts or both")
            return self

    def __init__(self, settings: Settings, context: PlatformContext) -> None:
        self._settings = settings
        self._context = context
        self._tags = frozenset(fold(tag) for tag in settings.tags)
        page = settings.page.rstrip("/")
        self._mapper = Mapper(context.name, Addresses(page, settings.cdn.rstrip("/")))
        self._pictures = Pictures(settings.cdn.rstrip("/"), settings.plc.rstrip("/"), context)
        appview = settings.appview
        self._appview = Xrpc(appview, context.user_agent, context.machine_now) if appview else None
        self._profiles = Profiles(self._mapper, self._appview)
        self._officials = Officials(settings.official, context, self._appview)
        self._feeds = (
            AuthorFeeds(self._mapper, self._appview, self._tags, replies=settings.replies) if self._appview else None
        )
        self._gaps = Gaps(context.memory)
        self._session: Session | None = None
        self._search: Search | None = None
        if settings.identifier and settings.tags:
            who = f'source "{context.name}"'
            mend = 'make an app password of this source\'s own and give it as its secret "password"'
            self._session = Session(settings.identifier, settings.service, context, who=who, mend=mend)
            self._search = Search(settings.tags, context, self._mapper, self._session, self._gaps)

    def close(self) -> None:
        """Give the connections back."""
        if self._appview is not None:
            self._appview.close()
        if self._session is not None:
            self._session.close()

    def fetch(self, cursor: str) -> Batch:
        """What the official accounts have posted since `cursor`, and what hashtags brought while the stream was not there.

        No reposts, and answers to others as `replies` says. A search that is refused is noted, and is made again later.

        Raises:
            Unavailable: Nothing was read; the cursor stands.
            RateLimited: Nothing before `until`.
        """
        dids, note = self._officials.known()
        marks = read_marks(cursor)
        official = Batch()
        if self._feeds is not None and dids:
            official = self._feeds.since(dids, marks, self._context.now())
        found = self._search.look(marks) if self._search is not None else Found()
        posts = {(post.native_id, post.version): post for post in (*found.posts, *official.posts)}
        kept = {**read_marks(official.cursor), **found.marks}
        return Batch(
            tuple(sorted(posts.values(), key=lambda post: post.created_at)),
            write_marks(kept) if kept else "",
            more=found.more,
            note="; ".join(part for part in (note, official.note, found.note) if part),
        )

    def shows(self, media: Media) -> bool:
        """Whether this is a picture of a Bluesky post."""
        return self._pictures.shows(media)

    def picture(self, media: Media) -> bytes:
        """The bytes of a picture's thumbnail, else of the picture.

        Raises:
            OutsideError: It could not be had.
        """
        return self._pictures.picture(media)

    def authors(self, ids: Sequence[str]) -> dict[str, Author]:
        """The authors of these posts as the AppView knows them now; of those that it did not tell, nothing."""
        dids = {uri: found.authority for uri in ids if (found := parse_at_uri(uri)) is not None}
        fresh = self._profiles.anew(dids.values(), self._context.machine_now())
        return {uri: fresh[did] for uri, did in dids.items() if did in fresh}

    def missing(self, ids: Sequence[str]) -> frozenset[str]:
        """Which posts the AppView no longer shows. Ids that are no AT-URIs are never named.

        Raises:
            Unavailable: It could not be asked.
            RateLimited: Nothing before `until`.
        """
        if self._appview is None:
            return frozenset()
        asked = [uri for uri in dict.fromkeys(ids) if (found := parse_at_uri(uri)) is not None and found.rkey]
        gone = set(asked)
        for first in range(0, len(asked), _AT_ONCE):
            try:
                answer = self._appview.query(
                    "app.bsky.feed.getPosts", [("uris", uri) for uri in asked[first : first + _AT_ONCE]]
                )
            except RefusalError as error:
                raise Unavailable(str(error)) from error
            try:
                views = msgspec.convert(answer, _Posts).posts
            except ValueError as error:
                raise Unavailable(f"app.bsky.feed.getPosts: an answer of another form: {error}") from error
            gone.difference_update(view.uri for view in views)
        return frozenset(gone)

    def stream(self, cursor: str, stop: StopSign) -> Iterator[Batch]:
        """What happens from `cursor` on, within milliseconds.

        Posts under a hashtag (facets and `tags`) or by an official account, each with what is known of its author; every
        deleted post of the network; every account that ends. An edit that takes the hashtag away counts as gone. Connects
        again by itself; what is then read twice has the same id and version.

        Raises:
            Unavailable: Jetstream could not be reached several times in a row.
            Rejected: Jetstream will never take what we ask.
        """
        settings = self._settings
        dids, note = self._officials.known()
        if not self._tags and not dids:
            raise Unavailable(note or "no official account is known yet")
        only = () if self._tags else tuple(sorted(dids))
        wire = Wire(settings.jetstream, only, self._context.user_agent)
        pace = Pace(settings.batch_events, settings.batch_wait_s, settings.silence_s, settings.retry_s)
        tail = Tail(wire, parse_cursor(cursor), pace, time.monotonic, self._now_us)
        sieve = Sieve(self._context, self._tags, dids, self._mapper, self._profiles, replies=settings.replies)
        told_at, held_at = -math.inf, time.monotonic()
        notes = [note] if note else []
        for burst in tail.follow(stop):
            missed = self._note_gaps(tail)
            posts, note = sieve.sift(burst)
            notes += [part for part in (burst.note, missed, note) if part and part not in notes]
            now = time.monotonic()
            if not sieve.gone and not sieve.gone_authors and not sieve.back_authors:
                held_at = now
            if posts or notes or now - held_at >= _GONE_WAIT_S or now - told_at >= _SIGN_OF_PROGRESS_S:
                yield Batch(
                    posts,
                    str(burst.cursor),
                    tuple(sieve.gone),
                    tuple(sieve.gone_authors),
                    tuple(sieve.back_authors),
                    note="; ".join(notes),
                )
                sieve.clear()
                notes.clear()
                told_at = held_at = now
                if not self._officials.complete:
                    sieve.dids, note = self._officials.known()

    def _note_gaps(self, tail: Tail) -> str:
        """Keep what the server did not give us, before a cursor behind it is handed on.

        Returns:
            What an operator should know: which span nobody will search; "" where there is none.
        """
        gaps = tuple(tail.gaps)
        tail.gaps.clear()
        missed = []
        for gap in gaps if self._tags else ():
            first = gap.since == gap.until
            if self._search is not None:
                back = timedelta(seconds=self._settings.first_look_s)
                self._gaps.add(Gap(gap.until - back, gap.until) if first else gap)
            elif not first:
                missed.append(
                    f"posts under hashtags from {gap} may be missing, and nobody searches for them: give `identifier` and the "
                    'secret "password" of an account to search with'
                )
        return "; ".join(missed)

    def _now_us(self) -> int:
        return int(self._context.machine_now().timestamp() * 1_000_000)


class _Posts(msgspec.Struct):
    posts: list[PostView]
