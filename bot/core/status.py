"""What the doors show of the house: sources, accounts, rules, what is stopped and what is wrong. Plain data, as in `reports`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.budget import Allowance
from bot.core.model import Update
from bot.core.reports import DeliveryReport, JournalLine


@dataclass(frozen=True, slots=True)
class Brake:
    """Something that the desk has stopped.

    Attributes:
        scope: "quiet", "all", "page" or "account:NAME".
    """

    scope: str
    at: datetime
    by: str
    why: str = ""
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Stopped:
    """What a pause or a quiet spell stops, or what letting go did.

    Attributes:
        brakes: What stands now.
        deliveries: What is held back (stop) or goes on (release): what another brake still holds does not go on.
        scheduled: The desk's own updates that wait, and on a release go on.
        milestones: Ids of milestones that are due within the hour and would be stopped.
        expired: What was too old to be sent and was let go.
        changed: False where it stood so already.
    """

    brakes: tuple[Brake, ...] = ()
    deliveries: tuple[DeliveryReport, ...] = ()
    scheduled: tuple[Update, ...] = ()
    milestones: tuple[str, ...] = ()
    expired: tuple[DeliveryReport, ...] = ()
    changed: bool = True


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How collecting from one source goes. Times are machine time.

    Attributes:
        error: Of the last try; "" where that went well, and for a source that is off: nobody waits for it.
        note: What an operator should know, as it was last said; "" for nothing yet.
        noted_at: When it was said; None for nothing yet.
        cost: What it has cost so far, for people; "" for what is free, and where the outside is closed.
    """

    name: str
    kind: str
    enabled: bool
    state: str  # ok, failing, new, off, gone, unauthorized
    last_ok_at: datetime | None = None
    last_post_at: datetime | None = None
    error: str = ""
    error_at: datetime | None = None
    failures: int = 0
    next_at: datetime | None = None
    note: str = ""
    noted_at: datetime | None = None
    cost: str = ""


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """How publishing to one account goes. Times are machine time.

    Attributes:
        error: Of the last try; "" where that went well, and for an account that is off.
        failures: Tries that failed, in a row.
        cost: What it has cost so far, for people; "" for what is free, and where the outside is closed.
        allowances: What its platform last said that it still allows; those whose time is over say nothing.
    """

    name: str
    kind: str
    enabled: bool
    state: str  # ok, failing, new, off, paused, quiet, unauthorized
    last_sent_at: datetime | None = None
    owed: int = 0
    unconfirmed: int = 0
    failed: int = 0
    retracting: int = 0
    correcting: int = 0
    sent: int = 0
    error: str = ""
    next_at: datetime | None = None
    cost: str = ""
    failures: int = 0
    allowances: tuple[Allowance, ...] = ()


@dataclass(frozen=True, slots=True)
class Metric:
    """One number for an alarm.

    Attributes:
        name: As Prometheus takes it, with its unit.
        about: What it counts, one sentence; the same for all of one name.
        labels: Which one it is of; empty where there is but one.
    """

    name: str
    about: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Status:
    """How the house stands.

    Attributes:
        now: Event time.
        rule_set: Name of the active set; "" for none.
        rules_refused: The mistakes of the files on disk, one a line; "" where the files are what runs.
        refused_at: Since when the files on disk are refused.
        counts: Posts by verdict, updates by state, and the like.
        running: Whether a daemon holds this database.
        next_milestones: (id, due time), soonest first, at most ten.
    """

    now: datetime
    database: str
    sources: tuple[SourceStatus, ...] = ()
    accounts: tuple[AccountStatus, ...] = ()
    brakes: tuple[Brake, ...] = ()
    rule_set: str = ""
    rules: int = 0
    rules_adopted_at: datetime | None = None
    rules_refused: str = ""
    refused_at: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    running: bool = False
    next_milestones: tuple[tuple[str, datetime], ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Files on disk that are not what runs.

    Attributes:
        kind: "rules", "milestones" or "people".
        mistakes: All of them, for a person.
        at: Since when (event time).
        stays: A good set of before goes on; else there is none.
    """

    kind: str
    mistakes: str
    at: datetime
    stays: bool


@dataclass(frozen=True, slots=True)
class Console:
    """What the desk's page shows.

    Attributes:
        zone: The event's zone, IANA.
        refused: Files on disk that are not what runs.
        receipt: The last line of the log that tells what an edit of the rules would have decided differently; None for none.
        held: How many posts wait for a person.
    """

    event: str
    zone: str
    status: Status
    refused: tuple[Refusal, ...] = ()
    receipt: JournalLine | None = None
    held: int = 0
