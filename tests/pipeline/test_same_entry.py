"""What a newsroom sees when a feed changes its ids: nothing twice, and nothing new is lost. Real HTTP, both databases."""

from collections.abc import Callable
from dataclasses import dataclass, field
from dataclasses import replace as other
from datetime import timedelta
from email.utils import format_datetime
from html import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from bot.core.model import Batch, Post
from bot.core.recording import decode_line, encode_line
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
class Desk:
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


@pytest.fixture
def desk(database: Database, httpserver: HTTPServer) -> Desk:
    made = Desk(database, httpserver)
    made.look()  # first contact: an empty feed
    made.clock.forward(minutes=10)
    return made


NEWS = tuple(an_item(number) for number in (5, 4, 3, 2, 1))


def brought(desk: Desk) -> None:
    """Five entries that the desk knows."""
    assert desk.look(*NEWS) == [item.title for item in reversed(NEWS)]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(lambda item: other(item, guid=f"new-{item.guid}"), id="a plugin makes new ids"),
        pytest.param(lambda item: other(item, guid=""), id="ids are gone"),
        pytest.param(
            lambda item: other(item, guid=item.guid.replace("https", "http"), link=item.link.replace("https", "http")),
            id="http",
        ),
        pytest.param(lambda item: other(item, link=f"{item.link}/?utm_source=rss&utm_medium=feed"), id="tracking"),
        pytest.param(
            lambda item: other(item, guid=item.link, link=item.link.replace("//", "//www.")), id="ids are links now"
        ),
        pytest.param(
            lambda item: other(
                item,
                guid=item.guid.replace("organiser.example", "race.example"),
                link=item.link.replace("organiser.example/news", "race.example/2016"),
            ),
            id="another host",
        ),
        pytest.param(lambda item: other(item, guid=f"x{item.guid}", date=at(300)), id="new ids and dates"),
        pytest.param(lambda item: other(item, guid=f"x{item.guid}", date=""), id="new ids, and dates are gone"),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_a_feed_that_changes_everywhere_brings_nothing_twice_and_then_what_is_new(
    desk: Desk, changed: Callable[[Item], Item], order: int
) -> None:
    brought(desk)
    desk.clock.forward(minutes=300)
    moved = [changed(item) for item in NEWS][::order]
    assert desk.look(*moved) == []
    fresh = changed(an_item(9, date=at(311)))
    assert [title.removeprefix("LATE: ") for title in desk.look(fresh, *moved)] == ["Update 9 of the race"]
    assert desk.look(*moved, fresh) == []
    assert desk.idents() == 6


def test_what_came_under_another_id_stands_in_the_log(desk: Desk) -> None:
    brought(desk)
    desk.look(*(other(item, guid=f"new-{item.guid}") for item in NEWS))
    assert desk.log() == ["5 entries came under other ids and are known: 5 by link and date"]
    desk.look(an_item(8), *(other(item, guid=f"new-{item.guid}") for item in NEWS))
    assert len(desk.log()) == 1, "once"
    desk.look(an_item(8, guid="eight", link=f"{SITE}/elsewhere/8-x"))
    assert "came under another id and is known: by date and words" in desk.log()
    (eight,) = [stored.id for stored in desk.stored() if stored.post.title.startswith("Update 8")]
    with desk.database.read() as tx:
        assert [line.what for line in journal.of_posts(tx, [eight], [])] == ["recognised"], "explain says so"


def test_an_edit_under_another_id_is_an_edit(desk: Desk) -> None:
    brought(desk)
    assert desk.look(an_item(5, guid="new", title="Corrected"), *NEWS[1:]) == ["edited: Corrected"]
    assert desk.look(an_item(5, guid="newer", title="Corrected"), *NEWS[1:]) == []
    assert desk.look(an_item(5, guid="newer", title="Corrected again", date=at(30)), *NEWS[1:]) == [
        "edited: Corrected again"
    ]
    assert desk.idents() == 5
    found = [stored for stored in desk.stored() if stored.post.title.startswith("Corrected")]
    assert {stored.post.native_id for stored in found} == {"https://organiser.example/?p=5"} or len(
        {s.ident for s in found}
    ) == 1
    assert all(stored.post.also_known == () for stored in desk.stored())


