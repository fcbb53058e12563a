import json
import os
import re
import signal
import socket
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.core.model import Batch
from bot.core.recording import encode_line
from bot.core.results import FINISH, Result, Standing
from tests.cli.small_race import ROOT, Desk, Said, free_port, get

PROGRAM = str(Path(sys.executable).with_name("milepost"))  # nothing finds it on this PATH


def numbers(said: str) -> dict[str, str]:
    return dict(re.findall(r"^  (\w+) +(\d.*)$", said, re.MULTILINE))


@pytest.fixture
def alone(bare: Desk, tmp_path: Path) -> Desk:
    """Temporary files of the command go where the test sees them; its environment is of no use to it."""
    bare.environ["TMPDIR"] = str(tmp_path)
    bare.environ["MILEPOST_PAGE__PORT"] = "not a port"
    bare.environ["PATH"] = os.defpath
    return bare


@dataclass(frozen=True)
class KeptDay:
    """A day that was leapt through and kept."""

    folder: Path
    said: Said


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> KeptDay:
    folder = tmp_path_factory.mktemp("kept")
    desk = Desk(folder, dict(os.environ) | {"PYTHONPATH": str(ROOT), "PATH": os.defpath})
    return KeptDay(folder, desk.command("demo", "--once", "--keep", "day"))


def test_once_leaps_through_the_day_always_the_same_and_leaves_nothing(alone: Desk, kept: KeptDay) -> None:
    said = alone.command("demo", "--once")
    assert said.out == kept.said.out
    found = numbers(said.out)
    assert int(found["posts"].split()[0]) >= 450
    assert found["milestones"].startswith("14 ")
    assert int(found["queue"].split()[0]) > 10
    assert list(alone.folder.iterdir()) == []
    assert "could not do" not in said.err


def test_a_kept_day_can_be_looked_at_in_its_own_time(bare: Desk, kept: KeptDay) -> None:
    desk = Desk(kept.folder, bare.environ)
    commands = re.findall(rf"^  {re.escape(PROGRAM)} (-c \S+) (.+?) {{2,}}", kept.said.err, re.MULTILINE)
    assert len(commands) == 3
    for config, command in commands:
        assert desk(*config.split(), *command.split()).out
    status = json.loads(desk("-c", "day/config.toml", "status", "--json").out)
    assert status["now"].startswith("2016-04-24T13:2")
    (item, *_) = json.loads(desk("-c", "day/config.toml", "queue", "--json").out)
    desk("-c", "day/config.toml", "queue", "approve", str(item["id"]))
    life = json.loads(desk("-c", "day/config.toml", "explain", str(item["id"]), "--json").out)
    assert life["update"]["at"].startswith("2016-04-24T13:2")
    assert "not an empty folder" in desk("demo", "--once", "--keep", "day", code=1).err


def test_the_live_demo_serves_the_day_beside_a_second_terminal_and_cleans_up(alone: Desk) -> None:
    port = free_port()
    process = alone.start("demo", "--speed", "300", "--port", str(port))
    assert process.stderr is not None
    config = said_desk = ""
    for line in process.stderr:
        if found := re.match(rf"  {re.escape(PROGRAM)} -c (\S+) log -f", line):
            config = found[1]
        if found := re.search(r"For the desk +(\S+)", line):
            said_desk = found[1]
        if line.startswith("Ctrl-C"):
            break
    other = Desk(alone.folder, {k: v for k, v in alone.environ.items() if k != "MILEPOST_PAGE__PORT"})
    deadline = time.monotonic() + 60
    while '"told"' not in other("-c", config, "log", "--json").out:
        assert time.monotonic() < deadline
    assert b"London Marathon 2016" in get(f"http://127.0.0.1:{port}/")
    assert b"Rule set" in get(said_desk)
    assert other("-c", config, "status").out.startswith("London Marathon 2016, running")
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 0
    assert time.monotonic() - began < 5
    assert list(alone.folder.iterdir()) == []


def test_a_port_that_is_taken_is_said_and_the_next_one_is_used(alone: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = alone.start("demo", "--port", str(port))
        assert process.stderr is not None
        said = process.stderr.readline()
        assert f"127.0.0.1:{port} is in use" in said
        shown = next(line for line in process.stderr if "The page" in line)
        assert f"127.0.0.1:{port}/" not in shown
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    assert list(alone.folder.iterdir()) == []


def test_the_day_tells_its_milestones_at_their_times_in_their_order(kept: KeptDay, bare: Desk) -> None:
    desk = Desk(kept.folder, bare.environ)
    lines = desk("-c", "day/config.toml", "milestones").out.splitlines()
    told = {line.split()[3]: line for line in lines}
    assert len(told) == 15
    assert [name for name, line in told.items() if "  told  " not in line] == ["millionth"], (
        "the millionth is yet to come"
    )
    assert told["four-hour-mark"].startswith("14:00:00 BST")
    assert "Eliud Kipchoge has done it again: the men's race is his, in 2:03.05" in told["men-winner"]
    texts = desk("-c", "day/config.toml", "milestones", "--json").out
    for words in (
        "39,698",
        "Sumgong",
        "2:22.58",
        "Marcel Hug",
        "1:35.19",
        "McFadden",
        "1:44.14",
        "Tim Peake is done: 3:35.21",
    ):
        assert words in texts
    order = [line.split()[3] for line in lines]
    assert order.index("three-hours-in-orbit") < order.index("peake-home")
    assert "space ISS-1  finished  finish in 3:35.21" in desk("-c", "day/config.toml", "people", "peake").out
    points = json.loads(desk("-c", "day/config.toml", "headlines", "--json").out)
    assert [point["text"].split()[0] for point in points] == ["Eliud", "Jemima", "Hug", "39,698"], (
        "as they stood at 14:20"
    )
    assert "Nothing waits" in desk("-c", "day/config.toml", "milestones", "cards").err


def test_an_hour_and_a_half_later_the_millionth_finisher_comes_home(kept: KeptDay, bare: Desk) -> None:
    desk = Desk(kept.folder, bare.environ)
    at = datetime(2016, 4, 24, 14, 51, 10, tzinfo=UTC)
    row = Result("mass", "50123", "", 35_668, ((FINISH, 21_058_000),), Standing.FINISHED)
    late = encode_line(at, "timing", Batch(results=(replace(row, key="50122", place=35_667), row)))
    (kept.folder / "evening.jsonl").write_bytes((kept.folder / "day" / "timing.jsonl").read_bytes() + late + b"\n")
    desk("-c", "day/config.toml", "rehearse", "evening.jsonl", "--once", "--keep", "evening")
    (told,) = [
        one
        for one in json.loads(desk("-c", "evening/config.toml", "milestones", "--json").out)
        if one["id"] == "millionth"
    ]
    assert told["state"] == "told"
    assert told["text"].startswith("Somebody has just crossed the line as the 1,000,000th finisher")
    assert told["text"].endswith("place 35668 of today.")
