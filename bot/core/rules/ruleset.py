"""A rule set: all rules and lists at one version, loaded as a whole or not at all."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from hashlib import blake2b
from types import MappingProxyType

from bot.core.errors import Mistake, RuleError
from bot.core.model import Verdict
from bot.core.rules.circumstances import Ruling
from bot.core.rules.edits import accidents
from bot.core.rules.examples import BASE_NOW, Sample, SampleError, build
from bot.core.rules.fields import tidy_tag
from bot.core.rules.program import Condition, Program
from bot.core.rules.reading import Draft, Reader, read_list
from bot.core.rules.shape import clocks_in
from bot.core.rules.sheet import Sheet

_NOT_OURS = "milestones.toml"


class Mode(StrEnum):
    """Whether a rule acts."""

    LIVE = "live"
    SHADOW = "shadow"  # judged and counted, never acting
    OFF = "off"  # not judged; its examples still run


@dataclass(frozen=True, slots=True)
class Rule:
    """One named rule.

    Attributes:
        id: Permanent name.
        file: As mistakes show it.
        line: Where its [[rule]] stands, 1-based.
        condition: When it matches.
        about: One sentence for the desk.
        owner: Who answers for it.
        action: None for a rule that only has effects.
        mode: Whether it acts.
        tags: Added, folded.
        strand: "" for none.
        score: Added to the rank in the queue.
        redact: "phone", "email".
        samples: Its examples, as whole posts; empty in a set that was loaded as stored.
    """

    id: str
    file: str
    line: int
    condition: Condition
    about: str = ""
    owner: str = ""
    action: Verdict | None = None
    mode: Mode = Mode.LIVE
    tags: tuple[str, ...] = ()
    strand: str = ""
    score: int = 0
    redact: tuple[str, ...] = ()
    samples: tuple[Sample, ...] = ()

    @property
    def place(self) -> str:
        """`file:line`."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, eq=False)
class RuleSet:
    """Rules that judge together; frozen, safe to share between threads.

    Attributes:
        name: 8 hex digits: a hash of its files, in any order.
        rules: In file order: by the files' names, then by place.
        files: The texts that it was made of, by name: `load(files)` makes it again.
        lists: Entries of each list by its name.
        active: The rules that are judged: all but those with mode "off".
        program: What tells which of the active rules match.
        rulings: Rulings that were made before, by the rules that matched; only `judge` looks here.
    """

    name: str
    rules: tuple[Rule, ...]
    files: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    active: tuple[Rule, ...] = field(repr=False)
    program: Program = field(repr=False)
    rulings: dict[int, tuple[Verdict, Ruling]] = field(default_factory=dict, repr=False)

    @cached_property
    def clocks(self) -> frozenset[str]:
        """The event clocks that its clauses ask for."""
        conditions = [rule.condition for rule in self.active]
        return clocks_in(clause for one in conditions for clause in (*one.when, *one.unless))


def load(
    files: Mapping[str, str],
    *,
    name_hint: str = "",
    before: RuleSet | None = None,
    clocks: Collection[str] | None = None,
    trusted: bool = False,
) -> RuleSet:
    """Read, check and compile rule files, and run their examples.

    Args:
        files: Texts by name relative to the folder ("10-safety.toml", "lists/spam.txt"), in any order. "milestones.toml" and
            what is neither a .toml file nor a list is left aside.
        name_hint: The folder as a person would type it, put before the names in mistakes and reasons; "" for none.
        before: The set in force: a file that had rules there, still exists and now has none is a mistake (an empty save), and
            so is a list that lost all its entries, and a file that looks cut off.
        clocks: Ids of the event clocks there are, to check `clock("…")`; None where that is not known.
        trusted: They were in force before: examples are not looked at, so that a set stays loadable, and
            explains its old verdicts, when later versions of this program read examples or bound patterns otherwise.

    Raises:
        RuleError: With all mistakes, by file and line; nothing was loaded, the set in force stays.
    """
    ours = {name: files[name] for name in sorted(files) if _is_ours(name)}
    mistakes: list[Mistake] = []
    lists = _read_lists(ours, name_hint, mistakes)
    reader = Reader(lists, clocks, trusted=trusted)
    for name, text in ours.items():
        if name.endswith(".toml"):
            sheet = Sheet(_shown(name_hint, name), text)
            if reader.read(sheet) == 0 and before and _had_rules(before, {name, sheet.name}):
                mistakes.append(sheet.at(1, 1, 1, "the file has no rules any more: delete it if that is meant"))
    if before:
        mistakes.extend(accidents(before.files, ours, lambda name: _shown(name_hint, name)))
    mistakes.extend(reader.mistakes)
    rules = tuple(_rule(draft, mistakes, with_samples=not trusted) for draft in reader.drafts)
    every = Program([rule.condition for rule in rules])
    _run_samples(reader.drafts, rules, every, mistakes)
    if mistakes:
        raise RuleError(tuple(sorted(mistakes, key=lambda one: (one.file, one.line, one.column))))
    active = tuple(rule for rule in rules if rule.mode is not Mode.OFF)
    program = every if len(active) == len(rules) else Program([rule.condition for rule in active])
    return RuleSet(_name(ours), rules, MappingProxyType(ours), MappingProxyType(lists), active, program)


