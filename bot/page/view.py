"""What the page is drawn from: everything that readers may see, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.core.model import Update


@dataclass(frozen=True, slots=True)
class Point:
    """One of the bullets at the top.

    Attributes:
        slug: Of the update that it leads to; "" for none.
    """

    text: str
    slug: str = ""


@dataclass(frozen=True, slots=True)
class CoverageView:
    """One coverage as readers see it at one `seq` of the feed.

    Attributes:
        title: The headline.
        about: One sentence under the headline; "" for none.
        byline: The writers' line ("Luke Reddy and Caroline Chapman"); "" for none.
        event: The event's name.
        language: Language of the page, BCP 47.
        zone: IANA zone that times are shown in.
        public_url: Where readers reach the front page, absolute, without a slash at the end; feeds and ids use it.
        contact: Mail address or http(s) URL of the operator; "" for none.
        strands: Names of the strands by id; an unknown id has no kicker.
        headlines: The bullets at the top, newest first; may be empty.
        updates: Live ones, newest first by (at, id).
        withdrawn: Withdrawn ones, newest first; of these only slug, times and note are ever drawn.
        latest: How many updates stand on the front page and on each older one; at least 1.
        feed: How many stand in the feeds; at least 1.
        hubs: WebSub hubs that the feeds name; empty for none.
        is_live: The coverage goes on: the front page listens for changes.
        notice: What readers are told above all else ("These updates are held back at the moment"); "" for nothing.
    """

    title: str
    event: str
    public_url: str
    zone: str = "UTC"
    language: str = "en-GB"
    about: str = ""
    byline: str = ""
    contact: str = ""
    strands: Mapping[str, str] = field(default_factory=dict)
    headlines: tuple[Point, ...] = ()
    updates: tuple[Update, ...] = ()
    withdrawn: tuple[Update, ...] = ()
    latest: int = 50
    feed: int = 100
    hubs: tuple[str, ...] = ()
    is_live: bool = True
    notice: str = ""

    @property
    def seq(self) -> int:
        """The last change that this view knows; 0 where there was none."""
        return max((update.seq for update in (*self.updates, *self.withdrawn)), default=0)
