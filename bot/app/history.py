"""What the rules decided so far, read back to be explained, and judged by other rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.model import Post, Verdict
from bot.core.rules.circumstances import Circumstances
from bot.core.rules.facts import kept_clocks, recall
from bot.core.rules.replay import Decided
from bot.core.rules.traces import Outcome
from bot.store import judgements, rulesets
from bot.store.database import Database, Transaction
from bot.store.rulesets import StoredSet

LAST = 2_000  # posts that a receipt looks at


@dataclass(frozen=True, slots=True)
class Judged:
    """A post as rules saw it, and what came of it.

    Attributes:
        post_id: Internal number.
        at: When the rules were asked (event time).
        around: The facts of then.
        rule_set: The set that was asked; None where the store has not kept which.
        outcome: What was decided in the end.
        clocks: Event clocks whose starts of then were kept; others count as they start today.
    """

    post_id: int
    at: datetime
    post: Post
    around: Circumstances
    rule_set: StoredSet | None
    outcome: Outcome
    clocks: frozenset[str] = frozenset()


def judged(tx: Transaction, post_ids: Sequence[int], clocks: Mapping[str, datetime]) -> Judged | None:
    """The last judgement by rules of a post; None where no rule judged it.

    Args:
        post_ids: The versions of one post.
        clocks: Starts of the event clocks.
    """
    found = judgements.of_posts(tx, post_ids)
    if found is None:
        return None
    last = judgements.last(tx, found.post_id)
    verdict, by, why = (last.verdict, last.by, last.why) if last else (found.verdict, "rules", "")
    stands = (last is None or last.line_id == found.line_id) and not found.overruled
    return Judged(
        found.post_id,
        found.at,
        found.post,
        recall(found.facts, found.at, clocks),
        rulesets.by_id(tx, found.rule_set_id) if found.rule_set_id else None,
        Outcome(Verdict(verdict), by, why, ruled=stands),
        kept_clocks(found.facts),
    )


def decided(
    database: Database, clocks: Mapping[str, datetime], *, limit: int = LAST, since: datetime | None = None
) -> list[Decided]:
    """The last decisions by rules with the facts of then, oldest first; one for each post.

    Args:
        clocks: Starts of the event clocks.
        limit: The most posts.
        since: None for as far back as they go.
    """
    with database.read() as tx:
        found = judgements.latest(tx, limit, since=since)
        approved = judgements.approved(tx, [one.post_id for one in found if one.update])
    return [
        Decided(one.post_id, one.post, recall(one.facts, one.at, clocks), one.update, approved.get(one.post_id, ""))
        for one in found
    ]
