"""Streams of hashtags on a real server: posts, edits and deletions at once, over broken connections."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, Queue
from threading import Event, Thread

import pytest
from pytest_httpserver import HTTPServer

from bot.core.model import Batch, Gone, Post
from bot.core.ports import StreamingSource
from bot.platforms.mastodon.instance import Facts
from bot.platforms.mastodon.tail import events
from bot.platforms.mastodon.wire import WireError
from tests.platforms.mastodon.mastodon_world import World
from tests.servers.lossy_proxy import LossyProxy
from tests.servers.mastodon_server import Server
from tests.servers.other_fediverse import TOKEN, OtherServer


class Heard:
    """What a stream has brought so far, and patience for what it has not."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.gone: list[Gone] = []
        self.notes: list[str] = []
        self.batches = 0
        self.news: Queue[Batch] = Queue()

    def until(self, done: Callable[["Heard"], bool], within_s: float = 20) -> None:
        while not done(self):
            try:
                batch = self.news.get(timeout=within_s)
            except Empty:
                raise AssertionError(f"nothing more came: {self.posts} {self.gone} {self.notes}") from None
            assert batch.cursor == "", "polling keeps the cursor"
            self.posts += batch.posts
            self.gone += batch.gone
            self.notes.append(batch.note)
            self.batches += 1


@contextmanager
def listening(source: StreamingSource) -> Iterator[Heard]:
    """A stream that is read meanwhile; it must end within a second and a half after it was told to."""
    heard, stop = Heard(), Event()

    def run() -> None:
        for batch in source.stream("", stop):
            heard.news.put(batch)

    thread = Thread(target=run)
    thread.start()
    try:
        heard.until(lambda h: h.batches > 0)
        yield heard
    finally:
        stop.set()
        thread.join(1.5)
        assert not thread.is_alive(), "the stream did not stop"


def test_posts_edits_and_deletions_come_at_once(first_server: Server, tag: str) -> None:
    ada, bob = first_server.person("ada"), first_server.person("bob")
    source = World(secrets={"token": "carol_token"}).source(first_server.url, tags=[tag])
    assert isinstance(source, StreamingSource)
    with listening(source) as heard:
        status = ada.post(f"Frist #{tag}")
        bob.post("something else")
        heard.until(lambda h: len(h.posts) == 1)
        ada.edit(status["id"], f"First #{tag}")
        heard.until(lambda h: len(h.posts) == 2)
        ada.delete(status["id"])
        heard.until(lambda h: len(h.gone) == 1)
    assert [post.native_id for post in heard.posts] == [status["uri"]] * 2
    assert [post.text for post in heard.posts] == [f"Frist #{tag}", f"First #{tag}"]
    assert heard.posts[1].version > heard.posts[0].version
    assert heard.gone[0].id == status["uri"]


def test_several_hashtags_are_followed_and_a_post_under_both_is_one(first_server: Server, tag: str) -> None:
    ada = first_server.person("ada")
    source = World(secrets={"token": "carol_token"}).source(first_server.url, tags=[tag, f"{tag}b"])
    assert isinstance(source, StreamingSource)
    with listening(source) as heard:
        heard.until(lambda h: h.batches >= 1)
        seen = [ada.post(f"one #{tag}"), ada.post(f"two #{tag}b")]
        heard.until(lambda h: len({post.native_id for post in h.posts}) == 2)
    assert {post.native_id for post in heard.posts} == {status["uri"] for status in seen}


def test_without_a_token_there_is_no_stream(first_server: Server, tag: str) -> None:
    assert not isinstance(World().source(first_server.url, tags=[tag]), StreamingSource)
    with_token = World(secrets={"token": "ada_token"})
    assert not isinstance(with_token.source(first_server.url, tags=[tag], stream=False), StreamingSource)
    official = with_token.source(first_server.url, official=[f"ada@{first_server.host}"])
    assert not isinstance(official, StreamingSource)


def test_a_broken_connection_is_made_anew_and_polling_has_what_it_missed(first_server: Server, tag: str) -> None:
    ada = first_server.person("ada")
    with LossyProxy(first_server.url) as proxy:
        world = World(secrets={"token": "ada_token"})
        source = world.source(proxy.url, tags=[tag])
        source._first.instance._facts = Facts()
        source._first.instance._until = world.clock().replace(year=9999)  # else it would stream beside the proxy
        cursor = source.fetch("").cursor
        assert isinstance(source, StreamingSource)
        with listening(source) as heard:
            ada.post(f"one #{tag}")
            heard.until(lambda h: len(h.posts) == 1)
            proxy.cut()
            heard.until(lambda h: any("polled meanwhile" in note for note in h.notes))
            heard.until(lambda h: h.notes[-1] == "")
            missed = ada.post(f"two #{tag}")
            heard.until(lambda h: len(h.posts) == 2)
        world.clock.move(seconds=5)
        assert [post.native_id for post in source.fetch(cursor).posts][-1] == missed["uri"]


@pytest.mark.parametrize(("kind", "status"), [("gotosocial", 400), ("takahe", 404)])
def test_a_server_without_streams_is_polled_and_says_so(httpserver: HTTPServer, kind: str, status: int) -> None:
    there = OtherServer(httpserver, kind)
    source = World(secrets={"token": TOKEN}).source(there.url, tags=["run"])
    assert isinstance(source, StreamingSource)
    with listening(source) as heard:
        heard.until(lambda h: any(f"no stream is offered (answered {status})" in note for note in h.notes))
        there.show("hello", tags=("run",))
        batch = source.fetch("")
        assert len(batch.posts) == 1
        assert "no stream is offered" in batch.note, "what an operator should know stays"


def test_a_stream_in_pieces() -> None:
    whole = b':thump\n\nevent: update\ndata: {"a":\ndata: 1}\n\nevent: delete\r\ndata: 5\r\n\r\nevent: x\n\ndata: y\n\n'
    expected = [("update", '{"a":\n1}'), ("delete", "5")]
    for size in (1, 2, 3, 7, 1000):
        parts = (whole[first : first + size] for first in range(0, len(whole), size))
        assert list(events(parts)) == expected, size


def test_a_line_without_an_end_ends_the_stream() -> None:
    with pytest.raises(WireError, match="does not end"):
        list(events(b"x" * 100_000 for _ in range(20)))


def test_an_event_that_is_far_too_long_is_left_out() -> None:
    line = b"data: " + b"y" * 100_000 + b"\n"
    assert list(events(iter([b"event: update\n", *[line] * 20, b"\nevent: delete\ndata: 5\n\n"]))) == [("delete", "5")]
