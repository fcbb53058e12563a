"""What can be set, with its default and its meaning: frozen pydantic models.

Every model forbids unknown keys. Durations are written as "30s", "15m", "6h", "1d12h" and become `timedelta`.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from bot.core.consent import WEIGHTS, Signal
from bot.core.durations import parse_duration
from bot.core.model import Tone, Verdict

# a name has a letter in its last part, which no IPv4 address has
_HOST_NAME = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*(?=[0-9-]*[a-z])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?", re.IGNORECASE
)
_WEB = re.compile(r"https?://[^\s/@:]+(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE)
_MAIL = re.compile(
    r"[^\s@<>\"'()?&%#,;:\\/]+@[^\s@<>\"'()?&%#,;:\\/]+\.[^\s@<>\"'()?&%#,;:\\/.]+"
)  # as the page takes it
_STORES = ("sqlite", "postgresql", "postgresql+psycopg")


@cache
def zones() -> frozenset[str]:
    """Every IANA zone that this machine knows; looked up once."""
    return frozenset(available_timezones())


def _duration(value: object) -> timedelta:
    try:
        return parse_duration(value)
    except ValueError as error:
        raise PydanticCustomError(
            "duration", "{reason}", {"reason": str(error).removeprefix(f"{value!r} is ")}
        ) from None


def _some(value: timedelta) -> timedelta:
    if not value:
        raise PydanticCustomError("duration", "too short: write 1s or more")
    return value


def _zone(value: str) -> str:
    if value not in zones():
        raise PydanticCustomError("zone", "not a time zone: write an IANA name such as Europe/London")
    return value


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise PydanticCustomError("naive", "needs date, time and zone: write 2016-04-24T10:00:00+01:00")
    try:
        value.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("calendar", "lies outside the calendar") from None
    return value


def _store_url(value: str) -> str:
    if value.partition("://")[0] not in _STORES or "://" not in value:
        raise PydanticCustomError(
            "store", "not a store: write sqlite:///var/milepost.db or postgresql://user@host/name"
        )
    return value


def _public_url(value: str) -> str:
    if value and not value.startswith(("http://", "https://")):
        raise PydanticCustomError("web", "not a web address: write one that begins with https:// or http://")
    return value


def _hub(value: str) -> str:
    if not _WEB.fullmatch(value):
        raise PydanticCustomError("hub", "no address of a hub: write https://hub.example.org/")
    return value


def _host(value: str) -> str:
    if value and not (_HOST_NAME.fullmatch(value) or _is_address(value)):
        raise PydanticCustomError(
            "address", "no address to listen on: write 127.0.0.1, 0.0.0.0, :: or a name of this machine"
        )
    return value


def _is_address(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


def _contact(value: str) -> str:
    if value and not (_WEB.fullmatch(value) or _MAIL.fullmatch(value)):
        raise PydanticCustomError(
            "contact", "neither a mail address nor a web address: write desk@example.org or https://example.org/contact"
        )
    return value


def _yields(value: Signal) -> Signal:
    if not WEIGHTS[value].yields:
        raise PydanticCustomError("consent", "{signal} always counts: take it out of the list", {"signal": value.value})
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Zone = Annotated[str, AfterValidator(_zone)]
Moment = Annotated[datetime, AfterValidator(_aware)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Pause = Annotated[Duration, AfterValidator(_some)]


class Block(BaseModel):
    """A block of the configuration: frozen, strict about keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class EventSettings(Block):
    """[event]: what is covered.

    Attributes:
        name: As readers know it.
        zone: Zone that times are shown in.
        about: One sentence under the headline; "" for none.
        byline: The writers' line, "" for none.
    """

    name: str = Field(min_length=1)
    zone: Zone = "UTC"
    about: str = ""
    byline: str = ""

    @property
    def tz(self) -> ZoneInfo:
        """The zone itself."""
        return ZoneInfo(self.zone)


class ClockSettings(Block):
    """[[clock]]: a named start that time is counted from.

    Attributes:
        id: What rules and milestones call it.
        name: As readers are told, e.g. "the masses race".
        start: When it starts, with zone.
        zone: Its own zone; "" takes the event's.
    """

    id: Name
    name: str = Field(min_length=1)
    start: Moment
    zone: Zone | None = None


class StrandSettings(Block):
    """[[strand]]: a named line of coverage.

    Attributes:
        id: What rules and sources call it.
        name: As readers see it, e.g. "#GetInspired".
        tone: "light" stops in quiet mode; "news" and "safety" go on after a look.
        accounts: Where its updates go beside the page.
    """

    id: Name
    name: str = Field(min_length=1)
    tone: Tone = Tone.LIGHT
    accounts: tuple[Name, ...] = ()


