"""Pictures in the story index: whatever was seen before, what counts is what is in the window now."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pytest

from bot.core.stories.index import Arrived, StoryIndex
from bot.core.stories.pictures import PictureIndex
from bot.core.stories.signature import sign
from bot.core.stories.window import Window
from tests.builders import START, a_post

ONE = 0x123456789ABCDEF0
SPAN = timedelta(hours=48)


def pictured(number: int, at: datetime, hashes: Sequence[int] = (ONE,), cids: Sequence[str] = ()) -> Arrived:
    """A post that is nothing but a picture, each by another author."""
    post = a_post("", author=f"did:plc:u{number}", native_id=f"n{number}", created_at=at, seen_at=at)
    return Arrived(number, number, sign([post])[0], at, "", True, tuple(hashes), tuple(cids))


def an_index(max_posts: int = 1_000) -> StoryIndex:
    return StoryIndex(window=SPAN, max_posts=max_posts)


@pytest.mark.parametrize("kind", ["looks", "bytes"])
def test_pictures_that_left_the_window_do_not_hide_newer_ones(kind: str) -> None:
    hashes, cids = ((ONE,), ()) if kind == "looks" else ((), ("bafy",))
    index = an_index()
    for number in range(1, 21):
        index.match([pictured(number, START, hashes, cids)])
    later = START + timedelta(days=4)
    stories = [
        index.match([pictured(number, later + timedelta(minutes=number), hashes, cids)])[0].story_id
        for number in (21, 22, 23)
    ]
    assert stories == [21, 21, 21]


def test_what_the_ring_pushed_out_does_not_hide_newer_ones() -> None:
    index = an_index(max_posts=4)
    for number in range(1, 21):
        index.match([pictured(number, START)])
    other = [pictured(number, START, ()) for number in range(21, 25)]
    index.match(other)
    assert [index.match([pictured(number, START)])[0].story_id for number in (25, 26)] == [25, 25]


def test_a_restart_answers_the_same() -> None:
    """Twenty old ones, two days, then two of the window: built from the store there are only these."""
    lived, started = an_index(), an_index()
    for number in range(1, 21):
        lived.match([pictured(number, START)])
    later = START + timedelta(days=3)
    kept = [pictured(21, later), pictured(22, later)]
    lived.match(kept)
    started.load([21, 22], [21, 21], [21, 22], [one.signature for one in kept], later)
    for number in (21, 22):
        started.show([number], [(ONE,)], [()])
    (one,), (other,) = (index.match([pictured(23, later)]) for index in (lived, started))
    assert (one.story_id, one.alike_id) == (other.story_id, other.alike_id) == (21, one.alike_id)


def test_pictures_found_late_are_those_of_their_post() -> None:
    index = an_index()
    index.match([pictured(number, START, ()) for number in range(1, 10)])
    index.show([3], [(ONE,)], [()])
    index.show([99], [(ONE,)], [()])  # not of the window
    assert index.match([pictured(10, START)])[0].story_id == 3


def test_every_post_of_a_window_is_found_by_its_id() -> None:
    """However they came: sorted or since, in the order of their ids or not, our own words between them."""
    window = Window(span=SPAN, capacity=20_000)
    ids = np.random.default_rng(1).permutation(np.arange(-100, 40_000))
    here: dict[int, int] = {}
    for start in range(0, len(ids), 5_003):
        part = ids[start : start + 5_003]
        rows, _ = window.room(len(part))
        window.post[rows] = part
        here |= dict(zip(part.tolist(), range(start, start + len(part)), strict=True))
        for post, number in list(here.items())[:: max(1, len(here) // 200)]:
            assert window.numbers_of([post])[0] == (number if number >= window.first else -1)
        assert window.numbers_of([50_000])[0] == window.numbers_of([-101])[0] == -1
        assert window.numbers_of([int(part[-1])])[0] == window.end - 1


def test_a_post_that_came_twice_is_the_later_one() -> None:
    window = Window(span=SPAN, capacity=5_000)
    for number in range(0, 5_000, 1_000):
        rows, _ = window.room(1_000)
        window.post[rows] = np.arange(number, number + 1_000) % 4_990 + 1
    assert window.numbers_of([3])[0] == 4_992
    assert window.numbers_of([4])[0] == 4_993


def test_showing_a_picture_does_not_look_at_the_whole_window() -> None:
    index = an_index(max_posts=400_000)
    index._window.post[index._window.room(400_000)[0]] = np.arange(1, 400_001)
    index.show([1], [(ONE,)], [()])  # sorts
    sorted_once = index._window._sorted
    for number in range(2, 2_002):
        index.show([number * 150], [(number,)], [()])
    assert index._window._sorted is sorted_once
    assert index._window._sorted_end == index._window.end, "nothing is left to be looked through one by one"


def test_a_picture_that_everybody_posts_is_answered_fast() -> None:
    index = PictureIndex()
    for number in range(100_000):
        index.add(number, (ONE ^ (1 << (number * 7 % 64)),))
    index.near(ONE)
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        found = index.near(ONE)
        best = min(best, time.perf_counter() - begun)
    assert [post for post, _ in found] == list(range(99_999, 99_983, -1))
    assert best < 15e-3, "sorted one by one they take 40 ms"
