"""Makes strangers' words fit to be shown: clean characters, paragraphs, links that are links."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.core.model import Entity
from bot.core.text.cleaning import plain

_HALF = re.compile("[\ud800-\udfff\ufffe\uffff]")  # half characters, and what is none
_SPACE = re.compile(r"\s+")
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")
# A browser reads a backslash as a slash and drops tabs and line ends, so an address with them goes where it does not say.
_NOT_IN_URL = re.compile(r"""[\s"'<>\\^`{|}\x00-\x20\x7f-\x9f]""")
_OWN_MEDIA = re.compile(r"media/[A-Za-z0-9_-][A-Za-z0-9._-]*")
_OPENING_CHARS = 80


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a paragraph that is drawn in one way.

    Attributes:
        kind: "text", "tag", "link" or "break" (a new line within the paragraph).
        text: Clean; "" for a break.
        url: Where a link leads, http(s); "" for all else.
        host: Shown behind a link whose words do not say where it leads; "" where they do.
    """

    kind: str
    text: str = ""
    url: str = ""
    host: str = ""


def clean(text: str) -> str:
    """The text without control characters, what turns the direction of a line, and what XML forbids; line ends become LF."""
    return plain(_HALF.sub("", text))


def line(text: str) -> str:
    """The text cleaned and in one line: names, titles, alt texts."""
    return _SPACE.sub(" ", clean(text)).strip()


def web_url(url: str) -> str:
    """The address itself if a browser may be led there (http or https, with a host), else ""."""
    if not url or _NOT_IN_URL.search(url) or clean(url) != url:
        return ""
    try:
        parts = urlsplit(url)
        leads = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return url if leads else ""


def media_url(url: str, root: str) -> str:
    """Where a picture is loaded from: http(s), or our own `media/NAME` below `root`; "" for all else."""
    return root + url if _OWN_MEDIA.fullmatch(url) else web_url(url)


def host(url: str) -> str:
    """The host of an http(s) address without "www.", for readers; "" for no such address."""
    return (urlsplit(url).hostname or "").removeprefix("www.") if web_url(url) else ""


def paragraphs(text: str, entities: Sequence[Entity] = ()) -> tuple[tuple[Run, ...], ...]:
    """Cut a text into paragraphs (at blank lines) of runs (at entities and line ends).

    Args:
        text: As it was stored, not cleaned: entities count in its code points.
        entities: In any order. One that lies outside the text or in another is left out; a mention stays plain text; a
            link that is not http(s) stays plain text.

    Returns:
        No empty paragraph; none at all where there is nothing to read.
    """
    found: list[list[Run]] = [[]]
    for run in _runs(text, entities):
        if run.kind != "text":
            found[-1].append(run)
            continue
        for number, part in enumerate(_BLANK_LINES.split(run.text)):
            if number:
                found.append([])
            found[-1].extend(_lines(part))
    return tuple(kept for kept in (_trimmed(part) for part in found) if kept)


def opening(text: str) -> str:
    """The beginning of a text in one line of at most 80 characters, cut between words: a heading for what has none."""
    whole = line(text)
    if len(whole) <= _OPENING_CHARS:
        return whole
    cut = whole[: _OPENING_CHARS - 1]
    head, space, _ = cut.rpartition(" ")
    return f"{head if space and len(head) > _OPENING_CHARS // 2 else cut}…"


def _runs(text: str, entities: Iterable[Entity]) -> Iterable[Run]:
    place = 0
    for entity in sorted(entities, key=lambda entity: (entity.start, entity.end)):
        if not place <= entity.start < entity.end <= len(text):
            continue
        run = _entity_run(entity, line(text[entity.start : entity.end]))
        if run is None:
            continue
        yield Run("text", clean(text[place : entity.start]))
        yield run
        place = entity.end
    yield Run("text", clean(text[place:]))


def _entity_run(entity: Entity, shown: str) -> Run | None:
    if not shown:
        return None
    if entity.kind == "tag":
        return Run("tag", shown)
    url = web_url(entity.target) if entity.kind == "link" else ""
    if not url:
        return None
    leads_to = host(url)
    return Run("link", shown, url, "" if _names_host(shown, leads_to) else leads_to)


def _names_host(shown: str, leads_to: str) -> bool:
    """Whether the words begin with the very host that they lead to: "bbc.example.evil" does not name "bbc.example"."""
    said = re.split(r"[/?#:…]", re.sub(r"^[a-z]+://", "", shown.lower()), maxsplit=1)[0]
    return said.removeprefix("www.") == leads_to


def _lines(text: str) -> Iterable[Run]:
    for number, part in enumerate(text.split("\n")):
        if number:
            yield Run("break")
        if part:
            yield Run("text", part)


def _trimmed(runs: list[Run]) -> tuple[Run, ...]:
    def is_empty(run: Run) -> bool:
        return run.kind == "break" or not run.text.strip()

    start, end = 0, len(runs)
    while start < end and is_empty(runs[start]):
        start += 1
    while end > start and is_empty(runs[end - 1]):
        end -= 1
    return tuple(runs[start:end])