class OfficialSettings(Block):
    """[[official]]: somebody whose word the desk takes, by permanent account ids (handles change hands).

    Attributes:
        name: The credit that readers see.
        role: e.g. "BBC Blue Peter presenter"; "" for none.
        ids: `platform:id` of each account, e.g. "bluesky:did:plc:…" or "feeds:https://…".
    """

    name: str = Field(min_length=1)
    role: str = ""
    ids: tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*:\S+$")], ...] = Field(min_length=1)


class StoreSettings(Block):
    """[store]: where everything is kept.

    Attributes:
        url: "sqlite:///var/milepost.db" (relative to the configuration file) or "postgresql://user@host/name".
            A password never stands here: it is the secret `store_password`.
    """

    url: Annotated[str, AfterValidator(_store_url)] = "sqlite:///var/milepost.db"


class PageSettings(Block):
    """[page]: the live coverage page.

    Attributes:
        title: Headline; "" takes the event's name.
        language: Language of the page, BCP 47.
        folder: Where the static files are drawn, relative to the configuration file.
        host: What the built-in server listens on; loopback unless set.
        port: 0 takes any free port.
        public_url: Where readers reach it; feeds and permalinks use it. "" uses http://host:port.
        desk: Whether the built-in server shows the desk how the house stands, at /desk. It answers only who asks from this
            machine, and cannot tell a web server in front that does not say whom it asks for.
        latest: How many updates stand on the front page.
        feed: How many stand in the feeds.
        hubs: WebSub hubs that are told when the feeds change, so that readers hear of it at once.
        contact: Mail address or URL of the operator; readers use it to have something taken down.
    """

    title: str = ""
    language: str = Field(default="en-GB", pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    folder: str = Field(default="var/page", min_length=1)
    host: Annotated[str, AfterValidator(_host)] = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8016, ge=0, le=65535)
    public_url: Annotated[str, AfterValidator(_public_url)] = ""
    desk: bool = False
    latest: int = Field(default=50, ge=1, le=1000)
    feed: int = Field(default=100, ge=1, le=1000)
    contact: Annotated[str, AfterValidator(_contact)] = ""
    hubs: tuple[Annotated[str, AfterValidator(_hub)], ...] = Field(default=(), max_length=5)

    @model_validator(mode="after")
    def _public(self) -> "PageSettings":
        if self.hubs and not self.public_url:
            raise PydanticCustomError("hubs", 'hubs are told where readers reach the feeds: give "public_url", too')
        return self


class RulesSettings(Block):
    """[rules]: what the desk edits.

    Attributes:
        folder: Where the rule files lie, relative to the configuration file.
        default: Verdict where no rule acts.
        publish_at: The score at which a post is published that no rule acts on; 0 for never: scores only order the queue.
        rejudge: How far back undecided posts are judged again after an edit.
    """

    folder: str = Field(default="rules", min_length=1)
    default: Verdict = Verdict.HOLD
    publish_at: int = Field(default=0, ge=0, le=10_000)
    rejudge: Duration = timedelta(hours=2)


class CollectSettings(Block):
    """[collect]: what holds for all sources.

    Attributes:
        late_after: After an outage, posts older than this are held as late.
        backfill: At first contact with a source, posts up to this old are still told; older ones are a baseline.
        every: How often a source is asked, unless its block says otherwise.
    """

    late_after: Duration = timedelta(minutes=15)
    backfill: Duration = timedelta(0)
    every: Pause = timedelta(minutes=1)


class StoriesSettings(Block):
    """[stories]: when two posts tell the same thing.

    Attributes:
        window: How long a story can be joined.
        max_posts: The most posts the window holds in memory; the oldest leave first.
        pictures: Whether pictures of posts that pass the rules are fetched and compared; what is fetched is not kept.
        text_alone_chars: From how many characters on words alone join the posts of two people; shorter ones are a stock
            phrase, and need the same author, link or picture.
        picture_distance: In how many of 64 bits the hashes of two pictures may differ that look the same.
    """

    window: Pause = timedelta(hours=48)
    max_posts: int = Field(default=100_000, ge=100, le=10_000_000)
    pictures: bool = True
    picture_distance: int = Field(default=8, ge=0, le=16)
    text_alone_chars: int = Field(default=60, ge=20, le=1_000)


class PublishSettings(Block):
    """[publish]: what holds for all accounts.

    Attributes:
        stale_after: What waited longer than this behind a pause, a quiet spell or an outage is not sent any more.
        attempts: How often a send that was provably not made is tried again.
        sweep_every: How often published posts are checked at their source.
    """

    stale_after: Pause = timedelta(minutes=15)
    attempts: int = Field(default=10, ge=1, le=1000)
    sweep_every: Pause = timedelta(minutes=30)


