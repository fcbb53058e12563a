"""Judgements by rules, with the post and the facts of then: what explanations, receipts, backtests and statistics read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import case, func, select

from bot.core.model import Post, Verdict
from bot.core.rules.history import Told
from bot.store.database import AnyRow, Transaction, chunks
from bot.store.schema import bodies, journal, updates

_decode = msgspec.json.decode
_post = msgspec.json.Decoder(Post).decode
_PAGE = 2_000
_NOBODY = ("milepost", "author", "platform", "clock")  # who is neither the rules nor a person


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judgement by rules.

    Attributes:
        line_id: Its line in the journal.
        at: When (event time).
        verdict: What came of it, after what stands above the rules.
        rule: The rule that decided; "" for the default.
        rule_set_id: The set that was asked; 0 where that was not kept.
        facts: What the rules saw around the post (`bot.core.rules.facts`).
        overruled: Something above the rules changed the verdict.
        update: Slug of the live update made from it; "" for none.
    """

    line_id: int
    post_id: int
    at: datetime
    verdict: str
    rule: str
    rule_set_id: int
    facts: tuple[object, ...]
    post: Post
    update: str = ""
    overruled: bool = False


@dataclass(frozen=True, slots=True)
class Last:
    """The last judgement of a post, whoever gave it."""

    line_id: int
    verdict: str
    by: str
    why: str


def latest(tx: Transaction, limit: int, *, since: datetime | None = None) -> list[Judgement]:
    """The last judgement of each of the last `limit` posts, oldest first.

    Args:
        limit: The most posts.
        since: None for as far back as they go.
    """
    found: dict[int, Judgement] = {}
    before = None
    while len(found) < limit:
        rows = tx.run(_page(before, min(_PAGE, limit))).all()
        for row in rows:
            if since is not None and row[2] < since:
                rows = []
                break
            if row[1] not in found and len(found) < limit:
                found[row[1]] = _judgement(row)
        if not rows:
            break
        before = rows[-1][0]
    return sorted(found.values(), key=lambda one: one.line_id)


def of_posts(tx: Transaction, post_ids: Sequence[int]) -> Judgement | None:
    """The last judgement by rules of one of these posts (the versions of one); None where no rule judged them."""
    row = tx.run(_page(None, 1).where(journal.c.post_id.in_(post_ids))).first()
    return None if row is None else _judgement(row)


def approved(tx: Transaction, post_ids: Sequence[int]) -> dict[int, str]:
    """Which of these posts a person published, and who."""
    found: dict[int, str] = {}
    for part in chunks(list(post_ids)):
        lines = select(journal.c.post_id, journal.c.by).where(
            journal.c.post_id.in_(part),
            journal.c.what == "judged",
            journal.c.verdict == Verdict.PUBLISH.value,
            journal.c.by.not_in(("rules", *_NOBODY)),
        )
        found.update({row[0]: row[1] for row in tx.run(lines.order_by(journal.c.id))})
    return found


def last(tx: Transaction, post_id: int) -> Last | None:
    """The last judgement of a post by rules, a person, its author or ourselves; None where there is none."""
    columns = (journal.c.id, journal.c.verdict, journal.c.by, journal.c.why)
    found = select(*columns).where(journal.c.post_id == post_id, journal.c.what == "judged")
    row = tx.run(found.order_by(journal.c.id.desc()).limit(1)).first()
    return None if row is None else Last(row[0], row[1] or "", row[2], row[3])


def _judgement(row: AnyRow) -> Judgement:
    more = _decode(row[6])
    return Judgement(
        row[0],
        row[1],
        row[2],
        row[3] or "",
        row[4] or "",
        row[5] or 0,
        tuple(more["facts"]),
        _post(row[7]),
        row[8] or "",
        "ruled" in more,
    )


# asked for by its post: joined by state, SQLite would walk all live updates for each judgement
_LIVE = (
    select(func.max(case((updates.c.state == "live", updates.c.slug))))
    .where(updates.c.post_id == journal.c.post_id)
    .correlate(journal)
    .scalar_subquery()
)


def _page(before: int | None, count: int) -> Any:
    statement = (
        select(
            journal.c.id,
            journal.c.post_id,
            journal.c.at,
            journal.c.verdict,
            journal.c.rule,
            journal.c.rule_set_id,
            journal.c.details,
            bodies.c.body,
            _LIVE,
        )
        .join(bodies, bodies.c.post_id == journal.c.post_id)
        .where(journal.c.what == "judged", journal.c.by == "rules", journal.c.details.is_not(None))
        .order_by(journal.c.id.desc())
        .limit(count)
    )
    return statement if before is None else statement.where(journal.c.id < before)


