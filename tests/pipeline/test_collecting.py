"""Collecting: cursor and posts go together, and each failure is waited for as it asks. Each on both databases."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event

import pytest
from msgspec.structs import replace

from bot.app import look
from bot.core.errors import OutsideError, RateLimited, Rejected, StoreError, Unanswered, Unauthorized, Unavailable
from bot.core.model import Batch
from bot.core.status import SourceStatus
from bot.pipeline import collect
from bot.pipeline.collect import Terms
from bot.store.database import Database
from bot.store.schema import posts
from tests.builders import a_post
from tests.conftest import House
from tests.fakes import MACHINE_START, FakeSource
from tests.pipeline.houses import reopened
from tests.pipeline.incoming import keep

EVERY_ERROR: list[OutsideError] = [
    Unavailable("connection refused"),
    Unanswered("the answer was lost"),
    RateLimited("slow down", MACHINE_START + timedelta(minutes=7)),
    Rejected("410 gone"),
    Unauthorized("sign in"),
]


def test_what_has_no_baseline_is_not_said_to_have_one(database: Database, build_house: Callable[..., House]) -> None:
    house = build_house(database, terms=Terms("hashtag", platform="bluesky", has_baseline=False))
    (met,) = house.log("met")
    assert met.why == "first contact: what it brings is judged however old it is"


def cursor(house: House, lane: str = "fetch") -> str:
    return collect.cursor_of(house.app.database, "hashtag", lane)


def source_status(house: House) -> SourceStatus:
    (one,) = look.status(house.app).sources
    return one


def count(house: House) -> int:
    with house.app.database.read() as tx:
        return len(tx.run(posts.select()).all())


def tries(house: House, *, after_s: float) -> int:
    """How often the source was asked in one collect, some seconds later."""
    house.machine.forward(seconds=after_s)
    before = house.source.fetches
    house.app.collect("hashtag")
    return house.source.fetches - before


@pytest.mark.parametrize("error", [Unavailable("connection refused"), Unanswered("the answer was lost")])
def test_a_source_that_is_away_is_asked_less_and_less_and_never_given_up(house: House, error: OutsideError) -> None:
    house.source.error = error
    house.machine.forward(hours=1)
    for wait in (5, 10, 20, 40, 80, 160, 320, 600, 600, 600):
        house.app.collect("hashtag")
        assert source_status(house).next_at == house.machine() + timedelta(seconds=wait)
        assert tries(house, after_s=wait - 1) == 0
        house.machine.forward(seconds=1)


def test_the_wait_starts_anew_after_a_look_that_went_well(house: House) -> None:
    house.source.error = Unavailable("connection refused")
    for _ in range(5):
        assert tries(house, after_s=3600) == 1
    house.source.error = None
    assert tries(house, after_s=3600) == 1
    assert source_status(house).state == "ok"
    house.source.error = Unavailable("connection refused")
    house.app.collect("hashtag")
    assert tries(house, after_s=4) == 0
    assert tries(house, after_s=1) == 1


def test_a_limit_is_kept_to_the_second(house: House) -> None:
    house.source.error = RateLimited("slow down", MACHINE_START + timedelta(minutes=7))
    house.app.collect("hashtag")
    house.source.error = None
    house.source.posts.append(a_post())
    assert tries(house, after_s=419) == 0
    assert tries(house, after_s=1) == 1
    assert count(house) == 1


def test_a_sweep_keeps_to_the_limit_as_well(house: House) -> None:
    house.source.error = RateLimited("slow down", MACHINE_START + timedelta(minutes=7))
    house.app.collect("hashtag")
    assert house.app.sweep("hashtag") == 0


def test_a_source_that_is_gone_for_good_is_left_alone_until_somebody_starts_anew(house: House) -> None:
    house.source.error = Rejected("410 gone")
    house.app.collect("hashtag")
    assert tries(house, after_s=86400 * 365) == 0
    assert source_status(house).state == "gone"
    house.app.close()
    again = reopened(house)
    again.app.retry_refused()
    again.source.error = None
    assert tries(again, after_s=0) == 1
    assert source_status(again).state == "ok"
    again.app.close()


def test_a_closed_door_is_tried_every_ten_minutes_and_at_a_new_start(house: House) -> None:
    house.source.error = Unauthorized("sign in")
    house.app.collect("hashtag")
    assert source_status(house).state == "unauthorized"
    assert tries(house, after_s=599) == 0
    assert tries(house, after_s=1) == 1
    assert tries(house, after_s=599) == 0
    house.app.retry_refused()
    assert tries(house, after_s=0) == 1


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: type(error).__name__)
def test_a_new_start_does_not_lift_a_limit_and_lifts_what_was_refused(house: House, error: OutsideError) -> None:
    house.source.error = error
    house.app.collect("hashtag")
    house.app.retry_refused()
    assert tries(house, after_s=0) == isinstance(error, Rejected | Unauthorized)


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: type(error).__name__)
def test_after_a_failure_the_cursor_stands_and_nothing_is_lost_or_comes_twice(
    house: House, error: OutsideError
) -> None:
    house.source.page = 2
    house.source.posts += [a_post(f"number {number}") for number in range(5)]
    asked = []

    def fail_at_the_second_page() -> None:
        asked.append(cursor(house))
        house.source.error = error if len(asked) == 2 else None

    house.source.before = fail_at_the_second_page
    assert house.app.collect("hashtag").new == 2
    assert (cursor(house), count(house)) == ("2", 2)
    assert source_status(house).error == str(error)
    house.app.retry_refused()
    house.machine.forward(minutes=7)
    assert house.app.collect("hashtag").new == 3
    assert (cursor(house), count(house)) == ("5", 5)
    assert asked == ["0", "2", "2", "4"]


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: type(error).__name__)
def test_failures_in_a_row_are_told_once_and_so_is_the_recovery(house: House, error: OutsideError) -> None:
    house.source.error = error
    for _ in range(3):
        house.app.retry_refused()
        house.machine.forward(minutes=20)
        house.app.collect("hashtag")
    house.source.error = None
    for _ in range(2):
        house.app.retry_refused()
        house.machine.forward(minutes=20)
        house.app.collect("hashtag")
    (failing,) = house.log("failing")
    assert (failing.why, failing.place) == (f"{type(error).__name__}: {error}", "hashtag")
    (recovered,) = house.log("recovered")
    assert recovered.why == f"after 3 failures: {error}"


def test_whoever_dies_between_fetching_and_storing_fetches_the_same_again(house: House) -> None:
    house.source.posts.append(a_post("Good morning"))
    batch = house.source.fetch(cursor(house))
    assert batch.posts
    house.app.close()
    again = reopened(house)
    assert again.app.collect("hashtag").new == 1
    again.app.close()


def test_the_same_posts_again_are_no_new_posts(house: House) -> None:
    terms = house.app.sources["hashtag"].terms
    batch = Batch((a_post("Good morning", native_id="1"),), "1")
    found = [
        collect.store(house.app.database, batch, terms, lane="fetch", now=house.clock(), machine_now=house.machine())
        for _ in range(2)
    ]
    assert [one.new for one in found] == [1, 0]


def test_a_batch_that_cannot_be_stored_leaves_the_cursor_where_it_was(house: House) -> None:
    terms = house.app.sources["hashtag"].terms
    naive = replace(a_post("when?"), seen_at=house.clock().replace(tzinfo=None))
    with pytest.raises((ValueError, StoreError), match="without a zone"):
        collect.store(
            house.app.database,
            Batch((naive,), "7"),
            terms,
            lane="fetch",
            now=house.clock(),
            machine_now=house.machine(),
        )
    assert (cursor(house), count(house)) == ("0", 0)


def test_a_cursor_alone_is_kept_and_no_cursor_leaves_the_last(house: House) -> None:
    terms = house.app.sources["hashtag"].terms
    for batch in (Batch(cursor="7"), Batch()):
        collect.store(house.app.database, batch, terms, lane="fetch", now=house.clock(), machine_now=house.machine())
        assert cursor(house) == "7"


def test_fetch_and_stream_keep_a_cursor_each(house: House) -> None:
    terms = house.app.sources["hashtag"].terms
    for lane, where in (("fetch", "f"), ("stream", "s")):
        batch = Batch(cursor=where)
        collect.store(house.app.database, batch, terms, lane=lane, now=house.clock(), machine_now=house.machine())
    assert (cursor(house), cursor(house, "stream")) == ("f", "s")


def test_what_was_made_before_the_first_contact_less_backfill_is_never_told(
    database: Database, build_house: Callable[..., House]
) -> None:
    source = FakeSource([a_post(f"Giveaway at {minutes}", minutes=minutes) for minutes in (-11, -10, 0)])
    terms = Terms("hashtag", "bluesky", backfill=timedelta(minutes=10))
    house = build_house(database, source=source, terms=terms)
    house.app.curate()
    judged = {line.text: line.by for line in house.log("judged")}
    assert judged == {"Giveaway at -11": "milepost", "Giveaway at -10": "rules", "Giveaway at 0": "rules"}
    (met,) = house.log("met")
    assert met.why == "first contact: what is older is a baseline"
    assert met.place == "hashtag"


def test_first_contact_is_made_once(house: House) -> None:
    house.clock.forward(hours=2)
    house.source.posts.append(a_post("Giveaway after the first contact", minutes=1))
    house.app.collect("hashtag")
    house.app.curate()
    assert [line.by for line in house.log("judged")] == ["rules"]
    assert len(house.log("met")) == 1


def test_a_first_contact_that_failed_is_no_contact(database: Database, build_house: Callable[..., House]) -> None:
    house = build_house(database, source=FakeSource(error=Unavailable("connection refused")))
    assert house.log("met") == []
    house.clock.forward(minutes=30)
    house.machine.forward(minutes=30)
    house.source.error = None
    house.source.posts.append(a_post("Before we met", minutes=20))
    house.app.collect("hashtag")
    house.app.curate()
    assert [line.by for line in house.log("judged")] == ["milepost"], "a baseline"


def test_one_source_that_fails_holds_no_step_up(house: House) -> None:
    house.source.error = Unavailable("connection refused")
    house.clock.forward(minutes=1)
    house.day()
    assert source_status(house).state == "failing"
    assert (house.app.page_folder / "index.html").exists()


@dataclass
class BreakingStream(FakeSource):
    """A stream that gives its batches and then breaks off, each time it is opened."""

    batches: list[Batch] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    breaks: OutsideError = field(default_factory=lambda: Unavailable("the connection was closed"))

    def stream(self, cursor: str, stop: Event) -> Iterator[Batch]:
        del stop
        self.opened.append(cursor)
        yield from self.batches[int(cursor or 0) :]
        raise self.breaks


def test_a_stream_that_breaks_off_goes_on_where_it_was_and_waits_before(
    database: Database, build_house: Callable[..., House]
) -> None:
    source = BreakingStream(batches=[Batch((a_post("one"),), "1"), Batch((a_post("two"),), "2")])
    house = build_house(database, source=source)
    unit = house.app.sources["hashtag"]
    assert unit.stream is not None
    rung: list[bool] = []
    stop = Event()
    follow = house.app._follow  # `stream` goes on for ever: one turn of it
    follow("hashtag", stop, lambda: rung.append(True))
    assert (source.opened, cursor(house, "stream"), rung) == ([""], "2", [True, True])
    follow("hashtag", stop, lambda: rung.append(True))
    assert source.opened == [""], "it waits"
    house.machine.forward(seconds=5)
    follow("hashtag", stop, lambda: rung.append(True))
    assert source.opened == ["", "2"]
    assert count(house) == 2
    assert source_status(house).failures == 2


def test_a_note_stands_in_the_log_once_and_in_status_until_another_one_comes(house: House) -> None:
    for minute, note in enumerate(
        ["day.jsonl:3: is no JSON", "", "day.jsonl:3: is no JSON", "day.jsonl:9: no author", ""]
    ):
        house.machine.at = MACHINE_START + timedelta(minutes=minute)
        keep(house, note=note)
        found = source_status(house)
        assert (found.state, found.error) == ("ok", ""), "a note is no failure"
    assert [(line.what, line.place, line.why, line.by) for line in house.log("noted")] == [
        ("noted", "hashtag", "day.jsonl:3: is no JSON", "milepost"),
        ("noted", "hashtag", "day.jsonl:9: no author", "milepost"),
    ]
    assert (found.note, found.noted_at) == ("day.jsonl:9: no author", MACHINE_START + timedelta(minutes=3))
