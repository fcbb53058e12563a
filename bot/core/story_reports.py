"""Stories as people read them: what belongs together, why, who said so."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.model import Update
from bot.core.reports import Joined, JournalLine


@dataclass(frozen=True, slots=True)
class StoryMember:
    """One post of a story; each version is one.

    Attributes:
        post: `platform:native_id`.
        author: Handle, name or id.
        platform: As readers know it.
        at: When it was made (event time).
        verdict: "" while it is not judged.
        why: Of the verdict.
        joined: None for the first of the story, and where it was not kept.
    """

    id: int
    post: str
    author: str
    platform: str
    at: datetime
    verdict: str
    why: str
    text: str
    url: str = ""
    is_edit: bool = False
    joined: Joined | None = None


@dataclass(frozen=True, slots=True)
class KeptApart:
    """A person's word that a story is not the same as another."""

    story_id: int
    by: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class StoryLife:
    """A whole story.

    Attributes:
        id: The number of its first post; minus an update's number where it began with our own words.
        verdict: How it stands: "told", "withdrawn", "held", "waits", "not judged yet", "dropped", or "counted" with the
            update of others who say the same few words.
        lead: The post that stands for it; 0 for our own words.
        why_leads: In words.
        members: In the order of arrival.
        updates: What was told of it, oldest first; withdrawn ones, too.
        earlier: The story that it adds a fact to; 0 for none.
        later: Stories that add a fact to it, ascending.
        apart: What people keep apart from it.
        moves: What people and posts did to it: lines "split" and "joined", oldest first.
        chorus_of: The first post of a chorus that its posts belong to; 0 for none.
        voices: Posts of others that say the same few words and are counted with its update, in the order of arrival.
    """

    id: int
    verdict: str
    lead: int
    why_leads: str
    members: tuple[StoryMember, ...]
    updates: tuple[Update, ...] = ()
    earlier: int = 0
    later: tuple[int, ...] = ()
    apart: tuple[KeptApart, ...] = ()
    moves: tuple[JournalLine, ...] = ()
    chorus_of: int = 0
    voices: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One story of a span of time.

    Attributes:
        posts: How many of its posts were seen in the span.
        last_at: When the last of them was seen.
        verdict: As `StoryLife` has it.
        lead: The post that stands for it; 0 for our own words.
        author: Of the lead: handle, name or id; "" for our own words.
        update: Short name of the update that stands; "" for none.
    """

    id: int
    posts: int
    last_at: datetime
    verdict: str
    lead: int
    author: str
    platform: str
    text: str
    update: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """What a person's split came to.

    Attributes:
        story_id: The story of the posts that left.
        rest_id: The story that stays.
        was_id: The number of both before.
        posts: Posts that left, ascending; one for each, whatever its versions.
        again: Posts of both that are judged again, since only the story had dropped them.
        held: The same, but too old to go out by themselves: they wait for a person.
    """

    story_id: int
    rest_id: int
    was_id: int
    posts: tuple[int, ...]
    again: tuple[int, ...] = ()
    held: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OneStory:
    """What a person's join came to.

    Attributes:
        story_id: The story that stays.
        others: Those that are part of it now; empty where they were one already.
        told: Updates of it that stand: more than one where several were told; nothing public was changed.
        again: Posts that are judged again, because the story is told or rejected.
        overruled: What people had said to keep them apart, and does not count any more.
    """

    story_id: int
    others: tuple[int, ...] = ()
    told: tuple[Update, ...] = ()
    again: tuple[int, ...] = ()
    overruled: tuple[KeptApart, ...] = ()
