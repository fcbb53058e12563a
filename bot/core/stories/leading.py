"""Which copy of a story leads: the one whose words and credit readers see.

An order over the copies of one story, whichever came first: source, officialness, completeness, pictures with a description,
then who was seen first. Who may lead at all (nobody took it down, no rule dropped it, its time has come) is for the caller.
"""

from collections.abc import Sequence

import msgspec

from bot.core.desk import Desk
from bot.core.model import Post
from bot.core.text.normal import normalise

# A copy that says nine tenths of the longest one is as complete: a word more ("wow") makes nobody the better source.
_WHOLE = 0.9
_CUT = ("…", "...")


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """One copy of a story.

    Attributes:
        post_id: Internal number, ascending in the order of arrival.
    """

    post_id: int
    post: Post


class _Rank(msgspec.Struct, frozen=True, gc=False, order=True):
    """What speaks for a copy, the weightiest first. The lesser one leads."""

    source: int
    official: int
    repost: int
    cut: int
    short: float
    plain: int
    seen: float
    post_id: int


SEEN_FIRST = "seen first"
"""The reason of a copy that is no better than the other one and only came before it."""

# What is said of a copy that leads by this part of its rank.
_REASONS = (
    ("source", "preferred source"),
    ("official", "official"),
    ("repost", "the post itself"),
    ("cut", "complete"),
    ("short", "complete"),
    ("plain", "picture with a description"),
    ("seen", SEEN_FIRST),
    ("post_id", SEEN_FIRST),
)


def is_repost(post: Post) -> bool:
    """Whether a post only repeats another one, by the platform's relation or in the old way ("RT @name: …")."""
    return bool(post.repost_of) or post.text.startswith("RT @")


def in_order(copies: Sequence[Candidate], desk: Desk) -> list[Candidate]:
    """Sort the copies of one story: the one that leads comes first.

    Args:
        copies: In any order; the result does not depend on it. May be empty.
        desk: Knows officials and preferred sources.
    """
    ranks = _ranks(copies, desk)
    return sorted(copies, key=lambda copy: ranks[copy.post_id])


def reason(best: Candidate, other: Candidate, desk: Desk) -> str:
    """In a word or two why one copy leads before another ("official, complete"); "" where both are the same copy."""
    if best.post_id == other.post_id:
        return ""
    ranks = _ranks((best, other), desk)
    won, lost = ranks[best.post_id], ranks[other.post_id]
    found = [said for name, said in _REASONS if getattr(won, name) < getattr(lost, name)]
    real = [said for said in found if said != SEEN_FIRST]
    return ", ".join(dict.fromkeys(real or found[:1]))


def _ranks(copies: Sequence[Candidate], desk: Desk) -> dict[int, _Rank]:
    words = {copy.post_id: 0 if is_repost(copy.post) else len(normalise(_said(copy.post))) for copy in copies}
    longest = max(words.values(), default=0)
    return {copy.post_id: _rank(copy, desk, words[copy.post_id], longest) for copy in copies}


def _rank(copy: Candidate, desk: Desk, words: int, longest: int) -> _Rank:
    post = copy.post
    enough = longest * _WHOLE
    return _Rank(
        source=-desk.source_prefer.get(post.source, 0),
        official=desk.official(post) is None,
        repost=is_repost(post),
        cut=words < longest and _said(post).rstrip().endswith(_CUT),
        short=max(0.0, enough - words),
        plain=not any(media.alt for media in post.media),
        seen=post.seen_at.timestamp(),
        post_id=copy.post_id,
    )


def _said(post: Post) -> str:
    return post.text or post.title
