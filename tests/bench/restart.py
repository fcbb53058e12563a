"""After a start: how long it takes until the story index of a filled store is built.

`python -m tests.bench.restart STORE SIZE` prints one JSON line: seconds, posts in the index, megabytes that it takes.
"""

import json
import sys
import time
from datetime import timedelta
from pathlib import Path

from bot.core.model import Media
from bot.core.people import People
from bot.pipeline.curate.keeper import StoryKeeper
from bot.store import pictures
from bot.store.database import Database
from bot.store.pictures import Picture, Seen, Shown
from tests.bench import events
from tests.bench.filled import SOURCE
from tests.bench.house import memory_mb
from tests.builders import a_desk

_PART = 10_000
_SPREAD = 0x9E3779B97F4A7C15  # multiples of it are far from each other
_PICTURED = 10
"""One post of so many has a picture that was examined."""


def show(database: Database, size: int) -> None:
    """Give posts of a store pictures that were examined, where it has none: of four that carry one, one has what a crowd posts."""
    with database.begin() as tx:
        if pictures.since(tx, events.START):
            return
    ids = range(1, size + 1, _PICTURED)
    for start in range(0, len(ids), _PART):
        part = ids[start : start + _PART]
        media = Media("image", "https://pictures.example/1")
        owed = [Picture(number, 0, SOURCE, media, events.moment(number), events.START) for number in part]
        seen = [Seen(number, 0, number * _SPREAD % 2**64 if number % 4 else _SPREAD) for number in part]
        with database.begin() as tx:
            pictures.owe(tx, owed)
            pictures.seen(tx, seen)
            pictures.known(tx, [Shown(number, (0,), (), ()) for number in part])


def main(store: Path, size: int) -> None:
    """Build the index of a store, all of whose posts fit into it."""
    database = Database(f"sqlite:///{store}")
    show(database, size)
    database.close()
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
