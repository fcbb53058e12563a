"""Stories as the store has them: posts and updates with one number, what people said of them, what follows what.

A story is named by the number of one of its posts, the first as far as history allows; a story that began with our own words
by minus the number of that update. Every post stands in exactly one story. What people say of stories (`apart`) is theirs
alone to take back: a join that the curator finds never goes against it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, delete, func, or_, select, update

from bot.core.model import Update, UpdateState, Verdict
from bot.store import marks, posts
from bot.store.bulk import among, insert_ignore
from bot.store.database import Transaction
from bot.store.schema import apart, follow_ups, journal, updates
from bot.store.schema import posts as posts_table

NOBODY = ("rules", "milepost", "platform", "clock")  # who stands in the journal and is neither a person nor an author
_MARK = "stories"  # counts what people did to stories: whoever holds an index builds it again
_decode_update = msgspec.json.Decoder(Update).decode


class Apart(msgspec.Struct, frozen=True, gc=False):
    """A person's word that two stories are not one.

    Attributes:
        story_id: The lesser number.
        at: Event time.
        by: Who said so.
    """

    story_id: int
    other_id: int
    at: datetime
    by: str
    why: str


class Size(msgspec.Struct, frozen=True, gc=False):
    """A story of a span of time.

    Attributes:
        posts: How many posts of it were seen in the span, each version counted.
        last_at: When the last of them was seen.
    """

    story_id: int
    posts: int
    last_at: datetime


# -- which posts are one story ------------------------------------------------------------------------------------------


def join(tx: Transaction, into: int, others: Sequence[int]) -> tuple[int, ...]:
    """Make other stories part of one; what people said of them follows, and so do follow-ups.

    Costs one statement where there is nothing to do, and is found by indexes, whatever the number of posts. To be called after
    the posts of this transaction have their stories (`posts.decide`), and under `tx.alone()`.

    Args:
        into: The story that stays; minus an update's number for one of our own words.
        others: In any order; `into` itself, and stories that do not exist, do no harm.

    Returns:
        Those that are part of `into` now, in the order given. One that people keep apart from it stays where it is.
    """
    wanted = [number for number in dict.fromkeys(others) if number and number != into]
    if not wanted:
        return ()
    kept_apart = _neighbours(tx, [into, *wanted])
    joined = []
    for other in wanted:
        if other in kept_apart.get(into, ()):
            continue
        joined.append(other)
        for beyond in kept_apart.pop(other, set()):
            kept_apart.setdefault(into, set()).add(beyond)
            kept_apart.setdefault(beyond, set()).add(into)
    if joined:
        _move(tx, into, joined)
        _follow_apart(tx, into, joined)
        _follow_follow_ups(tx, into, joined)
    return tuple(joined)


def decided(tx: Transaction, idents: Collection[int]) -> set[int]:
    """Which of these posts are bound to their story whatever they say now: a version was told, rejected or taken down.

    A version that a person dropped only because another copy was told does not bind.
    """
    told = select(posts_table.c.ident).join(updates, updates.c.post_id == posts_table.c.id)
    found = {int(key) for key in tx.run(told.where(among(tx, posts_table.c.ident, idents))).scalars()}
    dropped = (
        select(posts_table.c.ident, journal.c.details)
        .join(journal, journal.c.id == posts_table.c.judgement_id)
        .where(
            among(tx, posts_table.c.ident, idents),
            posts_table.c.verdict == Verdict.DROP.value,
            journal.c.by.not_in(NOBODY),
        )
    )
    for key, details in tx.run(dropped):
        more = msgspec.json.decode(details) if details else {}
        if "with" not in more or "rejected" in more:
            found.add(int(key))
    return found


def of_versions(tx: Transaction, idents: Collection[int]) -> dict[int, set[int]]:
    """The stories that the versions of each of these posts are in."""
    found: dict[int, set[int]] = {}
    told = select(posts_table.c.ident, posts_table.c.story_id).where(among(tx, posts_table.c.ident, idents))
    for key, story in tx.run(told.where(posts_table.c.story_id.is_not(None))):
        found.setdefault(int(key), set()).add(int(story))
    return found


def split(tx: Transaction, story_id: int, post_ids: Sequence[int]) -> tuple[int, int]:
    """Let posts leave their story and be one of their own; the update of a post goes with it.

    Args:
        story_id: The story that all of them belong to.
        post_ids: Some of its posts, not all that it has: our own words alone can stay behind.

    Returns:
        The numbers of the story that left and of the one that stays. Each is the first of its posts; the one that stays keeps its
        number unless the post of that number leaves. What people said of the whole holds for both.
    """
    leaving = sorted(set(post_ids))
    staying = [number for number in post_numbers(tx, story_id) if number not in set(leaving)]
    part, rest = leaving[0], story_id
    if story_id in leaving:
        rest = staying[0] if staying else -min(_own_words(tx, story_id))
    said = [*apart_from(tx, story_id)]
    if rest != story_id:  # first, else both would be moved
        stay = posts_table.c.story_id == story_id, ~among(tx, posts_table.c.id, leaving)
        tx.run(update(posts_table).where(*stay).values(story_id=rest))
        theirs = func.coalesce(updates.c.post_id, 0)
        stays = updates.c.story_id == story_id, ~among(tx, theirs, leaving)
        tx.run(update(updates).where(*stays).values(story_id=rest))
    tx.run(update(posts_table).where(among(tx, posts_table.c.id, leaving)).values(story_id=part))
    tx.run(update(updates).where(among(tx, updates.c.post_id, leaving)).values(story_id=part))
    for one in said:
        beyond = one.other_id if one.story_id == story_id else one.story_id
        for number in (part, rest):
            keep_apart(tx, number, beyond, at=one.at, by=one.by, why=one.why)
    if story_id not in (part, rest):
        tx.run(delete(apart).where(or_(apart.c.story_id == story_id, apart.c.other_id == story_id)))
        tx.run(update(follow_ups).where(follow_ups.c.earlier_id == story_id).values(earlier_id=rest))
        _rename_follow_up(tx, story_id, rest)
    return part, rest


def _move(tx: Transaction, into: int, others: Sequence[int]) -> None:
    tx.run(update(posts_table).where(among(tx, posts_table.c.story_id, others)).values(story_id=into))
    tx.run(update(updates).where(among(tx, updates.c.story_id, others)).values(story_id=into))
    own = [-number for number in (into, *others) if number < 0]
    if own:  # our own words that no post has joined yet need not know that they are a story
        alone = among(tx, updates.c.id, own), updates.c.post_id.is_(None), updates.c.story_id.is_(None)
        tx.run(update(updates).where(*alone).values(story_id=into))


def post_numbers(tx: Transaction, story_id: int) -> list[int]:
    """The numbers of a story's posts, ascending: all versions."""
    found = select(posts_table.c.id).where(posts_table.c.story_id == story_id).order_by(posts_table.c.id)
    return [int(row[0]) for row in tx.run(found)]


