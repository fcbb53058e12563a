"""A real server of Mastodon's API."""

import html
import re
from itertools import count

from bot.core.ports import StreamingSource
from tests.platforms.mastodon.mastodon_world import World
from tests.platforms.stands.stand import AccountStand, Ground, SourceStand, Wire
from tests.servers.mastodon_server import free_port

SPEAKS_HTTP = True
_numbers = count(1)
_PATIENCE = ("bot.platforms.mastodon.wire._READ_S", 0.5)


def source(ground: Ground) -> SourceStand:
    """Two hashtags of one server, by turns."""
    server = ground.servers.mastodon
    ada, number = server.person("ada"), next(_numbers)
    tags = [f"Law{number}Runner", f"Law{number}Crowd"]
    proxy = ground.wire(server.url)
    world = World(name="it")
    own_ids: dict[str, str] = {}

    def say() -> str:
        status = ada.post(f"Number {len(own_ids)} #{tags[len(own_ids) % 2]}")
        own_ids[status["uri"]] = status["id"]
        world.clock.move(seconds=30)
        return str(status["uri"])

    def stream() -> StreamingSource:
        world.secrets["token"] = ada.token
        found = world.source(proxy.url, tags=tags)
        assert isinstance(found, StreamingSource), "a token opens a stream"
        return found

    return SourceStand(
        make=lambda: world.source(proxy.url, tags=tags),
        now=world.clock,
        say=say,
        take_back=lambda uri: ada.delete(own_ids[uri]),
        breaks=proxy.go_away,
        mends=proxy.mend,
        later=lambda: world.clock.move(hours=1),
        wire=Wire(proxy, b"GET ", _PATIENCE),
        stream=stream,
        cut=proxy.cut,
    )


def account(ground: Ground) -> AccountStand:
    """An account whose token is configured."""
    server = ground.servers.mastodon
    desk = server.person("desk")
    proxy = ground.wire(server.url)
    world = World(ground.folder, secrets={"token": desk.token})

    def standing() -> list[str]:
        return [html.unescape(re.sub(r"<[^>]*>", "", status["content"])) for status in desk.statuses()]

    for status in desk.statuses():
        desk.delete(status["id"])
    return AccountStand(
        make=lambda: world.account(proxy.url),
        nowhere=lambda: world.account(f"http://127.0.0.1:{free_port()}"),
        standing=standing,
        now=world.clock,
        later=lambda: world.clock.move(hours=1),
        wire=Wire(
            proxy, b"POST /api/v1/statuses ", _PATIENCE, retracts=b"DELETE ", finds=b"exclude_reblogs", revises=b"PUT "
        ),
    )
