"""What the rules saw around a post, kept with the judgement: so it can be explained, and replayed through other rules."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bot.core.rules.circumstances import Circumstances, Effects


def starts_of(clocks: Mapping[str, datetime], asked: Collection[str]) -> Mapping[str, str]:
    """The starts of the event clocks that rules ask for: the others can make no difference."""
    return {name: clocks[name].isoformat() for name in sorted(asked) if name in clocks}


def keep(around: Circumstances, starts: Mapping[str, str]) -> list[object]:
    """The facts as a short JSON list, without the moment; `recall` reads it.

    Args:
        around: All facts.
        starts: As `starts_of` gives them; the same for every post of a rule set.
    """
    kept: list[object] = [
        around.author_seen,
        around.author_published,
        around.author_rejected,
        around.story_size,
        around.story_published,
        around.is_official,
        around.strand,
        around.person,
        *((around.words_seen, *around.over) if around.words_seen or around.over else ()),
    ]
    if starts:
        kept.append(starts)
    return kept


def kept_clocks(kept: Sequence[object]) -> frozenset[str]:
    """The event clocks whose starts of then were kept."""
    return frozenset(str(name) for one in kept[8:] if isinstance(one, dict) for name in one)


def recall(kept: Sequence[object], now: datetime, clocks: Mapping[str, datetime]) -> Circumstances:
    """The circumstances of then.

    Args:
        kept: What `keep` gave.
        now: The moment of that judgement.
        clocks: Starts of the event clocks as they stand today, for those that were not kept because no rule asked for them.
    """
    seen, published, rejected, size, told, official, strand, person, *more = kept
    starts = next((one for one in more if isinstance(one, dict)), {})
    words_seen, *over = [one for one in more if not isinstance(one, dict)] or [False]
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
        clocks={**clocks, **{name: datetime.fromisoformat(at) for name, at in starts.items()}},
        words_seen=words_seen is True,
        over=tuple(map(str, over)),
    )


def effects_of(details: Mapping[str, object] | None) -> Effects:
    """What rules do to the update of a post, from the details that are kept with a judgement; nothing where there are none."""
    kept = details or {}

    def texts(name: str) -> tuple[str, ...]:
        value = kept.get(name)
        return tuple(map(str, value)) if isinstance(value, list | tuple) else ()

    return Effects(
        strand=str(kept.get("strand", "")),
        tags=texts("tags"),
        redact=texts("redact"),
        accounts=texts("accounts"),
    )
