"""A person's verdict. Called from console and command line; the same transaction as curate's.

It commits only if the judgement that it replaces still stands, so two editors, or an editor and a rule, never race. A rule
never overrules it; the author's deletion or edit does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.compose import compose
from bot.core.consent import Signal, page_alone
from bot.core.desk import Desk
from bot.core.errors import NotFoundError, RefusedError
from bot.core.model import Tone, Update, UpdateState, Verdict
from bot.core.rules.facts import effects_of
from bot.core.stories.choruses import phrase
from bot.core.stories.leading import SEEN_FIRST, Candidate, in_order, reason
from bot.store import authors, brakes, choruses, consents, copies, coverage, feed, journal, posts, tombstones, waiting
from bot.store.database import Database, Transaction
from bot.store.posts import Decision, StoredPost, is_approved

_SAME_WORDS = "which says the same few words"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a person's verdict came to.

    Attributes:
        verdict: "wait" for a post that was approved and is still embargoed.
        update: What was told; None for a rejection, and for what is told later.
        others: How many further posts of the story were settled with it.
        said: How many other people's posts that say the same few words were decided on with it.
        led: The post that was told in place of the named one, because it is the better copy; 0 for none.
        led_why: In a word or two why.
        counted: These few words stand on the page already: `update` is that one, with a greater count.
        until: When it is told; None for now.
    """

    verdict: Verdict
    update: Update | None = None
    others: int = 0
    until: datetime | None = None
    said: int = 0
    led: int = 0
    led_why: str = ""
    counted: bool = False


def approve(
    database: Database, desk: Desk, post_id: int, *, now: datetime, by: str, why: str = "", exactly: bool = False
) -> Reviewed:
    """Publish a post that is held, or embargoed: an embargoed one is told when its time comes, in this person's name.

    Of a story the best copy is told, whichever was named. Other people's held posts that say the same few words, for the same
    reason, are approved with it and counted; where these words stand on the page already, all are counted there.

    Args:
        exactly: Tell this very post, and nothing of what others say.

    Raises:
        NotFoundError: There is no such post.
        RefusedError: It was decided meanwhile, quiet mode stops its strand, or its story is told and it is no official's
            own word beside a stranger's; nothing was changed.
    """
    with database.begin() as tx:
        tx.alone()
        stored = _open(tx, post_id)
        _untold(tx, desk, stored)
        if is_approved(stored):
            who = journal.who(tx, stored.judgement_id)
            when = desk.local(stored.again_at) if stored.again_at else "its time"
            raise RefusedError(f"post {post_id} is approved already by {who}: embargoed until {when}, told then")
        _there(tx, stored)
        if until := _embargo(stored, now):
            _allowed(tx, desk, stored)
            details = journal.details(tx, stored.judgement_id) or {}
            _refuse_light(tx, desk, stored, details)
            reason = f"{why or 'approved'}; embargoed until {desk.local(until)}, told then"
            _judge(tx, stored, Verdict.WAIT, now, by, reason, until=until, details=waiting.effects(details))
            return Reviewed(Verdict.WAIT, None, waiting.settle(tx, stored, now, by, _with(stored, "")), until)
        is_told = bool(
            feed.told_stories(tx, [stored.story_id])
        )  # in a stranger's words: only this post may repeat them
        lead, led = (stored, "") if exactly or is_told else _leading(tx, desk, stored, now)
        to_accounts = _allowed(tx, desk, lead)
        details = journal.details(tx, lead.judgement_id) or {}
        _refuse_light(tx, desk, lead, details)
        members = copies.members(tx, [lead.story_id]).get(lead.story_id, ())
        voices = [] if exactly or desk.official(lead.post) else waiting.voices(tx, lead, now, desk.text_alone_chars)
        standing = (
            None
            if exactly or desk.official(lead.post)
            else choruses.saying(tx, phrase(lead.post, desk.text_alone_chars))
        )
        said = why
        if led:
            said = f"{why or 'approved'}; led by post {lead.id}: {led}"
        if standing:
            said = f"{said or 'approved'}; the same few words as update {standing.slug}: counted with it"
        _judge(tx, lead, Verdict.PUBLISH, now, by, said)
        others = waiting.settle(tx, lead, now, by, _with(lead, led))
        waiting.decide_voices(
            tx, lead, voices, Verdict.PUBLISH, now, by, f"approved with post {lead.id}, {_SAME_WORDS}"
        )
        count = copies.count(tx, desk, [(lead.story_id, lead.author_id)])[lead.story_id, lead.author_id]
        if standing:
            told = choruses.count_with(tx, standing, [lead, *voices])
            return Reviewed(
                Verdict.PUBLISH, told, others, said=len(voices), led=lead.id if led else 0, led_why=led, counted=True
            )
        effects = effects_of(details)
        strand = effects.strand or desk.source_strands.get(lead.post.source, "")
        update = compose(
            lead.post,
            desk,
            strand,
            now,
            post_id=lead.id,
            also=count,
            redact=effects.redact,
            tags=effects.tags,
        )
        accounts, kept = desk.carriers_of(lead.post, strand, effects.accounts) if to_accounts else ((), "")
        told = coverage.tell(
            tx,
            replace(update, copies=copies.listed(desk, members, lead.id, lead.author_id), chorus=len(voices)),
            accounts,
            at=now,
            by=by,
            why=f"{said or 'approved'}; {kept}" if kept else said or "approved",
            story_id=lead.story_id,
            author_id=lead.author_id,
            cleared=True,
        )
        told = choruses.gather(tx, told, lead, voices)
    return Reviewed(Verdict.PUBLISH, told, others, said=len(voices), led=lead.id if led else 0, led_why=led)


