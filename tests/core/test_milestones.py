"""The plan: every mistake has its place, and whatever the clock does, a milestone is due at most once."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import RuleError
from bot.core.milestones.due import Words, due, due_at, upcoming, words
from bot.core.milestones.facts import Facts
from bot.core.milestones.plan import Milestone
from bot.core.milestones.reading import load
from bot.core.model import EventClock
from tests.builders import START

CLOCKS = {"mass": EventClock("mass", "the masses race", START, "Europe/London")}
GOOD = '[[milestone]]\nid = "four"\nclock = "mass"\nafter = "4h"\ntext = "{{ hours }} hours in {{ clock }} at {{ time }}"\n'


def read(text: str) -> tuple[Milestone, ...]:
    return load(text, clocks=CLOCKS, strands=("masses",), accounts=("social",)).milestones


def facts(now: datetime) -> Facts:
    return Facts(now, CLOCKS, "London Marathon")


def test_a_milestone_is_due_exactly_at_its_time_and_speaks_local_time() -> None:
    plan = read(GOOD)
    at = START + timedelta(hours=4)
    assert due(plan, facts(at - timedelta(microseconds=1)), set()) == []
    assert [one.milestone.id for one in due(plan, facts(at), set())] == ["four"]
    assert due(plan, facts(at), {"four"}) == []
    assert words(plan[0], facts(at)) == Words("", "4 hours in the masses race at 14:00")
    assert upcoming(plan, facts(START), set(), 10) == [("four", at)]


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        (GOOD.replace("mass", "mas", 1), "3:9", "no event clock is called 'mas'"),
        (GOOD.replace('"4h"', '"4 hours"'), "4:9", "is not a duration"),
        (GOOD.replace("{{ hours }}", "{{ hour }}"), "5:8", "hour"),
        (GOOD + 'strnad = "masses"\n', "6:1", "unknown key 'strnad'"),
        (GOOD + 'strand = "mases"\n', "6:10", "no strand is called 'mases'"),
        (GOOD + 'accounts = ["socail"]\n', "6:13", "no account is called 'socail'"),
        (GOOD + 'tone = "loud"\n', "6:8", "a tone is one of"),
        (GOOD + GOOD, "7:6", "is used twice"),
        (GOOD.replace('id = "four"\n', ""), "1:1", "needs 'id'"),
        ("[milestone]\nid = 1\n", "1:1", "two brackets"),
        ("[[milestone]\n", "1:", "mend the TOML"),
    ],
)
def test_each_mistake_has_its_place(text: str, place: str, reason: str) -> None:
    with pytest.raises(RuleError) as caught:
        read(text)
    assert f"milestones.toml:{place}" in str(caught.value)
    assert reason in str(caught.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(RuleError) as caught:
        read('[[milestone]]\nid = "a"\nclock = "x"\nafter = "y"\ntext = "z"\nstrand = "q"\n')
    assert len(caught.value.mistakes) == 3


_plans = st.lists(
    st.builds(
        lambda number, minutes: Milestone(f"m{number}", "mass", timedelta(minutes=minutes), "x"),
        st.integers(0, 5),
        st.integers(-60, 600),
    ),
    max_size=8,
)


@given(_plans, st.lists(st.integers(-120, 700), max_size=20))
def test_whatever_the_clock_does_each_is_due_at_most_once_and_none_is_lost(
    plan: list[Milestone], clock: list[int]
) -> None:
    settled: set[str] = set()
    told: list[str] = []
    for minutes in clock:
        for one in due(plan, facts(START + timedelta(minutes=minutes)), settled):
            told.append(one.milestone.id)
            settled.add(one.milestone.id)
    assert len(told) == len(set(told))
    latest = max(clock, default=-1000)
    reached = {one.id for one in plan if one.after <= timedelta(minutes=latest)}
    assert set(told) == reached


@pytest.mark.parametrize(
    ("zone", "written", "utc"),
    [
        ("Europe/London", "2016-04-24T13:15:00", "2016-04-24T12:15:00+00:00"),
        ("Europe/London", "2016-04-24T13:15:00+02:00", "2016-04-24T11:15:00+00:00"),
        ("Pacific/Kiritimati", "2016-04-24T13:15:00", "2016-04-23T23:15:00+00:00"),
        ("Europe/London", "2016-03-27T01:30:00", "2016-03-27T01:30:00+00:00"),  # there is no such time that night
        ("Europe/London", "2016-10-30T01:30:00", "2016-10-30T00:30:00+00:00"),  # there are two: the first
    ],
)
def test_a_moment_of_the_calendar_is_in_the_events_zone_unless_it_names_one(zone: str, written: str, utc: str) -> None:
    text = f'[[milestone]]\nid = "a"\nat = {written}\ntext = "It is {{{{ time }}}}"\n'
    (found,) = load(text, clocks={}, strands=(), accounts=(), zone=zone).milestones
    at = due_at(found, {})
    assert at is not None
    assert at.isoformat() == utc
    assert words(found, Facts(at, {}, zone=zone)).text == f"It is {at.astimezone(ZoneInfo(zone)):%H:%M}"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('at = "2016-04-24T13:15:00"\ntext = "x"', "at is a moment without quotes"),
        ('at = 2016-04-24\ntext = "x"', "at is a moment without quotes"),
        ('at = 2016-04-24T13:15:00\nclock = "mass"\ntext = "x"', "it has 'at' already"),
        ('at = 2016-04-24T13:15:00\nafter = "1h"\ntext = "x"', "it has 'at' already"),
        ('at = 2016-04-24T13:15:00\ntext = "{{ hours }}"', "nothing is called 'hours' here"),
        ('at = 2016-04-24T13:15:00\ntext = "x"\nlate = "never"', "late is one of drop, say"),
        ('at = 0001-01-01T00:00:00+14:00\ntext = "x"', "no calendar goes that far"),
        ('text = "x"', "needs 'clock'"),
    ],
)
def test_mistakes_about_moments(body: str, reason: str) -> None:
    with pytest.raises(RuleError) as found:
        load(f'[[milestone]]\nid = "a"\n{body}\n', clocks={}, strands=(), accounts=())
    assert reason in " ".join(mistake.reason for mistake in found.value.mistakes)
