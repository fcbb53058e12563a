"""What the whole index makes of pairs whose truth is known: each alone, and all at once with a real crowd around them."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.core.model import Post
from bot.core.stories.index import StoryIndex
from bot.core.text.normal import normalise
from tests.builders import a_post
from tests.core.stories.arriving import arrived
from tests.core.stories.indexed import (
    Result,
    alone,
    an_index,
    figures,
    share,
    strangers,
    take,
    together,
)
from tests.core.stories.pairs import (
    TRANSFORMATIONS,
    Pair,
    copies,
    hard_negatives,
    held_out_pairs,
    real_texts,
    structural,
)
from tests.core.stories.test_stories import LONG

_MISTYPED = ("typos", "several at once")
_FEW_WORDS_CHARS = 20


@pytest.fixture(scope="module")
def real(shared_data: Path) -> list[str]:
    return real_texts(shared_data)


@pytest.fixture(scope="module")
def crowd(real: list[str]) -> list[Post]:
    """Everybody else: each real text by a person of its own."""
    return [strangers(text, f"crowd{number}") for number, text in enumerate(real)]


def unlike(results: dict[str, Result], *families: str) -> dict[str, Result]:
    return {family: result for family, result in results.items() if family not in families}


# -- copies ---------------------------------------------------------------------------------------------------------------


def test_copies_by_others_are_found_each_alone(real: list[str]) -> None:
    results = alone(pair for pair in copies(real) if not pair.short)
    assert share(results) >= 0.98, figures("alone", results)
    assert len(results) == len(TRANSFORMATIONS)
    assert all(result.joined / result.pairs >= 0.99 for result in unlike(results, *_MISTYPED).values())


def test_copies_by_others_are_found_in_a_crowd(real: list[str], crowd: list[Post]) -> None:
    """Family by family: a copy must be found by its original, not by another copy."""
    pairs = [pair for pair in copies(real) if not pair.short]
    results: dict[str, Result] = {}
    for family in TRANSFORMATIONS:
        results.update(together([pair for pair in pairs if pair.family == family], crowd))
    assert share(results) >= 0.98, figures("in a crowd", results)


def test_copies_of_few_words_are_found_where_one_person_wrote_them(real: list[str]) -> None:
    """Mistyped ones of few words are the hard ones: three slips in six words are another text as often as not."""
    pairs = [pair for pair in copies(real) if pair.short]
    words = [pair for pair in pairs if len(normalise(pair.one)) >= _FEW_WORDS_CHARS]
    results = alone(words, one_author=True)
    assert share(unlike(results, *_MISTYPED)) >= 0.98, figures("few words, one author", results)
    assert share(results) >= 0.96, figures("few words, one author", results)
    shortest = alone((pair for pair in pairs if len(normalise(pair.one)) < _FEW_WORDS_CHARS), one_author=True)
    assert share(shortest) >= 0.85, figures("a word or two, one author", shortest)


def test_copies_of_few_words_by_others_are_no_copies(real: list[str]) -> None:
    results = alone(pair for pair in copies(real) if pair.short)
    said = unlike(results, "retweet prefix", "several at once")
    assert share(said) == 0.0, figures("few words, others", said)
    assert results["retweet prefix"].joined / results["retweet prefix"].pairs > 0.8, "who it repeats is said"


def test_copies_of_fields_that_nothing_was_tuned_to_are_found(crowd: list[Post]) -> None:
    pairs = [pair for pair in held_out_pairs() if pair.same and not pair.short]
    for results in (alone(pairs), together(pairs, crowd)):
        assert share(results) >= 0.98, figures("held out", results)


# -- what stays apart -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one_author", [False, True])
def test_templates_that_differ_in_a_fact_stay_apart(crowd: list[Post], *, one_author: bool) -> None:
    hard = hard_negatives()
    for results in (alone(hard, one_author=one_author), together(hard, crowd, one_author=one_author)):
        assert share(results) <= 0.005, figures("hard", results)
    held = [pair for pair in held_out_pairs() if not pair.same]
    for results in (alone(held, one_author=one_author), together(held, crowd, one_author=one_author)):
        assert share(results) <= 0.005, figures("held out", results)


def test_a_number_that_is_parted_otherwise_is_another_number() -> None:
    pairs = [
        Pair(
            "number",
            f"We have raised £{one} for them so far{end}",
            f"We have raised £{other} for them so far{end}",
            same=False,
        )
        for one, other in (("1,250", "250"), ("58", "58.5"), ("2:03:05", "03:05"), ("12", "12,500"))
        for end in ("", ", thank you so much to everybody who has given something today")
    ]
    results = alone(pairs, one_author=True)
    assert share(results) == 0.0, figures("numbers", results)


def test_a_background_is_not_joined_to_itself(real: list[str], crowd: list[Post]) -> None:
    """Two wrong matches in 1,000 at most: what is joined says the words of the other, but for an edge."""
    index = an_index(len(crowd) + 1)
    wrong = []
    for start in range(0, len(crowd), 100):
        for post, match in zip(
            crowd[start:], index.match(arrived(crowd[start : start + 100], start + 1)), strict=False
        ):
            if match.reason and not _repeats(post.text, real[match.alike_id - 1]):
                wrong.append((match.reason, post.text, real[match.alike_id - 1]))
    assert len(wrong) <= 2 * len(crowd) / 1000, wrong


def _repeats(one: str, other: str) -> bool:
    short, long = sorted((normalise(one), normalise(other)), key=len)
    return short[-70:].rpartition(" ")[0] in long or long[-70:].rpartition(" ")[0] in short or short[:60] in long


# -- what the platforms say -----------------------------------------------------------------------------------------------


def related(kind: str, number: int, pair: Pair, *, by_text: bool) -> tuple[Post, Post]:
    """The second and the first text of a pair as the posts that the platform's relation makes of them."""
    older = strangers(pair.other, f"a{number}")
    if kind == "edit_versions":
        newer = a_post(
            pair.one, author=f"did:plc:a{number}", native_id=f"a{number}", minutes=2, version="2", is_edit=True
        )
        return older, newer
    relation: dict[str, str] = {}
    if not by_text:
        relation = {
            "retweet_vs_original": {"repost_of": f"a{number}"},
            "two_retweets_same_original": {"repost_of": f"away{number}"},
            "quote_vs_quoted": {"quote_of": f"a{number}"},
            "reply_vs_parent": {"reply_to": f"a{number}"},
        }.get(kind, {})
        if kind == "two_retweets_same_original":
            older = msgspec.structs.replace(older, repost_of=f"away{number}")
    return older, strangers(pair.one, f"b{number}", 2, "", **relation)


