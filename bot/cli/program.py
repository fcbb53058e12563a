"""How this program was called: hints print commands that can be pasted where the person stands."""

import os
import re
import shlex
import shutil
import sys
from contextvars import ContextVar
from pathlib import Path

_NAME = "milepost"
_COMMAND = re.compile(r"`milepost(?= (?!-)(?P<verb>[a-z]+))")
_WITHOUT_CONFIG = frozenset({"init", "demo"})

named_config: ContextVar[str] = ContextVar("named_config", default="")
"""The file that --config named; "" where it was not typed: the same command without it finds the same file."""


def program() -> str:
    """`milepost` where a shell finds this very program under that name, else the path that it was called by."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":  # python -m bot
        called = Path(sys.executable).with_name(_NAME)
    if called.name != _NAME or not called.is_file():
        return _NAME
    found = shutil.which(_NAME)
    if found is not None and Path(found).samefile(called):
        return _NAME
    here = Path.cwd()
    path = str(called.relative_to(here) if called.is_relative_to(here) else called)
    return shlex.quote(path if os.sep in path else f"./{path}")  # a bare name would be looked for on the PATH


def command(words: str) -> str:
    """A whole command ("log -f") as this person would have to type it."""
    return named(f"`{_NAME} {words}`").strip("`")


def named(text: str) -> str:
    """A message whose hints (`milepost run`) are written as this person would have to type them."""
    if "`milepost " not in text:
        return text
    called, config = program(), named_config.get()

    def typed(found: re.Match[str]) -> str:
        more = f" -c {shlex.quote(config)}" if config and found["verb"] not in _WITHOUT_CONFIG else ""
        return f"`{called}{more}"

    return _COMMAND.sub(typed, text)
