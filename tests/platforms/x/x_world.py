"""What the tests of X share: clocks that stand, memory, planted secrets, and both directions on a simulator."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.core.model import Batch, Media, Snippet
from bot.core.ports import PlatformContext, Secret
from bot.platforms.x.account import XAccount
from bot.platforms.x.source import XSource
from tests.platforms.contract import Clock, Kept
from tests.servers.x_simulator import BEARER, CONSUMER, Account

NOON = datetime(2026, 4, 26, 12, 0, tzinfo=UTC)


@dataclass
class World:
    """One source's or account's surroundings."""

    clock: Clock
    name: str = "x"
    memory: Kept = field(default_factory=Kept)
    shared: Kept = field(default_factory=Kept)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    pictures: dict[str, bytes] = field(default_factory=dict)

    @property
    def context(self) -> PlatformContext:
        return PlatformContext(
            name=self.name,
            now=self.clock,
            machine_now=self.clock,
            memory=self.memory,
            secret=self._secret,
            user_agent="milepost-tests",
            open_media=self._open,
            shared=self.shared,
        )

    def source(self, api: str, **settings: Any) -> XSource:
        self.secrets.setdefault("bearer_token", BEARER)
        more = {"tags": ("LondonMarathon",), **settings}
        return XSource(XSource.Settings(api=api, **more), self.context)

    def account(self, api: str, who: Account, **settings: Any) -> XAccount:
        keys = (*CONSUMER, who.token, who.token_secret)
        for name, value in zip(XAccount.secrets, keys, strict=True):
            self.secrets.setdefault(name, value)
        return XAccount(XAccount.Settings(api=api, **settings), self.context)

    def _secret(self, name: str) -> Secret | None:
        return Secret(self.secrets[name]) if name in self.secrets else None

    def _open(self, media: Media) -> bytes:
        return self.pictures[media.url]


def snippet(text: str = "39,698 set to start", at: datetime = NOON, **more: Any) -> Snippet:
    return Snippet(text=text, created_at=at, **more)


def read_on(make: Callable[[], XSource], cursor: str = "") -> tuple[list[Batch], str]:
    """All batches until nothing more is promised, each by a fresh source; and the last cursor."""
    batches: list[Batch] = []
    for _ in range(50):
        batch = make().fetch(cursor)
        batches.append(batch)
        cursor = batch.cursor or cursor
        if not batch.more:
            return batches, cursor
    raise AssertionError("`more` never ends")
