"""What is allowed in rule files and still hardly meant: each with its place, a stable name, and what to do.

Mistakes that refuse a file stand in `reading`; nothing is said twice. A comment `# allow NAME` on the same line, or on the
lines of comment right above it, silences a warning there; errors cannot be silenced.
"""

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from bot.core.errors import Mistake
from bot.core.rules.damage import entry_spans
from bot.core.rules.entries import dead, is_short, meetings
from bot.core.rules.outline import Located, Outline, outlines, sheets
from bot.core.rules.patterns import Pattern
from bot.core.rules.program import Program
from bot.core.rules.ranges import Ranges
from bot.core.rules.ruleset import Mode, RuleSet
from bot.core.rules.shape import always, conjuncts, nodes, shape
from bot.core.rules.tree import AnyNode, CallNode, Clause, CompareNode, ConstantNode, FieldNode, MemberNode, Node
from bot.core.rules.values import show
from bot.core.sheet import Sheet

_WHOLE_POST_BYTES = 2_000  # 500 characters of any script, as Mastodon allows; Bluesky allows 300
_ALLOW = re.compile(r"#\s*allow\s+([a-z\-]+(?:[\s,]+[a-z\-]+)*)")


class Severity(StrEnum):
    """How bad it is."""

    ERROR = "error"  # the rule or a part of it can never do what it says
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Lint:
    """One thing that is hardly meant.

    Attributes:
        name: Stable, for `# allow NAME`, for machines and for the guide.
        severity: How bad it is.
        mistake: Where, what, and what to do.
        rule: Id of the rule that it is about, "" for a list.
    """

    name: str
    severity: Severity
    mistake: Mistake
    rule: str = ""

    def __str__(self) -> str:
        """As a mistake, with severity and name."""
        head, line_end, rest = str(self.mistake).partition("\n")
        return f"{head} [{self.severity.value}: {self.name}]{line_end}{rest}"


LINTS: Mapping[str, str] = MappingProxyType(
    {
        "never-matches": "the rule can never match: a clause never holds, contradicts another, or stands in unless too",
        "constant-clause": "a clause comes out the same for every post",
        "said-twice": "a rule says the same clause twice",
        "same-condition": "two rules ask the same",
        "expired": "the rule's time is over",
        "no-about": "nobody will know what the rule is for",
        "no-catches": "no example shows what the rule must match",
        "no-spares": "no example shows what the rule must leave alone",
        "empty-list": "a list has no entries",
        "unused-list": "no rule asks a list",
        "dead-entry": "an entry can never match",
        "todo-holds": "an example that was kept for later holds by now",
        "short-entry": "a word of three letters or less is found in many posts",
        "changing-handle": "a person is known by a handle, which somebody else can have tomorrow",
        "costly-pattern": "a pattern takes so much work that it looks at the beginning of a long post alone",
    },
)


def lint(rule_set: RuleSet, *, now: datetime | None = None) -> tuple[Lint, ...]:
    """Look for what is hardly meant in rules that load.

    Args:
        rule_set: As loaded; its files are read again for their places.
        now: Event time, aware UTC, to tell which rules are over; None leaves that out.

    Returns:
        By file, line and column; what a comment allows is left out.
    """
    files = sheets(rule_set)
    rules = outlines(rule_set)
    found = [*_rules(rules, now), *_lists(rule_set, files, rules), *_done(rules)]
    by_name = {sheet.name: sheet for sheet in files.values()}
    found = list(
        {(one.name, one.mistake.place): one for one in found}.values()
    )  # a file's exemptions are its rules' too
    heard = [one for one in found if one.severity is Severity.ERROR or not _allowed(by_name[one.mistake.file], one)]
    return tuple(sorted(heard, key=lambda one: (one.mistake.file, one.mistake.line, one.mistake.column, one.name)))


def _done(rules: Sequence[Outline]) -> Iterator[Lint]:
    """Examples that were kept for later and hold by now."""
    for outline in rules:
        matched = Program([outline.rule.condition]).matched
        for sample in outline.rule.todos:
            if bool(matched(sample.post, sample.around)) is sample.caught:
                key = "catches" if sample.caught else "spares"
                reason = f"the rule '{outline.rule.id}' {key} this example by now: move it to {key}"
                where = outline.sheet.value((*outline.path, f"todo_{key}", sample.number), reason)
                yield Lint("todo-holds", Severity.WARNING, where, outline.rule.id)


