"""Posts and desks for tests: everything has a harmless value, a test says only what it is about."""

from datetime import UTC, datetime, timedelta
from itertools import count

from bot.core.desk import Desk, Official, Strand
from bot.core.model import Author, EventClock, Post, Tone

START = datetime(2016, 4, 24, 9, 0, tzinfo=UTC)
_numbers = count(1)


def a_post(
    text: str = "Good morning from Blackheath",
    *,
    author: str = "did:plc:ana",
    minutes: float = 1,
    native_id: str = "",
    **more: object,
) -> Post:
    """A post under the hashtag, `minutes` after the mass start."""
    at = START + timedelta(minutes=minutes)
    number = next(_numbers)
    values: dict[str, object] = {
        "platform": "bluesky",
        "native_id": native_id or f"at://{author}/app.bsky.feed.post/{number}",
        "source": "hashtag",
        "author": Author(author, handle=f"{author.rpartition(':')[2]}.example", name=author.rpartition(":")[2].title()),
        "created_at": at,
        "seen_at": at,
        "text": text,
        "lang": "en",
        "tags": ("getinspired",),
        "url": f"https://social.example/{number}",
    }
    values.update(more)
    return Post(**values)  # type: ignore[arg-type] # fields of Post by name


OFFICIAL = "did:plc:organiser"


def a_desk(**more: object) -> Desk:
    """A desk with two strands, one official, one account "social" and the mass start's clock."""
    values: dict[str, object] = {
        "event": "London Marathon",
        "zone": "Europe/London",
        "officials": {f"bluesky:{OFFICIAL}": Official("The organiser", "Race office")},
        "strands": {
            "getinspired": Strand("getinspired", "#GetInspired", Tone.LIGHT, ("social",)),
            "official": Strand("official", "Official", Tone.NEWS, ("social",)),
        },
        "source_strands": {"hashtag": "getinspired", "official": "official"},
        "clocks": {"mass": EventClock("mass", "the masses race", START, "Europe/London")},
        "accounts": ("social",),
    }
    values.update(more)
    return Desk(**values)  # type: ignore[arg-type] # fields of Desk by name
