r"""Patterns (regular expressions) that take little time on any text.

Never stdlib `re` for what an editor writes: thirty characters can hang it. rurex takes linear time, and is young, so only this
module knows it; google-re2 could stand behind the same class (there `\b` and `\w` know ASCII only).

Linear is not enough: a text of 20 kB times the 2,500 places of `(a{1,50}){1,50}b` are half a second. So a pattern's places are
counted (`pattern_work`), too many are refused, and the more a pattern has, the less of a text it looks at: steps for a byte times
bytes never pass `MOST_STEPS`. That was at most 6 ms of one core where `tests/bench/patterns.py` searched for the worst: an engine
that must make a new state for each byte takes 35 ns a place, and less for each of many. A pattern of five plain letters looks at
20,000 bytes, the costliest at 1,250.

That is so of a search from the beginning. The engine would search from the end where a pattern ends with `$` or with letters, and
backwards a class like `\w` has so many states that each byte takes up to 30 us on letters of many scripts: `_forwards` leaves it no
way but forwards.
"""

import re
import sys

import rurex

from bot.core.rules.pattern_work import NotCountedError, work

MOST_CHARS = 300
MOST_WORK = 300  # as many as characters
MOST_STEPS = 1_000_000  # of 4 ns
# rurex 0.2.0 panics on these two instead of refusing them.
_STRANGE_FLAG = re.compile(r"\(\?[^):>\x80-\U0010ffff]*[^\x00-\x7f]")
_FLAGS = re.compile(r"(?:\(\?[a-zA-Z-]+\))*")
# A sign after the end. It begins with one that no post has, so that the engine still leaps to where a pattern can begin.
_NEVER = r"\z\x{10ffff}(?s:.)"
_PROBES = ("", "a", " ", "1", "a b", "-", "\n")


class PatternError(ValueError):
    """A pattern cannot be used.

    Attributes:
        at: Index in the pattern where it goes wrong.
    """

    def __init__(self, reason: str, at: int = 0) -> None:
        super().__init__(reason)
        self.at = at


class Pattern:
    """A checked pattern; safe to share between threads.

    Args:
        text: The pattern, in the common syntax without look-around and back-references.
        trusted: It was in force before: it may cost more than is allowed today, and looks at less of a text for that.
        whole: It looks at all of every text: for our own, whose cost is known.

    Attributes:
        text: As given.
        work: Its places, in plain letters; at least 1.
        most_bytes: How much of a text it looks at, in UTF-8; a longer text is taken to end there.

    Raises:
        PatternError: It is too long, wrong, too costly, or matches the empty text.
    """

    __slots__ = ("_found", "most_bytes", "text", "work")

    def __init__(self, text: str, *, trusted: bool = False, whole: bool = False) -> None:
        if len(text) > MOST_CHARS:
            raise PatternError(f"the pattern is longer than {MOST_CHARS} characters: use a word list")
        if "(i?)" in text:
            raise PatternError("'(i?)' matches the letter i: write '(?i)' to ignore case", text.index("(i?)"))
        strange = _STRANGE_FLAG.search(text)
        if strange:
            raise PatternError("after '(?' stand only plain letters, as in '(?i)'", strange.start())
        if (len(text) - len(text.rstrip("\\"))) % 2:
            raise PatternError("the pattern ends with a single backslash", len(text) - 1)
        try:
            pattern = rurex.compile(text)
            empty = any(found.start() == found.end() for probe in _PROBES for found in pattern.finditer(probe))
            forwards = rurex.compile(_forwards(text))
        except rurex.PatternError as error:
            raise PatternError(_plain(error.msg), error.pos or 0) from None
        except (TypeError, ValueError, OverflowError) as error:
            raise PatternError(f"the pattern cannot be used: {error}") from None
        if empty:
            raise PatternError("the pattern matches the empty text, so it would match every post")
        self.text = text
        self.work = max(_counted(text), 1)
        if self.work > MOST_WORK and not trusted:
            reason = f"the pattern is too costly: its repeats make {self.work} places where {MOST_WORK} are allowed"
            raise PatternError(f"{reason}: take smaller numbers in braces, '*' for '{{0,…}}', or a word list")
        self.most_bytes = sys.maxsize if whole else MOST_STEPS // steps(self.work)
        self._found = forwards.is_match

    def found(self, text: str) -> bool:
        """Whether it occurs anywhere in the first `most_bytes`; `text` holds no lone surrogates (`words.clean`)."""
        if len(text) * 4 > self.most_bytes:  # no character takes more than four bytes
            text = text[: self.most_bytes].encode()[: self.most_bytes].decode(errors="ignore")
        return bool(self._found(text))


def _forwards(text: str) -> str:
    """The same pattern beside one that never matches, has no end or inside to search for, and need not end the text."""
    flags = _FLAGS.match(text)
    at = flags.end() if flags else 0
    return f"{text[:at]}(?:{text[at:]})|{_NEVER}"


def steps(places: int) -> int:
    """What a pattern of so many places may take for each byte of a text."""
    return min(9 * places, 200 + 2 * places)


def _counted(text: str) -> int:
    try:
        return work(text)
    except NotCountedError as error:
        raise PatternError(str(error), error.at) from None


def _plain(message: str) -> str:
    if "look-ahead" in message or "look-around" in message or "back" in message:
        return "look-ahead, look-behind and back-references are not possible: write two clauses instead"
    if "size limit" in message:
        return "the pattern is too large: its repeats multiply"
    return f"bad pattern: {message}"
