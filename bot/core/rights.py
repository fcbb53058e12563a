"""What may be done with somebody else's words, by where they were posted: data, with the source of each fact.

The page shows what was posted complete and unaltered everywhere. What leaves the page (feeds, previews, accounts) is another thing: some
platforms allow only a link there, in our own words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.core.model import Update, UpdateKind


@dataclass(frozen=True, slots=True)
class Rights:
    """What a platform allows.

    Attributes:
        elsewhere: Its words may stand in feeds, previews and on other networks; else only who posted, and the link.
        altered: Its words may be shown with something blacked out; else such a post is only linked.
    """

    elsewhere: bool = True
    altered: bool = True


_EVERYTHING = Rights()
# Source: X developer agreement II.A and policy, "Content redistribution" (IDs alone may be handed on) and display requirements
# (complete and unmodified, linked to the post). Bluesky, Mastodon and feeds have no such rule; what their authors say against it is
# a matter of consent.
RIGHTS: Mapping[str, Rights] = {"x": Rights(elsewhere=False, altered=False)}


def rights(platform: str) -> Rights:
    """What may be done with words from a platform; everything where nothing is known against it."""
    return RIGHTS.get(platform, _EVERYTHING)


def as_elsewhere(update: Update) -> Update:
    """An update as it may leave the page: whole, or without the words and pictures that may not."""
    if update.kind is not UpdateKind.POST or update.credit is None or rights(update.credit.platform).elsewhere:
        return update
    return replace(update, text="", title="", media=(), entities=())
