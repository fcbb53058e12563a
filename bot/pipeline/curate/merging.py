"""Stories that turn out to be one: what holds of a part holds of the whole. Nothing that is public is changed by it."""

from collections.abc import Iterable, Mapping, MutableMapping, MutableSet, Sequence

from msgspec import structs

from bot.core.stories.match import Match
from bot.store.posts import StoredPost


def related(matches: Iterable[Match]) -> list[int]:
    """Further stories whose state counts for these posts: parts of theirs, what they add to, whose picture they carry."""
    found: list[int] = []
    for match in matches:
        if match.merged or match.update_of or match.pictured_in:
            found.extend(match.merged)
            found.extend(story for story in (match.update_of, match.pictured_in) if story)
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
        told: As for `merge`, and so are the others.

    Returns:
        The matches, those of parts with the number of the whole; and what the log says of it, by post. Costs a look at each
        match where nothing is merged.
    """
    whole: dict[int, int] = {}
    said: dict[int, str] = {}
    for stored, match in zip(batch, matches, strict=True):
        if match.merged:
            said[stored.id] = merge(match, told, closed, *more)
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
