"""The same few words by many people ("Good luck everyone!"): one update, and a count of who else said them."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.compose import compose
from bot.core.desk import Desk
from bot.core.model import Tone, Update, UpdateState, Verdict
from bot.core.rules.facts import effects_of
from bot.core.stories.choruses import is_bare, phrase
from bot.core.stories.match import Match
from bot.pipeline.curate.case import Case, overrule
from bot.store import choruses, copies, coverage, feed, journal, posts
from bot.store.database import Transaction
from bot.store.posts import Decision, StoredPost


class Choir:
    """Who says what others have said, in one batch. Costs nothing where nobody does.

    Args:
        batch: Posts; of those that are judged again the store is asked, for the index is not.
        matches: Of the batch.
        officials: Posts of officials: these speak for themselves.
        text_alone_chars: Below this equal words of different people are a chorus.
    """

    def __init__(
        self,
        tx: Transaction,
        batch: Sequence[StoredPost],
        matches: Sequence[Match],
        officials: Collection[int],
        text_alone_chars: int,
    ) -> None:
        self._tx = tx
        self.text_alone_chars = text_alone_chars
        self._officials = officials
        again = {phrase(stored.post, text_alone_chars) for stored in batch if stored.story_id} - {""}
        self._said = choruses.firsts_saying(tx, again) if again else {}
        firsts = {match.chorus_of for match in matches if match.chorus_of}.union(self._said.values())
        self._firsts = firsts
        self._standing = set(choruses.standing(tx, firsts)) if firsts else set()
        back = firsts - self._standing
        self._taken_back = choruses.taken_back(tx, back) if back else set()

    def leaves(self, case: Case) -> bool:
        """Whether a case that is to be told is left to be told by itself.

        Else it joins those who said it before it, or waits where a person took the words back.
        """
        if case.stored.id in self._officials:
            return True
        first = case.match.chorus_of or self._again(case)
        if not first or not is_bare(case.stored.post):
            return True
        case.chorus = first
        if first in self._standing:
            case.tell, case.joins = False, True
            case.why += f"; the same few words as post {first}: counted with it"
        elif first in self._taken_back:
            case.tell = False
            overrule(case, Verdict.HOLD, f"the same few words as post {first}, which was told and withdrawn: waits")
        return case.tell

    def _again(self, case: Case) -> int:
        """Who said it first, of a post that is judged again: an update, or one of those judged again together."""
        if not case.stored.story_id or not (words := phrase(case.stored.post, self.text_alone_chars)):
            return 0
        return self._said.setdefault(words, case.stored.id)

    def goes_on(self, case: Case, update: Update) -> bool:
        """Whether an edited post that has an update of its own says what another update of a chorus says."""
        first = case.match.chorus_of
        if first not in self._standing or case.stored.id in self._officials:
            return False
        return choruses.standing(self._tx, [first]).get(first) != update.id

    def told(self, case: Case) -> None:
        """A case is told: those that say the same after it join it."""
        if case.chorus or case.stored.id in self._firsts:
            self._standing.add(case.chorus or case.stored.id)


def count_voices(tx: Transaction, cases: Sequence[Case], told_now: dict[int, Update]) -> int:
    """Count who joined a chorus; gives how many updates changed.

    Args:
        cases: Told and written.
        told_now: The updates made from posts of these cases, by post.
    """
    rows = [
        (case.stored.id, case.chorus, told_now[case.stored.id].id)
        for case in cases
        if case.chorus and case.chorus != case.stored.id and case.stored.id in told_now
    ]
    choruses.join(tx, rows)  # stands for those who come after it
    joining = [case for case in cases if case.joins]
    if not joining:
        return 0
    standing = choruses.standing(tx, {case.chorus for case in joining})
    choruses.join(tx, [(case.stored.id, case.chorus, standing[case.chorus]) for case in joining])
    more = Counter(standing[case.chorus] for case in joining)
    return add(tx, more)


def leave_chorus(tx: Transaction, cases: Sequence[Case]) -> int:
    """Who has edited what they said is not counted any more, or is counted anew; gives how many updates changed."""
    edited = {case.stored.ident: case.stored.id for case in cases if case.stored.post.is_edit}
    fewer = choruses.leave(tx, choruses.versions(tx, edited)) if edited else {}
    return add(tx, Counter({number: -voices for number, voices in fewer.items()})) if fewer else 0


def add(tx: Transaction, more: Counter[int]) -> int:
    """Change the counts of live updates by so many voices; gives how many changed."""
    changed = 0
    for number, voices in more.items():
        update = feed.by_id(tx, number)
        if update is not None and update.state is UpdateState.LIVE and voices:
            feed.change(tx, replace(update, chorus=max(0, update.chorus + voices)))
            changed += 1
    return changed


def hand_over(tx: Transaction, desk: Desk, update: Update, now: datetime, *, why: str, quiet: bool) -> bool:
    """The next of a chorus takes over from the post that stood for all and is gone, as a new update.

    Each was let through on its own, so nobody is asked; in quiet mode what is light waits for a look.

    Args:
        update: The one that is off now, or says something else.
        why: For the journal.

    Returns:
        Whether there was a next one.
    """
    waiting = choruses.voices(tx, update.id)
    if not waiting:
        return False
    first = choruses.first_of(tx, update.id, update.post_id)
    (stored,) = posts.by_id(tx, waiting[:1])
    kept = journal.details(tx, stored.judgement_id)
    by = journal.who(tx, stored.judgement_id)
    effects = effects_of(kept)
    strand = effects.strand or desk.source_strands.get(stored.post.source, "")
    if quiet and desk.official(stored.post) is None and desk.strand(strand).tone is Tone.LIGHT:
        held = journal.Line(
            now,
            "judged",
            "milepost",
            f"quiet mode: waits for a look; {why}",
            post_id=stored.id,
            story_id=stored.story_id,
            verdict=Verdict.HOLD.value,
            details=kept,
        )
        (line,) = journal.write(tx, [held])
        posts.decide(tx, [Decision(stored.id, stored.story_id, Verdict.HOLD, line, None)])
        return True
    told = compose(stored.post, desk, strand, now, post_id=stored.id, redact=effects.redact, tags=effects.tags)
    lead = (stored.story_id, stored.author_id)
    members = copies.members(tx, [stored.story_id]).get(stored.story_id, ())
    told = replace(
        told,
        also=copies.count(tx, desk, [lead])[lead],
        copies=copies.listed(desk, members, stored.id, stored.author_id),
        chorus=len(waiting) - 1,
    )
    accounts, kept = desk.carriers_of(stored.post, strand, effects.accounts)
    told = coverage.tell(
        tx,
        told,
        accounts,
        at=now,
        by=by,
        why=f"{why}; {kept}" if kept else why,
        story_id=stored.story_id,
        author_id=stored.author_id,
        cleared=by != "rules",
    )
    choruses.move(tx, update.id, told.id)
    choruses.join(tx, [(stored.id, first, told.id)])
    return True
