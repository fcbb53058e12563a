"""Other names of posts: a source that changes its ids brings nothing twice.

Only for posts that say other names (`Post.also_known`): all others cost nothing here. A name leads to the post that had it last; an id
that is given to another entry leads to that one from then on.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import msgspec
from sqlalchemy import func, select

from bot.core.idents import ident
from bot.core.model import Post
from bot.core.recognition import keeps_its_id, kind_of, may_edit, says_the_same
from bot.store.bulk import among, insert
from bot.store.database import Transaction
from bot.store.schema import bodies, identities, posts

AGAIN = "~"  # between a version and the count that tells it from an earlier one with the same words

_decode = msgspec.json.Decoder(Post).decode


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was known under another id.

    Attributes:
        by: How many posts by which names ("link and date"), the most first.
        posts: Those of them that were stored before: post id -> name.
    """

    by: Mapping[str, int]
    posts: Mapping[int, str]


@dataclass(slots=True)
class _Kept:
    """The newest version of a post. `post` is None where it was not read; `id` 0 where it came with this batch."""

    id: int
    native_id: str
    version: str
    post: Post | None = None


def recognise(tx: Transaction, brought: Sequence[tuple[int, Post]]) -> tuple[list[tuple[int, Post]], Recognised | None]:
    """Find for posts with other names what they are, and keep their names.

    Args:
        brought: Posts with their idents (`idents.ident`), in the order in which they came; those without other names pass.

    Returns:
        The same posts in the same order with the ident, native id and version that they are kept under, without their other
        names; and what came under an id that was not known, None where nothing did.
    """
    search = _Search(tx, brought)
    found = [search.place(key, post) if post.also_known else (key, post) for key, post in brought]
    _write(tx, search.changed)
    return found, Recognised(dict(search.by.most_common()), search.posts) if search.by else None


class _Search:
    """One batch: what its names lead to, in the store and in the batch itself."""

    def __init__(self, tx: Transaction, brought: Sequence[tuple[int, Post]]) -> None:
        named = [(key, post) for key, post in brought if post.also_known]
        wanted = {key for key, _ in named}
        for _, post in named:
            wanted.update(_keys(post))
        rows = tx.run(select(identities.c.key, identities.c.ident).where(among(tx, identities.c.key, wanted)))
        self._leads: dict[int, int] = {int(row[0]): int(row[1]) for row in rows}
        self._current = _newest(tx, {key for key, _ in named}.union(self._leads.values()))
        self._read(tx, named)
        # Posts that stand in one look under their own id: what stands beside them is another post, however alike.
        self._standing = {(self._leads.get(key, key), post.seen_at) for key, post in named if self._keeps(key, post)}
        self.changed: dict[int, int] = {}
        self.by: Counter[str] = Counter()
        self.posts: dict[int, str] = {}

    def _read(self, tx: Transaction, named: Iterable[tuple[int, Post]]) -> None:
        """Read what the posts that came in another version said before."""
        wanted: dict[int, _Kept] = {}
        for key, post in named:
            for lead in (key, *(self._leads.get(name) for name in (key, *_keys(post)))):
                kept = None if lead is None else self._current.get(lead)
                if kept is not None and kept.version != post.version:
                    wanted[kept.id] = kept
        if wanted:
            rows = tx.run(select(bodies.c.post_id, bodies.c.body).where(among(tx, bodies.c.post_id, wanted)))
            for number, body in rows:
                wanted[number].post = _decode(body)

    def place(self, own: int, post: Post) -> tuple[int, Post]:
        """Where a post belongs, as it is kept."""
        names = _keys(post)
        lead, by = self._lead(own, names, post)
        if lead is None:
            lead, post = self._take_up(own, post)
        else:
            post = self._settle(lead, post)
            if by and self._leads.get(own) != lead:
                self.by[by] += 1
                if number := self._current[lead].id:
                    self.posts[number] = by
        for name in (*names.keys(), own) if lead != own or own in self._leads else names:
            if self._leads.get(name) != lead:
                self._leads[name] = self.changed[name] = lead
        return lead, msgspec.structs.replace(post, also_known=())

    def _lead(self, own: int, names: Mapping[int, str], post: Post) -> tuple[int | None, str]:
        """The post that this one is, and by which name where its id does not say it; None for a new one."""
        if self._keeps(own, post):
            return self._leads.get(own, own), ""
        for name, kind in names.items():
            lead = self._leads.get(name)
            if lead is not None and lead in self._current and (lead, post.seen_at) not in self._standing:
                return lead, kind
        return None, ""

    def _keeps(self, own: int, post: Post) -> bool:
        """Whether a post is the one that its id leads to."""
        lead = self._leads.get(own, own)
        kept = self._current.get(lead)
        if kept is None:
            return False
        if kept.version == post.version or any(self._leads.get(name) == lead for name in _keys(post)):
            return True
        return kept.post is not None and keeps_its_id(kept.post, post)

    def _take_up(self, own: int, post: Post) -> tuple[int, Post]:
        """A new post; where its id is another post's already, under an id of its own."""
        if self._leads.get(own, own) in self._current:
            native_id = f"{post.native_id}{AGAIN}{post.version[:8]}{int(post.created_at.timestamp())}"
            post = msgspec.structs.replace(post, native_id=native_id)
        lead = ident(post.platform, post.native_id)
        self._current[lead] = _Kept(0, post.native_id, post.version, post)
        return lead, post

    def _settle(self, lead: int, post: Post) -> Post:
        """A known post as it is kept: as it was, or as an edit."""
        kept = self._current[lead]
        is_as_before = kept.version == post.version
        if not is_as_before and kept.post is not None:
            is_as_before = not may_edit(kept.post, post) or says_the_same(kept.post, post)
        version = kept.version if is_as_before else post.version
        if not is_as_before:
            self._current[lead] = _Kept(kept.id, kept.native_id, version, post)
        return msgspec.structs.replace(post, native_id=kept.native_id, version=version)


def _keys(post: Post) -> dict[int, str]:
    """The names of a post as the store knows them, and their kinds; apart from ids, which may say anything."""
    return {ident(f"{post.platform}\0name", name): kind_of(name) for name in post.also_known}


def _newest(tx: Transaction, idents: AbstractSet[int]) -> dict[int, _Kept]:
    """The newest version of each of these posts that we have."""
    last = select(func.max(posts.c.id)).where(among(tx, posts.c.ident, idents)).group_by(posts.c.ident)
    rows = tx.run(select(posts.c.id, posts.c.ident, posts.c.native_id, posts.c.version).where(posts.c.id.in_(last)))
    return {int(row[1]): _Kept(int(row[0]), str(row[2]), str(row[3]).partition(AGAIN)[0]) for row in rows}


def _write(tx: Transaction, changed: Mapping[int, int]) -> None:
    if not changed:
        return
    statement = insert(identities, is_sqlite=tx.is_sqlite)
    upsert = statement.on_conflict_do_update(index_elements=["key"], set_={"ident": statement.excluded["ident"]})
    tx.run(upsert, [{"key": key, "ident": lead} for key, lead in changed.items()])
