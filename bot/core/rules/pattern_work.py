"""How much work a pattern can make: an upper bound, counted on the pattern's text.

An engine that takes linear time still takes time for each character and each place in the pattern where a match may stand, and
repeats multiply those places: `(a{1,50}){1,50}` has 2,500. What is counted here are these places, with what each costs beside a
plain letter. It bounds what a hostile pattern can cost on a hostile text; on honest texts patterns are much faster.

Source: syntax of https://docs.rs/regex/latest/regex/#syntax, which rurex reads.
"""

import re

_REPEAT = re.compile(r"[*+?]|\{\s*(\d*)\s*(,?)\s*(\d*)\s*\}")
_ESCAPE = re.compile(r"\\(?:[xuU]\{[^}]*\}|[pP](?:\{[^}]*\}|.)|b\{[a-z-]+\}|(.))", re.DOTALL)
_GROUP = re.compile(r"\?(?:P?<[^>]*>|([a-zA-Z-]*)[:)])")
_LETTER = 1
_LARGE_CLASS = 2  # \w, \d, \s, \p{…}, what is negated: hundreds of ranges
_EDGE = 2  # \b looks at both sides
_FORK = 1  # each way on
_GROUP_MARKS = 2
_RANGES = 8  # so many ranges of a class cost one letter more


class NotCountedError(ValueError):
    """The text is no pattern that can be counted.

    Attributes:
        at: Index where it stops being understood.
    """

    def __init__(
        self, at: int, reason: str = "this part of the pattern is not understood: write it more simply"
    ) -> None:
        super().__init__(reason)
        self.at = at


def work(pattern: str) -> int:
    """Count the places of a pattern.

    Args:
        pattern: One that the engine accepts.

    Raises:
        NotCountedError: It has brackets or repeats that are not understood, or the flag x, which changes how all is read.
    """
    counter = _Counter(pattern)
    found = counter.alternatives()
    if counter.at != len(pattern):
        raise NotCountedError(counter.at)
    return found


class _Counter:
    """A reader of one pattern; `at` is where it stands."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def alternatives(self) -> int:
        """Up to the end or to a closing bracket."""
        total = 0
        while self.at < len(self.pattern) and self.pattern[self.at] != ")":
            if self.pattern[self.at] == "|":
                self.at += 1
                total += _FORK
            else:
                total += self.repeated(self.piece())
        return total

    def piece(self) -> int:
        sign = self.pattern[self.at]
        if sign == "(":
            return self.group()
        if sign == "[":
            return self.one_of()
        if sign == "\\":
            return self.escape()
        if sign in "*+?{":
            raise NotCountedError(self.at)
        self.at += 1
        return _LETTER

    def escape(self) -> int:
        found = _ESCAPE.match(self.pattern, self.at)
        if found is None:
            raise NotCountedError(self.at)
        self.at = found.end()
        if found[0][1] in "pPwWdDsS":
            return _LARGE_CLASS
        return _EDGE if found[0][1] in "bB<>" else _LETTER

    def one_of(self) -> int:
        """A class in square brackets, which may hold others."""
        self.at += 1
        large, signs = False, 0
        if self.pattern.startswith("^", self.at):
            self.at += 1
            large = True
        if self.pattern.startswith("]", self.at):
            self.at += 1  # as the first sign it stands for itself
        while not self.pattern.startswith("]", self.at):
            if self.at >= len(self.pattern):
                raise NotCountedError(self.at)
            signs += 1
            if self.pattern[self.at] == "[":
                large |= self.one_of() > _LETTER
            elif self.pattern[self.at] == "\\":
                large |= self.escape() == _LARGE_CLASS
            else:
                self.at += 1
        self.at += 1
        return (_LARGE_CLASS if large else _LETTER) + signs // _RANGES

    def group(self) -> int:
        self.at += 1
        marks = _GROUP_MARKS
        if self.pattern.startswith("?", self.at):
            found = _GROUP.match(self.pattern, self.at)
            if found is None:
                raise NotCountedError(self.at)
            if found[1] and "x" in found[1]:
                raise NotCountedError(self.at, "the flag x is not possible: a pattern stands in one line")
            self.at = found.end()
            if found[0].endswith(")"):
                return 0
            marks = 0 if found[0].endswith(":") else _GROUP_MARKS
        inner = self.alternatives()
        if not self.pattern.startswith(")", self.at):
            raise NotCountedError(self.at)
        self.at += 1
        return inner + marks

    def repeated(self, cost: int) -> int:
        while found := _REPEAT.match(self.pattern, self.at):
            self.at = found.end()
            if found[0][0] != "{":
                cost += _FORK
                continue
            least, comma, most = found[1], found[2], found[3]
            if not least and not most:
                raise NotCountedError(self.at)
            low = int(least or 0)
            high = int(most) if most else low
            forks = max(high - low, 1) if comma else 0
            cost = cost * max(low, high, 1) + forks * _FORK
        return cost
