"""posts -> story -> verdict -> update. Finds: posts unjudged by the active set, gone, edited, or due again.

A verdict, its journal line, the update in the feed and one delivery for each account are one transaction. One curator works
at a time (a lease); it owns the story index, which is a cache: after any failure it is built again from the store.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from bot.core.desk import Desk
from bot.core.model import EventClock, Post, Verdict
from bot.core.rights import for_a_person
from bot.core.rules.circumstances import Circumstances
from bot.core.rules.facts import starts_of
from bot.core.rules.ruleset import RuleSet
from bot.core.stories.match import Match
from bot.pipeline.curate import merging
from bot.pipeline.curate.ahead import in_front, known, say
from bot.pipeline.curate.approved import tell_approved
from bot.pipeline.curate.case import Case, details, dropped, refuse, settle, taken_off
from bot.pipeline.curate.chorus import Choir
from bot.pipeline.curate.consenting import Consenting
from bot.pipeline.curate.editing import follow_edit
from bot.pipeline.curate.fuse import FuseBox, decided_by
from bot.pipeline.curate.gone import take_down
from bot.pipeline.curate.keeper import StoryKeeper
from bot.pipeline.curate.known import KnownPeople
from bot.pipeline.curate.limiting import Limiter
from bot.pipeline.curate.telling import write
from bot.pipeline.curate.waiting import Waiting, nobody_waits
from bot.store import authors, brakes, feed, journal, marks, opt_outs, posts, rulesets, tombstones
from bot.store.authors import AuthorHistory
from bot.store.database import Database, Transaction
from bot.store.posts import Arrival, StoredPost

BATCH = 2_000  # a commit and two dozen statements cost the same for few posts as for many
_AT_HAND = 4 * BATCH
_NOBODY = AuthorHistory()


@dataclass(frozen=True, slots=True)
class Curated:
    """What one run came to.

    Attributes:
        judged: Posts that got a verdict.
        told: Updates that went live, changed or were taken off.
        more: There is more to do at once.
        fused: Rules that were taken out of action.
        put_off: Some posts wait for their pictures now.
    """

    judged: int = 0
    told: int = 0
    more: bool = False
    fused: tuple[str, ...] = ()
    put_off: bool = False


class Curator:
    """The one that judges; keeps the story index and the compiled rule set between runs.

    Args:
        holder: Name of this process: after another one has curated, the index is built anew.
        load: Compiles a stored rule set.
        waiting: Knows which posts wait for their pictures; None for none.
    """

    def __init__(
        self,
        database: Database,
        desk: Desk,
        *,
        holder: str,
        load: Callable[[rulesets.StoredSet], RuleSet],
        waiting: Waiting | None = None,
    ) -> None:
        self._database = database
        self._desk = desk
        self._clocks = {name: clock.start_at for name, clock in desk.clocks.items()}
        self._holder = holder
        self._load = load
        self._limiter = Limiter(desk, self._clocks)
        self._waiting = waiting or nobody_waits(desk)
        self._fuses = FuseBox(desk, load)
        self._fused: tuple[str, ...] = ()
        self._known = KnownPeople()
        self._consenting = Consenting()
        self._own: Mapping[str, str] = {}
        self._keeper = StoryKeeper(desk)
        self._rules: tuple[int, RuleSet] | None = None
        self._starts: Mapping[str, str] = {}
        self._at_hand: dict[int, StoredPost] = {}

    def move(self, clocks: Mapping[str, EventClock]) -> None:
        """Event clocks start at other times from now on."""
        self._clocks.update({name: clock.start_at for name, clock in clocks.items()})
        if self._rules is not None:
            self._starts = starts_of(self._clocks, self._rules[1].clocks)

    def hand(self, kept: Sequence[StoredPost]) -> None:
        """Take over posts that were just stored and committed, so that they are not read again; any thread may call it.

        A help and no more: what is not at hand is read from the store, and only what the store calls unjudged is judged.
        """
        if len(self._at_hand) < _AT_HAND:
            self._at_hand.update((stored.id, stored) for stored in kept)

    def run(self, now: datetime, *, own: Mapping[str, str] | None = None) -> Curated:
        """Carry out what is due, at most one batch of each kind.

        Args:
            own: The desk's own accounts by `platform:account id`: what they post is ours, not somebody's.
        """
        self._own = own or {}
        try:
            with self._database.begin() as tx:
                tx.alone()  # a person's verdict or withdrawal comes before or after this run, never between
                return self._run(tx, now)
        except BaseException:
            self._forget()  # what it holds may never have been stored
            raise

    @property
    def waits_until(self) -> datetime | None:
        """When the first of the posts that wait for their pictures is due (machine time); None where none waits."""
        return self._waiting.until

    def _forget(self) -> None:
        self._keeper.forget()
        self._limiter.forget()
        self._fuses.forget()

    def _put_away(self, last_id: int) -> None:
        at_hand = self._at_hand
        for number in tuple(at_hand):  # in the order of arrival, as they were handed over
            if number > last_id:
                break
            at_hand.pop(number, None)

    def find_work(self, now: datetime) -> bool:
        """Whether there is anything to do: cheap, and takes no lock."""
        with self._database.read() as tx:
            return bool(
                posts.unjudged(tx, 1, without=self._waiting.ids(tx))
                or tombstones.to_handle(tx, 1)
                or authors.to_handle(tx, 1)
                or opt_outs.to_handle(tx, 1)
                or posts.due_again(tx, now, 1)
                or marks.get(tx, "rejudge"),
            )

    def _run(self, tx: Transaction, now: datetime) -> Curated:
        rules = self._active(tx)
        if rules is None:
            return Curated()
        if marks.get(tx, "curator") != self._holder:  # another one has curated since
            marks.put(tx, "curator", self._holder)
            self._forget()
        people = self._known.of(tx)
        if people.by_author is not self._desk.persons:
            self._desk = replace(self._desk, persons=people.by_author)
        self._keeper.ready(tx, now, people=people, own=self._own)
        self._fused = ()
        told = take_down(tx, self._desk, now)
        judged = 0
        more = put_off = False
        new = posts.unjudged(tx, BATCH, self._at_hand, without=self._waiting.ids(tx))
        for batch in (new, posts.due_again(tx, now, BATCH)):
            if batch:
                ready = self._waiting.put_off(tx, batch, partial(self._look_ahead, rules[1], now))
                told += self._judge(tx, ready, rules, now) if ready else 0
                judged += len(ready)
                put_off = put_off or len(ready) < len(batch)
                more = more or len(batch) == BATCH
                self._put_away(batch[-1].id)
        if not more and not self._fused:  # else the next run judges again, by the new set
            changed, told_again, left = self._judge_again(tx, rules, now)
            judged, told, more = judged + changed, told + told_again, left
        return Curated(judged, told, more or bool(self._fused), self._fused, put_off)

    def _active(self, tx: Transaction) -> tuple[int, RuleSet] | None:
        number = rulesets.active_id(tx, rulesets.RULES)
        if not number:
            return None
        if self._rules is None or self._rules[0] != number:
            stored = rulesets.by_id(tx, number)
            if stored is None:
                return None
            self._rules = (number, self._load(stored))
            self._starts = starts_of(self._clocks, self._rules[1].clocks)
        return self._rules

    # -- judging ----------------------------------------------------------------------------------------------------

    def _judge(self, tx: Transaction, batch: Sequence[StoredPost], rules: tuple[int, RuleSet], now: datetime) -> int:
        quiet = brakes.QUIET in brakes.pulled(tx)
        histories = authors.histories(tx, (stored.author_id for stored in batch))
        stones = tombstones.among_posts(tx, [stored.ident for stored in batch])
        matches: Sequence[Match] = self._keeper.match(tx, batch)
        joined = merging.shared(batch, matches)
        officials = {stored.id for stored in batch if self._desk.official(stored.post) is not None}
        told, told_by_officials, closed = known(tx, joined, officials)
        matches, merged = merging.unite(batch, matches, told, closed, told_by_officials)
        consent = self._consenting.weigh(tx, self._desk, batch, self._own, now)
        choir = Choir(tx, batch, matches, officials, self._desk.text_alone_chars)
        newest = {stored.ident: stored.id for stored in batch} | self._waiting.newest(tx, batch)
        cases = []
        pairs: Iterable[tuple[StoredPost, Match]] = zip(batch, matches, strict=True)
        if any(rule.limit for rule in rules[1].active):
            pairs = sorted(pairs, key=lambda pair: pair[0].post.created_at)  # what a limit lets pass came first
        pairs, leads = in_front(list(pairs), joined, told, self._desk) if joined else (pairs, {})
        for stored, match in pairs:
            history = histories.get(stored.author_id, _NOBODY)
            case = self._case(stored, match, rules, history, now, told=match.story_id in told)
            case.objection = consent.holds.get(stored.id, "") or for_a_person(
                stored.post, self._desk.rights(stored.post)
            )
            others = told_by_officials if stored.id in officials else told
            if off := taken_off(stored, match, stones, history, consent.refused, newest):
                case = off
            elif posts.is_approved(stored) and case.ruling is not None:
                case = tell_approved(
                    tx, self._desk, stored, match, case.ruling, now, told=match.story_id in others, quiet=quiet
                )
            elif stored.post.is_edit:
                refuse(case, consent.refused.get(stored.id, ""))
                still = quiet and stored.id not in officials
                follow_edit(tx, case, choir, quiet=still, told=told, others=others, closed=closed)
            elif stored.id in officials:  # a stranger who said it first, or was rejected for it, does not silence them
                open_again = {story: why for story, why in closed.items() if "rejected" not in why}
                settle(case, quiet=quiet, told=told_by_officials, closed=open_again)
            else:
                settle(case, quiet=quiet, told=told, closed=closed)
            say(case, merged.get(stored.id, ""), leads)
            if case.tell and choir.leaves(case):
                self._limiter.press(tx, case, rules[1])
            if case.joins:
                told.add(match.story_id)
            if case.tell:
                choir.told(case)
                told.add(match.story_id)
                if stored.id in officials:
                    told_by_officials.add(match.story_id)
            cases.append(case)
        self._fuses.ready(tx, rules, now)
        changed = write(tx, self._desk, cases, now, told=told, quiet=quiet)
        if merging.merge(tx, cases, now, closed):
            self._keeper.forget()  # it takes for one what people keep apart
        if not self._fused:  # one at a time: what is left is judged by the new set
            self._fused = self._fuses.watch(tx, cases, rules, now)
        return changed

    def _case(
        self,
        stored: StoredPost,
        match: Match,
        rules: tuple[int, RuleSet],
        history: AuthorHistory,
        now: datetime,
        *,
        told: bool,
    ) -> Case:
        post = stored.post
        if stored.arrival is Arrival.BASELINE:
            return dropped(
                stored, match, "milepost", "made before the first contact with its source: a baseline is never told"
            )
        if account := self._own.get(f"{post.platform}:{post.author.id}"):
            return dropped(stored, match, "milepost", f"our own words at account {account}")
        around = self.circumstances(
            post, history, now, story_size=match.size + 1, story_published=told, words_seen=match.words_seen
        )
        ruling = self._fuses.judge(rules[1], post, around)
        return Case(
            stored,
            match,
            ruling.verdict,
            "rules",
            ruling.why if not match.reason else f"{ruling.why}; story {match.story_id}: {match.reason}",
            ruling.rule,
            None if ruling.is_fault else rules[0],
            ruling.effects.again_at,
            ruling.effects.strand or self._desk.source_strands.get(post.source, ""),
            None if ruling.is_fault else details(ruling, around, self._starts),
            ruling.effects,
            ruling,
            around,
        )

    def _look_ahead(self, rule_set: RuleSet, now: datetime, post: Post, history: AuthorHistory) -> Verdict:
        """What rules say of a post whose story is not known yet; our own words are dropped."""
        if f"{post.platform}:{post.author.id}" in self._own:
            return Verdict.DROP
        around = self.circumstances(post, history, now, story_size=1, story_published=False, words_seen=False)
        return self._fuses.judge(rule_set, post, around).verdict

    def circumstances(
        self,
        post: Post,
        history: AuthorHistory,
        now: datetime,
        *,
        story_size: int,
        story_published: bool,
        words_seen: bool,
    ) -> Circumstances:
        """What is true around a post at this moment."""
        return Circumstances(
            now=now,
            is_official=self._desk.official(post) is not None,
            strand=self._desk.source_strands.get(post.source, ""),
            author_seen=max(0, history.seen - 1),
            author_published=history.published,
            author_rejected=history.rejected,
            story_size=story_size,
            story_published=story_published,
            clocks=self._clocks,
            words_seen=words_seen,
        )

    # -- judging again after an edit of the rules -------------------------------------------------------------------

    def _judge_again(self, tx: Transaction, rules: tuple[int, RuleSet], now: datetime) -> tuple[int, int, bool]:
        mark = marks.get(tx, "rejudge")
        if not mark:
            return 0, 0, False
        place = json.loads(mark)
        batch = posts.before(tx, place["before"], BATCH, since=now - self._desk.rejudge)
        if not batch:
            marks.put(tx, "rejudge", "")
            return 0, 0, False
        freed_rules = frozenset(place.get("freed", ()))
        marks.put(tx, "rejudge", json.dumps({**place, "set": rules[0], "before": batch[-1].id}))
        others = [stored for stored in batch if stored.rule_set_id and stored.rule_set_id != rules[0]]
        freed = decided_by(tx, [stored for stored in others if stored.verdict is Verdict.DROP], freed_rules)
        again = [
            stored
            for stored in reversed(others)
            if stored.verdict in (Verdict.HOLD, Verdict.WAIT) or stored.id in freed
        ]
        changed = [stored for stored in again if self._would_change(tx, stored, rules, now)]
        told = self._judge(tx, changed, rules, now) if changed else 0
        return len(changed), told, True

    def _would_change(self, tx: Transaction, stored: StoredPost, rules: tuple[int, RuleSet], now: datetime) -> bool:
        history = authors.histories(tx, [stored.author_id]).get(stored.author_id, _NOBODY)
        around = self.circumstances(
            stored.post,
            history,
            now,
            story_size=max(1, self._keeper.size(stored.story_id)),
            story_published=bool(feed.told_stories(tx, [stored.story_id])),
            words_seen=self._keeper.size(stored.story_id) > 1 or self._keeper.is_repeated(stored),
        )
        ruling = self._fuses.judge(rules[1], stored.post, around)
        if ruling.limits and journal.rule_of(tx, stored.judgement_id) in ruling.limits:
            return False  # what a limit held is not let go by an edit of something else
        changed = ruling.verdict is not stored.verdict or ruling.effects.again_at != stored.again_at
        return changed or ruling.effects.score != stored.score
