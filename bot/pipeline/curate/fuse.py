"""The fuse: a fresh rule that drops or holds far too much, and any rule that cannot be judged, are taken out of action.

Nothing is lost by it: the posts that the rule dropped or held a short while ago are judged again without it, and the journal,
the log and `status` say so until the rule is saved again or a person re-arms it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from bot.core.desk import Desk
from bot.core.model import Post, Verdict
from bot.core.rules import fusing
from bot.core.rules.circumstances import Circumstances, Effects, Ruling
from bot.core.rules.fusing import Fuse
from bot.core.rules.judge import judge
from bot.core.rules.program import Program
from bot.core.rules.ruleset import Mode, Rule, RuleSet, name_of
from bot.pipeline.curate.case import Case
from bot.store import journal, judgements, posts, rulesets
from bot.store.database import Transaction
from bot.store.posts import StoredPost

FRESH = timedelta(hours=24)
# what code that reads no file and calls nobody can run into
_FAULTS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    NameError,
    RuntimeError,
    TypeError,
    ValueError,
)
_LOOK_AGAIN = timedelta(minutes=10)
_REMEMBERED = 2_000  # judgements that are read back after a start


class FuseBox:
    """Watches what rules do. Only whoever holds the curate lease may use it.

    Args:
        load: Compiles a stored rule set.
    """

    def __init__(self, desk: Desk, load: Callable[[rulesets.StoredSet], RuleSet]) -> None:
        self._desk = desk
        self._load = load
        self._fuse: tuple[tuple[int, int], datetime, Fuse] | None = None
        self._broken: dict[str, str] = {}
        self._alone: dict[str, Program] = {}

    def forget(self) -> None:
        """Count from the store next time."""
        self._fuse = None
        self._broken, self._alone = {}, {}

    def judge(self, rule_set: RuleSet, post: Post, around: Circumstances) -> Ruling:
        """As `judge`; a rule that cannot be judged makes the post wait for a person, and is taken out of action after it."""
        try:
            return judge(rule_set, post, around, default=self._desk.default, publish_at=self._desk.publish_at)
        except _FAULTS as error:
            return self._held(rule_set, post, around, f"{type(error).__name__}: {error}"[:200])

    def _held(self, rule_set: RuleSet, post: Post, around: Circumstances, reason: str) -> Ruling:
        culprits = [rule for rule in rule_set.active if self._raises(rule, post, around)]
        self._broken |= {rule.id: reason for rule in culprits}
        named = f"rule {culprits[0].id} ({culprits[0].place})" if culprits else "the rule set"
        why = f"{named} cannot be judged: {reason}: a person decides"
        return Ruling(Verdict.HOLD, culprits[0].id if culprits else "", (), why, Effects(), is_fault=True)

    def _raises(self, rule: Rule, post: Post, around: Circumstances) -> bool:
        alone = self._alone.setdefault(f"{rule.place} {rule.id}", Program([rule.condition]))
        try:
            alone.matched(post, around)
        except _FAULTS:
            return True
        return False

    def watch(
        self, tx: Transaction, cases: Sequence[Case], rules: tuple[int, RuleSet], now: datetime
    ) -> tuple[str, ...]:
        """Count what rules did to these posts, and take out of action what went too far; gives the ids of these rules."""
        fuse = self.ready(tx, rules, now)
        if fuse.fresh:
            for case in cases:
                if case.by == "rules" and case.ruling is not None:
                    fuse.count(case.verdict, rules[1].deciders(case.ruling) if case.rule else ())
        blown = {one.rule: one for one in fuse.blown()}
        if not blown and not self._broken:
            return ()
        number, rule_set = rules
        ids = [rule.id for rule in rule_set.rules if rule.id in blown or rule.id in self._broken]
        files = fusing.with_fused(rule_set, set(blown))
        if self._broken:
            files[fusing.FILE] = fusing.with_fused(rule_set, set(self._broken), Mode.OFF, files)[fusing.FILE]
        number = rulesets.adopt(tx, rulesets.RULES, name_of(files), files, now)
        rulesets.judge_again(tx, number, before=posts.newest_id(tx) + 1, freed=ids)
        places = {rule.id: rule.place for rule in rule_set.rules}
        journal.write(
            tx,
            [
                journal.Line(
                    now,
                    "fused",
                    "milepost",
                    self._why(name, places[name], blown),
                    place="rules",
                    rule=name,
                    rule_set_id=number,
                )
                for name in ids
            ],
        )
        self._broken, self._alone = {}, {}
        return tuple(ids)

    def _why(self, name: str, place: str, blown: Mapping[str, fusing.Blown]) -> str:
        save = "save it again to put it back into action"
        if name in self._broken:
            return f"rule {name} ({place}) cannot be judged: {self._broken[name]}: it is off now; mend it and {save}"
        return (
            f"rule {name} ({place}) is fresh and dropped or held {blown[name]}: it is in shadow now and acts on nothing; "
            f'change it and {save}, or write fuse = "off" into it; `milepost rules live {name}` puts it back as it is'
        )

    def ready(self, tx: Transaction, rules: tuple[int, RuleSet], now: datetime) -> Fuse:
        """Know what is fresh in this rule set, and what it did so far; to be called before the posts of a run are written."""
        number, rule_set = rules
        rearmed = rulesets.rearmed(tx)
        if self._fuse is not None and self._fuse[0] == (number, rearmed) and now < self._fuse[1]:
            return self._fuse[2]
        before = self._fuse[2] if self._fuse and self._fuse[0][1] == rearmed else None
        base = rulesets.in_force(tx, rulesets.RULES, now - FRESH)
        stored = rulesets.by_id(tx, base) if base and base != number else None
        fresh = fusing.fresh(rule_set, self._load(stored)) if stored else {}
        fuse = Fuse(fresh, before)
        if before is None and fresh:
            actions = {rule.id: rule.action for rule in rule_set.active}
            for verdict, asked in judgements.of_set(tx, number, _REMEMBERED, after=rearmed):
                fuse.count(verdict, [name for name in asked if actions.get(name) is verdict])
        self._fuse = ((number, rearmed), now + _LOOK_AGAIN, fuse)
        return fuse


def decided_by(tx: Transaction, dropped: Sequence[StoredPost], rules: Collection[str]) -> set[int]:
    """Which of these posts one of these rules had a part in dropping: their internal numbers."""
    if not rules or not dropped:
        return set()
    asked = judgements.matched(tx, [stored.judgement_id for stored in dropped])
    return {stored.id for stored in dropped if not set(rules).isdisjoint(asked.get(stored.judgement_id, ()))}
