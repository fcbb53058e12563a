"""Choruses: posts that say the same few words as an update, counted with it.

A chorus goes by the first post that said the words (`first_id`), also after another post stands for all. The update's own post
has a row only where it is not that first one: so later voices still find it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from sqlalchemy import and_, func, select, update

from bot.core.model import Update, UpdateKind, UpdateState, Verdict
from bot.core.text.normal import normalise
from bot.store import feed
from bot.store.bulk import among, insert
from bot.store.database import Transaction
from bot.store.posts import StoredPost
from bot.store.schema import authors, choruses, gone, posts, updates

_IS_VOICE = choruses.c.post_id != updates.c.post_id


def standing(tx: Transaction, first_ids: Collection[int]) -> dict[int, int]:
    """The live update of each of these choruses: first post -> update; those without one are missing."""
    return {first: number for first, number, state, _ in _told(tx, first_ids) if state == UpdateState.LIVE.value}


def taken_back(tx: Transaction, first_ids: Collection[int]) -> set[int]:
    """Which of these choruses a person withdrew: the post that stood for all is still there, its update is not."""
    return {
        first
        for first, _, state, verdict in _told(tx, first_ids)
        if state == UpdateState.WITHDRAWN.value and verdict == Verdict.PUBLISH.value
    }


def _told(tx: Transaction, first_ids: Collection[int]) -> list[tuple[int, int, str, str]]:
    """Updates that stood for these choruses, oldest first: first post, update, its state, its post's verdict."""
    what = (updates.c.id, updates.c.state, posts.c.verdict)
    itself = select(updates.c.post_id, *what).where(among(tx, updates.c.post_id, first_ids))
    another = (
        select(choruses.c.first_id, *what)
        .join(updates, updates.c.post_id == choruses.c.post_id)
        .where(among(tx, choruses.c.first_id, first_ids))
    )
    counted = (  # the one that is asked about is counted with another
        select(choruses.c.post_id, *what)
        .join(updates, updates.c.id == choruses.c.update_id)
        .where(among(tx, choruses.c.post_id, first_ids))
    )
    found: set[tuple[int, int, str, str]] = set()
    for statement in (itself, another, counted):
        found.update(
            (row[0], row[1], row[2], row[3]) for row in tx.run(statement.join(posts, posts.c.id == updates.c.post_id))
        )
    return sorted(found, key=lambda row: (row[0], row[1]))


def join(tx: Transaction, rows: Iterable[tuple[int, int, int]]) -> None:
    """Keep who says the words of an update: post, the chorus's first post, update. A post belongs to one chorus."""
    values = [{"post_id": post, "first_id": first, "update_id": told} for post, first, told in rows]
    if values:
        statement = insert(choruses, is_sqlite=tx.is_sqlite)
        fresh = {name: statement.excluded[name] for name in ("first_id", "update_id")}
        tx.run(statement.on_conflict_do_update(index_elements=["post_id"], set_=fresh), values)


def leave(tx: Transaction, post_ids: Collection[int]) -> dict[int, int]:
    """Forget that these posts say it; gives by how many voices each update has fewer. An update's own post is no voice."""
    if not post_ids:
        return {}
    mine = among(tx, choruses.c.post_id, post_ids)
    counts = (
        select(choruses.c.update_id, func.count())
        .join(updates, updates.c.id == choruses.c.update_id)
        .where(mine, _IS_VOICE)
        .group_by(choruses.c.update_id)
    )
    found = {int(row[0]): int(row[1]) for row in tx.run(counts)}
    if found:
        tx.run(choruses.delete().where(mine))
    return found


def told_stories(tx: Transaction, story_ids: Collection[int]) -> set[int]:
    """Which of these stories are told in that a post of them is counted with an update that stands."""
    statement = (
        select(posts.c.story_id)
        .join(choruses, choruses.c.post_id == posts.c.id)
        .join(updates, updates.c.id == choruses.c.update_id)
        .where(among(tx, posts.c.story_id, story_ids), updates.c.state == UpdateState.LIVE.value)
    )
    return {int(story) for story in tx.run(statement).scalars()}


