"""Rule files as they lie in a folder, before anything runs: all mistakes at once, what is hardly meant, and failing examples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot.app import people_file, plan_pictures
from bot.app.opening import desk_of, has_store, load_config, open_app
from bot.config.load import Loaded
from bot.core.errors import Mistake, NotFoundError, RuleError, StoreError
from bot.core.milestones.plan import FILE as PLAN_FILE
from bot.core.milestones.reading import load as load_plan
from bot.core.people import People
from bot.core.rules.edits import has_rules
from bot.core.rules.failing import Failing, failing
from bot.core.rules.lints import Lint, lint
from bot.core.rules.ruleset import RuleSet, readable
from bot.core.rules.ruleset import load as load_rules
from bot.pipeline import adopt
from bot.store import rulesets

NO_FOLDER = "there is no such folder: name the one with the rule files"


@dataclass(frozen=True, slots=True)
class CheckedRules:
    """A rule folder without mistakes.

    Attributes:
        name: What the rule set is called: the hash of its files.
        examples: All of them were run.
        milestones: None where they were left aside, because no configuration names the clocks.
        people: How many persons.
        people_accounts: How many accounts they have together.
        warnings: What is allowed and hardly meant.
        compared: The set in force that they were compared with: files that lost all their rules are a mistake then. "" for
            none: nothing is stored yet, or it is another folder than the configured one.
        uncompared: Why the store could not be asked for it; "" where it was, or where there is none.
    """

    name: str
    files: int
    rules: int
    examples: int
    lists: int
    milestones: int | None
    people: int = 0
    people_accounts: int = 0
    warnings: tuple[Lint, ...] = ()
    compared: str = ""
    uncompared: str = ""

    def counts(self) -> dict[str, object]:
        """Name and numbers, for scripts."""
        return {
            "name": self.name,
            "files": self.files,
            "rules": self.rules,
            "examples": self.examples,
            "lists": self.lists,
            "milestones": self.milestones,
            "people": self.people,
            "people_accounts": self.people_accounts,
            "compared": self.compared,
        }


@dataclass(frozen=True, slots=True)
class CheckedFiles:
    """Some files of a rule folder, without mistakes of their own.

    Attributes:
        files: As they are shown.
        warnings: What is allowed in them and hardly meant; empty where other files have mistakes, too.
        elsewhere: How many mistakes other files of the folder have.
    """

    files: tuple[str, ...]
    warnings: tuple[Lint, ...] = ()
    elsewhere: int = 0


def check_rules(folder: Path | None, config: Path, environ: Mapping[str, str] | None = None) -> CheckedRules:
    """Load rules, plan and people as `adopt` would, without adopting them.

    Args:
        folder: None takes the configuration's.
        config: Where the clocks, strands and accounts stand that rules and plan speak of. It may be missing where `folder` is
            given; then the plan is only looked at where there is none to check.

    Raises:
        ConfigError: The configuration is needed, or there, and has mistakes.
        NotFoundError: There is no such folder.
        RuleError: With every mistake of rules, plan and people.
    """
    loaded = load_config(config, environ) if folder is None or config.exists() else None
    where = folder if folder is not None else _rules_folder(loaded)
    shown = _as_typed(where)
    if not where.is_dir():
        raise NotFoundError(f"{shown}: {NO_FOLDER}")
    found = adopt.read(where)
    running = _in_force(config, environ, shown) if loaded else _Running()
    if loaded and not where.samefile(_rules_folder(loaded)):
        running = _Running(now=running.now)
    mistakes = [Mistake(f"{shown}/{name}", 0, 0, why) for name, why in found.problems]
    desk = desk_of(loaded.settings) if loaded else None
    rules = milestones = None
    if running.rules and has_rules(running.rules.files) and not has_rules(found.files):
        mistakes.append(Mistake(shown, 0, 0, "the folder has no rule files any more: put them back"))
    try:
        rules = load_rules(found.files, name_hint=shown, before=running.rules, desk=desk)
    except RuleError as error:
        mistakes.extend(error.mistakes)
    people = None
    try:
        people = people_file.on_disk(found.files, shown, running.people)
    except RuleError as error:
        mistakes.extend(error.mistakes)
    if desk is not None:
        try:
            plan = load_plan(
                found.files.get(PLAN_FILE, ""),
                file=f"{shown}/{PLAN_FILE}",
                clocks=desk.clocks,
                strands=tuple(desk.strands),
                accounts=desk.accounts,
                zone=desk.zone,
                persons=None if people is None else people.runners(),
                sources=[source.name for source in loaded.settings.source] if loaded else None,
            )
            milestones = len(plan.milestones)
            mistakes.extend(plan_pictures.mistakes(plan, where, shown))
            if PLAN_FILE in found.files and not milestones and running.has_plan:
                why = "the file has no milestones any more: delete it if that is meant"
                mistakes.append(Mistake(f"{shown}/{PLAN_FILE}", 1, 1, why))
        except RuleError as error:
            mistakes.extend(error.mistakes)
    if mistakes or rules is None or people is None:
        raise RuleError(tuple(mistakes))
    return CheckedRules(
        name=rules.name,
        files=len([name for name in rules.files if name.endswith(".toml")]),
        rules=len(rules.rules),
        examples=sum(len(rule.samples) for rule in rules.rules) + len(rules.cases),
        lists=len(rules.lists),
        milestones=milestones,
        people=len(people.persons),
        people_accounts=len(people.by_author),
        warnings=lint(rules, now=running.now or datetime.now(UTC)),
        compared=running.rules.name if running.rules else "",
        uncompared=running.problem,
    )


def check_files(paths: Sequence[Path], config: Path, environ: Mapping[str, str] | None = None) -> CheckedFiles:
    """Check some files of a rule folder together with all the others there; only what is wrong with these counts.

    Raises:
        NotFoundError: One is not there, or they lie in several folders.
        RuleError: With every mistake of these files. Others as `check_rules`.
    """
    for path in paths:
        if not path.is_file():
            raise NotFoundError(f"{path}: there is no such file or folder: name rule files, lists, or one folder")
    folders = {path.parent.parent if path.suffix == ".txt" else path.parent for path in paths}
    if len(folders) > 1:
        raise NotFoundError(f"{paths[0]} and {paths[-1]} do not lie in one rule folder: check them one by one")
    (folder,) = folders
    shown = _as_typed(folder)
    names = tuple(f"{shown}/{path.relative_to(folder).as_posix()}" for path in paths)
    try:
        found = check_rules(folder, config, environ)
    except RuleError as error:
        own = tuple(mistake for mistake in error.mistakes if mistake.file in names)
        if own:
            raise RuleError(own) from error
        return CheckedFiles(names, elsewhere=len(error.mistakes))
    return CheckedFiles(names, tuple(one for one in found.warnings if one.mistake.file in names))


@dataclass(frozen=True, slots=True)
class _Running:
    """What the files are compared with.

    Attributes:
        rules: None where none are in force.
        has_plan: Milestones are in force.
        people: In force.
        problem: Why the store cannot be asked.
        now: Event time, which a rehearsal may have set; None where there is no store to ask.
    """

    rules: RuleSet | None = None
    has_plan: bool = False
    people: People = field(default_factory=People)
    problem: str = ""
    now: datetime | None = None


def _in_force(config: Path, environ: Mapping[str, str] | None, shown: str) -> _Running:
    """The rules in force; none where there is no store yet."""
    if not has_store(load_config(config, environ)):
        return _Running()
    try:
        app = open_app(config, environ, outside=False, make=False)
        try:
            app.check_store()
            with app.database.read() as tx:
                active = rulesets.active(tx, rulesets.RULES)
            rules = load_rules(active.files, name_hint=shown, trusted=True) if active else None
            has_plan = bool(app.plan().milestones or app.plan_problem)
            return _Running(rules, has_plan, app.people(), now=app.now())
        finally:
            app.close()
    except (StoreError, RuleError) as error:
        return _Running(problem=str(error))


def read_rules(config: Path, environ: Mapping[str, str] | None = None) -> RuleSet:
    """The rules of the configured folder, without a store.

    Raises:
        ConfigError: The configuration has mistakes.
        NotFoundError: There is no such folder.
        RuleError: The rules have mistakes, or an example fails.
    """
    loaded, found = read_folder(config, environ)
    if found.problems:
        folder = loaded.settings.rules.folder
        raise RuleError(tuple(Mistake(f"{folder}/{name}", 0, 0, why) for name, why in found.problems))
    return load_rules(found.files, name_hint=loaded.settings.rules.folder, desk=desk_of(loaded.settings))


def failing_examples(config: Path, environ: Mapping[str, str] | None = None) -> tuple[Failing, ...]:
    """Run the examples of the rules whose own table is right, whatever is wrong elsewhere. Raises as `read_rules`, but for mistakes."""
    loaded, found = read_folder(config, environ)
    desk = desk_of(loaded.settings)
    return failing(readable(found.files, name_hint=loaded.settings.rules.folder, desk=desk))


def read_folder(config: Path, environ: Mapping[str, str] | None) -> tuple[Loaded, adopt.Folder]:
    """The configuration and the rule folder that it names, as it lies there. Raises as `read_rules`, but for mistakes of rules."""
    loaded = load_config(config, environ)
    where = _rules_folder(loaded)
    if not where.is_dir():
        raise NotFoundError(f"{where}: there is no such folder: name it in [rules] folder")
    return loaded, adopt.read(where)


def _as_typed(path: Path) -> str:
    """A path as a person in this folder would type it: mistakes name it, and editors and CI make it a link."""
    here, there = Path.cwd(), path.absolute()
    return str(there.relative_to(here)) if there.is_relative_to(here) else str(path)


def _rules_folder(loaded: Loaded | None) -> Path:
    if loaded is None:
        raise NotFoundError("no rule folder is named")
    return loaded.resolve(loaded.settings.rules.folder)
