"""Judgements by rules, with the post and the facts of then: what explanations, receipts, backtests and statistics read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select

from bot.core.model import Post
from bot.store.database import Transaction
from bot.store.schema import journal, posts, updates

_decode = msgspec.json.decode
_post = msgspec.json.Decoder(Post).decode
_PAGE = 2_000


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judgement by rules.

    Attributes:
        line_id: Its line in the journal.
        at: When (event time).
        verdict: What came of it, after what stands above the rules.
        rule: The rule that decided; "" for the default.
        rule_set_id: 0 where something above the rules changed the verdict.
        facts: What the rules saw around the post (`bot.core.rules.facts`).
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
                found[row[1]] = Judgement(
                    row[0],
                    row[1],
                    row[2],
                    row[3] or "",
                    row[4] or "",
                    row[5] or 0,
                    tuple(_decode(row[6])["facts"]),
                    _post(row[7]),
                    row[8] or "",
                )
        if not rows:
            break
        before = rows[-1][0]
    return sorted(found.values(), key=lambda one: one.line_id)


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
            posts.c.body,
            updates.c.slug,
        )
        .join(posts, posts.c.id == journal.c.post_id)
        .outerjoin(updates, (updates.c.post_id == posts.c.id) & (updates.c.state == "live"))
        .where(journal.c.what == "judged", journal.c.by == "rules", journal.c.details.is_not(None))
        .order_by(journal.c.id.desc())
        .limit(count)
    )
    return statement if before is None else statement.where(journal.c.id < before)


@dataclass(frozen=True, slots=True)
class Hit:
    """What one line of the journal says of rules and people.

    Attributes:
        by: "rules", or whoever decided.
        rules: Live rules that matched; the deciding one alone where details do not say more.
        shadow: Shadow rules that matched.
    """

    post_id: int
    at: datetime
    by: str
    verdict: str
    rule: str
    rules: tuple[str, ...] = ()
    shadow: tuple[str, ...] = ()


def hits(tx: Transaction, *, since: datetime) -> Iterator[Hit]:
    """Every judgement since a time, by rules and by people, newest first; posts are not read."""
    before = None
    columns = (
        journal.c.id,
        journal.c.post_id,
        journal.c.at,
        journal.c.by,
        journal.c.verdict,
        journal.c.rule,
        journal.c.details,
    )
    while True:
        statement = select(*columns).where(journal.c.what == "judged").order_by(journal.c.id.desc()).limit(_PAGE)
        rows = tx.run(statement if before is None else statement.where(journal.c.id < before)).all()
        for row in rows:
            if row[2] < since:
                return
            more = _decode(row[6]) if row[6] else {}
            rule = row[5] or ""
            rules = tuple(more.get("rules", [rule] if rule else []))
            yield Hit(row[1] or 0, row[2], row[3], row[4] or "", rule, rules, tuple(more.get("shadow", ())))
        if len(rows) < _PAGE:
            return
        before = rows[-1][0]
