"""A person's word on what is one story: posts leave theirs, or stories become one.

Both are remembered: a split until somebody says the opposite, a join for good. Nothing that is public changes by itself but the
count "also posted by"; what the story alone had dropped is judged again by the rules, or by a person where it is old.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.core.desk import Desk
from bot.core.errors import NotFoundError, RefusedError
from bot.core.model import Verdict
from bot.core.stories.match import by_age
from bot.core.story_reports import KeptApart, OneStory, Split
from bot.store import copies, feed, joining, journal, posts, stories, waiting
from bot.store.database import Database, Transaction
from bot.store.posts import Decision, StoredPost


def split(database: Database, desk: Desk, post_ids: Sequence[int], *, now: datetime, by: str, why: str = "") -> Split:
    """Let posts, with all their versions, leave their story and be one of their own.

    Args:
        post_ids: Any version of each; at least one.

    Raises:
        NotFoundError: There is no such post.
        RefusedError: They are not of one story, or are all of it; nothing was changed.
    """
    with database.begin() as tx:
        tx.alone()  # a run of the curator comes before or after it, never between
        story, leaving, staying = _parts(tx, post_ids)
        taken_back = posts.closed_stories(tx, [story]).get(story) == "removed" or feed.withdrawn_stories(tx, [story])
        part, rest = stories.split(tx, story, [one.id for one in leaving])
        stories.keep_apart(tx, part, rest, at=now, by=by, why=why)
        stories.say(tx)
        _write_split(tx, leaving, staying, Split(part, rest, story, ()), now, by, why)
        again: list[StoredPost] = []
        for number, members in ((part, leaving), (rest, staying)):
            again += _set_free(tx, number, members)
        copies.set_right(tx, desk, {part, rest})
        old = [one for one in again if taken_back or one.post.seen_at < now - desk.rejudge]
        why_held = "words of it were taken back" if taken_back else "too old to be told by itself"
        why_held = f"split from story {story} by {by}: {why_held}, waits for a look"
        _hold(tx, old, {one.id: part if one in leaving else rest for one in old}, now, why_held)
        fresh = [one.id for one in again if one not in old]
        stories.judge_again(tx, fresh)
        posts_left = tuple(one.id for one in _newest(leaving))
        return Split(part, rest, story, posts_left, tuple(fresh), tuple(one.id for one in old))


def join(
    database: Database, desk: Desk, story_ids: Sequence[int], *, now: datetime, by: str, why: str = ""
) -> OneStory:
    """Make stories one; what a person said before to keep them apart does not count any more.

    Args:
        story_ids: Numbers of stories, or of what has become part of one; at least one.

    Returns:
        Without `others` where they were one already: nothing was changed then.

    Raises:
        NotFoundError: There is no such story.
    """
    with database.begin() as tx:
        tx.alone()
        numbers = []
        for given in story_ids:
            number = stories.now(tx, given)
            if not number:
                raise NotFoundError(f"story {given} is unknown: `milepost stories` lists them")
            numbers.append(number)
        numbers = list(dict.fromkeys(numbers))
        into = min(numbers, key=by_age)
        others = [number for number in numbers if number != into]
        if not others:
            return OneStory(into, told=tuple(stories.standing(tx, into)))
        members = {number: posts.of_story(tx, number) for number in numbers}
        settled = {
            number for number in numbers if stories.standing(tx, number) or joining.rejected(tx, members[number])
        }
        overruled = tuple(
            KeptApart(one.story_id if one.other_id == into else one.other_id, one.by, one.at, one.why)
            for one in stories.let_together(tx, numbers)
        )
        stories.join(tx, into, others)
        stories.say(tx)
        _write_join(tx, into, [(number, members[number]) for number in others], overruled, now, by, why)
        open_before = [one for number in numbers if number not in settled for one in members[number]]
        again = joining.waiting(open_before) if settled else []
        stories.judge_again(tx, again)
        copies.set_right(tx, desk, {into})
        return OneStory(into, tuple(others), tuple(stories.standing(tx, into)), tuple(again), overruled)


def _parts(tx: Transaction, post_ids: Sequence[int]) -> tuple[int, list[StoredPost], list[StoredPost]]:
    """The story, those of its posts that leave, and those that stay.

    Raises:
        NotFoundError: There is no such post.
        RefusedError: They cannot leave.
    """
    found = posts.by_id(tx, post_ids)
    for number in post_ids:
        one = next((stored for stored in found if stored.id == number), None)
        if one is None:
            raise NotFoundError(f"post {number} does not exist: `milepost stories show` lists the posts of a story")
        if not one.story_id:
            raise RefusedError(f"post {number} has no story yet: it is not judged; try again in a moment")
    of = {one.story_id: one.id for one in found}
    if len(of) > 1:
        where = ", ".join(f"post {number} in story {story}" for story, number in of.items())
        raise RefusedError(f"these posts are not of one story ({where}): split one story at a time")
    (story,) = of
    idents = {one.ident for one in found}  # the versions of a post are never apart
    members = posts.of_story(tx, story)
    leaving = [one for one in members if one.ident in idents]
    staying = [one for one in members if one.ident not in idents]
    own = [update for update in stories.updates_of(tx, story) if not update.post_id]
    if not staying and not own:
        if len(idents) == 1:
            raise RefusedError(f"post {post_ids[0]} is the only one of its story: there is nothing to split")
        raise RefusedError(f"these are all posts of story {story}: leave at least one where it is")
    return story, leaving, staying


def _newest(stored: Iterable[StoredPost]) -> list[StoredPost]:
    """The last version of each post, in the order of arrival."""
    last = {one.ident: one for one in stored}
    return sorted(last.values(), key=lambda one: one.id)


def _set_free(tx: Transaction, story_id: int, members: Sequence[StoredPost]) -> list[StoredPost]:
    """Posts that only their former story had dropped, where this one is neither told nor rejected."""
    if stories.standing(tx, story_id) or joining.rejected(tx, members):
        return []
    newest = _newest(members)
    free = joining.because_of_story(tx, newest)
    return [one for one in newest if one.id in free]


def _hold(tx: Transaction, old: Sequence[StoredPost], of: dict[int, int], now: datetime, why: str) -> None:
    lines = []
    for one in old:
        kept = waiting.effects(joining.ruled(tx, one.id))
        # not in the person's name: they said nothing of the post, and the rule that judged it was not overturned
        line = journal.Line(
            now, "judged", "milepost", why, post_id=one.id, story_id=of[one.id], verdict="hold", details=kept
        )
        lines.append(line)
    numbers = journal.write(tx, lines)
    decisions = [
        Decision(one.id, of[one.id], Verdict.HOLD, number, None, score=one.score)
        for one, number in zip(old, numbers, strict=True)
    ]
    posts.decide(tx, decisions)


def _write_split(
    tx: Transaction,
    leaving: Sequence[StoredPost],
    staying: Sequence[StoredPost],
    came: Split,
    now: datetime,
    by: str,
    why: str,
) -> None:
    told = f": {why}" if why else ""
    details = {"from": came.was_id, "story": came.story_id, "rest": came.rest_id}

    def line(one: StoredPost, story: int, said: str) -> journal.Line:
        return journal.Line(now, "split", by, said + told, post_id=one.id, story_id=story, details=details)

    left = f"is not story {came.rest_id}"
    if came.rest_id != came.was_id:
        left = f"is not the rest of story {came.was_id}, which is story {came.rest_id} now"
    lines = [line(one, came.story_id, left) for one in _newest(leaving)]
    if came.rest_id != came.was_id and staying:
        lines.append(line(staying[0], came.rest_id, f"was story {came.was_id}, whose first post has left"))
    journal.write(tx, lines)


def _write_join(
    tx: Transaction,
    into: int,
    others: Sequence[tuple[int, Sequence[StoredPost]]],
    overruled: Sequence[KeptApart],
    now: datetime,
    by: str,
    why: str,
) -> None:
    told = f": {why}" if why else ""
    before = f" (before, {', '.join(dict.fromkeys(one.by for one in overruled))} kept them apart)" if overruled else ""
    lines = [
        journal.Line(
            now,
            "joined",
            by,
            f"story {number} is part of story {into}{before}{told}",
            post_id=members[0].id if members else None,
            story_id=into,
            update_id=-number if number < 0 else None,
            details={"from": number, "story": into},
        )
        for number, members in others
    ]
    journal.write(tx, lines)
