"""What milestones wait for beside the clock: counts, results, people, marked posts, and several of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import RuleError
from bot.core.milestones.board import Board, Mark
from bot.core.milestones.due import Due, due, is_due, words
from bot.core.milestones.facts import Facts
from bot.core.milestones.plan import Plan
from bot.core.milestones.reading import load
from bot.core.model import EventClock
from bot.core.people import People, Person
from bot.core.results import FINISH, Result, Row, Standing, read_time, write_time
from tests.builders import START

CLOCKS = {"mass": EventClock("mass", "the masses race", START, "Europe/London")}
PEOPLE = People("", (Person("peake", "Tim Peake", (), "7", ("mass",)),))
NOON = START + timedelta(hours=3)
POINTS = ("5K", "HALF", FINISH)


def plan(text: str) -> Plan:
    return load(
        text, clocks=CLOCKS, strands=("masses",), accounts=(), zone="Europe/London", persons={"peake": ("mass",)}
    )


def one(body: str, head: str = "") -> Plan:
    return plan(f'{head}\n[[milestone]]\nid = "it"\n{body}\n')


def row(
    key: str,
    finish: str = "",
    place: int | None = None,
    *,
    name: str = "",
    splits: Mapping[str, str] | None = None,
    standing: str = "",
    source: str = "timing",
    seq: int = 1,
    **fields: str,
) -> Row:
    written = dict.fromkeys(POINTS, "") | dict(splits or {}) | {FINISH: finish}
    times = tuple((point, read_time(at)) for point, at in written.items())
    stands = Standing(standing) if standing else Standing.FINISHED if finish else Standing.STARTED
    return Row(source, Result("mass", key, name or f"runner {key}", place, times, stands, fields), seq, NOON)


def look(found: Plan, rows: Sequence[Row], **more: object) -> Due | None:
    board = Board(found)
    board.feed([replace(each, seq=number + 1) for number, each in enumerate(rows)])
    now = more.pop("now", START + timedelta(hours=4))
    values: dict[str, object] = {"board": board, "people": PEOPLE, "zone": "Europe/London", **more}
    return is_due(found.milestones[0], Facts(now, CLOCKS, **values))  # type: ignore[arg-type]


def says(found: Plan, rows: Sequence[Row], **more: object) -> str:
    was = look(found, rows, **more)
    if was is None:
        return ""
    return words(found.milestones[0], Facts(START, CLOCKS, zone="Europe/London"), was.values).text


WINNER = 'result = "winner"\nrace = "mass"\ntext = "{{ name }} wins in {{ result }}"'


def test_the_winner_is_who_has_the_first_place_and_not_who_came_first() -> None:
    found = one(WINNER)
    assert says(found, [row("2", "2:03:51", 2), row("3", "2:06:23", 3)]) == ""
    rows = [row("2", "2:03:51", 2), row("1", "2:03:05", 1, name="Eliud Kipchoge")]
    assert says(found, rows) == "Eliud Kipchoge wins in 2:03.05"
    assert says(found, [row("1", "2:11:48", 1, name="Beardsley"), row("2", "2:11:48", 1, name="Simonsen")]) == (
        "Beardsley and Simonsen wins in 2:11.48"
    )


def test_a_row_that_contradicts_itself_makes_nothing() -> None:
    found = one(WINNER)
    assert says(found, [row("1", "2:03:05", 1, splits={"5K": "1:10:00", "HALF": "1:01:00"})]) == ""
    assert says(found, [row("1", "2:03:05", 1, splits={"5K": "0:15:00", "HALF": "0:15:00"})]) == ""
    assert says(found, [row("1", "1:00:00", 1, splits={"HALF": "1:01:00"})]) == ""
    assert says(found, [row("1", "2:03:05", 1, splits={"HALF": "1:01:00"})]) != "", (
        "a split that is missing is only that"
    )
    assert says(found, [row("1", "2:03:05", 1, standing="disqualified")]) == ""


def test_without_places_the_quickest_wins_once_nobody_quicker_came_for_a_while() -> None:
    found = one(WINNER, '[[race]]\nid = "mass"\nsettle = "5m"')
    rows = [row("2", "2:03:51"), row("1", "2:03:05", name="Eliud Kipchoge")]
    at = rows[0].at
    assert says(found, rows, now=at + timedelta(minutes=4)) == ""
    assert says(found, rows, now=at + timedelta(minutes=5)) == "Eliud Kipchoge wins in 2:03.05"
    assert says(one(WINNER), rows) == "", "without places and without a time to settle nobody can say who won"


@pytest.mark.parametrize(
    ("body", "head", "said"),
    [
        ('result = "podium"\nrace = "mass"\ntext = "{{ names | join(\', \') }}"', "", "A, B, C"),
        ('result = "record"\nrace = "mass"\ntext = "{{ name }} by {{ by }}"', '[[race]]\nid = "mass"\nrecord = "2:03:06"', "A by 0:01"),
        ('result = "record"\nrace = "mass"\ntext = "{{ name }}"', '[[race]]\nid = "mass"\nrecord = "2:03:05"', ""),
        ('result = "first"\nrace = "mass"\nunder = "2h4m"\nwhere = { sex = "f" }\ntext = "{{ name }} {{ fields.sex }}"', "", "B F"),
        ('result = "first"\nrace = "mass"\nunder = "2:03:05"\ntext = "{{ name }}"', "", ""),
        ('result = "nth"\nnumber = 1_000_003\nrace = "mass"\ntext = "{{ count }}: {{ name }}"', '[[race]]\nid = "mass"\nbefore = 1_000_000', "1,000,003: C"),
        ('result = "winner"\nrank = "place_f"\nwhere = { sex = "F" }\nrace = "mass"\ntext = "{{ name }}"', "", "B"),
        ('result = "last"\nrace = "mass"\nclock = "mass"\nafter = "4h"\ntext = "{{ name }} at {{ time }}"', "", "C at 14:00"),
        ('result = "last"\nrace = "mass"\nclock = "mass"\nafter = "4h1m"\ntext = "{{ name }}"', "", ""),
        ('result = "first"\nrace = "mass"\npoint = "HALF"\ntext = "{{ name }} {{ result }}"', "", "B 1:01.00"),
        ('reached = 3\nof = "finishers"\nrace = "mass"\ntext = "{{ count }} home, {{ name }} the last of them"', "", "3 home, C the last of them"),
        ('reached = 4\nof = "finishers"\nrace = "mass"\ntext = "{{ count }}"', "", ""),
        ('reached = 59_000_000\nof = "raised"\ntext = "{{ count }} ({{ exactly }})"', "", "59,000,000 (59,400,000)"),
        ('reached = 10\nof = "posts"\ntext = "{{ count }} posts"', "", "10 posts"),
    ],
)  # fmt: skip
def test_what_becomes_of_a_race(body: str, head: str, said: str) -> None:
    found = one(body, head)
    rows = [
        row("1", "2:03:05", 1, name="A", sex="M"),
        row("2", "2:03:51", 2, name="B", sex="F", place_f="1", splits={"HALF": "1:01:00"}),
        row("3", "2:06:23", 3, name="C", sex="F", place_f="2", splits={"HALF": "1:01:01"}),
    ]
    board = Board(found)
    board.feed([replace(each, seq=number) for number, each in enumerate(rows)])
    board.tallies = {"raised": (59_400_000, START)}
    board.posts = (10, START)
    facts = Facts(START + timedelta(hours=4), CLOCKS, zone="Europe/London", board=board)
    was = is_due(found.milestones[0], facts)
    assert (words(found.milestones[0], facts, was.values).text if was else "") == said


@pytest.mark.parametrize(
    ("body", "row_now", "said"),
    [
        ('is = "started"\ntext = "{{ person }} is off"', row("7", splits={"5K": "0:30:00"}), "Tim Peake is off"),
        ('is = "at"\npoint = "HALF"\ntext = "{{ point }} {{ result }}"', row("7", splits={"HALF": "1:45:00"}), "HALF 1:45.00"),
        ('is = "at"\npoint = "HALF"\ntext = "x"', row("7", splits={"HALF": "1:45:00", "5K": "1:50:00"}), ""),
        ('is = "finished"\ntext = "{{ person }}: {{ result }}"', row("7", "3:35:21"), "Tim Peake: 3:35.21"),
        ('is = "running"\nclock = "mass"\nafter = "3h20m"\ntext = "still"', row("7", splits={"5K": "0:30:00"}), "still"),
        ('is = "running"\nclock = "mass"\nafter = "3h20m"\ntext = "still"', row("7", "3:35:21"), ""),
        ('is = "running"\nclock = "mass"\nafter = "3h20m"\ntext = "still"', row("7", standing="entered"), ""),
        ('is = "expected"\nwithin = "10m"\ntext = "{{ expected }}"', row("7", splits={"HALF": "2:00:00"}), "4:00.00"),
        ('is = "expected"\nwithin = "10m"\ntext = "{{ expected }}"', row("7", splits={"HALF": "2:10:00"}), ""),
        ('is = "stopped"\ntext = "x"', row("7", standing="stopped"), "x"),
        ('is = "finished"\ntext = "x"', row("8", "3:35:21"), ""),
    ],
)  # fmt: skip
def test_what_becomes_of_a_person(body: str, row_now: Row, said: str) -> None:
    assert says(one(f'person = "peake"\n{body}', '[[race]]\nid = "mass"\nclock = "mass"'), [row_now]) == said


def test_an_official_post_or_two_people_apart_say_that_it_is_so() -> None:
    found = one('said = "Closed"\ntext = "{{ name }}: {{ said }}"')

    def with_marks(*marks: Mark) -> str:
        board = Board(found)
        for number, mark in enumerate(marks):
            board.mark("closed", number, mark)
        was = is_due(found.milestones[0], Facts(START, CLOCKS, board=board))
        return words(found.milestones[0], Facts(START, CLOCKS), was.values).text if was else ""

    ana, bo = Mark(1, 1, False, START, "Ana", "shut"), Mark(2, 2, False, START, "Bo", "it is shut")
    copy = replace(bo, story=1)
    assert with_marks(ana) == ""
    assert with_marks(ana, replace(ana, story=2)) == "", "one person twice is one voice"
    assert with_marks(ana, copy) == "", "a copy is no second voice"
    assert with_marks(ana, bo) == "Ana: shut"
    assert (
        with_marks(ana, Mark(3, 1, True, START, "the police", "The road is closed")) == "the police: The road is closed"
    )


def test_all_of_several_and_any_of_them() -> None:
    both = 'all = [{ result = "winner", race = "mass" }, { clock = "mass", after = "3h" }]\ntext = "{{ name }} at {{ time }}"'
    rows = [row("1", "2:03:05", 1, name="A")]
    assert says(one(both), rows, now=START + timedelta(hours=2, minutes=59)) == ""
    assert says(one(both), rows, now=START + timedelta(hours=3)) == "A at 13:00"
    assert says(one(both), []) == ""
    either = (
        'any = [{ result = "winner", race = "mass" }, { clock = "mass", after = "4h" }]\ntext = "over at {{ time }}"'
    )
    assert says(one(either), []) == "over at 14:00"
    assert says(one(either), rows, now=START + timedelta(hours=3)).startswith("over")


def test_one_source_that_is_not_official_makes_it_provisional_and_two_make_it_sure() -> None:
    head = '[[race]]\nid = "mass"\nofficial = ["timing"]'
    found = one(WINNER + "\nprovisional = true", head)
    radio = row("1", "2:03:05", 1, source="radio")
    assert says(one(WINNER, head), [radio]) == ""
    was = look(found, [radio])
    assert was is not None
    assert not was.is_confirmed
    for more in (row("1", "2:03:05", 1, source="tv"), row("1", "2:03:05", 1)):
        was = look(found, [radio, more])
        assert was is not None
        assert was.is_confirmed
    was = look(found, [radio, row("1", "2:03:09", 1, source="tv")])
    assert was is not None
    assert not was.is_confirmed, "they do not say the same"


def test_it_is_not_told_before_a_moment() -> None:
    found = one(WINNER + "\nnot_before = 2016-04-24T14:30:00")
    rows = [row("1", "2:03:05", 1)]
    assert look(found, rows, now=START + timedelta(hours=4, minutes=29)) is None
    was = look(found, rows, now=START + timedelta(hours=4, minutes=30))
    assert was is not None
    assert was.at == START + timedelta(hours=4, minutes=30), "that it waited does not make it late"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('result = "winer"\nrace = "m"\ntext = "x"', "did you mean 'winner'"),
        ('result = "winner"\ntext = "x"', "needs 'race'"),
        ('result = "nth"\nrace = "m"\ntext = "x"', "needs 'number'"),
        ('result = "last"\nrace = "m"\ntext = "x"', "once nobody comes any more"),
        ('result = "winner"\nrace = "m"\nafter = "4h"\nclock = "mass"\ntext = "x"', "only 'last' goes with a time"),
        ('result = "winner"\nrace = "m"\nreached = 3\ntext = "x"', "write all = "),
        ('result = "winner"\nrace = "m"\ntext = "{{ nmae }}"', "did you mean 'name'"),
        ('result = "winner"\nrace = "m"\npoint = "HALF"\ntext = "x"', "places are told at the finish"),
        ('reached = "1000"\nof = "finishers"\nrace = "m"\ntext = "x"', "a whole number"),
        ('reached = 1000\ntext = "x"', "needs 'of'"),
        ('reached = 1000\nof = "raised"\nrace = "m"\ntext = "x"', "only 'of = \"finishers\"'"),
        ('person = "peak"\nis = "started"\ntext = "x"', "did you mean 'peake'"),
        ('person = "peake"\ntext = "x"', "needs 'is'"),
        ('person = "peake"\nis = "running"\ntext = "x"', "needs to know when"),
        ('person = "peake"\nis = "at"\ntext = "x"', "needs 'point'"),
        ('person = "peake"\nrace = "men"\nis = "started"\ntext = "x"', "peake is in mass"),
        ('all = []\ntext = "x"', "a list of conditions"),
        ('all = [{ result = "winner" }]\ntext = "x"', "needs 'race'"),
        ('any = [{ rslt = "winner", race = "m" }]\ntext = "x"', "unknown key 'rslt'"),
        ('told = "nobody"\ntext = "x"', "no milestone is called 'nobody'"),
        ('clock = "mass"\nafter = "4h"\nprovisional = true\ntext = "x"', "nobody to confirm it"),
        ('result = "winner"\nrace = "m"\ntext = "x"\nslot = "men"', "a slot is for a headline"),
        ('result = "winner"\nrace = "m"\ntext = "x"\nexamples = [{ rows = [], says = "y" }]', "it tells nothing, and 'y'"),
        ('result = "winner"\nrace = "m"\ntext = "x"\nexamples = [{ rows = [{ race = "m", key = "1", place = 1, finish = "2:00:00" }], silent = true }]', "it tells 'x'"),
        ('clock = "mass"\nafter = "4h"\ntext = "x"\nexamples = [{ after = "3h59m", says = "x" }]', "it tells nothing"),
        ('clock = "mass"\nafter = "4h"\ntext = "x"\nexamples = [{ after = "3h59m" }]', "either says"),
        ('clock = "mass"\nafter = "4h"\ncall = "1h"\ntext = "Send one while you run"', "nobody may come to harm"),
        ('clock = "mass"\nafter = "4h"\ncall = "1h"\nplain = "y"\ntext = "x"', "no plain words"),
        ('clock = "mass"\nafter = "4h"\nanswers = "mail"\ntext = "x"', "only a call has answers"),
    ],
)  # fmt: skip
def test_each_mistake_says_what_to_do(body: str, reason: str) -> None:
    with pytest.raises(RuleError) as caught:
        one(body)
    assert reason in str(caught.value)


def test_examples_hold() -> None:
    one(
        WINNER + '\nexamples = [\n { rows = [{ race = "mass", key = "1", name = "Eliud Kipchoge", place = 1, finish = "2:03:05" }], says = "Eliud Kipchoge wins in 2:03.05" },\n'
        ' { rows = [{ race = "mass", key = "2", place = 2, finish = "2:03:51" }], silent = true },\n]'
    )  # fmt: skip
    one(
        'clock = "mass"\nafter = "4h"\ntext = "{{ time }}"\nexamples = [{ after = "3h59m", silent = true }, { says = "14:00" }]'
    )


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 6), st.booleans()), max_size=40), st.integers(1, 5))
def test_fed_row_by_row_a_board_stands_as_one_that_saw_only_the_last_of_each(
    steps: list[tuple[int, int, bool]], number: int
) -> None:
    text = "".join(
        f'[[milestone]]\nid = "m{index}"\n{body}\ntext = "{{{{ name }}}}"\n'
        for index, body in enumerate(
            [
                'result = "winner"\nrace = "mass"',
                'result = "first"\nrace = "mass"',
                'result = "last"\nrace = "mass"\nclock = "mass"\nafter = "1h"',
                f'result = "nth"\nnumber = {number}\nrace = "mass"',
            ]
        )
    )
    found = plan(text)
    slowly, at_once = Board(found), Board(found)
    last: dict[str, Row] = {}
    for seq, (key, place, done) in enumerate(steps, start=1):
        told = row(str(key), f"2:0{place}:0{key}" if done else "", place or None, seq=seq)
        slowly.feed([told])
        last[str(key)] = told
    at_once.feed(sorted(last.values(), key=lambda each: each.seq))
    now = START + timedelta(hours=4)
    seen = [
        [(each.milestone.id, each.values) for each in due(found.milestones, Facts(now, CLOCKS, board=board), set())]
        for board in (slowly, at_once)
    ]
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    ("written", "shown"),
    [("2:03:05", "2:03.05"), ("0:15:51", "15:51"), ("3:35.21", "3:35.21"), ("1:00:00.9", "1:00.00"), ("12:31", "12:31"), ("-", ""), ("DNF", ""), ("2:61:00", ""), ("²:03:05", "")],
)  # fmt: skip
def test_times_as_results_write_them_and_as_the_desk_does(written: str, shown: str) -> None:
    ms = read_time(written)
    assert ("" if ms is None else write_time(ms)) == shown
