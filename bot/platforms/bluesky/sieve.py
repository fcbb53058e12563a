"""From all that happens at Bluesky, what we are to know."""

from datetime import UTC, datetime

from bot.core.model import Gone, Post
from bot.core.ports import PlatformContext
from bot.platforms.bluesky.jetstream import Event
from bot.platforms.bluesky.lexicon import Record, decode_record
from bot.platforms.bluesky.mapping import Mapper, answers_others, tags_of
from bot.platforms.bluesky.names import POSTS
from bot.platforms.bluesky.profiles import Profiles
from bot.platforms.bluesky.tail import Burst

_ENDED = {
    "takendown": "account taken down",
    "suspended": "account suspended",
    "deleted": "account deleted",
    "deactivated": "account deactivated",
}


class Sieve:
    """Picks from bursts of events the posts that match, and collects what is gone.

    Args:
        context: Clocks.
        tags: Folded hashtags.
        dids: Accounts whose posts match whatever they tag.
        mapper: Makes posts.
        profiles: Knows authors.
        replies: Whether what those accounts answer others matches, too.

    Attributes:
        dids: May be replaced when more accounts are known.
        gone: Posts that are gone since `clear`.
        gone_authors: Authors who are gone since `clear`.
        back_authors: Permanent ids of authors whose account is there again since `clear`.
    """

    def __init__(
        self,
        context: PlatformContext,
        tags: frozenset[str],
        dids: frozenset[str],
        mapper: Mapper,
        profiles: Profiles,
        *,
        replies: bool = False,
    ) -> None:
        self._context = context
        self._tags = tags
        self.dids = dids
        self._mapper = mapper
        self._profiles = profiles
        self._replies = replies
        self.gone: list[Gone] = []
        self.gone_authors: list[Gone] = []
        self.back_authors: list[str] = []

    def clear(self) -> None:
        """Forget what is gone: it has been told."""
        self.gone.clear()
        self.gone_authors.clear()
        self.back_authors.clear()

    def sift(self, burst: Burst) -> tuple[tuple[Post, ...], str]:
        """The posts of one burst that match, each with its author as far as known, in the server's order.

        Returns:
            The posts, and what an operator should know ("" mostly).
        """
        seen_at = self._context.now()
        tags, dids = self._tags, self.dids
        matched: list[tuple[Event, Record, tuple[str, ...]]] = []
        for event in burst.events:
            if event.operation and event.collection == POSTS:
                if event.operation == "delete":
                    self.gone.append(Gone(_uri(event), _moment(event, seen_at)))
                    continue
                # Nine posts in ten carry no hashtag at all: a look at the bytes costs a tenth of decoding them.
                raw = bytes(event.record)
                record = decode_record(raw) if b"facet#tag" in raw or b'"tags"' in raw or event.did in dids else None
                found = tags_of(record) if record is not None else ()
                if record is not None and (
                    not tags.isdisjoint(found)
                    or (event.did in dids and (self._replies or not answers_others(record, event.did)))
                ):
                    matched.append((event, record, found))
                elif event.operation == "update":
                    reason = "edited: the hashtag was taken away"
                    self.gone.append(Gone(_uri(event), _moment(event, seen_at), reason, final=False))
            elif event.account is not None:
                self._account(event, seen_at)
            elif event.identity is not None:
                self._profiles.forget(event.did, event.identity.handle or "", self._context.machine_now())
        if not matched:
            return (), ""
        note = self._profiles.complete([event.did for event, _, _ in matched], self._context.machine_now())
        author, post = self._profiles.author, self._mapper.post
        return tuple(
            [
                post(
                    record,
                    found,
                    author(event.did),
                    event.rkey,
                    event.cid,
                    seen_at,
                    seen_at,
                    is_edit=event.operation == "update",
                )
                for event, record, found in matched
            ]
        ), note

    def _account(self, event: Event, seen_at: datetime) -> None:
        state = event.account
        reason = _ENDED.get(state.status or "") if state is not None and not state.active else None
        if reason is not None:
            self.gone_authors.append(Gone(event.did, _moment(event, seen_at), reason))
        elif state is not None and state.active:
            self.back_authors.append(event.did)


def _uri(event: Event) -> str:
    return f"at://{event.did}/{POSTS}/{event.rkey}"


def _moment(event: Event, seen_at: datetime) -> datetime:
    """When it happened, but never after we heard of it."""
    us = event.us
    return min(datetime.fromtimestamp(us / 1_000_000, UTC), seen_at) if us else seen_at
