"""Updates that add a fact to an earlier one: each links to the other."""

from collections.abc import Sequence
from dataclasses import replace

from bot.core.model import Update
from bot.pipeline.curate.case import Case
from bot.store import copies, feed
from bot.store.database import Transaction


class Following:
    """The updates of one batch that add a fact to an earlier story. Costs nothing where there is none.

    Args:
        cases: Of which some are told.
    """

    def __init__(self, tx: Transaction, cases: Sequence[Case]) -> None:
        self._tx = tx
        self.wanted = {case.match.update_of for case in cases if case.match.update_of and case.tell}
        self._told: dict[int, Update] = {one.story_id: one.update for one in copies.live(tx, self.wanted)}

    def slug(self, case: Case) -> str:
        """The earlier update that a case adds to; "" for none that stands."""
        earlier = self._told.get(case.match.update_of) if case.match.update_of else None
        return earlier.slug if earlier else ""

    def keep(self, case: Case, update: Update) -> None:
        """A case was told as this update: the earlier one leads to it, and later ones of this batch may follow it."""
        if not self.wanted:
            return
        earlier = self._told.get(case.match.update_of)
        if earlier and update.follows:
            self._told[case.match.update_of] = feed.change(self._tx, replace(earlier, followed=update.slug))
        if case.match.story_id in self.wanted:
            self._told[case.match.story_id] = update


def in_turn(cases: Sequence[Case]) -> Sequence[Case]:
    """What adds a fact comes after what it adds to; all else in its order."""
    if any(case.match.update_of for case in cases if case.tell):
        return sorted(cases, key=lambda case: bool(case.match.update_of))
    return cases
