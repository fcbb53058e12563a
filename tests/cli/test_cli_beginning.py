import json
import re

import pytest

from tests.cli.small_race import Desk


def test_init_check_show_and_rules_go_from_nothing_to_a_good_configuration(bare: Desk) -> None:
    written = bare.command("init", "race").out.split()
    assert written[0] == "race/config.toml"
    assert all((bare.folder / name).is_file() for name in written)
    assert "good" in bare("-c", "race/config.toml", "config", "check").out
    shown = bare("-c", "race/config.toml", "config", "show").out
    assert "event.name" in shown
    assert "# config.toml:" in shown
    assert "good" in bare("-c", "race/config.toml", "rules", "check").out
    assert "good" in bare("rules", "check", "race/rules").out, "a folder of rules needs no configuration"


def test_a_fresh_desk_begins_without_missed_milestones_and_its_examples_can_be_used(bare: Desk) -> None:
    bare("init")
    bare("run", "--once", "--no-web")
    assert '"missed"' not in bare("log", "--json").out
    plan = bare.folder / "rules" / "milestones.toml"
    examples = re.sub(r"^# (?=\[\[milestone\]\]$|\w+ +=)", "", plan.read_text(encoding="utf-8"), flags=re.MULTILINE)
    plan.write_text(examples, encoding="utf-8")
    config = bare.folder / "config.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("start = 2016", "start = 2096"), encoding="utf-8")
    assert "3 milestones" in bare("config", "check").out
    bare("run", "--once", "--no-web")
    assert '"missed"' not in bare("log", "--json").out
    assert [name for name, _ in json.loads(bare("status", "--json").out)["next_milestones"]] == [
        "mass-start",
        "four-hour-mark",
    ]


def test_init_overwrites_nothing(bare: Desk) -> None:
    bare("init")
    (bare.folder / "config.toml").write_text("mine", encoding="utf-8")
    assert "nothing was written" in bare("init", code=1).err
    assert (bare.folder / "config.toml").read_text(encoding="utf-8") == "mine"


def test_config_check_tells_every_mistake_with_place_and_count(desk: Desk) -> None:
    path = desk.folder / "config.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Europe/London", "Europe/Londn").replace("speed = 0", "sped = 0"), encoding="utf-8")
    said = desk("config", "check", code=78)
    assert not said.out
    assert 'did you mean "Europe/London"?' in said.err
    assert 'did you mean "speed"?' in said.err
    assert said.err.endswith("2 mistakes; nothing was started.\n")
    found = json.loads(desk("config", "check", "--json", code=78).out)
    assert not found["ok"]
    assert [mistake["line"] > 0 for mistake in found["mistakes"]] == [True, True]
    for verb in (["run"], ["log"], ["status"], ["run", "--dry-run"]):
        assert "2 mistakes" in desk.command(*verb, code=78).err


def test_a_missing_configuration_says_what_to_do(bare: Desk) -> None:
    said = bare.command("run", code=78)
    assert "config.toml" in said.err
    assert "milepost init" in said.err
    assert list(bare.folder.iterdir()) == []


def test_config_show_hides_secrets_and_names_origins(desk: Desk) -> None:
    shown = json.loads(
        desk("config", "show", "--json", MILEPOST_PAGE__LATEST="7", MILEPOST_STORE_PASSWORD="hush-hush").out
    )
    found = {line["path"]: line for line in shown}
    assert found["page.latest"]["value"] == "7"
    assert found["page.latest"]["origin"] == "MILEPOST_PAGE__LATEST"
    assert found["store.password"]["value"] == "***"
    assert "hush-hush" not in str(shown)


def test_the_configuration_is_named_by_option_or_environment(desk: Desk) -> None:
    (desk.folder / "config.toml").rename(desk.folder / "other.toml")
    assert "other.toml: good" in desk("-c", "other.toml", "config", "check").out
    assert "other.toml: good" in desk("config", "check", MILEPOST_CONFIG="other.toml").out


def test_rules_check_tells_every_mistake_of_rules_and_milestones(desk: Desk) -> None:
    (desk.folder / "rules" / "10-small.toml").write_text(
        '[[rule]]\nid = "a"\naction = "publsh"\nwhen = ["txt"]\n', encoding="utf-8"
    )
    (desk.folder / "rules" / "milestones.toml").write_text(
        '[[milestone]]\nid = "m"\nclock = "mas"\nafter = "1h"\ntext = "x"\n', encoding="utf-8"
    )
    said = desk("rules", "check", code=1)
    assert "rules/10-small.toml:3:" in said.err
    assert "milestones.toml:3:" in said.err
    assert said.err.rstrip().endswith("nothing was adopted.")
    assert not json.loads(desk("rules", "check", "--json", code=1).out)["ok"]
    assert "no such file or folder" in desk("rules", "check", "nowhere", code=1).err


