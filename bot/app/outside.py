"""Makes sources and accounts of the configuration, by the registry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.config.load import Loaded, Models
from bot.config.settings import AccountSettings, AlarmSettings, SourceSettings
from bot.core.errors import Unavailable
from bot.core.model import Media
from bot.core.ports import Channel, PictureSource, PlatformContext, Publisher, Secret, Source, StreamingSource
from bot.pipeline.collect import Terms
from bot.platforms import registry
from bot.store import media
from bot.store.database import Database
from bot.store.marks import StoreMemory

USER_AGENT = "Milepost/0.1 (+{contact})"
PLATFORM_NAMES: Mapping[str, str] = {"bluesky": "Bluesky", "mastodon": "Mastodon", "x": "X"}


@dataclass(frozen=True, slots=True)
class Collected:
    """A configured source, ready to be read.

    Attributes:
        every: How often it is asked.
        streams: It also tells what happens while it happens.
    """

    name: str
    kind: str
    source: Source
    terms: Terms
    every: timedelta

    @property
    def stream(self) -> StreamingSource | None:
        """The source as a stream; None where it has none."""
        return self.source if isinstance(self.source, StreamingSource) else None

    @property
    def pictures(self) -> PictureSource | None:
        """The source as one whose pictures can be looked at; None where they cannot."""
        return self.source if isinstance(self.source, PictureSource) else None


def models() -> Models:
    """The settings models and secrets of every platform. Imports the platforms, not their SDKs."""
    source_classes = {kind: registry.source_class(kind) for kind in registry.source_kinds()}
    account_classes = {kind: registry.account_class(kind) for kind in registry.account_kinds()}
    alarm_classes = {kind: registry.alarm_class(kind) for kind in registry.alarm_kinds()}
    return Models(
        sources={kind: found.Settings for kind, found in source_classes.items()},
        accounts={kind: found.Settings for kind, found in account_classes.items()},
        source_secrets={kind: found.secrets for kind, found in source_classes.items()},
        account_secrets={kind: found.secrets for kind, found in account_classes.items()},
        platforms={name: getattr(source_classes.get(name), "ids_begin", "") for name in platforms()},
        alarms={kind: found.Settings for kind, found in alarm_classes.items()},
        alarm_secrets={kind: found.secrets for kind, found in alarm_classes.items()},
    )


def platforms() -> tuple[str, ...]:
    """Where posts can come from, by the alphabet; a recording may bring some of a platform that has no source, timing brings none."""
    return tuple(sorted({*PLATFORM_NAMES, *registry.source_kinds()} - {"replay", "results"}))


class Outside:
    """Makes platforms; each source and account has its own memory and sees only its own secrets."""

    def __init__(
        self, loaded: Loaded, database: Database, *, now: Callable[[], datetime], machine_now: Callable[[], datetime]
    ) -> None:
        self._loaded = loaded
        self._database = database
        self._now = now
        self._machine_now = machine_now

    def source(self, settings: SourceSettings) -> Collected:
        """One configured source."""
        common = self._loaded.settings.collect
        found = registry.source_class(settings.kind)
        source: Source = found(settings.own, self._context("source", settings.name, settings.kind))
        terms = Terms(
            name=settings.name,
            platform=getattr(found, "platform", settings.kind),
            backfill=common.backfill if settings.backfill is None else settings.backfill,
            late_after=common.late_after if settings.late_after is None else settings.late_after,
            has_baseline=getattr(found, "has_baseline", True),
        )
        return Collected(settings.name, settings.kind, source, terms, settings.every or common.every)

    def account(self, settings: AccountSettings) -> Publisher:
        """One configured account."""
        context = self._context("account", settings.name, settings.kind)
        made: Publisher = registry.account_class(settings.kind)(settings.own, context)
        return made

    def channel(self, settings: AlarmSettings) -> Channel:
        """One configured alarm."""
        context = self._context("alarm", settings.name, settings.kind)
        made: Channel = registry.alarm_class(settings.kind)(settings.own, context)
        return made

    def tell_hub(self, hub: str, feed: str) -> None:
        """Tell a WebSub hub that a feed changed. Raises as `Hubs.tell`."""
        from bot.platforms._http.sending import Sender  # noqa: PLC0415 - loads a whole HTTP client
        from bot.platforms.websub import Hubs  # noqa: PLC0415 - as above

        Hubs(Sender(self._user_agent(), self._machine_now)).tell(hub, feed)

    def _user_agent(self) -> str:
        return USER_AGENT.format(contact=self._loaded.settings.page.contact or "no contact given")

    def _context(self, side: str, name: str, kind: str) -> PlatformContext:
        def secret(key: str) -> Secret | None:
            return self._loaded.secrets.find(name, key)

        return PlatformContext(
            name=name,
            now=self._now,
            machine_now=self._machine_now,
            memory=StoreMemory(self._database, f"{side}:{name}"),
            secret=secret,
            user_agent=self._user_agent(),
            open_media=self._open_media,
            folder=str(self._loaded.folder),
            shared=StoreMemory(self._database, f"platform:{kind}"),
        )

    def _open_media(self, picture: Media) -> bytes:
        with self._database.read() as tx:
            found = media.content(tx, picture.url.removeprefix("media/"))
        if found is None:
            raise Unavailable(f"picture {picture.url} is not in the store: it cannot be sent")
        return found
