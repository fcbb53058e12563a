"""Which story a post belongs to, given the posts that it may repeat: what sameness is, in one place."""

from collections.abc import Container, Sequence
from enum import Enum, auto
from functools import lru_cache
from typing import Protocol, TypedDict

import msgspec

from bot.core.stories.bridging import bridges
from bot.core.stories.differing import Compared, Likeness, can_be_one, compare, laid_out
from bot.core.stories.evidence import REPEAT_CHARS, Evidence
from bot.core.stories.slips import Known
from bot.core.stories.walk import Care, Side
from bot.core.stories.words import Words, unpack

_SHOWN_CHARS = 120
_BY_PICTURE = "the same picture"
_STOCK_PICTURE = 3  # a picture that goes with more stories than this is a poster, which says nothing
_LAID = 8  # what a post repeats has most in common with it, and so is among the first
_RELATION = Evidence.VERSION | Evidence.REPOST
_POINTS_TO_OWN = Evidence.POINTS | Evidence.PERSON | Evidence.COMPARE
_ALWAYS_MATTERS = _RELATION | Evidence.PICTURE
_NO_CHORUS = Evidence.LINKS_DIFFER | Evidence.LONG | Evidence.ANSWER
_BY_CONTENT = Evidence.REPOST | Evidence.COMPARE | Evidence.PICTURE
_NOTHING = Compared(Likeness.UNLIKE, 0, "", "")


class Rows(Protocol):
    """Where a candidate's own things lie."""

    def story_of(self, row: int) -> int:
        """The story of a row, as it is now."""

    def chorus_of(self, row: int) -> int:
        """The first post that said the words of a row; 0 where none did."""

    def text_of(self, row: int) -> bytes:
        """Packed words of a row."""

    def known(self, word: str) -> int:
        """In about how many texts a word was seen."""

    def are_apart(self, one: int, other: int) -> bool:
        """Whether a person has said that two stories are two."""


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """A post that another one may repeat.

    Attributes:
        row: Where the window has it.
        evidence: Bits of `Evidence`.
        post: Its number; minus an update's for our own words.
        made: When it was made as its author says, in seconds since 1970.
        is_ours: It stands on one of our accounts, or is our own update.
    """

    row: int
    evidence: int
    post: int
    made: int
    is_ours: bool


class Decision(msgspec.Struct, frozen=True, gc=False):
    """What came of the candidates.

    Attributes:
        stories: Stories that it tells, what speaks most for them first; several where they turn out to be one story.
        reason: Why, for the journal; "" where it tells none of them.
        alike_id: The post by which it joins, or that it adds to.
        words: The words that matched.
        words_seen: One of them says the same words.
        update_of: The story to which it adds a fact; 0 for none.
        chorus_of: The first of other people's posts that say the same few words; 0 for none.
        pictured_in: Another story that carries the same picture with other words; 0 for none.
        is_ours: We said it ourselves.
        elsewhere: Another story that a version of a told post tells by its words now; 0 for none.
    """

    stories: tuple[int, ...] = ()
    reason: str = ""
    alike_id: int = 0
    words: str = ""
    words_seen: bool = False
    update_of: int = 0
    chorus_of: int = 0
    pictured_in: int = 0
    is_ours: bool = False
    elsewhere: int = 0


_NEW = Decision()


class _SaysNow(TypedDict, total=False):
    elsewhere: int
    chorus_of: int


class _Kind(Enum):
    JOINS = auto()
    ADDS = auto()
    LACKS = auto()  # what was made later says more
    PICTURED = auto()  # the same picture with other words
    SAYS_OTHER = auto()  # the same form with another fact
    NOTHING = auto()


class _Weighed(msgspec.Struct, frozen=True, gc=False):
    """A candidate with what it comes to.

    Attributes:
        candidate: It.
        story: The story that it is in.
        kind: What it comes to.
        reason: Why it joins; "" where it does not.
        words: Its words.
        compared: What they are to the post's.
        is_more: They say more than the post's, or may do so, where the post is cut.
    """

    candidate: Candidate
    story: int
    kind: _Kind
    reason: str
    words: Words
    compared: Compared
    is_more: bool

    @property
    def is_less(self) -> bool:
        """Whether the post says more than it."""
        return self.compared.likeness is Likeness.ADDS and self.compared.longer > 0


