from datetime import UTC, datetime, timedelta

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from bot.app.event_time import EventTime, Pace
from bot.cli.moments import Zone, ago

NOW = datetime(2016, 4, 24, 12, 0, tzinfo=UTC)  # 13:00 in London
LONDON = Zone("Europe/London", NOW)
MOMENTS = st.datetimes(datetime(2016, 1, 1), datetime(2016, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@pytest.mark.parametrize(
    ("typed", "past", "coming"),
    [
        ("2h", "10:00", "14:00"),
        ("1d12h", "2016-04-23T00:00", "2016-04-26T00:00"),
        ("in 30m", "11:30", "12:30"),
        ("12:30", "11:30", "11:30"),
        ("2016-04-24T14:00", "13:00", "13:00"),
        ("2016-04-24T14:00+01:00", "13:00", "13:00"),
        ("2016-04-24T14:00Z", "14:00", "14:00"),
        ("14:00", "2016-04-23T13:00", "13:00"),
        ("2016-04-24", "2016-04-23T23:00", "2016-04-23T23:00"),
    ],
)
def test_times_are_read_in_the_events_zone(typed: str, past: str, coming: str) -> None:
    def utc(text: str) -> datetime:
        return datetime.fromisoformat(text if "T" in text else f"2016-04-24T{text}").replace(tzinfo=UTC)

    assert LONDON.past(typed, "--since") == utc(past)
    assert LONDON.coming(typed, "--at") == utc(coming)


@given(st.text())
def test_any_text_is_a_time_or_is_refused_with_advice(typed: str) -> None:
    for read in (LONDON.past, LONDON.coming):
        try:
            found = read(typed, "--at")
        except typer.BadParameter as error:
            said = error.format_message()
            assert said.startswith("Invalid value for --at: ")
            assert "is not a time: write 2h, 14:00, " in said
        else:
            assert found.tzinfo is UTC


@given(MOMENTS)
def test_what_is_shown_is_read_as_the_same_moment(at: datetime) -> None:
    zone = Zone("Europe/London", at)
    shown = zone.clock(at)
    assert zone.past(shown.split()[0], "--since") == at.replace(microsecond=0) or "10-30" in f"{at:%m-%d}"
    assert shown.endswith((" GMT", " BST"))
    assert LONDON.clock(at).startswith(f"{at:%Y}") or LONDON.clock(at).count(" ") == 1


def test_ago() -> None:
    assert ago(NOW - timedelta(minutes=2, seconds=5), NOW) == "2m5s ago"
    assert ago(NOW + timedelta(seconds=30), NOW) == "in 30s"


@given(MOMENTS, MOMENTS, st.floats(0.1, 300), st.timedeltas(timedelta(0), timedelta(days=2)))
def test_an_event_clock_runs_at_its_speed_and_then_at_the_machines(
    event: datetime, machine: datetime, speed: float, passed: timedelta
) -> None:
    second = timedelta(seconds=1)
    until = event + timedelta(hours=5)
    pace = Pace(event, machine, speed, until)
    assert pace.at(machine) == event
    found = pace.at(machine + passed)
    assert found <= pace.at(machine + passed + second)
    if found < until:
        assert abs((found - event) - passed * speed) < second
        assert abs(pace.left(until, machine + passed) - (until - found) / speed) < second
    else:
        assert abs(pace.at(machine + passed + second) - found - second) < timedelta(milliseconds=1)


def test_an_event_clock_that_was_set_stands_still() -> None:
    times = iter([NOW, NOW + timedelta(hours=1)])
    clock = EventTime(Pace(NOW, NOW), lambda: next(times))
    clock.jump(NOW - timedelta(days=1))
    assert clock.now() == NOW - timedelta(days=1)
