"""rules backtest, rules receipt: what an edit of the rules would change, and what it has left on the page."""

from dataclasses import dataclass
from pathlib import Path

import typer

from bot.app.rules import comparing, receipts
from bot.cli.ends import Exit
from bot.cli.hall import opened, zone_of
from bot.cli.moments import length
from bot.cli.terminal import json_document, note, one_line, out, table
from bot.core.rules import receipt
from bot.core.rules.replay import Off
from bot.core.text.amounts import several

_WORST_PERCENT = 100.0
_WORDS = 60
_OFFERED = 10


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
    last = length(wanted.last, "--last") if wanted.last else None
    with opened(config) as app:
        done = comparing.backtest(app, candidate=wanted.folder, against=wanted.against, last=last, limit=wanted.limit)
    found = done.found
    share = 100 * found.changed / found.total if found.total else 0.0
    if as_json:
        json_document(
            {"old": done.old, "new": done.new, "seconds": round(done.seconds, 3), **receipt.as_details(found)}
        )
    else:
        rows = []
        for change in found.changes:
            sample = change.samples[0]
            rows.append(
                [f"{change.count:>6}", receipt.said(change), f'e.g. {sample.post_id} "{one_line(sample.text)}"']
            )
        table(rows)
        if found.off:
            out()
            out(
                f"{several(len(found.off), 'update')} live now would not be told any more; nothing is taken off by itself:"
            )
            table([_off(one) for one in found.off], indent="  ")
            out()
        out(
            f"{found.changed:,} of {several(found.total, 'decision')} change ({share:.1f} %), "
            f"rules {done.old} → {done.new}, {done.seconds:.2f} s"
        )
        if done.old == done.new:
            note("Both are the same rules: edit a copy and name its folder, or compare with --against HEAD.")
    if most is not None and share > most:
        note(f"more than {most:g} % change")
        raise typer.Exit(Exit.FAILED)


def _off(one: Off) -> list[str]:
    by = f"approved by {one_line(one.approved_by)}" if one.approved_by else ""
    return [one.update, f"{one.verdict.value} by {one.rule or 'default'}", by, f'"{one_line(one.text, _WORDS)}"']


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


def show_receipt(config: Path, name: str, *, as_json: bool) -> None:
    """Print what adopted edits of the rules have left on the page.

    Raises:
        NotFoundError: There is no such edit.
    """
    with opened(config) as app:
        found = receipts.receipts(app, name)
        clock = zone_of(app)
    if as_json:
        json_document({"receipt": found.last, "left": found.left})
        return
    last = found.last
    out(f"rule set {last.rule_set}, adopted {clock.clock(last.at)}: {one_line(last.why)}")
    for open_one, title in (
        (True, "Live still, and not told any more by the rules:"),
        (False, "Live still because a person approved it, whatever the rules say:"),
    ):
        left = [one for one in found.left if bool(one.approved_by) is not open_one]
        if left:
            out()
            out(title)
            table([_left(one) for one in left], indent="  ")
    offered = [one.update for one in found.left if not one.approved_by]
    if offered:
        note(f"Choose what to take back: `milepost withdraw {' '.join(offered[:_OFFERED])} --reason WHY`")
    elif not found.left:
        note("Nothing that is live now is against the rules.")


def _left(one: receipts.Left) -> list[str]:
    by = f"approved by {one_line(one.approved_by)}" if one.approved_by else ""
    said = f"{one.verdict} by {one.rule or 'default'}"
    return [one.update, f"post {one.post_id}", said, f"since {one.rule_set}", by, f'"{one_line(one.text, _WORDS)}"']
