"""What the doors show: records that `app` gives to the command line and the web. Plain data, ready to print or to send."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.model import Post, Receipt, Snippet, Update


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which lines of the journal are wanted; an empty field does not filter.

    Attributes:
        since: From this event time on.
        until: Before this event time.
        after_id: Only lines after this one, oldest first (for following); None for the last ones.
        limit: How many lines at the most.
    """

    post_ids: tuple[int, ...] = ()
    update_ids: tuple[int, ...] = ()
    story_id: int = 0
    author_ids: tuple[int, ...] = ()
    source: str = ""
    account: str = ""
    verdict: str = ""
    rule: str = ""
    what: str = ""
    by: str = ""
    since: datetime | None = None
    until: datetime | None = None
    after_id: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line of the curation log, with names joined.

    Attributes:
        id: Ascending in the order of writing.
        what: One word: "judged", "told", "sent", …
        post: `platform:native_id`, "" where it is not about a post.
        update: Slug of the update, "" for none.
        place: Source or account it is about.
        rule_set: Name of the rule set that judged, "" for none.
        text: The post's or update's words, whole.
        details: JSON-shaped; None for none.
    """

    id: int
    at: datetime
    what: str
    by: str
    why: str
    post_id: int = 0
    story_id: int = 0
    place: str = ""
    verdict: str = ""
    rule: str = ""
    rule_set: str = ""
    update: str = ""
    post: str = ""
    author: str = ""
    platform: str = ""
    text: str = ""
    source: str = ""
    details: object = None


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One held story that waits for a person.

    Attributes:
        id: Internal number of the post to decide on (`milepost queue approve ID`).
        why: Why it is held.
        others: How many further posts of the same story are held with it.
        strand: Where it would go.
        score: What rules say of its rank: the highest comes first.
        until: When its embargo ends; None where it has none, or where that is over.
        approved_by: Who has approved it already, so that it is told then; "" for nobody.
    """

    id: int
    post: Post
    why: str
    rule: str
    story_id: int
    others: int = 0
    strand: str = ""
    score: int = 0
    until: datetime | None = None
    approved_by: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """Where one delivery stands, for a person.

    Attributes:
        account: The account's name.
        state: A word of `DeliveryState`.
        url: Where readers see it, "" while there is none.
        error: What went wrong last, "" for nothing.
        down: It must not stand there (any more).
    """

    account: str
    state: str
    update: str = ""
    url: str = ""
    error: str = ""
    down: bool = False
    attempts: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class PostLife:
    """The whole life of one post, or of one update of our own.

    Attributes:
        versions: Every version seen, oldest first; empty for an update of our own.
        story: Other posts of the same story: (id, key, author, text).
        explanation: The judgement clause by clause, in words; "" where no rule judged.
        update: What was told of it; None where nothing was.
        journal: Everything the journal says, oldest first.
        sightings: Where else it was seen: (source, time).
    """

    versions: tuple[Post, ...] = ()
    ids: tuple[int, ...] = ()
    verdict: str = ""
    story_id: int = 0
    story: tuple[tuple[int, str, str, str], ...] = ()
    explanation: str = ""
    rule_set: str = ""
    update: Update | None = None
    deliveries: tuple[DeliveryReport, ...] = ()
    journal: tuple[JournalLine, ...] = ()
    sightings: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """How an update would read at one account; `problem` says why it cannot go there ("" when it can)."""

    account: str
    snippet: Snippet | None = None
    problem: str = ""
    length: int = 0
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """What the desk's own hand came to."""

    update: Update
    previews: tuple[Preview, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a withdrawal came to: the receipt of a take-down.

    Attributes:
        deliveries: One for each account; state "retracted" is confirmed gone, "cancelled" was never sent.
    """

    update: Update
    deliveries: tuple[DeliveryReport, ...] = ()
    already: bool = False


@dataclass(frozen=True, slots=True)
class Brake:
    """Something that the desk has stopped.

    Attributes:
        scope: "quiet", "all", "page" or "account:NAME".
    """

    scope: str
    at: datetime
    by: str
    why: str = ""
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Stopped:
    """What a pause or a quiet spell stops, or what letting go did.

    Attributes:
        brakes: What stands now.
        deliveries: What is held back (stop) or goes on (release).
        scheduled: The desk's own updates that wait.
        milestones: Ids of milestones that are due within the hour and would be stopped.
        expired: What was too old to be sent and was let go.
        changed: False where it stood so already.
    """

    brakes: tuple[Brake, ...] = ()
    deliveries: tuple[DeliveryReport, ...] = ()
    scheduled: tuple[Update, ...] = ()
    milestones: tuple[str, ...] = ()
    expired: tuple[DeliveryReport, ...] = ()
    changed: bool = True


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How collecting from one source goes. Times are machine time."""

    name: str
    kind: str
    enabled: bool
    state: str  # ok, failing, new, off, gone, unauthorized
    last_ok_at: datetime | None = None
    last_post_at: datetime | None = None
    error: str = ""
    error_at: datetime | None = None
    failures: int = 0
    next_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """How publishing to one account goes. Times are machine time."""

    name: str
    kind: str
    enabled: bool
    state: str  # ok, failing, new, off, paused, quiet, unauthorized
    last_sent_at: datetime | None = None
    owed: int = 0
    unconfirmed: int = 0
    failed: int = 0
    retracting: int = 0
    sent: int = 0
    error: str = ""
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """How the house stands.

    Attributes:
        now: Event time.
        rule_set: Name of the active set; "" for none.
        rules_refused: The mistakes of the files on disk, one a line; "" where the files are what runs.
        refused_at: Since when the files on disk are refused.
        counts: Posts by verdict, updates by state, and the like.
        running: Whether a daemon holds this database.
        next_milestones: (id, due time), soonest first, at most ten.
    """

    now: datetime
    database: str
    sources: tuple[SourceStatus, ...] = ()
    accounts: tuple[AccountStatus, ...] = ()
    brakes: tuple[Brake, ...] = ()
    rule_set: str = ""
    rules: int = 0
    rules_adopted_at: datetime | None = None
    rules_refused: str = ""
    refused_at: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    running: bool = False
    next_milestones: tuple[tuple[str, datetime], ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Files on disk that are not what runs.

    Attributes:
        kind: "rules" or "milestones".
        mistakes: All of them, for a person.
        at: Since when (event time).
        stays: A good set of before goes on; else there is none.
    """

    kind: str
    mistakes: str
    at: datetime
    stays: bool


@dataclass(frozen=True, slots=True)
class Console:
    """What the desk's page shows.

    Attributes:
        zone: The event's zone, IANA.
        refused: Files on disk that are not what runs.
        receipt: The last line of the log that tells what an edit of the rules would have decided differently; None for none.
        held: How many posts wait for a person.
    """

    event: str
    zone: str
    status: Status
    refused: tuple[Refusal, ...] = ()
    receipt: JournalLine | None = None
    held: int = 0


__all__ = [
    "AccountStatus",
    "Brake",
    "Console",
    "DeliveryReport",
    "JournalLine",
    "LogFilter",
    "PostLife",
    "Preview",
    "QueueItem",
    "Receipt",
    "Refusal",
    "SourceStatus",
    "Status",
    "Stopped",
    "Withdrawal",
    "Written",
]
