"""The simulator of X."""

from tests.platforms.contract import Clock
from tests.platforms.stands.stand import AccountStand, Ground, SourceStand, Wire
from tests.platforms.x.x_world import NOON, World
from tests.servers.lossy_proxy import LossyProxy
from tests.servers.mastodon_server import free_port
from tests.servers.x_simulator import XSimulator

SPEAKS_HTTP = True
_PATIENCE = ("bot.platforms.x.wire._SILENCE_S", 0.05)


def _running(ground: Ground, clock: Clock) -> tuple[XSimulator, LossyProxy]:
    x = ground.stack.enter_context(XSimulator(clock))
    proxy = ground.wire(x.url)
    x.hosts.add(proxy.url.removeprefix("http://"))
    return x, proxy


def source(ground: Ground) -> SourceStand:
    """Recent search by hashtag and of an official account, by turns."""
    clock = Clock(NOON)
    x, proxy = _running(ground, clock)
    ana, desk, world = x.account("ana"), x.account("desk"), World(clock, "it")

    def say() -> str:
        number = ana.post(f"{len(x.posts)} #LondonMarathon") if len(x.posts) % 2 else desk.post(f"{len(x.posts)}")
        clock.move(minutes=1)
        return str(number)

    return SourceStand(
        make=lambda: world.source(proxy.url, daily_usd=500, official=(desk.id,)),
        now=clock,
        say=say,
        take_back=x.deleted.add,
        breaks=proxy.go_away,
        mends=proxy.mend,
        later=lambda: clock.move(hours=1),
        wire=Wire(proxy, b"GET ", _PATIENCE),
    )


def account(ground: Ground) -> AccountStand:
    """An account that signs what it sends."""
    clock = Clock(NOON)
    x, proxy = _running(ground, clock)
    desk, world = x.account("desk"), World(clock)
    return AccountStand(
        make=lambda: world.account(proxy.url, desk),
        nowhere=lambda: world.account(f"http://127.0.0.1:{free_port()}", desk),
        standing=lambda: [post["sent"] for number, post in x.posts.items() if number not in x.deleted],
        now=clock,
        later=lambda: clock.move(hours=1),
        wire=Wire(proxy, b"POST /2/tweets ", _PATIENCE, retracts=b"DELETE ", finds=b"GET "),
    )