@dataclass(frozen=True, slots=True)
class Published:
    """A post that rules have published.

    Attributes:
        at: When it was told (event time).
        facts: What the rules saw around it.
    """

    at: datetime
    post: Post
    facts: tuple[object, ...]


def published(tx: Transaction, *, since: datetime) -> list[Published]:
    """What rules have published since a time and was told, oldest first; also what was withdrawn later."""
    statement = (
        select(updates.c.id, updates.c.at, bodies.c.body, journal.c.details)
        .join(bodies, bodies.c.post_id == updates.c.post_id)
        .join(journal, journal.c.post_id == updates.c.post_id)
        .where(
            updates.c.state.in_(("live", "withdrawn")),
            updates.c.at > since,
            journal.c.what == "judged",
            journal.c.by == "rules",
            journal.c.verdict == "publish",
            journal.c.details.is_not(None),
        )
        .order_by(updates.c.at, updates.c.id, journal.c.id)
    )
    found = {row[0]: Published(row[1], _post(row[2]), tuple(_decode(row[3])["facts"])) for row in tx.run(statement)}
    return list(found.values())


def of_set(tx: Transaction, rule_set_id: int, limit: int, *, after: int = 0) -> list[tuple[Verdict, tuple[str, ...]]]:
    """What a rule set said lately: verdict and all rules that matched, oldest first, of the last judgements by any set.

    Args:
        limit: How many judgements are looked at; those of other sets, and what was overruled, are left out.
        after: Only what stands behind this line of the journal.
    """
    statement = (
        select(journal.c.verdict, journal.c.rule, journal.c.rule_set_id, journal.c.details)
        .where(journal.c.what == "judged", journal.c.by == "rules", journal.c.id > after)
        .order_by(journal.c.id.desc())
        .limit(limit)
    )
    rows = [row for row in tx.run(statement).all() if row[2] == rule_set_id]
    return [(Verdict(row[0]), _matched(row[1], row[3])) for row in reversed(rows)]


def matched(tx: Transaction, line_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """All rules that matched at these judgements, by the line's id."""
    found: dict[int, tuple[str, ...]] = {}
    for part in chunks(list(line_ids)):
        rows = tx.run(select(journal.c.id, journal.c.rule, journal.c.details).where(journal.c.id.in_(part)))
        found.update({row[0]: _matched(row[1], row[2]) for row in rows})
    return found


def _matched(rule: str | None, details: bytes | None) -> tuple[str, ...]:
    if not rule:
        return ()
    return tuple((_decode(details) if details else {}).get("rules", [rule]))


_NOBODY = ("milepost", "author", "platform", "clock")  # who is neither the rules nor a person


def told(tx: Transaction, *, since: datetime) -> Iterator[Told]:
    """What rules said of each post since a time, and what a person said of it later; the newest first, no post is read.

    A post that was judged again counts by its last judgement. A withdrawal by a person is a "drop".
    """
    columns = (
        journal.c.id,
        journal.c.post_id,
        journal.c.at,
        journal.c.what,
        journal.c.by,
        journal.c.verdict,
        journal.c.rule,
        journal.c.details,
    )
    found = select(*columns).where(
        journal.c.what.in_(("judged", "withdrawn")), journal.c.by.not_in(_NOBODY), journal.c.post_id.is_not(None)
    )
    person: dict[int, Verdict] = {}
    done: set[int] = set()
    before = None
    while True:
        statement = found if before is None else found.where(journal.c.id < before)
        rows = tx.run(statement.order_by(journal.c.id.desc()).limit(_PAGE)).all()
        for _, post_id, at, what, by, verdict, rule, details in rows:
            if at < since:
                return
            if by != "rules":
                person.setdefault(post_id, Verdict.DROP if what == "withdrawn" else Verdict(verdict))
            elif post_id not in done:
                done.add(post_id)
                more = _decode(details) if details else {}
                rules = tuple(more.get("rules", [rule] if rule else []))
                shadow = tuple(more.get("shadow", ()))
                yield Told(at, Verdict(verdict), rule or "", rules, shadow, person.pop(post_id, None))
        if len(rows) < _PAGE:
            return
        before = rows[-1][0]
