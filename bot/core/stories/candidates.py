"""Posts that another one may repeat, and what each comes to once the words are laid side by side."""

from collections.abc import Sequence
from enum import Enum, auto
from functools import lru_cache
from typing import Protocol

import msgspec

from bot.core.stories.differing import Compared, Likeness, can_be_one, compare, laid_out
from bot.core.stories.evidence import REPEAT_CHARS, Evidence
from bot.core.stories.walk import Care, Side
from bot.core.stories.words import Words, unpack

BY_PICTURE = "the same picture"
_LAID = 8  # what a post repeats has most in common with it, and so is among the first
RELATION = Evidence.VERSION | Evidence.REPOST
_POINTS_TO_OWN = Evidence.POINTS | Evidence.PERSON | Evidence.COMPARE
_ALWAYS_MATTERS = RELATION | Evidence.PICTURE
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


class Kind(Enum):
    """What a candidate comes to."""

    JOINS = auto()
    ADDS = auto()
    LACKS = auto()  # what was made later says more
    PICTURED = auto()  # the same picture with other words
    SAYS_OTHER = auto()  # the same form with another fact
    NOTHING = auto()


class Weighed(msgspec.Struct, frozen=True, gc=False):
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
    kind: Kind
    reason: str
    words: Words
    compared: Compared
    is_more: bool

    @property
    def is_less(self) -> bool:
        """Whether the post says more than it."""
        return self.compared.likeness is Likeness.ADDS and self.compared.longer > 0


def can_matter(candidates: Sequence[Candidate], words: Words, rows: Rows) -> bool:
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


def weigh_all(candidates: Sequence[Candidate], words: Words, rows: Rows, made: int, original: str) -> list[Weighed]:
    """What each candidate comes to, in their order. Of many that are to be laid beside the post only the first few are.

    Args:
        candidates: The best first.
        words: Of the post.
        rows: Where the candidates' own things lie.
        made: When the post was made, in seconds since 1970.
        original: What it repeats by its platform's word; "" for nothing.
    """
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
        found.append(Weighed(one, rows.story_of(one.row), kind, reason, theirs, compared, is_more))
    return found


def _say(one: Candidate, compared: Compared, chars: int, made: int, original: str) -> tuple[Kind, str]:
    """What a candidate comes to, and why it joins."""
    evidence = one.evidence
    if evidence & Evidence.VERSION:
        return Kind.JOINS, "another version of the same post"
    if evidence & Evidence.REPOST:
        return Kind.JOINS, f"repost of {original}" if original else "its repost came first"
    if evidence & Evidence.ANSWER:
        return Kind.NOTHING, ""
    likeness = compared.likeness
    if likeness is Likeness.DIFFERENT:
        return Kind.SAYS_OTHER, ""
    if likeness is Likeness.UNLIKE:
        if evidence & _POINTS_TO_OWN == _POINTS_TO_OWN:
            return Kind.JOINS, "links to it, by the same author"
        return _by_picture(evidence, chars)
    reason = _reason(one, chars)
    if not reason:
        return Kind.NOTHING, ""
    if likeness is Likeness.ADDS:
        # Which of the two says more than the other is a matter of which was made first, not of which came first; of two of one
        # second, of that after all.
        if compared.longer > 0 and made >= one.made:
            return Kind.ADDS, ""
        if compared.longer < 0 and made < one.made:
            return Kind.LACKS, ""
    if evidence & Evidence.WORDS:
        return Kind.JOINS, reason
    reason = f"nearly the {reason}" if reason.startswith("same") else reason.replace("the same", "nearly the same")
    return Kind.JOINS, f"{reason} ({compared.differs})" if compared.differs else reason


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


def _by_picture(evidence: int, chars: int) -> tuple[Kind, str]:
    """What a picture in common comes to where the words are not alike: a poster goes with many words, by many people."""
    if not evidence & Evidence.PICTURE:
        return Kind.NOTHING, ""
    if not chars:  # words that differ may be another thing under the same logo
        return Kind.JOINS, BY_PICTURE
    return (Kind.NOTHING if evidence & Evidence.PERSON else Kind.PICTURED), ""


def _care(evidence: int) -> Care:
    return Care.BY_ONE if evidence & Evidence.PERSON else Care.STRICT
