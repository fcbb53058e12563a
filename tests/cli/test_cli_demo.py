import json
import re
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.cli.small_race import Desk, free_port, get


def numbers(said: str) -> dict[str, str]:
    return dict(re.findall(r"^  (\w+) +(\d.*)$", said, re.MULTILINE))


@pytest.fixture
def alone(bare: Desk, tmp_path: Path) -> Desk:
    """Temporary files of the command go where the test sees them."""
    bare.environ["TMPDIR"] = str(tmp_path)
    bare.environ["MILEPOST_PAGE__PORT"] = "not a port"
    return bare


def test_once_leaps_through_the_day_twice_the_same_and_leaves_nothing(alone: Desk) -> None:
    first, second = alone.command("demo", "--once"), alone.command("demo", "--once", "--keep", "kept")
    assert first.out == second.out
    found = numbers(first.out)
    assert int(found["posts"].split()[0]) >= 450
    assert found["milestones"].startswith("6 ")
    assert int(found["queue"].split()[0]) > 10
    assert [path.name for path in alone.folder.iterdir()] == ["kept"]
    assert "could not do" not in first.err


def test_a_kept_day_can_be_looked_at_in_its_own_time(alone: Desk) -> None:
    said = alone.command("demo", "--once", "--keep", "kept")
    del alone.environ["MILEPOST_PAGE__PORT"]
    commands = re.findall(r"^  milepost (-c \S+) (.+?) {2,}", said.err, re.MULTILINE)
    assert len(commands) == 3
    for config, command in commands:
        assert alone(*config.split(), *command.split()).out
    status = json.loads(alone("-c", "kept/config.toml", "status", "--json").out)
    assert status["now"].startswith("2016-04-24T13:2")
    (item, *_) = json.loads(alone("-c", "kept/config.toml", "queue", "--json").out)
    alone("-c", "kept/config.toml", "queue", "approve", str(item["id"]))
    life = json.loads(alone("-c", "kept/config.toml", "explain", str(item["id"]), "--json").out)
    assert life["update"]["at"].startswith("2016-04-24T13:2")
    assert "not an empty folder" in alone("demo", "--once", "--keep", "kept", code=1).err


def test_the_live_demo_serves_the_day_beside_a_second_terminal_and_cleans_up(alone: Desk) -> None:
    port = free_port()
    process = alone.start("demo", "--speed", "300", "--port", str(port))
    assert process.stderr is not None
    config = ""
    for line in process.stderr:
        if found := re.search(r"-c (\S+) log -f", line):
            config = found[1]
        if line.startswith("Ctrl-C"):
            break
    other = Desk(alone.folder, {k: v for k, v in alone.environ.items() if k != "MILEPOST_PAGE__PORT"})
    deadline = time.monotonic() + 60
    while '"told"' not in other("-c", config, "log", "--json").out:
        assert time.monotonic() < deadline
    assert b"London Marathon 2016" in get(f"http://127.0.0.1:{port}/")
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
