"""Results in the real daemon: a growing file, a kill in the middle, a second daemon; each milestone once."""

import json
import os
import signal
import subprocess

from tests.cli.small_race import Desk

SOURCE = """
[[source]]
name = "timing"
kind = "results"
every = "1s"
data = "live.csv"
race = "mass"
columns = { key = "bib", name = "name", place = "place", finish = "finish" }
"""
PLAN = """
[[milestone]]
id = "winner"
result = "winner"
race = "mass"
strand = "results"
text = "{{ name }} wins in {{ result }}"
headline = "{{ name }} wins"

[[milestone]]
id = "three"
reached = 3
of = "finishers"
race = "mass"
strand = "results"
text = "{{ count }} are home"
"""
HEADER = "bib,name,place,finish\n"
ROWS = ("2,Stanley Biwott,2,2:03:51\n", "1,Eliud Kipchoge,1,2:03:05\n", "3,Kenenisa Bekele,3,2:06:36\n")


def until_told(process: subprocess.Popen[str]) -> None:
    """Read the daemon's log until it has told something and sent it."""
    assert process.stdout is not None
    for line in process.stdout:
        found = json.loads(line)
        if found["event"] == "published" and found["account"] == "paper":
            return
    raise AssertionError("the daemon ended")


def test_a_growing_file_makes_each_milestone_once_also_over_a_kill(desk: Desk) -> None:
    config = desk.folder / "config.toml"
    config.write_text(config.read_text(encoding="utf-8") + SOURCE, encoding="utf-8")
    (desk.folder / "rules" / "milestones.toml").write_text(PLAN, encoding="utf-8")
    (desk.folder / "day.jsonl").write_text("", encoding="utf-8")
    live = desk.folder / "live.csv"
    live.write_text(HEADER + ROWS[0] + ROWS[1][:14], encoding="utf-8")
    process = desk.start("run", "--no-web")
    with live.open("a", encoding="utf-8") as file:
        file.write(ROWS[1][14:])
    until_told(process)
    process.send_signal(signal.SIGKILL)
    process.wait(20)
    with live.open("a", encoding="utf-8") as file:
        file.write(ROWS[1] + ROWS[2])  # a row that comes twice, and a new one
    process = desk.start("run", "--no-web")
    until_told(process)
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    assert process.returncode == 0
    for _ in range(2):
        desk("run", "--once")
    told = [json.loads(line)["text"] for line in (desk.folder / "paper.jsonl").read_text("utf-8").splitlines()]
    assert [text.partition(": ")[2] for text in told] == ["Eliud Kipchoge wins in 2:03.05", "3 are home"]
    assert [one["state"] for one in json.loads(desk("milestones", "--json").out)] == ["told", "told"]
    assert "Eliud Kipchoge wins" in desk("headlines").out
    assert "timing" in desk("sources").out


def test_results_are_recorded_and_rehearsed(desk: Desk) -> None:
    config = desk.folder / "config.toml"
    config.write_text(config.read_text(encoding="utf-8") + SOURCE, encoding="utf-8")
    (desk.folder / "rules" / "milestones.toml").write_text(PLAN, encoding="utf-8")
    (desk.folder / "day.jsonl").write_text("", encoding="utf-8")
    (desk.folder / "live.csv").write_text(HEADER + "".join(ROWS), encoding="utf-8")
    os.utime(desk.folder / "live.csv", (0, 0))
    desk("run", "--once", "--record", "seen.jsonl")
    desk("rehearse", "seen.jsonl", "--once", "--keep", "kept")
    told = json.loads(desk("-c", "kept/config.toml", "milestones", "--json").out)
    assert {one["text"] for one in told} == {"Eliud Kipchoge wins in 2:03.05", "3 are home"}


def test_a_file_that_does_not_fit_is_said_and_the_rest_goes_on(desk: Desk) -> None:
    config = desk.folder / "config.toml"
    config.write_text(config.read_text(encoding="utf-8") + SOURCE, encoding="utf-8")
    (desk.folder / "live.csv").write_text("number,who\n1,Ana\n", encoding="utf-8")
    desk("run", "--once", code=3)
    said = desk("status").out
    assert "live.csv: there is no column 'place': there are number, who" in said
    wrong = SOURCE.replace('key = "bib", ', "").replace('data = "live.csv"\n', "")
    config.write_text(config.read_text(encoding="utf-8").replace(SOURCE, wrong), encoding="utf-8")
    said = desk("config", "check", code=78).err
    assert "data" in said
    assert "key" in said
