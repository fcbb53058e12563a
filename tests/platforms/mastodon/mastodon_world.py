"""What the tests of this platform share: a context without `app`, clocks that stand until they are moved."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.core.model import Media, Snippet, UpdateKind
from bot.core.ports import PlatformContext, Secret
from bot.platforms.mastodon.account import MastodonAccount
from bot.platforms.mastodon.source import MastodonSource
from tests.platforms.contract import Clock, Kept


@dataclass
class World:
    """Clocks, secrets, memory, pictures and folder of one source or account."""

    folder: Path | None = None
    name: str = "mastodon"
    memory: Kept = field(default_factory=Kept)
    secrets: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    clock: Clock = field(default_factory=lambda: Clock(datetime.now(UTC) + timedelta(seconds=1)))
    waited: list[float] = field(default_factory=list)

    @property
    def context(self) -> PlatformContext:
        return PlatformContext(
            name=self.name,
            now=self.clock,
            machine_now=self.clock,
            memory=self.memory,
            secret=lambda name: Secret(self.secrets[name]) if name in self.secrets else None,
            user_agent="milepost-tests",
            open_media=self._open,
            folder=str(self.folder or ""),
        )

    def _open(self, media: Media) -> bytes:
        return self.pictures[media.url]

    def source(self, *servers: str, **more: object) -> MastodonSource:
        """A fresh source, as after a restart."""
        settings = MastodonSource.Settings.model_validate({"servers": servers, "retry_s": 0.05, **more})
        return MastodonSource(settings, self.context)

    def account(self, server: str, **more: object) -> MastodonAccount:
        """A fresh account, as after a restart."""
        settings = MastodonAccount.Settings.model_validate({"server": server, "settle_s": 0, **more})
        return MastodonAccount(settings, self.context, wait=self.waited.append)


def snippet(
    text: str = "39,698 set to start",
    *,
    media: tuple[Media, ...] = (),
    lang: str = "en",
    kind: UpdateKind = UpdateKind.POST,
) -> Snippet:
    return Snippet(text, datetime(2016, 4, 24, 13, 0, tzinfo=UTC), media=media, lang=lang, kind=kind)
