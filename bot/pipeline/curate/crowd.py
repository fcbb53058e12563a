"""What else there is of what is told: how many others posted it, and who. Reposts are counted only."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.core.desk import Desk
from bot.core.model import Copy, UpdateState, Verdict
from bot.core.stories.leading import is_repost
from bot.pipeline.curate.case import Case
from bot.store import copies, feed, stories
from bot.store.database import Transaction
from bot.store.posts import Arrival


def gather(tx: Transaction, desk: Desk, cases: Sequence[Case]) -> Mapping[int, tuple[int, tuple[Copy, ...]]]:
    """How many others posted what is told now, and the copies that are shown: by post, for stories of more than one.

    Args:
        cases: Their verdicts and stories are written.
    """
    company = {case.match.story_id for case in cases if case.match.size}
    tells = [case for case in cases if case.tell and case.match.story_id in company]
    if not tells:
        return {}
    counts = copies.count(tx, desk, {(case.match.story_id, case.stored.author_id) for case in tells})
    members = copies.members(tx, {case.match.story_id for case in tells})
    return {
        case.stored.id: (
            counts[case.match.story_id, case.stored.author_id],
            copies.listed(desk, members.get(case.match.story_id, ()), case.stored.id, case.stored.author_id),
        )
        for case in tells
    }


def count_in(tx: Transaction, desk: Desk, cases: Sequence[Case], told: set[int]) -> int:
    """Count what joined stories that were told before; gives how many updates changed.

    Args:
        told: Stories that are told, those of these cases included.
    """
    fresh = {case.match.story_id for case in cases if case.tell}
    joined: dict[int, list[Case]] = {}
    for case in cases:
        story = case.match.story_id
        if case.match.size and story in told and story not in fresh and _counts(case):
            joined.setdefault(story, []).append(case)
    changed = 0
    for one in copies.live(tx, joined):
        person, also, listed = desk.person(one.author_id), one.update.also, list(one.update.copies)
        for case in joined[one.story_id]:
            is_same = desk.person(case.stored.author_id) == person
            also += not is_same
            if len(listed) < copies.LISTED and _is_shown(case):
                listed.append(copies.of(case.stored.id, case.stored.post, is_same=is_same))
        if (also, tuple(listed)) != (one.update.also, one.update.copies) and one.update.state is UpdateState.LIVE:
            feed.change(tx, replace(one.update, also=also, copies=tuple(listed)))
            changed += 1
    return changed


def follow_moves(tx: Transaction, desk: Desk, cases: Sequence[Case]) -> int:
    """Count anew where an edit says something else than its earlier versions; gives how many updates changed."""
    edited = {case.stored.ident: case.match.story_id for case in cases if case.stored.post.is_edit}
    if not edited:
        return 0
    moved = [found | {edited[key]} for key, found in stories.of_versions(tx, edited).items() if found != {edited[key]}]
    return copies.set_right(tx, desk, set().union(*moved))


def _counts(case: Case) -> bool:
    """A post that is new here: no verdict of its own decides over that, for it was posted all the same."""
    return (
        case.by == "rules"
        and case.stored.arrival is not Arrival.BASELINE
        and not case.stored.story_id  # else it was counted when it came
        and not case.stored.post.is_edit
    )


def _is_shown(case: Case) -> bool:
    """No rule is against it: readers are sent only to what would have been told, or waited for a look."""
    ruling = case.ruling
    if ruling is None or is_repost(case.stored.post) or case.objection:
        return False
    return ruling.verdict is Verdict.PUBLISH or (ruling.verdict is not Verdict.DROP and not ruling.rule)
