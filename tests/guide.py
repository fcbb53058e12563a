"""The editor's guide, typed along: its files written, its commands run in a rehearsed store, and what they print.

`python -m tests.guide` writes what the program prints now into docs/rules.md. Where the guide shows only a part ("..." on a
line of its own stands for any lines) and that part is still right, it is left as it is.
"""

import io
import logging
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.cli.main import main

GUIDE = Path(__file__).resolve().parent.parent / "docs" / "rules.md"
_BLOCK = re.compile(r'^```(?P<kind>console|toml title="(?P<file>[^"]+)")\n(?P<body>.*?)^```$', re.MULTILINE | re.DOTALL)
_ELIDED = "..."
_PROMPT = "$ "
# what differs from run to run, or with every edit of the rules that ship: names of rule sets and updates, times, costs
_DIFFERS = (
    (re.compile(r"\b[0-9a-f]{8}\b"), "SET"),
    (re.compile(r"^(  )[a-z0-9]{8}(?= )", re.MULTILINE), r"\1SLUG"),
    (re.compile(r"(?<=withdraw) [a-z0-9]{8}( [a-z0-9]{8})*(?= )"), " SLUGS"),
    (re.compile(r"(?<=rules receipt`\): )[a-z0-9]{8}(, [a-z0-9]{8})*"), "SLUGS"),
    (re.compile(r"\d+\.\d+ s\b"), "SECONDS"),
    (re.compile(r" +\d+\.\d$", re.MULTILINE), " COST"),
    (re.compile(r"\{\"[^\n]*\"at\": \"[^\n]*\}"), "LOG"),
)


@dataclass(frozen=True)
class Typed:
    """A command of the guide.

    Attributes:
        command: As it is typed.
        shown: What the guide shows that it prints.
        printed: What it prints.
    """

    command: str
    shown: str
    printed: str

    @property
    def is_right(self) -> bool:
        """Whether the guide shows what is printed, wholly or in part."""
        parts = [
            f"{re.escape(part)}" for part in re.split(rf"^{re.escape(_ELIDED)}\n", same(self.shown), flags=re.MULTILINE)
        ]
        return re.fullmatch(r"(?:.*\n)?".join(parts), same(self.printed), re.DOTALL) is not None


def same(text: str) -> str:
    """A text without what differs from run to run."""
    for pattern, name in _DIFFERS:
        text = pattern.sub(name, text)
    return re.sub(r" {2,}", "  ", text)


def type_along(text: str, folder: Path) -> Iterator[Typed]:
    """Write the guide's files and run its commands, in its order.

    Args:
        text: The guide.
        folder: Where a rehearsal lies: config.toml, rules, store.
    """
    for block in _BLOCK.finditer(text):
        if block["file"]:
            (folder / block["file"]).write_text(block["body"], encoding="utf-8")
            continue
        for entry in re.split(r"^\$ ", block["body"], flags=re.MULTILINE)[1:]:
            command, _, shown = entry.partition("\n")
            yield Typed(command, shown, run(command, folder))


def run(command: str, folder: Path) -> str:
    """What a command prints on both streams, as a terminal shows it."""
    program, *arguments = shlex.split(command)
    assert program == "milepost", command
    before = sys.stdin, sys.argv, logging.root.handlers[:], logging.root.level, structlog.get_config()
    screen = io.StringIO()
    try:
        sys.stdin, sys.argv = io.StringIO(), [program]  # hints name the program as it was called
        with chdir(folder), redirect_stdout(screen), redirect_stderr(screen):
            main(arguments)
    finally:
        sys.stdin, sys.argv = before[:2]
        logging.root.handlers[:] = before[2]
        logging.root.setLevel(before[3])
        structlog.configure(**before[4])
    return screen.getvalue()


def rehearse(folder: Path) -> Path:
    """The rehearsal that the guide begins with."""
    run(f"milepost demo --once --keep {shlex.quote(str(folder / 'try'))}", folder)
    return folder / "try"


def rewritten(text: str, folder: Path) -> str:
    """The guide with what its commands print now."""
    typed = type_along(text, folder)

    def printed(block: re.Match[str]) -> str:
        if block["file"]:
            (folder / block["file"]).write_text(block["body"], encoding="utf-8")
            return block[0]
        entries = re.split(r"^\$ ", block["body"], flags=re.MULTILINE)[1:]
        lines = []
        for entry, found in zip(entries, typed, strict=False):
            assert entry.startswith(found.command)
            lines.append(f"{_PROMPT}{found.command}\n{found.shown if found.is_right else found.printed}")
        return f"```console\n{''.join(lines)}```"

    return _BLOCK.sub(printed, text)


if __name__ == "__main__":
    for name in [name for name in os.environ if name.startswith("MILEPOST_")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory() as place:
        GUIDE.write_text(rewritten(GUIDE.read_text(encoding="utf-8"), rehearse(Path(place))), encoding="utf-8")
