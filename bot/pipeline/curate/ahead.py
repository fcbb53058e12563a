"""What is known of stories before the posts of a batch are judged, and which copy of a story is judged first.

Of those that came at once it is the best one, for the first that passes is told.
"""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet

from bot.core.desk import Desk
from bot.core.stories.leading import Candidate, in_order, reason
from bot.core.stories.match import Match
from bot.pipeline.curate.case import Case
from bot.store import choruses, feed, posts
from bot.store.database import Transaction
from bot.store.posts import Arrival, StoredPost, is_approved

_COMPARED = 64  # of one story in one batch: a crowd of copies must not make it slow

_Pair = tuple[StoredPost, Match]


def known(
    tx: Transaction, joined: Sequence[int], officials: Collection[int]
) -> tuple[set[int], set[int], dict[int, str]]:
    """What became of stories: those that are told, those that are told in an official's words, and why others are closed.

    Args:
        joined: Stories that are asked about; empty asks nothing.
        officials: Posts of officials in this batch; empty where nobody's words matter more.
    """
    if not joined:
        return set(), set(), {}
    told = feed.told_stories(tx, joined) | choruses.told_stories(tx, joined)
    closed = posts.closed_stories(tx, joined)
    for story in feed.withdrawn_stories(tx, joined):
        closed.setdefault(story, "withdrawn")
    return told, feed.told_by_officials(tx, told) if told and officials else set(), closed


def say(case: Case, merged: str, leads: Mapping[int, str]) -> None:
    """Add to a case's reason what its story is to other stories and copies.

    Args:
        merged: What `merge` says.
        leads: Why a post overtook others, as `in_front` gives it.
    """
    if merged:
        case.why += f"; {merged}"
    if case.match.update_of:
        case.why += f"; adds to story {case.match.update_of}"
    if leads and case.tell and case.stored.id in leads:
        case.why += f"; leads its story: {leads[case.stored.id]}"


def in_front(
    pairs: Sequence[_Pair], joined: Collection[int], told: AbstractSet[int], desk: Desk
) -> tuple[list[_Pair], Mapping[int, str]]:
    """Let the best copy of each story take the place of the one that came first; all other posts keep theirs.

    Args:
        pairs: Posts with their stories, in the order in which they would be judged.
        joined: Stories of those that are not alone.
        told: Stories that are told already: their order does not matter any more.

    Returns:
        The pairs in their new order; and for each post that overtook others, by its number, in a word or two why.
    """
    ordered = list(pairs)
    wanted = set(joined).difference(told)
    places: dict[int, list[int]] = {}
    if wanted:
        for place, (stored, match) in enumerate(pairs):
            if match.story_id in wanted and _may_move(stored):
                places.setdefault(match.story_id, []).append(place)
    why: dict[int, str] = {}
    for found in places.values():
        if len(found) == 1:
            continue
        compared = found[:_COMPARED]
        copies = [Candidate(pairs[place][0].id, pairs[place][0].post) for place in compared]
        by_id = {pairs[place][0].id: pairs[place] for place in compared}
        best, *others = in_order(copies, desk)
        if best.post_id != copies[0].post_id:
            why[best.post_id] = reason(best, copies[0], desk)
        for place, copy in zip(compared, (best, *others), strict=True):
            ordered[place] = by_id[copy.post_id]
    return ordered, why


def _may_move(stored: StoredPost) -> bool:
    """Versions of one post stay in their order, and so does what a person has approved."""
    return not stored.post.is_edit and stored.arrival is not Arrival.BASELINE and not is_approved(stored)
