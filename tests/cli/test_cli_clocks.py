"""clocks: named starts, as people see and move them."""

import json

import pytest

from tests.cli.small_race import Desk


def test_clocks_are_shown_and_moved_and_moved_back(ran: Desk) -> None:
    assert "mass  the masses race  2016-04-24 10:00:00 BST  for " in ran("clocks").out
    said = ran("clocks", "move", "mass", "--to", "10:15", "--as", "ana", "--reason", "fog")
    assert "mass  2016-04-24 10:00:00 BST -> 2016-04-24 10:15:00 BST" in said.out
    assert "moved from 2016-04-24 10:00:00 BST" in ran("clocks").out
    ran("clocks", "move", "mass", "--by", "-5m")
    (clock,) = json.loads(ran("clocks", "--json").out)
    assert clock["start"].startswith("2016-04-24T09:10")
    assert "fog" in ran("log", "--what", "moved").out
    ran("clocks", "move", "mass", "--reset")
    assert "moved from" not in ran("clocks").out
    assert "already" in ran("clocks", "move", "mass", "--reset").out


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["mas", "--by", "5m"], "no clock is called 'mas'"),
        (["mass"], "say where to"),
        (["mass", "--by", "5m", "--to", "10:15"], "say where to"),
        (["mass", "--by", "soon"], "no length of time"),
        (["mass", "--to", "soon"], "is no time"),
        (["mass", "--to", "25:00"], "is no time"),
    ],
)
def test_mistakes_are_told(ran: Desk, typed: list[str], said: str) -> None:
    assert said in ran("clocks", "move", *typed, code=2).err
