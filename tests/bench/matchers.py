"""Who finds the same story: Milepost, and four others with the settings that their documents give, on the same normalised texts.

All are asked in batches, by their own batch calls where they have some. What they get as pieces of a text are its characters by
four: with words by three, texts with typos would not be found. None of the others is needed; who cannot be imported is left out.
"""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import timedelta
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter
from typing import Any, Protocol

import msgspec

from bot.core.model import Author, Post
from bot.core.stories.index import Arrived, StoryIndex
from bot.core.stories.match import Match
from bot.core.stories.signature import sign
from bot.core.text.normal import normalise
from tests.bench import events

_PIECE = 4
_PERMUTATIONS = 128
_THRESHOLD = 0.5
_BANDS = 32  # rensa; gaoya gets 20 bands of 4
_WINDOW = 10_000  # rapidfuzz
_LIKENESS = 85


class Said(msgspec.Struct, frozen=True, gc=False):
    """A text, its number, and who says it."""

    id: int
    author: int
    text: str


class Matcher(Protocol):
    """Takes posts, and says of each which of those before it it repeats."""

    def take(self, batch: Sequence[Said]) -> Sequence[object]:
        """Match and insert; the answers are for `found` and `joins` alone."""

    def keep(self, batch: Sequence[Said]) -> None:
        """Insert, in the fastest way that there is."""

    def found(self, answer: object) -> bool:
        """Whether the answer names any post."""

    def joins(self, answer: object, earlier: int, *, cut: bool) -> bool:
        """Whether the answer names this post, or the story that it is in by now; of a cut text it may be an update."""


class Milepost:
    """The story index, with the signing.

    Args:
        most: The most posts that are kept: the oldest leave first, as they do in a newsroom.

    Attributes:
        is_asked: What comes now is asked for later.
        spent: Of each batch so far, seconds of signing and of matching.
    """

    def __init__(self, most: int) -> None:
        self._index = StoryIndex(window=timedelta(days=30), max_posts=most)
        self._stories: dict[int, int] = {}
        self.is_asked = False
        self.spent: list[tuple[float, float]] = []

    def posts(self, batch: Sequence[Said]) -> list[Post]:
        """What `collect` has at hand: not part of what is measured."""
        return [
            Post("bluesky", f"at://{one.id}", "crowd", Author(f"{one.author}"), at, at, one.text)
            for one in batch
            for at in (events.moment(one.id),)
        ]

    def take(self, batch: Sequence[Said]) -> Sequence[Match]:
        """Sign and match."""
        posts = self.posts(batch)
        begun = perf_counter()
        signatures = sign(posts)
        signed = perf_counter()
        found = self._index.match(
            [
                Arrived(one.id, one.author, signature, post.seen_at)
                for one, signature, post in zip(batch, signatures, posts, strict=True)
            ]
        )
        self.spent.append((signed - begun, perf_counter() - signed))
        self._stories.update((one.id, match.story_id) for one, match in zip(batch, found, strict=True) if self.is_asked)
        return found

    def keep(self, batch: Sequence[Said]) -> None:
        """There is no other way than to match them."""
        self.take(batch)

    def found(self, answer: object) -> bool:
        return isinstance(answer, Match) and answer.reason != ""

    def joins(self, answer: object, earlier: int, *, cut: bool) -> bool:
        if not isinstance(answer, Match):
            return False
        wanted = self._index.now(self._stories[earlier])
        return wanted == self._index.now(answer.story_id) or (cut and wanted == self._index.now(answer.update_of))


class _Lists:
    """What those have in common who answer with the numbers of posts."""

    def found(self, answer: object) -> bool:
        return bool(answer)

    def joins(self, answer: object, earlier: int, *, cut: bool) -> bool:  # noqa: ARG002 - they do not know updates
        return isinstance(answer, Sequence) and earlier in answer


def _pieces(text: str) -> set[str]:
    return {text[at : at + _PIECE] for at in range(max(1, len(text) - _PIECE + 1))}


