"""Where the time goes: the same way through the house in one thread, step after step, with a stopwatch at each door.

A pass of its own, because stopwatches cost time. Nothing is replaced: the stopwatches stand around the stream, the step
`collect`, the curator, the story index it holds, the compiled rules, and the database driver (by SQLAlchemy's events).
`python -m tests.bench.stages STORE WARM COUNT` prints one JSON line: microseconds for each post.
"""

import cProfile
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import Connection, event

from bot.app.hall import App
from bot.core.model import Post
from bot.core.rules.circumstances import Circumstances
from bot.core.stories.match import Match
from bot.pipeline import collect
from bot.store.posts import StoredPost
from tests.bench.filled import SOURCE
from tests.bench.house import open_house
from tests.bench.wire import Wire


class Ledger:
    """Seconds spent, by stage."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self.side = ""

    def watch_sql(self, app: App) -> None:
        """Count what the database driver takes for `collect` and for `curate`."""
        begun = [0.0]

        @event.listens_for(app.database.engine, "before_cursor_execute")
        def _before(*_arguments: object) -> None:
            begun[0] = time.perf_counter()

        @event.listens_for(app.database.engine, "after_cursor_execute")
        def _after(_connection: Connection, _cursor: object, statement: str, *_arguments: object) -> None:
            self.spent[f"{self.side}: {_kind(statement)}"] += time.perf_counter() - begun[0]

        @event.listens_for(app.database.engine, "commit")
        def _commit(_connection: Connection) -> None:
            begun[0] = time.perf_counter()

        @event.listens_for(app.database.engine.pool, "checkin")
        def _checkin(*_arguments: object) -> None:
            if begun[0]:
                self.spent[f"{self.side}: commit"] += 0.0


def _kind(statement: str) -> str:
    return "read" if statement.startswith(("SELECT", "PRAGMA")) else "write"


def _timed_match(keeper: Any, ledger: Ledger) -> Callable[[Sequence[StoredPost]], list[Match]]:
    match: Callable[[Sequence[StoredPost]], list[Match]] = keeper.match

    def timed(batch: Sequence[StoredPost]) -> list[Match]:
        before = time.perf_counter()
        found = match(batch)
        ledger.spent["story"] += time.perf_counter() - before
        return found

    return timed


def _timed_rules(matched: Callable[[Post, Circumstances], int], ledger: Ledger) -> Callable[[Post, Circumstances], int]:
    def timed(post: Post, around: Circumstances) -> int:
        before = time.perf_counter()
        found = matched(post, around)
        ledger.spent["rules"] += time.perf_counter() - before
        return found

    return timed


def measure(store: Path, warm: int, count: int, profile: str = "") -> dict[str, float]:
    """Go the way in one thread; microseconds for each post, by stage."""
    with Wire(warm, count) as wire:
        app = open_house(store, wire)
        unit = app.sources[SOURCE]
        if unit.stream is None:
            raise TypeError("the source does not stream")
        stream = iter(unit.stream.stream(collect.cursor_of(app.database, SOURCE, "stream"), Event()))
        ledger = Ledger()
        _pass(app, stream, warm, ledger)
        curator: Any = app._curator
        if not profile:
            curator._keeper.match = _timed_match(curator._keeper, ledger)
            program = curator._rules[1].program
            program.matched = _timed_rules(program.matched, ledger)
            ledger.watch_sql(app)
        ledger.spent.clear()
        wire.go()
        time.sleep(0.5)  # the receiving socket is full: waiting for the other process is no stage of ours
        watch = cProfile.Profile()
        if profile:
            watch.enable()
        total = _pass(app, stream, count, ledger)
        if profile:
            watch.disable()
            watch.dump_stats(profile)
        app.close()
    found = {stage: seconds / count * 1e6 for stage, seconds in ledger.spent.items()}
    found["total"] = total / count * 1e6
    return found


def _pass(app: App, stream: Any, count: int, ledger: Ledger) -> float:
    spent, clock = ledger.spent, time.perf_counter
    unit = app.sources[SOURCE]
    begun = clock()
    seen = 0
    while seen < count:
        before = clock()
        batch = next(stream)
        spent["receive, decode, map"] += clock() - before
        before, ledger.side = clock(), "store"
        stored = collect.store(
            app.database, batch, unit.terms, lane="stream", now=app.now(), machine_now=app.machine_now()
        )
        spent["store"] += clock() - before
        app._curator.hand(stored.kept)
        seen += stored.new
        before, ledger.side = clock(), "curate"
        app._curator.run(app.now(), own=app.own_accounts())
        spent["curate"] += clock() - before
    return clock() - begun


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:5])) + "\n")
