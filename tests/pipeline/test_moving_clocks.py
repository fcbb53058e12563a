"""Event clocks that are moved: everything that hangs on them moves, what was told stays told. Each on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.app import clocks
from bot.core.errors import NotFoundError
from bot.core.milestones.due import due_at
from bot.core.milestones.plan import Milestone
from bot.core.model import EventClock
from bot.pipeline.clocks import Moved, as_they_start
from tests.builders import START
from tests.conftest import House
from tests.pipeline.houses import live, reopened
from tests.pipeline.incoming import official

PLAN = "".join(
    f'[[milestone]]\nid = "{name}"\nclock = "mass"\nafter = "{after}"\ntext = "{name} at {{{{ time }}}}"\nstrand = "official"\n\n'
    for name, after in (("one", "1h"), ("two", "2h"))
)


@pytest.fixture
def planned(house: House) -> House:
    """A house with a plan: milestones one and two hours after the masses' start."""
    (house.rules / "milestones.toml").write_text(PLAN)
    house.app.adopt(at_once=True)
    return house


def move(house: House, **by: float) -> Moved:
    start = house.app.desk.clocks["mass"].start_at + timedelta(**by)
    return clocks.move(house.app, "mass", start, by="ana", why="fog")


def texts(house: House) -> list[str]:
    house.app.announce()
    return [update.text for update in live(house)]


def test_a_delayed_start_moves_its_milestones(planned: House) -> None:
    moved = move(planned, minutes=15)
    assert [name for name, _ in moved.milestones] == ["one", "two"]
    planned.clock.forward(hours=1)
    assert texts(planned) == []
    planned.clock.forward(minutes=15)
    assert texts(planned) == ["one at 11:15"]
    (line,) = planned.log("moved")
    assert line.why == "clock mass: 2016-04-24 10:00 BST -> 2016-04-24 10:15 BST: fog"


def test_another_process_and_a_restart_go_by_the_new_time(planned: House) -> None:
    again = reopened(planned)
    move(planned, minutes=15)
    planned.clock.forward(hours=1)
    again.app.announce()
    assert again.app.desk.clocks["mass"].start_at == START + timedelta(minutes=15)
    assert [update.text for update in live(again)] == []
    again.app.close()


def test_what_was_told_stays_told_and_what_was_missed_comes_again(planned: House) -> None:
    planned.clock.forward(hours=1)
    assert texts(planned) == ["one at 11:00"]
    planned.clock.forward(hours=1.5)
    assert texts(planned) == ["one at 11:00"], "the second is too late by now"
    moved = move(planned, hours=1)
    assert (moved.back, [name for name, _ in moved.milestones]) == (("two",), ["two"])
    planned.clock.forward(minutes=30)
    assert texts(planned) == ["one at 11:00", "two at 13:00"]


def test_an_earlier_start_tells_what_is_over_by_it_now(planned: House) -> None:
    planned.clock.forward(minutes=50)
    moved = move(planned, minutes=-11)
    assert (moved.passed, [name for name, _ in moved.milestones]) == (("one",), ["two"])
    assert texts(planned) == ["one at 10:49"]


def test_rules_go_by_the_new_time_at_once(planned: House) -> None:
    (planned.rules / "10-rules.toml").write_text(
        '[[rule]]\nid = "early"\nabout = "What officials say in the first half hour."\naction = "publish"\n'
        'when = ["is_official", \'clock("mass") < "30m"\']\n'
        'catches = [{ is_official = true, clock.mass = "10m" }]\nspares = [{ is_official = true, clock.mass = "31m" }]\n'
    )
    planned.app.adopt(at_once=True)
    planned.clock.forward(minutes=40)
    official(planned, "We wait for the fog to lift")
    assert [update.text for update in live(planned)] == []
    move(planned, minutes=20)
    official(planned, "They are off")
    assert [update.text for update in live(planned)] == ["They are off"]


def test_back_to_the_configuration_and_a_later_change_of_it_wins(planned: House) -> None:
    move(planned, minutes=15)
    configured = planned.app.parts.desk.clocks
    with planned.app.database.read() as tx:
        assert as_they_start(tx, configured)["mass"].start_at == START + timedelta(minutes=15)
        edited = {"mass": replace(configured["mass"], start_at=START + timedelta(minutes=5))}
        assert as_they_start(tx, edited) == edited, "who changed the configuration since then means that"
    move(planned, minutes=-15)
    (one, *_) = clocks.every(planned.app)
    assert one.start == one.configured == START


def test_an_unknown_clock_is_told_with_the_nearest(planned: House) -> None:
    with pytest.raises(NotFoundError, match="did you mean 'mass'"):
        clocks.move(planned.app, "mas", START, by="ana")


@pytest.mark.parametrize(
    ("zone", "start", "after", "local"),
    [
        ("Europe/London", "2016-03-27T00:30", "1h", "2016-03-27T02:30"),  # the night that loses an hour
        ("Europe/London", "2016-10-30T00:30", "2h", "2016-10-30T01:30"),  # the night that has one twice
        ("Pacific/Kiritimati", "2016-04-24T23:30", "1h", "2016-04-25T00:30"),  # fourteen hours east
        ("Pacific/Apia", "2016-04-03T03:30", "1h", "2016-04-03T03:30"),
        ("America/New_York", "2016-11-06T00:30", "2h", "2016-11-06T01:30"),
    ],
)
def test_hours_are_hours_also_on_the_days_when_clocks_change(zone: str, start: str, after: str, local: str) -> None:
    tz = ZoneInfo(zone)
    clock = EventClock("c", "c", datetime.fromisoformat(start).replace(tzinfo=tz).astimezone(UTC), zone)
    at = due_at(Milestone("m", "c", timedelta(hours=int(after[0])), "x"), {"c": clock})
    assert at is not None
    assert at - clock.start_at == timedelta(hours=int(after[0]))
    assert f"{at.astimezone(tz):%Y-%m-%dT%H:%M}" == local


@given(
    acts=st.lists(
        st.one_of(
            st.tuples(st.just("move"), st.integers(-90, 90)),
            st.tuples(st.just("wait"), st.integers(0, 40)),
            st.tuples(st.just("back"), st.integers(0, 20)),
        ),
        max_size=25,
    )
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_clocks_are_moved_no_milestone_is_told_twice(planned: House, acts: list[tuple[str, int]]) -> None:
    for what, minutes in acts:
        match what:
            case "move":
                move(planned, minutes=minutes)
            case "wait":
                planned.clock.forward(minutes=minutes)
            case _:
                planned.clock.forward(minutes=-minutes)
        planned.app.announce()
        told = [update.milestone for update in live(planned)]
        assert len(told) == len(set(told)) <= 2
