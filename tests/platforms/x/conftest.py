"""A simulator of X for each test, its clock, and the world around a source or an account."""

from collections.abc import Iterator

import pytest

from tests.platforms.contract import Clock
from tests.platforms.x.x_world import NOON, World
from tests.servers.x_simulator import Account, XSimulator


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def x(clock: Clock) -> Iterator[XSimulator]:
    with XSimulator(clock) as running:
        yield running


@pytest.fixture
def world(clock: Clock) -> World:
    return World(clock)


@pytest.fixture
def ana(x: XSimulator) -> Account:
    return x.account("ana")


@pytest.fixture
def desk(x: XSimulator) -> Account:
    return x.account("desk")