LIVE_PAGE = f"{SITE}/live"


def alert(number: int, **more: str) -> Item:
    return an_item(number, **({"link": LIVE_PAGE, "guid": f"block-{number}"} | more))


@pytest.mark.parametrize("guid", ["block-{}", "", LIVE_PAGE])
def test_entries_that_all_link_to_the_live_page_come_each(desk: Desk, guid: str) -> None:
    news = [alert(number, guid=guid.format(number)) for number in (1, 2, 3, 4)]
    assert len(desk.look(news[1], news[0])) == 2
    assert len(desk.look(news[2])) == 1, "remembered, also where one stands alone"
    assert len(desk.look(news[3], news[2])) == 1
    assert desk.look(*news) == []
    assert desk.look(*(other(item, guid=f"new{item.title}") for item in news)) == [], "known by date and words"
    assert desk.idents() == 4


def test_a_live_pages_new_alert_is_no_edit_of_the_one_that_stood_alone(desk: Desk) -> None:
    assert len(desk.look(alert(1, title="Road closed", text=""))) == 1
    assert desk.look(alert(2, title="Road open", text="")) == ["Road open"]
    assert desk.look(alert(3, title="Road closed", text="")) == ["Road closed"]


def test_equal_words_without_a_date_a_week_apart_come_twice(desk: Desk) -> None:
    closed = Item(guid="1", title="Road closed")
    assert desk.look(closed) == ["Road closed"]
    assert desk.look(closed, Item(guid="x", title="Another")) == ["Another"]
    assert desk.look(Item(guid="2", title="Road closed"), closed, minutes=60 * 24 * 7)[-1:] != []
    assert desk.look(Item(guid="2", title="Road closed"), closed) == []
    assert desk.idents() == 3


def test_equal_words_without_a_date_alone_in_their_feed(desk: Desk) -> None:
    assert desk.look(Item(guid="1", title="Road closed")) == ["Road closed"]
    assert desk.look(Item(guid="2", title="Road closed")) == [], "new ids at each look"
    assert len(desk.look(Item(guid="3", title="Road closed"), minutes=60 * 24 * 7)) == 1


def test_new_ids_in_a_feed_without_dates_bring_nothing(desk: Desk) -> None:
    items = [Item(guid=str(number), title=f"Alert {number}") for number in range(5)]
    assert len(desk.look(*items)) == 5
    assert desk.look(*(other(item, guid=f"x{item.guid}") for item in items), minutes=60 * 24 * 3) == []
    assert desk.look(Item(guid="new", title="Alert 9"), *(other(item, guid=f"x{item.guid}") for item in items)) == [
        "Alert 9"
    ]


def test_an_id_that_is_given_again_brings_the_new_entry(desk: Desk) -> None:
    brought(desk)
    assert desk.look(an_item(9, guid=NEWS[0].guid), *NEWS[1:]) == ["Update 9 of the race"]
    assert desk.look(an_item(9, guid=NEWS[0].guid), *NEWS[1:]) == []
    assert desk.look(an_item(9, guid=NEWS[0].guid, text="What happened at mile 9, corrected."), *NEWS[1:]) == [
        "edited: Update 9 of the race"
    ]
    assert desk.look(an_item(10, guid=NEWS[0].guid), *NEWS[1:]) == ["Update 10 of the race"]
    assert desk.look(*NEWS) == [], "the first one, again under its id"
    assert desk.idents() == 7


MIDNIGHT = format_datetime(START.replace(hour=0, minute=0))


