"""Stories for people: which there are, what belongs to one and why, and a person's word on it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.app import look
from bot.app.hall import App
from bot.app.outside import PLATFORM_NAMES
from bot.core.desk import Desk
from bot.core.errors import NotFoundError, RefusedError
from bot.core.model import Update, UpdateState, Verdict
from bot.core.reports import Joined
from bot.core.stories.leading import Candidate, in_order, reason
from bot.core.story_reports import KeptApart, OneStory, Split, StoryLife, StoryLine, StoryMember
from bot.pipeline import regroup
from bot.store import choruses, joining, journal, posts, stories
from bot.store.database import Transaction
from bot.store.posts import StoredPost

_WORDS = {Verdict.HOLD: "held", Verdict.WAIT: "waits", None: "not judged yet"}


def several(app: App, *, since: datetime, limit: int, newest: bool = False) -> list[StoryLine]:
    """Stories of a span of time: the largest first, or with `newest` those that a post joined last."""
    with app.database.read() as tx:
        return [_line(tx, size, app.desk) for size in stories.sizes(tx, since=since, limit=limit, newest=newest)]


def show(app: App, reference: str) -> StoryLife:
    """One story, whole.

    Args:
        reference: A story's number, or whatever names a post or an update.

    Raises:
        NotFoundError: Nothing has this name, or it has no story yet.
    """
    story = find(app, reference)
    with app.database.read() as tx:
        members = posts.of_story(tx, story)
        ids = [stored.id for stored in members]
        joined = look.whole(tx, joining.reasons(tx, ids))
        lines = journal.judged(tx, [stored.judgement_id for stored in members])
        updates = stories.updates_of(tx, story)
        lead, why_leads = _lead(members, updates, app.desk)
        return StoryLife(
            id=story,
            verdict=_verdict(members, updates),
            lead=lead,
            why_leads=why_leads,
            members=tuple(_member(stored, lines, joined) for stored in members),
            updates=tuple(updates),
            earlier=stories.followed(tx, [story]).get(story, 0),
            later=tuple(stories.following(tx, [story]).get(story, ())),
            apart=tuple(
                KeptApart(one.other_id if one.story_id == story else one.story_id, one.by, one.at, one.why)
                for one in stories.apart_from(tx, story)
            ),
            moves=tuple(joining.moves(tx, ids)),
            chorus_of=next((one.chorus_of for one in joined.values() if one.chorus_of), 0),
            voices=tuple(
                number
                for update in updates
                if update.state is UpdateState.LIVE
                for number in choruses.voices(tx, update.id)
            ),
        )


def split(app: App, references: Sequence[str], *, by: str, why: str = "") -> Split:
    """Let posts be a story of their own.

    Raises:
        NotFoundError: Nothing has one of these names.
        RefusedError: They cannot leave; the message says why. Nothing was changed.
    """
    wanted = []
    for reference in references:
        found = look.find(app, reference)
        if not found.versions:
            raise RefusedError(
                f"{reference!r} is an update of the desk's own: split off the posts that say something else"
            )
        wanted.append(found.versions[-1].id)
    return regroup.split(
        app.database, app.desk_and_people(), list(dict.fromkeys(wanted)), now=app.now(), by=by, why=why
    )


def join(app: App, references: Sequence[str], *, by: str, why: str = "") -> OneStory:
    """Make stories one.

    Args:
        references: At least two that are not the same; each as `show` takes it.

    Raises:
        NotFoundError: Nothing has one of these names.
        RefusedError: It is one story, named twice.
    """
    if len({_named(app, reference) for reference in references}) < 2:
        raise RefusedError(f"{references[0]}: a story cannot be joined with itself: name two")
    wanted = [find(app, reference) for reference in references]
    return regroup.join(app.database, app.desk, wanted, now=app.now(), by=by, why=why)


def find(app: App, reference: str) -> int:
    """The story that a person means: by its number, by that of a story that it has taken up, or by a post or update of it.

    Raises:
        NotFoundError: Nothing has this name, or it has no story yet.
    """
    number = _own(reference)
    with app.database.read() as tx:
        story = stories.now(tx, number) if number else 0
    if story:
        return story
    if number:
        raise NotFoundError(f"story {number} is unknown: it would be one of our own words")
    found = look.find(app, reference)
    with app.database.read() as tx:
        if found.versions:
            story = stories.of_posts(tx, [found.versions[-1].id]).get(found.versions[-1].id, 0)
        elif found.update:
            story = stories.of_update(tx, found.update.id)
    if not story:
        raise NotFoundError(f"{reference!r} has no story yet: it is not judged; try again in a moment")
    return story


def _own(reference: str) -> int:
    """The number of a story that began with our own words; 0 where it is none."""
    digits = reference.strip().removeprefix("-")
    is_own = reference.strip().startswith("-") and digits.isascii() and digits.isdigit() and len(digits) < 19
    return -int(digits) if is_own else 0


def _named(app: App, reference: str) -> tuple[str, int]:
    """What a reference names, so that the same one is known again however it is written."""
    if number := _own(reference):
        return "update", -number
    found = look.find(app, reference)
    if found.versions:
        return "post", found.versions[0].ident
    return "update", found.update.id if found.update else 0


def _lead(members: Sequence[StoredPost], updates: Sequence[Update], desk: Desk) -> tuple[int, str]:
    standing = [update for update in updates if update.state is UpdateState.LIVE]
    if standing and not standing[0].post_id:
        return 0, "our own words stand for it"
    if standing:
        return standing[0].post_id, "it was told, and what was told leads"
    held = [Candidate(stored.id, stored.post) for stored in members if stored.verdict is Verdict.HOLD]
    if held:
        best = in_order(held, desk)[0]
        return best.post_id, f"of those that wait it is {reason(best, held[0], desk) or 'the first'}"
    later = [stored.id for stored in members if stored.verdict is Verdict.WAIT]
    if later:
        return later[0], "it came first of those that wait for their time"
    return (members[0].id, "it came first") if members else (0, "our own words, not told")


def _verdict(members: Sequence[StoredPost], updates: Sequence[Update]) -> str:
    states = {update.state for update in updates}
    if UpdateState.LIVE in states:
        return "told"
    verdicts = {stored.verdict for stored in members}
    for verdict, word in _WORDS.items():
        if verdict in verdicts:
            return word
    if Verdict.PUBLISH in verdicts and not states:
        return "counted"  # with the update of others who say the same few words
    return "withdrawn" if UpdateState.WITHDRAWN in states else "dropped"


def _member(
    stored: StoredPost, lines: Mapping[int, tuple[str, str, str, str]], joined: Mapping[int, Joined]
) -> StoryMember:
    return StoryMember(
        id=stored.id,
        post=stored.post.key,
        author=_author(stored),
        platform=_platform(stored),
        at=stored.post.created_at,
        verdict=stored.verdict.value if stored.verdict else "",
        why=lines[stored.judgement_id][0] if stored.verdict and stored.judgement_id in lines else "",
        text=stored.post.text or stored.post.title,
        url=stored.post.url,
        is_edit=stored.post.is_edit,
        joined=joined.get(stored.id),
    )


def _author(stored: StoredPost) -> str:
    author = stored.post.author
    return author.handle or author.name or author.id


def _platform(stored: StoredPost) -> str:
    return PLATFORM_NAMES.get(stored.post.platform, stored.post.platform)


def _line(tx: Transaction, size: stories.Size, desk: Desk) -> StoryLine:
    members, updates = posts.of_story(tx, size.story_id), stories.updates_of(tx, size.story_id)
    lead, _ = _lead(members, updates, desk)
    standing = [update for update in updates if update.state is UpdateState.LIVE]
    found = StoryLine(
        size.story_id, size.posts, size.last_at, _verdict(members, updates), lead, "", "", "", _slug(standing)
    )
    stored = next((one for one in members if one.id == lead), None)
    if stored is None:
        text = standing[0].title or standing[0].text if standing else ""
        return replace(found, text=text)
    text = stored.post.text or stored.post.title
    return replace(found, author=_author(stored), platform=_platform(stored), text=text)


def _slug(standing: Sequence[Update]) -> str:
    return standing[0].slug if standing else ""
