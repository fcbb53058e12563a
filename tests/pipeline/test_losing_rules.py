"""Never fewer rules by accident: what loses rules waits, what cannot be meant is refused, and what happened is told."""

import os
from pathlib import Path

import pytest

from bot.app import look
from bot.pipeline import adopt
from bot.pipeline.adopt import Adopted
from bot.store import rulesets
from tests.conftest import OPEN_RULES, House
from tests.pipeline.test_adopting import BOTH, BROKEN, refused, rule, rules_now

OFFICIALS = OPEN_RULES[: OPEN_RULES.index('\n[[rule]]\nid = "spam"')]
PLAN = """[[milestone]]
id = "{name}"
clock = "mass"
after = "{after}"
text = "They are off"
"""


def looks(house: House, seconds: float) -> list[Adopted]:
    """As the daemon looks: twice a second, for so long."""
    found = []
    for _ in range(int(seconds * 2)):
        house.machine.forward(seconds=0.5)
        found.append(house.app.adopt())
    return found


def test_an_edit_that_adds_or_changes_takes_effect_within_two_seconds(house: House) -> None:
    house.app.adopt()
    (house.rules / "20-rain.toml").write_text(rule("rain"))
    assert any(one.changed for one in looks(house, 2))
    (house.rules / "20-rain.toml").write_text(rule("rain").replace('"drop"', '"hold"'))
    assert any(one.changed for one in looks(house, 2))


def test_a_file_half_written_for_seconds_does_not_lose_the_rules_of_its_other_half(house: House) -> None:
    house.app.adopt()
    path = house.rules / "10-rules.toml"
    path.write_text(OFFICIALS)  # whole rules, a whole last line, and no more for four seconds
    assert not any(one.changed for one in looks(house, 4))
    assert rules_now(house) == BOTH
    path.write_text(OPEN_RULES + rule("rain"))
    assert any(one.changed for one in looks(house, 2))
    assert rules_now(house) == {*BOTH, "rain"}
    assert len(house.log("adopted")) == 3, "rules and plan at the start, and the whole file"


def test_a_file_that_is_away_for_some_seconds_is_not_missed(house: House) -> None:
    (house.rules / "20-rain.toml").write_text(rule("rain"))
    house.app.adopt(at_once=True)
    aside = house.rules / "aside"
    (house.rules / "20-rain.toml").rename(aside)
    looks(house, 4)
    aside.rename(house.rules / "20-rain.toml")
    looks(house, 10)
    assert rules_now(house) == {*BOTH, "rain"}
    assert len(house.log("adopted")) == 3


def test_rules_that_stay_away_are_removed_when_the_files_have_rested(house: House) -> None:
    (house.rules / "20-rain.toml").write_text(rule("rain"))
    house.app.adopt(at_once=True)
    (house.rules / "20-rain.toml").unlink()
    found = looks(house, 8)
    assert [number for number, one in enumerate(found) if one.waits] == list(range(1, 10)), "told to look again"
    assert [number for number, one in enumerate(found) if one.changed] == [10], "five seconds after it was first missed"
    assert rules_now(house) == BOTH
    line = house.log("adopted")[-1]
    assert line.why.endswith(": removed rain; files 20-rain.toml removed")
    assert isinstance(line.details, dict)
    assert line.details["removed"] == ["rain"]


def test_each_further_change_lets_the_files_rest_anew(house: House) -> None:
    house.app.adopt()
    for number in range(4):
        (house.rules / "10-rules.toml").write_text(OFFICIALS + f"# {number}\n")
        assert not any(one.changed for one in looks(house, 4))
    assert rules_now(house) == BOTH


def test_a_list_that_loses_most_of_its_entries_waits_too(house: House) -> None:
    (house.rules / "lists").mkdir()
    words = house.rules / "lists" / "wet.txt"
    words.write_text("rain\nsnow\nhail\nfog\n")
    (house.rules / "20-wet.toml").write_text(rule("rain").replace('has(text, "rain")', "has_any(text, lists.wet)"))
    house.app.adopt(at_once=True)
    words.write_text("rain\n")
    assert not any(one.changed for one in looks(house, 4))
    words.write_text("rain\nsnow\nhail\n")
    assert any(one.changed for one in looks(house, 2)), "a few entries less are an edit as any other"
    assert "; lists wet; " in f"; {house.log('adopted')[-1].why.partition(': ')[2]}"


def test_milestones_that_go_wait_too(house: House) -> None:
    plan = house.rules / "milestones.toml"
    plan.write_text(PLAN.format(name="start", after="0s") + PLAN.format(name="hour", after="1h"))
    assert house.app.adopt(at_once=True).changed, refused(house)
    plan.write_text(PLAN.format(name="start", after="0s"))
    looks(house, 4)
    assert len(house.app.plan().milestones) == 2
    looks(house, 3)
    assert [one.id for one in house.app.plan().milestones] == ["start"]
    assert "removed hour" in house.log("adopted")[-1].why


def test_a_plan_that_cannot_be_read_is_refused_and_loses_nothing(house: House) -> None:
    plan = house.rules / "milestones.toml"
    plan.write_text(PLAN.format(name="start", after="0s"))
    house.app.adopt(at_once=True)
    plan.write_bytes(b"# \xff\n")
    assert house.app.adopt(at_once=True).refused
    assert [one.id for one in house.app.plan().milestones] == ["start"]
    assert "milestones.toml: is not UTF-8" in refused(house)


