"""What the doors show of posts and updates: records that `app` gives to the command line and the web, ready to print or to send.

How the house itself stands is in `status`.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.core.model import Post, Receipt, Snippet, Update
from bot.core.rights import Rights


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which lines of the journal are wanted; an empty field does not filter.

    Attributes:
        story_ids: All numbers under which a story was known.
        since: From this event time on.
        until: Before this event time.
        after_id: Only lines after this one, oldest first (for following); None for the last ones.
        limit: How many lines at the most.
    """

    post_ids: tuple[int, ...] = ()
    update_ids: tuple[int, ...] = ()
    story_ids: tuple[int, ...] = ()
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
        author: The post's author by handle, else by name, else by id.
        handle: That handle; "" where there is none.
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
    handle: str = ""
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
        said: How many other people's held posts say the same few words, for the same reason: decided on with it.
        rights: What its rights do not allow, in words; empty where everything is.
        strand: Where it would go.
        score: What rules say of its rank: the highest comes first.
        until: When its embargo ends; None where it has none, or where that is over.
        approved_by: Who has approved it already, so that it is told then; "" for nobody.
        is_unasked: It was sent to the desk alone, and its author has not said yes: it cannot be approved before that.
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
    said: int = 0
    rights: tuple[str, ...] = ()
    is_unasked: bool = False


@dataclass(frozen=True, slots=True)
class SourceRights:
    """What may be done with the posts of one source.

    Attributes:
        said: What is not allowed, in words; empty where everything is.
    """

    name: str
    kind: str
    enabled: bool
    rights: Rights
    said: tuple[str, ...] = ()


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
class Joined:
    """Why a post is part of its story, as it was found when the post came.

    Attributes:
        post: The post that it was compared with and joined by; 0 where that was not kept.
        reason: In words; "" where the post told something new.
        words: The words that matched, as they were compared; "" for none.
        merged: Stories that this post has shown to be the same one.
        chorus_of: The first post of those that say the same few words; 0 for none.
        author: Of `post`, with their platform; "" where it is not known.
    """

    post: int = 0
    reason: str = ""
    words: str = ""
    merged: tuple[int, ...] = ()
    chorus_of: int = 0
    author: str = ""


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
        joined: Why it is part of its story; None where it told something new, or that was not kept.
        moves: What was done to its story by splitting and joining, beside what the journal says of the post itself.
        waits_for_pictures: It is judged when it is known what its pictures look like, within seconds.
        rights: What its rights do not allow, in words, as the configuration is now; empty where everything is.
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
    joined: Joined | None = None
    moves: tuple[JournalLine, ...] = ()
    waits_for_pictures: bool = False
    rights: tuple[str, ...] = ()


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
    """What the desk's own hand came to.

    Attributes:
        previews: How it reads at each account that is to be sent it.
        note: What the desk should know, one thing a line; "" for nothing.
    """

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


__all__ = [
    "DeliveryReport",
    "Joined",
    "JournalLine",
    "LogFilter",
    "PostLife",
    "Preview",
    "QueueItem",
    "Receipt",
    "Withdrawal",
    "Written",
]


@dataclass(frozen=True, slots=True)
class Consented:
    """What an answer came to.

    Attributes:
        post_id: The post that it is about.
        answer: "yes", "no" or "revoked".
        page: It may stand on the page now.
        accounts: It may be sent to accounts now.
        update: The update that was taken off by it, or taken back at accounts; None for none.
        is_waiting: The post waits in the queue, and can be approved now.
        dropped: It waited in the queue, and is dropped.
    """

    post_id: int
    answer: str
    page: bool
    accounts: bool
    update: Update | None = None
    is_waiting: bool = False
    dropped: bool = False
