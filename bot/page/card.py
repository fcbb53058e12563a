"""Cards of platforms that say how their posts must look on somebody else's page.

X: the name and the handle as they are there, the whole text with its links, the time with a link to the post, X's logo and "View on X".
Source: X developer policy, display requirements. The author's picture, which they name, too, is not shown: none is kept.
"""

from dataclasses import dataclass

from bot.core.model import Update, UpdateKind
from bot.page.clock import Shown, show
from bot.page.words import line, web_url


@dataclass(frozen=True, slots=True)
class Card:
    """What stands around a post from X.

    Attributes:
        name: The display name at X; "" where it is not known or is the handle.
        handle: "@handle"; "" where it is not known.
        profile: Where the handle leads, http(s) or "".
        url: Where the time, the logo and "View on X" lead, http(s).
        posted: When the post was made; None where that was not kept.
    """

    name: str
    handle: str
    profile: str
    url: str
    posted: Shown | None


def card(update: Update, zone: str) -> Card | None:
    """The card of an update; None for all but posts from X that are shown, and where nothing leads there."""
    credit, url = update.credit, web_url(update.url)
    is_shown = bool(update.text or update.media)
    if update.kind is not UpdateKind.POST or credit is None or credit.platform != "x" or not url or not is_shown:
        return None
    handle = line(credit.handle).lstrip("@")
    name = line(credit.own_name or credit.name)
    posted = show(update.posted_at, zone) if update.posted_at else None
    return Card(
        "" if handle and name.lstrip("@") == handle else name,
        f"@{handle}" if handle else "",
        web_url(credit.url),
        url,
        posted,
    )
