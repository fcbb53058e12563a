"""Bytes to a channel, whatever the bytes are: formats told apart, hostile ones stopped.

feedparser takes quadratic time on some inputs (80 kB of dots in an author's field: 24 s) and holds the interpreter
meanwhile, so that no thread could stop it. Small bodies are read here; larger ones in a child process that is killed when its
time is over and that has a limit on memory. The child gets no environment: no secret lies where hostile bytes are read.
"""

import os
import subprocess
import sys

import msgspec

from bot.platforms.feeds.entry import Channel, NotAFeedError
from bot.platforms.feeds.jsonfeed import looks_like_json, read_json_feed
from bot.platforms.feeds.xml import read_xml_feed

HERE_BYTES = 8_192  # the worst input of this size that we know takes a quarter of a second

# What feedparser lets out is not written down anywhere; none of its own test files raises. These are what its pure Python can
# raise on odd input (parsing numbers, dates, addresses, encodings; deep nesting).
_FAULTS = (ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, RecursionError)


class Packet(msgspec.Struct):
    """What the child is given, and what it gives back: one of `channel` and `fault` is set."""

    url: str = ""
    content_type: str = ""
    body: bytes = b""
    channel: Channel | None = None
    fault: str = ""


def read_feed(body: bytes, url: str, content_type: str) -> Channel:
    """Read RSS, Atom or JSON Feed in this process.

    Raises:
        NotAFeedError: There is no feed in it, or it cannot be read.
    """
    try:
        if looks_like_json(body):
            return read_json_feed(body, url)
        return read_xml_feed(body, url, content_type)
    except NotAFeedError:
        raise
    except _FAULTS as error:
        raise NotAFeedError(f"it cannot be read ({type(error).__name__}: {str(error)[:200]})") from error


def read_guarded(body: bytes, url: str, content_type: str, timeout_s: float) -> Channel:
    """Read RSS, Atom or JSON Feed; what is large in a child that is stopped after `timeout_s`.

    Raises:
        NotAFeedError: There is no feed in it, it cannot be read, or reading takes too long.
    """
    if len(body) <= HERE_BYTES:
        return read_feed(body, url, content_type)
    packet = msgspec.msgpack.encode(Packet(url, content_type, body))
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module; what is hostile goes in by standard input
            [sys.executable, "-m", "bot.platforms.feeds.child", f"{timeout_s:g}"],
            input=packet,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout_s,
            check=False,
            env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONDONTWRITEBYTECODE": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise NotAFeedError(f"reading its {len(body)} bytes takes longer than {timeout_s:g} s") from error
    except OSError as error:
        raise NotAFeedError(f"no process to read it in ({error.strerror})") from error
    try:
        answer = msgspec.msgpack.decode(done.stdout, type=Packet)
    except msgspec.DecodeError as error:
        raise NotAFeedError(f"reading its {len(body)} bytes needs too much memory or time") from error
    if answer.channel is None:
        raise NotAFeedError(answer.fault)
    return answer.channel