class _Datasketch(_Lists):
    def __init__(self) -> None:
        self._module = import_module("datasketch")
        self._lsh = self._module.MinHashLSH(threshold=_THRESHOLD, num_perm=_PERMUTATIONS)

    def _hashed(self, batch: Sequence[Said]) -> list[Any]:
        pieces = [[piece.encode() for piece in _pieces(normalise(one.text))] for one in batch]
        made: list[Any] = self._module.MinHash.bulk(pieces, num_perm=_PERMUTATIONS)
        return made

    def _insert(self, batch: Sequence[Said], made: Sequence[Any]) -> None:
        for one, hashed in zip(batch, made, strict=True):
            self._lsh.insert(one.id, hashed)

    def keep(self, batch: Sequence[Said]) -> None:
        self._insert(batch, self._hashed(batch))

    def take(self, batch: Sequence[Said]) -> Sequence[object]:
        made = self._hashed(batch)
        answers = [self._lsh.query(one) for one in made]
        self._insert(batch, made)
        return answers


class _Rensa(_Lists):
    def __init__(self) -> None:
        module = import_module("rensa")
        self._make = module.RMinHash.from_token_sets
        self._lsh = module.RMinHashLSH(_THRESHOLD, _PERMUTATIONS, _BANDS)
        self._kept: dict[int, Any] = {}

    def _hashed(self, batch: Sequence[Said]) -> list[Any]:
        made: list[Any] = self._make([list(_pieces(normalise(one.text))) for one in batch], _PERMUTATIONS, 42)
        return made

    def _insert(self, batch: Sequence[Said], made: Sequence[Any]) -> None:
        pairs = [(one.id, hashed) for one, hashed in zip(batch, made, strict=True)]
        self._kept.update(pairs)
        self._lsh.insert_pairs(pairs)

    def keep(self, batch: Sequence[Said]) -> None:
        self._insert(batch, self._hashed(batch))

    def take(self, batch: Sequence[Said]) -> Sequence[object]:
        made = self._hashed(batch)
        kept = self._kept
        answers = [
            [number for number in found if hashed.jaccard(kept[number]) >= _THRESHOLD]
            for hashed, found in zip(made, self._lsh.query_all(made), strict=True)
        ]
        self._insert(batch, made)
        return answers


class _Gaoya(_Lists):
    def __init__(self) -> None:
        module = import_module("gaoya.minhash")
        self._index = module.MinHashStringIndex(
            32, _THRESHOLD, 20, 4, None, "char", lowercase=False, ngram_range=(4, 4)
        )

    def keep(self, batch: Sequence[Said]) -> None:
        self._index.par_bulk_insert_docs([one.id for one in batch], [normalise(one.text) for one in batch])

    def take(self, batch: Sequence[Said]) -> Sequence[object]:
        texts = [normalise(one.text) for one in batch]
        answers: list[object] = self._index.par_bulk_query(texts)
        self._index.par_bulk_insert_docs([one.id for one in batch], texts)
        return answers


class _Rapidfuzz(_Lists):
    """Answers with the group of the best one: the first post that it is like, and what that one is like."""

    def __init__(self) -> None:
        self._best = import_module("rapidfuzz.process").extractOne
        self._ratio = import_module("rapidfuzz.fuzz").ratio
        self._window: deque[str] = deque(maxlen=_WINDOW)
        self._groups: deque[int] = deque(maxlen=_WINDOW)

    def keep(self, batch: Sequence[Said]) -> None:
        """Only the last ones count, so what came before them need not be compared."""
        self._window.extend(normalise(one.text) for one in batch)
        self._groups.extend(one.id for one in batch)

    def take(self, batch: Sequence[Said]) -> Sequence[object]:
        answers = []
        for one in batch:
            text = normalise(one.text)
            best = self._best(text, self._window, scorer=self._ratio, score_cutoff=_LIKENESS)
            group = one.id if best is None else self._groups[best[2]]
            answers.append([] if best is None else [group])
            self._window.append(text)
            self._groups.append(group)
        return answers


_OTHERS: dict[str, Callable[[], Matcher]] = {
    "datasketch": _Datasketch,
    "rensa": _Rensa,
    "gaoya": _Gaoya,
    "rapidfuzz": _Rapidfuzz,
}
OURS = "milepost"
NAMES = (OURS, *_OTHERS)


def matcher(name: str, most: int) -> Matcher:
    """One of `NAMES`, empty.

    Args:
        name: Which.
        most: The most posts that it keeps, if it ever lets any go.

    Raises:
        ImportError: It is not installed.
    """
    return Milepost(most) if name == OURS else _OTHERS[name]()


def installed() -> dict[str, str]:
    """Versions of the others that are there, by name."""
    found = {}
    for name in _OTHERS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
