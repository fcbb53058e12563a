"""What authors said who were asked about a post, and all that the consent policy goes by, put together for one post."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.core.consent import Answer, Objection
from bot.core.desk import Desk
from bot.store import opt_outs
from bot.store.bulk import among
from bot.store.database import AnyRow, AnySelect, Transaction
from bot.store.posts import StoredPost, by_id
from bot.store.schema import authors, consents


@dataclass(frozen=True, slots=True)
class Consent:
    """One line of what was asked and answered.

    Attributes:
        post_id: The version of the post that it is about.
        at: Event time.
        by: Who asked, or took the yes back.
        answer: "yes", "no" or "revoked".
        page: It may stand on the page from then on.
        accounts: It may be sent to accounts from then on.
        evidence: Where the answer stands: an address, a message's id, what was said.
    """

    post_id: int
    at: datetime
    by: str
    answer: str
    page: bool
    accounts: bool
    evidence: str


def record(tx: Transaction, stored: StoredPost, consent: Consent) -> None:
    """Write an answer down; the last one counts."""
    tx.run(
        consents.insert(),
        {
            "ident": stored.ident,
            "post_id": stored.id,
            "at": consent.at,
            "by": consent.by,
            "answer": consent.answer,
            "page": consent.page,
            "accounts": consent.accounts,
            "evidence": consent.evidence,
        },
    )


def of_post(tx: Transaction, ident: int) -> list[Consent]:
    """Everything that was asked and answered about a post, oldest first."""
    return [_read(row) for row in tx.run(_select().where(consents.c.ident == ident).order_by(consents.c.id))]


def newest(tx: Transaction, limit: int) -> list[Consent]:
    """The last answers about any post, newest first."""
    return [_read(row) for row in tx.run(_select().order_by(consents.c.id.desc()).limit(limit))]


def answers(tx: Transaction, stored: Iterable[StoredPost]) -> dict[int, Answer]:
    """The last word about each of these posts, by post id; who was never asked is missing.

    A yes is about the words that were shown: it does not count for a later version of the post. A no counts for all.
    """
    wanted = {one.ident: one.id for one in stored}
    if not wanted:
        return {}
    found: dict[int, Answer] = {}
    rows = tx.run(
        _select().add_columns(consents.c.ident).where(among(tx, consents.c.ident, wanted)).order_by(consents.c.id)
    )
    for row in rows:
        number = wanted[int(row[7])]
        found.pop(number, None)
        if not row.page or row.post_id == number:
            found[number] = Answer(bool(row.page), bool(row.accounts))
    return found


def objections(tx: Transaction, desk: Desk, stored: StoredPost) -> tuple[tuple[Objection, ...], Answer | None]:
    """What speaks now against showing one post, and what its author said who was asked; for approving and sending.

    What its author's profile says is taken from the newest post that came from them.
    """
    answer = answers(tx, [stored]).get(stored.id)
    last = tx.run(select(authors.c.last_post_id).where(authors.c.id == stored.author_id)).scalar()
    newest_post = by_id(tx, [int(last)]) if last and int(last) != stored.id else []
    found = desk.consent.objections(
        stored.post,
        labels=newest_post[0].post.author.labels if newest_post else (),
        is_official=desk.official(stored.post) is not None,
        opted_out=opt_outs.has(tx, stored.post.platform, stored.post.author.id),
        answer=answer,
    )
    return found, answer


def _select() -> AnySelect:
    return select(
        consents.c.post_id,
        consents.c.at,
        consents.c.by,
        consents.c.answer,
        consents.c.page,
        consents.c.accounts,
        consents.c.evidence,
    )


def _read(row: AnyRow) -> Consent:
    return Consent(int(row[0]), row[1], row[2], row[3], bool(row[4]), bool(row[5]), row[6])
