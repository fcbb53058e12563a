"""Pairs of texts whose truth is known: copies by ten transformations of real texts, and templates that differ in a fact.

`python -m tests.core.stories.pairs` prints how the comparison does, family by family; `measure` returns the same figures.
Everything is made from a seed, so that two runs judge the same pairs. Real texts are read from ../shared/data and from the
sample day, never kept here.
"""

import argparse
import html
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from pathlib import Path

import msgspec

from bot.core.recording import decode_line
from bot.core.stories.differing import Likeness, compare
from bot.core.stories.words import read
from bot.core.text.normal import normalise
from tests.core.stories import held_out, templates

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT.parent / "shared" / "data"
SEED = 20160424
SHORT_CHARS = 60

_TAGS = ("#GetInspired", "#LondonMarathon", "#running", "#proud", "#OneInAMillion", "#marathon", "#Lauf", "#courir")
_EMOJI = ("🏃‍♀️", "💪🏿", "👏👏", "🎉", "❤️", "😭", "🇬🇧", "🥇")
_HANDLES = ("@ana", "@GetInspired", "@bob_runs", "@city.example", "@x1")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LINK = re.compile(r"https?://\S+")


class Pair(msgspec.Struct, frozen=True):
    """Two texts, and whether they are the same.

    Attributes:
        family: Which transformation or kind of fact makes the difference.
        one: The original.
        other: The copy, or the other text.
        same: They are copies.
        cut: The copy lacks its end: it may also be called a text to which the original adds something.
    """

    family: str
    one: str
    other: str
    same: bool
    cut: bool = False

    @property
    def short(self) -> bool:
        """Too short to be joined by its words alone, whoever posts it."""
        return min(len(normalise(self.one)), len(normalise(self.other))) < SHORT_CHARS


class Figures(msgspec.Struct):
    """What became of the pairs of one family."""

    pairs: int = 0
    joined: int = 0
    wrong: list[tuple[Pair, Likeness]] = []

    @property
    def share(self) -> float:
        """Which part of the pairs was taken for copies."""
        return self.joined / self.pairs if self.pairs else 0.0


