"""Runs the command, in this process or in one of its own, in a folder of its own."""

import io
import logging
import os
import socket
import subprocess
import sys
import urllib.request
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from bot.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
POST = (
    '{{"platform":"bluesky","native_id":"at://did:plc:{who}/app.bsky.feed.post/{number}","source":"day",'
    '"author":{{"id":"did:plc:{who}","handle":"{who}.example","name":"{who}"}},'
    '"created_at":"2016-04-24T09:00:{number:02}Z","seen_at":"2016-04-24T09:00:{number:02}Z","text":"{text}",'
    '"lang":"{lang}","tags":["getinspired"]}}'
)
SETTINGS = """
[event]
name = "A small race"
zone = "Europe/London"

[[clock]]
id = "mass"
name = "the masses race"
start = 2016-04-24T10:00:00+01:00

[[strand]]
id = "fun"
name = "#Fun"
tone = "light"
accounts = ["paper"]

[[strand]]
id = "results"
name = "Results"
tone = "news"
accounts = ["paper"]

[[source]]
name = "day"
kind = "replay"
file = "day.jsonl"
speed = 0
strand = "fun"

[[account]]
name = "paper"
kind = "file"
path = "paper.jsonl"
"""
RULES = """
[[rule]]
id = "kind-words"
about = "Kind words go out."
action = "publish"
when = ['has(text, "hooray")']
catches = ["hooray for all"]
spares = ["well done"]

[[rule]]
id = "coins"
about = "No coins."
action = "drop"
when = ['has(text, "coin")']
catches = ["buy this coin"]
spares = ["well done"]
"""


@dataclass
class Desk:
    """A folder with a configuration, and the command to work on it.

    Attributes:
        folder: Where config.toml stands, and where the command runs.
        environ: The command's whole environment.
        started: Processes to end at last.
    """

    folder: Path
    environ: dict[str, str]
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *arguments: str, stdin: int | None = subprocess.DEVNULL) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", *arguments],
            cwd=self.folder,
            env=self.environ,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.started.append(process)
        return process

    def __call__(self, *arguments: str, code: int = 0, typed: str = "", **environ: str) -> "Said":
        """Run one verb in this process: as `command`, but quick."""
        before = dict(os.environ), sys.stdin, logging.root.handlers[:], logging.root.level, structlog.get_config()
        out, err = io.StringIO(), io.StringIO()
        try:
            os.environ.clear()
            os.environ.update(self.environ | environ)
            sys.stdin = io.StringIO(typed)
            with chdir(self.folder), redirect_stdout(out), redirect_stderr(err):
                ended = main(arguments)
        finally:
            os.environ.clear()
            os.environ.update(before[0])
            sys.stdin = before[1]
            logging.root.handlers[:] = before[2]
            logging.root.setLevel(before[3])
            structlog.configure(**before[4])
        assert ended == code, f"ended with {ended}, not {code}:\n{out.getvalue()}\n{err.getvalue()}"
        return Said(out.getvalue(), err.getvalue())

    def command(self, *arguments: str, code: int = 0, typed: str | None = None, **environ: str) -> "Said":
        """Run the real command in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            cwd=self.folder,
            env={**self.environ, **environ},
            input=typed,
            stdin=None if typed is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode == code, f"ended with {done.returncode}, not {code}:\n{done.stdout}\n{done.stderr}"
        return Said(done.stdout, done.stderr)

    def ready(self, process: subprocess.Popen[str]) -> str:
        """Wait until a daemon says where its page is; gives the address."""
        assert process.stderr is not None
        for line in process.stderr:
            if "The page is at " in line:
                return line.split("The page is at ")[1].split(";")[0]
        raise AssertionError(f"it ended with {process.wait()} before it was ready")


@dataclass(frozen=True)
class Said:
    out: str
    err: str


def get(url: str) -> bytes:
    """The body that a server on this machine answers with."""
    assert url.startswith("http://127.0.0.1:")
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - checked above
        return bytes(answer.read())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def day(*posts: tuple[str, str] | tuple[str, str, str]) -> str:
    """A recording: (who, text) or (who, text, language) of each post."""
    lines = []
    for number, (who, text, *more) in enumerate(posts, start=1):
        post = POST.format(who=who, text=text, number=number, lang=more[0] if more else "en")
        at = f"2016-04-24T09:00:{number:02}Z"
        lines.append(f'{{"at":"{at}","source":"day","batch":{{"posts":[{post}]}}}}\n')
    return "".join(lines)
