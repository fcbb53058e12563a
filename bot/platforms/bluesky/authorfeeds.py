"""What official accounts posted while nobody listened: their feeds, read back to where we know them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from bot.core.model import Batch, Post
from bot.platforms.bluesky.lexicon import PostView
from bot.platforms.bluesky.mapping import Mapper
from bot.platforms.bluesky.xrpc import RefusalError, Xrpc

_OVERLAP = timedelta(minutes=10)  # an AppView may index a post late, below newer ones
_AT_ONCE = 100
_MOST_PAGES = 20


class _Item(msgspec.Struct):
    post: PostView
    reason: msgspec.Raw | None = None


class _Page(msgspec.Struct):
    feed: list[dict[str, object]]
    cursor: str = ""


class AuthorFeeds:
    """Reads author feeds from an AppView.

    Args:
        mapper: Makes posts of views.
        appview: Where to ask.
        tags: Folded hashtags under which answers are read, too.
        replies: Whether all answers to others are read.
    """

    def __init__(
        self, mapper: Mapper, appview: Xrpc, tags: frozenset[str] = frozenset(), *, replies: bool = False
    ) -> None:
        self._tags = tags
        self._replies = replies
        self._mapper = mapper
        self._appview = appview

    def since(self, dids: frozenset[str], marks: Mapping[str, datetime], seen_at: datetime) -> Batch:
        """New posts of several accounts, oldest first.

        Args:
            dids: Whose.
            marks: As the last batch's cursor said: for each account the time of the newest post that was seen, less an overlap in
                which posts come again. An account that it does not name is read one page deep.
            seen_at: Event time.

        Raises:
            Unavailable: Nothing was read.
            RateLimited: Nothing before `until`.
        """
        newest = dict(marks)
        posts: list[Post] = []
        notes: list[str] = []
        for did in sorted(dids):
            try:
                found, latest = self._read_feed(did, newest.get(did), seen_at)
            except RefusalError as error:
                notes.append(f"the feed of {did} cannot be read: {error}")
                continue
            posts += found
            newest[did] = max(latest, newest.get(did, latest))
        posts.sort(key=lambda post: post.created_at)
        kept = {did: moment for did, moment in newest.items() if did in dids}
        return Batch(tuple(posts), write_marks(kept), note="; ".join(notes))

    def _read_feed(self, did: str, known: datetime | None, seen_at: datetime) -> tuple[list[Post], datetime]:
        found: dict[tuple[str, str], Post] = {}
        floor = known - _OVERLAP if known is not None else None
        latest = known or seen_at.astimezone(UTC)
        newest: datetime | None = None
        page_cursor = ""
        for _ in range(_MOST_PAGES):
            page = self._page(did, page_cursor)
            reached = False
            for entry in page.feed:
                try:
                    item = msgspec.convert(entry, _Item)
                except ValueError:
                    continue  # a post of a form that nobody knows yet harms no other
                # Reposts are not posts, and a pinned post stands out of order.
                if "reason" in entry or item.post.author.did != did:
                    continue
                post = self._mapper.from_postview(item.post, seen_at)
                if post is None:
                    continue
                if floor is not None and post.created_at < floor:
                    reached = True
                    continue
                own = not post.reply_to or post.reply_to.startswith(f"at://{did}/")
                if own or self._replies or not self._tags.isdisjoint(post.tags):
                    found[post.native_id, post.version] = post
                newest = post.created_at if newest is None else max(newest, post.created_at)
            page_cursor = page.cursor
            if reached or floor is None or not page_cursor:
                break
        return list(found.values()), newest or latest

    def _page(self, did: str, cursor: str) -> _Page:
        params = [("actor", did), ("filter", "posts_with_replies"), ("limit", str(_AT_ONCE))]
        if cursor:
            params.append(("cursor", cursor))
        answer = self._appview.query("app.bsky.feed.getAuthorFeed", params)
        try:
            return msgspec.convert(answer, _Page)
        except ValueError as error:
            raise RefusalError("app.bsky.feed.getAuthorFeed", 400, "", f"an answer of another form: {error}") from error


def read_marks(cursor: str) -> dict[str, datetime]:
    """A cursor of `fetch`: how far each thing is read; {} where it cannot be read."""
    try:
        return msgspec.json.decode(cursor, type=dict[str, datetime]) if cursor else {}
    except ValueError:
        return {}


def write_marks(marks: Mapping[str, datetime]) -> str:
    """A cursor of `fetch`."""
    return msgspec.json.encode(dict(marks), order="sorted").decode()
