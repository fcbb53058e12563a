"""What is compared of a text: its words, and the little that is known of how they were written.

Runs once for every collected post, so it is made for speed; the packed form is kept beside the post.
"""

import msgspec

from bot.core.text.normal import normalise, pieces

_VERSION = 1
_CUT, _REPEAT, _CASED = 1, 2, 4
_HEAD_BYTES = 4  # version, flags, bytes of names, bytes of tags
_MOST_MARKED = 8 * 255
_LONGEST_END_CHARS = 1000  # links and tags at the end of a text; beyond that nobody sees what stands before them

_CLOSING = "\"'”’»)]}*_"
_OPENING = "\"'“‘«‹„([{*_¿¡"
# A capital after one of these says nothing; after a colon it is a name more often than not.
_ENDS = frozenset(".!?…|•。！？")
_STOPS = _ENDS.union(_CLOSING)
_BEGINNINGS_OF_TAGS = "@#＠＃"
_BEGINNINGS_OF_MENTIONS = "@＠"
_BEGINNINGS_OF_ADDRESSES = _BEGINNINGS_OF_MENTIONS + ".rR"
_AROUND = _OPENING + _CLOSING + _BEGINNINGS_OF_TAGS + ".!?…:;,"


class Words(msgspec.Struct, frozen=True, gc=False):
    """The words of a text as they are compared.

    Attributes:
        text: The words, parted by one space; "" for a text without any.
        cut: The text ends visibly cut: "…" or "...".
        repeat: It begins with "RT @name". That alone does not make it a cut text: a whole repeat of what was said first must
            not be taken for a part of what its author says a minute later.
        cased: Names can be told by their capitals: the text is neither all capitals nor all small nor a headline.
        names: Which words have a capital within a sentence, or are of a mention; bit n for word n.
        tags: Which words were hashtags or mentions; bit n for word n. Those in `names`, too, are mentions.
    """

    text: str
    cut: bool = False
    repeat: bool = False
    cased: bool = False
    names: int = 0
    tags: int = 0


def read(text: str) -> Words:
    """What is compared of a text. Total on any text; an empty one has no words."""
    said = normalise(text)
    if not said:
        return Words("")
    cut = ("…" in text or "..." in text) and _ends_cut(text)
    repeat = "@" in text and text[:4].lower() == "rt @"
    cased = not (text.islower() or text.isupper())
    tagged = "@" in text or "#" in text or "＠" in text or "＃" in text
    if not (cased or tagged):
        return Words(said, cut, repeat)
    capitals: list[str] = []
    marked: list[str] = []
    mentions: list[str] = []
    parts = text.split()
    addressed = _addressed(parts) if tagged and parts[0][0] in _BEGINNINGS_OF_ADDRESSES else 0
    # Most words begin with a small letter and are passed over; where a sentence begins is asked of the word before.
    tag, begins_after_tag = -1, True
    for at in [number for number, part in enumerate(parts) if not part[0].islower()]:
        part = parts[at]
        if at == tag + 1:
            begins = begins_after_tag
        else:
            before = parts[at - 1]
            last = before[-1]
            begins = last in _STOPS and (last in _ENDS or before[-2:-1] in _ENDS)
        first = part[0]
        if first in _OPENING:
            first = part.lstrip(_OPENING)[:1]
        if first in _BEGINNINGS_OF_TAGS and first:
            if at >= addressed:
                marked.append(part)
                if first in _BEGINNINGS_OF_MENTIONS:
                    mentions.append(part)
            tag, begins_after_tag = at, begins or part[-1] == ":"  # "RT @name: The …"
        elif not begins and first.isupper():
            capitals.append(part)
    if len(capitals) * 3 > len(parts) * 2:
        cased = False
        capitals.clear()
    if not (capitals or marked):
        return Words(said, cut, repeat, cased)
    words = said.split(" ")
    names = _places(words, capitals) if capitals else 0
    if mentions:
        names |= _places(words, mentions)
    return Words(said, cut, repeat, cased, names, _places(words, marked) if marked else 0)


def _addressed(parts: list[str]) -> int:
    """How many parts at the beginning `normalise` leaves out: who is addressed, and "RT @name". Those must not be sought further on."""
    at, count = 0, len(parts)
    while at < count:
        if parts[at][0] in _BEGINNINGS_OF_MENTIONS or parts[at].startswith(".@"):
            at += 1
        elif at + 1 < count and parts[at].lower() == "rt" and parts[at + 1][0] in _BEGINNINGS_OF_MENTIONS:
            at += 2
        else:
            return at
    return 0  # of nothing but names, those are what it says


def _ends_cut(text: str) -> bool:
    """Whether the last that was said, before links and tags, ends in "…" or "..."."""
    end = text[-_LONGEST_END_CHARS:].rstrip()
    while not end.endswith(("…", "...")):
        before, _, last = end.rpartition(" ")
        if not before or not (last.startswith(("#", "@", "http", "www.", "pic.")) or not any(map(str.isalnum, last))):
            return False
        end = before.rstrip()
    return True


def _places(words: list[str], wanted: list[str]) -> int:
    """The bits of these parts of a text among its words; what `normalise` left out has none."""
    bits = 0
    at = 0
    for part in wanted:
        said = part.strip(_AROUND).lower()
        for word in (said,) if said.isascii() and said.isalnum() else pieces(said):
            try:
                place = words.index(word, at)
            except ValueError:
                continue
            if place >= _MOST_MARKED:
                return bits
            bits |= 1 << place
            at = place + 1
    return bits


def pack(words: Words) -> bytes:
    """The words as bytes: a version, flags, and the words in UTF-8."""
    names = words.names.to_bytes((words.names.bit_length() + 7) >> 3, "little")
    tags = words.tags.to_bytes((words.tags.bit_length() + 7) >> 3, "little")
    flags = (_CUT if words.cut else 0) | (_REPEAT if words.repeat else 0) | (_CASED if words.cased else 0)
    return b"%c%c%c%c%b%b%b" % (_VERSION, flags, len(names), len(tags), names, tags, words.text.encode())


def unpack(packed: bytes) -> Words:
    """The words again.

    Raises:
        ValueError: These are not words that this version packed.
    """
    if len(packed) < _HEAD_BYTES or packed[0] != _VERSION:
        msg = "packed words: an unknown form: make the signatures again"
        raise ValueError(msg)
    flags, names, tags = packed[1], packed[2], packed[3]
    if not (names or tags):
        return Words(packed[4:].decode(), flags & _CUT != 0, flags & _REPEAT != 0, flags & _CASED != 0)
    middle = _HEAD_BYTES + names
    end = middle + tags
    return Words(
        packed[end:].decode(),
        flags & _CUT != 0,
        flags & _REPEAT != 0,
        flags & _CASED != 0,
        int.from_bytes(packed[_HEAD_BYTES:middle], "little"),
        int.from_bytes(packed[middle:end], "little"),
    )
