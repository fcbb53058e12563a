"""What the desk's page shows: how the house stands, the rules on disk, the last receipt, the queue's length. Reads only."""

from bot.app.condition import refusals, status
from bot.app.hall import App
from bot.core.reports import LogFilter
from bot.core.status import Console
from bot.store import journal, posts


def console(app: App) -> Console:
    """Look at everything that the desk's page shows; no secret is among it."""
    found = status(app)
    with app.database.read() as tx:
        receipts = journal.read(tx, LogFilter(what="receipt", limit=1))
        held = posts.held_count(tx)
    return Console(
        event=app.settings.event.name,
        zone=app.settings.event.zone,
        status=found,
        refused=tuple(refusals(app)),
        receipt=receipts[-1] if receipts else None,
        held=held,
    )
