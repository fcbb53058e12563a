"""What a newsroom sees when sources move, rest, are renamed or carry the same: nothing twice, no flood. Real HTTP, both databases."""

from collections.abc import Callable
from dataclasses import replace as other
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from bot.core.desk import Official
from bot.core.model import Batch, Post
from bot.core.recording import decode_line, encode_line
from bot.pipeline.collect import Terms
from bot.platforms.feeds.source import FeedsSource
from bot.store.database import Database
from tests.builders import a_desk
from tests.conftest import House
from tests.pipeline.feed_desk import NEWS, SITE, FeedDesk, Item, alert, an_item, at, brought
from tests.pipeline.houses import live
from tests.platforms.contract import Kept, context_of


def test_a_store_that_knows_no_names_yet_learns_them(desk: FeedDesk) -> None:
    """As after an update of this program."""
    brought(desk)
    with desk.database.begin() as tx:
        tx.raw("DELETE FROM identities")
    assert desk.look(*NEWS[::-1]) == []
    assert desk.look(*(other(item, guid=f"n{item.guid}") for item in NEWS)) == []


def test_a_feed_that_moved_for_good_goes_on(desk: FeedDesk) -> None:
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


def test_two_feeds_of_one_house_are_one_post_and_a_sighting(desk: FeedDesk) -> None:
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


def test_a_page_that_is_told_anew_is_edited(desk: FeedDesk) -> None:
    """Its id counts its states, and its date goes along."""
    page = f"{SITE}/news/uk-1"
    item = Item(guid=f"{page}#0", title="Runner collapses", text="More soon.", link=f"{page}?at_medium=RSS", date=at(1))
    desk.look(item, NEWS[0])
    told = other(
        item, guid=f"{page}#3", title="Second man in hospital", text="Organisers have said who it is.", date=at(11)
    )
    assert desk.look(told, NEWS[0]) == ["edited: Second man in hospital"]


def test_a_page_that_is_told_anew_is_edited_where_no_names_are_known(desk: FeedDesk) -> None:
    """As after an update of this program."""
    page = f"{SITE}/news/uk-1"
    desk.look(Item(guid=page, title="Runner collapses", text="More soon.", link=page, date=at(11)), NEWS[0])
    with desk.database.begin() as tx:
        tx.raw("DELETE FROM identities")
    told = Item(guid=page, title="Second man in hospital", text="Organisers say who.", link=page, date=at(13))
    assert desk.look(told, NEWS[0]) == ["edited: Second man in hospital"]


def test_a_block_of_the_live_page_with_a_lasting_id_is_edited_however_much(desk: FeedDesk) -> None:
    block = "urn:uuid:6f1c0c8e-0000-4000-8000-00000000000{}"
    desk.look(alert(2, guid=block.format(2)), alert(1, guid=block.format(1)))
    with desk.database.begin() as tx:
        tx.raw("DELETE FROM identities")  # as after an update of this program
    anew = alert(1, guid=block.format(1), title="Sorry", text="We were wrong there.", date=at(12))
    assert desk.look(alert(2, guid=block.format(2)), anew) == ["edited: Sorry"]


def test_pictures_that_came_at_once_with_the_same_words_are_each_one(desk: FeedDesk) -> None:
    one, two = (an_item(1, guid=n, title="Photo of the day", text="", link=f"{SITE}/photo/{n}") for n in "12")
    desk.look(one)
    assert len(desk.look(two, other(one, guid="new"))) == 1
    assert desk.look(other(two, guid="newer"), other(one, guid="newest")) == []


def test_where_ids_stay_another_one_with_equal_words_is_another(desk: FeedDesk) -> None:
    stays = Item(guid="2", title="Something that stays")
    desk.look(Item(guid="1", title="Road closed"), stays)
    assert desk.look(Item(guid="3", title="Road closed"), stays) == ["Road closed"]


def test_a_stranger_cannot_speak_for_an_entry(desk: FeedDesk) -> None:
    """The same link, date and words from another host are another post, and edit nothing."""
    brought(desk)
    desk.look(source="stranger", path="/evil")
    url = desk.serve(NEWS[0], path="/evil").replace("localhost", "127.0.0.1")
    desk.clock.forward(minutes=1)
    assert len(desk.keep(desk.fetch(url, "stranger"), "stranger")) == 1


def test_a_source_with_another_name_brings_a_baseline_of_what_is_not_known(desk: FeedDesk) -> None:
    brought(desk)
    assert desk.look(an_item(9), *NEWS, source="renamed", minutes=60) == ["BASELINE: Update 9 of the race"]
    assert desk.look(*(other(item, guid=f"n{item.guid}") for item in NEWS), source="renamed") == []


def test_a_source_with_another_address_goes_on(desk: FeedDesk) -> None:
    desk.look(*(other(item, guid=str(number)) for number, item in enumerate(NEWS)))
    assert desk.look(
        an_item(9), *(other(item, guid=str(number)) for number, item in enumerate(NEWS)), path="/other"
    ) == ["Update 9 of the race"]
    assert desk.look(an_item(9, text="Corrected"), path="/other") == ["edited: Update 9 of the race"]


def test_a_source_that_rests_for_a_month_brings_no_flood(desk: FeedDesk) -> None:
    brought(desk)
    month = 60 * 24 * 30
    fresh = [an_item(number, date=at(number * 1000)) for number in range(6, 12)]
    found = desk.look(*fresh, *NEWS, minutes=month)
    assert len(found) == 6
    assert all(title.startswith("LATE: ") for title in found)


def test_undated_entries_after_a_month_are_late_too(desk: FeedDesk) -> None:
    items = [Item(guid=str(number), title=f"Alert {number}") for number in range(9)]
    assert desk.look(*items[:3]) == ["Alert 2", "Alert 1", "Alert 0"]
    assert desk.look(*items[:4]) == ["Alert 3"]
    found = desk.look(*items, minutes=60 * 24 * 30)
    assert len(found) == 5
    assert all(title.startswith("LATE: ") for title in found)
    assert desk.look(Item(guid="z", title="Fresh"), *items) == ["Fresh"]


def test_first_contact_is_a_baseline_and_backfill_asks_for_more(database: Database, httpserver: HTTPServer) -> None:
    desk = FeedDesk(database, httpserver)
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


def test_a_recording_of_all_that_brings_the_same(desk: FeedDesk) -> None:
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


def test_what_readers_see_stands_once(
    database: Database, build_house: Callable[..., House], httpserver: HTTPServer
) -> None:
    desk = FeedDesk(database, httpserver)
    url = desk.serve()
    context = context_of(desk.clock, Kept(), name="hashtag")  # type: ignore[arg-type] # any clock
    feed = FeedsSource(FeedsSource.Settings.model_validate({"url": url}), context)
    house = build_house(
        database,
        source=feed,
        terms=Terms("hashtag", "feeds"),
        desk=a_desk(officials={f"feeds:{url}": Official("The organiser", "Race office")}),
    )
    for items in (NEWS, [other(item, guid=f"n{item.guid}", link=f"{item.link}?utm_source=x") for item in NEWS], NEWS):
        for clock in (desk.clock, house.clock, house.machine):
            clock.forward(minutes=6)
        desk.serve(*items)
        house.day()
    assert sorted(update.title for update in live(house)) == sorted(item.title for item in NEWS)
    assert len(house.log("recognised")) == 6
    assert len(house.log("told")) == 5


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
    desk = FeedDesk(database, httpserver)
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