def versions(tx: Transaction, idents: Collection[int]) -> list[int]:
    """Which versions of these posts are counted with an update."""
    found = select(choruses.c.post_id).join(posts, posts.c.id == choruses.c.post_id)
    return [int(number) for number in tx.run(found.where(among(tx, posts.c.ident, idents))).scalars()]


def voices(tx: Transaction, update_id: int) -> list[int]:
    """The posts that are counted with an update and are still there, in the order of arrival."""
    statement = (
        select(choruses.c.post_id)
        .join(updates, updates.c.id == choruses.c.update_id)
        .join(posts, posts.c.id == choruses.c.post_id)
        .outerjoin(gone, gone.c.ident == posts.c.ident)
        .outerjoin(authors, and_(authors.c.id == posts.c.author_id, authors.c.gone_at.is_not(None)))
        .where(
            choruses.c.update_id == update_id,
            _IS_VOICE,
            posts.c.verdict == Verdict.PUBLISH.value,
            gone.c.ident.is_(None),
            authors.c.id.is_(None),
        )
        .order_by(choruses.c.post_id)
    )
    return [int(number) for number in tx.run(statement).scalars()]


def first_of(tx: Transaction, update_id: int, post_id: int) -> int:
    """What the chorus of an update goes by: the first post that said it; the update's own where nobody else does."""
    found = tx.run(select(func.min(choruses.c.first_id)).where(choruses.c.update_id == update_id)).scalar()
    return int(found or post_id)


def of_posts(tx: Transaction, post_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """What these posts are counted with: post -> the chorus's first post, update; those that are in none are missing."""
    statement = select(choruses.c.post_id, choruses.c.first_id, choruses.c.update_id)
    rows = tx.run(statement.where(among(tx, choruses.c.post_id, post_ids)))
    return {int(row[0]): (int(row[1]), int(row[2])) for row in rows}


def move(tx: Transaction, old_id: int, new_id: int) -> None:
    """Count with another update what was counted with one."""
    tx.run(update(choruses).where(choruses.c.update_id == old_id).values(update_id=new_id))


def saying(tx: Transaction, words: str) -> Update | None:
    """The newest live update that says these few words and nothing else; None where there is none, and for no words."""
    for told in feed.live(tx) if words else ():
        if told.kind is UpdateKind.POST and not told.media and normalise(told.text) == words:
            return told
    return None


def firsts_saying(tx: Transaction, phrases: Collection[str]) -> dict[str, int]:
    """What the choruses of these few words go by, for `standing` and `taken_back`: by words; those that nobody told are missing.

    Looks at all updates: for posts that are judged again. What stands counts more than what was taken off, then what is newer.
    """
    found: dict[str, Update] = {}
    for told in (*feed.live(tx), *feed.withdrawn(tx)) if phrases else ():
        if told.kind is UpdateKind.POST and not told.media and (words := normalise(told.text)) in phrases:
            found.setdefault(words, told)
    return {words: first_of(tx, told.id, told.post_id) for words, told in found.items()}


def count_with(tx: Transaction, update: Update, joining: Sequence[StoredPost]) -> Update:
    """Count these posts with an update that stands and says the same."""
    first = first_of(tx, update.id, update.post_id)
    join(tx, [(stored.id, first, update.id) for stored in joining])
    return feed.change(tx, replace(update, chorus=update.chorus + len(joining)))


def gather(tx: Transaction, told: Update, lead: StoredPost, others: Sequence[StoredPost]) -> Update:
    """Keep who says what an update says, with those who said it with its post before."""
    earliest = min(stored.id for stored in (lead, *others))
    first, old = of_posts(tx, [lead.id]).get(lead.id, (earliest, 0))
    everybody = others if first == lead.id else (lead, *others)
    join(tx, [(stored.id, first, told.id) for stored in everybody])
    if not old:
        return told
    move(tx, old, told.id)
    return feed.change(tx, replace(told, chorus=len(voices(tx, told.id))))
