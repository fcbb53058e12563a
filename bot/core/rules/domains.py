"""Domains of links: whose site a post points to."""

from collections.abc import Iterable


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
    """A domain as lists write it ("*.Example.org", "www.example.org"), in the form that posts have."""
    return text.strip().casefold().removeprefix("*").strip(".").removeprefix("www.")


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
