"""What the index says of a post: which story it belongs to, and why."""

import msgspec


def by_age(story: int) -> tuple[bool, int]:
    """What stories that are one are ordered by: the first keeps its number. Posts come before our own words, older ones first."""
    return story < 0, abs(story)


class Match(msgspec.Struct, frozen=True, gc=False):
    """The story that a post belongs to.

    Attributes:
        story_id: The first post's number; the post's own where it tells something new.
        reason: Why, for the journal; "" where it is new.
        size: Posts of the story before this one.
        words_seen: Some post before this one says the same words, of whatever story.
        alike_id: The post that it was compared with and joined by; 0 for none.
        words: The words that matched, as they were compared; "" for none.
        merged: Other stories that this post shows to be the same one: they are now part of `story_id`. In the order of `by_age`.
        update_of: The story to which this one adds a fact; 0 for none.
        chorus_of: The first of other people's posts that say the same few words ("Good luck everyone!"); 0 for none.
        said_by_us: The story holds words of our own: an update of the desk, or what stands on one of our accounts.
        pictured_in: Another story that carries the same picture (with other words, where it joins none); 0 for none.
        elsewhere: Another story that an edit of a told post tells by its words now; 0 for none.
    """

    story_id: int
    reason: str = ""
    size: int = 0
    words_seen: bool = False
    alike_id: int = 0
    words: str = ""
    merged: tuple[int, ...] = ()
    update_of: int = 0
    chorus_of: int = 0
    pictured_in: int = 0
    said_by_us: bool = False
    elsewhere: int = 0
