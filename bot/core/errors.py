"""Errors, named after what the caller does next.

A message says *where: what is wrong: what to do*. Platforms raise only the five `OutsideError`s; they translate their
SDK's errors at the wall with `raise … from`.
"""

from dataclasses import dataclass
from datetime import datetime


class MilepostError(Exception):
    """Something went wrong that a person can understand; the root of all our errors."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong in a file that a person wrote.

    Attributes:
        file: The file's name as the person would type it.
        line: 1-based; 0 where the mistake has no place in a file (an environment variable).
        column: 1-based, in characters.
        length: How many characters the caret underlines; at least 1.
        reason: What is wrong, and what to do, in one sentence without the place.
        source_line: The text of the line, for the excerpt; "" where there is none.
        hint: What to write instead ("did you mean …"); "" where nothing is near.
    """

    file: str
    line: int
    column: int
    reason: str
    length: int = 1
    source_line: str = ""
    hint: str = ""

    @property
    def place(self) -> str:
        """`file:line:col`, or the file alone where there is no line."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def __str__(self) -> str:
        """Place, reason, excerpt with carets and the hint: ready for a terminal without colours."""
        head = f"{self.place}: {self.reason}"
        if not self.source_line:
            return f"{head}: {self.hint}" if self.hint else head
        gutter = f"{self.line:5} | "
        blank = " " * (len(gutter) - 2) + "| "
        carets = " " * (self.column - 1) + "^" * max(1, self.length)
        return f"{head}\n{gutter}{self.source_line}\n{blank}{carets}{' ' + self.hint if self.hint else ''}"


class MistakesError(MilepostError):
    """A file that a person wrote has mistakes: all of them, in the order of files and lines.

    Attributes:
        mistakes: At least one.
    """

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


class ConfigError(MistakesError):
    """The configuration cannot be used; nothing was started."""


class RuleError(MistakesError):
    """The rule files (or the milestone plan) cannot be used; the last good set stays."""


class StoreError(MilepostError):
    """The database cannot be used as it is; the message says what to do. Nothing was lost."""


class StoreAwayError(StoreError):
    """The database does not answer, or is locked: the same may work later."""


class NotFoundError(MilepostError):
    """A person named something that does not exist; the message says what was looked for."""


class RefusedError(MilepostError):
    """A person asked for something that cannot be done now; the message says why and what can."""


class OutsideError(MilepostError):
    """Something outside failed. Platforms raise only its five children."""


class Unavailable(OutsideError):  # noqa: N818 - named after what the caller does next
    """Nothing was sent or read: try again later."""


class Unanswered(OutsideError):  # noqa: N818
    """It may have been done: look with `find` before anything else."""


class RateLimited(OutsideError):  # noqa: N818
    """Not done; nothing more before `until`.

    Attributes:
        until: Aware UTC, machine time.
        stops_all: False where it is about this kind of call alone: what else there is to do, taking down above all, goes on.
            Of an account that kind is not asked for again before `until`; a source says the same without network until then.
    """

    def __init__(self, message: str, until: datetime, *, stops_all: bool = True) -> None:
        super().__init__(message)
        self.until = until
        self.stops_all = stops_all


class Rejected(OutsideError):  # noqa: N818
    """Refused for good: never try the same again; show the reason to a person."""


class Unauthorized(OutsideError):  # noqa: N818
    """The credentials do not open this door: stop, tell a person, wait for a new sign-in."""
