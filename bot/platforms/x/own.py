"""What we post ourselves: made harmless before it goes out, and recognised again when its answer was lost.

X shortens every link of a text, escapes some signs and appends a link for the pictures. So words are compared without links.
"""

import unicodedata
from typing import Any

import msgspec
import regex

from bot.core.errors import Rejected
from bot.core.ports import Memory
from bot.core.text.cleaning import plain, unmentioned
from bot.core.text.hashtags import hashtags
from bot.core.text.lengths import weighted_length
from bot.core.text.links import links
from bot.platforms.x.mapping import rows

LONGEST = 280
_MOST_SENT = 200
_LINK = "\N{LINK SYMBOL}"
_CASHTAG = regex.compile(r"(?<![\w$])\$(?=[A-Za-z])")


class Try(msgspec.Struct, frozen=True):
    """A try to post, kept from before the call until its receipt is known.

    Attributes:
        at_s: When it was made, seconds since 1970 (machine time).
        words: `skeleton` of what was sent.
    """

    at_s: int
    words: str


class Sent:
    """What this account has posted, and what it may have: over restarts, for one thread at a time.

    Args:
        memory: The account's own.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def begin(self, key: str, words: str, at_s: int) -> None:
        """Before the call: without this line, a delivery was provably never sent."""
        tries = self._tries()
        tries.pop(key, None)
        tries[key] = Try(at_s, words)
        self._put("tries", dict(list(tries.items())[-_MOST_SENT:]))

    def done(self, key: str, post_id: str) -> None:
        """It stands, under this id."""
        sent = self._sent()
        sent[key] = post_id
        self._put("sent", dict(list(sent.items())[-_MOST_SENT:]))
        self.undo(key)

    def undo(self, key: str) -> None:
        """It was provably not sent, or is settled."""
        tries = self._tries()
        if tries.pop(key, None) is not None:
            self._put("tries", tries)

    def gone(self, post_id: str) -> None:
        """It was deleted. It stays one of `others`: X may show it for a while."""
        self._put("gone", [*(one for one in self._gone() if one != post_id), post_id][-_MOST_SENT:])

    def standing(self, key: str) -> str:
        """The id under which a delivery stands as far as we know; "" where we do not."""
        post_id = self._sent().get(key, "")
        return "" if post_id in self._gone() else post_id

    def tried(self, key: str) -> Try | None:
        """The try that ended without an answer; None where there was none."""
        return self._tries().get(key)

    def others(self, key: str) -> frozenset[str]:
        """Ids that stand for other deliveries."""
        return frozenset(post_id for other, post_id in self._sent().items() if other != key)

    def _sent(self) -> dict[str, str]:
        try:
            return msgspec.json.decode(self._memory.get("sent") or "{}", type=dict[str, str])
        except ValueError:
            return {}

    def _gone(self) -> list[str]:
        try:
            return msgspec.json.decode(self._memory.get("gone") or "[]", type=list[str])
        except ValueError:
            return []

    def _tries(self) -> dict[str, Try]:
        try:
            return msgspec.json.decode(self._memory.get("tries") or "{}", type=dict[str, Try])
        except ValueError:
            return {}

    def _put(self, key: str, value: Any) -> None:
        self._memory.put(key, msgspec.json.encode(value).decode() if value else "")


def harmless(text: str, most_tags: int = 100) -> str:
    """A text as it may go out: it mentions nobody, and names one share at most (X refuses a second).

    Args:
        text: Any text.
        most_tags: How many hashtags stay hashtags; further ones lose their "#".

    Raises:
        Rejected: It cannot be sent at all.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Rejected(f"the text is not valid Unicode at character {error.start + 1}: write it anew") from error
    text = unicodedata.normalize("NFC", unmentioned(plain(text)))
    first = _CASHTAG.search(text)
    if first is not None:
        text = text[: first.end()] + _CASHTAG.sub("", text[first.end() :])
    for tag in reversed(hashtags(text)[most_tags:]):
        text = text[: tag.start] + text[tag.start + 1 :]
    length = weighted_length(text)
    if length > LONGEST:
        raise Rejected(f"the text has a length of {length} at X, more than {LONGEST}: shorten it")
    return text


def skeleton(text: str) -> str:
    """The words of a text as we send it, every link the same sign."""
    parts: list[str] = []
    last = 0
    for link in links(text):
        parts += [text[last : link.start], _LINK]
        last = link.end
    return _squeezed("".join([*parts, text[last:]]))


def skeleton_of(row: Any) -> str:
    """The words of a post as X gives it, every link the same sign and the link of its pictures left out."""
    text = row.get("text")
    note = row.get("note_tweet") or row.get("note_post")
    if isinstance(note, dict) and isinstance(note.get("text"), str):
        text = note["text"]
    if not isinstance(text, str):
        return ""
    entities = row.get("entities")
    found = rows(entities.get("urls")) if isinstance(entities, dict) else []
    spans = sorted((_number(one, "start"), _number(one, "end"), bool(one.get("media_key"))) for one in found)
    parts: list[str] = []
    last = 0
    for start, end, is_picture in spans:
        if last <= start < end <= len(text):
            parts += [text[last:start], "" if is_picture else _LINK]
            last = end
    whole = "".join([*parts, text[last:]])
    for escaped, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        whole = whole.replace(escaped, sign)
    found_words = skeleton(whole)
    if not any(is_picture for _, _, is_picture in spans) and row.get("attachments"):
        found_words = found_words.removesuffix(_LINK).rstrip()  # X did not say which link is that of the pictures
    return found_words


def _number(row: Any, name: str) -> int:
    value = row.get(name)
    return value if isinstance(value, int) else -1


def _squeezed(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
