"""What stands in for the outside of each kind, as the laws of sources, accounts and alarms need it.

Each registered kind has a module of its name here, with a function `source`, `account` or `alarm` for each menu that it is on,
and `SPEAKS_HTTP`. The laws are held against every kind of the registry: one without a stand fails them.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from bot.core.model import Batch
from bot.core.ports import Channel, PlatformContext, Publisher, Receiving, Secret, Source, StreamingSource
from tests.platforms.contract import Clock, Kept, context_of
from tests.servers.at_network import Network, at_network
from tests.servers.dovecot import Mailbox, dovecot, is_here
from tests.servers.lossy_proxy import LossyProxy
from tests.servers.mastodon_server import Server, mastodon_server


class Servers:
    """Real servers that many tests share; each is started when it is first asked for.

    Args:
        stack: Ends them.
    """

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    @cached_property
    def network(self) -> Network:
        return self._stack.enter_context(at_network())

    @cached_property
    def mastodon(self) -> Server:
        return self._stack.enter_context(mastodon_server())

    @cached_property
    def mailbox(self) -> Mailbox:
        if not is_here():
            pytest.skip("there is no Dovecot: apt-get install dovecot-imapd")
        return self._stack.enter_context(dovecot())


@dataclass(frozen=True)
class Ground:
    """What a stand is built on.

    Attributes:
        servers: Shared by many tests: a stand uses accounts and hashtags of its own there.
        http: This test's own.
        folder: This test's own, empty.
        stack: Ends what the stand starts.
    """

    servers: Servers
    http: HTTPServer
    folder: Path
    stack: ExitStack

    def wire(self, server: str) -> LossyProxy:
        """A way to a server that can be broken."""
        return self.stack.enter_context(LossyProxy(server))


@dataclass(frozen=True)
class Wire:
    """The way to a kind that speaks HTTP.

    Attributes:
        proxy: Between it and its stand-in.
        to: What a request that reads, or that posts, contains at its beginning.
        patience: Where it is written how many seconds an answer may take (module and name), and what to write there for almost none.
        retracts: What a request that takes down contains; b"" where nothing can be taken down.
        finds: What a request that looks for a lost update contains; b"" where nobody can be asked.
        revises: What a request that puts other words in the place of those that stand contains; b"" where that cannot be.
        answers_are_read: False where any yes is one, whatever stands in it.
    """

    proxy: LossyProxy
    to: bytes
    patience: tuple[str, object]
    retracts: bytes = b""
    finds: bytes = b""
    revises: bytes = b""
    answers_are_read: bool = True


@dataclass(frozen=True)
class SourceStand:
    """A source that is asked.

    Attributes:
        make: A fresh one on the same outside with the same memory, as after a restart; its name is "it".
        now: Where its clocks stand.
        say: Somebody posts something new that the source reads; gives the native id.
        take_back: Its author deletes it; None where the platform tells nobody.
        breaks: It cannot be read.
        mends: It can be read again.
        later: An hour passes for its clocks.
        wire: None where it speaks no HTTP.
        stream: A fresh one that streams, on the same outside; None where the class offers no stream.
        cut: Ends the connection that it streams over.
    """

    make: Callable[[], Source]
    now: Callable[[], datetime]
    say: Callable[[], str]
    take_back: Callable[[str], None] | None
    breaks: Callable[[], None]
    mends: Callable[[], None]
    later: Callable[[], None]
    wire: Wire | None = None
    stream: Callable[[], StreamingSource] | None = None
    cut: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class BroughtStand:
    """A source that brings to our door what it has.

    Attributes:
        make: As of `SourceStand`.
        now: As of `SourceStand`.
        bring: What comes to the door of a post of this id and these words ("" for taking it back): headers and body, signed.
    """

    make: Callable[[], Receiving]
    now: Callable[[], datetime]
    bring: Callable[[str, str], tuple[dict[str, str], bytes]]


@dataclass(frozen=True)
class AccountStand:
    """An account.

    Attributes:
        make: A fresh one on the same outside with the same memory, as after a restart.
        nowhere: One where nobody listens.
        standing: The texts that stand there now.
        now: Where its clocks stand.
        later: An hour passes for its clocks.
        wire: None where it speaks no HTTP.
    """

    make: Callable[[], Publisher]
    nowhere: Callable[[], Publisher]
    standing: Callable[[], Sequence[str]]
    now: Callable[[], datetime]
    later: Callable[[], None]
    wire: Wire | None = None


@dataclass(frozen=True)
class AlarmStand:
    """A way to tell a person.

    Attributes:
        make: A fresh one.
        nowhere: One where nobody listens.
        arrived: How many notices have come.
        now: Where its clocks stand.
        wire: None where it speaks no HTTP.
    """

    make: Callable[[], Channel]
    nowhere: Callable[[], Channel]
    arrived: Callable[[], int]
    now: Callable[[], datetime]
    wire: Wire | None = None


def module_of(kind: str) -> ModuleType:
    """The module of a kind; the test fails where there is none."""
    try:
        return import_module(f"tests.platforms.stands.{kind}")
    except ModuleNotFoundError:
        pytest.fail(f'"{kind}" has no stand: write tests/platforms/stands/{kind}.py, and every law is held against it')


def stand_of(what: str, kind: str, ground: Ground) -> Any:
    """The stand of a kind of "source", "account" or "alarm"; the test fails where there is none."""
    build = getattr(module_of(kind), what, None)
    if build is None:
        pytest.fail(f"tests/platforms/stands/{kind}.py has no function {what}: every law is held against what it gives")
    return build(ground)


def speaks_http(kind: str) -> bool:
    """Whether the table of HTTP's answers is held against a kind; a kind without a stand is told by other tests."""
    try:
        return bool(module_of(kind).SPEAKS_HTTP)
    except pytest.fail.Exception:
        return False


def secretive(clock: Clock, memory: Kept | None = None, **secrets: str) -> PlatformContext:
    """A context that knows secrets."""

    def secret(name: str) -> Secret | None:
        return Secret(secrets[name]) if name in secrets else None

    return replace(context_of(clock, memory), secret=secret)


def read_on(make: Callable[[], Source], cursor: str = "") -> Iterator[Batch]:
    """Batches until nothing more is promised, each by a fresh source."""
    for _ in range(100):
        batch = make().fetch(cursor)
        yield batch
        cursor = batch.cursor or cursor
        if not batch.more:
            return
    raise AssertionError("`more` never ends")
