"""What every source and every account must do, whatever stands behind it.

`test_source_laws` and `test_account_laws` hold it against every registered kind, and more; a platform's own tests call it for
servers that differ.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from msgspec.structs import replace

from bot.core.errors import OutsideError, Unanswered, Unavailable
from bot.core.model import Batch, Media, Post, Snippet
from bot.core.ports import PlatformContext, Publisher, Secret, Source

NOON = datetime(2016, 4, 24, 12, 0, tzinfo=UTC)
_numbers = count(1)


def new_key() -> str:
    """A delivery's key that no server has seen: some remember keys of what was deleted since, too."""
    return f"1461502800000000-{50_000 + next(_numbers)}"


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

    What it brings again to be on the safe side is the same post, of the same version.

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
        assert _unseen(again) == _unseen(batch), "the cursor alone says where to go on"
        assert again.cursor == batch.cursor
        check_batch(batch, name, now)
        posts += batch.posts
        cursor = batch.cursor or cursor
        if not batch.more:
            break
    else:
        raise AssertionError("`more` never ends")
    after = make().fetch(cursor)
    assert {(post.native_id, post.version) for post in after.posts} <= {
        (post.native_id, post.version) for post in posts
    }
    assert not after.more
    assert make().missing([]) == frozenset()
    return posts


def _unseen(batch: Batch) -> list[Post]:
    """Posts without the moment in which we saw them."""
    return [replace(post, seen_at=post.created_at) for post in batch.posts]


def check_outage(
    make: Callable[[], Source],
    breaks: Callable[[], None],
    mends: Callable[[], None],
    more: Callable[[], str],
    cursor: str,
) -> str:
    """What comes while a source is away is not lost, and its cursor does not move.

    Args:
        make: A fresh source on the same outside.
        breaks: From now on it answers nothing that can be used.
        mends: It answers again.
        more: Somebody posts meanwhile; gives the native id.
        cursor: Where it left off, with nothing new since.

    Returns:
        The new cursor.
    """
    breaks()
    source = make()
    with pytest.raises(OutsideError):
        source.fetch(cursor)
    native_id = more()
    mends()
    batch = source.fetch(cursor)
    assert [post.native_id for post in batch.posts] == [native_id]
    assert make().fetch(cursor).posts == batch.posts, "a cursor that was not stored brings the same again"
    return batch.cursor


def check_publisher(
    make: Callable[[], Publisher], standing: Callable[[], Sequence[str]], snippets: Sequence[Snippet], since: datetime
) -> None:
    """An account carries each snippet once however often it is tried, finds what stands, and takes it down.

    Args:
        make: A fresh account on the same outside, as after a restart.
        standing: The texts that stand at the account now.
        snippets: At least two, of different words.
        since: Before any of it.
    """
    before = len(standing())
    receipts = []
    for snippet in snippets:
        key = new_key()
        assert make().find(key, since) is None
        receipt = make().publish(snippet, key)
        assert receipt.id
        assert make().publish(snippet, key) == receipt, "the same key is the same post"
        assert make().find(key, since) == receipt
        receipts.append((key, receipt))
    assert len({receipt.id for _, receipt in receipts}) == len(snippets)
    assert len(standing()) == before + len(snippets)
    for key, receipt in receipts:
        make().retract(receipt)
        make().retract(receipt)
        assert make().find(key, since) is None
    assert len(standing()) == before


def check_lost_answer(
    make: Callable[[], Publisher],
    lose: Callable[[], None],
    standing: Callable[[], Sequence[str]],
    snippet: Snippet,
    since: datetime,
) -> None:
    """A snippet that was posted although its answer was lost is found, and never posted again.

    Args:
        make: A fresh account on the same outside, as after a restart.
        lose: Loses the next answer to a post: the post is made, nobody hears of it.
        standing: The texts that stand at the account now.
        snippet: Words that do not stand there yet.
        since: Before any of it.
    """
    key = new_key()
    before = len(standing())
    lose()
    with pytest.raises(Unanswered):
        make().publish(snippet, key)
    assert len(standing()) == before + 1
    found = make().find(key, since)
    assert found is not None
    assert make().publish(snippet, key) == found
    assert len(standing()) == before + 1


def check_not_reached(make: Callable[[], Publisher], snippet: Snippet, since: datetime) -> None:
    """Where nobody listens, nothing was sent, and that is certain."""
    key = new_key()
    with pytest.raises(Unavailable):
        make().publish(snippet, key)
    assert make().find(key, since) is None
