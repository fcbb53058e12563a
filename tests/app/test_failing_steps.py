"""A step that raises stops no other, and `status` says so, in any process, until it goes well again."""

from pathlib import Path

import pytest

from bot.app import look
from bot.app.failures import Failures, failing
from bot.core.errors import StoreError
from bot.core.recording import decode_line
from bot.store.database import Database
from bot.store.migrate import migrate
from tests.builders import a_post
from tests.conftest import House
from tests.fakes import MACHINE_START, FixedClock
from tests.pipeline.houses import reopened
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
    away = Failures(empty, FixedClock(MACHINE_START))
    away.note("one", "a reason")
    away.note("one", "")
    migrate(empty)
    away.note("one", "a reason")
    with empty.read() as tx:
        assert [one.reason for one in failing(tx)] == ["a reason"], "what could not be kept is kept the next time"
    empty.close()


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
