"""How a command ends: exit codes, what each of our errors means for a shell, and pipes that nobody reads any more.

Source: sysexits.h for 75, 77 and 78; 128 + signal for 130 and 141.
"""

import errno
import os
import sys
from enum import IntEnum
from pathlib import Path

import typer

from bot.core.errors import (
    ConfigError,
    MilepostError,
    MistakesError,
    RateLimited,
    RuleError,
    StoreAwayError,
    Unanswered,
    Unauthorized,
    Unavailable,
)

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})


class Exit(IntEnum):
    """How a command ended."""

    OK = 0
    FAILED = 1
    USAGE = 2
    PARTIAL = 3  # some of what was asked was done, some was not
    TEMPORARY = 75  # the same command may work later
    SIGN_IN = 77
    CONFIGURATION = 78
    INTERRUPTED = 130
    PIPE_CLOSED = 141


def exit_of(error: MilepostError) -> Exit:
    """The exit code for an error."""
    match error:
        case MistakesError():
            return Exit.CONFIGURATION
        case Unauthorized():
            return Exit.SIGN_IN
        case Unavailable() | Unanswered() | RateLimited() | StoreAwayError():
            return Exit.TEMPORARY
        case _:
            return Exit.FAILED


def message_of(error: MilepostError) -> str:
    """What a person is told: every mistake and their number, or one sentence."""
    if not isinstance(error, MistakesError):
        return str(error)
    count = len(error.mistakes)
    number = "1 mistake" if count == 1 else f"{count} mistakes"
    match error:
        case ConfigError():
            outcome = "nothing was started"
        case RuleError():
            outcome = "nothing was adopted"
        case _:
            outcome = "nothing was done"
    return f"{error}\n{number}; {outcome}."


def mistyped(option: str, why: str) -> typer.BadParameter:
    """What is raised where the grammar took a value that is none: ends with 2, as every other slip of the keyboard.

    Args:
        option: "--since", or the argument's name: "ACCOUNT".
        why: What is wrong, and what to write.
    """
    return typer.BadParameter(why, param_hint=option)


def flush() -> None:
    """Hand on what was printed.

    Raises:
        typer.Exit: Nobody reads standard output any more.
    """
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        pipe_closed()


def nobody_writes_here() -> str:
    """Why nothing can be printed from the start on, for a person; "" where it can. A closed standard error goes nowhere.

    The command must not begin then: the next file that it opens, the database, would be its standard output.
    """
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - it is open as long as the program runs
    if sys.stdout is None:
        return "standard output is closed, and nothing was done: write >/dev/null where nobody is to read it"
    return ""


def full(error: OSError) -> str:
    """What a person is told where nothing more can be written; "" for every other error. What is left to print goes nowhere."""
    if error.errno not in _FULL or error.filename is not None:
        return ""
    _to_nowhere()
    reason = (error.strerror or "it is broken").lower()
    return f"cannot write any further ({reason}): make room, or look where standard output leads"


def _to_nowhere() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def pipe_closed() -> None:
    """Nobody reads standard output any more (`milepost log | head`): what is left goes nowhere, and the command ends.

    Raises:
        typer.Exit: Always.
    """
    _to_nowhere()
    raise typer.Exit(Exit.PIPE_CLOSED) from None
