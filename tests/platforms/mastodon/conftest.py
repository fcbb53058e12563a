"""Two real servers for all tests of this platform: each test uses a hashtag of its own."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.servers.mastodon_server import Server, mastodon_server

_numbers = count(1)


@pytest.fixture(scope="session")
def first_server() -> Iterator[Server]:
    """A server with ada, bob, carol and desk."""
    with mastodon_server() as running:
        yield running


@pytest.fixture(scope="session")
def second_server() -> Iterator[Server]:
    """Another one, which knows nothing of the first."""
    with mastodon_server() as running:
        yield running


@pytest.fixture
def tag() -> str:
    """A hashtag that nobody has used."""
    return f"GoRunner{next(_numbers)}"