def reject(
    database: Database, desk: Desk, post_id: int, *, now: datetime, by: str, why: str = "", exactly: bool = False
) -> Reviewed:
    """Drop a post that is held or embargoed, what waits of the same story, and what else is of its entry in the queue.

    Where its story is told already, its copies are not rejected with it. It counts against the author of this post alone.

    Args:
        exactly: Leave other people's posts that say the same few words where they are.

    Raises:
        NotFoundError: There is no such post.
        RefusedError: It was decided meanwhile; nothing was changed.
    """
    with database.begin() as tx:
        tx.alone()
        stored = _open(tx, post_id)
        voices = [] if exactly else waiting.voices(tx, stored, now, desk.text_alone_chars)
        told = feed.told_stories(tx, [stored.story_id])  # then it is this copy that they reject, and not the story
        _judge(tx, stored, Verdict.DROP, now, by, why, details={"told": stored.story_id} if told else None)
        others = waiting.settle(
            tx, stored, now, by, why or f"rejected with post {post_id} of the same story", told=False
        )
        waiting.decide_voices(
            tx, stored, voices, Verdict.DROP, now, by, why or f"rejected with post {post_id}, {_SAME_WORDS}"
        )
        authors.count_verdict(tx, stored.author_id, rejected=1)
    return Reviewed(Verdict.DROP, None, others, said=len(voices))


def _allowed(tx: Transaction, desk: Desk, stored: StoredPost) -> bool:
    """Refuse what may not be shown; whether it may be sent to accounts, too."""
    against, answer = consents.objections(tx, desk, stored)
    for one in against:
        if one.signal is Signal.NOT_ASKED:
            record = f"`milepost consent record {stored.id} --answer yes --evidence ...`"
            raise RefusedError(
                f"post {stored.id}: it was sent to the desk alone: ask its author, and keep the answer: {record}"
            )
        if one.verdict is Verdict.DROP:
            raise RefusedError(f"post {stored.id}: {one.why}: it is not published")
    return not page_alone(answer)


def _embargo(stored: StoredPost, now: datetime) -> datetime | None:
    """When the post's embargo ends; None where there is none any more."""
    return stored.again_at if stored.again_at is not None and stored.again_at > now else None


def _refuse_light(tx: Transaction, desk: Desk, stored: StoredPost, details: Mapping[str, object]) -> None:
    """In quiet mode nothing light goes out, unless an official says it."""
    strand = effects_of(details).strand or desk.source_strands.get(stored.post.source, "")
    official = desk.official(stored.post) is not None
    if brakes.QUIET in brakes.pulled(tx) and not official and desk.strand(strand).tone is Tone.LIGHT:
        raise RefusedError(
            f"post {stored.id}: quiet mode is on and strand {strand or '(none)'} is light: "
            "it stays in the queue; approve it after `milepost quiet off`",
        )


