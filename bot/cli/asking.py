"""rules explain, why-not, stats, status, fields, functions, schema: answers about rules."""

from pathlib import Path

import typer

from bot.app.hall import App
from bot.app.people import PeopleStatus
from bot.app.rules import asking, checking, standing
from bot.app.rules.asking import Asked, Which
from bot.cli.ends import Exit
from bot.cli.hall import opened, opened_early, zone_of
from bot.cli.moments import ago, length
from bot.cli.program import named
from bot.cli.terminal import json_document, note, one_line, out, plain, table
from bot.core import people_schema
from bot.core.errors import RuleError, StoreError
from bot.core.milestones import schema as milestones_schema
from bot.core.model import Verdict
from bot.core.rules import vocabulary, whynot
from bot.core.rules.render import render
from bot.core.text.amounts import several


def explain(config: Path, post: str, which: str, *, as_json: bool) -> None:
    """Print why the rules decide so.

    Args:
        which: "now", "files" or "": as `asking.asked` chooses.
    """
    with opened_early(config) as app:
        found = asking.asked(app, post, Which(which) if which else None)
        said = asking.explained(app, found)
        head = _head(app, found)
    of_then = found.which is Which.THEN
    if as_json:
        about = {"post": found.post_id or None, "asked": found.which, "outcome": found.outcome, "moved": found.moved}
        json_document(about | {"ruling": said.ruling, "rule_set": said.rule_set, "rules": said.rules})
        return
    out(head)
    out(plain(render(said, found.outcome if of_then else None)).rstrip())
    _moved(found)


def _head(app: App, found: Asked) -> str:
    """What was asked about, and which rules."""
    rules = {Which.THEN: "the rules of then", Which.NOW: "the rules in force", Which.FILES: "the rules on disk"}
    by = f"by {rules[found.which]}"
    if found.outcome is None or found.at is None:
        return f"a post as you typed it, {by}"
    head = f"post {found.post_id}, judged {zone_of(app).clock(found.at)}, {by}"
    if found.which is Which.THEN:
        return head
    outcome = found.outcome
    who = "" if outcome.by == "rules" else f" by {one_line(outcome.by)}"
    return f"{head}; it was decided: {outcome.verdict.value}{who}{f', {one_line(outcome.why)}' if outcome.why else ''}"


def _moved(found: Asked) -> None:
    if found.moved:
        note(f"Event clock {', '.join(found.moved)}: as it starts today; the start of then was not kept.")


def why_not(config: Path, post: str, want: str, which: str, *, as_json: bool) -> None:
    """Print the fewest clauses that would have to differ."""
    with opened_early(config) as app:
        asked = asking.asked(app, post, Which(which) if which else None)
        found = asking.why_not_so(app, asked, Verdict(want))
        head = _head(app, asked)
    if as_json:
        json_document({"wanted": want, "already": found.already, "proven": found.proven, "ways": found.ways})
        return
    out(head)
    out(plain(whynot.render(found)).rstrip())
    _moved(asked)


def stats(config: Path, last: str, *, as_json: bool) -> None:
    """Print what each rule did."""
    far = length(last, "--last")
    with opened(config) as app:
        found = standing.stats(app, far)
        clock = zone_of(app)
    if as_json:
        json_document(
            {
                "since": found.since,
                "posts": found.posts,
                "rules": [
                    {
                        "id": row.rule.id,
                        "mode": row.rule.mode,
                        "action": row.rule.action,
                        "hits": row.count.hits - row.count.shadow,
                        "decided": row.count.decided,
                        "shadow": row.count.shadow,
                        "reviewed": row.count.reviewed,
                        "overturned": row.count.overturned,
                        "last_at": row.count.last_at,
                        "us": None if row.us is None else round(row.us, 2),
                    }
                    for row in found.rows
                ],
                "warnings": [
                    {"name": one.name, "rule": one.rule, "reason": one.mistake.reason} for one in found.warnings
                ],
            }
        )
        return
    out(f"{several(found.posts, 'post')} judged since {clock.clock(found.since)}")
    rows = [["rule", "does", "hits", "decided", "shadow", "overturned", "last hit", "µs"]]
    for row in found.rows:
        rule, count = row.rule, row.count
        does = rule.action.value if rule.action else "effects"
        rows.append(
            [
                rule.id,
                does if rule.mode == "live" else f"{does} [{rule.mode.value}]",
                f"{count.hits - count.shadow:,}",
                f"{count.decided:,}",
                f"{count.shadow:,}" if count.shadow or rule.mode == "shadow" else "-",
                f"{count.overturned} of {count.reviewed}" if count.reviewed else "-",
                clock.clock(count.last_at) if count.last_at else "never",
                "-" if row.us is None else f"{row.us:.1f}",
            ]
        )
    table(rows)
    for one in found.warnings:
        note(("warning: ", "yellow"), f"{one.mistake} [{one.name}]")


