"""milestones: the plan as people see it and act on it."""

import json
import re

import pytest

from bot.app.opening import open_app
from bot.core.milestones import reading, schema
from bot.core.milestones.reading_conditions import KEYS
from bot.core.milestones.reading_races import RACE_KEYS
from bot.core.model import EventClock
from bot.core.results import FINISH, Result, Standing, read_time
from bot.store import results
from tests.builders import START
from tests.cli.small_race import Desk
from tests.conftest import ROOT
from tests.drawings import photo, saved

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


RESULTS = """
[[milestone]]
id = "winner"
result = "winner"
race = "mass"
strand = "results"
text = "{{ name }} wins in {{ result }}"
examples = [{ rows = [{ race = "mass", key = "1", name = "Ana", place = 1, finish = "2:03:05" }], says = "Ana wins in 2:03.05" }]
"""


def test_the_check_tries_the_examples_and_says_which_does_not_hold(desk: Desk) -> None:
    path = desk.folder / "rules" / "milestones.toml"
    path.write_text(RESULTS, encoding="utf-8")
    assert "milestones: good; 1 milestone, 1 example tried" in desk("milestones", "check").out
    assert "winner  1 example held" in desk("milestones", "test").out
    path.write_text(RESULTS.replace('says = "Ana wins', 'says = "Bo wins'), encoding="utf-8")
    said = desk("milestones", "check", code=1).err
    assert "milestones.toml:8:13" in said
    assert "it tells 'Ana wins in 2:03.05'" in said


def test_a_card_is_shown_and_settled(desk: Desk) -> None:
    path = desk.folder / "rules" / "milestones.toml"
    path.write_text(RESULTS, encoding="utf-8")
    desk("run", "--once")
    assert "…" in desk("milestones").out
    assert "the winner of mass: ‹name› wins in ‹result›" in desk("milestones").out
    arrive(desk, "2:03:04")
    desk("run", "--once")
    assert "Ana wins in 2:03.04" in desk("milestones").out
    assert "Nothing waits for a person" in desk("milestones", "cards").err
    arrive(desk, "2:03:05")
    desk("run", "--once")
    assert "1 card about milestones" in desk("queue").err
    assert "`milepost milestones cards`" in desk("status").out
    shown = desk("milestones", "cards").out
    assert "told: Ana wins in 2:03.04" in shown
    assert "now:  Ana wins in 2:03.05" in shown
    assert "told on: page, paper" in shown
    (card,) = json.loads(desk("milestones", "cards", "--json").out)
    assert card["commands"][0] == "milestones correct winner"
    assert "corrected: Ana wins in 2:03.05" in desk("milestones", "correct", "winner", "--as", "ana").out
    assert "nothing has changed" in desk("milestones", "correct", "winner", code=1).err
    assert "no milestone 'wimmer'" in desk("milestones", "leave", "wimmer", code=1).err
    desk("run", "--once")
    assert "Ana wins in 2:03.05" in desk("milestones").out
    assert "2:03.05" in (desk.folder / "paper.jsonl").read_text(encoding="utf-8")


def arrive(desk: Desk, finish: str) -> None:
    """What a source of results stores."""
    app = open_app(desk.folder / "config.toml", {}, outside=False)
    row = Result("mass", "1", "Ana", 1, ((FINISH, read_time(finish)),), Standing.FINISHED)
    with app.database.begin() as tx:
        results.take(tx, "timing", [row], now=app.now())
    app.close()


def test_the_schema_lies_beside_the_plan_that_ships_and_knows_every_key() -> None:
    shipped = (ROOT / "rules" / "milestones.schema.json").read_text(encoding="utf-8")
    assert json.loads(shipped) == schema.schema(), "milepost rules schema --milestones > rules/milestones.schema.json"
    plan = (ROOT / "rules" / "milestones.toml").read_text(encoding="utf-8")
    assert plan.startswith("#:schema ./milestones.schema.json\n")
    keys = schema.schema()["properties"]
    assert set(keys["milestone"]["items"]["properties"]) == {*reading.OWN_KEYS, *KEYS}
    assert set(keys["race"]["items"]["properties"]) == set(RACE_KEYS)


@pytest.mark.parametrize("number", range(3))
def test_the_plans_of_the_guide_are_good(number: int) -> None:
    text = (ROOT / "docs" / "milestones.md").read_text(encoding="utf-8")
    plans = [block for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if "[[milestone]]" in block]
    clocks = {name: EventClock(name, f"the {name}", START, "Europe/London") for name in ("elite", "liftoff")}
    clocks["mass"] = EventClock("mass", "the masses race", START, "Europe/London")
    persons = {"peake": ("mass",)}
    strands = ("masses", "getinspired", "official")
    found = reading.load(
        plans[number], clocks=clocks, strands=strands, accounts=(), zone="Europe/London", persons=persons
    )
    assert len(found.milestones) >= 2


def test_a_milestone_has_a_picture_with_an_alt_text(desk: Desk) -> None:
    rules = desk.folder / "rules"
    text = RESULTS.split("examples =", maxsplit=1)[0] + 'picture = "media/finish.png"\nalt = "A finish line"\n'
    (rules / "milestones.toml").write_text(text, encoding="utf-8")
    assert "milestone winner: rules/media/finish.png: there is no such file" in desk("milestones", "check", code=1).err
    (rules / "media").mkdir()
    (rules / "media" / "finish.png").write_bytes(saved(photo(1)))
    desk("milestones", "check")
    desk("run", "--once")
    arrive(desk, "2:03:05")
    desk("run", "--once")
    page = (desk.folder / "var" / "page" / "index.html").read_text(encoding="utf-8")
    assert 'alt="A finish line"' in page
    sent = (desk.folder / "paper.jsonl").read_text(encoding="utf-8").splitlines()[-1]
    assert json.loads(sent)["media"][0]["alt"] == "A finish line"
    for wrong, said in (
        ('alt = "A finish line"\n', "go together"),
        ('"media/finish.png"', "outside the folder of rules"),
    ):
        (rules / "milestones.toml").write_text(text.replace(wrong, "" if "alt" in wrong else '"../day.jsonl"'), "utf-8")
        assert said in desk("milestones", "check", code=1).err
