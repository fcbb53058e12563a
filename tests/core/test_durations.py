"""Durations: what is written can be read again, and what is no duration is refused with a way to write one."""

from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.core.durations import LONGEST, parse_duration, parse_signed, write_duration

_whole = st.integers(0, int(LONGEST.total_seconds())).map(lambda seconds: timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("6h", timedelta(hours=6)),
        ("30d", timedelta(days=30)),
        ("2w", timedelta(weeks=2)),
        ("1d12h", timedelta(days=1, hours=12)),
        ("1w2d3h4m5s", timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5)),
        ("0s", timedelta(0)),
        ("007m", timedelta(minutes=7)),
        ("  4h\n", timedelta(hours=4)),
        ("36500d", LONGEST),
    ],
)
def test_a_duration_is_read_as_people_write_it(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length
    assert parse_signed(text) == length


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "4",
        "h",
        "4 hours",
        "4h 30m",
        "30m4h",
        "4h4h",
        "1.5h",
        "4H",
        "+4h",
        "4h-30m",
        "--4h",
        "½h",
        4,
        4.0,
        None,
        True,
    ],
)
def test_what_is_no_duration_is_refused_with_a_way_to_write_one(value: object) -> None:
    for read in (parse_duration, parse_signed):
        with pytest.raises(ValueError, match="is not a duration: write 90s, 15m, 6h, 30d, 2w or 1d12h"):
            read(value)


def test_only_a_signed_duration_may_lie_before_a_start() -> None:
    assert parse_signed("-30m") == parse_signed(" -30m ") == timedelta(minutes=-30)
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration("-30m")


@pytest.mark.parametrize("text", ["36500d1s", "36501d", "5215w", "999999w", "999999999s999999w"])
def test_no_duration_is_longer_than_a_century(text: str) -> None:
    with pytest.raises(ValueError, match=r"is too long: a duration is at most 36500d|is not a duration"):
        parse_duration(text)
    with pytest.raises(ValueError, match=r"is too long: a duration is at most 36500d|is not a duration"):
        parse_signed(f"-{text}")


def test_a_length_that_is_one_already_stays() -> None:
    assert parse_duration(timedelta(minutes=3)) == timedelta(minutes=3)
    assert parse_signed(timedelta(minutes=-3)) == timedelta(minutes=-3)


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "0s"),
        (timedelta(milliseconds=999), "0s"),
        (timedelta(seconds=61.9), "1m1s"),
        (timedelta(minutes=15), "15m"),
        (timedelta(hours=36), "1d12h"),
        (timedelta(weeks=2), "14d"),
        (timedelta(minutes=-30), "30m"),
        (timedelta(days=-1, seconds=1), "23h59m59s"),
    ],
)
def test_a_duration_is_written_without_sign_and_without_parts_of_a_second(length: timedelta, text: str) -> None:
    assert write_duration(length) == text


@given(_whole)
def test_what_is_written_is_read_as_the_same_length(length: timedelta) -> None:
    assert parse_duration(write_duration(length)) == length
    assert parse_signed(f"-{write_duration(length)}") == -length


@given(st.timedeltas())
def test_the_sign_of_a_length_does_not_change_its_words(length: timedelta) -> None:
    assume(length != timedelta.min)
    assert write_duration(length) == write_duration(-length)


@given(st.lists(st.integers(0, 9999), min_size=5, max_size=5), st.sets(st.integers(0, 4), min_size=1))
def test_parts_add_up_and_their_order_is_from_weeks_to_seconds(numbers: list[int], chosen: set[int]) -> None:
    parts = [
        (f"{numbers[place]}{'wdhms'[place]}", numbers[place] * (604800, 86400, 3600, 60, 1)[place])
        for place in sorted(chosen)
    ]
    total = timedelta(seconds=sum(seconds for _, seconds in parts))
    assume(total <= LONGEST)
    assert parse_duration("".join(text for text, _ in parts)) == total
    if len(parts) > 1:
        with pytest.raises(ValueError, match="is not a duration"):
            parse_duration("".join(text for text, _ in reversed(parts)))


@given(st.text(max_size=12) | st.from_regex(r"-?[0-9wdhms. ]{0,12}", fullmatch=True))
def test_any_text_is_a_duration_or_refused_and_nothing_else(text: str) -> None:
    read: list[timedelta] = []
    refused = ""
    try:
        read.append(parse_signed(text))
    except ValueError as error:
        refused = str(error)
    if read:
        assert -LONGEST <= read[0] <= LONGEST
    else:
        assert repr(text.strip().removeprefix("-")) in refused or repr(text) in refused
