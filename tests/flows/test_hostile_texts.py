"""Everything that others wrote goes through the whole house: collect, rules, snippet, page. No crash, no live markup."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from bot.config.starter import starter_folder
from bot.core.desk import Strand
from bot.core.errors import Unavailable
from bot.core.model import Author, Entity, Media, Post
from bot.core.text.lengths import length
from bot.platforms.bluesky.lexicon import PostView
from bot.platforms.bluesky.mapping import Addresses, Mapper
from bot.platforms.feeds.source import FeedsSource
from bot.store.database import Database
from tests.builders import OFFICIAL, START, a_desk, a_post
from tests.conftest import House
from tests.page.html_reader import read
from tests.platforms.contract import Clock, context_of
from tests.platforms.hosts import raw_host, say

STRANDS = ("getinspired", "official", "costume", "faces")  # those that the starter rules speak of, too
ACTIVE = {"script", "iframe", "object", "embed", "form", "input", "video", "audio", "base", "style"}


@pytest.fixture
def starter(build_house: Callable[..., House], database: Database) -> House:
    """A house with the starter rules, on which every author below is official, so that all of it is told."""
    strands = {name: Strand(name, name.title(), accounts=("social",)) for name in STRANDS}
    house = build_house(database, desk=a_desk(strands=strands))
    (house.rules / "10-rules.toml").unlink()
    for path in (starter_folder() / "rules").rglob("*"):
        target = house.rules / path.relative_to(starter_folder() / "rules")
        if path.is_file() and path.name != "milestones.toml":
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(path.read_bytes())
    house.clock.forward(minutes=5)
    assert not house.app.adopt(at_once=True).refused
    return house


def go_through(house: House, posts: list[Post]) -> None:
    """Collect, judge, tell, send and draw; then look at every byte that readers would get."""
    house.source.posts += posts
    house.day()
    lines = [line for line in house.log("judged") if line.post]
    assert len({line.post_id for line in lines}) == len({(post.key, post.version) for post in posts})
    told = {line.update for line in house.log("told")}
    assert told, "some of it must reach the page, or nothing is shown here"
    bound = house.publisher.bound
    for snippet in house.publisher.sent.values():
        assert length(snippet.text, bound.unit) <= bound.length
        assert len(snippet.text.encode()) <= bound.max_bytes
        assert not [entity for entity in snippet.entities if entity.kind == "mention"]
    for path in house.app.page_folder.rglob("*.html"):
        page = read(path.read_bytes())
        for tag, attributes in page.tags:
            assert tag not in ACTIVE - {"script"}, path
            assert tag != "script" or attributes["src"].startswith("page.js?v="), path
            assert not [name for name in attributes if name.startswith("on") or name == "style"], path
            for name in ("href", "src"):
                assert (
                    not attributes.get(name, "").lower().lstrip().startswith(("javascript:", "data:", "vbscript:"))
                ), path


def hostile(string: str, number: int) -> Post:
    return replace(
        a_post(string, author=f"{OFFICIAL}", minutes=4, native_id=f"at://{number}/{string}"),
        author=Author(OFFICIAL, handle=string, name=string, url=string, labels=(string,)),
        title=string if number % 2 else "",
        url=string,
        lang=string[:8] if number % 3 else "en",
        tags=(string,),
        links=(string,),
        media=(Media("image", string, string),),
        entities=(Entity("link", 0, min(3, len(string)), string),),
    )


def test_naughty_strings(starter: House, shared_data: Path) -> None:
    strings: list[str] = json.loads((shared_data / "lists" / "blns.json").read_text(encoding="utf-8"))
    go_through(starter, [hostile(string, number) for number, string in enumerate(strings)])


def test_real_bluesky_posts(starter: House, shared_data: Path) -> None:
    lines = (shared_data / "bluesky" / "postviews.jsonl").read_bytes().splitlines()
    mapper = Mapper("hashtag", Addresses())
    posts = [post for line in lines if (post := mapper.from_postview(msgspec.json.decode(line, type=PostView), START))]
    assert len(posts) == 92
    official = [
        replace(post, author=replace(post.author, id=OFFICIAL), created_at=START, seen_at=START, lang="en", labels=())
        for post in posts
    ]
    go_through(starter, official)


def test_other_peoples_feeds(starter: House, shared_data: Path) -> None:
    posts: list[Post] = []
    for path in sorted((shared_data / "feeds" / "feedparser").rglob("*.xml")):
        body = path.read_bytes()
        answer = (
            b"HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
            % len(body)
        )
        with raw_host(say(answer + body)) as url:
            source = FeedsSource(FeedsSource.Settings(url=url), context_of(Clock(START)))
            with suppress(Unavailable):  # not a feed: nothing comes out
                posts.extend(source.fetch("").posts)
    assert len(posts) > 80
    official = [
        replace(
            post,
            platform="bluesky",
            author=replace(post.author, id=OFFICIAL),
            created_at=START,
            lang="en",
            also_known=(),  # all of them come as if from one feed, and two are alike
        )
        for post in posts
    ]
    go_through(starter, official)
