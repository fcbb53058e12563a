"""One form for all addresses of one page, so that links can be compared. Never shown and never linked: readers get what the author wrote.

What is the same: http and https, default ports, case of the host and its two spellings, "www.", "m.", "mobile." and "amp.", a slash
at the end, percent-encoding, the order of parameters and those that only track, the fragment (unless it is a route), AMP pages
and the page they stand for, a video and a post under their platforms' many addresses. What is not the same: anything a site
might tell apart. A short link says nothing (`is_short`).
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlencode

from yarl import URL

from bot.core.text.shorteners import SHORT_HOSTS, SHORT_PATHS, SHORT_SUFFIXES
from bot.core.text.tracking import TRACKING

MAX_ADDRESS_CHARS = 5_000
# What yarl lets out on odd input: a port that is none, a host that is none, brackets left open.
_FAULTS = (ValueError, LookupError, TypeError)

_UNSAID = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_SAME_SITE = re.compile(r"(?:www|m|mobile|amp)\.(?=[^.]+\.[^.]*[a-z])")
_MOBILE_WIKI = re.compile(r"(?<=\.)m\.(?=(?:wikipedia|wikimedia|wikidata|wiktionary|wikivoyage|wikinews)\.org$)")
_GOOGLE = re.compile(r"google\.(?:com?\.)?[a-z]{2,3}")
_AMP_CACHE = re.compile(r"/(?:[a-z]/|amp/)?(?P<secure>s/)?(?P<rest>[^/]+\.[^/]+/.*)")
_AMP_PAGE = re.compile(r"(?<=[^/]/)(?P<slug>[^/]*[-0-9][^/]*)/amp$")
_AMP_ENDING = re.compile(r"(?<=[^/.])\.amp(?P<html>(?:\.html)?)$")
# What most addresses are: read without yarl. No letters but plain ones, no parameters, nothing that needs to be put right.
_SIMPLE = re.compile(r"https?://((?:[a-z0-9-]+\.)+[a-z]+)((?:/[A-Za-z0-9_~-][A-Za-z0-9_.~:@-]*)*)/?")
_STATUS = re.compile(r"/(?:i/web|[^/]+)/status(?:es)?/(\d{1,20})(?:/.*)?", re.IGNORECASE)
_VIDEO_PATH = re.compile(r"/(?:shorts|live|embed|v)/([A-Za-z0-9_-]{6,20})(?:/.*)?")
_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{6,20}")

_ALIASES = {
    "bbc.com": "bbc.co.uk",
    "x.com": "twitter.com",
    "fxtwitter.com": "twitter.com",
    "vxtwitter.com": "twitter.com",
    "fixupx.com": "twitter.com",
    "fixvx.com": "twitter.com",
    "youtube-nocookie.com": "youtube.com",
    "music.youtube.com": "youtube.com",
    "fb.com": "facebook.com",
    "web.facebook.com": "facebook.com",
    "instagr.am": "instagram.com",
    "old.reddit.com": "reddit.com",
    "new.reddit.com": "reddit.com",
    "np.reddit.com": "reddit.com",
    "guardian.co.uk": "theguardian.com",
    "edition.cnn.com": "cnn.com",
}
"""Hosts that answer with the same pages under the same paths."""

_CARRIERS = {
    ("l.facebook.com", "/l.php"): ("u",),
    ("lm.facebook.com", "/l.php"): ("u",),
    ("l.instagram.com", "/"): ("u",),
    ("l.threads.com", "/"): ("u",),
    ("youtube.com", "/redirect"): ("q",),
    ("out.reddit.com", "/"): ("url",),
    ("google.com", "/url"): ("url", "q"),
    ("linkedin.com", "/safety/go"): ("url",),
}
"""Addresses that carry the one they lead to, by host and path, and in which parameter."""

_SPECIAL = frozenset({"twitter.com", "youtube.com", "youtu.be"})
_AMP_CACHES = ".cdn.ampproject.org"
_AMP_FLAGS = {("amp", ""), ("amp", "1"), ("amp", "true"), ("outputtype", "amp")}


def _trackers() -> tuple[frozenset[str], tuple[str, ...], dict[str, tuple[frozenset[str], tuple[str, ...]]]]:
    """Names and prefixes that are dropped everywhere, and those of single hosts."""
    everywhere = [tracking for tracking in TRACKING if not tracking.hosts]
    hosts = {host for tracking in TRACKING for host in tracking.hosts}
    own = {host: [tracking for tracking in TRACKING if host in tracking.hosts] for host in hosts}
    return (
        frozenset(name for tracking in everywhere for name in tracking.names),
        tuple(prefix for tracking in everywhere for prefix in tracking.prefixes),
        {
            host: (
                frozenset(name for tracking in found for name in tracking.names),
                tuple(prefix for tracking in found for prefix in tracking.prefixes),
            )
            for host, found in own.items()
        },
    )


_NAMES, _PREFIXES, _BY_HOST = _trackers()


def canonical(url: str) -> str:
    """The address in the form that all addresses of its page share; "" where it is no http(s) address or cannot be read as one.

    Always "https://", whatever it was. Applied twice it changes nothing more. Never raises: text from outside is hostile, and
    what cannot be read is evidence of nothing.
    """
    if len(url) > MAX_ADDRESS_CHARS:
        return ""
    if simple := _SIMPLE.fullmatch(url):
        host = _host(simple[1])
        host = _ALIASES.get(host, host)
        if host not in _SPECIAL and not host.startswith("google.") and not host.endswith(_AMP_CACHES):
            return f"https://{host}{_tidy_path(simple[2])}"
    try:
        return _address(url.strip())
    except _FAULTS:
        return ""


def is_short(url: str) -> bool:
    """Whether an address hides where it leads: the same one is no evidence of sameness, another one none of difference.

    What it leads to is known only where the platform says so (an expanded address). Takes any spelling; False for no address.
    """
    if len(url) > MAX_ADDRESS_CHARS or not _WEB.match(url):
        return False
    rest = url.partition("://")[2]
    host, _, path = rest.partition("/")
    host = host.partition("?")[0].partition("#")[0].rpartition("@")[2].partition(":")[0].lower().rstrip(".")
    if host.startswith("www."):
        host = host.removeprefix("www.")
    if host in SHORT_HOSTS or host.endswith(SHORT_SUFFIXES):
        return True
    paths = SHORT_PATHS.get(host.removeprefix("m."))
    return paths is not None and f"/{path}".startswith(paths)


def _address(url: str) -> str:
    if not _WEB.match(url) or _UNSAID.search(url):
        return ""
    seen = URL(url)
    host = _host(seen.raw_host or "")
    if not host or not host.isascii():
        return ""
    host = _ALIASES.get(host, host)
    path, query = seen.raw_path, seen.query_string
    carried = _carried(host, path, seen) or _from_amp_cache(host, path, query)
    if carried and (found := _address(carried)):  # always shorter than what carries it: this ends
        return found
    fields = [(name, value) for name, value in seen.query.items() if not _tracks(host, name, value)] if query else []
    host, path, fields = _of_platform(host, path, fields)
    path = _tidy_path(path)
    port = seen.explicit_port
    place = f"https://{host}" if port is None or port in {80, 443} else f"https://{host}:{port}"
    asked = f"?{urlencode(sorted(fields))}" if fields else ""
    fragment = seen.raw_fragment.rstrip("/")
    route = f"#{fragment}" if fragment.startswith(("!", "/")) and len(fragment) > 1 else ""
    return f"{place}{path}{asked}{route}"


def _host(raw: str) -> str:
    """The host without what only says how it is shown, in ASCII; addresses of machines stay as they are."""
    host = raw.lower().rstrip(".")
    if ":" in host:
        return f"[{host}]"
    while (found := _SAME_SITE.match(host)) is not None:
        host = host[found.end() :]
    if ".m." in host:
        host = _MOBILE_WIKI.sub("", host)
    return host


def _tidy_path(path: str) -> str:
    path = path.rstrip("/")
    while "amp" in path[-9:]:
        before, path = path, _AMP_PAGE.sub(r"\g<slug>", _AMP_ENDING.sub(r"\g<html>", path)).rstrip("/")
        if path == before:
            break
    return path or "/"


def _tracks(host: str, name: str, value: str) -> bool:
    """Whether a parameter says nothing of what the page shows."""
    folded = name.lower()
    if folded in _NAMES or folded.startswith(_PREFIXES) or (folded, value.lower()) in _AMP_FLAGS:
        return True
    for site in _sites(host):
        own = _BY_HOST.get(site)
        if own is not None and (folded in own[0] or (own[1] and folded.startswith(own[1]))):
            return True
    return False


def _sites(host: str) -> Iterable[str]:
    """A host and those that it lies under."""
    while host:
        yield host
        host = host.partition(".")[2]


def _carried(host: str, path: str, seen: URL) -> str:
    """The address that this one carries and leads to; "" for none."""
    names = _CARRIERS.get((host, path.rstrip("/") or "/"))
    if names is None and path == "/url" and _GOOGLE.fullmatch(host):
        names = ("url", "q")
    for name in names or ():
        if value := seen.query.get(name, ""):
            return value
    return ""


def _from_amp_cache(host: str, path: str, query: str) -> str:
    """The page behind a copy in Google's AMP caches; "" where this is none."""
    is_cache = host.endswith(_AMP_CACHES) or (path.startswith("/amp/") and _GOOGLE.fullmatch(host))
    found = _AMP_CACHE.fullmatch(path) if is_cache else None
    if found is None:
        return ""
    return f"https://{unquote(found['rest'])}{f'?{query}' if query else ''}"


def _of_platform(host: str, path: str, fields: list[tuple[str, str]]) -> tuple[str, str, list[tuple[str, str]]]:
    """Host, path and parameters of a post or a video in the one form that we use, where the platform has many."""
    video = ""
    if host == "twitter.com" and (status := _STATUS.fullmatch(path)):
        return host, f"/i/status/{status[1]}", []  # whatever handle stands before it, the number alone counts
    if host == "youtu.be":
        video = path.strip("/")
    elif host == "youtube.com":
        if found := _VIDEO_PATH.fullmatch(path):
            video = found[1]
        elif path.rstrip("/") == "/watch":
            video = next((value for name, value in fields if name == "v"), "")
    if _VIDEO_ID.fullmatch(video):
        return "youtube.com", "/watch", [("v", video)]
    return host, path, fields
