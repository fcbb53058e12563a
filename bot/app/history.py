"""What the rules decided so far, read back to be judged by other rules."""

from collections.abc import Mapping
from datetime import datetime

from bot.core.rules.facts import recall
from bot.core.rules.replay import Decided
from bot.store import judgements
from bot.store.database import Database

LAST = 2_000  # posts that a receipt looks at


def decided(
    database: Database, clocks: Mapping[str, datetime], *, limit: int = LAST, since: datetime | None = None
) -> list[Decided]:
    """The last decisions by rules with the facts of then, oldest first; one for each post.

    Args:
        clocks: Starts of the event clocks.
        limit: The most posts.
        since: None for as far back as they go.
    """
    with database.read() as tx:
        found = judgements.latest(tx, limit, since=since)
    return [Decided(one.post_id, one.post, recall(one.facts, one.at, clocks), one.update) for one in found]