def _with(lead: StoredPost, led: str) -> str:
    return f"told with post {lead.id} of the same story" + (f", which leads: {led}" if led else "")


def _leading(tx: Transaction, desk: Desk, stored: StoredPost, now: datetime) -> tuple[StoredPost, str]:
    """The copy of a story that is told, and in a word or two why; "" where it is the one that a person named.

    Of copies that are alike but for their time the named one is told. What another rule holds than the one that holds the
    named copy does not lead: nobody has looked at that.
    """
    found = [
        copy
        for copy in waiting.still_there(tx, waiting.of_stories(tx, [stored.story_id]))
        if copy.verdict is Verdict.HOLD and not _embargo(copy, now)
    ]
    lines = journal.judged(tx, [copy.judgement_id for copy in (*found, stored)])
    rules = {copy.id: lines.get(copy.judgement_id, ("", ""))[1] for copy in (*found, stored)}
    able = {
        copy.id: copy
        for copy in found
        if rules[copy.id] in ("", rules[stored.id]) and not desk.consent.objections(copy.post)
    } | {stored.id: stored}
    best = in_order([Candidate(copy.id, copy.post) for copy in able.values()], desk)[0]
    led = reason(best, Candidate(stored.id, stored.post), desk)
    return (stored, "") if led in ("", SEEN_FIRST) else (able[best.post_id], led)


def _open(tx: Transaction, post_id: int) -> StoredPost:
    found = posts.by_id(tx, [post_id])
    if not found:
        raise NotFoundError(f"post {post_id} does not exist: `milepost queue` lists what waits")
    stored = found[0]
    if stored.verdict not in (Verdict.HOLD, Verdict.WAIT):
        raise RefusedError(f"post {post_id} is not waiting: it is {_word(tx, stored)}")
    return stored


def _untold(tx: Transaction, desk: Desk, stored: StoredPost) -> None:
    """Refuse to tell a story twice. An official may say what a stranger said before, but not what an official said."""
    told = feed.told_stories(tx, [stored.story_id])
    if told and desk.official(stored.post) is not None:
        told = feed.told_by_officials(tx, told)
    if told:
        raise RefusedError(
            f"post {stored.id}: its story {stored.story_id} is told already; reject it, or withdraw that update first"
        )


def _there(tx: Transaction, stored: StoredPost) -> None:
    """Refuse what its author took down, also where curate has not carried it out yet."""
    stone = tombstones.among_posts(tx, [stored.ident])
    if stone or any(history.is_gone for history in authors.histories(tx, [stored.author_id]).values()):
        raise RefusedError(f"post {stored.id}: its author has taken it down: it is not published")


def _word(tx: Transaction, stored: StoredPost) -> str:
    if stored.verdict is None:
        return "not judged yet: wait a moment"
    who = journal.who(tx, stored.judgement_id)
    if stored.verdict is not Verdict.PUBLISH:
        return f"dropped by {who}"
    told = feed.of_post(tx, [stored.id])
    return f"published by {who}{' and withdrawn since' if told and told[-1].state is UpdateState.WITHDRAWN else ''}"


def _judge(
    tx: Transaction,
    stored: StoredPost,
    verdict: Verdict,
    now: datetime,
    by: str,
    why: str,
    *,
    until: datetime | None = None,
    details: Mapping[str, object] | None = None,
) -> int:
    said = journal.Line(
        now,
        "judged",
        by,
        why,
        post_id=stored.id,
        story_id=stored.story_id,
        verdict=verdict.value,
        details=details,
    )
    (line,) = journal.write(tx, [said])
    decision = Decision(stored.id, stored.story_id, verdict, line, None, until)
    if not posts.decide_if(tx, decision, judgement_id=stored.judgement_id):
        raise RefusedError(
            f"post {stored.id} was decided by somebody else in this moment: look again with `milepost explain {stored.id}`"
        )
    return line