def of_posts(tx: Transaction, post_ids: Iterable[int]) -> dict[int, int]:
    """The stories of these posts; those without one, or that do not exist, are missing."""
    columns = select(posts_table.c.id, posts_table.c.story_id)
    rows = tx.run(columns.where(among(tx, posts_table.c.id, post_ids), posts_table.c.story_id.is_not(None)))
    return {int(row[0]): int(row[1]) for row in rows}


def of_update(tx: Transaction, update_id: int) -> int:
    """The story of an update: minus its number for our own words that are told by nobody else; 0 where it does not exist."""
    row = tx.run(select(updates.c.story_id, updates.c.post_id).where(updates.c.id == update_id)).first()
    if row is None:
        return 0
    return int(row[0] or (0 if row[1] else -update_id))


def now(tx: Transaction, story_id: int) -> int:
    """The story that bears this number, or that one of this number has become part of; 0 where there never was one."""
    if story_id < 0:
        return of_update(tx, -story_id)
    if tx.run(select(posts_table.c.id).where(posts_table.c.story_id == story_id).limit(1)).first():
        return story_id
    return of_posts(tx, [story_id]).get(story_id, 0)


def names(tx: Transaction, story_id: int) -> list[int]:
    """Every number under which the log may speak of a story, its own included: those of its posts and of its updates."""
    found = select(updates.c.id).where(updates.c.story_id == story_id, updates.c.post_id.is_(None))
    return sorted({story_id, *post_numbers(tx, story_id), *(-int(row[0]) for row in tx.run(found))})


