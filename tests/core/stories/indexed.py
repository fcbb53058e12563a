"""Pairs whose truth is known, put through a whole index: each alone, and all together with a crowd around them."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from bot.core.model import Post
from bot.core.stories.index import StoryIndex
from tests.builders import a_post
from tests.core.stories.arriving import arrived
from tests.core.stories.pairs import Pair

_SHOWN = 8  # wrong pairs that a failing test prints of each family


class Result(msgspec.Struct):
    """What an index made of the pairs of one family; `wrong` are those that it should have judged otherwise."""

    pairs: int = 0
    joined: int = 0
    wrong: list[Pair] = []


def an_index(max_posts: int = 64) -> StoryIndex:
    """An index of a day."""
    return StoryIndex(window=timedelta(hours=48), max_posts=max_posts)


def strangers(text: str, name: str, minutes: float = 1, author: str = "", **more: Any) -> Post:
    """A post by somebody who posts nothing else, unless they are named."""
    return a_post(text, author=f"did:plc:{author or name}", minutes=minutes, native_id=name, **more)


def alone(pairs: Iterable[Pair], *, one_author: bool = False) -> dict[str, Result]:
    """Each pair in an index of its own, one post after the other."""
    results: dict[str, Result] = {}
    for pair in pairs:
        index = an_index()
        index.match(arrived([strangers(pair.one, "one")], 1))
        (match,) = index.match(arrived([strangers(pair.other, "other", 2, "one" if one_author else "")], 2))
        _count(results, pair, joined=match.story_id == 1)
    return results


def together(
    pairs: Sequence[Pair], crowd: Sequence[Post] = (), *, one_author: bool = False, batch: int = 500
) -> dict[str, Result]:
    """All pairs in one index, after a crowd: all first posts, each text once, then all others."""
    index = an_index(max_posts=len(crowd) + 2 * len(pairs) + 1)
    take(index, crowd, 1_000_000, batch)
    numbers = {text: number for number, text in enumerate(dict.fromkeys(pair.one for pair in pairs))}
    ones = take(index, [strangers(text, f"one{number}") for text, number in numbers.items()], 1, batch)
    copies = [
        strangers(pair.other, f"other{number}", 2, f"one{numbers[pair.one]}" if one_author else "")
        for number, pair in enumerate(pairs)
    ]
    others = take(index, copies, 500_000, batch)
    results: dict[str, Result] = {}
    for pair, other in zip(pairs, others, strict=True):
        _count(results, pair, joined=index.now(ones[numbers[pair.one]]) == index.now(other))
    return results


def take(index: StoryIndex, posts: Sequence[Post], start: int = 1, batch: int = 500) -> list[int]:
    """The stories of posts that come in batches."""
    stories: list[int] = []
    for begin in range(0, len(posts), batch):
        matches = index.match(arrived(posts[begin : begin + batch], start + begin))
        stories += [match.story_id for match in matches]
    return stories


def _count(results: dict[str, Result], pair: Pair, *, joined: bool) -> None:
    result = results.setdefault(pair.family, Result())
    result.pairs += 1
    result.joined += joined
    if joined is not pair.same:
        result.wrong.append(pair)


def share(results: dict[str, Result]) -> float:
    """Which part of all pairs is in one story."""
    pairs = sum(result.pairs for result in results.values())
    return sum(result.joined for result in results.values()) / pairs if pairs else 0.0


def figures(title: str, results: dict[str, Result]) -> str:
    """For a person: the share of each family, and some of what is wrong."""
    lines = [f"{title}: {share(results):.2%} joined"]
    for family, result in results.items():
        lines.append(f"  {family:28} {result.joined:6} of {result.pairs:6}  {result.joined / result.pairs:8.2%}")
        lines.extend(f"      {pair.one!r}\n      {pair.other!r}" for pair in result.wrong[:_SHOWN])
    return "\n".join(lines)
