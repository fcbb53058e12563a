"""What somebody wrote in a letter: without what it quotes, without its signature."""

import re
from contextlib import suppress
from html.parser import HTMLParser

_MOST_CHARS = 20_000
_MOST_READ_CHARS = 10 * _MOST_CHARS
_BLOCKS = frozenset(
    {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "pre", "hr"}
)
_SILENT = frozenset({"head", "script", "style", "title", "template", "blockquote"})
_EMPTY = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})  # they have no end
_SIGNATURE = re.compile(r"^--\s?$")
_SENT_FROM = re.compile(
    r"^(sent from my |sent from .{1,40} for |get outlook for |gesendet (von|mit) |von meinem .{1,40} gesendet|"
    r"envoyé (de|depuis) |enviado (desde|do) |inviato da )",
    re.IGNORECASE,
)
_QUOTING = re.compile(  # with a date, a time or an address in it: "On mile 20 I read what she wrote:" is somebody's own
    r"^((?=.*(@|\d{4}|\d{1,2}:\d\d|\d{1,2}[./-]\d{1,2}))(on\b.{4,200}\bwrote:|am\b.{4,200}\bschrieb.{0,80}:|le\b.{4,200}\ba écrit\s?:|el\b.{4,200}\bescribió:|"
    r"il\b.{4,200}\bha scritto:|em\b.{4,200}\bescreveu:|op\b.{4,200}\bschreef.{0,80}:)|"
    r"-{3,}\s?(original message|forwarded message|ursprüngliche nachricht|message d'origine|mensaje original)\s?-{3,}|"
    r"_{20,}|begin forwarded message:)\s*$",
    re.IGNORECASE,
)
_HEADER = re.compile(r"^\*?(from|von|de|da):\*?\s.*", re.IGNORECASE)
_NEXT_HEADER = re.compile(  # with an address where it says to whom: "From: London, To: Brighton" is somebody's own
    r"^\*?((sent|date|gesendet|datum|envoyé|enviado|inviato):\*?\s|(to|an|à|para|a):\*?\s.*@)", re.IGNORECASE
)


def own_words(plain: str, html: str) -> str:
    """The words of a letter's own, at most 20,000 characters; "" where it says nothing itself.

    Args:
        plain: Its plain text, "" where it has none.
        html: Its HTML, taken where there is no plain text.
    """
    text = plain[:_MOST_READ_CHARS]
    if not text.strip():
        text = _text_of(html)
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    kept: list[str] = []
    quoted = 0  # lines before it are quoted, and marked so
    for place, line in enumerate(lines):
        if place < quoted:
            continue
        if _SIGNATURE.match(line):
            break
        if _starts_a_quote(lines, place):
            quoted = _ends_marked(lines, place)
            if not quoted:
                break
            continue
        if not line.startswith(">"):
            kept.append(line)
    while kept and (not kept[-1].strip() or _SENT_FROM.match(kept[-1].strip())):
        kept.pop()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()[:_MOST_CHARS]


def _starts_a_quote(lines: list[str], place: int) -> bool:
    """Whether all that follows is somebody else's: a line that announces it, perhaps broken in two, or headers."""
    line = lines[place].strip()
    after = lines[place + 1].strip() if place + 1 < len(lines) else ""
    if _QUOTING.match(line) or (line and after and _QUOTING.match(f"{line} {after}") and not _QUOTING.match(after)):
        return True
    return bool(_HEADER.match(line) and _NEXT_HEADER.match(after))


def _ends_marked(lines: list[str], place: int) -> int:
    """Where a quote that is marked with ">" ends, for somebody may have answered below it; 0 where it has no marks."""
    start = place + 1
    while start < len(lines) and start <= place + 3 and not lines[start].startswith(">"):
        start += 1
    if start >= len(lines) or not lines[start].startswith(">"):
        return 0
    while start < len(lines) and lines[start].startswith(">"):
        start += 1
    return start


def _text_of(html: str) -> str:
    reader = _Reader()
    with suppress(
        AssertionError, ValueError
    ):  # html.parser gives up on "<![x[" and on numbers without end: the rest is lost
        reader.feed(html[:_MOST_READ_CHARS])
        reader.close()
    return "\n".join(" ".join(line.split()) for line in "".join(reader.parts).split("\n"))


class _Reader(HTMLParser):
    """Words of a letter in HTML; what it quotes is left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "body":
            self._silent.clear()  # a head that nobody has closed ends here
        if tag in _EMPTY:
            self.parts.append("\n" if tag in _BLOCKS else "")
        elif tag in _SILENT or any(name == "class" and value and "gmail_quote" in value for name, value in attrs):
            self._silent.append(tag)
        elif self._silent and tag == self._silent[-1]:
            self._silent.append(tag)  # one of its own kind inside: its end is not the end of the quote
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self._silent and tag == self._silent[-1]:
            self._silent.pop()
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data.replace("\n", " ").replace("\r", " "))
