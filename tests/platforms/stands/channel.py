"""What Slack's, Discord's and one's own webhooks have in common here: a local server that keeps what it is told."""

from collections.abc import Callable

from werkzeug import Request, Response

from bot.core.ports import Channel, PlatformContext
from tests.platforms.contract import Clock, Kept
from tests.platforms.stands.stand import AlarmStand, Ground, Wire, secretive
from tests.servers.lossy_proxy import LossyProxy
from tests.servers.mastodon_server import free_port

PATH = "/hooks/1/hush-hush"
PATIENCE = ("bot.platforms._http.sending.READ_S", 0.05)


def listening(ground: Ground, answer: Callable[[Request], Response]) -> LossyProxy:
    """A server whose webhook answers so; the way to it."""
    ground.http.expect_request(PATH).respond_with_handler(answer)
    return ground.wire(ground.http.url_for("/"))


def alarm_of(ground: Ground, make: Callable[[PlatformContext], Channel], **secrets: str) -> AlarmStand:
    """A way to tell a person, by such a webhook."""
    clock, memory = Clock(), Kept()
    told: list[bytes] = []

    def answer(request: Request) -> Response:
        told.append(request.get_data())
        return Response("ok")

    proxy = listening(ground, answer)

    def at(address: str) -> Channel:
        return make(secretive(clock, memory, url=address, **secrets))

    return AlarmStand(
        make=lambda: at(proxy.url + PATH),
        nowhere=lambda: at(f"http://127.0.0.1:{free_port()}"),
        arrived=lambda: len(told),
        now=clock,
        wire=Wire(proxy, b"POST ", PATIENCE, answers_are_read=False),
    )
