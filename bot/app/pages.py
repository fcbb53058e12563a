"""The page between the step that draws it and the door that serves it: files in memory, and what open pages are told."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from bot.core.pages import PageChange, PageFile, page_file
from bot.page import draw
from bot.pipeline import refresh
from bot.pipeline.refresh import Refreshed, View
from bot.store import brakes, feed
from bot.store.database import Database

_KEPT_FILES = 2_000  # older permalinks are read from the disk again when somebody asks


class Pages:
    """The drawn page.

    Args:
        folder: Where it is drawn.
        view: What it is drawn from.
        links: By a file's name, the HTTP `Link` header that goes with it.
    """

    def __init__(
        self,
        database: Database,
        folder: Path,
        view: View,
        machine_now: Callable[[], datetime],
        links: Mapping[str, str],
    ) -> None:
        self._database = database
        self._folder = folder
        self._view = view
        self._machine_now = machine_now
        self._links = links
        self._lock = threading.Lock()  # one drawing at a time
        self._files: OrderedDict[str, PageFile] = OrderedDict()
        self._files_lock = threading.Lock()
        # up to which change open pages were told, and the `seq` at which a pause holds them (None where it does not)
        self._pushed: tuple[int, int | None] = (0, None)
        self._removed: set[str] = set()
        self._pictures: frozenset[str] | None = None  # names of those of our own that readers are shown
        self._listeners: list[Callable[[Sequence[PageChange]], None]] = []

    def refresh(self) -> Refreshed:
        """Tell open pages what changed, then draw it."""
        with self._lock:
            if self._listeners:
                self._push()
            found = refresh.refresh(self._database, self._folder, self._view)
            if found.pictures is not None or self._pictures is None:
                shown = refresh.pictures(self._database) if found.pictures is None else found.pictures
                self._pictures = frozenset(f"media/{name}" for name in shown)
            at = self._machine_now()
            with self._files_lock:
                for name, body in found.files.items():
                    self._files[name] = page_file(name, body, at, self._links.get(name, ""))
                for name in found.removed:
                    self._files.pop(name, None)
                self._forget()
        return found

    def listen(self, listener: Callable[[Sequence[PageChange]], None]) -> None:
        """Call with every change from now on, from the thread that draws."""
        with self._lock:
            with self._database.read() as tx:
                self._pushed = (feed.seq(tx), brakes.page_limit(brakes.pulled(tx)))
                self._removed = {f"u/{update.slug}.html" for update in feed.withdrawn(tx)}
            self._listeners.append(listener)

    def _push(self) -> None:
        """Before the files are drawn: readers wait for nothing else."""
        while True:
            known, stop = self._pushed
            found, limit = refresh.changes_after(self._database, self._view, known)
            if stop is not None and limit is None:  # the page goes on after a pause: what was held back comes now
                self._pushed = (min(known, stop), None)
                continue
            self._pushed = (found[-1].seq if found else known, limit)
            if not found:
                return
            self._removed.update(f"u/{change.slug}.html" for change in found if change.state == "withdrawn")
            for listener in self._listeners:
                listener(found)

    def changes(self, after: int) -> list[PageChange]:
        """What an open page that knows the feed up to `after` has to take in."""
        return refresh.changes_after(self._database, self._view, after)[0]

    def removed(self, name: str) -> bool:
        """Whether this is the page of an update that was withdrawn."""
        return name in self._removed

    def file(self, name: str) -> PageFile | None:
        """A file of the page; None where the page has none of this name, whatever else lies in its folder."""
        with self._files_lock:
            found = self._files.get(name)
            if found is not None:
                self._files.move_to_end(name)
                return found
        if not draw.can_be_drawn(name) and name not in (self._pictures or ()):
            return None
        try:
            body = (self._folder / name).read_bytes()
        except OSError:
            return None
        with self._files_lock:  # a drawing that came meanwhile has put a newer one there
            found = self._files.setdefault(name, page_file(name, body, self._machine_now(), self._links.get(name, "")))
            self._forget()
        return found

    def _forget(self) -> None:
        while len(self._files) > _KEPT_FILES:
            self._files.popitem(last=False)
