"""rules explain, why-not, backtest, stats, status, fields, functions, schema: answers about rules."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import typer

from bot.app import configuring
from bot.app.hall import App
from bot.app.rules import asking, comparing, standing
from bot.app.rules.asking import Asked, Which
from bot.cli.ends import Exit
from bot.cli.hall import opened, opened_early, zone_of
from bot.cli.moments import ago
from bot.cli.terminal import json_document, note, one_line, out, plain, table
from bot.core.durations import parse_duration
from bot.core.errors import RuleError, StoreError
from bot.core.model import Verdict
from bot.core.rules import explain as explaining
from bot.core.rules import receipt, vocabulary, whynot
from bot.core.text.amounts import several

_WORST_PERCENT = 100.0


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
    out(plain(explaining.render(said, found.outcome if of_then else None)).rstrip())
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


@dataclass(frozen=True, slots=True)
class Backtest:
    """What was typed."""

    folder: Path | None
    against: str
    last: str
    limit: int
    fail_over: str


def backtest(config: Path, wanted: Backtest, *, as_json: bool) -> None:
    """Print which decisions would change.

    Raises:
        typer.Exit: More than the share that was given.
    """
    most = _share(wanted.fail_over)
    last = _length(wanted.last, "--last") if wanted.last else None
    with opened(config) as app:
        done = comparing.backtest(app, candidate=wanted.folder, against=wanted.against, last=last, limit=wanted.limit)
    found = done.found
    share = 100 * found.changed / found.total if found.total else 0.0
    if as_json:
        json_document(
            {"old": done.old, "new": done.new, "seconds": round(done.seconds, 3), **receipt.as_details(found)}
        )
    else:
        for change in found.changes:
            sample = change.samples[0]
            was = f" (was {change.was})" if change.was else ""
            out(
                f"{change.count:>6}  {change.before.value} → {change.after.value}  by {change.rule or 'default'}{was}  "
                f'e.g. {sample.post_id} "{one_line(sample.text)}"'
            )
        for slug, rule in found.off:
            out(f"        update {slug} is live and would not be told now ({rule or 'default'})")
        out(
            f"{found.changed:,} of {several(found.total, 'decision')} change ({share:.1f} %), "
            f"rules {done.old} → {done.new}, {done.seconds:.2f} s"
        )
        if done.old == done.new:
            note("Both are the same rules: edit a copy and name its folder, or compare with --against HEAD.")
    if most is not None and share > most:
        note(f"more than {most:g} % change")
        raise typer.Exit(Exit.FAILED)


def _share(given: str) -> float | None:
    """Percent: "2%" or "2". A bare "0.02" may mean 2 % or 0.02 %, so it is refused."""
    if not given:
        return None
    number = given.strip().removesuffix("%").rstrip()
    try:
        found = float(number)
    except ValueError:
        found = -1.0
    if not 0 <= found <= _WORST_PERCENT:
        raise typer.BadParameter(f"{given!r} is no share: write 2%", param_hint="--fail-over")
    if 0 < found < 1 and not given.strip().endswith("%"):
        why = f"{given!r} can be read in two ways: write {100 * found:g}% or {found:g}%"
        raise typer.BadParameter(why, param_hint="--fail-over")
    return found


def _length(given: str, option: str) -> timedelta:
    try:
        return parse_duration(given)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def stats(config: Path, last: str, *, as_json: bool) -> None:
    """Print what each rule did."""
    length = _length(last, "--last")
    with opened(config) as app:
        found = standing.stats(app, length)
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
                        "hits": row.count.hits,
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
    rows = [["rule", "does", "hits", "decided", "overturned", "last hit", "µs"]]
    for row in found.rows:
        rule, count = row.rule, row.count
        does = rule.action.value if rule.action else "effects"
        rows.append(
            [
                rule.id,
                does if rule.mode == "live" else f"{does} [{rule.mode.value}]",
                f"{count.hits:,}",
                f"{count.decided:,}",
                f"{count.overturned} of {count.reviewed}" if count.reviewed else "-",
                clock.clock(count.last_at) if count.last_at else "never",
                "-" if row.us is None else f"{row.us:.1f}",
            ]
        )
    table(rows)
    for one in found.warnings:
        note(("warning: ", "yellow"), f"{one.mistake} [{one.name}]")


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
        out(f"on disk    {on_disk.get(found.disk, 'refused, the rules in force stay')}")
        for mistake in found.mistakes:
            out(f"  {mistake}")
        for name, ids in (("shadow", found.shadow), ("off", found.off), ("over", found.ended)):
            if ids:
                out(f"{name:<10} {', '.join(ids)}")
        for rule, at in found.ending:
            out(f"ends soon  {rule}, {clock.clock(at)}")
    if found.disk == "refused":
        raise typer.Exit(Exit.FAILED)


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
        rules = configuring.read_rules(config)
    except RuleError:
        note("The rules on disk have mistakes, so nobody counts what they use: `milepost rules check`")
        rules = None
    try:
        with opened_early(config) as app:
            posts = standing.last_posts(app)
    except StoreError:  # of another version: no posts to show values of
        posts = []
    return vocabulary.fields(rules, posts), vocabulary.functions(rules)


def schema() -> None:
    """Print the schema of rule files."""
    json_document(vocabulary.schema())
