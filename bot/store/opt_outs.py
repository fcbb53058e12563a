"""Who has asked to be left out. The list holds keyed hashes: it can say whether somebody is on it, and not who is."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from sqlalchemy import delete, select, update

from bot.core.idents import ident
from bot.store import marks
from bot.store.bulk import insert_ignore, no
from bot.store.database import Transaction
from bot.store.schema import authors, opt_outs

_SALT = "opt-out salt"
_VERSION = "opt-outs"  # counts with every change of the list


@dataclass(frozen=True, slots=True)
class OptOut:
    """Somebody who is left out.

    Attributes:
        at: Since when (event time).
        by: Who wrote it down; "author" for a message of their own.
        why: In a person's words; "" for none.
        platform: While their posts are here, else "".
        native_id: Their account id there, while their posts are here; else "".
        handle: As above.
        is_done: What they said is off the page, and out of the queue.
    """

    at: datetime
    by: str
    why: str
    platform: str = ""
    native_id: str = ""
    handle: str = ""
    is_done: bool = True


def add(tx: Transaction, platform: str, native_id: str, *, at: datetime, by: str, why: str) -> bool:
    """Leave an account out from now on; curate takes off what they said. False where it is left out already."""
    author_id = ident(platform, native_id)
    known = tx.run(select(authors.c.id).where(authors.c.id == author_id)).scalar()
    row = {
        "key": _key(_salt(tx), platform, native_id),
        "at": at,
        "by": by,
        "why": why,
        "author_id": known,
        "handled": known is None,
    }
    if tx.run(insert_ignore(tx, opt_outs).values(row).returning(opt_outs.c.key)).first() is None:
        return False
    marks.next_number(tx, _VERSION)
    return True


def remove(tx: Transaction, platform: str, native_id: str) -> bool:
    """Leave an account out no more; what was taken off stays off. False where it was not left out."""
    key = _key(_salt(tx), platform, native_id)
    if tx.run(delete(opt_outs).where(opt_outs.c.key == key)).rowcount == 0:
        return False
    marks.next_number(tx, _VERSION)
    return True


def has(tx: Transaction, platform: str, native_id: str) -> bool:
    """Whether an account is left out."""
    key = _key(_salt(tx), platform, native_id)
    return tx.run(select(opt_outs.c.key).where(opt_outs.c.key == key)).first() is not None


def listed(tx: Transaction) -> list[OptOut]:
    """All of them, the newest first."""
    statement = select(
        opt_outs.c.at,
        opt_outs.c.by,
        opt_outs.c.why,
        authors.c.platform,
        authors.c.native_id,
        authors.c.handle,
        opt_outs.c.handled,
    ).outerjoin(authors, authors.c.id == opt_outs.c.author_id)
    rows = tx.run(statement.order_by(opt_outs.c.at.desc(), opt_outs.c.key))
    return [OptOut(row[0], row[1], row[2], row[3] or "", row[4] or "", row[5] or "", bool(row[6])) for row in rows]


def to_handle(tx: Transaction, limit: int) -> list[tuple[str, int, datetime]]:
    """Those whose posts curate has not taken down yet: key, author, since when."""
    statement = select(opt_outs.c.key, opt_outs.c.author_id, opt_outs.c.at)
    rows = tx.run(statement.where(no(tx, opt_outs.c.handled)).limit(limit))
    return [(row[0], int(row[1]), row[2]) for row in rows]


def handled(tx: Transaction, key: str) -> None:
    """Curate has taken down what they said."""
    tx.run(update(opt_outs).where(opt_outs.c.key == key).values(handled=True))


class LeftOut:
    """The list as one process keeps it between its looks: read again only after a change.

    Whoever is asked about thousands of posts asks here.
    """

    def __init__(self) -> None:
        self._version = ""
        self._salt = b""
        self._keys: Collection[str] = frozenset()

    def ready(self, tx: Transaction) -> None:
        """Take in what changed."""
        version = marks.get(tx, _VERSION)
        if version == self._version:
            return
        self._version, self._salt = version, _salt(tx)
        self._keys = frozenset(tx.run(select(opt_outs.c.key)).scalars())

    def has(self, platform: str, native_id: str) -> bool:
        """Whether an account was on the list at the last `ready`."""
        return bool(self._keys) and _key(self._salt, platform, native_id) in self._keys


def _salt(tx: Transaction) -> bytes:
    found = marks.get(tx, _SALT)
    if not found:
        found = secrets.token_hex(16)
        marks.put(tx, _SALT, found)
    return bytes.fromhex(found)


def _key(salt: bytes, platform: str, native_id: str) -> str:
    name = f"{platform}\0{native_id}".encode("utf-8", "surrogatepass")
    return blake2b(name, digest_size=16, key=salt).hexdigest()
