"""Telling and taking back: update, deliveries and journal line in one. For curate, review, announce and withdraw."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.model import Update, UpdateState
from bot.store import authors, feed, headlines, journal, outbox
from bot.store.database import Transaction


def tell(
    tx: Transaction,
    update: Update,
    accounts: Sequence[str],
    *,
    at: datetime,
    by: str,
    why: str = "",
    story_id: int = 0,
    author_id: int = 0,
    cleared: bool = False,
) -> Update:
    """Put an update into the feed and owe it to accounts.

    Args:
        update: New (id 0), or a stored draft or scheduled update that goes live now.
        accounts: Where to, beside the page; empty for the page alone.
        at: Event time; becomes the update's own time.
        by: Who tells: "rules", "clock", or a person's name.
        cleared: A person looked at it: quiet mode lets it go.
    """
    told = replace(update, state=UpdateState.LIVE, at=at, due_at=None, accounts=tuple(accounts))
    stored = feed.change(tx, told) if update.id else feed.add(tx, told, story_id=story_id, author_id=author_id)
    outbox.owe(tx, stored.id, accounts, at=at, cleared=cleared, worth=stored.worth)
    if author_id:
        authors.count_verdict(tx, author_id, published=1)
    journal.write(
        tx,
        [
            journal.Line(
                at,
                "told",
                by,
                why,
                post_id=update.post_id or None,
                story_id=story_id or None,
                update_id=stored.id,
                details={"accounts": list(accounts)} if accounts else None,
            ),
        ],
    )
    return stored


def untell(tx: Transaction, update: Update, *, at: datetime, by: str, why: str, note: str = "") -> Update:
    """Take an update off the feed and mark its deliveries; refresh and publish carry it out.

    Args:
        update: Live, scheduled or a draft. A withdrawn one stays as it is.
        why: For the journal.
        note: For readers, on the page that stays at the permalink; "" for none.

    Returns:
        The update as it now stands.
    """
    if update.state is UpdateState.WITHDRAWN:
        return update
    _part(tx, update)
    alone = replace(update, follows="", followed="")
    stored = feed.change(tx, replace(alone, state=UpdateState.WITHDRAWN, changed_at=at, note=note, due_at=None))
    outbox.take_back(tx, update.id)
    headlines.take_down_of(tx, update.id, at=at, by=by, why=why)
    if update.state is UpdateState.LIVE and (author_id := feed.author_of(tx, update.id)):
        authors.count_verdict(tx, author_id, published=-1)
    journal.write(tx, [journal.Line(at, "withdrawn", by, why, post_id=update.post_id or None, update_id=update.id)])
    return stored


def _part(tx: Transaction, update: Update) -> None:
    """No link of another update leads to what is taken off."""
    if update.follows and (earlier := feed.by_slug(tx, update.follows)) and earlier.followed == update.slug:
        feed.change(tx, replace(earlier, followed=""))
    if update.followed and (later := feed.by_slug(tx, update.followed)) and later.follows == update.slug:
        feed.change(tx, replace(later, follows=""))


def revise(tx: Transaction, update: Update, *, at: datetime, by: str, why: str) -> Update:
    """Change what a live update says; readers see that it was edited, and accounts that can edit correct it."""
    stored = feed.change(tx, replace(update, changed_at=at))
    outbox.correct(tx, update.id)
    journal.write(tx, [journal.Line(at, "edited", by, why, post_id=update.post_id or None, update_id=update.id)])
    return stored
