"""The bullets at the top of the page as people see and pin them."""

from bot.app.hall import App
from bot.core.errors import NotFoundError, RefusedError
from bot.core.model import UpdateState
from bot.store import feed, headlines
from bot.store.headlines import Headline

_LONGEST_CHARS = 120


def standing(app: App) -> list[Headline]:
    """What stands, newest first."""
    with app.database.read() as tx:
        return headlines.standing(tx)


def history(app: App, limit: int) -> list[Headline]:
    """What stood and stands, newest first."""
    with app.database.read() as tx:
        return headlines.history(tx, limit)


def pin(app: App, slot: str, text: str, *, update: str, by: str, why: str = "") -> bool:
    """Let a bullet stand that no milestone replaces; False where it says that already.

    Args:
        update: Short name of the update that it leads to; "" for none.

    Raises:
        NotFoundError: There is no such update.
        RefusedError: The slot is no name, the words are none or too long, the update is not live, or five are pinned already.
    """
    if not slot.isascii() or not slot.replace("-", "").isalnum():
        raise RefusedError(f"{slot!r}: a slot has letters, digits and '-' only, such as mens-race")
    words = " ".join(text.split())
    if not words or len(words) > _LONGEST_CHARS:
        raise RefusedError(f"a headline has 1 to {_LONGEST_CHARS} characters, and this one has {len(words)}")
    with app.database.begin() as tx:
        tx.alone()
        found = feed.by_slug(tx, update) if update else None
        if update and found is None:
            raise NotFoundError(f"there is no update {update!r}: `milepost log` shows their short names")
        if found is not None and found.state is not UpdateState.LIVE:
            raise RefusedError(f"update {update} is {found.state}: a headline leads to what readers can see")
        return headlines.put(tx, slot, words, at=app.now(), by=by, update_id=found.id if found else None, why=why)


def unpin(app: App, slot: str, *, by: str, why: str = "") -> None:
    """Take a bullet down, whoever owns it.

    Raises:
        NotFoundError: None of this slot stands.
    """
    with app.database.begin() as tx:
        tx.alone()
        if not headlines.take_down(tx, slot, at=app.now(), by=by, why=why):
            there = ", ".join(one.slot for one in headlines.standing(tx)) or "none stands"
            raise NotFoundError(f"no headline {slot!r} stands: there are {there}")