def decide(
    candidates: Sequence[Candidate],
    others: Sequence[int],
    words: Words,
    rows: Rows,
    *,
    made: int,
    original: str,
    anew: bool = False,
) -> Decision:
    """Find the story of a post.

    A story that holds a post which says something else in the same form is not joined by words, only by a relation. Of two
    stories that a post shows to be one, neither is left over, unless their own words say that they are two, or a person did.

    Args:
        candidates: The best first; at least one.
        others: Rows of posts that say other numbers in the same form.
        words: Of the post.
        rows: Where the candidates' own things lie.
        made: When the post was made, in seconds since 1970.
        original: What it repeats by its platform's word; "" for nothing.
        anew: It is an edit of what was never told: its words alone decide, as for a new post.
    """
    if anew:
        found = _decide_anew(candidates, others, words, rows, made, original)
        if found is not None:
            return found
    if not _can_matter(candidates, words, rows):
        return _of_nothing(candidates, words, rows)
    weighed = _weigh_all(candidates, words, rows, made, original)
    weighed.sort(key=_rank)
    against = _against(weighed, others, words, rows)
    joined = _joined(weighed, against, words, rows)
    words_seen = any(one.evidence & Evidence.WORDS for one in candidates)
    if joined:
        first = next(iter(joined.values()))
        return Decision(
            tuple(joined),
            first.reason,
            first.candidate.post,
            _shown(first.compared.words),
            words_seen,
            pictured_in=_pictured_in(weighed, joined),
            is_ours=any(one.candidate.is_ours and one.story in joined for one in weighed),
            **_says_now(weighed, against, words, rows, first) if first.candidate.evidence & Evidence.VERSION else {},
        )
    for one in weighed:
        if one.kind is _Kind.ADDS and one.story not in against:
            return Decision((), "", one.candidate.post, _shown(one.compared.words), words_seen, update_of=one.story)
    found = _of_nothing(candidates, words, rows)
    if found.chorus_of:
        return found
    pictured = [one for one in weighed if one.kind is _Kind.PICTURED]
    if 0 < len({one.story for one in pictured}) <= _STOCK_PICTURE:
        return Decision(alike_id=pictured[0].candidate.post, words_seen=words_seen, pictured_in=pictured[0].story)
    return Decision(words_seen=words_seen)


def _decide_anew(
    candidates: Sequence[Candidate], others: Sequence[int], words: Words, rows: Rows, made: int, original: str
) -> Decision | None:
    """What is said of an edit whose earlier versions do not count; None where a person keeps it from what it says now."""
    before = {rows.story_of(one.row) for one in candidates if one.evidence & Evidence.VERSION}
    free = []
    others = [*others, *(one.row for one in candidates if one.evidence & Evidence.NUMBERS_DIFFER)]
    for one in candidates:
        evidence = one.evidence
        if evidence & Evidence.NUMBERS_DIFFER:
            continue
        if evidence & Evidence.VERSION:  # they have a permalink in common, which says nothing
            evidence &= ~(Evidence.VERSION | Evidence.POINTS)
        if evidence & _BY_CONTENT or (evidence & Evidence.WORDS and not evidence & Evidence.ANSWER):
            free.append(msgspec.structs.replace(one, evidence=evidence))
    found = decide(free, others, words, rows, made=made, original=original) if free else _NEW
    return None if any(rows.are_apart(story, old) for story in found.stories for old in before) else found


def _says_now(
    weighed: Sequence[_Weighed], against: Container[int], words: Words, rows: Rows, version: _Weighed
) -> _SaysNow:
    """What else a version of a told post says by its words: another story, or the few words of other people."""
    found = [one for one in weighed if not one.candidate.evidence & Evidence.VERSION and one.story != version.story]
    found = [one for one in found if not rows.are_apart(one.story, version.story)]
    joined = _joined(found, against, words, rows)
    if joined:
        return {"elsewhere": next(iter(joined))}
    return {"chorus_of": _of_nothing([one.candidate for one in found], words, rows).chorus_of}


def _rank(one: _Weighed) -> tuple[bool, bool, int]:
    """The order of what is joined: of several texts that may have been cut to the post's, the one to which least was added."""
    cut = one.kind is _Kind.JOINS and one.is_more
    return not one.candidate.evidence & Evidence.VERSION, cut, len(one.words.text) if cut else 0


def _against(weighed: Sequence[_Weighed], others: Sequence[int], words: Words, rows: Rows) -> set[int]:
    """Stories that say something else in the same form as the post."""
    joins = [one for one in weighed if one.kind is _Kind.JOINS]
    found = {
        one.story for one in weighed if one.kind is _Kind.SAYS_OTHER and not _is_bridged(one, words, joins, rows.known)
    }
    # A cut text may have joined what was added later: who says less than that is no copy of it, whatever the cut one says.
    found |= {one.story for one in weighed if one.kind is _Kind.LACKS and not _has_all(joins, one, words, rows.known)}
    if others and any(one.kind is not _Kind.NOTHING for one in weighed):
        found.update(rows.story_of(row) for row in others)
    return found


