"""A desk that reads feeds over real HTTP, with a store and a clock in a test's hand."""

from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from html import escape

from pytest_httpserver import HTTPServer

from bot.core.model import Batch
from bot.core.reports import LogFilter
from bot.pipeline import collect
from bot.pipeline.collect import Terms
from bot.platforms.feeds.source import FeedsSource
from bot.store import journal, posts
from bot.store.database import Database
from bot.store.posts import Arrival, StoredPost
from tests.builders import START
from tests.fakes import FixedClock
from tests.platforms.contract import Kept, context_of

SITE = "https://organiser.example"


@dataclass(frozen=True)
class Item:
    """One entry as its feed writes it; "" leaves an element out."""

    guid: str = ""
    title: str = ""
    text: str = ""
    link: str = ""
    date: str = ""

    def xml(self) -> str:
        parts = {
            "guid": self.guid,
            "title": self.title,
            "description": self.text,
            "link": self.link,
            "pubDate": self.date,
        }
        return f"<item>{''.join(f'<{name}>{escape(value)}</{name}>' for name, value in parts.items() if value)}</item>"


def at(minutes: float) -> str:
    return format_datetime(START + timedelta(minutes=minutes, seconds=7))


def an_item(number: int, **more: str) -> Item:
    values = {
        "guid": f"https://organiser.example/?p={number}",
        "title": f"Update {number} of the race",
        "text": f"What happened at mile {number}, told at some length.",
        "link": f"{SITE}/news/{number}-what-happened",
        "date": at(number),
    }
    return Item(**(values | more))


@dataclass
class FeedDesk:
    """Feeds, a store and a clock that a test holds in its hand."""

    database: Database
    server: HTTPServer
    clock: FixedClock = field(default_factory=lambda: FixedClock(START))
    memories: dict[str, Kept] = field(default_factory=dict)

    def serve(self, *items: Item, path: str = "/feed", home: str = f"{SITE}/") -> str:
        body = f'<rss version="2.0"><channel><title>Organiser</title><link>{home}</link>{"".join(i.xml() for i in items)}</channel></rss>'
        self.server.clear()
        self.server.expect_request(path).respond_with_data(body, content_type="application/rss+xml")
        return str(self.server.url_for(path))

    def fetch(self, url: str, source: str = "organiser") -> Batch:
        """One look, with a source made anew as after a restart."""
        context = context_of(self.clock, self.memories.setdefault(source, Kept()), name=source)  # type: ignore[arg-type] # any clock
        asked = FeedsSource(FeedsSource.Settings.model_validate({"url": url}), context)
        return asked.fetch(collect.cursor_of(self.database, source, "fetch"))

    def keep(self, batch: Batch, source: str = "organiser", **terms: object) -> list[str]:
        """Store a batch; gives the titles of what was new, each as "BASELINE", "LATE" or plain."""
        kept = collect.store(
            self.database,
            batch,
            Terms(source, "feeds", **terms),  # type: ignore[arg-type] # fields of Terms by name
            lane="fetch",
            now=self.clock(),
            machine_now=self.clock(),
        ).kept
        return [self._said(stored) for stored in kept]

    def look(
        self, *items: Item, source: str = "organiser", path: str = "/feed", minutes: float = 1, **terms: object
    ) -> list[str]:
        """A feed that says this now, read some minutes later."""
        self.clock.forward(minutes=minutes)
        return self.keep(self.fetch(self.serve(*items, path=path), source), source, **terms)

    def _said(self, stored: StoredPost) -> str:
        edited = "edited: " if stored.post.is_edit else ""
        arrival = "" if stored.arrival is Arrival.LIVE else f"{stored.arrival.name}: "
        return f"{arrival}{edited}{stored.post.title}"

    def stored(self) -> list[StoredPost]:
        with self.database.read() as tx:
            return posts.unjudged(tx, 10_000)

    def idents(self) -> int:
        """How many posts there are, edits apart."""
        return len({stored.ident for stored in self.stored()})

    def log(self) -> list[str]:
        with self.database.read() as tx:
            return [line.why for line in journal.read(tx, LogFilter(what="recognised", limit=1000))]

    def sightings(self, number: int) -> list[str]:
        with self.database.read() as tx:
            return [source for source, _ in posts.sightings_of(tx, [number])]


NEWS = tuple(an_item(number) for number in (5, 4, 3, 2, 1))


def brought(desk: FeedDesk) -> None:
    """Five entries that the desk knows."""
    assert desk.look(*NEWS) == [item.title for item in reversed(NEWS)]


MIDNIGHT = format_datetime(START.replace(hour=0, minute=0))
LIVE_PAGE = f"{SITE}/live"


def alert(number: int, **more: str) -> Item:
    return an_item(number, **({"link": LIVE_PAGE, "guid": f"block-{number}"} | more))
