"""Who wrote it: handles, names and labels from the AppView, remembered for some hours."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from bot.core.errors import OutsideError, RateLimited
from bot.core.model import Author
from bot.platforms.bluesky.lexicon import ProfileView
from bot.platforms.bluesky.mapping import Mapper
from bot.platforms.bluesky.names import is_did
from bot.platforms.bluesky.xrpc import RefusalError, Xrpc

UNKNOWN_LABELS = "!unknown-labels"
"""Stands among an author's labels where the AppView could not be asked: `!no-unauthenticated` may be missing."""

_MOST = 50_000
_AT_ONCE = 25
_KEPT_FOR = timedelta(hours=6)
_MISSING_FOR = timedelta(minutes=1)
_PAUSE = timedelta(seconds=30)
_NEVER = datetime.max.replace(tzinfo=UTC)


class Profiles:
    """A bounded memory of authors.

    Args:
        mapper: Makes authors of profile views.
        appview: Where to ask; None for never: then every author's labels stay unknown.
    """

    def __init__(self, mapper: Mapper, appview: Xrpc | None) -> None:
        self._mapper = mapper
        self._appview = appview
        self._known: dict[str, tuple[Author, datetime]] = {}
        self._asleep_until: datetime | None = None
        self._note = ""

    def author(self, did: str) -> Author:
        """What is known of an author; an author without handle and with unknown labels where nothing is."""
        found = self._known.get(did)
        if found is not None:
            return found[0]
        author = Author(did, url=self._mapper.profile_url(did), labels=(UNKNOWN_LABELS,))
        if self._appview is None:
            self._keep(author, _NEVER)
        return author

    def complete(self, dids: Iterable[str], now: datetime) -> str:
        """Look up the authors that are not known or known for too long.

        Asks in groups of 25 and stops at the first failure: a batch of posts never waits for more than one time-out. After
        a failure nothing is asked for half a minute, and what was known stays in use.

        Args:
            dids: In any order; may repeat.
            now: Machine time.

        Returns:
            What an operator should know, "" where all is well.
        """
        if self._appview is None:
            return ""
        known = self._known
        wanted = [did for did in dict.fromkeys(dids) if (found := known.get(did)) is None or found[1] <= now]
        wanted = [did for did in wanted if is_did(did)]
        if not wanted:
            return ""
        if self._asleep_until is not None and now < self._asleep_until:
            return self._note
        self._asleep_until, self._note = None, ""
        for first in range(0, len(wanted), _AT_ONCE):
            try:
                self._ask(self._appview, wanted[first : first + _AT_ONCE], now)
            except RateLimited as error:
                return self._sleep(error, error.until)
            except (OutsideError, RefusalError) as error:
                return self._sleep(error, now + _PAUSE)
        return ""

    def anew(self, dids: Iterable[str], now: datetime) -> dict[str, Author]:
        """Look authors up whatever is known of them; those that the AppView did not tell now are missing."""
        wanted = set(dids)
        for did in wanted & self._known.keys():
            self._known[did] = (self._known[did][0], now)
        self.complete(wanted, now)
        found = {did: self._known[did] for did in wanted & self._known.keys()}
        return {
            did: author for did, (author, until) in found.items() if until > now and UNKNOWN_LABELS not in author.labels
        }

    def forget(self, did: str, handle: str, now: datetime) -> None:
        """An identity event: look the author up anew with their next post, and use the new handle until then.

        Whoever runs the author's server writes these events, and nobody has checked them yet: the author owns no web address
        until the AppView has been asked.

        Args:
            did: Whose identity changed.
            handle: The new one as the event says, "" where it does not.
            now: Machine time.
        """
        found = self._known.get(did)
        if found is None:
            return
        author = msgspec.structs.replace(found[0], verified=())
        if handle and handle != author.handle:
            author = msgspec.structs.replace(author, handle=handle, url=self._mapper.profile_url(handle))
        self._known[did] = (author, now)

    def remember(self, author: Author, now: datetime) -> None:
        """Keep an author that came beside a post view. Drops those that were learnt first where there are too many."""
        self._keep(author, now + _KEPT_FOR)

    def _keep(self, author: Author, until: datetime) -> None:
        self._known.pop(author.id, None)
        self._known[author.id] = (author, until)
        while len(self._known) > _MOST:
            del self._known[next(iter(self._known))]

    def _ask(self, appview: Xrpc, dids: list[str], now: datetime) -> None:
        answer = appview.query("app.bsky.actor.getProfiles", [("actors", did) for did in dids])
        found = answer.get("profiles") if isinstance(answer, dict) else None
        missing = set(dids)
        for entry in found if isinstance(found, list) else []:
            try:
                view = msgspec.convert(entry, ProfileView)
            except ValueError:
                continue
            if view.did in missing:
                missing.discard(view.did)
                self.remember(self._mapper.author(view), now)
        for did in missing:
            # Not indexed yet, or taken down: ask again soon, but not with every post.
            self._keep(self.author(did), now + _MISSING_FOR)

    def _sleep(self, error: Exception, until: datetime) -> str:
        self._asleep_until = until
        self._note = f"authors' labels are unknown for now: {error}"
        return self._note
