"""How the house stands: sources, accounts, rules, and what is wrong. Reads only."""

from dataclasses import replace
from datetime import datetime

from bot.app.failures import failing
from bot.app.hall import App
from bot.app.sign_in import advice, needing_login
from bot.core import milestones as plan_room
from bot.core.milestones import Facts
from bot.core.status import AccountStatus, Refusal, SourceStatus, Status
from bot.core.text.amounts import several
from bot.pipeline import adopt
from bot.store import brakes, feed, health, marks, milestones, outbox, posts, rulesets
from bot.store.database import Transaction


def accounts(app: App) -> list[AccountStatus]:
    """How publishing to each configured account goes."""
    with app.database.read() as tx:
        return _accounts(app, tx)


def _accounts(app: App, tx: Transaction) -> list[AccountStatus]:
    counts = outbox.counts(tx)
    pulled = brakes.pulled(tx)
    found = []
    for settings in app.settings.account:
        row = health.account(tx, settings.name)
        if not settings.enabled:
            state = "off"
        elif brakes.holds(pulled, settings.name):
            state = "paused"
        elif row is None or (row.last_ok_at is None and not row.error):
            state = "new"
        elif row.error:
            state = "unauthorized" if row.error_kind == "Unauthorized" else "failing"
        else:
            state = "ok"

        def count(*states: str, name: str = settings.name) -> int:
            return sum(counts.get((name, one), 0) for one in states)

        found.append(
            AccountStatus(
                settings.name,
                settings.kind,
                settings.enabled,
                state,
                row.last_sent_at if row else None,
                owed=count("owed", "sending"),
                unconfirmed=count("unconfirmed"),
                failed=count("failed"),
                retracting=count("retracting"),
                sent=count("sent"),
                error=row.error if row and settings.enabled else "",
                next_at=row.next_at if row and settings.enabled else None,
            ),
        )
    return found


def _sources(app: App, tx: Transaction) -> list[SourceStatus]:
    found = []
    for settings in app.settings.source:
        row = health.source(tx, settings.name)
        if not settings.enabled:
            state = "off"
        elif row is None or (row.last_ok_at is None and not row.error):
            state = "new"
        elif row.error:
            state = {"Unauthorized": "unauthorized", "Rejected": "gone"}.get(row.error_kind, "failing")
        else:
            state = "ok"
        one = SourceStatus(settings.name, settings.kind, settings.enabled, state)
        if row is not None:
            one = replace(
                one,
                last_ok_at=row.last_ok_at,
                last_post_at=row.last_post_at,
                note=row.note,
                noted_at=health.noted_at(tx, settings.name),
            )
        if row is not None and settings.enabled:
            one = replace(one, error=row.error, error_at=row.error_at, failures=row.failures, next_at=row.next_at)
        found.append(one)
    return found


def refusals(app: App) -> list[Refusal]:
    """What is wrong with the files on disk: rules first, then the milestones; empty where they are what runs."""
    found = []
    with app.database.read() as tx:
        kept = {kind: rulesets.active_id(tx, kind) for kind in (rulesets.RULES, rulesets.MILESTONES)}
    for kind, number in kept.items():
        one = adopt.refused(app.database, kind)
        if one.mistakes and one.at is not None:
            found.append(Refusal(kind, one.mistakes, one.at, stays=bool(number)))
    return found


def _deliveries(count: int, which: str = "", tense: str = "is are") -> str:
    one, more = tense.split()
    return f"{several(count, f'{which}delivery', f'{which}deliveries')} {one if count == 1 else more}"


def _is_on(app: App, step: str) -> bool:
    """Whether a step still has something to do: False for one of a source or an account that is off, or no longer configured."""
    what, mark, name = step.partition(":")
    of_what = app.settings.account if what == "publish" else app.settings.source
    return not mark or any(one.name == name and one.enabled for one in of_what)


def _of_account(one: AccountStatus) -> list[str]:
    """What is to be done about an account. Off is the desk's decision: only what stands there, or may, is to be done then."""
    if not one.enabled:
        left = one.unconfirmed + one.retracting
        what = f"{_deliveries(left)} still to be looked up or taken down there"
        return [f"account {one.name} is off, and {what}: enable it until `milepost status` is quiet"] if left else []
    found = [f"account {one.name} is {one.state}: {one.error}"] if one.error else []
    if one.unconfirmed:
        found.append(f"account {one.name}: {_deliveries(one.unconfirmed, 'unconfirmed ')} being looked up")
    if one.failed:
        refused = _deliveries(one.failed, tense="was were")
        found.append(f"account {one.name}: {refused} refused: `milepost log --what refused`")
    return found


def status(app: App) -> Status:
    """How the house stands. Whether somebody must sign in is known where the App was opened with the outside."""
    problems: list[str] = []
    with app.database.read() as tx:
        active = rulesets.active(tx, rulesets.RULES)
        adopted = marks.get(tx, "adopted_at:rules")
        counts = {f"posts {verdict}": number for verdict, number in posts.counts(tx).items()}
        counts.update({f"updates {state}": number for state, number in feed.counts(tx).items()})
        brakes_now = tuple(brakes.pulled(tx).values())
        facts = Facts(app.now(), app.desk.clocks, app.desk.event)
        soon = plan_room.upcoming(app.plan().milestones, facts, milestones.settled(tx), 10)
        found_accounts = tuple(_accounts(app, tx))
        with_work = outbox.accounts_with_work(tx)
        found_sources = tuple(_sources(app, tx))
        steps = [one for one in failing(tx) if _is_on(app, one.step)]
    rules = app.compile_rules(active).rules if active else ()
    refused = refusals(app)
    running = app.is_running()
    if app.plan_problem:
        problems.append(f"no milestone is announced, the plan does not fit the configuration: {app.plan_problem}")
    if not running:
        problems.append("nothing runs on this database: start it with `milepost run`")
    problems.extend(f"step {one.step} fails since {one.since:%H:%M:%S} UTC: {one.reason}" for one in steps)
    problems.extend(f"source {one.name} is {one.state}: {one.error}" for one in found_sources if one.error)
    failing_accounts = {one.name for one in found_accounts if one.error}  # what they say covers it
    problems.extend(advice(name) for name in needing_login(app) if name not in failing_accounts)
    problems.extend(problem for one in found_accounts for problem in _of_account(one))
    problems.extend(
        f"rule {rule.id} ({rule.place}) was taken out of action by itself: see `milepost log --what fused`, "
        f"change it and save it, or `milepost rules live {rule.id}`"
        for rule in rules
        if rule.fused
    )
    known = {account.name for account in app.settings.account}
    problems.extend(
        f"account {name} is not configured any more, and something is still open there: "
        "put its block back until `milepost status` is quiet"
        for name in with_work
        if name not in known
    )
    return Status(
        now=app.now(),
        database=app.database.name,
        sources=found_sources,
        accounts=found_accounts,
        brakes=brakes_now,
        rule_set=active.name if active else "",
        rules=len(rules),
        rules_adopted_at=datetime.fromisoformat(adopted) if adopted else None,
        rules_refused="\n".join(one.mistakes for one in refused),
        refused_at=next((one.at for one in refused), None),
        counts=counts,
        running=running,
        next_milestones=tuple(soon),
        problems=tuple(problems),
    )