def _has_all(joins: Sequence[_Weighed], more: _Weighed, words: Words, known: Known) -> bool:
    """Whether the story of what says more than the post holds the whole text, of which the post is a part as well."""
    least = len(words.text)
    return any(
        one.story == more.story and len(one.words.text) >= least and not _lacks(one.words, more.words, known)
        for one in joins
    )


def _lacks(one: Words, other: Words, known: Known) -> bool:
    """Whether the second text says more than the first."""
    compared = compare(one, other, known=known)
    return compared.likeness is Likeness.ADDS and compared.longer > 0


def _joined(weighed: Sequence[_Weighed], against: Container[int], words: Words, rows: Rows) -> dict[int, _Weighed]:
    """The stories that the post tells, each with the candidate that shows it, what speaks most for them first."""
    # How long what the post adds to is: what is shorter has lost its end, and cannot say that the post adds nothing.
    whole: dict[int, int] = {}
    for one in weighed:
        if one.kind is _Kind.ADDS:
            whole[one.story] = max(whole.get(one.story, 0), len(one.words.text))
    fuller = {one.story for one in weighed if one.is_more}
    joined: dict[int, _Weighed] = {}
    for one in weighed:
        if one.kind is not _Kind.JOINS or one.story in joined:
            continue
        if one.candidate.evidence & Evidence.VERSION:
            return {one.story: one}  # it may say anything now: what it said before is no other story for that
        if one.reason == _BY_PICTURE and joined:
            continue  # a picture without words does not make two stories one that carry it with other words
        is_less = one.story in whole and (one.is_less or len(one.words.text) < whole[one.story])
        is_apart = one.story in against or is_less
        if is_apart and not one.candidate.evidence & _RELATION:
            continue
        if joined and not one.candidate.evidence & _RELATION and not fuller.isdisjoint((one.story, *joined)):
            continue  # it lacks what one of the stories says, and so cannot say that they are one
        if all(_are_one(one, other, words, rows) for other in joined.values()):
            joined[one.story] = one
    return joined


def _of_nothing(candidates: Sequence[Candidate], words: Words, rows: Rows) -> Decision:
    """What is said of a post that tells none of the stories: other people may have said the same few words."""
    words_seen = any(one.evidence & Evidence.WORDS for one in candidates)
    for one in candidates:
        if one.evidence & Evidence.WORDS and not one.evidence & _NO_CHORUS:
            first = rows.chorus_of(one.row) or one.post
            return Decision((), "", one.post, _shown(words.text), words_seen, chorus_of=first)
    return Decision(words_seen=words_seen)


def _can_matter(candidates: Sequence[Candidate], words: Words, rows: Rows) -> bool:
    """Whether a candidate can be joined or added to, or has a picture in common.

    A post of a crowd has many candidates that cannot: where all are so, it makes no difference which of them are different
    and which unlike, and that is the dear part of comparing.
    """
    laid: set[tuple[bytes, int]] = set()
    ours: Side | None = None
    for one in candidates:
        evidence = one.evidence
        if evidence & _ALWAYS_MATTERS or evidence & _POINTS_TO_OWN == _POINTS_TO_OWN:
            return True
        if evidence & Evidence.WORDS:
            if not evidence & Evidence.ANSWER and _reason(one, len(words.text)):
                return True
        elif evidence & Evidence.COMPARE:
            packed = rows.text_of(one.row)
            if (packed, evidence & Evidence.PERSON) not in laid:
                if len(laid) == _LAID:
                    continue
                laid.add((packed, evidence & Evidence.PERSON))
                theirs, side = _opened(packed)
                ours = ours or laid_out(words)
                if can_be_one(words, theirs, (ours, side), known=rows.known, care=_care(evidence)):
                    return True
    return False


@lru_cache(1_024)
def _opened(packed: bytes) -> tuple[Words, Side]:
    """The words of a candidate: the same few are compared with one post of a crowd after the other."""
    words = unpack(packed)
    return words, laid_out(words)


def _pictured_in(weighed: Sequence[_Weighed], joined: Container[int]) -> int:
    """A story, other than those that a post joins, that carries its picture; 0 for none, or for a poster that all carry."""
    found = [one.story for one in weighed if one.candidate.evidence & Evidence.PICTURE and one.story not in joined]
    return found[0] if 0 < len({*found}) <= _STOCK_PICTURE else 0


