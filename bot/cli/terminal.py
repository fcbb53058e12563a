"""The only way to print: data on standard output, messages on standard error, colour on terminals alone.

Texts from outside are made harmless here, so that no post can steer a terminal.
"""

import os
import sys
from collections.abc import Sequence
from typing import Any, TextIO

import msgspec

from bot.cli.ends import pipe_closed
from bot.cli.program import named
from bot.core.text import cleaning

Styled = tuple[str, str]
"""A piece of a line and its colour, as rich names it."""

ERROR: Styled = ("error: ", "red")
"""How every message begins that says why something was not done; mistakes in files begin with their place instead."""


def out(*pieces: str | Styled) -> None:
    """Print data: one line, of pieces with or without a colour.

    Raises:
        typer.Exit: Nobody reads any more: the command ends quietly.
    """
    _print(sys.stdout, pieces)


def note(*pieces: str | Styled) -> None:
    """Say something to the person at the keyboard; commands in it are written as this program was called."""
    _print(sys.stderr, [named(piece) if isinstance(piece, str) else piece for piece in pieces])


def json_line(value: Any) -> None:
    """Print one record as one line of JSON."""
    out(msgspec.json.encode(value).decode())


def json_document(value: Any) -> None:
    """Print one JSON document."""
    out(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def table(rows: Sequence[Sequence[str]], *, indent: str = "") -> None:
    """Print rows with aligned columns; the last column is as long as it likes."""
    count = max((len(row) for row in rows), default=0)
    widths = [max((len(row[column]) for row in rows if column < len(row)), default=0) for column in range(count)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        out((indent + "  ".join(cells)).rstrip())


def one_line(text: str, most: int = 0) -> str:
    """A text from outside on one line, harmless; cut with an ellipsis where it is longer than `most` (0: never)."""
    found = cleaning.one_line(text)
    return f"{found[: most - 1].rstrip()}…" if most and len(found) > most else found


def plain(text: str) -> str:
    """A text from outside with its lines, harmless."""
    return cleaning.plain(text)


def is_coloured(stream: TextIO) -> bool:
    """Whether colours are wanted: a terminal that can, and no NO_COLOR.

    Source: https://no-color.org
    """
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _print(stream: TextIO, pieces: Sequence[str | Styled]) -> None:
    try:
        if is_coloured(stream) and any(not isinstance(piece, str) for piece in pieces):
            _print_coloured(stream, pieces)
            return
        line = "".join(piece if isinstance(piece, str) else piece[0] for piece in pieces)
        code = stream.encoding or "utf-8"
        stream.write(line.encode(code, "replace").decode(code) + "\n")
    except BrokenPipeError:
        pipe_closed()


def _print_coloured(stream: TextIO, pieces: Sequence[str | Styled]) -> None:
    from rich.console import Console  # noqa: PLC0415 - only a terminal with colours needs it
    from rich.text import Text  # noqa: PLC0415 - as above

    text = Text()
    for piece in pieces:
        if isinstance(piece, str):
            text.append(piece)
        else:
            text.append(*piece)
    Console(file=stream, highlight=False, soft_wrap=True).print(text)
