"""The curation log: what was seen, decided, told and taken back, and why. Append-only.

A judgement is a line of the journal, and a post names the line that decided it: there is no second place to look. Lines
hold internal ids; names are joined on reading, so that forgetting a person leaves the log whole.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Text, cast, func, or_, select

from bot.core.model import Post, Update
from bot.core.reports import JournalLine, LogFilter
from bot.store import authors
from bot.store.bulk import Bulk, among, stamps
from bot.store.database import AnySelect, Transaction, chunks
from bot.store.schema import bodies, journal, posts, rule_sets, updates

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.decode
_post = msgspec.json.Decoder(Post).decode
_update = msgspec.json.Decoder(Update).decode


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line to be written.

    Attributes:
        at: Event time.
        what: "judged", "told", "withdrawn", "sent", … (one word; `milepost log --what`).
        by: Who: "rules", a person's name, "author", "platform", "clock", "milepost".
        why: For a person; "" where the word says all.
        place: The source or account it is about; "" for none.
        details: Small and JSON-shaped; None for none.
    """

    at: datetime
    what: str
    by: str
    why: str = ""
    post_id: int | None = None
    story_id: int | None = None
    update_id: int | None = None
    place: str | None = None
    verdict: str | None = None
    rule: str | None = None
    rule_set_id: int | None = None
    details: object = None


_insert = Bulk(
    lambda _: journal.insert(),
    (
        "id",
        "at",
        "what",
        "post_id",
        "story_id",
        "update_id",
        "place",
        "by",
        "verdict",
        "rule",
        "rule_set_id",
        "why",
        "details",
    ),
)


def write(tx: Transaction, lines: Sequence[Line]) -> Sequence[int]:
    """Append lines in their order; gives their ids."""
    if not lines:
        return ()
    ids = tx.reserve(journal, len(lines))
    stamp = stamps(tx)
    _insert.run(
        tx,
        [
            (
                number,
                stamp(line.at),
                line.what,
                line.post_id,
                line.story_id,
                line.update_id,
                line.place,
                line.by,
                line.verdict,
                line.rule,
                line.rule_set_id,
                line.why,
                None if line.details is None else _encode(line.details),
            )
            for number, line in zip(ids, lines, strict=True)
        ],
    )
    return ids


def details(tx: Transaction, line_id: int) -> Any:
    """The details of one line; None where it has none or does not exist."""
    found = tx.run(select(journal.c.details).where(journal.c.id == line_id)).scalar()
    return None if found is None else _decode(found)


def judged(tx: Transaction, line_ids: Sequence[int]) -> dict[int, tuple[str, str, str, str]]:
    """Why, rule, strand and by whom of these judgements."""
    found: dict[int, tuple[str, str, str, str]] = {}
    for part in chunks(list(line_ids)):
        for row in tx.run(
            select(journal.c.id, journal.c.why, journal.c.rule, journal.c.details, journal.c.by).where(
                journal.c.id.in_(part)
            )
        ):
            more = _decode(row[3]) if row[3] else {}
            found[row[0]] = (row[1], row[2] or "", str(more.get("strand", "")), row[4])
    return found


def rule_of(tx: Transaction, line_id: int) -> str:
    """The rule that decided, as a line says; "" for none, and where the line does not exist."""
    return str(tx.run(select(journal.c.rule).where(journal.c.id == line_id)).scalar() or "")


def who(tx: Transaction, line_id: int) -> str:
    """Who wrote a line; "" where it does not exist."""
    return str(tx.run(select(journal.c.by).where(journal.c.id == line_id)).scalar() or "")


def last_id(tx: Transaction) -> int:
    """The id of the newest line; 0 for an empty journal."""
    return int(tx.run(select(journal.c.id).order_by(journal.c.id.desc()).limit(1)).scalar() or 0)


def with_line(tx: Transaction, post_ids: Iterable[int], what: str) -> set[int]:
    """Which of these posts have a line of this kind."""
    found: set[int] = set()
    for part in chunks(list(post_ids)):
        found.update(
            tx.run(select(journal.c.post_id).where(journal.c.post_id.in_(part), journal.c.what == what)).scalars()
        )
    return found