def updates_of(tx: Transaction, story_id: int) -> list[Update]:
    """Updates of a story, our own words included, oldest first; also withdrawn ones."""
    mine = updates.c.story_id == story_id
    if story_id < 0:
        mine = or_(mine, (updates.c.id == -story_id) & updates.c.story_id.is_(None))
    return [_decode_update(row[0]) for row in tx.run(select(updates.c.body).where(mine).order_by(updates.c.id))]


def standing(tx: Transaction, story_id: int) -> list[Update]:
    """Updates of a story that readers see, oldest first; more than one where it was told before people or posts joined it."""
    return [update for update in updates_of(tx, story_id) if update.state is UpdateState.LIVE]


def _own_words(tx: Transaction, story_id: int) -> list[int]:
    own = select(updates.c.id).where(updates.c.story_id == story_id, updates.c.post_id.is_(None))
    return [int(row[0]) for row in tx.run(own)]


def sizes(tx: Transaction, *, since: datetime, limit: int, newest: bool = False) -> list[Size]:
    """Stories that posts of a span belong to: the largest first, or those that a post joined last.

    Looks at every post of the span: for a person's question, not for a step.
    """
    count, last_at = func.count(), func.max(posts_table.c.seen_at)
    order = (last_at.desc(),) if newest else (count.desc(), last_at.desc())
    found = (
        select(posts_table.c.story_id, count, last_at)
        .where(
            posts_table.c.id >= posts.first_since(tx, since),
            posts_table.c.seen_at >= since,
            posts_table.c.story_id.is_not(None),
        )
        .group_by(posts_table.c.story_id)
        .order_by(*order, posts_table.c.story_id.desc())
        .limit(limit)
    )
    return [Size(int(row[0]), int(row[1]), row[2]) for row in tx.run(found)]


def judge_again(tx: Transaction, post_ids: Sequence[int]) -> None:
    """Take the verdicts off these posts: the curator judges them in the story that they now have."""
    if post_ids:
        fresh = {"verdict": None, "rule_set_id": None, "again_at": None}
        tx.run(update(posts_table).where(among(tx, posts_table.c.id, post_ids)).values(fresh))


# -- what people said ---------------------------------------------------------------------------------------------------


def said(tx: Transaction) -> str:
    """Changes whenever a person splits or joins stories: an index that is older has to be built again; "" at first."""
    return marks.get(tx, _MARK)


def say(tx: Transaction) -> None:
    """A person has split or joined stories."""
    marks.next_number(tx, _MARK)


def keep_apart(tx: Transaction, story_id: int, other_id: int, *, at: datetime, by: str, why: str) -> None:
    """A person's word that two stories are never one; the first word stays where it was said before."""
    if story_id == other_id:
        return
    low, high = sorted((story_id, other_id))
    tx.run(insert_ignore(tx, apart), {"story_id": low, "other_id": high, "at": at, "by": by, "why": why})


def let_together(tx: Transaction, story_ids: Sequence[int]) -> list[Apart]:
    """Take back that any two of these stories are apart; gives what was said."""
    among_them = among(tx, apart.c.story_id, story_ids), among(tx, apart.c.other_id, story_ids)
    found = _aparts(tx, *among_them)
    if found:
        tx.run(delete(apart).where(*among_them))
    return found


