"""The nouns: what a post, an update, a delivery and the rest are.

All records are frozen. `_at` is an aware UTC `datetime`; `_s`, `_bytes`, `_chars` name the unit. A record that crosses a
room's wall stands here; a record that only one room needs stands in that room.

What every post goes through is a frozen `msgspec.Struct`: made, encoded and decoded at a fraction of a dataclass's cost, and
left out of the search for garbage (`gc=False`: none of them can point back to itself). All else is a frozen dataclass.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Self

import msgspec

from bot.core.results import Result, Tally

NEEDS_CONSENT = "needs-consent"
"""A label of posts that were sent to the desk alone: nobody has agreed yet that they are shown."""


class Verdict(StrEnum):
    """What is done with a post. The stronger one wins: drop > hold > wait > publish.

    Attributes:
        strength: 0 for publish to 3 for drop: the place in which they stand here.
    """

    strength: int

    def __new__(cls, word: str) -> Self:
        """Give it its strength once: judging compares verdicts all the time."""
        made = str.__new__(cls, word)
        made._value_ = word
        made.strength = len(cls.__members__)
        return made

    PUBLISH = "publish"
    WAIT = "wait"
    HOLD = "hold"
    DROP = "drop"


class Tone(StrEnum):
    """How a strand sounds; quiet mode stops what is light."""

    LIGHT = "light"
    NEWS = "news"
    SAFETY = "safety"


class Worth(IntEnum):
    """What goes first to an account where much is owed; taking down and looking up go before all of it."""

    SAFETY = 0
    MILESTONE = 1
    OFFICIAL = 2
    SNIPPET = 3


class Author(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Who wrote a post, as their platform says.

    Attributes:
        id: Permanent account id (a DID, a number, a feed's URL). Trust goes by this: handles change hands.
        handle: As readers know it, with the platform's own spelling and without a leading "@"; "" where there is none.
        name: Display name, untrusted text; "" where the platform does not say.
        url: The profile page; "" where there is none.
        created_at: When the account was made; None where the platform does not say.
        followers: None where the platform does not say.
        labels: Labels on the account (`!no-unauthenticated`, …), in no order.
        verified: Web addresses that the platform itself has checked to be the author's own, as `people.verified_address`
            spells them; never what a text, a name or another server claims.
    """

    id: str
    handle: str = ""
    name: str = ""
    url: str = ""
    created_at: datetime | None = None
    followers: int | None = None
    labels: tuple[str, ...] = ()
    verified: tuple[str, ...] = ()


