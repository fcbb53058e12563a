"""Is it the same post under another id, an edit of it, or another post under a known id? Pure; the store asks.

Only for platforms whose ids are not to be relied on: their posts have `also_known`. A name is "kind:hash"; the kinds are the
platform's own, "id" and "id and link" among them.
"""

import re
from datetime import time

from bot.core.model import Post
from bot.core.text.addresses import canonical
from bot.core.text.cleaning import fold

_WORD = re.compile(r"\w+")
_ALIKE = (
    0.8  # of the words of the shorter text: an edit keeps most, the next entry of a template does not keep its numbers
)


def kind_of(name: str) -> str:
    """What a name is made of: "link and date"."""
    return name.partition(":")[0]


def keeps_its_id(stored: Post, brought: Post) -> bool:
    """Whether a post under a known id is the post that we have, and not another one that was given the id of it.

    It is where its date is the same to the second, where most of its words are, or where its platform says that its id, or its id with its link, can
    be relied on.
    """
    has_time = brought.created_at.time() != time(0)
    if (has_time and stored.created_at == brought.created_at) or _are_alike(stored, brought):
        return True
    kinds = set(map(kind_of, brought.also_known))
    return "id" in kinds or ("id and link" in kinds and canonical(stored.url) == canonical(brought.url))


def says_the_same(stored: Post, brought: Post) -> bool:
    """Whether readers would see no difference, so that it is no edit; a link that moved is none."""
    return (
        stored.title == brought.title
        and stored.text == brought.text
        and [canonical(item.url) for item in stored.media] == [canonical(item.url) for item in brought.media]
    )


def may_edit(stored: Post, brought: Post) -> bool:
    """Whether a post can change the stored one: another feed of the same host can say that it has seen it, no more."""
    return stored.author.id == brought.author.id or stored.source == brought.source


def _are_alike(stored: Post, brought: Post) -> bool:
    one, other = (set(_WORD.findall(fold(f"{post.title} {post.text}"))) for post in (stored, brought))
    if not one or not other or {word for word in one if word.isdigit()} != {word for word in other if word.isdigit()}:
        return False
    return len(one & other) >= _ALIKE * min(len(one), len(other))