def test_rules_check_counts(desk: Desk) -> None:
    found = json.loads(desk("rules", "check", "--json").out)["rule_set"]
    assert (found["rules"], found["examples"], found["files"]) == (2, 4, 1)


def test_migrate_twice_is_migrate_once(desk: Desk) -> None:
    assert "there is no store yet: run `milepost run`, which makes it" in desk("log", code=1).err
    assert not (desk.folder / "var").exists(), "a question makes no store"
    assert "now at schema" in desk("migrate").out
    assert "already" in desk("migrate").out
    assert desk("log").out == ""


@pytest.mark.parametrize("broken", ["no database at all " * 100])
def test_a_file_that_is_no_database_is_left_alone(desk: Desk, broken: str) -> None:
    path = desk.folder / "var" / "milepost.db"
    path.parent.mkdir()
    path.write_text(broken, encoding="utf-8")
    assert "not a Milepost database" in desk("run", "--once", code=1).err
    assert path.read_text(encoding="utf-8") == broken


@pytest.mark.parametrize(
    ("written", "reason", "advice"),
    [
        ("blusky:did:plc:x", '"blusky:did:plc:x" is of no known platform', 'did you mean "bluesky"?'),
        ("bluesky:@handle.example", '"@handle.example" is no permanent id of bluesky', 'write "bluesky:did:…"'),
        ("bluesky:handle.example", '"handle.example" is no permanent id of bluesky', 'write "bluesky:did:…"'),
    ],
)
def test_an_official_id_that_can_be_nobodys_is_a_mistake(desk: Desk, written: str, reason: str, advice: str) -> None:
    path = desk.folder / "config.toml"
    official = f'[[official]]\nname = "A"\nids = ["feeds:https://a.example", "mastodon:https://m.example/users/a", "{written}"]'
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{official}\n", encoding="utf-8")
    said = desk("config", "check", code=78).err
    assert reason in said
    assert advice in said
    assert "1 mistake; " in said


MILESTONES = """
[[milestone]]
id = "one-hour"
clock = "mass"
after = "1h"
strand = "results"
text = "One hour."
"""


@pytest.fixture
def lost(desk: Desk) -> Desk:
    """The small race after a run, with milestones whose clock the configuration has lost since."""
    (desk.folder / "rules" / "milestones.toml").write_text(MILESTONES, encoding="utf-8")
    desk("run", "--once")
    path = desk.folder / "config.toml"
    path.write_text(path.read_text("utf-8").replace('id = "mass"', 'id = "elite"'), "utf-8")
    return desk


def test_a_clock_that_milestones_name_and_nobody_has_is_said_once_and_not_by_a_line_of_the_log(lost: Desk) -> None:
    said = lost("config", "check", code=78)
    assert said.out == ""
    assert said.err.count("rules/milestones.toml:4:9: ") == 1
    assert "nothing is announced" not in said.err
    assert "1 mistake; " in said.err


def test_status_says_place_and_reason_of_a_plan_that_does_not_fit_on_one_line(lost: Desk) -> None:
    said = lost("status")
    (line,) = [line for line in said.out.splitlines() if "the plan does not fit" in line]
    assert "rules/milestones.toml:4:9: " in line
    assert "|" not in line
    assert "^" not in line
    assert said.err == ""


def test_a_run_goes_on_with_a_plan_that_does_not_fit_and_says_so_once(lost: Desk) -> None:
    said = lost("run", "--once")
    assert said.out.count("nothing is announced") == 1


def test_a_secret_that_nobody_can_sign_with_is_a_mistake_of_the_configuration(desk: Desk) -> None:
    path = desk.folder / "config.toml"
    path.write_text(path.read_text("utf-8") + '[[source]]\nname = "form"\nkind = "inbox"\nstrand = "fun"\n', "utf-8")
    said = desk("config", "check", code=78, MILEPOST_FORM_SIGNING="whsec_short").err
    assert "environment MILEPOST_FORM_SIGNING" in said
    assert 'the secret "signing" of source form is no signing secret: write whsec_' in said
    assert "short" not in said.replace("whsec_ and 32", "")
    good = "whsec_" + "A" * 44
    assert "good" in desk("config", "check", MILEPOST_FORM_SIGNING=good).out
    assert (
        'the secret "previous"'
        in desk("config", "check", code=78, MILEPOST_FORM_SIGNING=good, MILEPOST_FORM_PREVIOUS="x").err
    )