class Media(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One picture, video, sound or link card of a post or an update.

    Attributes:
        kind: "image", "video", "audio" or "link".
        url: Where it lies at its platform ("" where that is not known), or `media/NAME` in our own store of files.
        alt: Text equivalent; "" where the author gave none.
        width: Pixels; 0 where unknown.
        height: Pixels; 0 where unknown.
        cid: The platform's content hash; "" where there is none. Equal hashes are equal bytes.
    """

    kind: str
    url: str = ""
    alt: str = ""
    width: int = 0
    height: int = 0
    cid: str = ""


class Entity(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A stretch of a text that means something: a tag, a mention or a link.

    Attributes:
        kind: "tag", "mention" or "link".
        start: Code point where it begins.
        end: Code point after its last.
        target: The tag without "#", the account id, or the http(s) URL.
    """

    kind: str
    start: int
    end: int
    target: str


class Post(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One public message of somebody else, frozen as it was seen.

    Unique on (platform, native_id, version): an edit is a new version, judged again. All text is hostile.

    Attributes:
        platform: "bluesky", "feeds", "replay"'s recorded platform, …
        native_id: The platform's own permanent id, as text (AT-URI, status URI, guid).
        version: Which state of the post this is ("" where a platform knows no edits; cid, edit id or content hash).
        source: Name of the configured source that brought it.
        created_at: When it was made as its author says, but never after `seen_at`.
        seen_at: When we first saw it (event time).
        text: Plain text, "" where there is none.
        title: A feed entry's title, plain untrusted text; "" elsewhere.
        url: Permalink at the platform, http(s) or "".
        lang: BCP 47 primary language, "" where the platform does not say.
        tags: Hashtags, folded (NFKC, casefold), without "#", unique, in order of the text.
        mentions: Mentioned accounts, folded, without "@".
        links: http(s) URLs that the text or a card points to, as they were written (`core.stories.links` compares them).
        labels: Labels on the post, the platform's and the author's own.
        sensitive: The author or platform marked it so.
        repost_of: native_id of the post that this one only repeats; "" where it stands for itself.
        reply_to: native_id that this one answers; "" where it starts a thread.
        quote_of: native_id that this one quotes; "" where it quotes nothing.
        is_edit: Another version of this post was made before.
        likes: At collection; 0 where the platform does not say.
        reposts: At collection; 0 where the platform does not say.
        also_known: Other names of this very post, "kind:hash", the surest first, from platforms whose ids are not to be relied
            on: a post that comes under another id is the same one where it has one of them. Only on the way into the store
            (and in recordings), where they lead to the post; () for platforms whose ids are permanent.
    """

    platform: str
    native_id: str
    source: str
    author: Author
    created_at: datetime
    seen_at: datetime
    text: str = ""
    version: str = ""
    title: str = ""
    url: str = ""
    lang: str = ""
    tags: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    sensitive: bool = False
    repost_of: str = ""
    reply_to: str = ""
    quote_of: str = ""
    is_edit: bool = False
    media: tuple[Media, ...] = ()
    entities: tuple[Entity, ...] = ()
    likes: int = 0
    reposts: int = 0
    also_known: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """`platform:native_id`: the same for every version, unique over all platforms."""
        return f"{self.platform}:{self.native_id}"


class Gone(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A post, or everything of an author, that is no longer there.

    Attributes:
        id: native_id of the post, or the author's permanent id.
        at: When it went (event time).
        reason: "deleted", "taken down", "deactivated", …: the journal shows it.
        platform: Where it went; "" for the source's own platform. A replay has none of its own and says it here.
        final: False where it only left our view (its hashtag was taken away): a later version brings it back.
    """

    id: str
    at: datetime
    reason: str = "deleted"
    platform: str = ""
    final: bool = True


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that came with a post itself, for our own store of files; nobody sees it before an update shows it.

    Attributes:
        name: As in `media/NAME`; follows from the bytes.
        content: Made anew by the platform, without metadata.
    """

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """What one look at a source brought.

    Attributes:
        posts: Oldest first.
        cursor: Where to go on; stored in one transaction with the posts. "" leaves the stored cursor as it is.
        gone: Posts that are gone; stored as tombstones that win over a late create. The source's own platform.
        gone_authors: Authors whose posts are all gone.
        back_authors: Permanent ids of authors whose account is there again.
        more: True where `fetch` should be called again at once.
        note: What an operator should know ("3 entries without a link left out"); "" mostly. It stands in the
            log, and in `status` until another one comes.
        kept: Pictures that came with the posts; stored with them. A recording leaves them out.
        results: What a source of results tells: entrants as they are now, in the order in which they came.
        tallies: Numbers that it tells, each by its name.
    """

    posts: tuple[Post, ...] = ()
    cursor: str = ""
    gone: tuple[Gone, ...] = ()
    gone_authors: tuple[Gone, ...] = ()
    back_authors: tuple[str, ...] = ()
    more: bool = False
    note: str = ""
    kept: tuple[Kept, ...] = ()
    results: tuple[Result, ...] = ()
    tallies: tuple[Tally, ...] = ()


class UpdateKind(StrEnum):
    """What an update is made from."""

    POST = "post"
    MILESTONE = "milestone"
    DESK = "desk"


class UpdateState(StrEnum):
    """Where an update stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    LIVE = "live"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Credit:
    """Whose words an update carries.

    Attributes:
        name: Display name; the handle where there is none.
        own_name: The display name at the platform, where the desk has another `name` for them; else "".
        handle: Without "@"; "" where there is none.
        platform: "bluesky", "feeds", …; "" for somebody of the desk.
        url: The author's profile; "" where there is none.
        role: "BBC Blue Peter presenter"; "" where none is known.
    """

    name: str
    handle: str = ""
    platform: str = ""
    url: str = ""
    role: str = ""
    own_name: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """Another post that tells the same story as an update.

    Attributes:
        post_id: Internal number of the post.
        platform: "bluesky", "mastodon", …
        url: Its permalink, untrusted; "" where there is none.
        handle: Its author's, without "@"; "" where there is none.
        is_same: By the very person whose words the update carries, at another account.
    """

    post_id: int
    platform: str
    url: str = ""
    handle: str = ""
    is_same: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """One entry of our coverage feed, from a post or from ourselves.

    Attributes:
        id: Internal number; 0 while it is not stored.
        slug: Permanent public name, `[a-z0-9]{8}`; part of permalinks and feed ids.
        kind: What it was made from.
        state: Where it stands.
        at: The time shown to readers (event time): when it was told.
        strand: Id of the strand, "" for none.
        text: Plain text. Entities count in its code points.
        title: A heading, "" mostly.
        credit: None where the desk speaks without a byline.
        url: The original's permalink, "" where there is none.
        lang: BCP 47, "" where unknown (then the page's own).
        is_official: The author is on the desk's list of official accounts, or the desk itself speaks.
        seq: Place in the feed's own order of changes; grows with every change of any update.
        changed_at: When its content last changed after it was told; None where it never did.
        note: What readers are told about a change or a withdrawal; "" for none.
        also: How many posts by others told the same story.
        copies: Some of these posts, and what the same person posted elsewhere, in the order of arrival; at most 20.
        follows: Slug of the earlier update to which this one adds a fact, "" for none.
        followed: Slug of the newest update that adds a fact to this one, "" for none.
        chorus: How many others said the same few words; they have no update of their own.
        posted_at: When the post was made that it is made from; None for our own, and where it was not kept.
        in_feeds: Its words and pictures may stand in feeds and previews, as far as its source is concerned.
        is_quotable: They may be sent to accounts, as far as its source is concerned.
        due_at: For a scheduled update, when it is told; else None.
        milestone: Id of the milestone that it announces, "" for none.
        accounts: Names of the accounts it is owed to; kept for drafts and scheduled updates.
        post_id: Internal id of the post it was made from; 0 for none.
        tone: Whether quiet mode stops it.
        tags: What rules say that it is ("picture"), folded, sorted; feeds carry them as categories.
    """

    id: int
    slug: str
    kind: UpdateKind
    state: UpdateState
    at: datetime
    text: str
    strand: str = ""
    title: str = ""
    credit: Credit | None = None
    url: str = ""
    lang: str = ""
    media: tuple[Media, ...] = ()
    entities: tuple[Entity, ...] = ()
    is_official: bool = False
    seq: int = 0
    changed_at: datetime | None = None
    note: str = ""
    also: int = 0
    due_at: datetime | None = None
    milestone: str = ""
    accounts: tuple[str, ...] = ()
    post_id: int = 0
    tone: Tone = Tone.LIGHT
    tags: tuple[str, ...] = ()
    copies: tuple[Copy, ...] = ()
    follows: str = ""
    followed: str = ""
    chorus: int = 0
    posted_at: datetime | None = None
    in_feeds: bool = True
    is_quotable: bool = True

    @property
    def worth(self) -> Worth:
        """In which turn it goes to accounts."""
        if self.tone is Tone.SAFETY:
            return Worth.SAFETY
        if self.kind is UpdateKind.MILESTONE:
            return Worth.MILESTONE
        return Worth.OFFICIAL if self.is_official or self.kind is UpdateKind.DESK else Worth.SNIPPET


class LengthUnit(StrEnum):
    """How a platform counts the length of a text (core/text.py counts)."""

    GRAPHEMES = "graphemes"  # Bluesky: user-perceived characters
    WEIGHTED = "weighted"  # X: twitter-text's weights, every link 23
    MASTODON = "mastodon"  # Mastodon: characters, every link 23, remote handles by their local part
    CHARACTERS = "characters"  # code points


@dataclass(frozen=True, slots=True)
class Limits:
    """What an account can carry.

    Attributes:
        length: The most a text may measure, in `unit`s.
        unit: How the platform counts.
        max_bytes: The most UTF-8 bytes a text may have; 0 for no limit.
        media: How many pictures; 0 for none.
        image_bytes: The largest picture; 0 for no limit.
        link: Whether a link to the original stands at the end of the text.
        pace_s: Seconds between two sends of this account.
    """

    length: int
    unit: LengthUnit = LengthUnit.CHARACTERS
    max_bytes: int = 0
    media: int = 0
    image_bytes: int = 0
    link: bool = True
    pace_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Snippet:
    """An update's words, fitted to one account's limits; frozen when the delivery is claimed.

    Attributes:
        text: What will be sent, never longer than the limits.
        entities: Tags and links in `text`, by code points; never a mention of a third party.
        media: Pictures, each with alt text, at most as many as the limits allow.
        lang: BCP 47 or "".
        created_at: Frozen with the claim: the same on every try.
        kind: What the update was made from: some accounts show milestones more widely than what others said.
        is_trial: A test, taken down at once: it is shown to as few as the platform allows.
    """

    text: str
    created_at: datetime
    entities: tuple[Entity, ...] = ()
    media: tuple[Media, ...] = ()
    lang: str = ""
    kind: UpdateKind = UpdateKind.POST
    is_trial: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that an account carries a snippet.

    Attributes:
        id: The platform's id for it (AT-URI, status id).
        url: Where readers see it; "" where the platform gives none.
        cid: Content hash where the platform has one, else "".
    """

    id: str
    url: str = ""
    cid: str = ""


class DeliveryState(StrEnum):
    """Where a delivery stands. `sending` is written before the network is touched."""

    OWED = "owed"
    SENDING = "sending"
    UNCONFIRMED = "unconfirmed"  # may have been sent: looked for before anything else
    SENT = "sent"
    FAILED = "failed"  # refused for good; a person sees why
    CANCELLED = "cancelled"  # taken back before it was sent, or expired
    CORRECTING = "correcting"  # stands at the account with words that have changed since
    RETRACTING = "retracting"  # stands at the account and must go
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class EventClock:
    """Time counted from a named start.

    Attributes:
        id: What rules and milestones call it ("mass").
        name: What readers are told ("the masses race").
        start_at: Aware UTC.
        zone: IANA zone that its wall-clock times are shown in.
    """

    id: str
    name: str
    start_at: datetime
    zone: str
