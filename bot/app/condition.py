"""How the house stands: sources, accounts, rules, and what is wrong. Reads only."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from bot.app.conditions import of_cards, of_milestones
from bot.app.hall import App
from bot.app.sign_in import advice, needing_login
from bot.app.vitals import account_states, failing_steps, source_states
from bot.core.milestones import due as plan_room
from bot.core.milestones.facts import Facts
from bot.core.ports import Costly
from bot.core.status import AccountStatus, Refusal, Status
from bot.core.text.amounts import several
from bot.pipeline import adopt, ping
from bot.platforms import registry
from bot.store import alarms, brakes, feed, marks, milestones, outbox, pictures, posts, rulesets
from bot.store.database import Transaction


def accounts(app: App) -> list[AccountStatus]:
    """How publishing to each configured account goes; with its cost where the App was opened with the outside."""
    with app.database.read() as tx:
        found = account_states(app.settings, tx)
    return [replace(one, cost=_cost(app, one.name, one.kind, "account")) for one in found]


def _cost(app: App, name: str, kind: str, side: str) -> str:
    """What a source or account has cost; only one that costs anything is opened for it."""
    kinds = registry.SOURCES if side == "source" else registry.ACCOUNTS
    load = registry.source_class if side == "source" else registry.account_class
    if kind not in kinds or not hasattr(load(kind), "cost"):
        return ""
    if side == "source":
        collected = app.parts.sources.get(name)
        outside: object = collected.source if collected is not None else None
    else:
        outside = app.parts.publishers.get(name)
    return outside.cost() if isinstance(outside, Costly) else ""


def refusals(app: App) -> list[Refusal]:
    """What is wrong with the files on disk: rules first, then milestones, then people; empty where they are what runs."""
    found = []
    with app.database.read() as tx:
        kept = {kind: rulesets.active_id(tx, kind) for kind in rulesets.KINDS}
    for kind, number in kept.items():
        one = adopt.refused(app.database, kind)
        if one.mistakes and one.at is not None:
            found.append(Refusal(kind, one.mistakes, one.at, stays=bool(number)))
    return found


def _deliveries(count: int, which: str = "", tense: str = "is are") -> str:
    one, more = tense.split()
    return f"{several(count, f'{which}delivery', f'{which}deliveries')} {one if count == 1 else more}"


def _of_account(one: AccountStatus) -> list[str]:
    """What is to be done about an account. Off is the desk's decision: only what stands there, or may, is to be done then."""
    if not one.enabled:
        left = one.unconfirmed + one.retracting
        what = f"{_deliveries(left)} still to be looked up or taken down there"
        return [f"account {one.name} is off, and {what}: enable it until `milepost status` is quiet"] if left else []
    found = [f"account {one.name} is {one.state}: {one.error}"] if one.error else []
    if one.unconfirmed:
        unknown = _deliveries(one.unconfirmed, "unconfirmed ")
        where = f"`milepost log --account {one.name} --what unconfirmed`"
        found.append(f"account {one.name}: {unknown} being looked up, or for a person to look at: {where}")
    if one.failed:
        refused = _deliveries(one.failed, tense="was were")
        found.append(f"account {one.name}: {refused} refused: `milepost log --what refused`")
    return found


def waiting_for_pictures(app: App, tx: Transaction) -> Collection[int]:
    """The posts that are judged when it is known what their pictures look like; few, and for seconds."""
    return pictures.waited_for(tx, app.machine_now()) if app.desk.pictures else ()


def status(app: App) -> Status:
    """How the house stands. Whether somebody must sign in is known where the App was opened with the outside."""
    problems: list[str] = []
    with app.database.read() as tx:
        active = rulesets.active(tx, rulesets.RULES)
        adopted = marks.get(tx, "adopted_at:rules")
        counts = {f"posts {verdict}": number for verdict, number in posts.counts(tx).items()}
        if waiting := len(waiting_for_pictures(app, tx)):
            counts["posts waiting for pictures"] = waiting
            counts["posts unjudged"] = max(0, counts.get("posts unjudged", 0) - waiting)
        counts.update({f"updates {state}": number for state, number in feed.counts(tx).items()})
        brakes_now = tuple(brakes.pulled(tx).values())
        facts = Facts(app.now(), app.desk.clocks, app.desk.event, app.desk.zone)
        soon = plan_room.upcoming(app.plan().milestones, facts, milestones.settled(tx), 10)
        found_accounts = tuple(account_states(app.settings, tx))
        with_work = outbox.accounts_with_work(tx)
        found_sources = tuple(source_states(app.settings, tx))
        steps = failing_steps(app.settings, tx)
        silent_alarms = alarms.broken(tx)
        late = [
            f"{one.about}: `{one.mend.replace(', or ', '`, or `')}`"
            for one in (*of_milestones(tx, app.now()), *of_cards(tx))
        ]
        deaf_hubs = ping.errors(tx, app.settings.page.hubs)
    found_accounts = tuple(replace(one, cost=_cost(app, one.name, one.kind, "account")) for one in found_accounts)
    found_sources = tuple(replace(one, cost=_cost(app, one.name, one.kind, "source")) for one in found_sources)
    rules = app.compile_rules(active).rules if active else ()
    refused = refusals(app)
    running = app.is_running()
    if app.plan_problem:
        problems.append(f"no milestone is announced, the plan does not fit the configuration: {app.plan_problem}")
    problems.extend(late)
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
    problems.extend(f"alarm {name} cannot tell anybody: {error}" for name, error in silent_alarms.items())
    problems.extend(f"{error}: readers of the feeds hear of updates later" for error in deaf_hubs.values())
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
