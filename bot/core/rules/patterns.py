r"""Patterns (regular expressions) that take linear time on any text.

Never stdlib `re` for what an editor writes: thirty characters can hang it. rurex is young, so only this module knows it;
google-re2 could stand behind the same class (there `\b` and `\w` know ASCII only).
"""

import re

import rurex

MOST_CHARS = 300
# rurex 0.2.0 panics on these two instead of refusing them.
_STRANGE_FLAG = re.compile(r"\(\?[^):>\x80-\U0010ffff]*[^\x00-\x7f]")
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

    Raises:
        PatternError: It is too long, wrong, too large, or matches the empty text.
    """

    __slots__ = ("_pattern", "text")

    def __init__(self, text: str) -> None:
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
            self._pattern = rurex.compile(text)
            empty = any(found.start() == found.end() for probe in _PROBES for found in self._pattern.finditer(probe))
        except rurex.PatternError as error:
            raise PatternError(_plain(error.msg), error.pos or 0) from None
        except (TypeError, ValueError, OverflowError) as error:
            raise PatternError(f"the pattern cannot be used: {error}") from None
        if empty:
            raise PatternError("the pattern matches the empty text, so it would match every post")
        self.text = text

    def found(self, text: str) -> bool:
        """Whether it occurs anywhere in the text; `text` holds no lone surrogates (`words.clean`)."""
        return self._pattern.search(text) is not None

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where it occurs: start and end in code points, in order, never overlapping."""
        return [(found.start(), found.end()) for found in self._pattern.finditer(text)]


def _plain(message: str) -> str:
    if "look-ahead" in message or "look-around" in message or "back" in message:
        return "look-ahead, look-behind and back-references are not possible: write two clauses instead"
    if "size limit" in message:
        return "the pattern is too large: its repeats multiply"
    return f"bad pattern: {message}"
