"""An edit is judged again; what it does to an update that stands depends on the new verdict and the new words."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from bot.core.model import Update, UpdateState, Verdict
from bot.core.stories.choruses import is_bare, phrase
from bot.core.text.normal import normalise
from bot.pipeline.curate.case import SUPERSEDED, Case, overrule, settle
from bot.pipeline.curate.chorus import Choir
from bot.store import choruses, copies, feed, journal, posts
from bot.store.database import Transaction
from bot.store.posts import Decision, StoredPost

_CLOSED = {"removed": "removed at its source", "withdrawn": "told and withdrawn"}


def follow_edit(
    tx: Transaction,
    case: Case,
    choir: Choir,
    *,
    quiet: bool,
    told: AbstractSet[int],
    others: AbstractSet[int],
    closed: Mapping[int, str],
) -> None:
    """Settle what becomes of an edit, and of the update that its post has.

    Args:
        choir: Of the batch.
        quiet: Quiet mode is on, and holds this post.
        told: Stories that are told.
        others: Those of them whose words this author must not tell a second time.
        closed: Why stories are closed.
    """
    post = case.stored.post
    earlier = [found for found in posts.by_key(tx, post.platform, post.native_id) if found.id != case.stored.id]
    live = [update for update in feed.of_post(tx, [found.id for found in earlier]) if update.state is UpdateState.LIVE]
    _supersede(tx, case, earlier)
    story = case.match.story_id
    is_own = any(found.story_id == story for found in earlier)
    if not live and is_own and closed.get(story) and case.verdict is not Verdict.DROP:
        # an edit opens again what was closed, but only for a person: a full stop more must not bring it back by itself
        case.again_at = None
        overrule(
            case, Verdict.HOLD, f"edited by its author after it was {closed[story]}: waits for a person; {case.why}"
        )
    elif not live:
        _settle(
            tx,
            case,
            earlier,
            quiet=quiet,
            told=told,
            closed={} if is_own else closed,
            is_own=is_own,
            text_alone_chars=choir.text_alone_chars,
        )
    elif case.verdict is Verdict.PUBLISH and _says_another(tx, case, live[-1], choir, others, closed):
        case.untell = live[-1]
    elif case.verdict is Verdict.PUBLISH and not quiet:
        case.revise = live[-1]
        case.why += f"; edited by its author: update {live[-1].slug} follows"
    else:
        case.untell = live[-1]
        slug = case.untell.slug
        case.why += f"; edited by its author after it was told: update {slug} is taken off until somebody looks"
        if case.verdict is Verdict.PUBLISH:
            overrule(case, Verdict.HOLD, case.why)


def _supersede(tx: Transaction, case: Case, earlier: Sequence[StoredPost]) -> None:
    """Earlier versions wait no longer."""
    for found in earlier:
        if found.id > case.stored.id or found.verdict not in (Verdict.HOLD, Verdict.WAIT):
            continue
        line = journal.Line(
            case.stored.post.seen_at, "judged", "milepost", SUPERSEDED, post_id=found.id, verdict="drop"
        )
        (number,) = journal.write(tx, [line])
        posts.decide(tx, [Decision(found.id, found.story_id or found.id, Verdict.DROP, number, None)])


def _settle(
    tx: Transaction,
    case: Case,
    earlier: Sequence[StoredPost],
    *,
    quiet: bool,
    told: AbstractSet[int],
    closed: Mapping[int, str],
    is_own: bool,
    text_alone_chars: int,
) -> None:
    """An edit of what was not told by itself: one of a chorus goes on with it, or says something of its own now."""
    voice = next(iter(choruses.of_posts(tx, [found.id for found in earlier]).values()), None)
    settle(case, quiet=quiet, told=told - {case.match.story_id} if voice and is_own else told, closed=closed)
    if voice and case.tell and (words := phrase(case.stored.post, text_alone_chars)):
        update = feed.by_id(tx, voice[1])
        if update is not None and update.state is UpdateState.LIVE and normalise(update.text) == words:
            case.tell, case.chorus, case.joins = False, voice[0], True
            case.why += f"; edited, and the same few words as post {voice[0]}: counted with it"


def _says_another(
    tx: Transaction, case: Case, update: Update, choir: Choir, told: AbstractSet[int], closed: Mapping[int, str]
) -> bool:
    """Whether a told post says now what another story or a chorus says; then the case says what becomes of it."""
    post, story, first = case.stored.post, case.match.elsewhere, case.match.chorus_of
    if not (story or first) or normalise(update.text) == normalise(post.text):
        return False
    off = f"update {update.slug} is taken off"
    if story in told:
        (name, *_) = [f"update {one.update.slug}" for one in copies.live(tx, [story])] or [f"story {story}"]
        overrule(case, Verdict.DROP, f"edited to what {name} says already: {off}")
        case.said_already = True
    elif story in closed:
        was = _CLOSED.get(closed[story], f"{closed[story]} by a person")
        overrule(case, Verdict.HOLD, f"edited to what story {story} says, which was {was}: {off}, waits for a person")
    elif first and is_bare(post) and choir.goes_on(case, update):
        number = choruses.standing(tx, [first]).get(first)
        standing = feed.by_id(tx, number) if number else None
        name = f"update {standing.slug}" if standing else f"post {first}"
        case.why += f"; edited to what {name} says already: {off}, counted with it"
        case.chorus, case.joins, case.said_already = first, True, True
    else:
        return False
    return True
