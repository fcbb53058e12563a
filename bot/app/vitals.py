"""What a machine may watch: which sources, accounts and steps fail, and numbers for alarms. Names and counts, no reasons."""

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from bot.app.failures import Failing, failing
from bot.config.settings import Settings
from bot.core.status import AccountStatus, Metric, SourceStatus
from bot.store import brakes, budgets, feed, health, marks, outbox, posts, rulesets
from bot.store.database import Transaction

_ILL = frozenset({"failing", "unauthorized", "gone"})


def account_states(wanted: Settings, tx: Transaction) -> list[AccountStatus]:
    """How publishing to each configured account goes, in the order of the configuration."""
    counts = outbox.counts(tx)
    pulled = brakes.pulled(tx)
    found = []
    for settings in wanted.account:
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
                correcting=count("correcting"),
                sent=count("sent"),
                error=row.error if row and settings.enabled else "",
                next_at=row.next_at if row and settings.enabled else None,
                failures=row.failures if row and settings.enabled else 0,
                allowances=tuple(budgets.known(tx, settings.name)) if settings.enabled else (),
            ),
        )
    return found


def source_states(wanted: Settings, tx: Transaction) -> list[SourceStatus]:
    """How collecting from each configured source goes, in the order of the configuration."""
    found = []
    for settings in wanted.source:
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


def failing_steps(wanted: Settings, tx: Transaction) -> list[Failing]:
    """Steps that do not go well; those of a source or an account that is off, or no longer configured, are left out."""

    def is_on(step: str) -> bool:
        what, mark, name = step.partition(":")
        of_what = wanted.account if what == "publish" else wanted.source
        return not mark or any(one.name == name and one.enabled for one in of_what)

    return [one for one in failing(tx) if is_on(one.step)]


def ailing(wanted: Settings, tx: Transaction) -> list[str]:
    """What does not go well, by name: "source organiser: failing", "step publish: failing"; empty where all does."""
    return [
        *(f"source {one.name}: {one.state}" for one in source_states(wanted, tx) if one.state in _ILL),
        *(f"account {one.name}: {one.state}" for one in account_states(wanted, tx) if one.state in _ILL),
        *(f"step {one.step}: failing" for one in failing_steps(wanted, tx)),
    ]


def metrics(wanted: Settings, tx: Transaction, now: datetime) -> Iterator[Metric]:
    """Everything that is counted in the store.

    Args:
        now: Machine time.
    """
    adopted = marks.get(tx, f"adopted_at:{rulesets.RULES}")
    yield Metric("milepost_feed_seq", "Last change of the coverage feed.", feed.seq(tx))
    yield Metric("milepost_posts_held", "Posts in the queue: they wait for a person.", posts.held_count(tx))
    yield Metric("milepost_brakes", "Pauses and quiet spells in force.", len(brakes.pulled(tx)))
    yield Metric("milepost_steps_failing", "Steps that failed when they last ran.", len(failing_steps(wanted, tx)))
    at = datetime.fromisoformat(adopted).timestamp() if adopted else 0
    yield Metric(
        "milepost_rules_adopted_seconds", "When rules were last adopted, in seconds since 1970; 0 for never.", at
    )
    for source in source_states(wanted, tx):
        if not source.enabled:
            continue
        label = {"source": source.name}
        ago = (now - source.last_ok_at).total_seconds() if source.last_ok_at else math.inf
        yield Metric("milepost_source_ok_age_seconds", "Since a source was last read; +Inf for never.", ago, label)
        yield Metric("milepost_source_failures", "Failures of a source in a row.", source.failures, label)
    for account in account_states(wanted, tx):
        if not account.enabled:
            continue
        label = {"account": account.name}
        ill = account.state in _ILL
        yield Metric("milepost_account_failing", "1 where an account last failed, or wants a new sign-in.", ill, label)
        counts = {
            "owed": account.owed,
            "unconfirmed": account.unconfirmed,
            "failed": account.failed,
            "retracting": account.retracting,
            "correcting": account.correcting,
        }
        for one in account.allowances:
            if one.resets_at > now:
                said = "Calls that an account's platform still allows before its limit is reset."
                yield Metric("milepost_account_calls_left", said, one.left, {**label, "work": one.work.value})
        for state, count in counts.items():
            said = "Deliveries that are not done; failed ones were refused for good."
            yield Metric("milepost_deliveries", said, count, {**label, "state": state})
