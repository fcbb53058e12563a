"""The `slack` and `discord` accounts: what the desk says, in a channel, by the channel's own webhook.

The address of such a webhook is a secret: whoever has it can write there. Neither platform lets anybody look for what a webhook
wrote, so of a try without an answer a person says whether it stands: `milepost accounts settle`.
"""

import re
from datetime import datetime
from typing import Any, ClassVar

import httpx2
import msgspec
from pydantic import BaseModel, ConfigDict, Field

from bot.core.errors import Rejected, Unanswered, Unauthorized
from bot.core.model import LengthUnit, Limits, Receipt, Snippet
from bot.core.ports import PlatformContext
from bot.platforms._chat import discord_update, slack_update
from bot.platforms._http.sending import Sender

_encode = msgspec.json.Encoder().encode
_UNKNOWN_MESSAGE = 10008
_NUMBER = re.compile(r"[0-9]{1,20}")
_MESSAGE = re.compile(r"https://(?:[a-z]+\.)?discord(?:app)?\.com/channels/[0-9@me]+/[0-9]+/([0-9]{1,20})/?")


class _Chat:
    """What the two have in common: one address, and nobody who could be asked."""

    def __init__(self, settings: Any, context: PlatformContext) -> None:
        self._settings = settings
        self._context = context
        self._sender = Sender(context.user_agent, context.machine_now)

    def limits(self) -> Limits:
        """As configured; pictures are not sent."""
        settings = self._settings
        return Limits(settings.length, LengthUnit.CHARACTERS, link=settings.link, pace_s=settings.pace_s)

    def find(self, key: str, since: datetime) -> Receipt | None:
        """Nobody can be asked. Raises `Rejected` always: a person looks, and says it."""
        del key, since
        name = self._context.name
        raise Rejected(
            f"{self._where}: nobody can be asked whether it stands: look there, then run `milepost accounts settle {name} "
            "UPDATE --stands` or `--gone`"
        )

    @property
    def _where(self) -> str:
        return f"account {self._context.name}"

    def _by_hand(self, why: str) -> Rejected:
        name = self._context.name
        return Rejected(
            f"{self._where}: {why}: delete it by hand, then run `milepost accounts settle {name} UPDATE --gone`"
        )

    def _address(self) -> str:
        found = self._context.secret("url")
        if found is None:
            raise Unauthorized(f"{self._where}: no url is given: `milepost config check` says where it is looked for")
        return found.reveal().strip()

    def _send(self, url: str, body: object, *, method: str = "POST", known: tuple[int, ...] = ()) -> bytes:
        raw = b"" if body is None else _encode(body)
        headers = {"content-type": "application/json"} if raw else {}
        return self._sender.post(url, raw, headers, where=self._where, method=method, known=known)


class SlackAccount(_Chat):
    """A channel in Slack. What was written there stays: nobody but a person in Slack can edit or delete it.

    Args:
        settings: Its block in config.toml.
        context: What the house gives; the secret "url".

    Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
    """

    secrets: ClassVar[tuple[str, ...]] = ("url",)
    needs: ClassVar[tuple[str, ...]] = ("url",)

    class Settings(BaseModel):
        """[[account]] of kind "slack".

        Attributes:
            length: The most characters of a text.
            link: Whether a link to the original stands at the end of the text.
            pace_s: Seconds between two sends; Slack takes about one a second.
        """

        model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

        length: int = Field(default=800, ge=20, le=800)
        link: bool = True
        pace_s: float = Field(default=1.0, ge=0, le=3_600)

    def publish(self, snippet: Snippet, key: str) -> Receipt:
        """Write it there. Raises as `Sender.post`, and `Unauthorized` where its address is missing."""
        self._send(self._address(), slack_update(snippet))
        return Receipt(key)

    def seen(self, url: str) -> Receipt:
        """What a person has seen there; never raises: no address is asked for anything."""
        return Receipt("seen", url)

    def retract(self, receipt: Receipt) -> None:
        """Nobody can. Raises `Rejected` always: a person deletes it, and says so."""
        del receipt
        raise self._by_hand("Slack lets no webhook take back what it wrote")


class DiscordAccount(_Chat):
    """A channel in Discord, or a thread of it where the address ends with ?thread_id=NUMBER.

    Args:
        settings: Its block in config.toml.
        context: What the house gives; the secret "url".

    Source: https://discord.com/developers/docs/resources/webhook
    """

    secrets: ClassVar[tuple[str, ...]] = ("url",)
    needs: ClassVar[tuple[str, ...]] = ("url",)

    class Settings(BaseModel):
        """[[account]] of kind "discord".

        Attributes:
            length: The most characters of a text; escaped, as many may become 2,000.
            link: Whether a link to the original stands at the end of the text.
            pace_s: Seconds between two sends; Discord takes about one every two seconds.
        """

        model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

        length: int = Field(default=1_000, ge=20, le=1_000)
        link: bool = True
        pace_s: float = Field(default=2.0, ge=0, le=3_600)

    def publish(self, snippet: Snippet, key: str) -> Receipt:
        """Write it there. Raises as `Sender.post`, and `Unauthorized` where its address is missing."""
        del key
        answer = self._send(self._url(wait="true"), discord_update(snippet))
        number = _field(answer, "id")
        if not isinstance(number, str) or not _NUMBER.fullmatch(number):
            raise Unanswered(f"{self._where}: its answer names no message: it may have arrived")
        return Receipt(number)

    def seen(self, url: str) -> Receipt:
        """What a person has seen there. Raises `Rejected` where the address is no message's."""
        if not url:
            return Receipt("seen")
        found = _MESSAGE.fullmatch(url.strip())
        if found is None:
            raise Rejected(
                f"{self._where}: {url[:200]!r} is no message's address: in its menu choose Copy Message Link"
            )
        return Receipt(found.group(1), url.strip())

    def revise(self, receipt: Receipt, snippet: Snippet, key: str) -> Receipt:
        """Edit it. Raises as `publish`, and `Rejected` where nobody knows which message it is."""
        del key
        if not _NUMBER.fullmatch(receipt.id):
            raise Rejected(f"{self._where}: nobody knows which message it is: edit it by hand")
        self._send(self._url(receipt), discord_update(snippet), method="PATCH")
        return receipt

    def retract(self, receipt: Receipt) -> None:
        """Delete it; what is gone already is gone. Raises as `publish`, and `Rejected` where nobody knows which it is."""
        if not _NUMBER.fullmatch(receipt.id):
            raise self._by_hand("nobody knows which message it is")
        answer = self._send(self._url(receipt), None, method="DELETE", known=(404,))
        if answer and _field(answer, "code") != _UNKNOWN_MESSAGE:
            raise self._by_hand("its webhook is no more")

    def _url(self, receipt: Receipt | None = None, **more: str) -> str:
        """The webhook's own address, or that of a message of its; what stands after the "?" stays."""
        try:
            url = httpx2.URL(self._address())
        except (httpx2.InvalidURL, UnicodeError):
            raise Rejected(f"{self._where}: its address is none: give a whole https:// address") from None
        path = url.path.rstrip("/") + (f"/messages/{receipt.id}" if receipt else "")
        return str(url.copy_with(path=path).copy_merge_params(more))


def _field(answer: bytes, name: str) -> object:
    """A field of an answer; None where there is none."""
    try:
        found = msgspec.json.decode(answer)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return found.get(name) if isinstance(found, dict) else None
