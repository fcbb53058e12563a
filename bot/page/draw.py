"""Draws the page and its feeds, file by file: the same view gives the same bytes."""

import re

from bot.core.model import Update, UpdateState
from bot.core.pages import CONTENT_POLICY, PageChange
from bot.core.rights import as_elsewhere
from bot.page.article import Place, article
from bot.page.clock import rfc3339, show
from bot.page.feeds import atom, json_feed
from bot.page.html import STATIC_NAMES, render, static, update_html
from bot.page.view import CoverageView
from bot.page.words import line, web_url

_FEEDS = ("feed.atom", "feed.json")
_NUMBERED = re.compile(r"page/[1-9][0-9]*\.html|u/[a-z0-9]+\.html")


def draw(view: CoverageView, *, since: int = 0) -> dict[str, bytes]:
    """Draw the front page, the older pages, the permalinks that changed, the feeds and the files they need.

    Args:
        view: What readers may see.
        since: Permalinks of updates up to this `seq` are taken as drawn and left out; 0 draws them all. They depend on
            their update and on what the configuration says of the coverage, on nothing else.

    Returns:
        Bytes by file name: `index.html`, `page/2.html` and on, `u/SLUG.html`, `feed.atom`, `feed.json`, `style.css`,
        `page.js`, `icon.svg`. A file of an earlier drawing that `names` no longer knows is to be removed.
    """
    drawn = {name: static(name) for name in STATIC_NAMES}
    for number in range(1, _page_count(view) + 1):
        drawn[_page_name(number)] = _list_page(view, number).encode()
    for update in (*view.updates, *view.withdrawn):
        if update.seq > since:
            drawn[f"u/{update.slug}.html"] = _permalink_page(view, update).encode()
    drawn["feed.atom"] = atom(view)
    drawn["feed.json"] = json_feed(view)
    return drawn


def names(view: CoverageView) -> frozenset[str]:
    """Every file that the whole drawing of a view has, without drawing it."""
    pages = (_page_name(number) for number in range(1, _page_count(view) + 1))
    permalinks = (f"u/{update.slug}.html" for update in (*view.updates, *view.withdrawn))
    return frozenset((*STATIC_NAMES, *pages, *permalinks, *_FEEDS))


def can_be_drawn(name: str) -> bool:
    """Whether a drawing can have a file of this name: what else lies in the page's folder is for nobody."""
    return name in ("index.html", *STATIC_NAMES, *_FEEDS) or bool(_NUMBERED.fullmatch(name))


def fragment(update: Update, view: CoverageView) -> str:
    """The HTML of one update exactly as the front page draws it; for a withdrawn one the line in its place."""
    return str(update_html(update, _place(update, view))).strip()


def change(update: Update, view: CoverageView) -> PageChange:
    """What an open page is told about an update."""
    state = "withdrawn" if update.state is UpdateState.WITHDRAWN else "live"
    return PageChange(update.seq, update.slug, state, rfc3339(update.at), fragment(update, view))


def _place(update: Update, view: CoverageView, root: str = "", heading: int = 3) -> Place:
    return Place(view.zone, view.language, root, view.strands.get(update.strand, ""), heading)


def _page_count(view: CoverageView) -> int:
    return max(1, -(-len(view.updates) // max(1, view.latest)))


def _page_name(number: int) -> str:
    return "index.html" if number == 1 else f"page/{number}.html"


def _frame(view: CoverageView, root: str) -> dict[str, object]:
    """What every page knows; nothing in it changes while the event runs."""
    return {
        "title": line(view.title),
        "about": line(view.about),
        "event": line(view.event),
        "byline": line(view.byline),
        "language": view.language,
        "policy": CONTENT_POLICY,
        "root": root,
        "public_url": view.public_url,
        "contact": _contact(view.contact, view.title),
    }


def _list_page(view: CoverageView, number: int) -> str:
    root = "" if number == 1 else "../"
    size = max(1, view.latest)
    shown = view.updates[(number - 1) * size : number * size]
    newest = view.updates[0] if view.updates else None
    return render(
        "list.html",
        {
            **_frame(view, root),
            "headlines": [(line(one.text), one.slug) for one in view.headlines if line(one.text)],
            "notice": line(view.notice),
            "is_live": view.is_live,
            "newest": show(newest.at, view.zone) if newest else None,
            "entries": [
                (show(update.at, view.zone), update_html(update, _place(update, view, root))) for update in shown
            ],
            "number": number,
            "count": _page_count(view),
            "seq": view.seq,
        },
    )


def _permalink_page(view: CoverageView, update: Update) -> str:
    place = _place(update, view, "../", heading=1)
    said = article(as_elsewhere(update), place)  # titles and previews travel; the update itself is drawn whole
    summary = "" if said.gone else " ".join(run.text for runs in said.paragraphs for run in runs if run.text)
    return render(
        "permalink.html",
        {
            **_frame(view, "../"),
            "a": said,
            "summary": summary[:200],
            "picture": next((shot.src for shot in said.pictures if web_url(shot.src)), ""),
            "entry": update_html(update, place),
        },
    )


def _contact(contact: str, title: str) -> dict[str, str]:
    """How to reach the operator: `url` ("" where it is neither mail nor web), `said`, `removal` (its own address)."""
    said = line(contact)
    url = web_url(said)
    if url:
        return {"url": url, "said": said.split("://", 1)[1].rstrip("/"), "removal": url}
    name, at, domain = said.partition("@")
    is_mail = bool(name and at and "." in domain) and not any(sign in said for sign in " <>\"'()?&%#,;:\\/")
    if is_mail:
        subject = "".join(sign if sign.isalnum() and sign.isascii() else "%20" for sign in f"Removal {line(title)}")
        return {"url": f"mailto:{said}", "said": said, "removal": f"mailto:{said}?subject={subject}"}
    return {"url": "", "said": said, "removal": ""}
