"""What the tests of the steps are given."""

import pytest
from pytest_httpserver import HTTPServer

from bot.store.database import Database
from tests.pipeline.feed_desk import FeedDesk


@pytest.fixture
def desk(database: Database, httpserver: HTTPServer) -> FeedDesk:
    made = FeedDesk(database, httpserver)
    made.look()  # first contact: an empty feed
    made.clock.forward(minutes=10)
    return made
