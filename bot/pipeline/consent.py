"""What a person writes down about consent: an author's answer, a yes that is taken back, somebody who is to be left out."""

from collections.abc import Sequence
from datetime import datetime

from bot.core.desk import Desk
from bot.core.errors import RefusedError
from bot.core.model import Update, UpdateState, Verdict
from bot.core.reports import Consented
from bot.store import consents, coverage, feed, journal, opt_outs, outbox, posts
from bot.store.consents import Consent
from bot.store.database import Database, Transaction
from bot.store.posts import Decision, StoredPost


def record(
    database: Database,
    desk: Desk,
    versions: Sequence[StoredPost],
    *,
    answer: str,
    page: bool,
    accounts: bool,
    evidence: str,
    now: datetime,
    by: str,
) -> Consented:
    """Write down what an author answered, and carry it out.

    Args:
        versions: All of the post, oldest first; the answer is about the last.
        answer: "yes", "no" or "revoked".
        page: What it allows from now on: the page and its feeds.
        accounts: What it allows from now on: the desk's accounts. Never without the page.

    Raises:
        RefusedError: There is no evidence, or nothing to take back.
    """
    stored = versions[-1]
    if not evidence.strip():
        raise RefusedError("an answer needs its evidence: --evidence with an address, a message's id or what was said")
    with database.begin() as tx:
        tx.alone()
        before = consents.of_post(tx, stored.ident)
        if answer == "revoked" and not (before and before[-1].page):
            raise RefusedError(f"post {stored.id}: there is no yes to take back: `milepost consent show {stored.id}`")
        given = Consent(stored.id, now, by, answer, page, accounts, evidence.strip())
        consents.record(tx, stored, given)
        scope = "page and accounts" if accounts else "the page alone" if page else "nothing"
        why = f"{answer}: {scope}; {given.evidence}"
        journal.write(tx, [journal.Line(now, "consent", by, why, post_id=stored.id)])
        update = _follow(tx, versions, given, now)
        waits = stored.verdict in (Verdict.HOLD, Verdict.WAIT)
        if waits and not page:
            _decide(tx, stored, Verdict.DROP, now, by, "consent: its author said no")
        again = page and not waits and _was_dropped_for_it(tx, desk, stored)
        if again:
            _decide(tx, stored, Verdict.HOLD, now, by, "consent: its author said yes: waits for a person")
        return Consented(stored.id, answer, page, accounts, update, (waits or again) and page, waits and not page)


def _follow(tx: Transaction, versions: Sequence[StoredPost], given: Consent, now: datetime) -> Update | None:
    """Take off what may not stand any more; gives the update that it was about."""
    told = [one for one in feed.of_post(tx, [found.id for found in versions]) if one.state is not UpdateState.WITHDRAWN]
    if not told or given.accounts:
        return None
    for update in told:
        if not given.page:
            why = f"consent: its author's answer is {given.answer}"
            coverage.untell(tx, update, at=now, by=given.by, why=why, note="Removed at its author's wish.")
        elif any(one.state not in _OVER for one in outbox.of_update(tx, update.id)):
            outbox.take_back(tx, update.id)
            why = "consent: its author agreed to the page alone: taken back at accounts"
            journal.write(tx, [journal.Line(now, "recalled", given.by, why, update_id=update.id)])
        else:
            return None
    return told[-1]


_OVER = ("cancelled", "failed", "retracted")


def _was_dropped_for_it(tx: Transaction, desk: Desk, stored: StoredPost) -> bool:
    """Whether nothing but its author's wish kept a post away, so that a yes brings it before a person."""
    if stored.verdict is not Verdict.DROP:
        return False
    why = next((line[0] for line in journal.judged(tx, [stored.judgement_id]).values()), "")
    against, _ = consents.objections(tx, desk, stored)
    return why.startswith("consent:") and not any(one.verdict is Verdict.DROP for one in against)


def _decide(tx: Transaction, stored: StoredPost, verdict: Verdict, now: datetime, by: str, why: str) -> None:
    line = journal.Line(now, "judged", by, why, post_id=stored.id, story_id=stored.story_id, verdict=verdict.value)
    (number,) = journal.write(tx, [line])
    posts.decide(tx, [Decision(stored.id, stored.story_id, verdict, number, None)])


def opt_out(database: Database, accounts: Sequence[tuple[str, str]], *, now: datetime, by: str, why: str) -> list[bool]:
    """Leave accounts out from now on; curate takes off what they said.

    Args:
        accounts: Platform and permanent account id of each.

    Returns:
        Of each whether it was not left out before.
    """
    with database.begin() as tx:
        tx.alone()
        new = [opt_outs.add(tx, platform, own, at=now, by=by, why=why) for platform, own in accounts]
        if any(new):
            journal.write(tx, [journal.Line(now, "opted out", by, why or "asked to be left out")])
        return new


def opt_in(database: Database, accounts: Sequence[tuple[str, str]], *, now: datetime, by: str, why: str) -> list[bool]:
    """Leave accounts out no more: what they say from now on is judged as anybody's; what was taken off stays off.

    Returns:
        Of each whether it was left out before.
    """
    with database.begin() as tx:
        tx.alone()
        were = [opt_outs.remove(tx, platform, own) for platform, own in accounts]
        if any(were):
            journal.write(tx, [journal.Line(now, "opted in", by, why or "may be shown again")])
        return were
