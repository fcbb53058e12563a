"""What a post shows about stories that stand: that two are one, or that it adds a fact to one."""

from collections.abc import Sequence
from datetime import datetime

from bot.pipeline.curate.case import Case
from bot.store import joining, journal, posts, stories
from bot.store.database import Transaction


def merge(tx: Transaction, cases: Sequence[Case], now: datetime) -> bool:
    """Join stories that are one, and remember follow-ups; to be called once the cases are written.

    What waits of a story that becomes part of one that is told is judged again, with that in view. What stands on the page
    stays, also where both were told.

    Returns:
        Whether people keep apart what the index took for one: it has to be built again.
    """
    against = False
    for case in cases:
        match = case.match
        if match.merged:
            against = _merge(tx, case, now) or against
        if match.update_of:
            stories.follow(tx, match.story_id, match.update_of)
    return against


def _merge(tx: Transaction, case: Case, now: datetime) -> bool:
    into, wanted = case.match.story_id, case.match.merged
    told = {number for number in (into, *wanted) if stories.standing(tx, number)}
    members = {number: posts.of_story(tx, number) for number in (into, *wanted)}
    joined = stories.join(tx, into, wanted)
    lines = [
        journal.Line(
            now,
            "joined",
            "milepost",
            f"story {number} is part of story {into}: post {case.stored.id} shows that they are one",
            post_id=members[number][0].id if members[number] else None,
            story_id=into,
            update_id=-number if number < 0 else None,
            details={"from": number, "story": into},
        )
        for number in joined
    ]
    journal.write(tx, lines)
    if told.intersection((into, *joined)):
        open_before = [one for number in (into, *joined) if number not in told for one in members[number]]
        stories.judge_again(tx, [number for number in joining.waiting(open_before) if number != case.stored.id])
    return len(joined) < len([number for number in wanted if number != into])
