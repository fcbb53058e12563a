"""Hashtags in plain text, for platforms that do not say themselves which they are.

Source: for X and plain text the behaviour that twitter-text's conformance file (extract.yml) describes; for Bluesky
`facets.py`. The two differ: on X a tag ends at punctuation, on Bluesky it only loses what stands at its end.
"""

import regex

from bot.core.model import Entity
from bot.core.text.facets import facets
from bot.core.text.links import covers, links

# Joiners, marks and dots that belong to words of some scripts, beside letters, marks and digits.
_ALSO = "_\u200c\u200d\ua67e\u05be\u05f3\u05f4\uff5e\u301c\u309b\u309c\u30a0\u30fb\u3003\u0f0b\u0f0c\u00b7"
_TAG = regex.compile(
    # A tag begins a word; an emoji's variation selector is a mark, but ends no word.
    rf"(?<![&{_ALSO}\p{{L}}\p{{M}}\p{{Nd}}--\ufe0e\ufe0f])[#＃](?![\ufe0f\u20e3])"
    rf"(?P<tag>[{_ALSO}\p{{Nd}}]*+[\p{{L}}\p{{M}}][{_ALSO}\p{{L}}\p{{M}}\p{{Nd}}]*+)"
    r"(?![#＃]|://)",
    regex.VERSION1,
)


def hashtags(text: str, platform: str = "") -> tuple[Entity, ...]:
    """Every hashtag of a text as its platform would find it, in order, repeats included.

    Args:
        text: Any text.
        platform: "bluesky" for its rules; every other name, also "", for X's.

    Returns:
        Entities of kind "tag" that begin at the "#"; the target is the tag as written, without it.
    """
    if "#" not in text and "＃" not in text:
        return ()
    if platform == "bluesky":
        return tuple(entity for entity in facets(text) if entity.kind == "tag" and text[entity.start] in "#＃")
    found = [Entity("tag", match.start(), match.end(), match["tag"]) for match in _TAG.finditer(text)]
    if all(tag.start == 0 or text[tag.start - 1].isspace() for tag in found):
        return tuple(found)  # no link reaches over a space
    taken = links(text)
    return tuple(tag for tag in found if not covers(taken, tag.start))
