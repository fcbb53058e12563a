"""What a newsroom sees when a feed changes its ids: nothing twice, and nothing new is lost. Real HTTP, both databases."""

from collections.abc import Callable
from dataclasses import replace as other

import pytest

from bot.store import journal
from tests.pipeline.feed_desk import LIVE_PAGE, MIDNIGHT, NEWS, SITE, FeedDesk, Item, alert, an_item, at, brought


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
    desk: FeedDesk, changed: Callable[[Item], Item], order: int
) -> None:
    brought(desk)
    desk.clock.forward(minutes=300)
    moved = [changed(item) for item in NEWS][::order]
    assert desk.look(*moved) == []
    fresh = changed(an_item(9, date=at(311)))
    assert [title.removeprefix("LATE: ") for title in desk.look(fresh, *moved)] == ["Update 9 of the race"]
    assert desk.look(*moved, fresh) == []
    assert desk.idents() == 6


def test_what_came_under_another_id_stands_in_the_log_once(desk: FeedDesk) -> None:
    brought(desk)
    for again in ("new", "newer"):
        desk.look(*(other(item, guid=f"{again}-{item.guid}") for item in NEWS))
        assert sorted(set(desk.log())) == [
            "5 entries came under other ids and are known: 5 by link and date",
            "came under another id and is known by link and date",
        ]
        assert len(desk.log()) == 6, "a feed with new ids at each look does not fill the log"
    desk.look(an_item(8))
    desk.look(an_item(8, guid="eight", link=f"{SITE}/elsewhere/8-x"))
    (eight,) = [stored.id for stored in desk.stored() if stored.post.title.startswith("Update 8")]
    with desk.database.read() as tx:
        (line,) = journal.of_posts(tx, [eight], [])
    assert (line.what, line.why, line.place) == (
        "recognised",
        "came under another id and is known by date and words",
        "organiser",
    ), "explain says so"


def test_an_edit_under_another_id_is_an_edit(desk: FeedDesk) -> None:
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


@pytest.mark.parametrize("guid", ["block-{}", "", LIVE_PAGE])
def test_entries_that_all_link_to_the_live_page_come_each(desk: FeedDesk, guid: str) -> None:
    news = [alert(number, guid=guid.format(number)) for number in (1, 2, 3, 4)]
    assert len(desk.look(news[1], news[0])) == 2
    assert len(desk.look(news[2])) == 1, "remembered, also where one stands alone"
    assert len(desk.look(news[3])) == 1, "still"
    assert desk.look(news[3], news[2]) == []
    assert desk.look(*news) == []
    assert desk.look(*(other(item, guid=f"new{item.title}") for item in news)) == [], "known by date and words"
    assert desk.idents() == 4


def test_a_live_pages_new_alert_is_no_edit_of_the_one_that_stood_alone(desk: FeedDesk) -> None:
    assert len(desk.look(alert(1, title="Road closed", text=""))) == 1
    assert desk.look(alert(2, title="Road open", text="")) == ["Road open"]
    assert desk.look(alert(3, title="Road closed", text="")) == ["Road closed"]


def test_equal_words_without_a_date_a_week_apart_come_twice(desk: FeedDesk) -> None:
    closed = Item(guid="1", title="Road closed")
    assert desk.look(closed) == ["Road closed"]
    assert desk.look(closed, Item(guid="x", title="Another")) == ["Another"]
    assert desk.look(Item(guid="2", title="Road closed"), closed, minutes=60 * 24 * 7)[-1:] != []
    assert desk.look(Item(guid="2", title="Road closed"), closed) == []
    assert desk.idents() == 3


def test_equal_words_without_a_date_alone_in_their_feed(desk: FeedDesk) -> None:
    assert desk.look(Item(guid="1", title="Road closed")) == ["Road closed"]
    assert desk.look(Item(guid="2", title="Road closed")) == [], "new ids at each look"
    assert len(desk.look(Item(guid="3", title="Road closed"), minutes=60 * 24 * 7)) == 1


def test_new_ids_in_a_feed_without_dates_bring_nothing(desk: FeedDesk) -> None:
    items = [Item(guid=str(number), title=f"Alert {number}") for number in range(5)]
    assert len(desk.look(*items)) == 5
    assert desk.look(*(other(item, guid=f"x{item.guid}") for item in items), minutes=60 * 24 * 3) == []
    assert desk.look(Item(guid="new", title="Alert 9"), *(other(item, guid=f"x{item.guid}") for item in items)) == [
        "Alert 9"
    ]


def test_an_id_that_is_given_again_brings_the_new_entry(desk: FeedDesk) -> None:
    brought(desk)
    assert desk.look(an_item(9, guid=NEWS[0].guid), *NEWS[1:]) == ["Update 9 of the race"]
    assert desk.look(an_item(9, guid=NEWS[0].guid), *NEWS[1:]) == []
    assert desk.look(an_item(9, guid=NEWS[0].guid, text="What happened at mile 9, corrected."), *NEWS[1:]) == [
        "edited: Update 9 of the race"
    ]
    assert desk.look(an_item(10, guid=NEWS[0].guid), *NEWS[1:]) == ["Update 10 of the race"]
    assert desk.look(*NEWS) == [], "the first one, again under its id"
    assert desk.idents() == 7


@pytest.mark.parametrize("more", [{}, {"link": ""}, {"date": ""}, {"date": MIDNIGHT}])
def test_ids_that_number_the_places_of_a_list(desk: FeedDesk, more: dict[str, str]) -> None:
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


def test_one_entry_twice_in_one_look_is_one(desk: FeedDesk) -> None:
    twice = other(NEWS[0], guid="another id")
    assert len(desk.look(twice, *NEWS)) == 5
    assert desk.look(*NEWS, twice) == []


def test_two_photos_of_a_day_are_two(desk: FeedDesk) -> None:
    one, two = (Item(guid=f"{n}", title="Photo of the day", link=f"{SITE}/photo/{n}", date=MIDNIGHT) for n in "12")
    desk.look(one)
    assert len(desk.look(two)) == 1
    assert desk.look(two, one) == []
