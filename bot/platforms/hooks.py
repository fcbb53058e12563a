"""Alarms by webhook: signed JSON of our own, and what Slack and Discord take.

The address of a Slack or Discord webhook is a secret: whoever has it can write there. So it is one here, too.
"""

from typing import Any, ClassVar

import msgspec
from pydantic import BaseModel, ConfigDict

from bot.core.alarms import Notice
from bot.core.errors import Unauthorized
from bot.core.ports import PlatformContext
from bot.core.signing import key_of, sign
from bot.platforms._chat import discord_body, slack_body
from bot.platforms._http.sending import Sender

_encode = msgspec.json.Encoder().encode


class _Hook:
    """What the three have in common: one address, one body."""

    secrets: ClassVar[tuple[str, ...]] = ("url",)
    needs: ClassVar[tuple[str, ...]] = ("url",)

    class Settings(BaseModel):
        """[[alarm]]: all that it needs is the secret "url"."""

        model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    def __init__(self, settings: Settings, context: PlatformContext) -> None:
        del settings
        self._context = context
        self._sender = Sender(context.user_agent, context.machine_now)

    def _post(self, body: dict[str, Any], notice: Notice) -> None:
        url = self._context.secret("url")
        where = f"alarm {self._context.name}"
        if url is None:
            raise Unauthorized(
                f"{where}: its address is not given: `milepost config check` says where it is looked for"
            )
        raw = _encode(body)
        headers = {"content-type": "application/json", **self._signed(raw, notice)}
        self._sender.post(url.reveal().strip(), raw, headers, where=where)

    def _signed(self, body: bytes, notice: Notice) -> dict[str, str]:
        del body, notice
        return {}


class SlackAlarm(_Hook):
    """A channel in Slack, by an incoming webhook."""

    def send(self, notice: Notice) -> None:
        """Write it there. Raises as `Channel.send`."""
        self._post(slack_body(notice.subject, notice.lines), notice)


class DiscordAlarm(_Hook):
    """A channel in Discord, by a webhook."""

    def send(self, notice: Notice) -> None:
        """Write it there. Raises as `Channel.send`."""
        self._post(discord_body(notice.subject, notice.lines), notice)


class WebhookAlarm(_Hook):
    """Any address that takes JSON; signed after Standard Webhooks where the secret "signing" is given."""

    secrets: ClassVar[tuple[str, ...]] = ("url", "signing")

    def send(self, notice: Notice) -> None:
        """Send it there. Raises as `Channel.send`."""
        alarms = [
            {
                "id": one.condition.id,
                "about": one.condition.about,
                "mend": one.condition.mend,
                "since": one.since.isoformat(),
            }
            for one in notice.alarms
        ]
        body = {
            "type": "alarm" if alarms else "trial",
            "id": notice.id,
            "event": notice.event,
            "at": notice.at.isoformat(),
            "subject": notice.subject,
            "alarms": alarms,
        }
        self._post(body, notice)

    def _signed(self, body: bytes, notice: Notice) -> dict[str, str]:
        secret = self._context.secret("signing")
        if secret is None:
            return {"webhook-id": notice.id}
        try:
            key = key_of(secret.reveal().strip())
        except ValueError as error:
            raise Unauthorized(f'alarm {self._context.name}: its secret "signing" {error}') from None
        return dict(sign(body, message_id=notice.id, at=self._context.machine_now(), key=key))
