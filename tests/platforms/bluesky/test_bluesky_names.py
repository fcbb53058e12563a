"""The syntax of ids against the protocol's own suites, and record keys that follow from delivery keys."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.platforms.bluesky.names import is_did, is_handle, parse_at_uri, record_key, tid

TID = re.compile("[2-7a-j][2-7a-z]{12}")  # https://atproto.com/specs/tid


def cases(folder: Path, name: str) -> list[str]:
    lines = (folder / "atproto" / "syntax" / name).read_text(encoding="utf-8").split("\n")
    found = [line for line in lines if line.strip() and not line.startswith("#")]
    assert found
    return found


@pytest.mark.parametrize(
    ("name", "accepts"),
    [
        ("tid", TID.fullmatch),
        ("did", is_did),
        ("handle", is_handle),
        ("aturi", lambda text: parse_at_uri(text) is not None),
    ],
)
def test_the_protocols_own_suites(shared_data: Path, name: str, accepts: object) -> None:
    assert callable(accepts)
    assert [case for case in cases(shared_data, f"{name}_syntax_valid.txt") if not accepts(case)] == []
    assert [case for case in cases(shared_data, f"{name}_syntax_invalid.txt") if accepts(case)] == []


def test_an_at_uri_is_written_as_it_was_read(shared_data: Path) -> None:
    for case in cases(shared_data, "aturi_syntax_valid.txt"):
        assert str(parse_at_uri(case)) == case


@settings(deadline=None)
@given(st.integers(0, 2**53 - 1), st.integers(0, 1023))
def test_every_tid_is_one(time_us: int, clock: int) -> None:
    assert TID.fullmatch(tid(time_us, clock))


moments = st.tuples(st.integers(0, 2**53 - 1), st.integers(0, 1023))


@settings(deadline=None)
@given(moments, moments)
def test_tids_sort_by_time_then_clock(one: tuple[int, int], other: tuple[int, int]) -> None:
    assert (tid(*one) < tid(*other)) == (one < other)


@pytest.mark.parametrize(("time_us", "clock"), [(-1, 0), (2**53, 0), (0, -1), (0, 1024)])
def test_what_does_not_fit_is_no_tid(time_us: int, clock: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        tid(time_us, clock)


def test_a_known_tid() -> None:
    # The example of https://atproto.com/specs/tid: this is the smallest one.
    assert tid(0, 0) == "2222222222222"
    assert record_key("1461502800000000-311") == tid(1461502800000000, 311)


@settings(deadline=None)
@given(st.integers(0, 2**53 - 1), st.text(min_size=1))
def test_the_same_key_names_the_same_record(time_us: int, delivery: str) -> None:
    key = f"{time_us}-{delivery}"
    assert record_key(key) == record_key(key)
    assert TID.fullmatch(record_key(key))


@settings(deadline=None)
@given(st.integers(0, 2**53 - 1), st.integers(0, 10**9), st.integers(1, 1023))
def test_neighbours_of_one_microsecond_never_meet(time_us: int, first: int, apart: int) -> None:
    assert record_key(f"{time_us}-{first}") != record_key(f"{time_us}-{first + apart}")


@pytest.mark.parametrize(
    "key", ["", "311", "-311", "1461502800000000", "1461502800000000-", "soon-311", "1.5-311", f"{2**53}-1"]
)
def test_other_keys_are_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r"key|TID"):
        record_key(key)
