"""The window of posts that a new one is compared with, a batch at a time.

Candidates come from keys (equal words, three words in a row, one person, one link, one original), are weighed in numpy, and only
what could join is laid side by side (`differing`). A story is named by its first post. The index is a cache: it can be
built again from signatures, and what it answers to the same post twice is the same.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

import msgspec
import numpy as np

from bot.core.stories import pairing
from bot.core.stories.candidates import Candidate
from bot.core.stories.deciding import Decision, decide
from bot.core.stories.evidence import TEXT_ALONE_CHARS, Evidence, weigh
from bot.core.stories.keytable import KeyTable, mixed, ranks
from bot.core.stories.match import Match, by_age
from bot.core.stories.pictures import PictureIndex
from bot.core.stories.signature import HEAD_BYTES, Numbers, heads, word_hashes
from bot.core.stories.window import Window
from bot.core.stories.words import unpack

_KEYS_PER_POST = 14
_SAMPLE = 300  # texts of a batch whose words are counted ...
_ALL_HEARD = 20_000  # ... and of so many posts all of them, as when they came one by one
_COUNTERS = 1 << 20
_HEARD = 16_384  # texts after which what was heard counts half
_CHUNK = 50000
_MOST_AT_ONCE = 1 << 16  # `pairing.best` has so many bits for a place
_BEST = Evidence.VERSION | Evidence.REPOST | Evidence.WORDS


class Arrived(msgspec.Struct, frozen=True, gc=False):
    """A post on its way to a story.

    Attributes:
        id: Its number in the store, or minus an update's number for our own words.
        author_id: Who wrote it, as the store numbers authors; 0 for ourselves.
        signature: As `signature.sign` makes it.
        seen_at: When it came (event time).
        original: What it repeats, for the journal ("bluesky:at://…"); "" for nothing.
        has_pictures: It carries pictures, whether they were examined or not.
        hashes: Their difference hashes, as far as they were examined.
        cids: Their content hashes, as its platform gives them.
        anew: It is an edit of what was never told: matched by its words, whatever story the earlier versions are of.
    """

    id: int
    author_id: int
    signature: bytes
    seen_at: datetime
    original: str = ""
    has_pictures: bool = False
    hashes: tuple[int, ...] = ()
    cids: tuple[str, ...] = ()
    anew: bool = False


class StoryIndex:
    """The window of posts that a new one is compared with.

    Not safe for threads: the holder of the curate lease owns it. The cost of a match does not grow with the window.

    Args:
        window: How long a post can be joined.
        max_posts: The most posts kept; the oldest leave first. Memory: about 0.7 kilobytes for each.
        people: The desk's people: a person's key by author id.
        ours: Author ids of our own accounts.
        apart: Pairs of stories that a person has split.
        picture_distance: In how many of 64 bits two pictures may differ that look the same.
        text_alone_chars: From how many characters on words alone join the posts of two people.
    """

    def __init__(
        self,
        *,
        window: timedelta,
        max_posts: int,
        people: Mapping[int, int] | None = None,
        ours: AbstractSet[int] = frozenset(),
        apart: Iterable[tuple[int, int]] = (),
        picture_distance: int = 8,
        text_alone_chars: int = TEXT_ALONE_CHARS,
    ) -> None:
        self._text_alone_chars = text_alone_chars
        self._window = Window(span=window, capacity=max_posts)
        self._table = KeyTable(_KEYS_PER_POST * max_posts)
        self._people = dict(people or {})
        self.ours = ours
        self._apart = {frozenset(pair) for pair in apart}
        self._sizes: dict[int, int] = {}  # only of stories of more than one post
        self._now_part_of: dict[int, int] = {}  # stories that turned out to be part of an earlier one
        self._pictures = PictureIndex(near_bits=picture_distance)
        self._heard = np.zeros(_COUNTERS, np.uint8)  # in how many of the last texts a word was seen, about
        self._listened = 0  # texts since that was halved

    def __len__(self) -> int:
        return len(self._window)

    def now(self, story_id: int) -> int:
        """The story that this one is part of by now; mostly itself."""
        part_of = self._now_part_of
        if story_id not in part_of:
            return story_id
        whole = story_id
        while whole in part_of:
            whole = part_of[whole]
        while story_id != whole:
            following = part_of[story_id]
            part_of[story_id] = whole  # next time it is one step
            story_id = following
        return whole

    def size(self, story_id: int) -> int:
        """How many posts of a story are in the window; 1 for a story that it does not know."""
        return self._sizes.get(self.now(story_id), 1)

    def ours_among(self, stories: Iterable[int]) -> set[int]:
        """Which of these stories hold a post of one of our accounts. It looks at the whole window: ask for few batches."""
        if not self.ours:
            return set()
        window = self._window
        rows = np.flatnonzero(np.isin(window.author, list(self.ours)))
        return {self.now(int(story)) for story in window.story[rows[window.alive(rows)]]}.intersection(stories)

    def said(self, signatures: Sequence[bytes]) -> list[int]:
        """How many posts of the window say the words of each of these, counted up to a few."""
        if not signatures:
            return []
        head = heads(signatures)
        places, rows = self._table.find(mixed(head["words"], pairing.WORDS))
        good = self._window.alive(rows) & (self._window.head["words"][rows] == head["words"][places])
        return [int(number) for number in np.bincount(places[good], minlength=len(head))]

    def load(
        self,
        ids: Sequence[int],
        stories: Sequence[int],
        authors: Sequence[int],
        signatures: Sequence[bytes],
        seen_at: datetime,
    ) -> None:
        """Keep posts of known stories, oldest first, as when the index is built from the store.

        Args:
            ids: Post ids.
            stories: Of each.
            authors: Of each.
            signatures: Of each.
            seen_at: When the last of them came.
        """
        for start in range(0, len(ids), min(_CHUNK, self._window.capacity)):
            part = slice(start, start + min(_CHUNK, self._window.capacity))
            head, post = heads(signatures[part]), np.array(ids[part], np.int64)
            author, story = np.array(authors[part], np.int64), np.array(stories[part], np.int64)
            rows = self._put(head, post, author, signatures[part])
            self._window.story[rows] = story
            for number in story[story != post].tolist():
                self._sizes[number] = self._sizes.get(number, 1) + 1
            copies, heard = self._are_copies(head)
            self._keep(head, rows, author, copies)
            self._listen(signatures[part], heard, _CHUNK if len(self) <= _ALL_HEARD else _SAMPLE)
        for number in self._window.forget(seen_at):
            self._leave(number)

    def show(self, posts: Sequence[int], hashes: Sequence[Sequence[int]], cids: Sequence[Sequence[str]]) -> None:
        """Keep what the pictures of posts of the window look like, where they were examined after these were matched.

        Args:
            posts: Post ids.
            hashes: Difference hashes of each.
            cids: Content hashes of each.
        """
        for number, looks, names in zip(self._window.numbers_of(posts), hashes, cids, strict=True):
            if number >= 0:
                self._pictures.add(number, looks, names)

    def match(self, arrived: Sequence[Arrived]) -> list[Match]:
        """Find the stories of posts, in their order, and keep the posts for those that come after."""
        found: list[Match] = []
        most = min(self._window.capacity, _MOST_AT_ONCE)
        for start in range(0, len(arrived), most):
            found += self._match(arrived[start : start + most])
        return found

    # -- a batch ----------------------------------------------------------------------------------------------------

    def _match(self, arrived: Sequence[Arrived]) -> list[Match]:
        window = self._window
        for number in window.forget(min(one.seen_at for one in arrived)):  # nothing came for hours
            self._leave(number)
        signatures = [one.signature for one in arrived]
        head = heads(signatures)
        post = np.array([one.id for one in arrived], np.int64)
        author = np.array([one.author_id for one in arrived], np.int64)
        keys, owner, kind = pairing.keys_of(head, author, self._persons(author))
        hits, rows = self._table.find(keys)
        numbers = window.numbers(rows)
        here = numbers >= window.first
        hits, rows, numbers = hits[here], rows[here].astype(np.int64), numbers[here]
        places = owner.take(hits)

        known = window.post.take(rows) == post.take(places)  # it was matched before
        again = dict(zip(places[known].tolist(), rows[known].tolist(), strict=True))
        fresh = np.ones(len(arrived), bool)
        fresh[list(again)] = False
        copies = np.zeros(len(arrived), bool)
        heard = pairing.repeated(head)
        # Few have: to fetch whole heads of all would cost more with every post that is stored.
        equal = np.flatnonzero(window.head["words"][rows] == head["words"][places])
        heard[places[equal]] = True
        copies[places[equal[pairing.says_the_same(window.head.take(rows[equal]), head.take(places[equal]))]]] = True
        # Before anything is decided: what a word is must not depend on which of two texts came first.
        self._listen(signatures, heard | ~fresh)

        new = np.flatnonzero(fresh)
        taken = np.full(len(arrived), -1, np.int64)
        taken[new] = self._put(head.take(new), post[new], author[new], [signatures[number] for number in new.tolist()])
        still = (numbers >= window.first) & fresh.take(places)  # the new ones may have pushed some out
        within = pairing.within(keys, owner, fresh)
        seen = self._look_alike(arrived, taken)
        pairs = pairing.best(
            np.concatenate((places[still], owner[within[0]], seen[0])),
            np.concatenate((rows[still], taken[owner[within[1]]], seen[1])),
            np.concatenate((kind.take(hits[still]), kind[within[0]], np.full(len(seen[0]), pairing.PICTURE, np.int64))),
        )

        answers = self._stories(arrived, head, author, taken, pairs, again)
        self._keep(head.take(new), taken[new], author[new], copies[new])
        for number in window.forget(max(one.seen_at for one in arrived)):
            self._leave(number)
        return answers

    def _stories(
        self,
        arrived: Sequence[Arrived],
        head: Numbers,
        author: Numbers,
        taken: Numbers,
        pairs: tuple[Numbers, Numbers, Numbers],
        again: Mapping[int, int],
    ) -> list[Match]:
        window = self._window
        candidates = self._candidates(head, author, pairs)
        answers: list[Match] = []
        following = next(candidates, None)
        for place, one in enumerate(arrived):
            row = int(taken[place])
            if row < 0:
                story = self.now(int(window.story[again[place]]))
                answers.append(Match(story, "", self.size(story), words_seen=True))
                continue
            if following is None or following[0] != place:
                answers.append(Match(one.id))
                continue
            decision = decide(
                following[1],
                following[2],
                unpack(window.texts[row]),
                self,
                made=int(head["made"][place]),
                original=one.original,
                anew=one.anew,
            )
            following = next(candidates, None)
            answers.append(self._answer(one, row, decision))
        return answers

    def _answer(self, one: Arrived, row: int, decision: Decision) -> Match:
        window = self._window
        if decision.chorus_of:
            window.chorus[row] = decision.chorus_of
        if not decision.stories:
            return Match(
                one.id,
                words_seen=decision.words_seen,
                update_of=decision.update_of,
                chorus_of=decision.chorus_of,
                pictured_in=decision.pictured_in,
                alike_id=decision.alike_id,
                words=decision.words,
            )
        story, *merged = sorted({*decision.stories}, key=by_age)
        size = sum(self.size(number) for number in (story, *merged))
        for number in merged:
            self._now_part_of[number] = story
            self._sizes.pop(number, None)
            self._apart = {frozenset(story if side == number else side for side in pair) for pair in self._apart}
        self._sizes[story] = size + 1
        window.story[row] = story
        return Match(
            story,
            decision.reason,
            size,
            decision.words_seen,
            decision.alike_id,
            decision.words,
            tuple(merged),
            pictured_in=decision.pictured_in,
            said_by_us=decision.is_ours,
            chorus_of=decision.chorus_of,
            elsewhere=decision.elsewhere,
        )

    def _candidates(
        self, head: Numbers, author: Numbers, pairs: tuple[Numbers, Numbers, Numbers]
    ) -> Iterator[tuple[int, list[Candidate], list[int]]]:
        """What each post may belong to, for each that may, in their order.

        Yields:
            The post's place, its candidates, the best first, and the rows of posts that say other numbers in the same form.
        """
        place, row, weight = pairs
        if not len(place):
            return
        window = self._window
        person = self._persons(author)
        evidence = weigh(
            head.take(place),  # a quarter of a microsecond for each pair less than by brackets
            window.head.take(row),
            author=(author[place], window.author[row]),
            person=(person[place], window.person[row]),
            pictured=(weight & pairing.PICTURED) != 0,
            text_alone_chars=self._text_alone_chars,
        )
        good = np.flatnonzero(evidence)
        place, row, weight, evidence = place[good], row[good], weight[good], evidence[good]
        if not len(place):
            return
        other = evidence & Evidence.NUMBERS_DIFFER
        other[(evidence & Evidence.VERSION) != 0] = 0  # it may have corrected them
        order = np.lexsort((other, place))  # stable: the best came first
        place, row, evidence, other = place[order], row[order], evidence[order], other[order]
        few = ranks(place) < pairing.CANDIDATES
        place, row, evidence, other = place[few], row[few], evidence[few], other[few]
        posts, made = window.post[row].tolist(), window.head["made"][row].tolist()
        ours = (np.isin(window.author[row], list(self.ours)) | (window.post[row] < 0)).tolist()
        starts = np.flatnonzero(np.append(True, place[1:] != place[:-1]))
        ends = np.append(starts[1:], len(place))
        middles = (starts + np.add.reduceat((other == 0).astype(np.int64), starts)).tolist()
        rows, what = row.tolist(), evidence.tolist()
        for at, start, middle, end in zip(place[starts].tolist(), starts.tolist(), middles, ends.tolist(), strict=True):
            if middle > start:
                found = [Candidate(rows[n], what[n], posts[n], made[n], ours[n]) for n in range(start, middle)]
                yield at, found, rows[middle:end]

    # -- what a candidate is asked -----------------------------------------------------------------------------------

    def story_of(self, row: int) -> int:
        """The story of a row, as it is now."""
        return self.now(int(self._window.story[row]))

    def chorus_of(self, row: int) -> int:
        """The first post that said the words of a row; 0 where none did."""
        return int(self._window.chorus[row])

    def text_of(self, row: int) -> bytes:
        """Packed words of a row."""
        return self._window.texts[row]

    def known(self, word: str) -> int:
        """In about how many texts a word was seen."""
        (number,) = word_hashes([word]) or (0,)
        return int(self._heard[number % _COUNTERS])

    def are_apart(self, one: int, other: int) -> bool:
        """Whether a person has said that two stories are two."""
        return bool(self._apart) and frozenset((one, other)) in self._apart

    def _look_alike(self, arrived: Sequence[Arrived], taken: Numbers) -> tuple[Numbers, Numbers]:
        """Pairs of posts that have a picture in common: places, and rows of earlier ones."""
        places, found = [], []
        numbers = self._window.numbers(taken)
        self._pictures.forget(self._window.first)
        for place, one in enumerate(arrived):
            if taken[place] < 0 or not one.has_pictures:
                continue
            like = {*self._pictures.same(one.cids)}
            for wanted in one.hashes:
                like.update(number for number, _ in self._pictures.near(wanted))
            places += [place] * len(like)
            found += sorted(like)
            self._pictures.add(int(numbers[place]), one.hashes, one.cids)
        return np.array(places, np.int64), np.array(found, np.int64) % self._window.capacity

    # -- keeping ------------------------------------------------------------------------------------------------------

    def _put(self, head: Numbers, post: Numbers, author: Numbers, signatures: Sequence[bytes]) -> Numbers:
        rows, left = self._window.room(len(head))
        for number in left:
            self._leave(number)
        self._window.put(rows, head, post, author, self._persons(author), signatures)
        return rows

    def _keep(self, head: Numbers, rows: Numbers, author: Numbers, copies: Numbers) -> None:
        """Make posts findable. A copy word for word is found by its words: it needs no shingles."""
        keys, owner, _ = pairing.keys_of(head, author, self._persons(author), without_shingles=copies)
        self._table.add(keys, rows[owner].astype(np.uint32))

    def _are_copies(self, head: Numbers) -> tuple[Numbers, Numbers]:
        """Which posts say all that one before them says, and which at least its words."""
        copies = np.zeros(len(head), bool)
        order = np.lexsort((head["made"], head["links"][:, 0], head["flags"], head["words"]))
        copies[order[1:]] = pairing.says_the_same(head.take(order[:-1]), head.take(order[1:]))
        heard = pairing.repeated(head)
        places, rows = self._table.find(mixed(head["words"], pairing.WORDS))
        before, here = self._window.head.take(rows), head.take(places)
        copies[places[pairing.says_the_same(before, here)]] = True
        heard[places[before["words"] == here["words"]]] = True
        return copies, heard

    def _leave(self, story: int) -> None:
        story = self.now(story)
        left = self._sizes.get(story, 0) - 1
        if left > 1:
            self._sizes[story] = left
        else:
            self._sizes.pop(story, None)

    def _listen(self, signatures: Sequence[bytes], copies: Numbers, most: int = _SAMPLE) -> None:
        """Count in how many of the last texts words stand; many copies of one mistake must not make it a word.

        Nor must a long day: among a million texts every mistake has been made three times. So what was heard long ago fades.
        """
        heard = np.flatnonzero(~copies)[:most].tolist()
        hashes = word_hashes([unpack(signatures[number][HEAD_BYTES:]).text for number in heard])
        if hashes:
            places, counts = np.unique(np.array(hashes) % _COUNTERS, return_counts=True)
            self._heard[places] = np.minimum(self._heard[places] + counts, np.iinfo(np.uint8).max).astype(np.uint8)
        self._listened += len(heard)
        if self._listened >= _HEARD:
            self._listened = 0
            self._heard >>= 1

    def _persons(self, author: Numbers) -> Numbers:
        if not self._people:
            return np.zeros(len(author), np.int64)
        return np.array([self._people.get(number, 0) for number in author.tolist()], np.int64)
