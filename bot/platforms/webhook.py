"""The `webhook` account: signed JSON for each update and each withdrawal, to an address of the operator's own.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from datetime import datetime
from typing import ClassVar

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from bot.core.errors import OutsideError, Unanswered, Unauthorized
from bot.core.model import LengthUnit, Limits, Receipt, Snippet
from bot.core.ports import PlatformContext, Secret
from bot.core.signing import key_of, sign
from bot.platforms._http.sending import Sender

_TRY = "try "
_TOLD = "told"
_MOST_TOLD = 200
_encode = msgspec.json.Encoder().encode


class WebhookAccount:
    """An address that takes what the desk says.

    It is told each thing under an id of its own (`webhook-id`), the same on every try: whoever receives it drops what came before.
    So a try without an answer is settled by saying the very same again; until then its bytes are kept. Of what was told last it
    is remembered that it was: what was lost with our own process between the answer and the store is not taken for untold.

    Args:
        settings: Its block in config.toml.
        context: What the house gives; the secrets "url" and "signing".
    """

    secrets: ClassVar[tuple[str, ...]] = ("url", "signing")
    needs: ClassVar[tuple[str, ...]] = ("url", "signing")

    class Settings(BaseModel):
        """[[account]] of kind "webhook".

        Attributes:
            length: The most characters of a text.
            link: Whether a link to the original stands at the end of the text.
            pace_s: Seconds between two sends.
        """

        model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

        length: int = Field(default=2_000, ge=20, le=100_000)
        link: bool = True
        pace_s: float = Field(default=0.0, ge=0, le=3_600)

    def __init__(self, settings: Settings, context: PlatformContext) -> None:
        self._settings = settings
        self._context = context
        self._sender = Sender(context.user_agent, context.machine_now)

    def limits(self) -> Limits:
        """As configured; pictures are not sent."""
        settings = self._settings
        return Limits(settings.length, LengthUnit.CHARACTERS, link=settings.link, pace_s=settings.pace_s)

    def publish(self, snippet: Snippet, key: str) -> Receipt:
        """Send an update. Raises as `Sender.post`, and `Unauthorized` where a secret is missing or is none."""
        if key in self._told():
            return Receipt(key)
        memory = self._context.memory
        raw, before = _encode(_body("update", key, snippet.created_at, snippet)), memory.get(_TRY + key)
        memory.put(_TRY + key, raw.decode())
        try:
            return self._say(key, raw)
        except Unanswered:
            raise
        except OutsideError:
            if not before:  # of an earlier try nobody knows
                memory.put(_TRY + key, "")
            raise

    def find(self, key: str, since: datetime) -> Receipt | None:
        """Say again what was said under this key; None where nothing was. Raises as `publish`."""
        del since
        if key in self._told():
            return Receipt(key)
        raw = self._context.memory.get(_TRY + key)
        return self._say(key, raw.encode()) if raw else None

    def _say(self, key: str, raw: bytes) -> Receipt:
        self._post(raw, f"update-{key}")
        self._remember([*self._told(), key])
        self._context.memory.put(_TRY + key, "")
        return Receipt(key)

    def _told(self) -> list[str]:
        try:
            return msgspec.json.decode(self._context.memory.get(_TOLD) or "[]", type=list[str])
        except ValueError:
            return []

    def _remember(self, told: list[str]) -> None:
        self._context.memory.put(_TOLD, _encode(told[-_MOST_TOLD:]).decode())

    def revise(self, receipt: Receipt, snippet: Snippet, key: str) -> Receipt:
        """Tell the words that stand now in the place of an update's earlier ones. Raises as `publish`."""
        self._post(_encode(_body("correction", receipt.id, self._context.machine_now(), snippet)), f"correction-{key}")
        return receipt

    def retract(self, receipt: Receipt) -> None:
        """Tell that an update is withdrawn. Raises as `publish`."""
        at = self._context.machine_now().isoformat()
        self._post(_encode({"type": "withdrawal", "id": receipt.id, "at": at}), f"withdrawal-{receipt.id}")
        self._remember([key for key in self._told() if key != receipt.id])

    def _post(self, raw: bytes, message_id: str) -> None:
        try:
            key = key_of(self._secret("signing").reveal().strip())
        except ValueError as error:
            raise Unauthorized(f'{self._where}: its secret "signing" {error}') from None
        headers = sign(raw, message_id=message_id, at=self._context.machine_now(), key=key)
        url = self._secret("url").reveal().strip()
        self._sender.post(url, raw, {"content-type": "application/json", **headers}, where=self._where)

    @property
    def _where(self) -> str:
        return f"account {self._context.name}"

    def _secret(self, name: str) -> Secret:
        found = self._context.secret(name)
        if found is None:
            raise Unauthorized(
                f"{self._where}: no {name} is given: `milepost config check` says where it is looked for"
            )
        return found


def _body(what: str, number: str, at: datetime, snippet: Snippet) -> dict[str, object]:
    entities = [
        {"kind": one.kind, "start": one.start, "end": one.end, "target": one.target} for one in snippet.entities
    ]
    return {
        "type": what,
        "id": number,
        "at": at.isoformat(),
        "kind": snippet.kind.value,
        "text": snippet.text,
        "lang": snippet.lang,
        "entities": entities,
    }
