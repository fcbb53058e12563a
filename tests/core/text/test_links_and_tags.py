"""Links, tags and facets, beyond the conformance suites."""

import time
from itertools import pairwise

import pytest
from hypothesis import given

from bot.core.text.facets import facets
from bot.core.text.hashtags import hashtags
from bot.core.text.links import covers, links
from tests.core.text.hostile import texts


def test_platforms_differ_on_punctuation() -> None:
    text = "#Good,Luck to #all!"
    assert [tag.target for tag in hashtags(text, "x")] == ["Good", "all"]
    assert [tag.target for tag in hashtags(text, "bluesky")] == ["Good,Luck", "all"]


def test_cashtags_are_no_hashtags() -> None:
    assert hashtags("#a $AAPL", "bluesky") == facets("#a")


def test_a_bare_host_gets_a_scheme() -> None:
    assert [link.target for link in links("x.com http://y.org")] == ["https://x.com", "http://y.org"]


def test_an_ellipsis_ends_a_link() -> None:
    text = "see https://example.com/a… more"
    assert [text[facet.start : facet.end] for facet in facets(text)] == ["https://example.com/a"]


@given(texts)
def test_entities_are_in_order_apart_and_in_the_text(text: str) -> None:
    for found in (links(text), facets(text), hashtags(text, "x"), hashtags(text, "bluesky")):
        assert all(0 <= entity.start < entity.end <= len(text) for entity in found)
        assert all(first.end <= second.start for first, second in pairwise(found))
        for entity in found:
            part = text[entity.start : entity.end]
            match entity.kind:
                case "tag":
                    assert entity.target.casefold() in {part.casefold(), part[1:].casefold()}
                case "mention":
                    assert part == f"@{entity.target}"
                case _:
                    assert entity.target in {part, f"https://{part}"}
                    assert entity.target.lower().startswith(("http://", "https://"))


@given(texts)
def test_covers_is_what_a_loop_finds(text: str) -> None:
    found = links(text)
    for at in range(len(text)):
        assert covers(found, at) == any(link.start <= at < link.end for link in found)


@pytest.mark.parametrize(
    "piece",
    [
        "#a",
        "#a ",
        "a.",
        "http://",
        "http://a.com/(",
        "http://a.com/((",
        "@a.b",
        "x.com ",
        "!",
        "(((a",
        "t.co/",
        "あ.",
        "-.",
        "_",
        "#" * 3,
        "a.com/" + "," * 9,
        "1",
        "#!?",
        "aé.",
    ],
)
def test_hostile_repetition_stays_cheap(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    start = time.perf_counter()
    links(text)
    facets(text)
    hashtags(text, "x")
    hashtags(text, "bluesky")
    assert time.perf_counter() - start < 2.0  # a quadratic search would take minutes
