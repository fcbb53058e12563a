"""What tests of stories begin with: a curator whose index also knows what a test tells it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from msgspec import structs

from bot.core.model import Post
from bot.core.stories.match import Match
from bot.pipeline.curate.keeper import StoryKeeper
from bot.store.database import Transaction
from bot.store.posts import StoredPost
from tests.builders import a_post
from tests.conftest import House
from tests.pipeline.incoming import keep

LONG = "The underpass at Blackfriars is two hundred people singing in the dark, and every one of them is out of tune"
PUBLISH = """
[[rule]]
id = "bad"
about = "Some are not heard."
action = "drop"
when = ['author.handle == "bad.example"']
catches = [{ text = "x", author.handle = "bad.example" }]
spares = ["hello"]

[[rule]]
id = "look"
about = "Some are looked at."
action = "hold"
when = ['author.handle == "odd.example"']
catches = [{ text = "x", author.handle = "odd.example" }]
spares = ["hello"]

[[rule]]
id = "all"
about = "The rest goes out."
action = "publish"
when = ['not author.handle == "odd.example"']
catches = ["hello"]
spares = [{ text = "x", author.handle = "odd.example" }]
"""


def know(monkeypatch: pytest.MonkeyPatch, said: Mapping[str, Mapping[str, int]]) -> None:
    """Let the index answer more than it finds: fields of `Match`, by the words of the post."""
    found = StoryKeeper.match

    def match(keeper: StoryKeeper, tx: Transaction, batch: Sequence[StoredPost]) -> list[Match]:
        answers = zip(batch, found(keeper, tx, batch), strict=True)
        return [structs.replace(answer, **said.get(stored.post.text, {})) for stored, answer in answers]

    monkeypatch.setattr(StoryKeeper, "match", match)


def says(text: str, who: str, **more: Any) -> Post:
    """A post of somebody by a short name; its native id is that name unless given."""
    return a_post(text, author=f"did:plc:{who}", **({"native_id": who} | more))


def bring(house: House, *posts: Post, **more: object) -> None:
    """Let a batch come in and be judged."""
    keep(house, *(structs.replace(post, created_at=house.clock(), seen_at=house.clock()) for post in posts), **more)
    house.app.curate()


def whys(house: House, post_id: int) -> list[str]:
    """Every reason that stands in the log of a post, oldest first."""
    return [line.why for line in house.log("judged") if line.post_id == post_id]