class ConsentSettings(Block):
    """[consent]: what speaks against showing a post (docs/consent.md).

    Attributes:
        strict: Where a platform lets people say that they agree to be found and featured, silence is no agreement.
        disregard: Signals that do not count here, e.g. "not-indexable".
        agreed: `platform:account id` of those who have agreed once for all.
        stop_words: Messages to one of our accounts that mean: leave me out; empty takes ours, in seven languages.
    """

    strict: bool = False
    disregard: tuple[Annotated[Signal, AfterValidator(_yields)], ...] = ()
    agreed: tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*:\S+$")], ...] = ()
    stop_words: tuple[Annotated[str, Field(min_length=2, max_length=100)], ...] = ()


class AlarmsSettings(Block):
    """[alarms]: when something is told to a person by the ways of [[alarm]].

    Attributes:
        silent: A source that could not be read for so long is silent.
        no_posts: A source that is read and brings no post for so long is silent, too; 0 for never.
        old_hold: A post that waits for a person for so long is old.
        unconfirmed: A delivery whose outcome is unknown for so long.
        again: What comes back within so long after it was over is not told again.
    """

    silent: Pause = timedelta(minutes=5)
    no_posts: Duration = timedelta(0)
    old_hold: Pause = timedelta(minutes=30)
    unconfirmed: Pause = timedelta(minutes=2)
    again: Duration = timedelta(minutes=30)


class LogSettings(Block):
    """[log]: structured lines on standard output (on standard error for verbs that print data).

    Attributes:
        level: "debug", "info", "warning" or "error".
        format: "auto" (for people on a terminal, JSON elsewhere), "json" or "text".
    """

    level: str = Field(default="info", pattern="^(debug|info|warning|error)$")
    format: str = Field(default="auto", pattern="^(auto|json|text)$")


class RightsSettings(Block):
    """rights of a [[source]]: what may be done with its posts' words and pictures; None takes what the platform allows.

    Attributes:
        full_text: They may stand on the page; without it only who posted, and the link.
        feeds: They may stand in feeds and previews; else the link alone.
        cross_post: Its posts may be sent to accounts at all.
        quote: They may stand in what is sent there; else who posted, and the link.
        approve: A person must approve each post, whatever rules say.
    """

    full_text: bool | None = None
    feeds: bool | None = None
    cross_post: bool | None = None
    quote: bool | None = None
    approve: bool | None = None


class SourceSettings(Block):
    """[[source]]: what holds for every kind of source; `own` is the platform's part of the block.

    Attributes:
        name: Unique among sources.
        kind: The platform.
        every: How often it is asked; None takes [collect].
        backfill: None takes [collect].
        late_after: None takes [collect].
        strand: Default strand of its posts, "" for none.
        prefer: Of several copies of one story, that of the source with the highest leads.
        rights: What may be done with its posts; nothing more than the platform allows.
        enabled: false keeps the block and does nothing.
        own: The platform's own settings, a frozen model.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    name: Name
    kind: str
    every: Pause | None = None
    backfill: Duration | None = None
    late_after: Duration | None = None
    strand: str = ""
    prefer: int = Field(default=0, ge=-100, le=100)
    rights: RightsSettings = RightsSettings()
    enabled: bool = True
    own: Any = None


class AccountSettings(Block):
    """[[account]]: an account that updates go to.

    Attributes:
        name: Unique among accounts; "page" is taken by the coverage page.
        kind: The platform.
        enabled: false keeps the block and sends nothing.
        own: The platform's own settings, a frozen model.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    name: Name
    kind: str
    enabled: bool = True
    own: Any = None


class AlarmSettings(Block):
    """[[alarm]]: a way to tell a person that something needs one.

    Attributes:
        name: Unique among alarms.
        kind: "mail", "webhook", "slack" or "discord".
        enabled: false keeps the block and tells nobody.
        own: The kind's own settings, a frozen model.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    name: Name
    kind: str
    enabled: bool = True
    own: Any = None


class Settings(Block):
    """Everything that can be set, effective and valid."""

    event: EventSettings
    clock: tuple[ClockSettings, ...] = ()
    strand: tuple[StrandSettings, ...] = ()
    official: tuple[OfficialSettings, ...] = ()
    store: StoreSettings = StoreSettings()
    page: PageSettings = PageSettings()
    rules: RulesSettings = RulesSettings()
    collect: CollectSettings = CollectSettings()
    stories: StoriesSettings = StoriesSettings()
    publish: PublishSettings = PublishSettings()
    consent: ConsentSettings = ConsentSettings()
    alarms: AlarmsSettings = AlarmsSettings()
    log: LogSettings = LogSettings()
    source: tuple[SourceSettings, ...] = ()
    account: tuple[AccountSettings, ...] = ()
    alarm: tuple[AlarmSettings, ...] = ()
