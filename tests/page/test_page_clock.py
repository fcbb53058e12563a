from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.page.clock import rfc3339, show


@pytest.mark.parametrize(
    ("at", "zone", "short", "full"),
    [
        # The clocks go forward on 27 March 2016 at 01:00 UTC and back on 30 October at 01:00 UTC.
        ("2016-03-27T00:59", "Europe/London", "00:59 GMT", "00:59 Greenwich Mean Time, 27 March 2016"),
        ("2016-03-27T01:00", "Europe/London", "02:00 BST", "02:00 British Summer Time, 27 March 2016"),
        ("2016-10-30T00:30", "Europe/London", "01:30 BST", "01:30 British Summer Time, 30 October 2016"),
        ("2016-10-30T01:30", "Europe/London", "01:30 GMT", "01:30 Greenwich Mean Time, 30 October 2016"),
        ("2016-10-30T00:30", "Europe/Berlin", "02:30 CEST", "02:30 Central European Summer Time, 30 October 2016"),
        ("2016-10-30T01:30", "Europe/Berlin", "02:30 CET", "02:30 Central European Time, 30 October 2016"),
        ("2016-11-06T05:30", "America/New_York", "01:30 EDT", "01:30 Eastern Daylight Time, 6 November 2016"),
        ("2016-11-06T06:30", "America/New_York", "01:30 EST", "01:30 Eastern Standard Time, 6 November 2016"),
        ("2016-04-24T13:20", "UTC", "13:20 UTC", "13:20 Coordinated Universal Time, 24 April 2016"),
        ("2016-04-24T13:20", "Asia/Kolkata", "18:50 IST", "18:50 India Standard Time, 24 April 2016"),
        ("2016-07-24T13:20", "Europe/Dublin", "14:20 IST", "14:20 Irish Standard Time, 24 July 2016"),
        ("2016-04-24T13:20", "America/Sao_Paulo", "10:20 UTC−3", "10:20 America/Sao_Paulo time, 24 April 2016"),
        ("2016-04-24T13:20", "Asia/Kathmandu", "19:05 UTC+5:45", "19:05 Asia/Kathmandu time, 24 April 2016"),
    ],
)
def test_times_as_readers_know_them(at: str, zone: str, short: str, full: str) -> None:
    shown = show(datetime.fromisoformat(at).replace(tzinfo=UTC), zone)
    assert (shown.short, shown.full) == (short, full)


def test_the_day_is_the_zone_s_own() -> None:
    at = datetime(2016, 4, 23, 23, 30, tzinfo=UTC)
    assert show(at, "Europe/London").day == "Sunday 24 April 2016"
    assert show(at, "UTC").day == "Saturday 23 April 2016"


@given(st.integers(631_152_000, 2_114_380_800), st.sampled_from(["Europe/London", "Asia/Tokyo", "UTC"]))
def test_later_is_never_told_as_earlier(second: int, zone: str) -> None:
    at = datetime.fromtimestamp(second, UTC)
    assert show(at, zone).millis < show(at + timedelta(seconds=1), zone).millis
    assert show(at, zone).iso < show(at + timedelta(seconds=1), zone).iso
    assert datetime.fromisoformat(rfc3339(at)) == at