def readable(
    files: Mapping[str, str], *, name_hint: str = "", clocks: Collection[str] | None = None
) -> tuple[Rule, ...]:
    """The rules whose own table is right, whatever else is wrong in their file or another; no example is run.

    Args:
        files: As `load` takes them, and so for the other arguments.

    Returns:
        In file order. An example that makes no post is missing.
    """
    ours = {name: files[name] for name in sorted(files) if _is_ours(name)}
    reader = Reader(_read_lists(ours, name_hint, []), clocks)
    for name, text in ours.items():
        if name.endswith(".toml"):
            reader.read(Sheet(_shown(name_hint, name), text))
    return tuple(_rule(draft, [], with_samples=True) for draft in reader.drafts)


def _is_ours(name: str) -> bool:
    folder, _, last = name.rpartition("/")
    if last.startswith((".", "#", "~")) or last == _NOT_OURS:
        return False
    return last.endswith(".toml") or (last.endswith(".txt") and folder.rpartition("/")[2] == "lists")


def _shown(folder: str, name: str) -> str:
    return f"{folder.rstrip('/')}/{name}" if folder else name


def _name(files: Mapping[str, str]) -> str:
    digest = blake2b(digest_size=4)
    for name, text in files.items():
        for part in (name, text):
            content = part.encode("utf-8", "surrogatepass")
            digest.update(len(content).to_bytes(8, "big"))
            digest.update(content)
    return digest.hexdigest()


def _had_rules(before: RuleSet, names: Collection[str]) -> bool:
    return any(rule.file in names for rule in before.rules)


def _read_lists(files: Mapping[str, str], folder: str, mistakes: list[Mistake]) -> dict[str, tuple[str, ...]]:
    lists: dict[str, tuple[str, ...]] = {}
    for name, text in files.items():
        if name.endswith(".txt"):
            sheet = Sheet(_shown(folder, name), text)
            entries, wrong = read_list(sheet)
            mistakes.extend(wrong)
            short = name.rpartition("/")[2].removesuffix(".txt").replace("-", "_")
            if not short.isidentifier() or not short.isascii():
                reason = "a list's file is named with letters, digits and '_', so that rules can write lists.NAME"
                mistakes.append(sheet.at(1, 1, 1, reason))
            elif short in lists:
                mistakes.append(sheet.at(1, 1, 1, f"there are two lists named '{short}': rename one"))
            lists[short] = entries
    return lists


def _rule(draft: Draft, mistakes: list[Mistake], *, with_samples: bool) -> Rule:
    block = draft.block
    now = BASE_NOW
    if block.start and now < block.start:
        now = block.start
    if block.until and now >= block.until:
        now = block.until - timedelta(seconds=1)
    return Rule(
        id=block.id,
        file=draft.sheet.name,
        line=draft.line,
        condition=Condition(draft.when, draft.unless, block.start, block.until),
        about=block.about,
        owner=block.owner,
        action=Verdict(block.action) if block.action else None,
        mode=Mode(block.mode),
        tags=tuple(dict.fromkeys(map(tidy_tag, block.tag))),
        strand=block.strand,
        score=block.score,
        redact=tuple(block.redact),
        samples=(*_samples(draft, "catches", now, mistakes), *_samples(draft, "spares", now, mistakes))
        if with_samples
        else (),
    )


def _samples(draft: Draft, key: str, now: datetime, mistakes: list[Mistake]) -> list[Sample]:
    samples = []
    for number, given in enumerate(draft.block.catches if key == "catches" else draft.block.spares):
        path = (*draft.path, key, number)
        try:
            post, around = build(given, now)
        except SampleError as error:
            mistakes.append(draft.sheet.value((*path, *error.path), str(error), error.hint))
        else:
            samples.append(Sample(key == "catches", number, draft.sheet.spot(path).value.line, post, around))
    return samples


def _run_samples(drafts: list[Draft], rules: tuple[Rule, ...], program: Program, mistakes: list[Mistake]) -> None:
    for number, (draft, rule) in enumerate(zip(drafts, rules, strict=True)):
        for sample in rule.samples:
            matched = bool(program.matched(sample.post, sample.around) >> number & 1)
            if matched != sample.caught:
                path = (*draft.path, "catches" if sample.caught else "spares", sample.number)
                mistakes.append(draft.sheet.value(path, _why_not(rule, sample, program)))


def _why_not(rule: Rule, sample: Sample, program: Program) -> str:
    if not sample.caught:
        return f"the rule '{rule.id}' must spare this example, and matches it: all its clauses hold"
    start = f"the rule '{rule.id}' must catch this example, and does not"
    now = sample.around.now
    if (rule.condition.start and now < rule.condition.start) or (rule.condition.end and now >= rule.condition.end):
        return f"{start}: it is outside of the rule's dates"
    value = program.values(sample.post, sample.around)
    for clause in rule.condition.when:
        if not value(clause.root):
            return f"{start}: the clause {clause.text} does not hold"
    for clause in rule.condition.unless:
        if value(clause.root):
            return f"{start}: it is exempt by unless {clause.text}"
    return start
