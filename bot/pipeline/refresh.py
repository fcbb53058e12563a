"""feed -> live page and feeds. Finds: feed newer than page.

The page is a projection of the feed: drawn from the feed alone, beside the old one, each file renamed into its place and
only where its bytes changed. So it cannot drift, and it can be thrown away: a missing or foreign folder is drawn anew.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from bot.core.errors import StoreError
from bot.core.model import Update
from bot.core.pages import PageChange
from bot.page import draw
from bot.page.view import CoverageView, Point
from bot.store import brakes, feed, headlines, media
from bot.store.database import Database

_BESIDE = ".drawn.json"
View = Callable[[Sequence[Update], Sequence[Update], bool], CoverageView]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What one run came to.

    Attributes:
        seq: Up to which change of the feed the page is drawn.
        files: Files that were written anew: name -> bytes.
        removed: Files that are no longer part of the page.
        pictures: Names of the pictures of our own that readers are shown; None where nothing changed.
    """

    seq: int
    files: Mapping[str, bytes] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    pictures: frozenset[str] | None = None


def refresh(database: Database, folder: Path, view_of: View) -> Refreshed:
    """Draw what changed.

    Args:
        folder: Where the static files lie; made where it is missing.
        view_of: Makes the view of live updates, withdrawn updates, and whether the page is paused.

    Raises:
        StoreError: The folder cannot be written; the old page stands.
    """
    drawn = _beside(folder)
    with database.read() as tx:
        seq = feed.seq(tx)
        limit = brakes.page_limit(brakes.pulled(tx))
        frame = _frame(view_of((), (), limit is not None), limit)
        if drawn.get("seq") == seq and drawn.get("frame") == frame:
            return Refreshed(seq)
        live = feed.live(tx, shown_to=limit)
        withdrawn = feed.withdrawn(tx)
        ours = media.names(tx)
        points = tuple(Point(one.text, one.slug) for one in headlines.standing(tx, shown_to=limit))
    ours_shown = _shown(live) & ours
    view = replace(view_of(live, withdrawn, limit is not None), headlines=points)
    wanted = set(draw.names(view))
    since = _seq(drawn)
    # a greater one, or a permalink that is not there: the page of another store, or one that lost files
    if drawn.get("frame") != frame or since > seq or not _has(folder, view, since):
        since = 0
    files = draw.draw(view, since=since)
    written: dict[str, bytes] = {}
    try:
        for name in sorted(ours_shown):
            if not (folder / "media" / name).exists():
                with database.read() as tx:
                    picture = media.content(tx, name)
                if picture is not None:
                    _write(folder, f"media/{name}", picture)
        for name in sorted(files, key=lambda name: (name == "index.html", name)):
            if _write(folder, name, files[name]):
                written[name] = files[name]
        removed = _remove(folder, wanted, ours - ours_shown)
        _write(folder, _BESIDE, json.dumps({"seq": seq, "frame": frame}).encode())
    except OSError as error:
        raise StoreError(
            f"{folder}: the page cannot be written: {error.strerror}: check the folder and the disk; the old page stands"
        ) from error
    return Refreshed(seq, written, removed, frozenset(ours_shown))


def pictures(database: Database) -> frozenset[str]:
    """Names of the pictures of our own that readers are shown."""
    with database.read() as tx:
        live = feed.live(tx, shown_to=brakes.page_limit(brakes.pulled(tx)))
        return frozenset(_shown(live) & media.names(tx))


def _shown(live: Sequence[Update]) -> set[str]:
    """Pictures of our own store that readers are shown; the others are nobody's to see (yet, or any more)."""
    found = (one.url for update in live for one in update.media)
    return {url.removeprefix("media/") for url in found if url.startswith("media/")}


def drawn_seq(folder: Path) -> int:
    """Up to which change of the feed the page in a folder is drawn; 0 for none, or a page that is not ours."""
    return _seq(_beside(folder))


def _seq(drawn: Mapping[str, object]) -> int:
    found = drawn.get("seq")
    return found if isinstance(found, int) else 0


def _has(folder: Path, view: CoverageView, since: int) -> bool:
    """Whether every permalink that is taken as drawn is there."""
    try:
        there = set(os.listdir(folder / "u"))  # noqa: PTH208 - names alone: a path for each of thousands takes its time
    except OSError:
        there = set()
    return all(f"{update.slug}.html" in there for update in (*view.updates, *view.withdrawn) if update.seq <= since)


def changes_after(
    database: Database, view_of: View, after: int, limit: int = 100
) -> tuple[list[PageChange], int | None]:
    """What an open page that knows the feed up to `after` has to take in.

    Returns:
        Changes in their order, and the `seq` at which a pause holds the page (None where it is not paused): of updates
        that came after it nothing is told, while withdrawals of older ones are.
    """
    with database.read() as tx:
        stop = brakes.page_limit(brakes.pulled(tx))
        changed = feed.changed_after(tx, after, limit, shown_to=stop)
    view = view_of((), (), stop is not None)
    return [draw.change(update, view) for update in changed], stop


def _frame(view: CoverageView, limit: int | None) -> str:
    """Everything that is drawn beside the updates: where it differs, the page is drawn anew as a whole."""
    return sha256(f"{view!r}\0{limit}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _beside(folder: Path) -> dict[str, object]:
    try:
        found = json.loads((folder / _BESIDE).read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict) or not (folder / "index.html").is_file():
        return {}
    return found


def _write(folder: Path, name: str, content: bytes) -> bool:
    """Write a file beside and rename it into its place; False where it has these bytes already."""
    path = folder / name
    try:
        if path.read_bytes() == content:
            return False
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    return True


def _remove(folder: Path, wanted: set[str], hidden: set[str]) -> tuple[str, ...]:
    """Remove pages and pictures that are no longer part of the coverage; nothing but what we draw ourselves."""
    removed = []
    for picture in hidden:
        path = folder / "media" / picture
        if path.exists():
            path.unlink()
            removed.append(f"media/{picture}")
    for pattern in ("page/*.html", "u/*.html"):
        for path in folder.glob(pattern):
            name = path.relative_to(folder).as_posix()
            if name not in wanted:
                path.unlink()
                removed.append(name)
    return tuple(sorted(removed))