def _allowed(sheet: Sheet, one: Lint) -> bool:
    number = one.mistake.line
    lines = [sheet.lines[number - 1]] if 0 < number <= len(sheet.lines) else []
    while number > 1 and sheet.lines[number - 2].lstrip().startswith("#"):
        number -= 1
        lines.append(sheet.lines[number - 1])
    return any(one.name in re.split(r"[\s,]+", found) for line in lines for found in _ALLOW.findall(line))


def _rules(rules: Sequence[Outline], now: datetime | None) -> Iterator[Lint]:
    seen: dict[Hashable, Outline] = {}
    for outline in rules:
        yield from _examples(outline)
        yield from _clauses(outline)
        yield from _entries(outline)
        yield from _patterns(outline)
        yield from _handles(outline)
        rule = outline.rule
        if rule.mode is Mode.OFF:
            continue
        end = rule.condition.end
        if now and end and end <= now:
            where = outline.sheet.value(
                (*outline.path, "until"), f"the rule ended at {show(end)}: delete it, or set a new time"
            )
            yield Lint("expired", Severity.WARNING, where, rule.id)
        first = seen.setdefault(_asked(outline), outline)
        if first is not outline:
            reason = f"'{rule.id}' asks the same as '{first.rule.id}' ({first.rule.place}): make them one rule"
            yield Lint("same-condition", Severity.WARNING, outline.sheet.key(outline.path, reason), rule.id)


def _asked(outline: Outline) -> Hashable:
    condition = outline.rule.condition
    when = frozenset(shape(part) for clause in condition.when for part in conjuncts(clause.root))
    return (when, frozenset(shape(clause.root) for clause in condition.unless), condition.start, condition.end)


def _examples(outline: Outline) -> Iterator[Lint]:
    rule, sheet, path = outline.rule, outline.sheet, outline.path
    if not rule.about.strip():
        where = sheet.key(
            path, f"'{rule.id}' says nothing about itself: write one sentence for the desk", 'about = "…"'
        )
        yield Lint("no-about", Severity.WARNING, where, rule.id)
    kinds = {sample.caught for sample in rule.samples}
    if True not in kinds:
        where = sheet.key(path, f"'{rule.id}' has no example that it must match: write one", 'catches = ["…"]')
        yield Lint("no-catches", Severity.WARNING, where, rule.id)
    if False not in kinds:
        where = sheet.key(path, f"'{rule.id}' has no example that it must leave alone: write one", 'spares = ["…"]')
        yield Lint("no-spares", Severity.WARNING, where, rule.id)


def _clauses(outline: Outline) -> Iterator[Lint]:
    rule = outline.rule
    needed: dict[Hashable, Located] = {}
    exempt: dict[Hashable, Located] = {}
    ranges = Ranges()
    exemptions = (*outline.unless, *outline.shared)
    for located, exempts in [*((one, False) for one in outline.when), *((one, True) for one in exemptions)]:
        root = located.clause.root
        held, asked = always(root), shape(root)
        if held is not None and not _asks_empty_list(located.clause):
            yield _constant(rule.id, located, held=held, exempts=exempts)
        own = exempt if exempts else needed
        if asked in own:
            reason = f"the rule says this already in line {own[asked].at(own[asked].clause.root, '').line}: delete one"
            yield Lint("said-twice", Severity.WARNING, located.at(root, reason), rule.id)
            continue
        if exempts:
            exempt[asked] = located
            if any(shape(part) in needed for part in (root, *(root.parts if isinstance(root, AnyNode) else ()))):
                reason = "the same stands in 'when', so the rule can never match: delete one, or turn it round"
                yield Lint("never-matches", Severity.ERROR, located.at(root, reason), rule.id)
            continue
        for part in (root, *conjuncts(root)):
            opposite = shape(part, negated=True) in needed
            if opposite or (held is None and ranges.leaves_nothing(part)):
                other = (
                    "another clause of 'when' asks the opposite"
                    if opposite
                    else "no value is in both of two comparisons"
                )
                reason = f"{other}, so the rule can never match: delete one"
                yield Lint("never-matches", Severity.ERROR, located.at(part, reason), rule.id)
                break
        needed.update((shape(part), located) for part in (root, *conjuncts(root)))


def _constant(rule: str, located: Located, *, held: bool, exempts: bool) -> Lint:
    root = located.clause.root
    if held is exempts:
        reason = f"this is {'always' if held else 'never'} so, and the rule can never match: correct it"
        return Lint("never-matches", Severity.ERROR, located.at(root, reason), rule)
    reason = f"this is {'always' if held else 'never'} so, for every post: correct it or delete it"
    return Lint("constant-clause", Severity.WARNING, located.at(root, reason), rule)


