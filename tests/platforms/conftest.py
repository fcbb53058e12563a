"""What the laws stand on: real servers that are shared, and what is one test's own."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from tests.platforms.stands.stand import Ground, Servers


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Each is started when it is first asked for."""
    with ExitStack() as stack:
        yield Servers(stack)


@pytest.fixture
def ground(servers: Servers, httpserver: HTTPServer, tmp_path: Path) -> Iterator[Ground]:
    """What a stand is built on."""
    with ExitStack() as stack:
        yield Ground(servers, httpserver, tmp_path, stack)
