"""A rule set: all rules and lists at one version, loaded as a whole or not at all."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from types import MappingProxyType

from bot.core.desk import Desk
from bot.core.errors import Mistake, RuleError
from bot.core.model import Verdict
from bot.core.rules import fusing
from bot.core.rules.edits import NO_RULES, accidents
from bot.core.rules.examples import BASE_NOW, Sample, SampleError, build
from bot.core.rules.examples import moment as moment_of
from bot.core.rules.fields import tidy_tag
from bot.core.rules.judge import judge
from bot.core.rules.limits import Limit
from bot.core.rules.meeting import near
from bot.core.rules.program import Condition, Program
from bot.core.rules.reading import Draft, DraftCase, Reader, read_list
from bot.core.rules.rule import Mode, Rule, RuleSet, WholeCase
from bot.core.sheet import Sheet

__all__ = ["Mode", "Rule", "RuleSet", "WholeCase", "load", "name_of", "readable"]


def load(
    files: Mapping[str, str],
    *,
    name_hint: str = "",
    before: RuleSet | None = None,
    desk: Desk | None = None,
    trusted: bool = False,
) -> RuleSet:
    """Read, check and compile rule files, and run their examples.

    Args:
        files: Texts by name relative to the folder ("10-safety.toml", "lists/spam.txt"), in any order. "milestones.toml",
            "people.toml" and what is neither a .toml file nor a list are left aside, but for the rules taken out of action
            (`fusing.FILE`).
        name_hint: The folder as a person would type it, put before the names in mistakes and reasons; "" for none.
        before: The set in force: a file that had rules there, still exists and now has none is a mistake (an empty save), and
            so is a list that lost all its entries, and a file that looks cut off.
        desk: What is configured: the clocks, strands, accounts, sources and platforms that rules name, and what happens where
            none acts. None where that is not known: then names are not checked.
        trusted: They were in force before: examples are not looked at, so that a set stays loadable, and
            explains its old verdicts, when later versions of this program read examples or bound patterns otherwise.

    Raises:
        RuleError: With all mistakes, by file and line; nothing was loaded, the set in force stays.
    """
    ours = {name: files[name] for name in sorted(files) if _is_ours(name)}
    fused = fusing.out_of_action(ours)
    if fused and not trusted:  # examples speak of the rules as the desk wrote them
        written = {name: text for name, text in ours.items() if name != fusing.FILE}
        load(written, name_hint=name_hint, before=before, desk=desk)
    mistakes: list[Mistake] = []
    lists = _read_lists(ours, name_hint, mistakes)
    reader = Reader(lists, desk, trusted=trusted)
    for name, text in ours.items():
        if name.endswith(".toml"):
            sheet = Sheet(_shown(name_hint, name), text)
            if reader.read(sheet) == 0 and before and _had_rules(before, {name, sheet.name}):
                mistakes.append(sheet.at(1, 1, 1, "the file has no rules any more: delete it if that is meant"))
    if before:
        mistakes.extend(accidents(before.files, ours, lambda name: _shown(name_hint, name)))
    mistakes.extend(reader.mistakes)
    rules = tuple(_rule(draft, fused, mistakes, with_samples=not trusted) for draft in reader.drafts)
    cases = () if trusted else tuple(_case(draft, rules, mistakes) for draft in reader.cases)
    every = Program([rule.condition for rule in rules])
    if not trusted:
        _run_samples(reader.drafts, rules, every, mistakes)
    if not mistakes:
        active = tuple(rule for rule in rules if rule.mode is not Mode.OFF)
        program = every if len(active) == len(rules) else Program([rule.condition for rule in active])
        whole = tuple(case for case in cases if case)
        made = RuleSet(_name(ours), rules, MappingProxyType(ours), MappingProxyType(lists), active, program, whole)
        if not fused and not trusted:
            mistakes.extend(_run_cases(reader.cases, made, desk or Desk()))
    if mistakes:
        raise RuleError(tuple(sorted(mistakes, key=lambda one: (one.file, one.line, one.column))))
    return made


def name_of(files: Mapping[str, str]) -> str:
    """What a rule set of these files is called; files that are not ours do not count."""
    return _name({name: files[name] for name in sorted(files) if _is_ours(name)})


def readable(files: Mapping[str, str], *, name_hint: str = "", desk: Desk | None = None) -> tuple[Rule, ...]:
    """The rules whose own table is right, whatever else is wrong in their file or another; no example is run.

    Args:
        files: As `load` takes them, and so for the other arguments.

    Returns:
        In file order. An example that makes no post is missing.
    """
    ours = {name: files[name] for name in sorted(files) if _is_ours(name)}
    reader = Reader(_read_lists(ours, name_hint, []), desk)
    for name, text in ours.items():
        if name.endswith(".toml"):
            reader.read(Sheet(_shown(name_hint, name), text))
    return tuple(_rule(draft, {}, [], with_samples=True) for draft in reader.drafts)


def _is_ours(name: str) -> bool:
    if name == fusing.FILE:
        return True
    folder, _, last = name.rpartition("/")
    if last.startswith((".", "#", "~")) or last in NO_RULES:
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


def _rule(draft: Draft, fused: Mapping[str, Mode], mistakes: list[Mistake], *, with_samples: bool) -> Rule:
    block = draft.block
    mode = Mode(block.mode)
    blown = mode is not Mode.OFF and block.id in fused
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
        mode=fused[block.id] if blown else mode,
        tags=tuple(dict.fromkeys(map(tidy_tag, block.tag))),
        strand=block.strand,
        score=block.score,
        redact=tuple(block.redact),
        samples=(*_samples(draft, "catches", now, mistakes), *_samples(draft, "spares", now, mistakes))
        if with_samples
        else (),
        accounts=tuple(dict.fromkeys(block.accounts or ())),
        limit=Limit(block.limit.count, draft.limit, block.limit.by) if block.limit else None,
        shared=draft.shared,
        fused=blown,
        fuse=block.fuse == "on",
        todos=(*_samples(draft, "todo_catches", now, mistakes), *_samples(draft, "todo_spares", now, mistakes))
        if with_samples
        else (),
    )


def _samples(draft: Draft, key: str, now: datetime, mistakes: list[Mistake]) -> list[Sample]:
    samples = []
    given_samples: list[object] = getattr(draft.block, key)
    for number, given in enumerate(given_samples):
        path = (*draft.path, key, number)
        try:
            post, around = build(given, now)
        except SampleError as error:
            mistakes.append(draft.sheet.value((*path, *error.path), str(error), error.hint))
        else:
            samples.append(Sample(key.endswith("catches"), number, draft.sheet.spot(path).value.line, post, around))
    return samples


def _case(draft: DraftCase, rules: Collection[Rule], mistakes: list[Mistake]) -> WholeCase | None:
    block, sheet, path = draft.block, draft.sheet, draft.path
    if block.by is not None and block.by not in {rule.id for rule in rules}:
        hint = near(block.by, [rule.id for rule in rules])
        mistakes.append(sheet.value((*path, "by"), f"there is no rule '{block.by}'", hint))
    try:
        now = BASE_NOW if block.now is None else moment_of(block.now, ("now",))
    except SampleError as error:
        mistakes.append(sheet.value((*path, *error.path), str(error), error.hint))
        return None
    try:
        post, around = build(block.post, now)
    except SampleError as error:
        mistakes.append(sheet.value((*path, "post", *error.path), str(error), error.hint))
        return None
    line = sheet.spot(path).key.line
    return WholeCase(sheet.name, line, block.about, post, around, Verdict(block.expect), block.by or "")


def _run_cases(drafts: list[DraftCase], made: RuleSet, desk: Desk) -> list[Mistake]:
    mistakes = []
    for draft, case in zip(drafts, made.cases, strict=True):
        ruling = judge(made, case.post, case.around, default=desk.default, publish_at=desk.publish_at)
        if case.met(ruling, made.deciders(ruling)):
            continue
        wanted = f"expects {case.expect.value}" + (f" by '{case.by}'" if case.by else "")
        reason = f"the case {wanted}, and the rules say {ruling.verdict.value}: {ruling.why}"
        key = "expect" if ruling.verdict is not case.expect else "by"
        mistakes.append(draft.sheet.value((*draft.path, key), reason))
    return mistakes


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
