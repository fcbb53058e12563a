"""What has left the window is forgotten. Finds: pictures and signatures of posts that nothing is compared with any more."""

from datetime import datetime

from bot.store import pictures, posts
from bot.store.database import Database

_AT_ONCE = 5_000  # a writer must not wait long for this


def forget(database: Database, *, before: datetime) -> int:
    """Forget what posts looked like that were seen before a time (event time), about; gives how many that were.

    A post itself stays, with all that was decided: whoever needs its signature makes it anew.
    """
    found = 0
    with database.begin() as tx:
        found += pictures.forget(tx, before)
    more = True
    while more:
        with database.begin() as tx:
            count = posts.forget_signatures(tx, before, _AT_ONCE)
        found += count
        more = count == _AT_ONCE
    return found