def _asks_empty_list(clause: Clause) -> bool:
    return any(isinstance(node, ConstantNode) and node.name and node.value == () for node in nodes(clause.root))


def _entries(outline: Outline) -> Iterator[Lint]:
    """Entries that stand in the clauses themselves."""
    for located in (*outline.when, *outline.unless, *outline.shared):
        for asked, constant, words in meetings(located.clause.root):
            if constant.name:
                continue
            values = constant.value if isinstance(constant.value, tuple) else (constant.value,)
            spans = entry_spans(located.clause.text, constant) or [(constant.start, constant.end)]
            for value, (start, end) in zip(values, spans, strict=True):
                reason = dead(str(value), "" if words else asked)
                if reason and value != "":
                    yield Lint("dead-entry", Severity.WARNING, located.at(Node(start, end), reason), outline.rule.id)


def _handles(outline: Outline) -> Iterator[Lint]:
    for located in (*outline.when, *outline.unless, *outline.shared):
        for node in nodes(located.clause.root):
            if not isinstance(node, MemberNode | CompareNode):
                continue
            one, other = node.parts
            for asked, known in ((one, other), (other, one)):
                named = isinstance(known, ConstantNode) and known.value != ""
                if named and isinstance(asked, FieldNode) and asked.field.name == "author.handle":
                    reason = "handles change hands, so this may mean somebody else tomorrow: ask for author.id"
                    yield Lint("changing-handle", Severity.WARNING, located.at(asked, reason), outline.rule.id)


def _patterns(outline: Outline) -> Iterator[Lint]:
    for located in (*outline.when, *outline.unless, *outline.shared):
        for node in nodes(located.clause.root):
            match node:
                case CallNode(function="matches", arguments=(_, ConstantNode(value=str(text)) as written)):
                    seen = Pattern(text, trusted=True).most_bytes
                    if seen < _WHOLE_POST_BYTES:
                        reason = f"this pattern is costly, so it looks at the first {seen} bytes of a post alone"
                        advice = "take smaller numbers in braces, '*' for '{0,…}', or a word list"
                        where = located.at(written, f"{reason}: {advice}")
                        yield Lint("costly-pattern", Severity.WARNING, where, outline.rule.id)


def _lists(rule_set: RuleSet, files: Mapping[str, Sheet], rules: Sequence[Outline]) -> Iterator[Lint]:
    asked: dict[str, list[tuple[str, bool, str]]] = {}
    for outline in rules:
        for located in (*outline.when, *outline.unless, *outline.shared):
            for field, constant, words in meetings(located.clause.root):
                if constant.name:
                    asked.setdefault(constant.name, []).append((field, words, outline.rule.id))
    for name, sheet in files.items():
        if name.endswith(".txt"):
            short = name.rpartition("/")[2].removesuffix(".txt").replace("-", "_")
            yield from _list(short, sheet, rule_set.lists.get(short, ()), asked.get(short, []))


def _list(name: str, sheet: Sheet, entries: Sequence[str], asked: Sequence[tuple[str, bool, str]]) -> Iterator[Lint]:
    if not asked:
        where = sheet.at(1, 1, 1, f"no rule asks lists.{name}: delete the file, or use it")
        yield Lint("unused-list", Severity.WARNING, where)
    if not entries:
        users = ", ".join(dict.fromkeys(rule for _, _, rule in asked))
        tail = f", so it never decides in {users}" if users else ""
        yield Lint(
            "empty-list", Severity.WARNING, sheet.at(1, 1, 1, f"the list is empty{tail}: write entries, one a line")
        )
    known = frozenset(entries)
    fields = {"" if words else field for field, words, _ in asked}
    short = any(words for _, words, _ in asked)
    for number, line in enumerate(sheet.lines, 1):
        entry = line.strip()
        if entry not in known:
            continue
        column = line.index(entry) + 1
        reasons = [dead(entry, field) for field in sorted(fields)]
        if reasons and all(reasons):
            yield Lint("dead-entry", Severity.WARNING, sheet.at(number, column, len(entry), reasons[0]))
        elif short and is_short(entry):
            reason = (
                f"'{entry}' is short and turns up in many posts: write more of it, or '# allow short-entry' above it"
            )
            yield Lint("short-entry", Severity.WARNING, sheet.at(number, column, len(entry), reason))
