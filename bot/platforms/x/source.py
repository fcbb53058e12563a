"""Posts under hashtags and by official accounts at X, by recent search."""

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Any, ClassVar

from pydantic import Field, field_validator, model_validator

from bot.core.errors import OutsideError, RateLimited
from bot.core.model import Batch, Gone, Media, Post
from bot.core.ports import PlatformContext
from bot.platforms.x.asking import Asker
from bot.platforms.x.cursor import LAG_S, Cursor, Place, decode, encode, name_of, start_of, time_of
from bot.platforms.x.door import Door
from bot.platforms.x.ledger import cost_of
from bot.platforms.x.mapping import Answer, history, is_hidden, moment
from bot.platforms.x.pictures import Pictures
from bot.platforms.x.query import is_account, is_tag, queries
from bot.platforms.x.refusals import Kind, Refusal
from bot.platforms.x.settings import Budgeted
from bot.platforms.x.watch import Checked, Young

_PATH = "/2/tweets/search/recent"
_LEAST, _MOST = 10, 100  # posts that X gives at once
_SEARCH_AT = "search_at"
_REMEMBERED = timedelta(hours=1)  # a person who knows better need not wait longer


class XSource:
    """Recent search as a source: asked every few minutes, read from the newest page to the oldest, told oldest first.

    The cursor moves when a search has been walked to its end. A walk that was cut short goes on where it was, and what it has
    brought so far is kept: X bills every post.

    Args:
        settings: Its block in config.toml.
        context: What `app` gives; the bearer token is the secret "bearer_token".
    """

    secrets: ClassVar[tuple[str, ...]] = ("bearer_token",)
    needs: ClassVar[tuple[str, ...]] = secrets

    class Settings(Budgeted):
        """What to read.

        Attributes:
            tags: Hashtags, with or without "#"; case does not matter.
            official: Account ids (numbers), or handles; ids stay when a handle changes hands.
            filters: Further operators of X's search that every post must match ("lang:en"); "" for none.
            reposts: Whether retweets are read, and paid for.
            first_look_s: How far back the first look goes; each post costs.
            most_pages: Pages of a hundred posts that one look reads at most; the rest comes with the next look.
            recheck_s: How often each published post is asked for at most, to see whether it was deleted.
            watch_edits: Whether posts are looked at again when their half hour for edits is over. X bills a post once a day.
            reserve_usd: At so much below a cap reading stops: posting and taking down go on.
            price_post_read: What X bills for a post that an answer holds, in US dollars.
            price_user_read: The same for its author, once in a UTC day.
        """

        tags: tuple[str, ...] = ()
        official: tuple[str, ...] = ()
        filters: str = Field(default="", max_length=300)
        reposts: bool = False
        first_look_s: int = Field(default=900, ge=60, le=561_600)
        most_pages: int = Field(default=10, ge=1, le=100)
        recheck_s: int = Field(default=3600, ge=60, le=86_400)
        watch_edits: bool = True
        reserve_usd: float = Field(default=1.0, ge=0, le=100_000)
        price_post_read: float = Field(default=0.005, ge=0, le=100)
        price_user_read: float = Field(default=0.010, ge=0, le=100)

        @field_validator("tags")
        @classmethod
        def _tags(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
            for tag in tags:
                if not is_tag(tag.removeprefix("#")):
                    raise ValueError(
                        f"{tag!r} is not a hashtag at X: write one word of letters, digits and underscores"
                    )
            return tuple(tag.removeprefix("#") for tag in tags)

        @field_validator("official")
        @classmethod
        def _official(cls, official: tuple[str, ...]) -> tuple[str, ...]:
            for name in official:
                if not is_account(name.removeprefix("@")):
                    raise ValueError(f"{name!r} is neither an account id nor a handle at X: write 1234567 or name")
            return tuple(name.removeprefix("@") for name in official)

        @model_validator(mode="after")
        def _something(self) -> "XSource.Settings":
            if not self.tags and not self.official:
                raise ValueError("there is nothing to read: give tags, official accounts or both")
            queries(self.tags, self.official, reposts=self.reposts, filters=self.filters)
            return self

    def __init__(self, settings: Settings, context: PlatformContext) -> None:
        self._settings = settings
        self._context = context
        self._page = settings.page.rstrip("/")
        self._door = Door(settings.api, context, as_user=False)
        self._ledger = cost_of(context, "source", settings)
        self._asker = Asker(self._door, self._ledger, context, self._page)
        self._pictures = Pictures(context)
        self._queries = queries(settings.tags, settings.official, reposts=settings.reposts, filters=settings.filters)

    def close(self) -> None:
        """Give the connections back."""
        self._door.close()

    def cost(self) -> str:
        """What X has cost so far, and its caps, for people."""
        return self._ledger.told()

    def shows(self, media: Media) -> bool:
        """Whether this is a picture of a post at X."""
        return self._pictures.shows(media)

    def picture(self, media: Media) -> bytes:
        """The bytes of a picture, in X's small size. X does not bill it.

        Raises:
            OutsideError: It could not be had.
        """
        return self._pictures.picture(media)

    def fetch(self, cursor: str) -> Batch:
        """What is new since `cursor`, oldest first; what its authors have edited or deleted within their half hour.

        Raises:
            Unavailable: Nothing was read; the cursor stands.
            RateLimited: Nothing before `until`: X's limits, its credits, or our own cap.
            Unauthorized: There is no bearer token, X does not take it, or the application may not search.
            Rejected: X will never take this search.
        """
        self._may_search()
        state = decode(cursor)
        known = {name_of(query): query for query in self._queries}
        places = {name: place for name, place in state.places.items() if name in known}
        walk = _Walk(places, self._settings.most_pages)
        for name, query in known.items():
            try:
                self._walk(walk, name, query)
            except OutsideError as error:
                if not walk.answers:
                    raise
                walk.notes.append(
                    str(error)
                )  # what was read is paid for: it is kept, and the next look meets the error
                break
            if walk.pages <= 0:
                break
        posts = {(post.native_id, post.version): post for answer in walk.answers for post in answer.posts()}
        gone = {one.id: one for answer in walk.answers for one in answer.gone(self._context.now())}
        young: dict[str, str] = {}
        if self._settings.watch_edits:
            watched = Young(state.young, self._context.machine_now())
            watched.add(posts.values())
            self._look_again(watched, posts, gone, walk.notes)
            young = watched.left()
        told = tuple(sorted(posts.values(), key=lambda post: (post.created_at, int(post.version))))
        return Batch(
            told,
            encode(Cursor(walk.places, young)),
            tuple(gone.values()),
            more=walk.more,
            note="; ".join(dict.fromkeys(walk.notes)),
        )

    def missing(self, ids: Sequence[str]) -> frozenset[str]:
        """Which posts X no longer shows us: deleted, protected, suspended, or withheld everywhere.

        Each is asked for every `recheck_s` at most; what was missing stays missing.

        Raises:
            Unavailable: It could not be asked.
            RateLimited: Nothing before `until`. The reserve of the cap is for this; a cap itself stops it.
            Unauthorized: X does not take the token.
        """
        checked = Checked(self._context, self._settings.recheck_s)
        asked = checked.due(ids)
        for first in range(0, len(asked), _MOST):
            part = asked[first : first + _MOST]
            known = checked.known(part)
            if self._ledger.room(0) < (len(part) - len(known)) * self._ledger.price("post_read"):
                raise self._ledger.stopped("looking for deleted posts")
            answer = self._asker.by_id(part, known)
            hidden = {str(row.get("id")) for row in answer.data if is_hidden(row)}
            there = {str(row.get("id")) for row in answer.data} - hidden
            named = {one.id for one in answer.gone(self._context.now())} | hidden
            # Only what X names is gone: an answer that lost some says nothing about them.
            checked.put(part, (number for number in part if number in named and number not in there))
        return frozenset(checked.gone() & set(ids))

    def _walk(self, walk: "_Walk", name: str, query: str) -> None:
        """Read one search's pages until its end, or until this look's pages or money are used up."""
        place = walk.places.get(name, Place())
        while walk.pages > 0:
            place, answer = self._page_of(query, place, walk.notes)
            walk.pages -= 1
            walk.answers.append(answer)
            walk.places[name] = place
            if not place.token:
                return
        walk.more = True

    def _page_of(self, query: str, place: Place, notes: list[str]) -> tuple[Place, Answer]:
        params = {"query": query, "max_results": str(self._affordable()), "sort_order": "recency"}
        now_s = int(self._context.machine_now().timestamp())
        began_s = place.began_s if place.token else now_s - LAG_S
        if place.token:
            params["next_token"] = place.token
        start, missed = start_of(place, self._context.machine_now(), self._settings.first_look_s)
        params |= start
        notes += [missed] if missed else []
        try:
            body = self._asker.ask(_PATH, params)
        except Refusal as refusal:
            if refusal.kind is Kind.PAGE and place.token:
                notes.append("X no longer knew where a search was left: it was walked anew")
                return self._page_of(query, Place(place.since, place.until_s), notes)
            if refusal.kind is Kind.SINCE_ID and place.since:
                notes.append("X took our place in a search for too old: it was read by time")
                return self._page_of(query, Place("", place.until_s, began_s=place.began_s), notes)
            raise self._door.outside(refusal, reading=True) from refusal
        except RateLimited as error:
            if not error.stops_all:  # X's limits are for each kind of call: published posts are still asked for
                until = min(error.until, self._context.machine_now() + _REMEMBERED)
                self._context.memory.put(_SEARCH_AT, until.isoformat())
            raise
        answer = self._asker.answer(body)
        meta = body.get("meta")
        meta = meta if isinstance(meta, dict) else {}
        newest = place.newest or _newest(meta, answer)
        token = meta.get("next_token")
        if isinstance(token, str) and token and token != place.token:
            return Place(place.since, place.until_s, token, newest, began_s), answer
        return Place(newest or place.since, max(began_s, place.until_s)), answer

    def _may_search(self) -> None:
        until = moment(self._context.memory.get(_SEARCH_AT))
        if until is not None and self._context.machine_now() < until:
            raise RateLimited("X: too many searches for now: its own limit is reached", until, stops_all=False)

    def _affordable(self) -> int:
        """How many posts may come at once, at their highest price."""
        price = self._ledger.price("post_read") + self._ledger.price("user_read")
        room = self._ledger.room(self._settings.reserve_usd)
        most = _MOST if price == 0 else room // price
        if most < _LEAST:
            raise self._ledger.stopped("reading")
        return min(_MOST, int(most))

    def _look_again(
        self, watched: Young, posts: dict[tuple[str, str], Post], gone: dict[str, Gone], notes: list[str]
    ) -> None:
        """Look once more at posts whose time for edits is over: the newest version, or that they are gone."""
        due = watched.due()
        for first in range(0, len(due), _MOST):
            part = due[first : first + _MOST]
            try:
                self._affordable()
                answer = self._asker.by_id(part, self._read_today(part))
                known = {*part, *(str(row.get("id")) for row in answer.data)}
                newer = sorted({history(row)[-1] for row in answer.data} - known)[:_MOST]
                answers = [answer, self._asker.by_id(newer)] if newer else [answer]
            except OutsideError as error:  # they stay watched
                notes.append(f"edits are not looked for: {error}")
                return
            for found in answers:
                for post in found.posts():
                    if post.version not in part:
                        posts[post.native_id, post.version] = post
            for one in answer.gone(self._context.now()):
                native = watched.native(one.id)
                gone[native] = Gone(native, one.at, one.reason)
            watched.done(part)

    def _read_today(self, ids: Sequence[str]) -> set[str]:
        """Which of these posts, all of which we have read, were made today: then they were read today."""
        today = self._context.machine_now().astimezone(UTC).date()
        return {number for number in ids if time_of(number).date() == today}


class _Walk:
    """One look at all searches.

    Attributes:
        places: Of every search, by name.
        pages: How many more may be read.
        answers: What was read.
        notes: What an operator should know.
        more: Something is left for the next look.
    """

    def __init__(self, places: dict[str, Place], pages: int) -> None:
        self.places = places
        self.pages = pages
        self.answers: list[Answer] = []
        self.notes: list[str] = []
        self.more = False


def _newest(meta: dict[str, Any], answer: Answer) -> str:
    named = meta.get("newest_id")
    if isinstance(named, str) and named.isascii() and named.isdigit():
        return named
    return max((str(row.get("id")) for row in answer.data if str(row.get("id")).isdigit()), key=int, default="")
