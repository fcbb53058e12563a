"""What is wrong in the house now, each with the command that mends it: what alarms tell people."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.app.vitals import account_states, failing_steps, source_states
from bot.config.settings import Settings
from bot.core.alarms import Condition
from bot.core.durations import write_duration
from bot.core.status import AccountStatus, SourceStatus
from bot.core.text.amounts import several
from bot.store import cards, marks, milestones, outbox, posts, rulesets
from bot.store.database import Transaction

_OFFERED = timedelta(hours=12)
_SOON = 3  # tries of an account in a row that failed: before that it may be nothing


def conditions(settings: Settings, tx: Transaction, *, now: datetime, machine_now: datetime) -> list[Condition]:
    """Everything that is wrong in the store's eyes, each id once: accounts, sources, the queue, deliveries, steps.

    Args:
        now: Event time: holds are old by it.
        machine_now: For the rest.
    """
    found = [
        *(one for account in account_states(settings, tx) for one in _of_account(account)),
        *(one for source in source_states(settings, tx) for one in _of_source(settings, source, machine_now)),
        *_of_holds(settings, tx, now),
        *_of_deliveries(settings, tx, machine_now),
        *of_milestones(tx, now),
        *of_cards(tx),
    ]
    steps = failing_steps(settings, tx)
    look = "milepost status, and the log of the machine"
    return [*found, *(Condition(f"step {one.step}", f"step {one.step} fails: {one.reason}", look) for one in steps)]


def _of_account(one: AccountStatus) -> Iterator[Condition]:
    if not one.enabled or not one.error:
        return
    name = f"account {one.name}"
    if one.state == "unauthorized":
        yield Condition(
            f"{name}: unauthorized", f"{name} is refused: {one.error}", f"milepost accounts login {one.name}"
        )
    elif one.failures >= _SOON:
        yield Condition(f"{name}: failing", f"{name} fails: {one.error}", f"milepost accounts retry {one.name}")


def _of_source(settings: Settings, one: SourceStatus, now: datetime) -> Iterator[Condition]:
    if not one.enabled:
        return
    name = f"source {one.name}"
    limits = settings.alarms
    if one.state == "unauthorized":
        yield Condition(
            f"{name}: unauthorized",
            f"{name} is refused: {one.error}",
            f"milepost accounts retry {one.name}, after its token was made anew",
        )
    elif one.state == "gone":
        yield Condition(
            f"{name}: gone",
            f"{name} is gone for good: {one.error}",
            "give its new address in config.toml, or `enabled = false`",
        )
    elif one.error and (one.last_ok_at is None or now - one.last_ok_at > limits.silent):
        since = f"since {one.last_ok_at:%H:%M} UTC" if one.last_ok_at else "and never could be"
        yield Condition(
            f"{name}: silent", f"{name} cannot be read {since}: {one.error}", f"milepost accounts retry {one.name}"
        )
    elif limits.no_posts and one.last_post_at is not None and now - one.last_post_at > limits.no_posts:
        about = (
            f"{name} brought no post since {one.last_post_at:%H:%M} UTC, longer than {write_duration(limits.no_posts)}"
        )
        yield Condition(f"{name}: no posts", about, "look at it: its hashtag or its address may have changed")


def _of_holds(settings: Settings, tx: Transaction, now: datetime) -> Iterator[Condition]:
    oldest = posts.oldest_held(tx)
    if oldest is not None and now - oldest > settings.alarms.old_hold:
        about = f"posts wait for a person for longer than {write_duration(settings.alarms.old_hold)}"
        yield Condition("queue: old", about, "milepost queue")


def of_milestones(tx: Transaction, now: datetime) -> Iterator[Condition]:
    """Those that were missed while the plan stood; what was over before it was adopted is nobody's concern."""
    adopted = marks.get(tx, f"adopted_at:{rulesets.MILESTONES}")
    if not adopted:
        return
    stood = datetime.fromisoformat(adopted)
    found = [name for name, due_at in milestones.missed(tx, now - _OFFERED).items() if due_at > stood]
    if found:
        about = f"{several(len(found), 'milestone')} too late to be told by {'itself' if len(found) == 1 else 'themselves'}: {', '.join(found)}"
        mend = f"milepost milestones fire {found[0]}, or milepost milestones skip {found[0]}"
        yield Condition("milestones: missed", about, mend)


def of_cards(tx: Transaction) -> Iterator[Condition]:
    """Facts that changed after they were told, and people who stopped: a person decides."""
    found = cards.open_cards(tx)
    changed = [card.about for card in found if card.kind == cards.CORRECTION]
    stopped = [card.about for card in found if card.kind == cards.STOPPED]
    if changed:
        about = f"{several(len(changed), 'milestone')} told what is not so any more: {', '.join(changed)}"
        yield Condition("milestones: changed", about, "milepost milestones cards")
    if stopped:
        about = f"nothing is told of {', '.join(stopped)} before a person decides: out of the race"
        yield Condition("milestones: held", about, "milepost milestones cards")


def _of_deliveries(settings: Settings, tx: Transaction, now: datetime) -> Iterator[Condition]:
    for account, count in outbox.unconfirmed_before(tx, now - settings.alarms.unconfirmed).items():
        whether = f"{several(count, 'delivery', 'deliveries')} may or may not stand there"
        about = f"account {account}: {whether}, for longer than {write_duration(settings.alarms.unconfirmed)}"
        mend = (
            f"milepost accounts retry {account} (Slack, Discord: accounts settle); "
            f"`milepost log --account {account} --what unconfirmed` shows them"
        )
        yield Condition(f"account {account}: unconfirmed", about, mend)