@pytest.mark.parametrize("more", [{}, {"link": ""}, {"date": ""}, {"date": MIDNIGHT}])
def test_ids_that_number_the_places_of_a_list(desk: Desk, more: dict[str, str]) -> None:
    """The newest is always "1"."""
    words = (
        "Start",
        "Tower Bridge is busy",
        "Rain at last",
        "A dinosaur runs by",
        "Leaders at halfway",
        "Finish",
        "Big Ben",
        "Thanks",
    )
    told: list[str] = []
    for newest in range(1, 9):
        numbers = range(newest, max(0, newest - 4), -1)
        items = [
            alert(number, guid=str(place), title=f"{words[number - 1]}", text="", **more)
            for place, number in enumerate(numbers, 1)
        ]
        told += desk.look(*items)
    assert [title.rpartition(": ")[2] for title in told] == list(words)


def test_one_entry_twice_in_one_look_is_one(desk: Desk) -> None:
    twice = other(NEWS[0], guid="another id")
    assert len(desk.look(twice, *NEWS)) == 5
    assert desk.look(*NEWS, twice) == []


def test_two_photos_of_a_day_are_two(desk: Desk) -> None:
    one, two = (Item(guid=f"{n}", title="Photo of the day", link=f"{SITE}/photo/{n}", date=MIDNIGHT) for n in "12")
    desk.look(one)
    assert len(desk.look(two)) == 1
    assert desk.look(two, one) == []


def test_a_store_that_knows_no_names_yet_learns_them(desk: Desk) -> None:
    """As after an update of this program."""
    brought(desk)
    with desk.database.begin() as tx:
        tx.raw("DELETE FROM identities")
    assert desk.look(*NEWS[::-1]) == []
    assert desk.look(*(other(item, guid=f"n{item.guid}") for item in NEWS)) == []


def test_a_feed_that_moved_for_good_goes_on(desk: Desk) -> None:
    brought(desk)
    desk.serve(*NEWS)
    there = [other(item, guid=f"n{item.guid}") for item in (an_item(9), *NEWS)]
    url = desk.serve(*there, path="/new")
    old = url.replace("/new", "/feed")
    desk.server.expect_request("/feed").respond_with_data(b"", status=301, headers={"Location": url})
    desk.clock.forward(minutes=1)
    assert desk.keep(desk.fetch(old)) == ["Update 9 of the race"]
    desk.clock.forward(minutes=1)
    assert desk.keep(desk.fetch(url)) == [], "its new address in the configuration"


def test_two_feeds_of_one_house_are_one_post_and_a_sighting(desk: Desk) -> None:
    brought(desk)
    desk.look(source="tag", path="/tag")
    copies = [other(item, guid=f"tag-{item.guid}") for item in NEWS]
    assert desk.look(*copies[:2], source="tag", path="/tag") == []
    number = next(stored.id for stored in desk.stored() if stored.post.title == NEWS[0].title)
    assert desk.sightings(number) == ["tag"]
    assert desk.look(other(copies[0], text="Shortened"), source="tag", path="/tag") == [], (
        "only who brought it edits it"
    )
    assert desk.look(other(NEWS[0], text="Corrected"), *NEWS[1:]) == ["edited: Update 5 of the race"]


def test_a_page_that_is_told_anew_is_edited(desk: Desk) -> None:
    """Its id counts its states, and its date goes along."""
    page = f"{SITE}/news/uk-1"
    item = Item(guid=f"{page}#0", title="Runner collapses", text="More soon.", link=f"{page}?at_medium=RSS", date=at(1))
    desk.look(item, NEWS[0])
    told = other(
        item, guid=f"{page}#3", title="Second man in hospital", text="Organisers have said who it is.", date=at(11)
    )
    assert desk.look(told, NEWS[0]) == ["edited: Second man in hospital"]


