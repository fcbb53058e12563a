"""A local server in the place of Discord's webhooks."""

import json
from itertools import count

from werkzeug import Request, Response

from bot.platforms.chats import DiscordAccount
from bot.platforms.hooks import DiscordAlarm
from tests.platforms.contract import Clock, Kept
from tests.platforms.stands.channel import PATH, PATIENCE, alarm_of
from tests.platforms.stands.stand import AccountStand, AlarmStand, Ground, Wire, secretive
from tests.servers.mastodon_server import free_port

SPEAKS_HTTP = True


def account(ground: Ground) -> AccountStand:
    """A channel whose messages can be edited and deleted."""
    clock, memory = Clock(), Kept()
    messages: dict[str, str] = {}
    numbers = count(815)

    def answer(request: Request) -> Response:
        number = request.path.rpartition("/messages/")[2]
        if request.method == "POST":
            number = str(next(numbers))
        elif number not in messages:
            return Response(json.dumps({"message": "Unknown Message", "code": 10008}), 404)
        if request.method == "DELETE":
            del messages[number]
            return Response(status=204)
        messages[number] = json.loads(request.get_data())["content"]
        return Response(json.dumps({"id": number}))

    ground.http.expect_request(PATH).respond_with_handler(answer)
    for number in range(815, 830):
        ground.http.expect_request(f"{PATH}/messages/{number}").respond_with_handler(answer)
    proxy = ground.wire(ground.http.url_for("/"))

    def at(address: str) -> DiscordAccount:
        return DiscordAccount(DiscordAccount.Settings(), secretive(clock, memory, url=address))

    return AccountStand(
        make=lambda: at(proxy.url + PATH),
        nowhere=lambda: at(f"http://127.0.0.1:{free_port()}/"),
        standing=lambda: list(messages.values()),
        now=clock,
        later=lambda: clock.move(hours=1),
        wire=Wire(proxy, b"POST ", PATIENCE, retracts=b"DELETE ", revises=b"PATCH "),
    )


def alarm(ground: Ground) -> AlarmStand:
    """The same as an alarm."""
    return alarm_of(ground, lambda context: DiscordAlarm(DiscordAlarm.Settings(), context))