@pytest.mark.parametrize("left", ["lists/spam.txt", "milestones.toml", "people.toml", "notes.md"])
def test_a_folder_without_rule_files_is_refused_whatever_else_is_left(house: House, left: str) -> None:
    (house.rules / "lists").mkdir()
    (house.rules / left).write_text("# free money\n")
    house.app.adopt(at_once=True)
    (house.rules / "10-rules.toml").unlink()
    assert house.app.adopt(at_once=True).refused
    assert rules_now(house) == BOTH
    assert "the folder is gone or has no rule files any more: put them back" in refused(house)


def test_an_emptied_list_is_refused_also_where_no_example_needs_it(house: House) -> None:
    (house.rules / "lists").mkdir()
    (house.rules / "lists" / "mine.txt").write_text("rain\n")
    (house.rules / "20-wet.toml").write_text(
        "[[rule]]\nid = 'wet'\naction = 'drop'\nwhen = ['has_any(text, lists.mine)']\n"
    )
    house.app.adopt(at_once=True)
    (house.rules / "lists" / "mine.txt").write_text("")
    assert house.app.adopt(at_once=True).refused
    assert "lists/mine.txt:1:1: the list lost all its entries" in refused(house)
    with house.app.database.read() as tx:
        stored = rulesets.active(tx, rulesets.RULES)
    assert stored is not None
    assert stored.files["lists/mine.txt"] == "rain\n"


def test_a_file_that_looks_cut_off_is_refused_and_not_waited_for(house: House) -> None:
    (house.rules / "10-rules.toml").write_text(OFFICIALS.rstrip("\n"))
    assert house.app.adopt(at_once=True).refused
    assert "lost 1 rule (spam), as if it were cut off" in refused(house)
    assert rules_now(house) == BOTH


@pytest.mark.parametrize("undone", [True, False])
def test_a_mended_edit_is_told_undone_or_not(house: House, undone: bool) -> None:
    path = house.rules / "20-rain.toml"
    path.write_text(BROKEN)
    house.app.adopt(at_once=True)
    assert house.log("mended") == []
    if undone:
        path.unlink()
    else:
        path.write_text(rule("rain"))
    house.app.adopt(at_once=True)
    house.app.adopt(at_once=True)
    (line,) = house.log("mended")
    goes_on = f", {look.status(house.app).rule_set} goes on"
    assert line.why == "rules on disk are good again" + (goes_on if undone else "")
    assert len(house.log("adopted")) == (2 if undone else 3)


def test_the_line_of_a_refusal_is_short_and_its_details_have_every_mistake(house: House) -> None:
    for number in range(10):
        (house.rules / f"2{number}-rain.toml").write_text(BROKEN)
    house.app.adopt(at_once=True)
    (line,) = house.log("refused")
    assert line.why.endswith(" and 7 more")
    assert line.why.count("rain.toml:") == 3
    assert "\n" not in line.why
    assert "^" not in line.why
    assert isinstance(line.details, dict)
    assert line.details["mistakes"] == refused(house)
    assert refused(house).count("^^^^") >= 10


def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("the-secret = of another program\n")
    return path


@pytest.mark.parametrize("name", ["evil.toml", "milestones.toml", "people.toml", "lists/evil.txt"])
@pytest.mark.parametrize("relative", [True, False])
def test_what_lies_behind_a_link_out_of_the_folder_is_never_read(
    house: House, tmp_path: Path, name: str, relative: bool
) -> None:
    (house.rules / "lists").mkdir()
    target = secret(tmp_path)
    link = house.rules / name
    link.symlink_to(os.path.relpath(target, link.parent) if relative else target)
    assert house.app.adopt(at_once=True).refused
    assert refused(house) == f"{name}: points outside of the rules folder: put the file itself there"
    assert "secret" not in house.log("refused")[-1].why
    assert adopt.read(house.rules).files.keys() == {"10-rules.toml"}
    assert rules_now(house) == BOTH


def test_lists_behind_a_folder_that_is_a_link_are_never_read(house: House, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "evil.txt").write_text("secret\n")
    (house.rules / "lists").symlink_to(elsewhere)
    assert house.app.adopt(at_once=True).refused
    assert "lists/evil.txt: points outside of the rules folder" in refused(house)


def test_links_inside_of_the_folder_are_read_as_mounted_configurations_need(house: House) -> None:
    (house.rules / "..2026_04_26").mkdir()
    (house.rules / "..2026_04_26" / "20-rain.toml").write_text(rule("rain"))
    (house.rules / "..data").symlink_to("..2026_04_26")
    (house.rules / "20-rain.toml").symlink_to("..data/20-rain.toml")
    assert house.app.adopt(at_once=True).changed, refused(house)
    assert rules_now(house) == {*BOTH, "rain"}


def test_a_rules_folder_that_is_a_link_itself_is_read(house: House) -> None:
    real = house.rules.with_name("real")
    house.rules.rename(real)
    house.rules.symlink_to(real)
    (house.rules / "20-rain.toml").write_text(rule("rain"))
    assert house.app.adopt(at_once=True).changed, refused(house)


def test_a_pipe_or_a_link_to_itself_is_a_mistake_and_nobody_waits_for_it(house: House) -> None:
    os.mkfifo(house.rules / "20-pipe.toml")
    (house.rules / "30-self.toml").symlink_to("30-self.toml")
    assert house.app.adopt(at_once=True).refused
    assert refused(house).startswith("20-pipe.toml: cannot be read: it is no file\n30-self.toml: cannot be read: ")
