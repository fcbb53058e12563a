"""Stories that turn out to be one: what holds of a part holds of the whole. Nothing that is public is changed by it."""

from collections.abc import Iterable, MutableMapping, MutableSet

from bot.core.stories.match import Match


def related(matches: Iterable[Match]) -> list[int]:
    """Further stories whose state counts for these posts: parts of theirs, what they add to, whose picture they carry."""
    found: list[int] = []
    for match in matches:
        if match.merged or match.update_of or match.pictured_in:
            found.extend(match.merged)
            found.extend(story for story in (match.update_of, match.pictured_in) if story)
    return found


def merge(match: Match, told: MutableSet[int], closed: MutableMapping[int, str], *more: MutableSet[int]) -> str:
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