def real_texts(data: Path = DATA) -> list[str]:
    """All distinct texts of real posts and of the sample day, in a fixed order; retweets of old style among them."""
    found: list[str] = []
    for path in sorted((data / "x-v2").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            try:
                found.extend(_texts(json.loads(line)))
            except json.JSONDecodeError:
                continue  # an empty line, or the one of a recorded stream that is broken
    for raw in (data / "mastodon" / "statuses_public_instances.jsonl").read_bytes().splitlines():
        status = json.loads(raw)
        found.extend(_said(one["content"]) for one in (status, status.get("reblog")) if one)
    views = (data / "bluesky" / "postviews.jsonl").read_bytes().splitlines()
    found.extend(json.loads(view)["record"].get("text", "") for view in views)
    for path in sorted((ROOT / "bot" / "sample_day").glob("*.jsonl")):
        if path.stem != "editor":
            for recorded in path.read_bytes().splitlines():
                found.extend(post.text for post in decode_line(recorded).batch.posts)
    return [text for text in dict.fromkeys(found) if normalise(text)]


def _texts(value: object) -> Iterator[str]:
    """Every text of a post in a recorded answer."""
    if isinstance(value, dict):
        if isinstance(value.get("text"), str) and "id" in value:
            yield value["text"]
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _said(content: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<br[^>]*>|</p>", "\n", content))).strip()


def _retweeted(text: str, chance: random.Random) -> str:
    return f"RT {chance.choice(_HANDLES)}: {text}"


def _linked_elsewhere(text: str, chance: random.Random) -> str:
    link = f"https://t.co/{''.join(chance.choices(_LETTERS, k=10))}"
    return _LINK.sub(link, text) if _LINK.search(text) else f"{text} {link}"


def _cut(text: str, chance: random.Random) -> str:
    text = _LINK.sub("", text).strip()
    end = round(len(text) * chance.uniform(0.65, 0.85))
    kept = text[:end]
    if chance.random() < 0.5 and " " in kept:
        kept = kept.rpartition(" ")[0]
    return kept.rstrip() + chance.choice(("…", "...", " …", ""))


def _cheered(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    for _ in range(chance.randint(1, 3)):
        words.insert(chance.randint(0, len(words)), chance.choice(_EMOJI))
    return " ".join(words)


def _tagged(text: str, chance: random.Random) -> str:
    words = text.split()
    while len(words) > 1 and words[-1].startswith("#"):
        words.pop()
    return " ".join([*words, *chance.sample(_TAGS, chance.randint(1, 3))])


def _mistyped(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    places = [n for n, word in enumerate(words) if len(word) > 1 and word.isalpha()]
    for place in chance.sample(places, min(len(places), chance.randint(1, 3))):
        words[place] = _slip(words[place], chance)
    return " ".join(words)


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word) - 1)
    kind = chance.choice(("swap", "drop", "double", "replace"))
    if kind == "swap":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    at = chance.randrange(len(word))
    if kind == "drop":
        return word[:at] + word[at + 1 :]
    if kind == "double":
        return word[:at] + word[at] + word[at:]
    return word[:at] + chance.choice(_LETTERS) + word[at + 1 :]


def _restyled(text: str, chance: random.Random) -> str:
    kind = chance.randrange(4)
    if kind == 0:
        return _LINK.sub("", text).upper()
    if kind == 1:
        return _LINK.sub("", text).lower()
    if kind == 2:
        return re.sub(r"(?<=\w)[,;!](?=\s|$)", "", text)
    return re.sub(r"(?<=[^\W\d])[.](?=\s|$)", "!!!", text).replace("'", "’")


def _addressed(text: str, chance: random.Random) -> str:
    return " ".join([*chance.sample(_HANDLES, chance.randint(1, 3)), text])


def _credited(text: str, chance: random.Random) -> str:
    credit = chance.choice(("via {}", "(via {})", "Via {}")).format(chance.choice(_HANDLES))
    return f"{text} {credit}"


def _several(text: str, chance: random.Random) -> str:
    changes = chance.sample((_retweeted, _linked_elsewhere, _cheered, _tagged, _mistyped, _addressed, _credited), 3)
    for change in changes:
        text = change(text, chance)
    return text


TRANSFORMATIONS: dict[str, Callable[[str, random.Random], str]] = {
    "retweet prefix": _retweeted,
    "other link": _linked_elsewhere,
    "cut": _cut,
    "emoji": _cheered,
    "other hashtags": _tagged,
    "typos": _mistyped,
    "punctuation and case": _restyled,
    "leading mentions": _addressed,
    "via": _credited,
    "several at once": _several,
}


def copies(texts: Iterable[str], seed: int = SEED) -> list[Pair]:
    """Each text with a copy of it by each transformation."""
    chance = random.Random(seed)
    return [
        Pair(family, text, change(text, chance), same=True, cut=family == "cut")
        for text in texts
        if not text.startswith("RT @")
        for family, change in TRANSFORMATIONS.items()
    ]


def _of_templates(kinds: dict[str, tuple[tuple[str, tuple[str, ...]], ...]]) -> list[Pair]:
    return [
        Pair(kind, text.format(one), text.format(other), same=False)
        for kind, found in kinds.items()
        for text, fillings in found
        for one, other in combinations(fillings, 2)
    ]


def _with_more(added: Iterable[tuple[str, str]]) -> list[Pair]:
    return [Pair("a fact more", text, text + more, same=False) for text, more in added]


def _with_a_sentence(told: Iterable[tuple[str, tuple[str, ...]]]) -> list[Pair]:
    return [Pair("an added sentence", text, text + more, same=False) for text, added in told for more in added]


def hard_negatives() -> list[Pair]:
    """Pairs from one template that differ in a fact, and texts with what happened then."""
    return [
        *_of_templates(templates.TEMPLATES),
        *_with_more(templates.ADDED),
        *_with_a_sentence(templates.SENTENCES),
    ]


def held_out_pairs(seed: int = SEED) -> list[Pair]:
    """Copies and hard pairs of other fields, to which nothing was tuned."""
    return [
        *copies(held_out.BASES, seed),
        *_of_templates(held_out.TEMPLATES),
        *_with_more(held_out.ADDED),
        *_with_a_sentence(held_out.SENTENCES),
    ]


def structural(data: Path = DATA) -> list[Pair]:
    """Pairs whose truth comes from what the platform says: retweets and edits are the same, quotes and replies not."""
    lines = (data / "neardup" / "pairs_structural.jsonl").read_bytes().splitlines()
    return [
        Pair(found["kind"], found["a"]["text"], found["b"]["text"], same=found["duplicate"])
        for found in map(json.loads, lines)
    ]


def known_words(texts: Iterable[str]) -> Callable[[str], int]:
    """In how many of these texts a word stands, as the index can say once it has seen them."""
    counts = Counter(word for text in texts for word in set(normalise(text).split()))
    return lambda word: counts[word]


def judged(pair: Pair, known: Callable[[str], int] | None = None) -> Likeness:
    """What the comparison says of a pair."""
    return compare(read(pair.one), read(pair.other), known=known).likeness


def measure(pairs: Iterable[Pair], known: Callable[[str], int] | None = None) -> dict[str, Figures]:
    """How many pairs are taken for copies, by family; wrong ones are kept to be looked at.

    Args:
        pairs: Pairs whose truth is known.
        known: In how many other texts a word was seen; None for an index that has seen nothing.
    """
    figures: dict[str, Figures] = {}
    for pair in pairs:
        found = figures.setdefault(pair.family, Figures())
        likeness = judged(pair, known)
        joined = likeness is Likeness.SAME or (pair.cut and likeness is Likeness.ADDS)
        found.pairs += 1
        found.joined += joined
        if joined is not pair.same:
            found.wrong.append((pair, likeness))
    return figures


def total(figures: dict[str, Figures]) -> float:
    """Which part of all pairs was taken for copies."""
    pairs = sum(found.pairs for found in figures.values())
    return sum(found.joined for found in figures.values()) / pairs if pairs else 0.0


def _print(title: str, figures: dict[str, Figures], *, wrong: bool) -> None:
    sys.stdout.write(f"\n{title}: {total(figures):.2%} taken for copies\n")
    for family, found in figures.items():
        sys.stdout.write(f"  {family:28} {found.pairs:6} {found.share:8.2%}\n")
        for pair, likeness in found.wrong if wrong else ():
            sys.stdout.write(f"    {likeness}: {pair.one!r}\n    {' ' * len(likeness)}  {pair.other!r}\n")


def main(data: Path, *, wrong: bool, held: bool) -> None:
    """Print the figures of all families."""
    texts = real_texts(data)
    found = copies(texts)
    for title, known in (("nothing known", None), ("words known", known_words(texts))):
        _print(f"copies, {title}", measure([pair for pair in found if not pair.short], known), wrong=wrong)
        _print(f"short copies, {title}", measure([pair for pair in found if pair.short], known), wrong=False)
        _print(f"hard pairs, {title}", measure(hard_negatives(), known), wrong=wrong)
        _print(f"pairs by relation, {title}", measure(structural(data), known), wrong=wrong)
        if held:
            pairs = held_out_pairs()
            _print(f"held out copies, {title}", measure([pair for pair in pairs if pair.same], known), wrong=False)
            _print(f"held out hard pairs, {title}", measure([p for p in pairs if not p.same], known), wrong=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="How the comparison of texts does, family by family.")
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of real posts")
    parser.add_argument("--wrong", action="store_true", help="show the pairs that were judged wrongly")
    parser.add_argument("--held-out", action="store_true", help="with the families that nothing was tuned to")
    asked = parser.parse_args()
    main(asked.data, wrong=asked.wrong, held=asked.held_out)
