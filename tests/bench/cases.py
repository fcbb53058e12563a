"""Posts as they come to the rules: with what a profile says, and with seeded facts around them."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

from msgspec.structs import replace

from bot.core.model import Author, Post
from bot.core.rules.circumstances import Circumstances
from tests.bench import events
from tests.bench.clauses import LABELS
from tests.bench.filled import mapped

Cases = Sequence[tuple[Post, Circumstances]]


def cases(count: int) -> Cases:
    """The first of the measured posts."""
    posts = list(mapped(list(events.frames(events.MEASURED, count))))
    authors: dict[str, Author] = {}
    chance = Random(7)
    now = posts[-1].seen_at + timedelta(minutes=5)
    found = []
    for post in posts:
        author = authors.get(post.author.id)
        if author is None:
            author = authors[post.author.id] = _profile(post.author, chance)
        around = Circumstances(
            now,
            is_official=chance.random() < 0.02,
            strand="getinspired",
            author_seen=int(chance.expovariate(0.4)),
            author_published=int(chance.expovariate(1.5)),
            author_rejected=int(chance.expovariate(2)),
            story_size=1 + int(chance.expovariate(1)),
            story_published=chance.random() < 0.1,
        )
        found.append((replace(post, author=author), around))
    return found


def _profile(author: Author, chance: Random) -> Author:
    age = timedelta(days=chance.expovariate(1 / 400))
    return replace(
        author,
        created_at=events.START - age if chance.random() < 0.95 else None,
        followers=int(chance.expovariate(1 / 300)) if chance.random() < 0.95 else None,
        labels=(chance.choice(LABELS),) if chance.random() < 0.03 else (),
    )
