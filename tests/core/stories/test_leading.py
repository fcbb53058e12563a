"""Which copy of a story leads: whichever came first, the best one."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.desk import Desk
from bot.core.model import Media, Post
from bot.core.stories.choruses import phrase
from bot.core.stories.leading import SEEN_FIRST, Candidate, in_order, reason
from tests.builders import OFFICIAL, START, a_desk, a_post

LONG = "The underpass at Blackfriars is two hundred people singing in the dark, and every one of them is out of tune"
DESK = a_desk(source_prefer={"agency": 5, "gossip": -5})


def copies(*posts: Post) -> list[Candidate]:
    return [Candidate(number, post) for number, post in enumerate(posts, 1)]


def leads(*posts: Post, desk: Desk = DESK) -> tuple[int, str]:
    """Which of them leads, and why it does before the first."""
    found = copies(*posts)
    best = in_order(found, desk)[0]
    return best.post_id, reason(best, found[0], desk)


def test_alone_it_leads_and_of_nothing_nothing_does() -> None:
    assert leads(a_post(LONG)) == (1, "")
    assert in_order([], DESK) == []


@pytest.mark.parametrize(
    ("better", "why"),
    [
        (a_post(LONG, source="agency"), "preferred source"),
        (a_post(LONG, author=OFFICIAL), "official"),
        (a_post(LONG + ", and nobody minds a bit of that"), "complete"),
        (a_post(LONG, media=(Media("image", "https://x.example/1.jpg", "A tunnel"),)), "picture with a description"),
    ],
)
def test_what_is_better_leads_also_where_it_came_later(better: Post, why: str) -> None:
    assert leads(a_post(LONG), better) == (2, why)


def test_of_equal_ones_the_first_leads() -> None:
    assert leads(a_post(LONG, minutes=2), a_post(LONG, minutes=1)) == (2, SEEN_FIRST)
    assert leads(a_post(LONG, minutes=1), a_post(LONG, minutes=1)) == (1, "")


def test_a_word_more_makes_nobody_the_better_source() -> None:
    assert leads(a_post(LONG, minutes=1), a_post(LONG + " wow", minutes=2)) == (1, "")


def test_a_picture_without_a_description_is_no_advantage() -> None:
    assert (
        leads(a_post(LONG, minutes=1), a_post(LONG, media=(Media("image", "https://x.example/1.jpg"),), minutes=2))[0]
        == 1
    )


def test_what_is_cut_does_not_lead_and_an_author_who_trails_off_is_not_cut() -> None:
    assert leads(a_post(LONG[:100] + "…"), a_post(LONG)) == (2, "complete")
    assert leads(a_post(LONG + "...", minutes=1), a_post(LONG, minutes=2))[0] == 1


@pytest.mark.parametrize("repost", [a_post("", repost_of="at://x"), a_post(f"RT @ana.example: {LONG}")])
def test_a_repost_never_leads_before_what_it_repeats(repost: Post) -> None:
    assert leads(repost, a_post(LONG, minutes=50)) == (2, "the post itself, complete")


def test_a_title_counts_where_there_is_no_text() -> None:
    assert leads(a_post("", title=LONG[:60]), a_post("", title=LONG)) == (2, "complete")


def test_the_weightier_reason_wins_and_all_are_named() -> None:
    short, official = a_post(LONG[:60], source="agency", author="did:plc:bob"), a_post(LONG, author=OFFICIAL)
    assert leads(short, official) == (1, "")
    assert leads(a_post(LONG[:60]), official) == (2, "official, complete")
    assert leads(a_post(LONG), a_post(LONG, source="gossip", author=OFFICIAL)) == (1, "")


@st.composite
def crowds(draw: st.DrawFn) -> list[Post]:
    cut = st.sampled_from([20, 60, 90, 97, len(LONG)])
    return [
        a_post(
            LONG[: draw(cut)] + draw(st.sampled_from(["", "…", "..."])),
            author=draw(st.sampled_from([OFFICIAL, "did:plc:ana", "did:plc:bob"])),
            source=draw(st.sampled_from(["hashtag", "agency"])),
            seen_at=START + timedelta(seconds=draw(st.integers(0, 3))),
            repost_of=draw(st.sampled_from(["", "", "at://x"])),
        )
        for _ in range(draw(st.integers(1, 8)))
    ]


@given(crowds(), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_the_order_does_not_depend_on_how_they_lie(posts: list[Post], seed: int) -> None:
    found = copies(*posts)
    mixed = found.copy()
    Random(seed).shuffle(mixed)
    assert in_order(mixed, DESK) == in_order(found, DESK)


@pytest.mark.parametrize(
    ("post", "words"),
    [
        (a_post("Good luck everyone! 🎉 #GetInspired"), "good luck everyone"),
        (a_post(LONG), ""),
        (a_post("🎉"), ""),
        (a_post("Good luck everyone!", media=(Media("image", "https://x.example/1.jpg"),)), ""),
        (a_post("Good luck everyone!", links=("https://a.example/",)), ""),
        (a_post("Good luck everyone!", quote_of="at://x"), ""),
        (a_post("Good luck everyone!", reply_to="at://x"), ""),
    ],
)
def test_a_stock_phrase_is_few_words_and_nothing_else(post: Post, words: str) -> None:
    assert phrase(post, 60) == words
