"""After a start: how long it takes until the story index of a filled store is built.

`python -m tests.bench.restart STORE SIZE` prints one JSON line: seconds, posts in the index, megabytes that it takes.
"""

import json
import sys
import time
from datetime import timedelta
from pathlib import Path

from bot.core.people import People
from bot.pipeline.curate.keeper import StoryKeeper
from bot.store.database import Database
from tests.bench import events
from tests.bench.house import memory_mb
from tests.builders import a_desk


def main(store: Path, size: int) -> None:
    """Build the index of a store, all of whose posts fit into it."""
    before = memory_mb()
    begun = time.perf_counter()
    database = Database(f"sqlite:///{store}")
    keeper = StoryKeeper(a_desk(window=timedelta(days=2), max_posts=size))
    with database.begin() as tx:
        keeper.ready(tx, events.moment(size), people=People(), own={})
    took = time.perf_counter() - begun
    database.close()
    sys.stdout.write(json.dumps({"seconds": took, "posts": keeper.posts, "memory_mb": memory_mb() - before}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
