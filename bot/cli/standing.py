"""status: how the house stands."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from bot.app import look
from bot.app.hall import App
from bot.cli.hall import opened, zone_of
from bot.cli.moments import Zone, ago
from bot.cli.program import named
from bot.cli.terminal import Styled, json_document, one_line, out, plain, table
from bot.core.budget import Allowance, Budget
from bot.core.status import AccountStatus, Brake, Refusal, SourceStatus, Status
from bot.core.text.amounts import several

_STATE_COLOURS = {"ok": "green", "failing": "red", "unauthorized": "bold red", "gone": "red", "paused": "yellow"}


def status(config: Path, *, as_json: bool) -> None:
    """Print how the house stands; it is no failure that something is wrong."""
    with opened(config, outside=True) as app:
        found = look.status(app)
        if as_json:
            json_document(found)
        else:
            _status(found, app, zone_of(app), look.refusals(app))


def _status(found: Status, app: App, zone: Zone, refused: Sequence[Refusal]) -> None:
    running: Styled = ("running", "green") if found.running else ("not running", "yellow")
    out(one_line(app.settings.event.name), ", ", running, f", {zone.clock(found.now)}")
    out(f"store    {found.database}")
    rules = f"rule set {found.rule_set}, {several(found.rules, 'rule')}" if found.rule_set else "none adopted"
    adopted = f", adopted {zone.clock(found.rules_adopted_at)}" if found.rules_adopted_at else ""
    out(f"rules    {rules}{adopted}")
    for brake in found.brakes:
        out(("stopped  ", "yellow"), brake_line(brake, zone))
    for kind in ("posts", "updates"):
        counts = [
            f"{number} {name.removeprefix(kind).strip()}"
            for name, number in sorted(found.counts.items())
            if name.startswith(kind)
        ]
        if counts:
            out(f"{kind:<8} ", ", ".join(counts))
    for name, at in found.next_milestones[:3]:
        out(f"next     {zone.clock(at)}  {name}")
    machine = app.machine_now()
    if found.sources:
        out()
        out(("Sources", "bold"))
        table([_source(one, machine) for one in found.sources], indent="  ")
    if found.accounts:
        out()
        out(("Accounts", "bold"))
        table([account_row(one, machine) for one in found.accounts], indent="  ")
    for one in refused:
        out()
        out((f"{one.kind.capitalize()} on disk are refused since {zone.clock(one.at)}, {stays(one)}:", "red"))
        for line in plain(one.mistakes).splitlines():
            out(f"  {line}")
    if found.problems:
        out()
        out(("To do", "bold"))
        for problem in found.problems:
            out("  - ", named(one_line(problem)))


def stays(one: Refusal) -> str:
    """What goes on although files are refused."""
    if one.stays:
        return "the last good set stays"
    without = {"rules": "and there is none to go by", "milestones": "and no milestone is announced"}
    return without.get(one.kind, "and nobody is known by more than one account")


def brake_line(brake: Brake, zone: Zone) -> str:
    """What is stopped, by whom and since when."""
    names = {"quiet": "quiet mode: everything light", "all": "everything", "page": "the page"}
    what = names.get(brake.scope, brake.scope.replace("account:", "account "))
    why = f": {one_line(brake.why)}" if brake.why else ""
    return f"{what}, by {one_line(brake.by)}, since {zone.clock(brake.at)}{why}"


def _source(one: SourceStatus, machine: datetime) -> list[str]:
    read = f"read {ago(one.last_ok_at, machine)}" if one.last_ok_at else "never read"
    post = f"last post {ago(one.last_post_at, machine)}" if one.last_post_at else "no post yet"
    more = [f"{several(one.failures, 'failure')}: {named(one_line(one.error))}"] if one.error else []
    if one.next_at and one.next_at > machine:
        more.append(f"tried again {ago(one.next_at, machine)}")
    if one.note:
        more.append(f"noted {ago(one.noted_at, machine)}: {one_line(one.note)}" if one.noted_at else one_line(one.note))
    if one.cost:
        more.append(one.cost)
    return [one.name, one.kind, one.state, f"{read}, {post}", "; ".join(more)]


def account_row(one: AccountStatus, machine: datetime) -> list[str]:
    """Columns of one account."""
    counts = [f"{one.sent} sent"]
    counts += [f"{number} {word}" for number, word in _open(one) if number]
    if one.last_sent_at:
        counts.append(f"last {ago(one.last_sent_at, machine)}")
    more = [named(one_line(one.error))] if one.error else []
    if one.next_at and one.next_at > machine:
        more.append(f"tried again {ago(one.next_at, machine)}")
    more += [_short(allowance, machine) for allowance in Budget(one.allowances, machine).short()]
    if one.cost:
        more.append(one.cost)
    return [one.name, one.kind, one.state, ", ".join(counts), "; ".join(more)]


def _short(one: Allowance, machine: datetime) -> str:
    again = ago(one.resets_at, machine)
    if one.left <= 0:
        return f"{one.work} waits: its limit is reached, again {again}"
    return f"{one.work}: the last {one.left} of {one.most} are kept for milestones and safety, all again {again}"


def _open(one: AccountStatus) -> list[tuple[int, str]]:
    return [
        (one.owed, "owed"),
        (one.unconfirmed, "unconfirmed"),
        (one.retracting, "to retract"),
        (one.correcting, "to correct"),
        (one.failed, "refused"),
    ]
