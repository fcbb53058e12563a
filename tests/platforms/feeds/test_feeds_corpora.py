"""Other people's feeds: every file goes through `fetch`, over real HTTP, and nothing bad comes out."""

import json
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from bot.core.errors import Unavailable
from bot.platforms.feeds import reading
from bot.platforms.feeds.entry import NotAFeedError
from bot.platforms.feeds.source import FeedsSource
from tests.platforms.contract import NOON, check_batch

Make = Callable[..., FeedsSource]


def files(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "LICENSE")
    assert found
    return found


def through_fetch(make: Make, server: HTTPServer, paths: list[Path]) -> Counter[str]:
    """Fetch each file as a feed of its own; the media type alternates between right, wrong and none."""
    counts: Counter[str] = Counter()
    refusals: list[str] = []

    def answer(request: Request) -> Response:
        number = int(request.path.rpartition("/")[2])
        kind = ("application/xml", "text/plain; charset=us-ascii", "application/atom+xml; charset=utf-8")[number % 3]
        return Response(paths[number].read_bytes(), content_type=kind)

    server.expect_request("", method="GET").respond_with_handler(answer)
    for number in range(len(paths)):
        server.clear_log()
        try:
            batch = make(server.url_for(f"/{number}")).fetch("")
        except Unavailable as error:
            refusals.append(str(error))
            continue
        check_batch(batch, "it", NOON)
        counts["read"] += 1
        counts["posts"] += len(batch.posts)
    assert [text for text in refusals if "is not a feed" not in text] == []
    counts["refused"] = len(refusals)
    return counts


@pytest.mark.parametrize("folder", ["encoding", "illformed", "wellformed"])
def test_feedparsers_own_feeds(make: Make, httpserver: HTTPServer, shared_data: Path, folder: str) -> None:
    paths = files(shared_data / "feeds" / "feedparser" / folder)
    counts = through_fetch(make, httpserver, paths)
    assert counts["read"] + counts["refused"] == len(paths)
    if folder == "wellformed":
        assert counts["posts"] >= 90
        assert counts["refused"] <= 10


def test_granarys_feeds(make: Make, httpserver: HTTPServer, shared_data: Path) -> None:
    paths = files(shared_data / "feeds" / "granary")
    counts = through_fetch(make, httpserver, paths)
    assert counts["read"] + counts["refused"] == len(paths)
    feeds = [path for path in paths if path.name.endswith((".rss.xml", ".feed.json", ".feed-from-as.json"))]
    assert counts["read"] >= len(feeds) - 2


def test_granarys_json_feeds_say_what_they_say(shared_data: Path) -> None:
    """Each item with words becomes an entry with its id, its link and its title."""
    checked = 0
    for path in files(shared_data / "feeds" / "granary"):
        if not path.name.endswith((".feed.json", ".feed-from-as.json")) or path.name.startswith("invalid"):
            continue
        body = path.read_bytes()
        wanted = json.loads(body)
        channel = reading.read_feed(body, "https://host.example/feed.json", "application/feed+json")
        assert len(channel.entries) == len(wanted["items"]), path
        for entry, item in zip(channel.entries, wanted["items"], strict=True):
            assert entry.id == str(item.get("id", ""))
            assert entry.url in {item.get("url", ""), ""}
            checked += 1
    assert checked >= 5


def test_the_child_reads_as_this_process_does(shared_data: Path) -> None:
    """A spread of feeds, each made too large for this process by white space, comes out of the child the same."""
    paths = files(shared_data / "feeds")[::60]
    for path in paths:
        body = path.read_bytes()
        padded = body + b"\n" * (reading.HERE_BYTES + 1)
        outcomes: list[str] = []
        for read in (reading.read_feed, partial(reading.read_guarded, timeout_s=30)):
            try:
                outcomes.append(repr(read(padded, "https://host.example/", "application/xml")))
            except NotAFeedError as error:
                outcomes.append(f"refused: {error}")
        assert outcomes[0] == outcomes[1], path
