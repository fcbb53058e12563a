"""Stories that turn out to be one: what holds of a part holds of the whole. Nothing that is public is changed by it."""

from collections.abc import Mapping, MutableMapping, MutableSet, Sequence
from datetime import datetime

from msgspec import structs

from bot.core.stories.match import Match
from bot.pipeline.curate.case import Case
from bot.store import joining, journal, posts, stories
from bot.store.database import Transaction
from bot.store.posts import StoredPost


def shared(batch: Sequence[StoredPost], matches: Sequence[Match]) -> list[int]:
    """Stories whose state counts for a batch: those of more than one post, their parts, what they add to, whose picture they carry.

    So does what an edit says now.
    """
    found: list[int] = []
    for stored, match in zip(batch, matches, strict=True):
        if stored.story_id or match.size or match.story_id != stored.id:
            found.append(match.story_id)
        if match.merged or match.update_of or match.pictured_in or match.elsewhere:
            found.extend(match.merged)
            found.extend(story for story in (match.update_of, match.pictured_in, match.elsewhere) if story)
    return found


def unite(
    batch: Sequence[StoredPost],
    matches: Sequence[Match],
    told: MutableSet[int],
    closed: MutableMapping[int, str],
    *more: MutableSet[int],
) -> tuple[Sequence[Match], Mapping[int, str]]:
    """Carry out what a batch shows to be one, before any of its posts is judged.

    Args:
        batch: The posts of `matches`.
        told: As for `carry`, and so are the others.

    Returns:
        The matches, those of parts with the number of the whole; and what the log says of it, by post. Costs a look at each
        match where nothing is merged.
    """
    whole: dict[int, int] = {}
    said: dict[int, str] = {}
    for stored, match in zip(batch, matches, strict=True):
        if match.merged:
            said[stored.id] = carry(match, told, closed, *more)
            whole.update(dict.fromkeys(match.merged, match.story_id))
    if not whole:
        return matches, said
    return [_in_whole(match, whole) for match in matches], said


def _in_whole(match: Match, whole: Mapping[int, int]) -> Match:
    story = match.story_id
    seen = {story}
    while (larger := whole.get(story, story)) not in seen:
        story = larger
        seen.add(story)
    return match if story == match.story_id else structs.replace(match, story_id=story, size=max(match.size, 1))


def carry(match: Match, told: MutableSet[int], closed: MutableMapping[int, str], *more: MutableSet[int]) -> str:
    """Carry over what holds of the stories that are now part of one.

    Args:
        match: With `merged`.
        told: Stories that are told; the whole is told where a part of it is.
        closed: Why stories are closed. A part that was rejected does not close the whole: a copy of it waits for a person.
        more: Further sets of stories that hold of the whole where they hold of a part (told by officials).

    Returns:
        For the journal, which stories became one and whether more than one of them was told; "" where none did.
    """
    if not match.merged:
        return ""
    whole = match.story_id
    parts = [story for story in (whole, *match.merged) if story in told]
    for known in (told, *more):
        if not known.isdisjoint(match.merged):
            known.add(whole)
    for story in match.merged:
        if whole not in closed and story in closed:
            closed[whole] = "partly rejected" if closed[story] == "rejected" else closed[story]
    names = ", ".join(str(story) for story in match.merged)
    said = f"{'stories' if len(match.merged) > 1 else 'story'} {names} {'are' if len(match.merged) > 1 else 'is'} the same story"
    if len(parts) > 1:
        said += f"; {len(parts)} of them were told: these updates stand"
    return said


def merge(tx: Transaction, cases: Sequence[Case], now: datetime, closed: Mapping[int, str]) -> bool:
    """Join stories that are one, and remember follow-ups; to be called once the cases are written.

    What waits of a story that becomes part of one that is told is judged again, with that in view. What stands on the page
    stays, also where both were told. What a person rejected of it is remembered as a part.

    Args:
        closed: As `carry` left it.

    Returns:
        Whether people keep apart what the index took for one: it has to be built again.
    """
    against = False
    for case in cases:
        match = case.match
        if match.merged:
            against = _merge(tx, case, now, closed) or against
        if match.update_of:
            stories.follow(tx, match.story_id, match.update_of)
    return against


def _merge(tx: Transaction, case: Case, now: datetime, closed: Mapping[int, str]) -> bool:
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
    if closed.get(into) == "partly rejected":
        lines += [_partly(one, number, into, now) for number, one in _rejected(tx, joined, members)]
    journal.write(tx, lines)
    if told.intersection((into, *joined)):
        open_before = [one for number in (into, *joined) if number not in told for one in members[number]]
        stories.judge_again(tx, [number for number in joining.waiting(open_before) if number != case.stored.id])
    return len(joined) < len([number for number in wanted if number != into])


def _rejected(
    tx: Transaction, joined: Sequence[int], members: Mapping[int, Sequence[StoredPost]]
) -> list[tuple[int, StoredPost]]:
    """What a person rejected of stories that are part of another now, each with the number that its story had."""
    found = []
    for number in joined:
        rejected = joining.rejected(tx, members[number])
        found += [(number, one) for one in members[number] if one.id in rejected]
    return found


def _partly(rejected: StoredPost, was: int, into: int, now: datetime) -> journal.Line:
    return journal.Line(
        now,
        "joined",
        "milepost",
        f"rejected as story {was}, which is part of story {into} now: copies of that wait for a person",
        post_id=rejected.id,
        story_id=into,
        details={"from": was, "story": into, posts.PARTLY: True},
    )
