"""milestones: the plan as people see it and act on it."""

import json

import pytest

from tests.cli.small_race import Desk

PLAN = """
[[milestone]]
id = "four"
clock = "mass"
after = "4h"
text = "Four hours: keep going"
strand = "results"

[[milestone]]
id = "far"
clock = "next"
after = "4h"
text = "Far away"
strand = "results"
"""


@pytest.fixture
def planned(desk: Desk) -> Desk:
    """The small race with a plan, after a first run: its race of 2016 is long over."""
    (desk.folder / "rules" / "milestones.toml").write_text(PLAN, encoding="utf-8")
    path = desk.folder / "config.toml"
    clock = '[[clock]]\nid = "next"\nname = "the next one"\nstart = 2099-04-24T10:00:00+01:00\n'
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{clock}", encoding="utf-8")
    desk("run", "--once")
    return desk


def test_the_plan_is_shown_with_what_became_of_it(planned: Desk) -> None:
    said = planned("milestones")
    first, second = said.out.splitlines()
    assert "missed" in first
    assert "four  Four hours: keep going" in first
    assert "to come" in second
    assert "milepost milestones fire four" in said.err
    assert "Far away" in planned("milestones", "next").out
    assert "Four hours" not in planned("milestones", "next", "5").out
    states = {one["id"]: one["state"] for one in json.loads(planned("milestones", "--json").out)}
    assert states == {"four": "missed", "far": "to come"}


def test_one_is_fired_and_one_is_skipped(planned: Desk) -> None:
    said = planned("milestones", "fire", "four", "--as", "ana", "--reason", "the clock was late")
    assert "told: Four hours: keep going" in said.out
    assert "Goes to paper" in said.err
    assert "already" in planned("milestones", "fire", "four", code=1).err
    assert "is not told by itself" in planned("milestones", "skip", "far", "--as", "ana").out
    planned("run", "--once")
    assert "Four hours" in (planned.folder / "paper.jsonl").read_text(encoding="utf-8")
    states = {one["id"]: one["state"] for one in json.loads(planned("milestones", "--json").out)}
    assert states == {"four": "told", "far": "skipped"}
    assert "did you mean 'far'" in planned("milestones", "fire", "fat", code=1).err


def test_one_that_is_withdrawn_is_shown_so(planned: Desk) -> None:
    slug = planned("milestones", "fire", "four").out.split()[0]
    planned("withdraw", slug, "--reason", "wrong")
    assert "withdrawn" in planned("milestones").out.splitlines()[0]


def test_before_the_first_run_it_says_that_the_plan_is_not_adopted(desk: Desk) -> None:
    desk("migrate")
    (desk.folder / "rules" / "milestones.toml").write_text('[[milestone]]\nid = "a"\n', encoding="utf-8")
    assert "adopts milestones.toml" in desk("milestones").err


def test_what_was_over_before_the_plan_stood_is_no_alarm(planned: Desk) -> None:
    assert "too late to be told" not in planned("status").out


def test_without_a_plan_it_says_where_one_stands(ran: Desk) -> None:
    assert "milestones.toml" in ran("milestones").err
    assert "Nothing is to come" in ran("milestones", "next").err
