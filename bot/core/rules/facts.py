"""What the rules saw around a post, kept with the judgement: so it can be explained, and replayed through other rules."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.core.rules.circumstances import Circumstances


def keep(around: Circumstances) -> list[object]:
    """The facts as a short JSON list, without the moment and the clocks; `recall` reads it."""
    return [
        around.author_seen,
        around.author_published,
        around.author_rejected,
        around.story_size,
        around.story_published,
        around.is_official,
        around.strand,
        around.person,
    ]


def recall(kept: Sequence[object], now: datetime, clocks: Mapping[str, datetime]) -> Circumstances:
    """The circumstances of then.

    Args:
        kept: What `keep` gave.
        now: The moment of that judgement.
        clocks: Starts of the event clocks as they stand today: a clock that was moved since shows its new start.
    """
    seen, published, rejected, size, told, official, strand, person = kept
    return Circumstances(
        now=now,
        author_seen=int(str(seen)),
        author_published=int(str(published)),
        author_rejected=int(str(rejected)),
        story_size=int(str(size)),
        story_published=told is True,
        is_official=official is True,
        strand=str(strand),
        person=str(person),
        clocks=clocks,
    )
