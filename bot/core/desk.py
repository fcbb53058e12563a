"""What the desk has set that the steps go by: strands, officials, clocks, patience. Made by `app` from the configuration."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.consent import ConsentPolicy
from bot.core.model import Credit, EventClock, Post, Tone, Verdict, Worth
from bot.core.rights import Rights, kept_to_page, rights


@dataclass(frozen=True, slots=True)
class Strand:
    """A named line of coverage.

    Attributes:
        accounts: Enabled accounts that its updates go to, beside the page.
    """

    id: str
    name: str
    tone: Tone = Tone.LIGHT
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Official:
    """Somebody whose word the desk takes."""

    name: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk's settings as the steps need them.

    Attributes:
        officials: By `platform:author id`.
        strands: By id.
        source_strands: Default strand of each source; "" for none.
        source_rights: What the desk allows of each source's posts; everything for one that is not named.
        source_prefer: How much each source's copies are preferred over others; 0 for one that is not named.
        persons: From an author's short name (`ident(platform, account id)`) to the key of the person; who is not in it is
            only themselves.
        clocks: Event clocks by id.
        accounts: Names of all enabled accounts.
        idle: Names of the accounts that are configured and not enabled.
        platforms: Where posts can come from; empty where that is not known.
        default: Verdict where no rule acts.
        publish_at: The score at which a post is published that no rule acts on; None for never.
        rejudge: How far back undecided posts are judged again after an edit.
        stale_after: What waited longer is not sent any more; safety updates are, however late.
        window: How long a story can be joined.
        max_posts: The most posts that the story index keeps.
        pictures: Whether pictures of posts are fetched and compared.
        text_alone_chars: From how many characters on words alone join the posts of two people.
        picture_distance: In how many of 64 bits the hashes of two pictures may differ that look the same.
        attempts: How often a send that was provably not made is tried.
        consent: What speaks against showing a post.
    """

    event: str = ""
    zone: str = "UTC"
    officials: Mapping[str, Official] = field(default_factory=dict)
    strands: Mapping[str, Strand] = field(default_factory=dict)
    source_strands: Mapping[str, str] = field(default_factory=dict)
    source_rights: Mapping[str, Rights] = field(default_factory=dict)
    source_prefer: Mapping[str, int] = field(default_factory=dict)
    persons: Mapping[int, int] = field(default_factory=dict)
    clocks: Mapping[str, EventClock] = field(default_factory=dict)
    accounts: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    default: Verdict = Verdict.HOLD
    publish_at: int | None = None
    rejudge: timedelta = timedelta(hours=2)
    stale_after: timedelta = timedelta(minutes=15)
    window: timedelta = timedelta(hours=48)
    max_posts: int = 100_000
    pictures: bool = True
    picture_distance: int = 8
    text_alone_chars: int = 60
    attempts: int = 10
    consent: ConsentPolicy = field(default_factory=ConsentPolicy)

    def official(self, post: Post) -> Official | None:
        """The official whose permanent account id wrote this post; None for everybody else."""
        return self.officials.get(f"{post.platform}:{post.author.id}")

    def person(self, author_id: int) -> int:
        """Who stands behind an account: equal for two accounts of one person.

        Args:
            author_id: Its short name, `ident(platform, account id)`.
        """
        return self.persons.get(author_id, author_id)

    def strand(self, name: str) -> Strand:
        """A strand by its id; one that nobody configured is light and goes to the page alone."""
        return self.strands.get(name) or Strand(name, name)

    def carriers(self, strand: str, named: Collection[str] = ()) -> tuple[str, ...]:
        """The enabled accounts that carry an update: those that rules have named, else its strand's."""
        if named:
            return tuple(name for name in self.accounts if name in named)
        return self.strand(strand).accounts

    def rights(self, post: Post) -> Rights:
        """What may be done with a post: as its platform allows, and no more than the desk does of its source."""
        most, own = rights(post.platform), self.source_rights.get(post.source)
        return most.within(own) if own else most

    def carriers_of(self, post: Post, strand: str, named: Collection[str] = ()) -> tuple[tuple[str, ...], str]:
        """The accounts that carry an update of a post, as `carriers`; and for the log why none does where its rights say so."""
        accounts = self.carriers(strand, named)
        why = kept_to_page(post, self.rights(post)) if accounts else ""
        return () if why else accounts, why

    def patience(self, worth: Worth) -> timedelta | None:
        """How long something may wait and still be sent; None for however long."""
        return None if worth is Worth.SAFETY else self.stale_after

    def local(self, at: datetime) -> str:
        """A moment as the desk says it: date, time and zone of the event."""
        return f"{at.astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M %Z}"

    def credit(self, post: Post) -> Credit:
        """Whose words a post carries, as readers see it."""
        official = self.official(post)
        author = post.author
        return Credit(
            own_name=author.name if official and author.name != official.name else "",
            name=official.name if official else author.name or author.handle or author.id,
            handle=author.handle,
            platform=post.platform,
            url=author.url,
            role=official.role if official else "",
        )
