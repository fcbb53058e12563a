"""The HTML of a status as plain text, with its tags, mentions and links in their places.

Whatever comes in, plain text comes out: nh3 makes it well formed first. Links keep their whole address: what Mastodon hides
of it (`invisible`) belongs to it.

Source: https://docs.joinmastodon.org/api/guidelines/#formatting (what servers send), FEP-044f (`quote-inline`)
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import nh3

from bot.core.model import Entity
from bot.core.text.cleaning import plain

_MOST_HTML_CHARS = 50_000  # nh3 takes quadratic time on deep nesting: 0.3 s for this much
_MOST_LINKS = 500
_KEPT = {"p", "br", "a", "span", "ul", "ol", "li", "blockquote", "pre", "div", "h1", "h2", "h3", "h4", "h5", "h6"}
_BLOCKS = _KEPT - {"br", "a", "span", "li", "ul", "ol"}
_ATTRIBUTES = {"a": {"href", "class"}, "span": {"class"}, "p": {"class"}}
_TOKEN = re.compile(r'<(/?)([a-z0-9]+)((?:[^>"]|"[^"]*")*)>|([^<]+)')
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')

_Link = tuple[int, int, str, str]  # start, end, classes, where it leads


@dataclass(frozen=True, slots=True)
class Content:
    """A status' words.

    Attributes:
        text: Plain text; paragraphs are one empty line apart.
        entities: Tags, mentions and links, in order; they do not overlap.
        links: Addresses of links, unique, in order.
        mentions: Mentioned accounts as `names` calls them, folded, unique, in order.
        quoted: Where the inline reference to a quoted post leads, which is no part of the text; "" for none.
    """

    text: str = ""
    entities: tuple[Entity, ...] = ()
    links: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    quoted: str = ""


@dataclass(slots=True)
class _Writing:
    parts: list[str] = field(default_factory=list)
    length: int = 0
    is_spaced: bool = True  # nothing, or white space, stands before what comes next

    def say(self, text: str, *, verbatim: bool = False) -> None:
        said = plain(text)
        if not verbatim:
            lead = bool(said) and said[0].isspace() and not self.is_spaced
            words = " ".join(said.split())
            trail = bool(words) and said[-1].isspace()
            said = f"{' ' if lead else ''}{words}{' ' if trail else ''}"
        if said:
            self.parts.append(said)
            self.length += len(said)
            self.is_spaced = said[-1].isspace()

    def end_line(self, lines: int) -> None:
        """At least so many line ends before what comes next; none at the very start."""
        whole = "".join(self.parts).rstrip(" ")
        if not whole:
            self.parts, self.length, self.is_spaced = [], 0, True
            return
        bare = whole.rstrip("\n")
        whole = bare + "\n" * max(lines, len(whole) - len(bare))
        self.parts, self.length, self.is_spaced = [whole], len(whole), True

    def breaks(self) -> None:
        whole = "".join(self.parts).rstrip(" ")
        if whole:
            whole += "\n"
        self.parts, self.length, self.is_spaced = [whole], len(whole), True


def read(given: str, names: Mapping[str, tuple[str, str]]) -> Content:
    """The words of a status.

    Args:
        given: Its HTML, hostile.
        names: Mentioned accounts by what a link may lead to or say (profile address, "@name@host"): their id, and their
            name as readers know it.
    """
    if not given:
        return Content()
    clean = nh3.clean(given[:_MOST_HTML_CHARS], tags=_KEPT, attributes=_ATTRIBUTES, link_rel=None)
    reader = _Reader()
    for token in _TOKEN.finditer(clean):
        closes, tag, attributes, words = token.groups()
        if words is not None:
            reader.words(html.unescape(words))
        elif reader.depth:
            reader.hidden(tag, attributes, closes=bool(closes))
        elif closes:
            reader.closed(tag)
        else:
            reader.opened(tag, attributes)
    return _finished("".join(reader.writing.parts).rstrip(), reader.found, names, reader.quoted)


class _Reader:
    """Takes the tokens of one status."""

    def __init__(self) -> None:
        self.writing = _Writing()
        self.found: list[_Link] = []
        self.quoted = ""
        self.depth = 0  # within an inline reference to a quoted post: of how many paragraphs and spans
        self._link: tuple[int, str, str] | None = None
        self._verbatim = False

    def words(self, words: str) -> None:
        if not self.depth:
            self.writing.say(words, verbatim=self._verbatim)

    def hidden(self, tag: str, attributes: str, *, closes: bool) -> None:
        if tag in {"p", "span"}:
            self.depth += -1 if closes else 1
        elif tag == "a" and not closes and not self.quoted:
            self.quoted = _web(dict(_ATTRIBUTE.findall(attributes)).get("href", ""))

    def opened(self, tag: str, attributes: str) -> None:
        if tag in {"p", "span"} and "quote-inline" in attributes:
            self.depth = 1
        elif tag == "a":
            named = dict(_ATTRIBUTE.findall(attributes))
            self._link = (self.writing.length, named.get("class", ""), _web(named.get("href", "")))
        elif tag == "br":
            self.writing.breaks()
        elif tag == "li":
            self.writing.end_line(1)
            self.writing.say("• ", verbatim=True)
        else:
            self._block(tag)
            self._verbatim = self._verbatim or tag == "pre"

    def closed(self, tag: str) -> None:
        if tag == "a":
            if self._link is not None and len(self.found) < _MOST_LINKS:
                start, classes, href = self._link
                self.found.append((start, self.writing.length, classes, href))
            self._link = None
        else:
            self._block(tag)
            self._verbatim = self._verbatim and tag != "pre"

    def _block(self, tag: str) -> None:
        if tag in {"ul", "ol"}:
            self.writing.end_line(1)
        elif tag in _BLOCKS:
            self.writing.end_line(2)


def _finished(text: str, found: list[_Link], names: Mapping[str, tuple[str, str]], quoted: str) -> Content:
    entities: list[Entity] = []
    links: list[str] = []
    mentions: list[str] = []
    for first, last, classes, href in found:
        start, end = first, min(last, len(text))
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        shown = text[start:end]
        if not shown:
            continue
        if shown[0] in "#＃" and len(shown) > 1 and ("hashtag" in classes or "mention" in classes):
            entities.append(Entity("tag", start, end, shown[1:]))
        elif shown[0] in "@＠" and (who := names.get(href) or names.get(shown.lower())) is not None:
            entities.append(Entity("mention", start, end, who[0]))
            mentions.append(who[1].casefold())
        elif shown[0] in "@＠" and "mention" in classes and href:
            entities.append(Entity("mention", start, end, href))
            mentions.append(_full_name(shown[1:], href))
        elif href:
            entities.append(Entity("link", start, end, href))
            links.append(href)
    return Content(text, tuple(entities), tuple(dict.fromkeys(links)), tuple(dict.fromkeys(mentions)), quoted)


def _full_name(shown: str, href: str) -> str:
    return (shown if "@" in shown else f"{shown}@{urlsplit(href).netloc}").casefold()


def _web(href: str) -> str:
    address = html.unescape(href)
    is_web = address[:8].lower().startswith(("https://", "http://")) and len(address) <= 2_000
    return address if is_web and plain(address) == address and not any(map(str.isspace, address)) else ""


def first_link(given: str) -> str:
    """Where the first link of a piece of HTML leads; the piece itself where it is a bare address; "" for neither."""
    clean = nh3.clean(given[:_MOST_HTML_CHARS], tags={"a"}, attributes={"a": {"href"}}, link_rel=None)
    named = _ATTRIBUTE.search(clean)
    if named is not None and named[1] == "href":
        return _web(named[2])
    return _web(given.strip())
