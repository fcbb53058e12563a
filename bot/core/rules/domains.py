"""Domains of links: whose site a post points to."""

import unicodedata
from collections.abc import Iterable

_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")  # ideographic and wide full stops: browsers read them as a dot
_CODED = "xn--"


def domain_of(url: str) -> str:
    """The host of a link, folded, without "www.", port and user; "" where there is none."""
    _, mark, rest = url.partition("://")
    if not mark:
        return ""
    for end in "/?#\\":
        rest = rest.partition(end)[0]
    host = rest.rpartition("@")[2]
    host = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    return tidy_domain(host)


def tidy_domain(text: str) -> str:
    """A domain as lists write it ("*.Example.org", "www.bücher.example"), in the form that posts have: in plain letters.

    "xn--bcher-kva.example" and "bücher.example" are the same; what is no valid code stays as it is written.

    Source: RFC 3492 (Punycode), UTS 46 (the dots).
    """
    domain = text.strip()
    if not domain.isascii():
        domain = unicodedata.normalize("NFKC", domain.translate(_DOTS))
    domain = domain.lower()
    if _CODED in domain:
        domain = ".".join(map(_decoded, domain.split(".")))
    return domain.removeprefix("*").strip(".").removeprefix("www.")


def _decoded(label: str) -> str:
    if not label.startswith(_CODED):
        return label
    try:
        found = label.removeprefix(_CODED).encode("ascii").decode("punycode")
        found.encode()
    except UnicodeError:
        return label
    return unicodedata.normalize("NFKC", found).lower()


def domains_of(links: tuple[str, ...]) -> tuple[str, ...]:
    """The domains of links, each once, in their order."""
    if not links:
        return ()
    return tuple(dict.fromkeys(domain for domain in map(domain_of, links) if domain))


def any_under(domains: Iterable[str], known: frozenset[str]) -> bool:
    """Whether a domain is one of the known, or a subdomain of one."""
    for domain in domains:
        rest = domain
        while rest:
            if rest in known:
                return True
            rest = rest.partition(".")[2]
    return False
