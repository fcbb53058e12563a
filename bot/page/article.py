"""What one update says to readers, before it is drawn: the same on the page, in a live push and in the feeds."""

import re
from dataclasses import dataclass
from datetime import datetime

from bot.core.model import Copy, Credit, Media, Update, UpdateKind, UpdateState
from bot.page.card import Card, card
from bot.page.clock import Shown, show
from bot.page.words import Run, clean, host, line, media_url, opening, paragraphs, web_url

_PLATFORMS = {"bluesky": "Bluesky", "mastodon": "Mastodon", "x": "X"}
_MAX_PIXELS = 20_000
_NAMED = 3  # of the others: the rest is a number
_SLUG = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an update is drawn.

    Attributes:
        zone: IANA zone of its times.
        language: The page's own.
        root: What leads to the front page's folder: "", "../" or `public_url` with a slash at its end.
        strand: The strand's name, "" for none.
        heading: 1 on its own page, 3 in a list.
    """

    zone: str
    language: str
    root: str = ""
    strand: str = ""
    heading: int = 3


@dataclass(frozen=True, slots=True)
class Byline:
    """Whose words these are.

    Attributes:
        name: As readers know them; "" where only a handle is known.
        handle: "@handle" or "".
        on: The platform's name ("Bluesky"); "" for the desk's own people and for feeds.
        role: "Our reporter on the ground"; "" for none.
        url: The original, else the author's profile; http(s) or "".
        site: The host that `url` leads to, "" where it leads nowhere.
    """

    name: str
    handle: str = ""
    on: str = ""
    role: str = ""
    url: str = ""
    site: str = ""

    @property
    def said(self) -> str:
        """In one line of plain text, as the feeds name the author."""
        who = ", ".join(part for part in (self.name, self.handle) if part)
        return f"{who} on {self.on}" if self.on else who


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture, or the way to something that is not drawn here (a video, a sound, a page).

    Attributes:
        kind: "image", "video", "audio" or "link".
        src: Where it is, http(s) or our own.
        alt: Clean, one line; "" where there is none.
        width: Pixels, 0 where unknown.
        height: Pixels, 0 where unknown.
        host: Where it leads, for readers.
    """

    kind: str
    src: str
    alt: str
    width: int = 0
    height: int = 0
    host: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another post that tells the same.

    Attributes:
        on: Where it stands, for readers ("Mastodon"; the host of a feed's entry).
        handle: "@handle" of who posted it; "" where there is none, and where it is the very person who is quoted.
        url: Its permalink, http(s).
    """

    on: str
    handle: str
    url: str


@dataclass(frozen=True, slots=True)
class Article:
    """One update, ready for the template.

    Attributes:
        slug: Permanent public name.
        seq: Its place in the feed's order of changes.
        look: "quote" (the public), "official", "milestone" or "desk".
        gone: Withdrawn: every field that repeats its content is empty.
        told: When it was told.
        strand: The kicker, "" for none.
        title: The visible heading, "" for none.
        heading: What it is called in a list of titles (feeds, the browser's tab); never empty.
        label: What stands as a heading for those who hear the page, where no title is seen; never empty.
        paragraphs: Its text.
        byline: None where the desk speaks without one.
        is_official: Carries the mark.
        lang: BCP 47 where it differs from the page's, else "".
        pictures: To be drawn.
        others: Videos, sounds and link cards, to be linked.
        also: How many others told the same.
        elsewhere: What the same person posted on other platforms, one for each.
        also_by: Some of the others, at most 3.
        chorus: How many others said the same few words.
        follows: Slug of the earlier update to which this one adds, "" for none.
        followed: Slug of the newest update that adds to this one, "" for none.
        changed: When it was changed or withdrawn; None where it never was.
        changed_said: "14:31 BST", with the date where that is another day.
        note: What readers are told about the change.
        url: The original, http(s) or "".
        card: How a post from X stands on the page; None for all else.
    """

    slug: str
    seq: int
    look: str
    gone: bool
    told: Shown
    heading: str
    label: str
    strand: str = ""
    title: str = ""
    paragraphs: tuple[tuple[Run, ...], ...] = ()
    byline: Byline | None = None
    is_official: bool = False
    lang: str = ""
    pictures: tuple[Shot, ...] = ()
    others: tuple[Shot, ...] = ()
    also: int = 0
    elsewhere: tuple[Elsewhere, ...] = ()
    also_by: tuple[Elsewhere, ...] = ()
    chorus: int = 0
    follows: str = ""
    followed: str = ""
    changed: Shown | None = None
    changed_said: str = ""
    note: str = ""
    url: str = ""
    card: Card | None = None


def article(update: Update, place: Place) -> Article:
    """Say what readers may see of an update; of a withdrawn one only that it is gone, when, and the note."""
    told = show(update.at, place.zone)
    changed = show(update.changed_at, place.zone) if update.changed_at else None
    said = _changed_said(told, changed)
    note = line(update.note)
    if update.state is UpdateState.WITHDRAWN:
        return Article(
            slug=update.slug,
            seq=update.seq,
            look="gone",
            gone=True,
            told=told,
            heading="This update was removed",
            label="This update was removed",
            changed=changed,
            changed_said=said,
            note=note,
        )
    url = web_url(update.url)
    byline = _byline(update.credit, url) if update.credit else None
    shots = tuple(shot for shot in (_shot(media, place.root) for media in update.media) if shot)
    title = line(update.title)
    lang = _lang(update.lang)
    return Article(
        slug=update.slug,
        seq=update.seq,
        look=_look(update),
        gone=False,
        told=told,
        strand=line(place.strand),
        title=title,
        heading=title or _heading(update, byline, told),
        label=title or _label(byline, told),
        paragraphs=paragraphs(update.text, update.entities),
        byline=byline,
        is_official=update.is_official and update.kind is UpdateKind.POST,
        lang="" if lang.lower() == place.language.lower().split("-")[0] else lang,
        pictures=tuple(shot for shot in shots if shot.kind == "image"),
        others=tuple(shot for shot in shots if shot.kind != "image"),
        also=max(0, update.also),
        elsewhere=_elsewhere(update),
        also_by=_also_by(update),
        chorus=max(0, update.chorus),
        follows=update.follows if _SLUG.fullmatch(update.follows) else "",
        followed=update.followed if _SLUG.fullmatch(update.followed) else "",
        changed=changed,
        changed_said=said,
        note=note,
        url=url,
        card=card(update, place.zone),
    )


def changed_at(update: Update) -> datetime:
    """When what readers see of it last changed."""
    return max(update.at, update.changed_at) if update.changed_at else update.at


def _look(update: Update) -> str:
    match update.kind:
        case UpdateKind.MILESTONE:
            return "milestone"
        case UpdateKind.DESK:
            return "desk"
        case UpdateKind.POST:
            return "official" if update.is_official else "quote"


def _heading(update: Update, byline: Byline | None, told: Shown) -> str:
    words = opening(update.text)
    if not words:
        return _label(byline, told)
    # Words of the public never stand without whose they are.
    return f"{byline.name or byline.handle}: {words}" if byline and update.kind is UpdateKind.POST else words


def _label(byline: Byline | None, told: Shown) -> str:
    who = (byline.name or byline.handle) if byline else ""
    return f"{who}, {told.short}" if who else f"Update at {told.short}"


def _byline(credit: Credit, url: str) -> Byline:
    handle = line(credit.handle).lstrip("@")
    name = line(credit.name)
    # A feed's author is credited by name alone: its "handle" would be an address.
    is_desk = not credit.platform
    is_feed = credit.platform == "feeds"
    on = "" if is_desk or is_feed else _PLATFORMS.get(credit.platform, line(credit.platform).capitalize())
    shown_handle = f"@{handle}" if handle and not is_feed else ""
    if name.lstrip("@") == handle and shown_handle:
        name = ""
    leads_to = url or web_url(credit.url)
    return Byline(name or (handle if is_feed else ""), shown_handle, on, line(credit.role), leads_to, host(leads_to))


def _elsewhere(update: Update) -> tuple[Elsewhere, ...]:
    here = _on(update.credit.platform, update.url) if update.credit else ""
    found: dict[str, Elsewhere] = {}
    for copy in update.copies:
        shown = _copy(copy) if copy.is_same else None
        if shown and shown.on != here:
            found.setdefault(shown.on, shown)
    return tuple(found.values())


def _also_by(update: Update) -> tuple[Elsewhere, ...]:
    found = (_copy(copy) for copy in update.copies if not copy.is_same)
    return tuple(shown for shown in found if shown)[: min(_NAMED, max(0, update.also))]


def _copy(copy: Copy) -> Elsewhere | None:
    """None where it leads nowhere: a name alone helps nobody."""
    url = web_url(copy.url)
    handle = "" if copy.is_same or copy.platform == "feeds" else line(copy.handle).lstrip("@")
    return Elsewhere(_on(copy.platform, url), f"@{handle}" if handle else "", url) if url else None


def _on(platform: str, url: str) -> str:
    return host(url) if platform == "feeds" else _PLATFORMS.get(platform, line(platform).capitalize())


def _shot(media: Media, root: str) -> Shot | None:
    src = media_url(media.url, root)
    if not src:
        return None
    sized = 0 < media.width <= _MAX_PIXELS and 0 < media.height <= _MAX_PIXELS
    return Shot(
        kind=media.kind if media.kind in ("image", "video", "audio") else "link",
        src=src,
        alt=line(media.alt),
        width=media.width if sized else 0,
        height=media.height if sized else 0,
        host=host(media.url),
    )


def _lang(lang: str) -> str:
    """A language tag that may stand in an attribute; "" for what is none ("und" says nothing)."""
    tag = clean(lang)
    is_tag = bool(tag) and tag.isascii() and tag.replace("-", "").isalnum()
    return tag if is_tag and tag != "und" else ""


def _changed_said(told: Shown, changed: Shown | None) -> str:
    if changed is None:
        return ""
    return changed.short if changed.day == told.day else f"{changed.short}, {changed.day}"