def apart_pairs(tx: Transaction) -> list[tuple[int, int]]:
    """All stories that people keep apart, in pairs, the lesser number first: for an index. As many as people have said."""
    rows = tx.run(select(apart.c.story_id, apart.c.other_id).order_by(apart.c.story_id, apart.c.other_id))
    return [(int(row[0]), int(row[1])) for row in rows]


def apart_from(tx: Transaction, story_id: int) -> list[Apart]:
    """What people said of one story, in the order in which they said it."""
    return _aparts(tx, or_(apart.c.story_id == story_id, apart.c.other_id == story_id))


def _aparts(tx: Transaction, *where: ColumnElement[bool]) -> list[Apart]:
    found = select(apart).where(*where).order_by(apart.c.at, apart.c.story_id, apart.c.other_id)
    return [Apart(*row) for row in tx.run(found)]


def _neighbours(tx: Transaction, story_ids: Sequence[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for one in _aparts(tx, or_(among(tx, apart.c.story_id, story_ids), among(tx, apart.c.other_id, story_ids))):
        found.setdefault(one.story_id, set()).add(one.other_id)
        found.setdefault(one.other_id, set()).add(one.story_id)
    return found


def _follow_apart(tx: Transaction, into: int, joined: Sequence[int]) -> None:
    theirs = or_(among(tx, apart.c.story_id, joined), among(tx, apart.c.other_id, joined))
    found = _aparts(tx, theirs)
    if not found:
        return
    tx.run(delete(apart).where(theirs))
    for one in found:
        low, high = (into if number in joined else number for number in (one.story_id, one.other_id))
        keep_apart(tx, low, high, at=one.at, by=one.by, why=one.why)


# -- what follows what --------------------------------------------------------------------------------------------------


def follow(tx: Transaction, story_id: int, earlier_id: int) -> None:
    """Remember that a story adds a fact to an earlier one; what was remembered first stays."""
    if story_id != earlier_id:
        tx.run(insert_ignore(tx, follow_ups), {"story_id": story_id, "earlier_id": earlier_id})


def followed(tx: Transaction, story_ids: Iterable[int]) -> dict[int, int]:
    """The earlier story of each of these; those that follow none are missing."""
    rows = tx.run(select(follow_ups).where(among(tx, follow_ups.c.story_id, story_ids)))
    return {int(row.story_id): int(row.earlier_id) for row in rows}


def following(tx: Transaction, story_ids: Iterable[int]) -> dict[int, list[int]]:
    """The stories that add a fact to each of these, ascending; those that none follows are missing."""
    rows = tx.run(
        select(follow_ups).where(among(tx, follow_ups.c.earlier_id, story_ids)).order_by(follow_ups.c.story_id)
    )
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(int(row.earlier_id), []).append(int(row.story_id))
    return found


def _follow_follow_ups(tx: Transaction, into: int, joined: Sequence[int]) -> None:
    """Follow-ups of stories that are part of `into` now; a story never follows itself, nor one that follows it."""
    theirs = or_(among(tx, follow_ups.c.story_id, joined), among(tx, follow_ups.c.earlier_id, joined))
    rows = tx.run(select(follow_ups).where(theirs).order_by(follow_ups.c.story_id)).all()
    if not rows:
        return
    tx.run(delete(follow_ups).where(theirs))
    for row in rows:
        story, earlier = (into if number in joined else int(number) for number in (row.story_id, row.earlier_id))
        if followed(tx, [earlier]).get(earlier) != story:
            follow(tx, story, earlier)


def _rename_follow_up(tx: Transaction, story_id: int, name: int) -> None:
    earlier = followed(tx, [story_id]).get(story_id)
    if earlier is not None:
        tx.run(delete(follow_ups).where(follow_ups.c.story_id == story_id))
        follow(tx, name, earlier)
