"""What a post points to, and where it stands itself, as numbers that can be compared fast.

64 bits of the canonical address, signed, as the store wants them. Short links count for nothing: the same one does not make
two posts one story, another one does not keep them apart.
"""

from functools import lru_cache

from xxhash import xxh3_64_intdigest

from bot.core.model import Post
from bot.core.text.addresses import canonical, is_short

MOST_LINKS = 4
_CACHED = 8_192


def link_keys(post: Post) -> tuple[int, ...]:
    """The pages that a post points to: each once, in order, at most four, without its own permalink; () for none.

    A feed's entry has its permalink among its links; that one is `permalink_key`.
    """
    links = post.links
    if not links:
        return ()
    own = permalink_key(post)
    found: list[int] = []
    for link in links:
        key = address_key(link)
        if key and key != own and key not in found:
            found.append(key)
            if len(found) == MOST_LINKS:
                break
    return tuple(found)


def permalink_key(post: Post) -> int:
    """Where a post itself stands; 0 where it says none. Posts of one live page may share it: it names the page, not the post."""
    return _key(post.url) if post.url else 0  # not remembered: each post has its own


@lru_cache(_CACHED)
def address_key(url: str) -> int:
    """The number of an address's page; 0 where it is no address or a short one. A day's posts point to few pages: remembered."""
    return _key(url)


def _key(url: str) -> int:
    page = canonical(url)
    if not page or is_short(page):
        return 0
    number = xxh3_64_intdigest(page.encode())
    return number - (1 << 64) if number >= 1 << 63 else number