def test_a_page_that_is_told_anew_is_edited_by_the_source_under_its_new_name(desk: Desk) -> None:
    page = f"{SITE}/news/uk-1"
    desk.look(Item(guid=page, title="Runner collapses", text="More soon.", link=page, date=at(11)), NEWS[0])
    told = Item(guid=page, title="Second man in hospital", text="Organisers say who.", link=page, date=at(13))
    assert desk.look(NEWS[0], source="organiser") == []
    desk.clock.forward(minutes=1)
    with desk.database.begin() as tx:
        tx.raw("DELETE FROM identities")
    assert desk.look(told, NEWS[0]) == ["edited: Second man in hospital"]


def test_a_block_of_the_live_page_with_a_lasting_id_is_edited_however_much(desk: Desk) -> None:
    block = "urn:uuid:6f1c0c8e-0000-4000-8000-00000000000{}"
    desk.look(alert(2, guid=block.format(2)), alert(1, guid=block.format(1)))
    anew = alert(1, guid=block.format(1), title="Sorry", text="We were wrong there.", date=at(12))
    assert desk.look(alert(2, guid=block.format(2)), anew) == ["edited: Sorry"]


def test_pictures_that_came_at_once_with_the_same_words_are_each_one(desk: Desk) -> None:
    one, two = (an_item(1, guid=n, title="Photo of the day", text="", link=f"{SITE}/photo/{n}") for n in "12")
    desk.look(one)
    assert len(desk.look(two, other(one, guid="new"))) == 1
    assert desk.look(other(two, guid="newer"), other(one, guid="newest")) == []


def test_where_ids_stay_another_one_with_equal_words_is_another(desk: Desk) -> None:
    stays = Item(guid="2", title="Something that stays")
    desk.look(Item(guid="1", title="Road closed"), stays)
    assert desk.look(Item(guid="3", title="Road closed"), stays) == ["Road closed"]


def test_a_stranger_cannot_speak_for_an_entry(desk: Desk) -> None:
    """The same link, date and words from another host are another post, and edit nothing."""
    brought(desk)
    desk.look(source="stranger", path="/evil")
    url = desk.serve(NEWS[0], path="/evil").replace("localhost", "127.0.0.1")
    desk.clock.forward(minutes=1)
    assert len(desk.keep(desk.fetch(url, "stranger"), "stranger")) == 1


def test_a_source_with_another_name_brings_a_baseline_of_what_is_not_known(desk: Desk) -> None:
    brought(desk)
    assert desk.look(an_item(9), *NEWS, source="renamed", minutes=60) == ["BASELINE: Update 9 of the race"]
    assert desk.look(*(other(item, guid=f"n{item.guid}") for item in NEWS), source="renamed") == []


def test_a_source_with_another_address_goes_on(desk: Desk) -> None:
    desk.look(*(other(item, guid=str(number)) for number, item in enumerate(NEWS)))
    assert desk.look(
        an_item(9), *(other(item, guid=str(number)) for number, item in enumerate(NEWS)), path="/other"
    ) == ["Update 9 of the race"]
    assert desk.look(an_item(9, text="Corrected"), path="/other") == ["edited: Update 9 of the race"]


def test_a_source_that_rests_for_a_month_brings_no_flood(desk: Desk) -> None:
    brought(desk)
    month = 60 * 24 * 30
    fresh = [an_item(number, date=at(number * 1000)) for number in range(6, 12)]
    found = desk.look(*fresh, *NEWS, minutes=month)
    assert len(found) == 6
    assert all(title.startswith("LATE: ") for title in found)


def test_undated_entries_after_a_month_are_late_too(desk: Desk) -> None:
    items = [Item(guid=str(number), title=f"Alert {number}") for number in range(9)]
    assert desk.look(*items[:3]) == ["Alert 2", "Alert 1", "Alert 0"]
    assert desk.look(*items[:4]) == ["Alert 3"]
    found = desk.look(*items, minutes=60 * 24 * 30)
    assert len(found) == 5
    assert all(title.startswith("LATE: ") for title in found)
    assert desk.look(Item(guid="z", title="Fresh"), *items) == ["Fresh"]


