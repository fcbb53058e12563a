"""What X costs: every thing that X bills is counted before it is forgotten, and bounded by the day and by the month.

All blocks of X share one sum, for X has one bill; each writes only its own page of the book, so that two never overwrite each
other. Reading stops first, then posting; taking down is never stopped.

Source: https://docs.x.com/x-api/getting-started/pricing (prices change: they are settings). A thing that is read again within
a UTC day is billed once; we count what we cannot know to be a repetition.
"""

from collections.abc import Mapping
from datetime import UTC, timedelta
from threading import Lock
from typing import Any

import msgspec

from bot.core.errors import RateLimited
from bot.core.ports import Memory, PlatformContext

_MICRO = 1_000_000
_MOST_AUTHORS = 5_000
_BLOCKS = "x:blocks"
_PRICE = "price_"


class Page(msgspec.Struct, omit_defaults=True):
    """One block's page of the book.

    Attributes:
        day: UTC date of `day_micro`.
        month: UTC month of `month_micro`.
        day_micro: Millionths of a dollar.
        month_micro: Millionths of a dollar.
        counts: How many of each kind in this month.
        authors: Who was billed today.
    """

    day: str = ""
    month: str = ""
    day_micro: int = 0
    month_micro: int = 0
    counts: dict[str, int] = {}
    authors: list[str] = []


class Ledger:
    """The book, opened at the page of one block. May be used by several threads.

    Args:
        context: `shared` holds the book of all blocks of X, `memory` where there is none.
        side: "source" or "account".
        prices: US dollars for one of each kind of thing.
        daily_usd: The most in a UTC day, over all blocks.
        monthly_usd: The most in a UTC month, over all blocks.
    """

    def __init__(
        self, context: PlatformContext, side: str, prices: Mapping[str, float], daily_usd: float, monthly_usd: float
    ) -> None:
        self._memory: Memory = context.shared or context.memory
        self._now = context.machine_now
        self._name = f"{side}:{context.name}"
        self._lock = Lock()
        self._prices = {kind: round(price * _MICRO) for kind, price in prices.items()}
        self._daily = round(daily_usd * _MICRO)
        self._monthly = round(monthly_usd * _MICRO)

    def spend(self, kind: str, count: int = 1) -> None:
        """Write down what X has billed, or may have."""
        if count > 0:
            with self._lock:
                page = self._own()
                self._add(page, kind, count)
                self._keep(page)

    def read(self, posts: int, authors: frozenset[str]) -> None:
        """Write down an answer of posts and of the authors that came with them."""
        with self._lock:
            page = self._own()
            fresh = authors.difference(page.authors)
            self._add(page, "post_read", posts)
            self._add(page, "user_read", len(fresh))
            page.authors = [*page.authors, *sorted(fresh)][:_MOST_AUTHORS]
            if posts or fresh:
                self._keep(page)

    def room(self, reserve_usd: float) -> int:
        """How many millionths of a dollar may still be spent now when so much is kept back; never negative."""
        day, month = self.spent()
        return max(0, min(self._daily - day, self._monthly - month) - round(reserve_usd * _MICRO))

    def price(self, kind: str) -> int:
        """Millionths of a dollar for one."""
        return self._prices[kind]

    def stopped(self, what: str) -> RateLimited:
        """The error that says that a cap is reached, until the day or the month is over."""
        now = self._now().astimezone(UTC)
        day, month = self.spent()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        until = midnight + timedelta(days=1)
        cap, of = "daily_usd", "today"
        if self._monthly - month < self._daily - day:
            until = (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
            cap, of = "monthly_usd", "this month"
        return RateLimited(
            f"X: {what} stops: {self.told()}: the cap `{cap}` of {of} (less its reserve) is reached: "
            f"raise it in config.toml, restart, and run `milepost accounts retry {self._name.partition(':')[2]}`, or wait",
            until,
            stops_all=False,
        )

    def spent(self) -> tuple[int, int]:
        """Millionths of a dollar today and this month, over all blocks of X."""
        pages = [self._page(name) for name in {self._name, *self._blocks()}]
        return sum(page.day_micro for page in pages), sum(page.month_micro for page in pages)

    def told(self) -> str:
        """The cost so far, for people."""
        day, month = self.spent()
        return f"${day / _MICRO:.2f} of ${self._daily / _MICRO:.2f} today, ${month / _MICRO:.2f} of ${self._monthly / _MICRO:.2f} this month"

    def _add(self, page: Page, kind: str, count: int) -> None:
        if count <= 0:
            return
        micro = self._prices[kind] * count
        page.day_micro += micro
        page.month_micro += micro
        page.counts[kind] = page.counts.get(kind, 0) + count

    def _own(self) -> Page:
        return self._page(self._name)

    def _page(self, name: str) -> Page:
        now = self._now().astimezone(UTC)
        page = _decoded(self._memory.get(f"x:cost:{name}"))
        if page.month != f"{now:%Y-%m}":
            page = Page(month=f"{now:%Y-%m}")
        if page.day != f"{now:%Y-%m-%d}":
            page.day, page.day_micro, page.authors = f"{now:%Y-%m-%d}", 0, []
        return page

    def _keep(self, page: Page) -> None:
        names = self._blocks()
        if self._name not in names:
            self._memory.put(_BLOCKS, " ".join([*names, self._name]))
        self._memory.put(f"x:cost:{self._name}", msgspec.json.encode(page).decode())

    def _blocks(self) -> list[str]:
        return self._memory.get(_BLOCKS).split()


def _decoded(kept: str) -> Page:
    try:
        return msgspec.json.decode(kept, type=Page) if kept else Page()
    except ValueError:  # of another version
        return Page()


def cost_of(context: PlatformContext, side: str, settings: Any) -> Ledger:
    """The ledger of a block's settings: each `price_KIND` of them is the price of a kind."""
    prices = {
        name.removeprefix(_PRICE): getattr(settings, name)
        for name in type(settings).model_fields
        if name.startswith(_PRICE)
    }
    return Ledger(context, side, prices, settings.daily_usd, settings.monthly_usd)
