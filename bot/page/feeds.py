"""The coverage as Atom and as JSON Feed.

Nothing in them comes from the clock: a feed was updated when the last of its entries was. Withdrawn updates leave a
tombstone in Atom; JSON Feed has no such thing, the entry is gone.

Both name the hubs that are told of their changes (WebSub).

Source: RFC 4287 (Atom), RFC 6721 (deleted entries), RFC 4151 (tag URIs), https://www.jsonfeed.org/version/1.1/
"""

import json
from collections.abc import Iterable
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from bot.core.model import Update
from bot.core.rights import as_elsewhere
from bot.page.article import Article, Place, article, changed_at
from bot.page.clock import rfc3339
from bot.page.html import feed_html
from bot.page.view import CoverageView
from bot.page.words import line, web_url

_NEVER = "1970-01-01T00:00:00Z"
# RFC 4151 wants a date at which the authority held its name; a fixed one keeps ids stable for ever.
_TAG_YEAR = "2026"


def atom(view: CoverageView) -> bytes:
    """Atom 1.0 of the newest updates, with a tombstone for each of the newest that were withdrawn."""
    feed = Element(
        "feed",
        {
            "xmlns": "http://www.w3.org/2005/Atom",
            "xmlns:at": "http://purl.org/atompub/tombstones/1.0",
            "xml:lang": view.language,
        },
    )
    entries, gone = view.updates[: view.feed], view.withdrawn[: view.feed]
    _say(feed, "id", _tag(view, ""))
    _say(feed, "title", line(view.title))
    if view.about:
        _say(feed, "subtitle", line(view.about))
    _say(feed, "updated", _updated((*entries, *gone)))
    SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": f"{view.public_url}/feed.atom"})
    SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": f"{view.public_url}/"})
    for hub in view.hubs:
        SubElement(feed, "link", {"rel": "hub", "href": hub})
    _say(SubElement(feed, "author"), "name", line(view.byline) or line(view.title))
    _say(feed, "generator", "Milepost")
    for update in entries:
        _atom_entry(feed, view, update)
    for update in gone:
        _tombstone(feed, view, update)
    body: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def json_feed(view: CoverageView) -> bytes:
    """JSON Feed 1.1 of the newest updates."""
    feed: dict[str, object] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": line(view.title),
        "home_page_url": f"{view.public_url}/",
        "feed_url": f"{view.public_url}/feed.json",
        "language": view.language,
    }
    if view.about:
        feed["description"] = line(view.about)
    if view.byline:
        feed["authors"] = [{"name": line(view.byline)}]
    if not view.is_live:
        feed["expired"] = True
    if view.hubs:
        feed["hubs"] = [{"type": "WebSub", "url": hub} for hub in view.hubs]
    feed["items"] = [_json_item(view, update) for update in view.updates[: view.feed]]
    return json.dumps(feed, ensure_ascii=False, indent=1).encode() + b"\n"


def _atom_entry(feed: Element, view: CoverageView, update: Update) -> None:
    said = _said(view, update)
    entry = SubElement(feed, "entry")
    _say(entry, "id", _tag(view, f"u/{update.slug}"))
    _say(entry, "title", said.heading)
    _say(entry, "published", rfc3339(update.at))
    _say(entry, "updated", rfc3339(changed_at(update)))
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": _permalink(view, update)})
    if said.url:
        SubElement(entry, "link", {"rel": "via", "href": said.url})
    if said.byline and said.byline.said:
        author = SubElement(entry, "author")
        _say(author, "name", said.byline.said)
        if said.byline.url:
            _say(author, "uri", said.byline.url)
    if update.strand:
        SubElement(entry, "category", {"term": line(update.strand), "label": said.strand or line(update.strand)})
    for tag in update.tags:
        SubElement(entry, "category", {"term": line(tag)})
    content = _say(entry, "content", _content(view, update))
    content.set("type", "html")
    if said.lang:
        content.set("xml:lang", said.lang)


def _tombstone(feed: Element, view: CoverageView, update: Update) -> None:
    when = rfc3339(changed_at(update))
    deleted = SubElement(feed, "at:deleted-entry", {"ref": _tag(view, f"u/{update.slug}"), "when": when})
    if line(update.note):
        _say(deleted, "at:comment", line(update.note))


def _json_item(view: CoverageView, update: Update) -> dict[str, object]:
    said = _said(view, update)
    item: dict[str, object] = {"id": _tag(view, f"u/{update.slug}"), "url": _permalink(view, update)}
    if said.url:
        item["external_url"] = said.url
    if said.title:
        item["title"] = said.title
    item["content_html"] = _content(view, update)
    item["date_published"] = rfc3339(update.at)
    if update.changed_at:
        item["date_modified"] = rfc3339(changed_at(update))
    if said.byline and said.byline.said:
        author = {"name": said.byline.said}
        item["authors"] = [author | {"url": said.byline.url} if said.byline.url else author]
    if tags := [*([said.strand] if said.strand else []), *map(line, update.tags)]:
        item["tags"] = tags
    if said.pictures:
        item["image"] = said.pictures[0].src
    if said.lang:
        item["language"] = said.lang
    if more := _of_story(view, update):
        item["_milepost"] = more
    return item


def _of_story(view: CoverageView, update: Update) -> dict[str, object]:
    """What JSON Feed has no word for: who else told it, how many said so, and which updates it belongs to."""
    listed = [
        {"url": url, "platform": line(copy.platform), "same_author": copy.is_same}
        for copy in update.copies
        if (url := web_url(copy.url))
    ]
    said = _said(view, update)
    links = {"follows": said.follows, "followed_by": said.followed}
    counts = {"also": said.also, "copies": listed, "chorus": said.chorus}
    found: dict[str, object] = {name: value for name, value in counts.items() if value}
    found.update({name: f"{view.public_url}/u/{slug}.html" for name, slug in links.items() if slug})
    return found


def _place(view: CoverageView, update: Update) -> Place:
    return Place(view.zone, view.language, f"{view.public_url}/", view.strands.get(update.strand, ""))


def _said(view: CoverageView, update: Update) -> Article:
    return article(as_elsewhere(update), _place(view, update))


def _content(view: CoverageView, update: Update) -> str:
    return feed_html(as_elsewhere(update), _place(view, update))


def _permalink(view: CoverageView, update: Update) -> str:
    return f"{view.public_url}/u/{update.slug}.html"


def _tag(view: CoverageView, name: str) -> str:
    """A permanent id below the host and path of the page: two coverages on one host never share one."""
    parts = urlsplit(view.public_url)
    authority = (parts.hostname or "localhost").replace(":", "-")
    return f"tag:{authority},{_TAG_YEAR}:{parts.path.strip('/')}/{name}"


def _updated(updates: Iterable[Update]) -> str:
    return max((rfc3339(changed_at(update)) for update in updates), default=_NEVER)


def _say(parent: Element, name: str, text: str) -> Element:
    child = SubElement(parent, name)
    child.text = text
    return child
