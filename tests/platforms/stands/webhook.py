"""A local server that keeps the ids of what it is told, as the specification says of receivers."""

import base64
import json

from werkzeug import Request, Response

from bot.platforms.hooks import WebhookAlarm
from bot.platforms.webhook import WebhookAccount
from tests.platforms.contract import Clock, Kept
from tests.platforms.stands.channel import PATH, PATIENCE, alarm_of, listening
from tests.platforms.stands.stand import AccountStand, AlarmStand, Ground, Wire, secretive
from tests.servers.mastodon_server import free_port

SPEAKS_HTTP = True
_SECRET = "whsec_" + base64.b64encode(b"m" * 32).decode()


def account(ground: Ground) -> AccountStand:
    """A wall: updates stand until they are withdrawn."""
    clock, memory = Clock(), Kept()
    wall: dict[str, str] = {}
    heard: set[str] = set()

    def answer(request: Request) -> Response:
        told, message_id = json.loads(request.get_data()), request.headers["webhook-id"]
        if message_id not in heard:
            heard.add(message_id)
            if told["type"] == "withdrawal":
                wall.pop(told["id"], None)
            else:
                wall[told["id"]] = told["text"]
        return Response(status=204)

    proxy = listening(ground, answer)

    def at(address: str) -> WebhookAccount:
        return WebhookAccount(WebhookAccount.Settings(), secretive(clock, memory, url=address, signing=_SECRET))

    return AccountStand(
        make=lambda: at(proxy.url + PATH),
        nowhere=lambda: at(f"http://127.0.0.1:{free_port()}/"),
        standing=lambda: list(wall.values()),
        now=clock,
        later=lambda: clock.move(hours=1),
        wire=Wire(
            proxy, b"POST ", PATIENCE, retracts=b"POST ", finds=b"POST ", revises=b"POST ", answers_are_read=False
        ),
    )


def alarm(ground: Ground) -> AlarmStand:
    """The same as an alarm."""
    return alarm_of(ground, lambda context: WebhookAlarm(WebhookAlarm.Settings(), context), signing=_SECRET)
