"""The fuse: a fresh rule that drops or holds far too much is taken out of action by itself, until somebody saves it again.

A rule set is its files and the rules that were taken out of it. Those stand in a file of ours among the files, which no folder
has; so a fused set is a set like any other: it has a name of its own, is kept, and explains its verdicts.
"""

import json
from collections import Counter, deque
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass

from bot.core.model import Verdict
from bot.core.rules.rule import Mode, Rule, RuleSet
from bot.core.rules.shape import nodes, shape
from bot.core.rules.tree import ConstantNode

FILE = ".fused"
MOST = 20  # posts that a fresh rule may drop or hold, however few came
SHARE = 0.05  # of the last posts, which it may drop or hold beyond that
LAST = 200


def out_of_action(files: Mapping[str, str]) -> Mapping[str, Mode]:
    """Which rules were taken out of action, and what they are now: shadow, or off where they cannot be judged."""
    return {name: Mode(mode) for name, (mode, *_) in _read(files).items()}


def with_fused(
    rule_set: RuleSet, ids: Collection[str], mode: Mode = Mode.SHADOW, files: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The files of a rule set, with some of its rules taken out of action.

    Args:
        rule_set: In force.
        ids: Of the rules.
        mode: What they are from now on.
        files: Where others were taken out already; None for the files of the set.
    """
    files = rule_set.files if files is None else files
    known = _read(files)
    for rule in rule_set.rules:
        if rule.id in ids:
            known[rule.id] = [mode.value, *sorted(_files_of(rule, rule_set))]
    return {**files, FILE: _write(known)}


def carried(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """The files of an edit, with what was taken out of action before and has not been saved again since.

    Args:
        before: Files of the set in force.
        after: Files as the desk has them now. A rule is armed again where its own file or a list that it asks has changed.
    """
    kept = {
        name: [mode, *asked]
        for name, (mode, *asked) in _read(before).items()
        if all(file in after and after[file] == before.get(file) for file in asked)
    }
    return {**after, FILE: _write(kept)} if kept else dict(after)


def rearmed(files: Mapping[str, str], rule: str) -> dict[str, str]:
    """The files of a rule set, with one of its rules back in action as it stands in its file."""
    known = {name: kept for name, kept in _read(files).items() if name != rule}
    rest = {name: text for name, text in files.items() if name != FILE}
    return {**rest, FILE: _write(known)} if known else rest


def _read(files: Mapping[str, str]) -> dict[str, list[str]]:
    """By the rule's id: its mode now, and the files that it is made of."""
    found: dict[str, list[str]] = json.loads(files.get(FILE) or "{}")
    return found


def _write(known: Mapping[str, list[str]]) -> str:
    return json.dumps(known, sort_keys=True)


def _files_of(rule: Rule, rule_set: RuleSet) -> set[str]:
    lists = {node.name for node in _constants(rule) if node.name}
    found = {name for name in rule_set.files if rule.file == name or rule.file.endswith(f"/{name}")}
    for name in rule_set.files:
        if name.endswith(".txt") and name.rpartition("/")[2].removesuffix(".txt").replace("-", "_") in lists:
            found.add(name)
    return found


def _constants(rule: Rule) -> Iterable[ConstantNode]:
    for clause in (*rule.condition.when, *rule.condition.unless):
        for node in nodes(clause.root):
            if isinstance(node, ConstantNode):
                yield node


def fresh(now: RuleSet, base: RuleSet) -> dict[str, Hashable]:
    """The rules that can blow the fuse: those that drop or hold, and did not do the same before.

    Args:
        now: The set in force.
        base: The set that was in force when what is fresh began.

    Returns:
        What each of them does, by its id: equal where it does the same.
    """
    known = {_doing(rule) for rule in base.rules}
    doings = {rule.id: _doing(rule) for rule in now.active if _acts(rule) and rule.fuse}
    return {name: doing for name, doing in doings.items() if doing not in known}


def _acts(rule: Rule) -> bool:
    return rule.mode is Mode.LIVE and rule.action in (Verdict.DROP, Verdict.HOLD)


def _doing(rule: Rule) -> Hashable:
    """What a rule does, whatever its words: changes where its clauses, lists, dates, action or mode do."""
    condition = rule.condition
    return (
        rule.id,
        rule.action,
        rule.mode,
        rule.limit,
        condition.start,
        condition.end,
        frozenset(shape(clause.root) for clause in condition.when),
        frozenset(shape(clause.root) for clause in condition.unless),
    )


@dataclass(frozen=True, slots=True)
class Blown:
    """A fuse that has blown.

    Attributes:
        rule: Id of the rule.
        posts: How many it dropped or held since it is fresh.
        recent: How many of the last posts.
        last: How many posts that are, at most `LAST`.
    """

    rule: str
    posts: int
    recent: int
    last: int

    def __str__(self) -> str:
        """For a person."""
        return f"{self.posts} posts since it was saved, {self.recent} of the last {self.last}"


class Fuse:
    """Counts what the fresh rules of one set do. Not safe for threads.

    Args:
        fresh: The rules that can blow it, as `fresh` gives them; where there are none it counts nothing.
        before: The fuse of the set before: what rules did that stay fresh and the same still counts.

    Attributes:
        posts: How many posts each rule dropped or held.
        recent: Which of them did so to each of the last posts, oldest first.
    """

    def __init__(self, fresh: Mapping[str, Hashable], before: "Fuse | None" = None) -> None:
        self.fresh = fresh
        self.posts: Counter[str] = Counter()
        self.recent: deque[frozenset[str]] = deque(maxlen=LAST)
        self._in_recent: Counter[str] = Counter()
        if before is not None and fresh:
            same = frozenset(name for name, doing in fresh.items() if before.fresh.get(name) == doing)
            self.posts.update({name: before.posts[name] for name in same})
            self.recent.extend(found & same for found in before.recent)
            self._in_recent.update(name for found in self.recent for name in found)

    def count(self, verdict: Verdict, deciders: Collection[str]) -> None:
        """Take in what rules said of one post, in the order of judging.

        Args:
            verdict: What came of it.
            deciders: All rules that asked for this verdict: where another one did, the fresh rule has changed nothing.
        """
        if not self.fresh:
            return
        acts = verdict in (Verdict.DROP, Verdict.HOLD) and deciders and self.fresh.keys() >= set(deciders)
        found = frozenset(deciders) if acts else frozenset[str]()
        if len(self.recent) == LAST:
            self._in_recent.subtract(self.recent[0])
        self.recent.append(found)
        self._in_recent.update(found)
        self.posts.update(found)

    def blown(self) -> tuple[Blown, ...]:
        """The rules that did too much, by their ids."""
        last = len(self.recent)
        return tuple(
            Blown(name, posts, self._in_recent[name], last)
            for name, posts in sorted(self.posts.items())
            if posts > MOST and self._in_recent[name] > SHARE * last
        )
