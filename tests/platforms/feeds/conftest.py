"""A feeds source over real loopback HTTP."""

from collections.abc import Callable

import pytest

from bot.platforms.feeds.source import FeedsSource
from tests.platforms.contract import Clock, Kept, context_of

Make = Callable[..., FeedsSource]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def memory() -> Kept:
    return Kept()


@pytest.fixture
def make(clock: Clock, memory: Kept) -> Make:
    def build(url: str, **settings: object) -> FeedsSource:
        return FeedsSource(FeedsSource.Settings.model_validate({"url": url, **settings}), context_of(clock, memory))

    return build
