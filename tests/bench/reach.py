"""From a source to an open browser: the whole daemon in this process, open pages in another.

A stream hands on one official post at a time; it is stored, judged, told and pushed by the daemon's own threads. The clock
starts when the source yields the post and ends when an open page's socket has the event.
"""

import json
import logging
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from bot.app.hall import App
from bot.app.outside import Collected
from bot.app.parts import Parts
from bot.config.settings import EventSettings, Settings
from bot.config.starter import starter_folder
from bot.core.desk import Strand
from bot.core.model import Author, Batch, Post
from bot.core.pages import PageChange
from bot.core.ports import StopSign
from bot.daemon import Daemon
from bot.pipeline.collect import Terms
from bot.store.database import Database
from bot.web.server import WebServer
from tests.builders import OFFICIAL, a_desk

_READERS = Path(__file__).resolve().parents[1] / "web" / "event_readers.py"


class _OneByOne:
    """Yields a post whenever it is told to, and remembers when."""

    def __init__(self) -> None:
        self.go = threading.Semaphore(0)  # counts: none is lost while the last is still on its way
        self.yielded_at = 0.0
        self.number = 0

    def fetch(self, cursor: str) -> Batch:
        return Batch(cursor=cursor or "0")

    def missing(self, ids: Sequence[str]) -> AbstractSet[str]:
        del ids
        return set()

    def stream(self, cursor: str, stop: StopSign) -> Iterator[Batch]:
        del cursor
        while not stop.is_set():
            if not self.go.acquire(timeout=0.2):
                continue
            self.number += 1
            now = datetime.now(UTC)
            text = f"Update number {self.number} from the race office: all is well at mile {self.number}"
            author = Author(OFFICIAL, "office.example", "Race office")
            post = Post("bluesky", f"at://{self.number}", "official", author, now, now, text=text, lang="en")
            self.yielded_at = time.monotonic()
            yield Batch((post,), str(self.number))


def measure(clients: int, count: int, every_s: float = 0.1) -> dict[str, float]:
    """Milliseconds from source to socket: p50, p99, max, and how many events arrived."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(prefix="milepost-reach-") as folder:
        plan = shutil.ignore_patterns("milestones.toml")  # it speaks of strands that this desk has not
        shutil.copytree(starter_folder() / "rules", Path(folder) / "rules", ignore=plan)
        source = _OneByOne()
        unit = Collected("official", "bench", source, Terms("official", "bluesky"), timedelta(seconds=60))
        database = Database(f"sqlite:///{folder}/reach.db")

        def now() -> datetime:
            return datetime.now(UTC)

        desk = a_desk(accounts=(), strands={name: Strand(name, name) for name in ("getinspired", "costume", "faces")})
        settings = Settings(event=EventSettings(name="Reach"))
        app = App(Parts(settings, Path(folder), database, desk, now, now, "bench", {"official": unit}))
        app.migrate()
        app.adopt(at_once=True)
        server = WebServer(app, "127.0.0.1", 0)
        server.start()
        app.refresh()

        def push(changes: Sequence[PageChange]) -> None:
            server.publish([replace(change, at=str(source.yielded_at)) for change in changes])

        app.listen(push)
        daemon = Daemon(app)
        daemon.start()
        command = [sys.executable, str(_READERS), str(server.port), str(clients), str(count)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as readers:
            if readers.stdout is None or readers.stdout.readline().strip() != "ready":
                raise RuntimeError("the open pages did not get ready")
            for _ in range(count):
                source.go.release()
                time.sleep(every_s)
            found: dict[str, float] = json.loads(readers.stdout.readline())
        daemon.stop()
        server.stop()
        app.close()
    return found
