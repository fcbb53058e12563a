"""The copies of what is told: how many others posted it, which are shown, which can stand in for one that is gone.

Asked for whole batches and only where a story has more than one post: its size decides the cost, nothing else.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import and_, exists, func, select

from bot.core.desk import Desk
from bot.core.model import Copy, Post, Update, UpdateState, Verdict
from bot.core.stories.leading import is_repost
from bot.store import feed
from bot.store.bulk import among
from bot.store.database import AnySelect, Transaction
from bot.store.posts import Arrival
from bot.store.schema import authors, bodies, gone, journal, posts, updates

LISTED = 20  # a story of thousands must not carry a growing list about
_READ = 200  # of a story: the first ones

_post = msgspec.json.Decoder(Post).decode
_update = msgspec.json.Decoder(Update).decode
_details = msgspec.json.decode


class Member(msgspec.Struct, frozen=True, gc=False):
    """A post of a story that is still there at its source.

    Attributes:
        id: Internal number.
        ident: The same for each version of a post.
        by: Who gave its verdict.
        rule: The rule that decided; "" where none did.
        details: Of its judgement.
    """

    id: int
    ident: int
    author_id: int
    story_id: int
    post: Post
    verdict: Verdict | None
    judgement_id: int
    by: str
    rule: str
    details: Mapping[str, Any]

    @property
    def is_clean(self) -> bool:
        """No rule and no person speaks against it: it waits, or was dropped for nothing but that its story was told."""
        ruled = str(self.details.get("ruled", ""))
        if self.verdict is not Verdict.DROP:
            return not self.rule and (self.verdict is not None)
        if "with" in self.details:  # settled with another copy that a person approved, or rejected
            return "rejected" not in self.details
        named = self.details.get("rules") if ruled != Verdict.PUBLISH.value else None
        return self.by == "rules" and not self.rule and ruled not in ("", Verdict.DROP.value) and not named


class Standing(msgspec.Struct, frozen=True, gc=False):
    """A live update of a story.

    Attributes:
        author_id: Whose post it was made from.
    """

    story_id: int
    author_id: int
    update: Update


def of(post_id: int, post: Post, *, is_same: bool) -> Copy:
    """What an update keeps of another post that tells the same."""
    return Copy(post_id, post.platform, post.url, post.author.handle, is_same)


def live(tx: Transaction, story_ids: Collection[int]) -> list[Standing]:
    """The updates of these stories that stand, oldest first."""
    if not story_ids:
        return []
    rows = tx.run(
        select(updates.c.story_id, updates.c.author_id, updates.c.body)
        .where(among(tx, updates.c.story_id, story_ids), updates.c.state == UpdateState.LIVE.value)
        .order_by(updates.c.id)
    )
    return [Standing(row[0], row[1] or 0, _update(row[2])) for row in rows]


def count(tx: Transaction, desk: Desk, stories: Collection[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """How many posts by others tell what a story's update tells.

    Args:
        stories: Story and internal id of the author whose words lead.

    Returns:
        For each; every post once, whatever its versions, without baselines and what is gone.
    """
    if not stories:
        return {}
    statement = (
        _there(select(posts.c.story_id, posts.c.author_id, func.count(posts.c.ident.distinct())))
        .where(among(tx, posts.c.story_id, {story for story, _ in stories}))
        .group_by(posts.c.story_id, posts.c.author_id)
    )
    found: dict[int, list[tuple[int, int]]] = {}
    for story, author, number in tx.run(statement):
        found.setdefault(story, []).append((desk.person(author), number))
    return {
        (story, author): sum(number for who, number in found.get(story, ()) if who != desk.person(author))
        for story, author in stories
    }


def members(tx: Transaction, story_ids: Collection[int]) -> dict[int, list[Member]]:
    """The first copies of each of these stories that are still there, oldest first; of each post its last version."""
    if not story_ids:
        return {}
    place = func.row_number().over(partition_by=posts.c.story_id, order_by=posts.c.id)
    numbered = _there(select(posts.c.id, place.label("place"))).where(among(tx, posts.c.story_id, story_ids)).subquery()
    columns = (
        posts.c.id,
        posts.c.ident,
        posts.c.author_id,
        posts.c.story_id,
        bodies.c.body,
        posts.c.verdict,
        posts.c.judgement_id,
        journal.c.by,
        journal.c.rule,
        journal.c.details,
    )
    rows = tx.run(
        select(*columns)
        .join(numbered, numbered.c.id == posts.c.id)
        .join(bodies, bodies.c.post_id == posts.c.id)
        .outerjoin(journal, journal.c.id == posts.c.judgement_id)
        .where(numbered.c.place <= _READ)
        .order_by(posts.c.id)
    )
    newest: dict[int, Member] = {}
    for row in rows:
        verdict = Verdict(row[5]) if row[5] else None
        more = _details(row[9]) if row[9] else {}
        newest[row[1]] = Member(
            row[0], row[1], row[2], row[3], _post(row[4]), verdict, row[6] or 0, row[7] or "", row[8] or "", more
        )
    found: dict[int, list[Member]] = {}
    for member in newest.values():
        found.setdefault(member.story_id, []).append(member)
    return found


def listed(desk: Desk, among_them: Sequence[Member], lead_id: int, author_id: int) -> tuple[Copy, ...]:
    """What is shown of a story's copies beside the one that leads.

    Neither reposts, nor what a rule, a person or its author's own wish is against.
    """
    person = desk.person(author_id)
    lead = next((member.ident for member in among_them if member.id == lead_id), None)
    return tuple(
        of(member.id, member.post, is_same=desk.person(member.author_id) == person)
        for member in among_them
        if member.ident != lead and member.is_clean and not is_repost(member.post) and is_allowed(desk, member.post)
    )[:LISTED]


def is_allowed(desk: Desk, post: Post) -> bool:
    """Whether readers may be sent to a post: nothing speaks against showing it."""
    return not desk.consent.objections(post, is_official=desk.official(post) is not None)


def set_right(tx: Transaction, desk: Desk, story_ids: Collection[int]) -> int:
    """Set right how many others have posted what is told, and who is listed, where one update of a story stands.

    Gives how many updates changed.
    """
    standing = live(tx, story_ids)
    alone = Counter(one.story_id for one in standing)
    standing = [one for one in standing if alone[one.story_id] == 1]
    counts = count(tx, desk, {(one.story_id, one.author_id) for one in standing})
    theirs = members(tx, {one.story_id for one in standing})
    changed = 0
    for one in standing:
        also = counts[one.story_id, one.author_id]
        shown = listed(desk, theirs.get(one.story_id, ()), one.update.post_id or 0, one.author_id)
        if (also, shown) != (one.update.also, one.update.copies):
            feed.change(tx, replace(one.update, also=also, copies=shown))
            changed += 1
    return changed


def _there(statement: AnySelect) -> AnySelect:
    """Only posts that were not taken down, by authors whose account is there, that are no baseline, and say it still."""
    later = posts.alias()
    left = select(later.c.id).where(  # a version that tells another story stands for the post
        later.c.ident == posts.c.ident, later.c.id > posts.c.id, later.c.story_id != posts.c.story_id
    )
    return (
        statement.select_from(posts)
        .outerjoin(gone, gone.c.ident == posts.c.ident)
        .outerjoin(authors, and_(authors.c.id == posts.c.author_id, authors.c.gone_at.is_not(None)))
        .where(
            gone.c.ident.is_(None),
            authors.c.id.is_(None),
            posts.c.arrival != int(Arrival.BASELINE),
            ~exists(left.correlate(posts)),
        )
    )
