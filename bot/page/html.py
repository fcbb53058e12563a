"""Turns articles into HTML: one environment, one template for an update wherever it stands."""

import hashlib
from functools import cache, lru_cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bot.core.model import Update
from bot.page.article import Place, article

STATIC_NAMES = ("style.css", "page.js", "icon.svg")


@cache
def static(name: str) -> bytes:
    """One of our own files of `static/`, as it lies in the package."""
    return files("bot.page").joinpath("static", name).read_bytes()


@cache
def version(name: str) -> str:
    """A short hash of a static file: pages ask for `NAME?v=HASH`, so that it can be kept for ever."""
    return hashlib.sha256(static(name)).hexdigest()[:10]


def render(template: str, values: dict[str, object]) -> str:
    """Draw a template; a name that it needs and does not get is an error, never an empty place."""
    return _environment().get_template(template).render(values)


# The page is drawn again with every change, and nearly all updates on it are what they were.
@lru_cache(maxsize=4096)
def update_html(update: Update, place: Place) -> Markup:
    """One update as it stands on the page; a withdrawn one is the line that stands in its place."""
    return Markup(render("update.html", {"a": article(update, place), "place": place}))  # noqa: S704 - autoescaped


@lru_cache(maxsize=1024)
def feed_html(update: Update, place: Place) -> str:
    """The content of a feed entry: without classes, with absolute addresses."""
    return render("entry.html", {"a": article(update, place), "place": place}).strip()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("bot.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.globals["version"] = version
    return environment
