"""Hints are commands that can be pasted: they name the program, and the configuration, as it was called."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.small_race import Desk

SCRIPT = Path(sys.executable).with_name("milepost")


def hint(desk: Desk, *command: str, path: str) -> str:
    """What a question is told where there is no store yet."""
    environ = {**desk.environ, "PATH": path}
    done = subprocess.run(
        command, cwd=desk.folder, env=environ, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False
    )
    assert done.returncode == 1, done.stderr
    return done.stderr.partition("there is no store yet: run `")[2].partition("`")[0]


def linked(desk: Desk, name: str) -> None:
    link = desk.folder / name
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(SCRIPT)


@pytest.mark.parametrize(
    ("called", "shown"),
    [
        ("bin/milepost", "bin/milepost"),
        ("./bin/milepost", "bin/milepost"),
        ("./milepost", "./milepost"),
        ("my tools/milepost", "'my tools/milepost'"),
    ],
)
def test_off_the_path_a_hint_has_the_path_that_the_program_was_called_by(desk: Desk, called: str, shown: str) -> None:
    linked(desk, called)
    assert hint(desk, called, "log", path=os.defpath) == f"{shown} run"


def test_off_the_path_a_hint_can_be_pasted(desk: Desk) -> None:
    linked(desk, "bin/milepost")
    pasted = hint(desk, "bin/milepost", "log", path=os.defpath)
    done = subprocess.run(
        ["sh", "-c", f"{pasted} --once"], cwd=desk.folder, env={**desk.environ, "PATH": os.defpath}, check=False
    )
    assert done.returncode == 0


def test_a_program_elsewhere_is_named_by_its_whole_path(desk: Desk) -> None:
    assert hint(desk, str(SCRIPT), "log", path=os.defpath) == f"{SCRIPT} run"
    assert hint(desk, sys.executable, "-m", "bot", "log", path=os.defpath) == f"{SCRIPT} run"


def test_on_the_path_a_hint_has_the_name_alone(desk: Desk) -> None:
    path = os.pathsep.join((str(SCRIPT.parent), os.defpath))
    assert hint(desk, "milepost", "log", path=path) == "milepost run"
    assert hint(desk, str(SCRIPT), "log", path=path) == "milepost run"
    assert hint(desk, sys.executable, "-m", "bot", "log", path=path) == "milepost run"


def test_another_program_of_this_name_on_the_path_is_not_meant(desk: Desk) -> None:
    other = desk.folder / "other" / "milepost"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\n", encoding="utf-8")
    other.chmod(0o755)
    assert hint(desk, str(SCRIPT), "log", path=f"{other.parent}{os.pathsep}{os.defpath}") == f"{SCRIPT} run"


def test_a_hint_has_the_configuration_that_was_named(desk: Desk) -> None:
    (desk.folder / "config.toml").rename(desk.folder / "two words.toml")
    said = desk("-c", "two words.toml", "log", code=1).err
    assert "run `milepost -c 'two words.toml' run`" in said
    assert "run `milepost run`" in desk("log", code=1, MILEPOST_CONFIG="two words.toml").err


def test_every_screen_names_commands_as_they_have_to_be_typed(desk: Desk) -> None:
    """Hints in what is printed as data: the queue's head, the rules' state, what an account or the log says went wrong."""
    path = desk.folder / "config.toml"
    account = '[[account]]\nname = "sky"\nkind = "bluesky"\nidentifier = "desk.example.org"\n'
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{account}".replace('["paper"]', '["paper", "sky"]'))
    typed = "`milepost -c config.toml"

    def said(*words: str, code: int = 0) -> str:
        found = desk("-c", "config.toml", *words, code=code)
        assert "`milepost " not in (found.out + found.err).replace(typed, ""), words
        return found.out + found.err

    said("migrate")
    assert f"not in force yet: {typed} run` adopts it" in said("rules", "status")
    said("run", "--once", "--no-web", code=3)
    assert f"{typed} queue approve ID...`, {typed} queue reject ID... --reason WHY`" in said("queue")
    login = f"run {typed} accounts login sky`"
    update = json.loads(desk("log", "--what", "told", "--json").out.splitlines()[0])["update"]
    for words in (("accounts",), ("status",), ("log",)):
        assert login in said(*words), words
    said("explain", update)
    said("withdraw", update)


def test_a_slip_says_how_to_ask_for_help(desk: Desk) -> None:
    linked(desk, "bin/milepost")
    environ = {**desk.environ, "PATH": os.defpath}
    done = subprocess.run(
        ["bin/milepost", "lgo"], cwd=desk.folder, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Try 'bin/milepost --help' for help." in done.stderr
    assert "Try 'milepost --help' for help." in desk("lgo", code=2).err
