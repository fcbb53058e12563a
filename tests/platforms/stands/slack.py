"""A local server in the place of Slack's webhooks."""

import json

from werkzeug import Request, Response

from bot.platforms.chats import SlackAccount
from bot.platforms.hooks import SlackAlarm
from tests.platforms.contract import Clock, Kept
from tests.platforms.stands.channel import PATH, PATIENCE, alarm_of, listening
from tests.platforms.stands.stand import AccountStand, AlarmStand, Ground, Wire, secretive
from tests.servers.mastodon_server import free_port

SPEAKS_HTTP = True


def account(ground: Ground) -> AccountStand:
    """A channel that keeps what it is told."""
    clock, memory = Clock(), Kept()
    said: list[str] = []

    def answer(request: Request) -> Response:
        said.append(json.loads(request.get_data())["text"])
        return Response("ok")

    proxy = listening(ground, answer)

    def at(address: str) -> SlackAccount:
        return SlackAccount(SlackAccount.Settings(), secretive(clock, memory, url=address))

    return AccountStand(
        make=lambda: at(proxy.url + PATH),
        nowhere=lambda: at(f"http://127.0.0.1:{free_port()}/"),
        standing=lambda: said,
        now=clock,
        later=lambda: clock.move(hours=1),
        wire=Wire(proxy, b"POST ", PATIENCE, answers_are_read=False),
    )


def alarm(ground: Ground) -> AlarmStand:
    """The same as an alarm."""
    return alarm_of(ground, lambda context: SlackAlarm(SlackAlarm.Settings(), context))