def read(tx: Transaction, wanted: LogFilter) -> list[JournalLine]:
    """Lines that fit, oldest first: the last `limit` of them, or the first after `after_id` when following."""
    statement = _select()
    if wanted.post_ids:
        statement = statement.where(journal.c.post_id.in_(wanted.post_ids))
    if wanted.update_ids:
        statement = statement.where(journal.c.update_id.in_(wanted.update_ids))
    if wanted.story_ids:
        statement = statement.where(among(tx, journal.c.story_id, wanted.story_ids))
    if wanted.author_ids:
        statement = statement.where(journal.c.post_id.in_(authors.post_ids(wanted.author_ids)))
    if wanted.source:
        statement = statement.where((posts.c.source == wanted.source) | (journal.c.place == wanted.source))
    if wanted.account:
        statement = statement.where(journal.c.place == wanted.account)
    if wanted.verdict:
        statement = statement.where(journal.c.verdict == wanted.verdict)
    if wanted.rule:
        statement = statement.where((journal.c.rule == wanted.rule) | _matched(tx, wanted.rule))
    if wanted.what:
        statement = statement.where(journal.c.what == wanted.what)
    if wanted.by:
        statement = statement.where(journal.c.by == wanted.by)
    if wanted.since is not None:
        statement = statement.where(journal.c.at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(journal.c.at < wanted.until)
    if wanted.after_id is not None:
        return _lines(tx, statement.where(journal.c.id > wanted.after_id).order_by(journal.c.id).limit(wanted.limit))
    return _lines(tx, statement.order_by(journal.c.id.desc()).limit(wanted.limit))[::-1]


def _matched(tx: Transaction, rule: str) -> ColumnElement[bool]:
    """The rule matched without deciding, or in shadow mode: its id stands among those at the end of the details."""
    text = cast(journal.c.details, Text) if tx.is_sqlite else func.convert_from(journal.c.details, "UTF8")
    name = "".join(f"\\{sign}" if sign in "%_\\" else sign for sign in rule)
    return or_(*(text.like(f'%"{key}":[%"{name}"%', escape="\\") for key in ("rules", "shadow")))


def of_posts(tx: Transaction, post_ids: Sequence[int], update_ids: Sequence[int]) -> list[JournalLine]:
    """Everything that the journal says of these posts and updates, oldest first."""
    found: dict[int, JournalLine] = {}
    for part in chunks(list(post_ids)):
        found.update({line.id: line for line in _lines(tx, _select().where(journal.c.post_id.in_(part)))})
    for part in chunks(list(update_ids)):
        found.update({line.id: line for line in _lines(tx, _select().where(journal.c.update_id.in_(part)))})
    return [found[key] for key in sorted(found)]


def by_ids(tx: Transaction, line_ids: Sequence[int]) -> list[JournalLine]:
    """These lines, oldest first; those that do not exist are missing."""
    return [
        line
        for part in chunks(sorted(set(line_ids)))
        for line in _lines(tx, _select().where(journal.c.id.in_(part)).order_by(journal.c.id))
    ]


def _select() -> AnySelect:
    return (
        select(
            journal.c.id,
            journal.c.at,
            journal.c.what,
            journal.c.by,
            journal.c.why,
            journal.c.post_id,
            journal.c.story_id,
            journal.c.place,
            journal.c.verdict,
            journal.c.rule,
            rule_sets.c.name,
            updates.c.slug,
            bodies.c.body,
            posts.c.source,
            journal.c.details,
            updates.c.body,
        )
        .outerjoin(posts, posts.c.id == journal.c.post_id)
        .outerjoin(bodies, bodies.c.post_id == journal.c.post_id)
        .outerjoin(updates, updates.c.id == journal.c.update_id)
        .outerjoin(rule_sets, rule_sets.c.id == journal.c.rule_set_id)
    )


def _lines(tx: Transaction, statement: AnySelect) -> list[JournalLine]:
    found = []
    for row in tx.run(statement):
        post = _post(row[12]) if row[12] else None
        told = _update(row[15]) if row[15] else None
        found.append(
            JournalLine(
                id=row[0],
                at=row[1],
                what=row[2],
                by=row[3],
                why=row[4],
                post_id=row[5] or 0,
                story_id=row[6] or 0,
                place=row[7] or "",
                verdict=row[8] or "",
                rule=row[9] or "",
                rule_set=row[10] or "",
                update=row[11] or "",
                post=post.key if post else "",
                author=(post.author.handle or post.author.name or post.author.id) if post else "",
                handle=post.author.handle if post else "",
                platform=post.platform if post else "",
                text=((post.text or post.title) if post else (told.title or told.text) if told else ""),
                source=row[13] or "",
                details=_decode(row[14]) if row[14] else None,
            ),
        )
    return found
