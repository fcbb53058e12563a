"""What every source must do, whatever it reads: called by each platform's own tests."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.core.model import Batch, Media, Post
from bot.core.ports import PlatformContext, Secret, Source

NOON = datetime(2016, 4, 24, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


class Kept:
    """A memory that forgets nothing and writes to no disk."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def get(self, key: str) -> str:
        return self.values.get(key, "")

    def put(self, key: str, value: str) -> None:
        self.values[key] = value


def _no_secret(name: str) -> Secret | None:
    del name
    return None


def _no_media(media: Media) -> bytes:
    raise FileNotFoundError(media.url)


def context_of(
    clock: Clock, memory: Kept | None = None, machine: Clock | None = None, name: str = "it"
) -> PlatformContext:
    return PlatformContext(
        name=name,
        now=clock,
        machine_now=machine or clock,
        memory=memory or Kept(),
        secret=_no_secret,
        user_agent="milepost-tests (+mailto:desk@example.org)",
        open_media=_no_media,
    )


def check_batch(batch: Batch, name: str, now: datetime) -> None:
    """What holds for every batch of every source."""
    assert list(batch.posts) == sorted(batch.posts, key=lambda post: post.created_at) or all(
        earlier.seen_at <= later.seen_at for earlier, later in zip(batch.posts, batch.posts[1:], strict=False)
    ), "oldest first"
    for post in batch.posts:
        check_post(post, name, now)


def check_post(post: Post, name: str, now: datetime) -> None:
    assert post.source == name
    assert post.native_id
    assert post.platform
    assert post.author.id
    assert post.created_at.tzinfo is not None
    assert post.created_at <= post.seen_at <= now
    for url in (post.url, post.author.url, *post.links, *(item.url for item in post.media)):
        assert url == "" or url.startswith(("http://", "https://")), url
    for entity in post.entities:
        assert 0 <= entity.start < entity.end <= len(post.text)
    for text in (post.text, post.title, post.author.name, post.native_id, post.lang, *post.tags, *post.links, post.url):
        assert "\0" not in text
        text.encode("utf-8")  # no lone surrogates: it must go into XML, JSON and the store


def check_source(make: Callable[[], Source], name: str, now: datetime) -> list[Post]:
    """A source that is asked twice with one cursor says the same twice, comes to an end, and then has nothing new.

    Args:
        make: A fresh source on the same outside, as after a restart.
        name: As configured.
        now: Where its clocks stand.

    Returns:
        All its posts.
    """
    posts: list[Post] = []
    cursor = ""
    for _ in range(1000):
        batch = make().fetch(cursor)
        again = make().fetch(cursor)
        assert again.posts == batch.posts, "the cursor alone says where to go on"
        assert again.cursor == batch.cursor
        check_batch(batch, name, now)
        posts += batch.posts
        cursor = batch.cursor or cursor
        if not batch.more:
            break
    else:
        raise AssertionError("`more` never ends")
    after = make().fetch(cursor)
    assert not after.posts
    assert not after.more
    assert make().missing([]) == frozenset()
    return posts