def _weigh_all(candidates: Sequence[Candidate], words: Words, rows: Rows, made: int, original: str) -> list[_Weighed]:
    laid: dict[tuple[bytes, bool], Compared] = {}
    found = []
    for one in candidates:
        evidence = one.evidence
        if evidence & Evidence.WORDS:
            theirs, compared = words, Compared(Likeness.SAME, 0, words.text, "")
        else:
            packed = rows.text_of(one.row)
            theirs = _opened(packed)[0]
            compared = _NOTHING
            if evidence & Evidence.COMPARE:
                by_one = evidence & Evidence.PERSON != 0
                if (packed, by_one) not in laid:
                    if len(laid) == _LAID:
                        continue
                    laid[packed, by_one] = compare(theirs, words, known=rows.known, care=_care(evidence))
                compared = laid[packed, by_one]
        kind, reason = _say(one, compared, min(len(words.text), len(theirs.text)), made, original)
        is_more = compared.longer < 0 and (words.cut or compared.likeness is Likeness.ADDS)
        found.append(_Weighed(one, rows.story_of(one.row), kind, reason, theirs, compared, is_more))
    return found


def _say(one: Candidate, compared: Compared, chars: int, made: int, original: str) -> tuple[_Kind, str]:
    """What a candidate comes to, and why it joins."""
    evidence = one.evidence
    if evidence & Evidence.VERSION:
        return _Kind.JOINS, "another version of the same post"
    if evidence & Evidence.REPOST:
        return _Kind.JOINS, f"repost of {original}" if original else "its repost came first"
    if evidence & Evidence.ANSWER:
        return _Kind.NOTHING, ""
    likeness = compared.likeness
    if likeness is Likeness.DIFFERENT:
        return _Kind.SAYS_OTHER, ""
    if likeness is Likeness.UNLIKE:
        if evidence & _POINTS_TO_OWN == _POINTS_TO_OWN:
            return _Kind.JOINS, "links to it, by the same author"
        return _by_picture(evidence, chars)
    reason = _reason(one, chars)
    if not reason:
        return _Kind.NOTHING, ""
    if likeness is Likeness.ADDS:
        # Which of the two says more than the other is a matter of which was made first, not of which came first.
        if compared.longer > 0 and made > one.made:
            return _Kind.ADDS, ""
        if compared.longer < 0 and made < one.made:
            return _Kind.LACKS, ""
    if evidence & Evidence.WORDS:
        return _Kind.JOINS, reason
    reason = f"nearly the {reason}" if reason.startswith("same") else reason.replace("the same", "nearly the same")
    return _Kind.JOINS, f"{reason} ({compared.differs})" if compared.differs else reason


def _reason(one: Candidate, chars: int) -> str:
    """What allows two posts of the same words to be one story; "" where nothing does."""
    evidence = one.evidence
    if evidence & Evidence.PERSON:
        return "same words by the same author"
    if one.is_ours and chars >= REPEAT_CHARS:
        return "same words as our own"
    if evidence & Evidence.REPEATS:
        return "repeats the same words"
    if evidence & Evidence.LINKS_DIFFER:
        return ""
    if evidence & Evidence.LINK:
        return "same words and the same link"
    if evidence & Evidence.PICTURE:
        return "same words and the same picture"
    return "same words" if evidence & Evidence.LONG else ""


def _by_picture(evidence: int, chars: int) -> tuple[_Kind, str]:
    """What a picture in common comes to where the words are not alike: a poster goes with many words, by many people."""
    if not evidence & Evidence.PICTURE:
        return _Kind.NOTHING, ""
    if not chars:  # words that differ may be another thing under the same logo
        return _Kind.JOINS, _BY_PICTURE
    return (_Kind.NOTHING if evidence & Evidence.PERSON else _Kind.PICTURED), ""


def _is_bridged(against: _Weighed, words: Words, joins: Sequence[_Weighed], known: Known) -> bool:
    """Whether a post and one that seems to say something else are both copies of a third one of the same story."""
    together = [one for one in joins if one.story == against.story]
    return bool(together) and (
        _may_be_one(words, against.words, known) or any(bridges(one.words, words, against.words) for one in together)
    )


def _may_be_one(one: Words, other: Words, known: Known) -> bool:
    """Whether two texts do not contradict each other."""
    return compare(one, other, known=known, care=Care.LENIENT).likeness is not Likeness.DIFFERENT


def _are_one(one: _Weighed, other: _Weighed, words: Words, rows: Rows) -> bool:
    """Whether two stories that one post belongs to are one story."""
    if rows.are_apart(one.story, other.story):
        return False
    short, long = (one, other) if len(one.words.text) <= len(other.words.text) else (other, one)
    likeness = compare(short.words, long.words, known=rows.known).likeness
    if likeness is Likeness.ADDS and (long.is_more or len(words.text) < len(short.words.text)):
        return False  # a cut text, or one without what was added, cannot say that nothing was
    return _may_be_one(one.words, other.words, rows.known) or bridges(words, one.words, other.words)


def _care(evidence: int) -> Care:
    return Care.BY_ONE if evidence & Evidence.PERSON else Care.STRICT


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1].rstrip() + "…"
