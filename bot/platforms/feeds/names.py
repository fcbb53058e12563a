"""Under which names an entry is known: its id in the store, and what tells that it is the same entry under another id.

Ids of feeds are not to be relied on: a plugin makes new ones, a site moves to another host or to https, numbers begin again. So
an entry that comes under an id that we do not know is the same one where two of these four are the same: id, link, date, words.
What more than one entry of the feed has (the live page that every entry links to) says nothing, and neither does a link to the
front page, a date without a time, or words of one breath.

A name belongs to the source that gave it, so that no feed can speak for another; only entries of one host that are the same in
link, date and words are one entry for all its feeds.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import combinations
from urllib.parse import urlsplit

from bot.core.text.addresses import canonical, is_short
from bot.core.text.cleaning import fold, plain
from bot.platforms.feeds.entry import Channel, Entry, safe_url

_MAX_ID_CHARS = 500
_TAG_AUTHORITY = re.compile(r"tag:(?:[^@,:]*@)?([^,:/]+),")
_SURE_ID_CHARS = 16  # a shorter id may be a number that is given again
_FEW_CHARS = 20  # words that say the same by chance: "Road closed"
_MANY_CHARS = 60
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Facts:
    """What can be compared of an entry.

    Attributes:
        id: As the feed says, an address in its canonical form; "" where it says none, or only its link again and that counts
            for nothing.
        link: Its page, canonical; "" where it has none or it counts for nothing.
        at: Seconds since 1970 when it was published, or first seen; None where neither is known.
        words: A hash of title and text.
        chars: Of title and text.
    """

    id: str
    link: str
    at: int | None
    words: str
    chars: int


def brief(text: str) -> str:
    """A short name for a text, for the cursor."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def host_of(url: str) -> str:
    """The host of an address without "www."; "" for none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _place_of(url: str) -> str:
    """The host of an address with its port, where that is not the usual one: two ports are two servers."""
    try:
        port = urlsplit(url).port
    except ValueError:
        port = None
    return host_of(url) if port in (None, 80, 443) else f"{host_of(url)}:{port}"


def has_time(at: float | None) -> bool:
    """Whether a date is one, and more than a day."""
    return at is not None and at % _DAY_S != 0


def native_id_of(entry: Entry, feed_url: str) -> str:
    """The entry's permanent id: its own id, else its link, else a hash of title and date; never another feed's.

    An id counts as it stands only where it names the feed's own host (http(s) URL or tag: URI): an id such as "1" says nothing
    outside its feed, and a feed must not be able to speak in the name of an entry on another host. Everything else is put
    behind the feed's address.
    """
    given = plain(entry.id or entry.url).strip()
    if not given:
        words = entry.title if entry.title or has_time(entry.at) else entry.text
        given = hashlib.sha256(f"{words}\0{entry.at}".encode("utf-8", "surrogatepass")).hexdigest()
    if len(given) > _MAX_ID_CHARS:
        given = hashlib.sha256(given.encode("utf-8", "surrogatepass")).hexdigest()
    host = host_of(feed_url)
    tag = _TAG_AUTHORITY.match(given)
    own = host_of(given) == host if safe_url(given) else tag is not None and fold(tag.group(1)) == host
    return given if own else f"{feed_url}#{given}"


def without_doubles(entries: Sequence[Entry]) -> list[Entry]:
    """The entries, each once: the same link, date and words are one entry, whatever its id."""
    seen: dict[object, Entry] = {}
    for number, entry in enumerate(entries):
        whole = (
            (canonical(entry.url), entry.at, entry.title, entry.text) if entry.url and entry.at is not None else number
        )
        seen.setdefault(whole, entry)
    return list(seen.values())


def shared_links(entries: Sequence[Entry]) -> frozenset[str]:
    """The canonical links that more than one of these entries has: no two of them are the same (`without_doubles`)."""
    counted = Counter(canonical(entry.url) for entry in entries if entry.url)
    return frozenset(link for link, count in counted.items() if count > 1 and link)


def facts_of(entry: Entry, channel: Channel, feed_url: str, shared: AbstractSet[str]) -> Facts:
    """What counts of an entry.

    Args:
        shared: Links that more than one entry has, or had.
    """
    link, given = canonical(entry.url), plain(entry.id).strip()
    if link in shared or is_short(link) or link.count("/") < 4 and link.endswith("/"):  # noqa: RUF021 - a front page ends so
        link = ""
    if link and link in {canonical(channel.url), canonical(feed_url)}:
        link = ""
    page, _, part = given.partition("#")
    page = canonical(page)
    if page and page == link:
        given = link  # also "…#3", the third state of one page
    elif page and not part and page == canonical(entry.url):
        given = ""
    elif page:
        given = f"{page}#{part}"
    words = f"{entry.title}\0{entry.text}"
    return Facts(given, link, None if entry.at is None else int(entry.at), _hash(words), len(words))


def first_seen(
    facts: Sequence[Facts], undated: AbstractSet[int], known: Mapping[str, int], now_s: int
) -> tuple[list[int], dict[str, int]]:
    """When entries without a date were first seen.

    An entry that stood in the feed at the last look is known by its link, by its id and its words together, or by its words
    alone where all ids are others now: there "Road closed" is the same news still, in a feed whose ids stay it is another.

    Args:
        facts: Of all entries of the feed, in its order.
        undated: Places of those without a date in `facts`.
        known: What the last look remembered.
        now_s: For those that did not stand there.

    Returns:
        Seconds since 1970 for each of `undated`, ascending, and what the next look is to know.
    """
    places = sorted(undated)
    said = Counter(facts[place].words for place in places)
    stayed = any(_standing(facts[place]) in known for place in places)
    moved = sum(brief(facts[place].words) in known for place in places)
    found: list[int] = []
    kept: dict[str, int] = {}
    for place in places:
        one = facts[place]
        seconds = known.get(_standing(one))
        if seconds is None and one.link:
            seconds = known.get(brief(one.link))
        if seconds is None and not stayed and said[one.words] == 1:
            seconds = known.get(brief(one.words))
            if seconds and moved < 2 and one.chars < _MANY_CHARS and seconds < now_s - _DAY_S:
                seconds = None
        seconds = now_s if seconds is None else seconds
        found.append(seconds)
        names = (_standing(one), brief(one.words), *([brief(one.link)] if one.link else ()))
        kept.update(dict.fromkeys(names, seconds))
    return found, kept


def names_of(facts: Sequence[Facts], entries: Sequence[Entry], source: str, feed_url: str) -> list[tuple[str, ...]]:
    """The names of each entry besides its id in the store, the surest first; what two entries would have names neither."""
    host = _place_of(feed_url)
    made = [_names(one, entry, source, host) for one, entry in zip(facts, entries, strict=True)]
    counted = Counter(name for names in made for name in names)
    return [tuple(name for name in names if counted[name] == 1) for names in made]


def _names(facts: Facts, entry: Entry, source: str, host: str) -> list[str]:
    at = None if facts.at is None else str(facts.at)
    is_dated = has_time(facts.at)
    kinds = {"id": facts.id, "link": facts.link, "date": at or "", "words": facts.words}
    found = []
    for first, second in combinations(kinds, 2):
        if not kinds[first] or not kinds[second]:
            continue
        if second == "date" and not is_dated:
            continue
        if (first, second) == ("link", "words") and facts.chars < _FEW_CHARS:
            continue
        if (first, second) == ("date", "words") and not is_dated and facts.chars < _MANY_CHARS:
            continue
        found.append(f"{first} and {second}:{_hash('source', source, first, kinds[first], second, kinds[second])}")
    if facts.id and not facts.link and (len(facts.id) >= _SURE_ID_CHARS or ":" in facts.id):
        found.append(f"id:{_hash('source', source, 'id', facts.id)}")
    page = canonical(entry.url)
    if entry.at is not None and page and host:
        found.append(f"link, date and words:{_hash('host', host, page, str(entry.at), facts.words)}")
    return found


def dated(facts: Sequence[Facts], places: Sequence[int], seconds: Sequence[int]) -> list[Facts]:
    """The facts, those at `places` with the time at which they were first seen."""
    found = list(facts)
    for place, at in zip(places, seconds, strict=True):
        found[place] = replace(found[place], at=at)
    return found


def _standing(facts: Facts) -> str:
    return brief(f"{facts.id}\0{facts.words}")


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
