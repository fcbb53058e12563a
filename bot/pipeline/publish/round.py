"""What one run for one account goes by, and what its parts share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.budget import Allowance
from bot.core.desk import Desk
from bot.core.model import Snippet, Update
from bot.core.ports import Metered, Publisher
from bot.core.snippets import fit
from bot.store import budgets, health, journal
from bot.store.database import Database, Transaction
from bot.store.outbox import Delivery


@dataclass(frozen=True, slots=True)
class Carrier:
    """One account, ready to send.

    Attributes:
        name: As configured.
        publisher: Its platform.
        page_url: Permalink of an update, for snippets that point to the page; gives "" where the page is private.
        platform_names: For credits, "bluesky" -> "Bluesky".
        guard: Whether this process holds the account's lease in this very transaction: the fence before a send.
    """

    name: str
    publisher: Publisher
    page_url: Callable[[Update], str]
    platform_names: Mapping[str, str] = field(default_factory=dict)
    guard: Callable[[Transaction], bool] = lambda _tx: True


@dataclass(frozen=True, slots=True)
class Round:
    """One run for one account.

    Attributes:
        now: Event time.
        machine_now: Machine time.
    """

    database: Database
    carrier: Carrier
    desk: Desk
    now: Callable[[], datetime]
    machine_now: Callable[[], datetime]

    def allowances(self) -> Sequence[Allowance]:
        """What the platform says that it still allows; empty where it says nothing."""
        publisher = self.carrier.publisher
        return publisher.allowances() if isinstance(publisher, Metered) else ()

    def went_well(self, tx: Transaction, *, sent: bool = False) -> None:
        """The account did what it was asked."""
        budgets.keep(tx, self.carrier.name, self.allowances())
        health.account_ok(tx, self.carrier.name, now=self.machine_now(), sent=sent)

    def fit(self, update: Update, created_at: datetime) -> Snippet:
        """An update's words, fitted to the account."""
        strand = self.desk.strand(update.strand).name if update.strand else ""
        return fit(
            update,
            self.carrier.publisher.limits(),
            strand_name=strand,
            page_url=self.carrier.page_url(update),
            platform_names=self.carrier.platform_names,
            created_at=created_at,
        )

    def write(self, tx: Transaction, what: str, delivery: Delivery, why: str) -> None:
        """One line of the log about a delivery."""
        post_id = delivery.update.post_id or None
        place = delivery.account
        line = journal.Line(
            self.now(), what, "milepost", why, post_id=post_id, update_id=delivery.update.id, place=place
        )
        journal.write(tx, [line])