_FUSED = (
    ", out of action by itself: `milepost log --what fused` tells why; change it and save it, "
    "or `milepost rules live {rule}` puts it back as it is"
)


def status(config: Path, *, as_json: bool) -> None:
    """Print what runs and what lies on disk.

    Raises:
        typer.Exit: The files on disk are refused.
    """
    with opened_early(config) as app:
        found = standing.rules_status(app)
        clock = zone_of(app)
        now = app.now()
    if as_json:
        json_document(found)
    else:
        since = f", adopted {clock.clock(found.adopted_at)} ({ago(found.adopted_at, now)})" if found.adopted_at else ""
        out(
            f"in force   rule set {found.name}, {several(found.rules, 'rule')}{since}"
            if found.name
            else "in force   none"
        )
        on_disk = {"same": "the same", "other": "good, and not in force yet: `milepost run` adopts it"}
        out(f"on disk    {named(on_disk.get(found.disk, 'refused, the rules in force stay'))}")
        for mistake in found.mistakes:
            out(f"  {mistake}")
        for name, ids in (("shadow", found.shadow), ("off", found.off), ("over", found.ended)):
            if others := [one for one in ids if one not in found.fused]:
                out(f"{name:<10} {', '.join(others)}")
        for rule in found.fused:
            out((f"{'fused':<10} {rule}", "bold red"), named(_FUSED.format(rule=rule)))
        for rule, at in found.ending:
            out(f"ends soon  {rule}, {clock.clock(at)}")
        _people(found.people)
    if "refused" in {found.disk, found.people.disk}:
        raise typer.Exit(Exit.FAILED)


def _people(found: PeopleStatus) -> None:
    """One line, where there is anything to tell; then what is wrong with the file."""
    more = {"other": "; on disk are others, good and not in force yet", "refused": "; the file is refused, they stay"}
    if found.persons or found.disk != "same":
        out(
            f"people     {several(found.persons, 'person', 'people')}, {several(found.accounts, 'account')}"
            f"{more.get(found.disk, '')}"
        )
    for mistake in found.mistakes:
        out(f"  {mistake}")


def fields(config: Path, *, as_json: bool) -> None:
    """Print the fields."""
    found, _ = _vocabulary(config)
    if as_json:
        json_document(found)
        return
    rows = [["field", "type", "uses", "meaning", "example"]]
    rows += [[one.name, str(one.kind.value), str(one.uses), one.meaning, one_line(one.example, 40)] for one in found]
    table(rows)


def functions(config: Path, *, as_json: bool) -> None:
    """Print the functions."""
    _, found = _vocabulary(config)
    if as_json:
        json_document(found)
        return
    table([["call", "uses", "meaning"], *[[one.example, str(one.uses), one.meaning] for one in found]])


def _vocabulary(config: Path) -> tuple[tuple[vocabulary.FieldEntry, ...], tuple[vocabulary.FunctionEntry, ...]]:
    try:
        rules = checking.read_rules(config)
    except RuleError:
        note("The rules on disk have mistakes, so nobody counts what they use: `milepost rules check`")
        rules = None
    try:
        with opened_early(config) as app:
            posts = standing.last_posts(app)
    except StoreError:  # of another version: no posts to show values of
        posts = []
    return vocabulary.fields(rules, posts), vocabulary.functions(rules)


def schema(*, people: bool, milestones: bool = False) -> None:
    """Print the schema of rule files, or of the file of people, or of the plan."""
    json_document(
        people_schema.schema() if people else milestones_schema.schema() if milestones else vocabulary.schema()
    )