@pytest.mark.parametrize("by_text", [True, False])
@pytest.mark.parametrize("in_crowd", [True, False])
def test_pairs_whose_relation_is_known(crowd: list[Post], shared_data: Path, *, by_text: bool, in_crowd: bool) -> None:
    """By the platform's word, and where only "RT @name: …" says so; edits share the post's id whatever they say."""
    joined, counted = Counter[str](), Counter[str]()
    missed = []
    index = an_index(10_000)
    if in_crowd:
        take(index, crowd, 1_000_000)
    for number, pair in enumerate(structural(shared_data)):
        if not in_crowd:
            index = an_index()
        ones = related(pair.family, number, pair, by_text=by_text)
        first, second = (match.story_id for match in index.match(arrived(ones, 2 * number + 1)))
        counted[pair.family] += 1
        joined[pair.family] += index.now(first) == index.now(second)
        if pair.same and index.now(first) != index.now(second):
            missed.append(pair)
    apart = ("quote_vs_quoted", "reply_vs_parent", "random_same_query")
    assert sum(joined[kind] for kind in apart) <= 0.01 * sum(counted[kind] for kind in apart)
    # A retweet of nothing but a tag, which only its words show: too few to be anybody's.
    assert [pair for pair in missed if len(normalise(pair.other)) >= _FEW_WORDS_CHARS] == []
    assert len(missed) <= (1 if by_text else 0), missed


def test_every_version_of_an_edited_post_is_one_story(shared_data: Path) -> None:
    """As X gives them: the first id of the history names the post, the own id is its version."""
    histories = 0
    for data in _tweets(shared_data):
        history = data.get("edit_history_tweet_ids", [])
        if len(history) > 1:
            histories += 1
            versions = [
                a_post(
                    f"{data['text']} {place}" if place else "hey",
                    author=f"x{data['author_id']}",
                    native_id=history[0],
                    version=number,
                )
                for place, number in enumerate(history)
            ]
            assert len({match.story_id for match in an_index().match(arrived(versions))}) == 1
    assert histories


def _tweets(data: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((data / "x-v2").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            try:
                yield from _found(json.loads(line))
            except json.JSONDecodeError:
                continue


def _found(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "text" in value and "author_id" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _found(inner)


# -- links ----------------------------------------------------------------------------------------------------------------

SHORT_ONES = (("https://t.co/aaaaaaaaaa",), ("https://t.co/bbbbbbbbbb",))
PAGES = (("https://paper.example/a",), ("https://other.example/b",))


def stories(index: StoryIndex, *posts: Post) -> list[int]:
    return [index.now(story) for story in take(index, posts)]


def test_other_links_of_others_stay_apart_short_links_say_nothing_and_ones_own_links_neither() -> None:
    def both(links: tuple[tuple[str, ...], tuple[str, ...]], author: str) -> list[int]:
        first, second = strangers(LONG, "one", links=links[0]), strangers(LONG, "two", 2, author, links=links[1])
        return stories(an_index(), first, second)

    assert both(PAGES, "two") == [1, 2]
    assert both(SHORT_ONES, "two") == [1, 1]
    assert both(PAGES, "one") == [1, 1]
    assert both((PAGES[0], ("http://www.paper.example/a?utm_source=x#top",)), "two") == [1, 1]
    assert both((PAGES[0], ()), "two") == [1, 1]


def test_another_link_among_real_texts(real: list[str]) -> None:
    """The family "other link" with links that are pages: apart by rule where the author is another one, found where not."""
    pairs = [pair for pair in copies(real) if pair.family == "other link" and not pair.short]
    joined = {"one": 0, "other": 0}
    for number, pair in enumerate(pairs):
        for author in joined:
            first = strangers(pair.one, "one", links=(f"https://paper.example/{number}",))
            second = strangers(pair.other, "two", 2, author, links=(f"https://other.example/{number}",))
            joined[author] += len({*stories(an_index(), first, second)}) == 1
    assert joined["one"] / len(pairs) >= 0.98
    assert joined["other"] / len(pairs) <= 0.06, "only what says itself that it repeats another one: RT @name"
