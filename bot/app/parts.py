"""What an App is put together from; tests and the demo put other parts together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.app.outside import Collected
from bot.config.settings import Settings
from bot.core.desk import Desk
from bot.core.ports import Channel, Publisher
from bot.store.database import Database


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that an App needs.

    Attributes:
        folder: Relative paths of the settings start here.
        now: Event time: what posts, milestones and the page go by.
        machine_now: Machine time: leases, back-off, pace. Aware UTC.
        holder: Name of this process among those that share the store.
        sources: Enabled sources by name.
        publishers: Enabled accounts by name.
        channels: Enabled alarms by name.
        tell_hub: Tells a WebSub hub (its address) that a feed (its address) changed; None for never.
        config: The configuration's file; None where there is none.
        secrets: (owner, name) of every secret that is given; never the secrets themselves.
    """

    settings: Settings
    folder: Path
    database: Database
    desk: Desk
    now: Callable[[], datetime]
    machine_now: Callable[[], datetime]
    holder: str
    sources: Mapping[str, Collected] = field(default_factory=dict)
    publishers: Mapping[str, Publisher] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    tell_hub: Callable[[str, str], None] | None = None
    secrets: frozenset[tuple[str, str]] = frozenset()
    config: Path | None = None

    def path(self, text: str) -> Path:
        """A path of the settings as an absolute one."""
        given = Path(text).expanduser()
        return given if given.is_absolute() else self.folder / given
