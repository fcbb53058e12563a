"""What was said under hashtags while Jetstream was not heard: searched through the server of an account.

A search reads backwards from the end of a gap, a few pages a look. Where it stands is in the cursor of `fetch`, stored with the
posts, so that a crash repeats pages and skips none.
Source: lexicons app/bsky/feed/searchPosts.json (since inclusive, until not, both on the earlier of createdAt and indexedAt);
bluesky-social/atproto#3583 (without an account the AppView refuses), #3423 (not for anything that Jetstream can do)
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from bot.core.errors import OutsideError, RateLimited
from bot.core.model import Post
from bot.core.ports import PlatformContext
from bot.platforms.bluesky.gaps import Gap, Gaps
from bot.platforms.bluesky.lexicon import PostView
from bot.platforms.bluesky.mapping import Mapper, fold
from bot.platforms.bluesky.session import Session
from bot.platforms.bluesky.xrpc import RefusalError

_METHOD = "app.bsky.feed.searchPosts"
_OVERLAP = timedelta(minutes=10)  # authors' clocks are slow, and what is known stays one post
_SETTLE = timedelta(seconds=30)  # an AppView knows a post some seconds after Jetstream
_PAUSE = timedelta(minutes=5)  # after a refusal
_AT_ONCE = 100
_MOST_PAGES = 5  # of each hashtag in one look
_DONE = "#"  # in the cursor: the end of the last gap that is filled; "#tag": how far down its search has come
_STEP = timedelta(milliseconds=1)


class _Page(msgspec.Struct):
    posts: list[object]
    cursor: str = ""


class Found(msgspec.Struct, frozen=True):
    """What one look came to.

    Attributes:
        posts: Each once, in any order.
        marks: The marks of the new cursor: those that begin with "#".
        more: The gap is not read to its beginning yet: look again at once.
        note: What an operator should know, "" mostly.
    """

    posts: tuple[Post, ...] = ()
    marks: Mapping[str, datetime] = {}
    more: bool = False
    note: str = ""


class Search:
    """Fills gaps.

    Args:
        tags: Hashtags as configured.
        context: Clocks.
        mapper: Makes posts of views.
        session: Of an account, this source's own; only this searches with it.
        gaps: What is to be filled.
    """

    def __init__(
        self, tags: tuple[str, ...], context: PlatformContext, mapper: Mapper, session: Session, gaps: Gaps
    ) -> None:
        self._tags = {fold(tag): tag.removeprefix("#") for tag in tags}
        self._context = context
        self._mapper = mapper
        self._session = session
        self._gaps = gaps
        self._asleep_until: datetime | None = None
        self._note = ""

    def look(self, marks: Mapping[str, datetime]) -> Found:
        """Read on in the first gap that is open. Never raises: what is refused is noted, and the gap stays open.

        Args:
            marks: As the stored cursor has them.
        """
        standing = {name: moment for name, moment in marks.items() if name.startswith(_DONE)}
        now = self._context.machine_now()
        gap = self._gaps.after(standing.get(_DONE))
        if gap is None or now < gap.until + _SETTLE:
            return Found(marks=standing)
        if self._asleep_until is not None and now < self._asleep_until:
            return Found(marks=standing, note=self._note)
        self._asleep_until, self._note = None, ""
        floor = gap.since - _OVERLAP
        posts: dict[tuple[str, str], Post] = {}
        notes: list[str] = []
        for tag in self._tags:
            end = standing.get(_DONE + tag, gap.until)
            if end <= floor:
                continue
            try:
                end, note = self._read_down(tag, floor, end, posts)
            except (OutsideError, RefusalError) as error:
                notes.append(self._refused(error, gap, now))
                break
            standing[_DONE + tag] = end
            notes += [note] if note else []
        more = any(standing.get(_DONE + tag, gap.until) > floor for tag in self._tags)
        if not more:
            standing = {_DONE: gap.until}
        return Found(tuple(posts.values()), standing, more and self._asleep_until is None, "; ".join(notes))

    def _read_down(
        self, tag: str, floor: datetime, end: datetime, posts: dict[tuple[str, str], Post]
    ) -> tuple[datetime, str]:
        """Read some pages of one hashtag, newest first.

        Returns:
            How far down everything is read (`floor` where nothing is left), and a note.
        """
        written = self._tags[tag]
        reached, page_cursor = end, ""
        for _ in range(_MOST_PAGES):
            page = self._page(written, floor, end, page_cursor)
            for entry in page.posts:
                try:
                    view = msgspec.convert(entry, PostView)
                except ValueError:
                    continue  # a post of a form that nobody knows yet harms no other
                post = self._mapper.from_postview(view, self._context.now())
                if post is None:
                    continue
                if floor <= post.created_at < reached:
                    reached = post.created_at
                # The server searches words, too: what counts is what counts in the stream.
                if tag in post.tags and post.created_at >= floor:
                    posts[post.native_id, post.version] = post
            page_cursor = page.cursor
            if not page_cursor:
                return floor, ""
        # What was made in the same moment as the last one may stand on the next page.
        reached += _STEP
        if reached < end:
            return reached, ""
        return floor, f"#{written}: the search stopped at {_written(end)}: older posts of the gap may be missing"

    def _page(self, tag: str, floor: datetime, end: datetime, cursor: str) -> _Page:
        params = [("q", f"#{tag}"), ("tag", tag), ("sort", "latest"), ("limit", str(_AT_ONCE))]
        params += [("since", _written(floor)), ("until", _written(end))]
        if cursor:
            params.append(("cursor", cursor))
        answer = self._session.call(lambda door, tokens: door.query(_METHOD, params, token=tokens.access))
        try:
            return msgspec.convert(answer, _Page)
        except ValueError as error:
            raise RefusalError(_METHOD, 400, "", f"an answer of another form: {error}") from error

    def _refused(self, error: Exception, gap: Gap, now: datetime) -> str:
        self._asleep_until = error.until if isinstance(error, RateLimited) else now + _PAUSE
        self._note = f"posts under hashtags from {gap} are still missing: the search was refused: {error}"
        return self._note


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
