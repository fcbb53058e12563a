"""Pictures of posts that passed the rules are looked at, and their posts wait for that; never long."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event, Lock
from typing import Any

import pytest

from bot.app import look, verbs
from bot.core.errors import RateLimited, Unavailable
from bot.core.model import Gone, Media, Post
from bot.core.stories.pictures import difference_hash
from bot.pipeline.curate.waiting import PATIENCE
from bot.store import pictures, posts
from bot.store.database import Database
from bot.store.posts import Arrival
from tests.builders import OFFICIAL, START, a_desk, a_post
from tests.conftest import OPEN_RULES, House
from tests.drawings import photo, saved
from tests.fakes import MACHINE_START, FakeGallery
from tests.pipeline.houses import live, reopened
from tests.pipeline.incoming import keep
from tests.pipeline.ruled import LOVELY, rule, save, verdicts

PLACE = "https://pictures.example"
RULES = OPEN_RULES + LOVELY
A, B = saved(photo(1)), saved(photo(2))


@pytest.fixture
def gallery() -> FakeGallery:
    return FakeGallery(pictures={f"{PLACE}/a": A, f"{PLACE}/b": B})


@pytest.fixture
def house(database: Database, build_house: Callable[..., House], gallery: FakeGallery) -> House:
    return build_house(database, source=gallery, rules=RULES)


def pictured(text: str, *names: str, **more: Any) -> Post:
    return a_post(text, media=tuple(Media("image", f"{PLACE}/{name}") for name in names), **more)


def texts(house: House) -> list[str]:
    return [update.text for update in live(house)]


def unjudged(house: House) -> int:
    with house.app.database.read() as tx:
        return len(posts.unjudged(tx, 100))


def hashes(house: House) -> dict[int, tuple[int, ...]]:
    with house.app.database.read() as tx:
        return {one.post_id: one.hashes for one in pictures.of_posts(tx, range(1, 100)) if one.hashes}


def states(house: House) -> list[tuple[int, int, str]]:
    with house.app.database.read() as tx:
        rows = tx.raw("SELECT post_id, place, state FROM pictures ORDER BY post_id, place")
        return [(row[0], row[1], row[2]) for row in rows]


def test_a_post_waits_for_its_pictures_and_is_judged_after_them(house: House, gallery: FakeGallery) -> None:
    keep(house, pictured("A lovely rhino", "a", "b"), a_post("A lovely day"))
    found = house.app.curate()
    assert (found.judged, found.put_off) == (1, True)
    assert texts(house) == ["A lovely day"]
    assert gallery.asked == [], "no network call while judging"
    assert house.app.curate().judged == 0, "it waits, and is no work meanwhile"
    rung: list[int] = []
    seen = house.app.examine(lambda: rung.append(unjudged(house)))
    assert (seen.seen, seen.failed) == (2, 0)
    assert rung
    assert hashes(house) == {1: (difference_hash(A), difference_hash(B))}
    assert house.app.curate().judged == 1
    assert texts(house) == ["A lovely day", "A lovely rhino"]
    assert house.app.examine().seen == 0
    assert sorted(gallery.asked) == [f"{PLACE}/a", f"{PLACE}/b"], "once each"


def test_the_story_index_hears_of_a_picture_once(house: House) -> None:
    """With its post where it was examined before, else in the next run."""
    keep(house, pictured("A lovely rhino", "a"), pictured("Roads are open", "b", author=OFFICIAL))
    house.app.curate()
    house.app.examine()
    assert states(house) == [(1, 0, "fresh"), (2, 0, "fresh")]
    house.app.curate()
    assert states(house) == [(1, 0, "known"), (2, 0, "known")]
    with house.app.database.read() as tx:
        assert pictures.fresh(tx) == []


def test_the_desk_is_told_that_a_post_waits_for_its_pictures(house: House) -> None:
    keep(house, pictured("A lovely rhino", "a"))
    assert not look.explain(house.app, "1").waits_for_pictures
    house.app.curate()
    assert look.explain(house.app, "1").waits_for_pictures
    counts = look.status(house.app).counts
    assert (counts["posts waiting for pictures"], counts["posts unjudged"]) == (1, 0)
    house.app.examine()
    house.app.curate()
    assert not look.explain(house.app, "1").waits_for_pictures
    assert "posts waiting for pictures" not in look.status(house.app).counts


def test_one_run_of_the_day_does_all_of_it(house: House) -> None:
    keep(house, pictured("A lovely rhino", "a"))
    house.day()
    assert texts(house) == ["A lovely rhino"]
    house.day()
    assert len(house.log("judged")) == 1


def test_only_pictures_of_posts_that_pass_are_fetched(house: House, gallery: FakeGallery) -> None:
    keep(
        house,
        pictured("A giveaway", "a"),
        pictured("Deleted at once", "a", native_id="gone"),
        a_post("A lovely film", media=(Media("video", f"{PLACE}/v"), Media("link", f"{PLACE}/l"))),
        a_post("Somewhere else, lovely", media=(Media("image", "https://elsewhere.example/a"), Media("image"))),
        gone=(Gone("gone", START),),
    )
    house.day()
    assert gallery.asked == []
    assert states(house) == []
    assert sorted(texts(house)) == ["A lovely film", "Somewhere else, lovely"]


def test_what_waits_for_a_person_is_looked_at_too(house: House, gallery: FakeGallery) -> None:
    keep(house, pictured("Nobody knows", "a"))
    house.day()
    assert gallery.asked == [f"{PLACE}/a"]
    assert verdicts(house) == {"Nobody knows": "hold"}


def test_at_most_four_pictures_of_a_post(house: House, gallery: FakeGallery) -> None:
    gallery.pictures = {f"{PLACE}/{number}": A for number in range(9)}
    keep(house, pictured("Lovely, all of them", *map(str, range(9))))
    house.day()
    assert sorted(gallery.asked) == [f"{PLACE}/{number}" for number in range(4)]


def test_one_address_is_asked_once(house: House, gallery: FakeGallery) -> None:
    """A feed may show its logo with every entry."""
    keep(house, pictured("Lovely one", "a"))
    house.day()
    keep(house, *(pictured(f"Lovely {number}", "a") for number in range(20)), pictured("Lovely b", "b"))
    house.day()
    assert gallery.asked == [f"{PLACE}/a", f"{PLACE}/b"]
    assert len(hashes(house)) == 22
    assert len(texts(house)) == 22


def test_officials_do_not_wait_and_are_looked_at_afterwards(house: House, gallery: FakeGallery) -> None:
    keep(house, pictured("Roads are open", "a", author=OFFICIAL))
    house.app.curate()
    assert texts(house) == ["Roads are open"]
    assert gallery.asked == []
    house.app.examine()
    assert hashes(house) == {1: (difference_hash(A),)}
    with house.app.database.begin() as tx:
        found = pictures.fresh(tx)
        assert [(one.post_id, one.hashes) for one in found] == [(1, hashes(house)[1])]
        assert pictures.since(tx, START) == [], "the index hears of it once"
        pictures.known(tx, found)
        assert pictures.fresh(tx) == []
        assert [one.post_id for one in pictures.since(tx, START)] == [1]


def test_a_baseline_is_not_looked_at_and_late_posts_are(
    database: Database, build_house: Callable[..., House], gallery: FakeGallery
) -> None:
    house = build_house(database, source=gallery, rules=RULES)
    house.clock.forward(hours=3)
    now = house.clock()
    keep(
        house, pictured("Lovely and late", "a", seen_at=now), pictured("Lovely and old", "b", minutes=-60, seen_at=now)
    )
    house.day()
    with database.read() as tx:
        arrivals = {stored.post.text: stored.arrival for stored in posts.by_id(tx, [1, 2])}
    assert arrivals == {"Lovely and late": Arrival.LATE, "Lovely and old": Arrival.BASELINE}
    assert gallery.asked == [f"{PLACE}/a"]
    assert verdicts(house) == {"Lovely and late": "hold", "Lovely and old": "drop"}


@pytest.mark.parametrize(
    "answer", [Unavailable("404"), RateLimited("slow down", MACHINE_START), b"<html>", saved(photo(1))[:500]]
)
def test_what_cannot_be_had_is_judged_without(
    house: House, gallery: FakeGallery, answer: bytes | Unavailable | RateLimited
) -> None:
    gallery.pictures[f"{PLACE}/a"] = answer
    keep(house, pictured("A lovely rhino", "a", "b"))
    house.day()
    assert texts(house) == ["A lovely rhino"]
    assert hashes(house) == {1: (difference_hash(B),)}
    house.day()
    assert sorted(gallery.asked) == [f"{PLACE}/a", f"{PLACE}/b"]


def test_a_post_waits_no_longer_than_ten_seconds(house: House, gallery: FakeGallery) -> None:
    """By machine time: in a rehearsal the event clock runs fast."""
    keep(house, pictured("A lovely rhino", "a"))
    house.app.curate()
    assert house.app.curates_at == MACHINE_START + timedelta(seconds=10) == MACHINE_START + PATIENCE
    house.clock.forward(hours=1)
    house.machine.forward(seconds=9.9)
    assert house.app.curate().judged == 0
    house.machine.forward(seconds=0.1)
    assert house.app.curate().judged == 1
    with house.app.database.read() as tx:
        assert pictures.waited_for(tx, house.machine()) == {}
    assert texts(house) == ["A lovely rhino"]
    house.app.examine()  # copies by others are found all the same
    assert gallery.asked == [f"{PLACE}/a"]
    assert hashes(house) == {1: (difference_hash(A),)}


def test_what_nobody_waits_for_since_long_is_not_fetched(house: House, gallery: FakeGallery) -> None:
    keep(house, pictured("A lovely rhino", "a"))
    house.app.curate()
    house.machine.forward(minutes=11)
    house.app.examine()
    assert gallery.asked == []
    assert states(house) == [(1, 0, "failed")]


@pytest.mark.timeout(60)
def test_one_source_that_hangs_does_not_hold_up_another(
    database: Database, build_house: Callable[..., House], gallery: FakeGallery
) -> None:
    """All of its turns hang; what comes meanwhile from another source is looked at, and its posts are judged."""
    house = build_house(database, source=gallery, rules=RULES)
    over = Event()
    hanging = FakeGallery()

    come = [pictured("A lovely rhino", "a"), pictured("Two lovely ducks at the bridge", "b")]

    one_at_a_time = Lock()  # two are fetched at once, and one curator works at a time

    def hang() -> bytes:
        with one_at_a_time:
            while come:
                keep(house, come.pop())
                house.app.curate()
        if not over.wait(20):
            raise AssertionError("nobody came")
        raise Unavailable("too slow")

    hanging.pictures = {f"{PLACE}/h{number}": hang for number in range(6)}
    unit = house.app.sources["hashtag"]
    other = type(unit)("other", "fake", hanging, unit.terms, unit.every)
    house.app.parts.sources["other"] = other  # type: ignore[index] # a dictionary, in tests
    keep(house, *(pictured(f"Hangs, lovely {n}", f"h{n}", source="other") for n in range(6)))
    house.app.curate()

    def ring() -> None:
        house.app.curate()
        if {"A lovely rhino", "Two lovely ducks at the bridge"} <= set(texts(house)):
            over.set()

    house.app.examine(ring)
    assert over.is_set()
    house.app.curate()
    assert len(texts(house)) == 8


def test_a_stop_begins_no_more(house: House, gallery: FakeGallery) -> None:
    keep(house, pictured("A lovely rhino", "a"))
    house.app.curate()
    assert house.app.examine(stop=lambda: True).seen == 0
    assert gallery.asked == []
    assert states(house) == [(1, 0, "owed")]


def test_a_removed_picture_stays_known_as_long_as_the_window(house: House) -> None:
    """What the story index is built from: a copy of it is held, whoever posts it."""
    keep(house, pictured("A lovely rhino", "a", native_id="p1"))
    house.day()
    keep(house, gone=(Gone("p1", START),))
    house.day()
    assert live(house) == []
    with house.app.database.read() as tx:
        (shown,) = pictures.since(tx, START)
        assert shown.hashes == (difference_hash(A),)
        assert posts.closed_stories(tx, [1]) == {1: "removed"}


def test_a_source_that_is_gone_keeps_nobody_waiting(house: House) -> None:
    keep(house, pictured("A lovely rhino", "a"))
    house.app.curate()
    house.app.parts.sources.clear()  # type: ignore[attr-defined] # a dictionary, in tests
    house.app.close()
    again = reopened(house)
    again.app.examine()
    assert states(house) == [(1, 0, "failed")]
    assert again.app.curate().judged == 1
    again.app.close()


def test_a_restart_finds_what_is_owed(house: House) -> None:
    keep(house, pictured("A lovely rhino", "a"), pictured("A lovely day", "b"))
    house.app.curate()
    house.app.close()
    again = reopened(house)
    assert again.app.curate().judged == 0
    assert again.app.examine().seen == 2
    assert again.app.curate().judged == 2
    assert sorted(texts(again)) == ["A lovely day", "A lovely rhino"]
    again.app.close()


def test_switched_off_nothing_is_fetched_and_nobody_waits(
    database: Database, build_house: Callable[..., House], gallery: FakeGallery
) -> None:
    house = build_house(database, source=gallery, rules=RULES, desk=a_desk(pictures=False))
    keep(house, pictured("A lovely rhino", "a"))
    assert house.app.curate().judged == 1
    house.app.examine()
    assert gallery.asked == []
    assert states(house) == []


def test_switched_off_while_posts_wait(house: House, build_house: Callable[..., House], gallery: FakeGallery) -> None:
    keep(house, pictured("A lovely rhino", "a"))
    house.app.curate()
    house.app.close()
    off = build_house(house.app.database, source=gallery, rules=RULES, desk=a_desk(pictures=False))
    assert off.app.curate().judged == 1
    assert texts(house) == ["A lovely rhino"]


def test_deleted_while_it_waits(house: House) -> None:
    keep(house, pictured("A lovely rhino", "a", native_id="p1"))
    house.app.curate()
    keep(house, gone=(Gone("p1", START),))
    house.day()
    assert verdicts(house) == {"A lovely rhino": "drop"}
    assert live(house) == []


def test_an_edit_does_not_wait_and_the_older_version_never_comes_after_it(house: House) -> None:
    keep(house, pictured("A lovely rhnio", "a", native_id="p1", version="1"))
    house.app.curate()
    keep(house, pictured("A lovely rhino", "a", native_id="p1", version="2", is_edit=True, minutes=2))
    house.app.curate()
    assert texts(house) == ["A lovely rhino"]
    house.day()
    assert texts(house) == ["A lovely rhino"]
    why = {line.post_id: line.why for line in house.log("judged")}
    assert "later version" in why[1]


def test_an_edit_that_is_held_is_not_passed_by_its_older_version(house: House) -> None:
    keep(house, pictured("A lovely rhino", "a", native_id="p1", version="1"))
    house.app.curate()
    keep(house, pictured("A horrible rhino", "a", native_id="p1", version="2", is_edit=True, minutes=2))
    house.day()
    assert live(house) == []


def test_limits_count_what_waited(house: House) -> None:
    limit = rule("few", 'has(text, "lovely")', action="hold", limit='{ count = 2, per = "1h" }')
    save(house, RULES + limit + 'catches = ["how lovely"]\nspares = ["hello"]\n')
    keep(house, pictured("Lovely one", "a"), a_post("Lovely two"), pictured("Lovely three", "b", minutes=1.5))
    house.day()
    assert verdicts(house) == {"Lovely one": "publish", "Lovely two": "publish", "Lovely three": "hold"}


def test_what_leaves_the_window_is_forgotten(house: House) -> None:
    keep(house, pictured("A lovely rhino", "a"))
    house.day()
    house.clock.forward(hours=47)
    house.app.forget()
    assert hashes(house)
    house.clock.forward(hours=2)
    house.app.forget()
    assert hashes(house) == {}


def test_no_picture_is_kept(house: House) -> None:
    keep(house, pictured("A lovely rhino", "a"))
    house.day()
    with house.app.database.read() as tx:
        assert tx.raw("SELECT count(*) FROM media").scalar_one() == 0
        (row,) = tx.raw("SELECT * FROM pictures").all()
    assert not any(isinstance(value, bytes) for value in row)


def test_our_own_words_are_not_looked_at(house: House, gallery: FakeGallery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.app, "own_accounts", lambda: {"bluesky:did:plc:us": "social"})
    keep(house, pictured("A lovely rhino", "a", author="did:plc:us"))
    house.day()
    assert gallery.asked == []


def test_a_post_that_waits_is_not_in_the_queue(house: House) -> None:
    keep(house, pictured("Nobody knows", "a", native_id="p1"))
    house.app.curate()
    with house.app.database.read() as tx:
        assert posts.held(tx, 10) == []
    house.day()
    verbs.approve(house.app, "1", by="ana")
    assert texts(house) == ["Nobody knows"]
