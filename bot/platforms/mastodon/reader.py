"""Statuses as a source brings them: read on in a timeline, looked at again, each with what became of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.core.errors import OutsideError, RateLimited, Unavailable
from bot.core.model import Gone, Post
from bot.core.ports import PlatformContext
from bot.platforms.mastodon.faults import AbsentError
from bot.platforms.mastodon.fields import Json, tables, text
from bot.platforms.mastodon.known import Known
from bot.platforms.mastodon.mapping import OPEN
from bot.platforms.mastodon.recheck import Recheck
from bot.platforms.mastodon.timelines import Server, Timeline
from bot.platforms.mastodon.walk import AT_ONCE, Place, walk
from bot.platforms.mastodon.watch import Watch

_MOST_CHECKED = 10  # statuses that left a timeline, in one look at it
_SILENT_REST = timedelta(seconds=30)
_LONGEST_REST = timedelta(minutes=5)


class Found:
    """What one look brought: each post once, in its newest version."""

    def __init__(self) -> None:
        self.posts: dict[str, Post] = {}
        self.gone: dict[str, Gone] = {}

    def keep(self, post: Post, server: str) -> None:
        """Keep one copy of a post: the newest version, and of equal ones that of the server where it was written."""
        other = self.posts.get(post.native_id)
        is_at_home = post.native_id.startswith(f"{server}/")
        if other is None or post.version > other.version or (post.version == other.version and is_at_home):
            self.posts[post.native_id] = post
            before = self.gone.get(post.native_id)
            if before is not None and not before.final:
                del self.gone[post.native_id]

    def lose(self, gone: Gone | None) -> None:
        """A post is gone."""
        if gone is not None:
            self.posts.pop(gone.id, None)
            self.gone[gone.id] = gone


class Reader:
    """Reads statuses of servers.

    Args:
        context: Clocks.
        known: Which id is which status.
        recheck: Asks about single statuses.
        tags: Folded hashtags.
        is_alone: There is one server only: its failures are the source's, and nobody else waits for it.
    """

    def __init__(
        self, context: PlatformContext, known: Known, recheck: Recheck, tags: frozenset[str], *, is_alone: bool
    ) -> None:
        self._context = context
        self._known = known
        self._recheck = recheck
        self._tags = tags
        self._is_alone = is_alone
        self._rests: dict[str, tuple[datetime, OutsideError]] = {}
        self._silent: dict[str, int] = {}
        self._watches: dict[str, Watch] = {}

    def read(self, line: Timeline, place: Place | None, found: Found) -> Place:
        """Read on in one timeline; what comes is added to `found`.

        Returns:
            Where to go on.

        Raises:
            OutsideError: Nothing was read. A server that asked us to wait, or (of several) one that did not answer at all, is
                left alone for a while: then this is its last error again.
        """
        door = line.server.door
        why = self._resting(line.server)
        if why is not None:
            raise why.with_traceback(None)

        def page(params: dict[str, object]) -> list[Json]:
            answer, _ = door.call("GET", line.path, {**dict(line.params), **params})
            if not isinstance(answer, list):
                raise Unavailable(f"{line.name}: the answer is no list")
            return tables({"found": answer}, "found", AT_ONCE * 2)

        try:
            walked = walk(page, place, self._context.now())
        except AbsentError as error:
            raise Unavailable(f"{line.name}: {error}: is this a server of Mastodon's API?") from error
        except OutsideError as error:
            self._rest(line.server, error)
            raise
        self._silent.pop(door.server, None)
        for own_id in walked.lost[:_MOST_CHECKED]:
            found.lose(self._left(line, own_id))
        self.take(line.server, walked.statuses, found)
        return walked.place

    def take(self, server: Server, statuses: Iterable[Json], found: Found) -> None:
        """Add statuses that a server shows."""
        for status in statuses:
            post = self.post(server, status)
            if post is not None:
                found.keep(post, server.address)

    def post(self, server: Server, status: Json) -> Post | None:
        """A status as a post; None where it is not for everybody, or older than what we have."""
        own_id, uri = text(status, "id"), text(status, "uri")
        if own_id and uri:
            self._known.saw(server.address, own_id, uri)
        if text(status, "visibility") not in OPEN:
            return None
        post = server.mapper.post(status, self._context.now())
        if post is None or self._known.is_stale(post.native_id, post.version):
            return None
        self._watch(server).saw(own_id, post.version)
        return post

    def is_ours(self, post: Post) -> bool:
        """Whether a post has one of the hashtags."""
        return not self._tags.isdisjoint(post.tags)

    def look_again(self, server: Server, found: Found) -> None:
        """Look at a few statuses that were told before: for edits, and whether they still stand. Never raises."""
        watch = self._watch(server)
        due = watch.due() if self._resting(server) is None else {}
        if not due:
            return
        try:
            answer, _ = server.door.call("GET", "/api/v1/statuses", {"id[]": list(due)})
        except (OutsideError, AbsentError):
            return  # Mastodon before 4.3, and others, have no list: there the sweep alone looks
        if not isinstance(answer, list):
            return
        shown = {text(status, "id"): status for status in tables({"found": answer}, "found", len(due))}
        for own_id, version in due.items():
            status = shown.get(own_id)
            post = self.post(server, status) if status is not None else None
            if post is not None and post.version != version:
                found.keep(post, server.address)
            elif status is None and shown:
                gone = self._gone(server, own_id)
                found.lose(gone)
                if gone is not None:
                    watch.forget(own_id)

    def _watch(self, server: Server) -> Watch:
        return self._watches.setdefault(server.address, Watch(self._context.machine_now))

    def _resting(self, server: Server) -> OutsideError | None:
        """The last error of a server that is left alone for now; None where it may be asked."""
        until, why = self._rests.get(server.address, (None, None))
        return why if until is not None and self._context.machine_now() < until else None

    def _rest(self, server: Server, error: OutsideError) -> None:
        now = self._context.machine_now()
        if isinstance(error, RateLimited):
            self._rests[server.address] = error.until, error
        elif server.door.was_silent and not self._is_alone:
            count = self._silent.get(server.address, 0)
            self._silent[server.address] = count + 1
            self._rests[server.address] = now + min(_LONGEST_REST, _SILENT_REST * 2 ** min(count, 5)), error

    def _gone(self, server: Server, own_id: str) -> Gone | None:
        uri = self._known.uri(server.address, own_id)
        try:
            is_gone = bool(uri) and self._recheck.is_gone(server.door, own_id, uri)
        except OutsideError:
            return None
        return Gone(uri, self._context.now()) if is_gone else None

    def _left(self, line: Timeline, own_id: str) -> Gone | None:
        """What became of a status that its timeline no longer shows; None where it stands, or nobody can tell."""
        uri = self._known.uri(line.server.address, own_id)
        if not uri:
            return None
        try:
            status = self._recheck.status(line.server.door, own_id)
        except OutsideError:
            return None
        if status is None:
            return self._gone(line.server, own_id)
        post = line.server.mapper.post(status, self._context.now())
        if line.tag and post is not None and post.is_edit and not self.is_ours(post):
            return self.taken_away(post)
        return None

    def taken_away(self, post: Post) -> Gone:
        """An edit took the hashtag away: gone from our view, until a later edit brings it back."""
        reason = "edited: the hashtag was taken away"
        return Gone(post.native_id, self._context.now(), reason, final=False)
