"""A real AT network."""

from datetime import UTC, datetime, timedelta
from itertools import count

import httpx2

from bot.platforms.bluesky.account import BlueskyAccount
from bot.platforms.bluesky.source import BlueskySource
from tests.platforms.bluesky.bluesky_world import World
from tests.platforms.contract import Clock
from tests.platforms.stands.stand import AccountStand, Ground, SourceStand, Wire
from tests.servers.at_network import PASSWORD
from tests.servers.mastodon_server import free_port

SPEAKS_HTTP = True
_numbers = count()
_PATIENCE = ("bot.platforms.bluesky.xrpc._TIMEOUT", httpx2.Timeout(8.0, read=0.5))


def _clock() -> Clock:
    """A clock that stands, a little ahead of the network's."""
    return Clock(datetime.now(UTC) + timedelta(seconds=1))


def source(ground: Ground) -> SourceStand:
    """Two official accounts by turns, read through the AppView and over the stream."""
    network = ground.servers.network
    both = [network.account(f"law{next(_numbers)}.test") for _ in range(2)]
    proxy = ground.wire(network.appview)
    clock = _clock()
    world = World("it", machine_now=clock, now=clock)
    jetstream = ground.wire(network.jetstream)
    settings = BlueskySource.Settings(
        official=tuple(who.did for who in both),
        jetstream=jetstream.url.replace("http", "ws", 1),
        appview=proxy.url,
        retry_s=0.05,
    )
    said: list[str] = []

    def say() -> str:
        said.append(both[len(said) % 2].post(f"Number {len(said)}"))
        clock.move(seconds=30)
        return said[-1]

    def make() -> BlueskySource:
        return BlueskySource(settings, world.context)

    return SourceStand(
        make=make,
        stream=make,
        cut=jetstream.cut,
        now=clock,
        say=say,
        take_back=lambda uri: both[said.index(uri) % 2].delete(uri),
        breaks=proxy.go_away,
        mends=proxy.mend,
        later=lambda: clock.move(hours=1),
        wire=Wire(proxy, b"GET ", _PATIENCE),
    )


def account(ground: Ground) -> AccountStand:
    """An account at a real PDS."""
    network = ground.servers.network
    bot = network.account(f"lawbot{next(_numbers)}.test")
    proxy = ground.wire(network.pds)
    clock = _clock()
    world = World(secrets={"password": PASSWORD}, machine_now=clock, now=clock)

    def at(service: str) -> BlueskyAccount:
        return BlueskyAccount(BlueskyAccount.Settings(identifier=bot.handle, service=service), world.context)

    return AccountStand(
        make=lambda: at(proxy.url),
        nowhere=lambda: at(f"http://127.0.0.1:{free_port()}"),
        standing=lambda: [record["value"]["text"] for record in network.records(bot.did)],
        now=clock,
        later=lambda: clock.move(hours=1),
        wire=Wire(
            proxy,
            b"POST /xrpc/com.atproto.repo.putRecord",
            _PATIENCE,
            retracts=b"POST /xrpc/com.atproto.repo.deleteRecord",
            finds=b"GET ",
        ),
    )
