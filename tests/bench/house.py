"""Milepost from the socket to the committed verdict, in a process of its own.

`python -m tests.bench.house STORE WARM COUNT` opens the store by the example configuration and one source more, starts the
daemon (all of its steps and threads) on a stream of the other process, waits until the warm-up is judged, lets the measured
frames come, and prints one JSON line. Nothing of Milepost is replaced; a stopwatch stands around the curator's runs.
"""

import gc
import json
import logging
import os
import sqlite3
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from bot.app.hall import App
from bot.app.opening import open_app
from bot.daemon import Daemon
from bot.pipeline.curate.curator import Curated
from tests.bench import events
from tests.bench.filled import SOURCE
from tests.bench.wire import Wire

ROOT = Path(__file__).resolve().parents[2]
_SOURCE = """

[[source]]
name = "{source}"
kind = "bluesky"
strand = "getinspired"
tags = ["GetInspired"]
jetstream = "{jetstream}"
appview = "{appview}"
"""


class Stopwatch:
    """Stands around a curator and notes how long each run took."""

    def __init__(self, app: App) -> None:
        self._curator = app._curator
        self.find_work = self._curator.find_work
        self.hand = self._curator.hand
        self.runs: list[tuple[int, float]] = []
        app._curator = self  # type: ignore[assignment] # it has the methods that the hall calls

    def run(self, *arguments: Any, **more: Any) -> Curated:
        before = time.perf_counter()
        found = self._curator.run(*arguments, **more)
        self.runs.append((found.judged, time.perf_counter() - before))
        return found


def event_clock() -> Callable[[], datetime]:
    """Event time that goes on from a little after the last generated event."""
    begun = time.monotonic()
    start = events.moment(events.MEASURED) + timedelta(minutes=2)
    return lambda: start + timedelta(seconds=time.monotonic() - begun)


def open_house(store: Path, wire: Wire, rules: Path = ROOT / "rules") -> App:
    """An App on a store, as `milepost run` opens it."""
    config = store.with_suffix(".toml")
    source = _SOURCE.format(source=SOURCE, jetstream=wire.jetstream, appview=wire.appview)
    config.write_text((ROOT / "config.example.toml").read_text(encoding="utf-8") + source, encoding="utf-8")
    environ = {
        "MILEPOST_STORE__URL": f"sqlite:///{store}",
        "MILEPOST_RULES__FOLDER": str(rules),
        "MILEPOST_PAGE__FOLDER": str(store.with_suffix(".page")),
    }
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    app = open_app(config, environ, now=event_clock())
    app.migrate()
    app.hold()
    app.adopt(at_once=True)
    return app


def memory_mb() -> float:
    """What this process holds in memory now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def until_judged(store: Path, last_id: int, patience_s: float) -> float:
    """Wait until every post up to an id is stored and judged; gives the moment."""
    with sqlite3.connect(store) as connection:
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            (newest,) = connection.execute("SELECT max(id) FROM posts").fetchone()
            if (newest or 0) >= last_id and not connection.execute(
                "SELECT 1 FROM posts WHERE verdict IS NULL LIMIT 1"
            ).fetchone():
                return time.monotonic()
            time.sleep(0.005)
    raise TimeoutError(f"{newest} of {last_id} posts came")


def measure(store: Path, warm: int, count: int) -> dict[str, float]:
    """Stream, and tell what it took."""
    with sqlite3.connect(store) as connection:
        (stored,) = connection.execute("SELECT coalesce(max(id), 0) FROM posts").fetchone()
    with Wire(warm, count) as wire:
        app = open_house(store, wire)
        watch = Stopwatch(app)
        daemon = Daemon(app)
        begun = time.monotonic()
        daemon.start()
        warm_at = until_judged(store, stored + warm, 120)
        time.sleep(0.3)
        watch.runs.clear()
        collections = sum(entry["collections"] for entry in gc.get_stats())
        used = time.process_time()
        first_at = wire.go()
        last_at = until_judged(store, stored + warm + count, 600)
        used = time.process_time() - used
        memory = memory_mb()
        collections = sum(entry["collections"] for entry in gc.get_stats()) - collections
        daemon.stop()
        app.close()
    runs = sorted(seconds for judged, seconds in watch.runs if judged)
    return {
        "seconds": last_at - first_at,
        "cpu_seconds": used,
        "warm_seconds": warm_at - begun,
        "batches": len(runs),
        "batch_p50_ms": runs[len(runs) // 2] * 1000,
        "batch_p99_ms": runs[min(len(runs) - 1, int(len(runs) * 0.99))] * 1000,
        "batch_max_ms": runs[-1] * 1000,
        "memory_mb": memory,
        "collections": collections,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))) + "\n")
