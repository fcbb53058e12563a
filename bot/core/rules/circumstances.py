"""What the house knows about a post beside the post itself, and what a rule set says about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import msgspec

from bot.core.model import Verdict

_NO_CLOCKS: Mapping[str, datetime] = MappingProxyType({})


class Circumstances(msgspec.Struct, frozen=True, gc=False):
    """Facts around a post at the moment of judging; all but `now` have the value of "nothing is known".

    Attributes:
        now: Event time, aware UTC.
        is_official: The author's account id stands on the desk's list.
        strand: The source's default strand, "" for none.
        author_seen: How many posts of this author we have seen before this one.
        author_published: How many of them were published.
        author_rejected: How many of them a person rejected.
        person: Name of the author in the desk's list of people, "" for none.
        story_size: How many posts tell this story, this one included; at least 1.
        story_published: An update of this story is already public.
        clocks: Start of each event clock by its id, aware UTC. A clock that is missing here counts as not started.
        words_seen: Another post that we have seen says the same words, whoever wrote it.
        over: Ids of the rules whose limit is reached at this moment for this post (`limits.Flow` tells).
    """

    now: datetime
    is_official: bool = False
    strand: str = ""
    author_seen: int = 0
    author_published: int = 0
    author_rejected: int = 0
    person: str = ""
    story_size: int = 1
    story_published: bool = False
    clocks: Mapping[str, datetime] = _NO_CLOCKS
    words_seen: bool = False
    over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Effects:
    """What the matching live rules do beside the verdict; the same in every order of rules.

    Attributes:
        strand: Line of coverage, "" where no rule sets one. Where several do, the rule whose id sorts first.
        tags: United, sorted.
        again_at: When an embargo ends and the post is judged again (the latest of several), else None. Set for wait, and for
            hold where a rule would also make it wait; never for drop.
        redact: What is blacked out in the snippet: "email", "phone"; united, sorted.
        score: Sum; orders the queue, and publishes where the desk has set `publish_at`.
        accounts: Where the update goes beside the page: united, sorted; empty for the strand's accounts.
    """

    strand: str = ""
    tags: tuple[str, ...] = ()
    again_at: datetime | None = None
    redact: tuple[str, ...] = ()
    score: int = 0
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a rule set says about one post.

    Attributes:
        verdict: The strongest action of all live rules that matched, else the default.
        rule: Id of the first rule, in file order, that asked for this verdict; "" where the default decided.
        rules: All live rules that matched, in file order; one with a limit only where the limit is reached.
        why: One sentence for a person.
        effects: Kept in the journal also where the post is dropped.
        shadow: Rules in shadow mode that matched, in file order; they act on nothing.
        limits: Rules with a limit that matched what would be published, in file order: whoever publishes must ask them.
        by_score: The score published it.
        is_fault: A rule could not be judged: the post is held for a person.
    """

    verdict: Verdict
    rule: str
    rules: tuple[str, ...]
    why: str
    effects: Effects
    shadow: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    by_score: bool = False
    is_fault: bool = False