def test_first_contact_is_a_baseline_and_backfill_asks_for_more(database: Database, httpserver: HTTPServer) -> None:
    desk = Desk(database, httpserver)
    desk.clock.forward(minutes=5)
    found = desk.look(*NEWS, backfill=timedelta(minutes=2, seconds=30), late_after=None)
    assert found == [
        "BASELINE: Update 1 of the race",
        "BASELINE: Update 2 of the race",
        "BASELINE: Update 3 of the race",
        "Update 4 of the race",
        "Update 5 of the race",
    ]
    assert desk.look(*(other(item, guid=f"n{item.guid}") for item in NEWS)) == []


def test_a_recording_of_all_that_brings_the_same(desk: Desk) -> None:
    desk.clock.forward(minutes=30)
    lines = []
    renamed = [other(item, guid=f"n{item.guid}") for item in NEWS]
    for items in (NEWS, renamed, [other(renamed[0], title="Corrected"), *renamed[1:]]):
        cursor = '{"url":""}'
        context = context_of(desk.clock, Kept(), name="organiser")  # type: ignore[arg-type] # any clock
        url = desk.serve(*items)
        batch = FeedsSource(FeedsSource.Settings.model_validate({"url": url}), context).fetch(cursor)
        lines.append(encode_line(desk.clock(), "organiser", batch))
        desk.clock.forward(minutes=1)
    posts_of_all: tuple[Post, ...] = tuple(post for line in lines for post in decode_line(line).batch.posts)
    found = desk.keep(Batch(posts_of_all, "1"), "replayed", has_baseline=False, late_after=None)
    assert found == [*(item.title for item in reversed(NEWS)), "edited: Corrected"]
    assert desk.idents() == 5


_steps = st.lists(
    st.sampled_from(
        ["new ids", "http", "moved", "tracking", "edit", "turn", "fresh", "drop", "twice", "restart", "long"]
    ),
    min_size=1,
    max_size=9,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(_steps)
def test_any_order_of_changes(
    sqlite_template: object, tmp_path_factory: pytest.TempPathFactory, httpserver: HTTPServer, steps: list[str]
) -> None:
    """Between two looks one thing changes: every entry and every edit comes once."""
    from bot.store.migrate import migrate  # noqa: PLC0415 - only here

    del sqlite_template
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('same')}/x.db")
    migrate(database)
    desk = Desk(database, httpserver)
    desk.look()
    items = [an_item(number) for number in (3, 2, 1)]
    count, told = 3, desk.look(*items, late_after=None)
    expected = [item.title for item in reversed(items)]
    for number, step in enumerate(steps):
        if step == "new ids":
            items = [other(item, guid=f"{number}-{item.title}") for item in items]
        elif step == "http":
            items = [
                other(item, guid=item.guid.replace("https:", "http:"), link=item.link.replace("https:", "http:"))
                for item in items
            ]
        elif step == "moved":
            items = [
                other(item, link=item.link.replace("/news", f"/news/{number}"), guid=f"m{number}{item.guid}")
                for item in items
            ]
        elif step == "tracking":
            items = [
                other(item, link=f"{item.link.partition('?')[0]}?utm_source={number}", guid=f"t{number}{item.guid}")
                for item in items
            ]
        elif step == "edit" and items:
            items[0] = other(items[0], title=f"Edit {number}", guid=f"e{number}{items[0].guid}")
            expected.append(f"edited: Edit {number}")
        elif step == "turn":
            items.reverse()
        elif step == "fresh":
            count += 1
            items.insert(0, an_item(count, guid=f"f{number}"))
            expected.append(items[0].title)
        elif step == "drop":
            items = items[:-1]
        elif step == "twice":
            items = [*items, *(other(item, guid=f"w{number}{item.guid}") for item in items[:1])]
            told += desk.look(*items, late_after=None)
            items = items[:-1]
        told += desk.look(*items, late_after=None, minutes=1000 if step == "long" else 1)
    assert told == expected
    database.close()
