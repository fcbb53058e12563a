"""A step that raises stops no other, and `status` says so, in any process, until it goes well again."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import look
from bot.app.failures import Failures, failing
from bot.app.hall import App
from bot.app.processes import this_process
from bot.core.errors import StoreError
from bot.core.recording import decode_line
from bot.store.database import Database
from bot.store.migrate import migrate
from tests.builders import a_post
from tests.conftest import House
from tests.fakes import MACHINE_START, FixedClock
from tests.pipeline.houses import reopened, same_store
from tests.pipeline.incoming import told


def steps(house: House) -> list[str]:
    return [problem for problem in look.status(house.app).problems if problem.startswith("step ")]


def explode() -> None:
    raise RuntimeError("the sky\nis falling")


def test_what_nobody_foresaw_stops_no_other_step_and_stands_in_every_status(house: House) -> None:
    house.source.before = explode
    told(house, "Here we go")
    house.day()
    assert len(house.publisher.standing()) == 1
    assert "Here we go" in (house.app.page_folder / "index.html").read_text()
    expected = [
        "step collect:hashtag fails since 00:00:00 UTC: RuntimeError: the sky is falling: please report this, with the log"
    ]
    assert steps(house) == expected
    other = reopened(house)
    assert steps(other) == expected
    other.app.close()


def test_it_is_forgotten_when_it_goes_well_again_also_by_another_process(house: House) -> None:
    house.source.before = explode
    house.day()
    assert len(steps(house)) == 1
    house.source.before = lambda: None
    house.app.close()
    again = reopened(house)
    again.day()
    assert steps(again) == []
    again.app.close()


def test_it_is_said_since_when_and_why_last(house: House) -> None:
    house.app.run_step("one", explode)
    house.machine.forward(minutes=5)
    house.app.run_step("one", explode)
    house.app.run_step("two", explode)

    def refuse() -> None:
        raise StoreError("the page cannot be written")

    house.machine.forward(minutes=5)
    house.app.run_step("one", refuse)
    assert steps(house) == [
        "step one fails since 00:00:00 UTC: the page cannot be written",
        "step two fails since 00:05:00 UTC: RuntimeError: the sky is falling: please report this, with the log",
    ]
    assert house.app.run_step("two", lambda: "well") == "well"
    assert [problem.split()[1] for problem in steps(house)] == ["one"]


def test_a_step_that_gives_nothing_has_not_failed(house: House) -> None:
    assert house.app.run_step("one", lambda: None) is None
    assert steps(house) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_whoever_ends_the_process_is_obeyed(house: House, error: type[BaseException]) -> None:
    def end() -> None:
        raise error

    with pytest.raises(error):
        house.app.run_step("one", end)
    assert steps(house) == []


def test_a_store_that_is_away_is_no_second_failure(tmp_path: Path) -> None:
    empty = Database(f"sqlite:///{tmp_path}/empty.db")  # no table of ours in it
    away = Failures(empty, FixedClock(MACHINE_START), "here")
    away.begin({"one"})
    away.failed("one", "a reason")
    away.went_well("one", for_all=True)
    migrate(empty)
    away.failed("one", "a reason")
    with empty.read() as tx:
        assert [one.reason for one in failing(tx)] == ["a reason"], "what could not be kept is kept the next time"
    empty.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_who_waits_for_its_turn_clears_nothing(house: House) -> None:
    """The other machine starts, may not collect, and says nothing of it."""
    house.source.before = explode
    house.day()
    other = reopened(house)
    for _ in range(2):
        other.day()
        assert [problem.split()[1] for problem in steps(other)] == ["collect:hashtag"]
        house.day()
        assert [problem.split()[1] for problem in steps(house)] == ["collect:hashtag"]
    other.app.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_whose_turn_it_is_now_says_that_it_is_over(house: House) -> None:
    other = reopened(house)
    other.day()  # it has looked before there was a failure
    house.source.before = explode
    house.day()
    assert len(steps(other)) == 1
    house.source.before = lambda: None
    house.app.close()  # gives its leases back
    other.machine.forward(minutes=1)
    other.day()
    assert steps(other) == []
    other.app.close()


def test_one_machine_cannot_draw_the_page_and_the_other_can(database: Database) -> None:
    clock = FixedClock(MACHINE_START)
    one, other = (Failures(database, clock, f"{name}:1:a") for name in ("one", "other"))
    for _ in range(3):
        one.failed("refresh", "the disk is full")
        clock.forward(minutes=1)
        other.went_well("refresh", for_all=False)
        assert kept(database) == ["refresh: the disk is full"]
    one.went_well("refresh", for_all=False)
    assert kept(database) == []


def test_what_fails_all_the_time_is_written_again_when_it_is_lost(database: Database) -> None:
    clock = FixedClock(MACHINE_START)
    one, other = (Failures(database, clock, f"{name}:1:a") for name in ("one", "other"))
    one.failed("publish:social", "boom")
    other.went_well("publish:social", for_all=True)
    assert kept(database) == []
    one.failed("publish:social", "boom")
    assert kept(database) == ["publish:social: boom"]


def test_a_source_that_was_taken_out_of_the_configuration_is_dropped_at_the_start(house: House) -> None:
    house.source.before = explode
    house.day()
    assert len(steps(house)) == 1
    house.app.close()
    parts = replace(house.app.parts, database=same_store(house.app.database), sources={})
    without = replace(house, app=App(parts))
    without.day()
    assert steps(without) == []
    without.app.close()


def test_what_a_dead_process_left_is_taken_over_and_what_nobody_confirms_is_dropped(database: Database) -> None:
    clock = FixedClock(MACHINE_START)
    machine = this_process().rpartition(":")[0]
    ended = subprocess.Popen(["true"])
    ended.wait(30)
    dead, elsewhere = f"{machine}:{ended.pid}:a", "another/machine/space:1:a"
    Failures(database, clock, dead).failed("refresh", "the disk is full")
    Failures(database, clock, elsewhere).failed("adopt", "no such folder")
    mine = Failures(database, clock, f"{this_process()}:b")
    clock.forward(minutes=1)
    mine.begin({"refresh", "adopt"})
    assert kept(database) == ["adopt: no such folder", "refresh: the disk is full"]
    with database.read() as tx:
        assert {one.since for one in failing(tx)} == {MACHINE_START}
    mine.went_well("refresh", for_all=False)
    assert "refresh: the disk is full" not in kept(database)
    clock.forward(hours=25)
    mine.begin({"refresh", "adopt"})
    assert kept(database) == []


def kept(database: Database) -> list[str]:
    with database.read() as tx:
        return [f"{one.step}: {one.reason}" for one in failing(tx)]


def test_half_a_character_fails_no_step_and_is_recorded_as_it_is_stored(house: House) -> None:
    path = house.app.parts.folder / "day.jsonl"
    house.app.record(path)
    house.source.page = 1
    house.source.posts += [a_post("half a \ud83d pair"), a_post("the next one")]
    house.clock.forward(minutes=1)
    house.day()
    assert steps(house) == []
    recorded = [decode_line(line).batch.posts[0] for line in path.read_bytes().splitlines()]
    assert [post.text for post in recorded] == [item.post.text for item in look.queue(house.app)]
    assert recorded[1].text == "the next one"
