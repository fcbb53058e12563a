"""rules check, rules test: before an edit goes live."""

from collections.abc import Sequence
from pathlib import Path

import typer

from bot.app import configuring
from bot.app.rules import checking
from bot.cli.ends import Exit, message_of
from bot.cli.names import require
from bot.cli.terminal import json_document, note, out
from bot.core.errors import Mistake, MistakesError, RuleError
from bot.core.rules.failing import Failing
from bot.core.rules.lints import Lint, Severity
from bot.core.rules.mutants import Survivor, mutate
from bot.core.rules.render import lines_of
from bot.core.text.amounts import several


def check(paths: Sequence[Path], config: Path, *, as_json: bool, github: bool, strict: bool) -> None:
    """Say that the rules are good, or every mistake and everything that is hardly meant.

    Args:
        paths: A folder, or files of one; none for the configured folder.

    Raises:
        ConfigError: The configuration has mistakes.
        typer.Exit: The rules have mistakes, a rule can never do what it says, or they have warnings, and those count.
    """
    files = [path for path in paths if not path.is_dir()]
    try:
        if files:
            some = checking.check_files(files, config)
            _files_are_good(some, as_json=as_json, github=github)
            warnings: Sequence[Lint] = some.warnings
        else:
            found = checking.check_rules(paths[0] if paths else None, config)
            _rules_are_good(found, as_json=as_json, github=github)
            warnings = found.warnings
    except MistakesError as error:
        if as_json:
            json_document({"ok": False, "mistakes": configuring.mistakes_of(error), "warnings": []})
        if github:
            for mistake in error.mistakes:
                out(annotation("error", mistake, "mistake"))
        if not isinstance(error, RuleError):
            raise
        note(message_of(error))
        raise typer.Exit(Exit.FAILED) from error
    if any(strict or one.severity is Severity.ERROR for one in warnings):
        raise typer.Exit(Exit.FAILED)


def _files_are_good(found: checking.CheckedFiles, *, as_json: bool, github: bool) -> None:
    if as_json:
        warnings = [_shown(one) for one in found.warnings]
        json_document({"ok": True, "mistakes": [], "warnings": warnings, "elsewhere": found.elsewhere})
        return
    _warn(found.warnings, github=github)
    if not github:
        more = f", {several(len(found.warnings), 'warning')}" if found.warnings else ""
        out(f"{', '.join(found.files)}: good{more}")
    if found.elsewhere:
        note(
            f"Other files of the folder have {several(found.elsewhere, 'mistake')}, so it is not adopted: `milepost rules check`"
        )


def _warn(warnings: Sequence[Lint], *, github: bool) -> None:
    for one in warnings:
        if github:
            out(annotation(one.severity.value, one.mistake, one.name))
        else:
            colour = "bold red" if one.severity is Severity.ERROR else "yellow"
            note((f"{one.severity.value}: ", colour), f"{one.mistake} [{one.name}]")


def _rules_are_good(found: checking.CheckedRules, *, as_json: bool, github: bool) -> None:
    if as_json:
        warnings = [_shown(one) for one in found.warnings]
        json_document({"ok": True, "mistakes": [], "warnings": warnings, "rule_set": found.counts()})
        return
    _warn(found.warnings, github=github)
    if not github:
        errors = sum(one.severity is Severity.ERROR for one in found.warnings)
        state = f"not good, {several(errors, 'rule')} can never match" if errors else "good"
        out(
            f"rule set {found.name}: {state}; {several(found.rules, 'rule')} in {several(found.files, 'file')}, "
            f"{several(found.lists, 'list')}, {several(found.examples, 'example')} passed"
            + (f", {several(len(found.warnings) - errors, 'warning')}" if len(found.warnings) > errors else "")
        )
        if found.compared:
            out(f"compared with rule set {found.compared}, which is in force")
        if found.uncompared:
            note(("warning: ", "yellow"), f"not compared with the rules in force: {found.uncompared}")
        if found.milestones is None:
            note("The milestones were left aside: they need a configuration (-c config.toml).")
        else:
            out(f"milestones: good; {found.milestones}")
        if found.people:
            out(f"people: good; {found.people:,} with {several(found.people_accounts, 'account')}")


def _shown(one: Lint) -> dict[str, object]:
    mistake = one.mistake
    return {
        "name": one.name,
        "severity": one.severity.value,
        "rule": one.rule,
        "file": mistake.file,
        "line": mistake.line,
        "column": mistake.column,
        "reason": mistake.reason,
        "hint": mistake.hint,
    }


def annotation(level: str, mistake: Mistake, title: str) -> str:
    """One annotation of GitHub Actions.

    Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """
    said = mistake.reason + (f" ({mistake.hint})" if mistake.hint else "")
    place = f"file={_property(mistake.file)},line={max(1, mistake.line)},col={max(1, mistake.column)}"
    return f"::{level} {place},title={_property(title)}::{_data(said)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _broken(error: RuleError, wrong: Sequence[Failing], *, as_json: bool) -> None:
    """Every mistake, and for an example that fails what each clause of its rule saw."""
    if as_json:
        traces = [
            {"rule": one.rule.id, "line": one.sample.line, "caught": one.sample.caught, "clauses": one.trace.clauses}
            for one in wrong
        ]
        json_document({"ok": False, "mistakes": configuring.mistakes_of(error), "failing": traces})
        return
    left = list(wrong)
    for mistake in error.mistakes:
        out(str(mistake))
        of_it = [one for one in left if (one.rule.file, one.sample.line) == (mistake.file, mistake.line)]
        if of_it:
            left.remove(of_it[0])  # examples on one line come in the order of the mistakes
            for line in lines_of(of_it[0].trace):
                out(line)
    out(f"{several(len(error.mistakes), 'mistake')}")


def run_examples(config: Path, rule: str, *, thorough: bool, as_json: bool) -> None:
    """Run the examples, and look how much they notice.

    Raises:
        typer.Exit: One fails, or a damage goes unnoticed.
        typer.BadParameter: There is no such rule.
    """
    try:
        rules = checking.read_rules(config)
    except RuleError as error:
        _broken(error, checking.failing_examples(config), as_json=as_json)
        raise typer.Exit(Exit.FAILED) from error
    require("RULE", rule, [one.id for one in rules.rules], "rule")
    wanted = [one for one in rules.rules if not rule or one.id == rule]
    examples = sum(len(one.samples) for one in wanted)
    survivors: Sequence[Survivor] = ()
    tried = 0
    untested: list[str] = []
    if thorough:
        done = mutate(rules)
        tried = done.by_rule.get(rule, 0) if rule else done.tried
        survivors = [one for one in done.survivors if not rule or one.rule == rule]
        untested = [name for name in done.untested if not rule or name == rule]
    if as_json:
        json_document(
            {
                "ok": not survivors,
                "examples": examples,
                "tried": tried,
                "unnoticed": [
                    {
                        "rule": one.rule,
                        "change": one.change.value,
                        "before": one.before,
                        "after": one.after,
                        "place": one.mistake.place,
                    }
                    for one in survivors
                ],
                "untested": untested,
            }
        )
    else:
        out(f"{several(examples, 'example')} of {several(len(wanted), 'rule')} passed")
        for one in survivors:
            out(str(one.mistake))
        if untested:
            note(("warning: ", "yellow"), f"without any example: {', '.join(untested)}")
        if thorough:
            out(f"{several(tried, 'damage')} tried, {len(survivors)} unnoticed")
    if survivors:
        raise typer.Exit(Exit.FAILED)
