import json
import os
import pty
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.small_race import Desk, day, get


def end(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> float:
    """End a daemon; gives the seconds it took."""
    began = time.monotonic()
    process.send_signal(number)
    process.wait(timeout=20)
    return time.monotonic() - began


def test_run_serves_its_page_and_ends_in_time_with_an_open_browser(desk: Desk) -> None:
    process = desk.start("run")
    url = desk.ready(process)
    assert b"A small race" in get(url)
    host, port = url.removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as browser, browser.makefile("rb") as stream:
        browser.sendall(b"GET /events?after=0 HTTP/1.1\r\nHost: here\r\n\r\n")
        assert stream.readline()
        assert end(process) < 5
    assert process.returncode == 0


def test_a_change_of_the_configuration_is_told_and_waits_for_the_next_start(desk: Desk) -> None:
    path = desk.folder / "config.toml"
    before = path.read_text(encoding="utf-8")
    process = desk.start("run", "--no-web")
    assert process.stdout is not None
    lines = (json.loads(line) for line in process.stdout)
    assert any(line["event"] == "started" for line in lines)
    path.write_text(before.replace("A small race", "A large race"), encoding="utf-8")
    told = next(line for line in lines if line["level"] == "warning")
    assert told["event"] == "the configuration was changed: it takes effect at the next start"
    assert told["file"] == str(path)
    assert end(process) < 5


@pytest.mark.parametrize("twice", [False, True])
def test_a_source_that_hangs_does_not_hold_up_the_end(desk: Desk, twice: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:  # takes connections and never answers
        mute.settimeout(30)
        port = mute.getsockname()[1]
        path = desk.folder / "config.toml"
        source = f'[[source]]\nname = "mute"\nkind = "feeds"\nurl = "http://127.0.0.1:{port}/news.xml"\n'
        path.write_text(path.read_text(encoding="utf-8") + source, encoding="utf-8")
        process = desk.start("run")
        desk.ready(process)
        hanging, _ = mute.accept()
        with hanging:
            if twice:
                process.send_signal(signal.SIGTERM)
                assert process.stderr is not None
                assert any("Ending" in line for line in process.stderr)
                assert end(process, signal.SIGINT) < 2
                assert process.returncode == 130
            else:
                assert end(process) < 5
                assert process.returncode == 0
    assert "not running" in desk("status").out


def test_ctrl_c_ends_a_daemon_as_gently(desk: Desk) -> None:
    process = desk.start("run", "--no-web")
    assert process.stdout is not None
    assert any('"started"' in line for line in process.stdout)
    assert end(process, signal.SIGINT) < 5
    assert process.returncode == 0


def test_two_daemons_on_one_file_are_refused(desk: Desk) -> None:
    process = desk.start("run")
    desk.ready(process)
    said = desk.command("run", "--no-web", code=1)
    assert f"process {process.pid}" in said.err
    assert "running" in desk("status").out.splitlines()[0]
    assert "process" in desk("run", "--once", code=1).err
    end(process)
    desk("run", "--once")


def test_a_port_in_use_is_said_and_nothing_is_left_running(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = desk.command("run", code=1, MILEPOST_PAGE__PORT=str(port))
    assert f"127.0.0.1:{port} is in use" in said.err
    desk("run", "--once")


def test_what_another_process_decides_reaches_the_daemon(desk: Desk) -> None:
    process = desk.start("run")
    url = desk.ready(process)
    follower = desk.start("log", "-f", "--json", "--what", "sent")
    assert follower.stdout is not None
    assert json.loads(follower.stdout.readline())["text"] == "hooray for all of you"
    (item,) = json.loads(desk("queue", "--json").out)
    desk("queue", "approve", str(item["id"]))
    assert json.loads(follower.stdout.readline())["text"] == "my knee hurts at mile 9"
    receipt = desk("withdraw", str(item["id"]), "--wait", "30").out
    assert "retracted" in receipt
    assert b"my knee hurts" not in get(url)
    follower.send_signal(signal.SIGINT)
    assert follower.wait(timeout=10) == 130
    assert follower.stderr is not None
    assert follower.stderr.read() == ""
    end(process)


def test_broken_rules_and_none_stored_refuse_the_start(desk: Desk) -> None:
    path = desk.folder / "rules" / "10-small.toml"
    good = path.read_text(encoding="utf-8")
    path.write_text(good.replace('"drop"', '"dorp"'), encoding="utf-8")
    said = desk("run", "--once", code=78)
    assert "rules/10-small.toml:" in said.err
    assert "nothing was started" in said.err
    path.write_text(good, encoding="utf-8")
    desk("run", "--once")
    path.write_text(good.replace('"drop"', '"dorp"'), encoding="utf-8")
    assert "the last good set stays" in desk("run", "--once").err
    shown = desk("status").out
    assert "Rules on disk are refused since " in shown
    assert ", the last good set stays:" in shown
    assert "did you mean 'drop'?" in shown


def test_once_says_what_failed_and_ends_with_3(desk: Desk) -> None:
    (desk.folder / "day.jsonl").unlink()
    said = desk("run", "--once", code=3).err
    assert said.startswith("failing: day: ")
    assert "day.jsonl: no recording to read" in said


def test_a_bad_line_of_a_recording_is_said_by_the_run_by_the_log_and_by_status(desk: Desk) -> None:
    with (desk.folder / "day.jsonl").open("a", encoding="utf-8") as file:
        file.write("this is no line\n")
    assert "day.jsonl:4: " in desk("run", "--once").out
    desk("run", "--once")
    (line,) = [json.loads(line) for line in desk("log", "--what", "noted", "--json").out.splitlines()]
    assert line["place"] == "day"
    assert "day.jsonl:4: " in line["why"]
    said = desk("status").out
    assert "noted " in said
    assert line["why"] in said


def test_what_is_switched_off_after_a_failure_fails_no_more(desk: Desk) -> None:
    (desk.folder / "day.jsonl").unlink()
    desk("run", "--once", code=3)
    assert "day.jsonl: no recording to read" in desk("status").out
    config = desk.folder / "config.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("speed = 0", "speed = 0\nenabled = false"), "utf-8")
    assert "no recording to read" not in desk("run", "--once").err
    assert "no recording to read" not in desk("status").out


def test_a_dry_run_tells_what_it_would_do_and_does_nothing(desk: Desk) -> None:
    said = desk("run", "--dry-run")
    assert "would send update" in said.out
    assert "hooray for all of you" in said.out
    assert "nothing was sent" in said.err
    assert sorted(path.name for path in desk.folder.iterdir()) == ["config.toml", "day.jsonl", "rules"]
    desk("run", "--once")
    assert "would send" not in desk("run", "--dry-run").out, "it starts from what is told already"
    assert desk("run", "--dry-run", "--record", "x", code=2).err


def test_a_recorded_run_can_be_rehearsed(desk: Desk) -> None:
    desk("run", "--once", "--record", "again.jsonl")
    path = desk.folder / "config.toml"
    text = path.read_text(encoding="utf-8").replace("day.jsonl", "again.jsonl").replace("var/milepost.db", "var/two.db")
    path.write_text(f'{text}\n[store]\nurl = "sqlite:///var/two.db"\n', encoding="utf-8")
    desk("run", "--once")
    assert "hooray for all of you" in desk("log", "--what", "told").out


def test_the_service_manager_is_told(desk: Desk, tmp_path: Path) -> None:
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(address))
        manager.settimeout(30)
        desk.environ["NOTIFY_SOCKET"] = str(address)
        process = desk.start("run")
        assert manager.recv(100) == b"READY=1"
        end(process)
        assert manager.recv(100) == b"STOPPING=1"


def test_a_pipe_that_is_closed_ends_it_quietly(ran: Desk) -> None:
    more = day(*((f"fan{number}", f"words number {number} of many") for number in range(1, 60)))
    (ran.folder / "day.jsonl").write_text(
        (ran.folder / "day.jsonl").read_text(encoding="utf-8") + more, encoding="utf-8"
    )
    process = ran.start("log", "-n", "100000", "--json", "-f")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    ran("run", "--once")
    assert process.wait(timeout=20) == 141
    assert process.stderr.read() == ""


def test_colours_are_for_terminals_and_not_with_no_color(ran: Desk) -> None:
    def on_a_terminal(**environ: str) -> str:
        near, far = pty.openpty()
        command = [sys.executable, "-m", "bot", "log"]
        plain = {name: value for name, value in ran.environ.items() if name not in ("NO_COLOR", "COLORTERM")}
        with subprocess.Popen(
            command,
            cwd=ran.folder,
            env={**plain, "TERM": "xterm-256color", **environ},
            stdout=far,
            stderr=far,
            stdin=far,
        ) as process:
            os.close(far)
            found = b""
            try:
                while chunk := os.read(near, 65536):
                    found += chunk
            except OSError:  # how a terminal says that nobody writes any more
                pass
            assert process.wait(timeout=20) == 0
        os.close(near)
        return found.decode()

    assert "\x1b[" in on_a_terminal()
    assert "\x1b[" not in on_a_terminal(NO_COLOR="1")
    assert "\x1b[" not in ran.command("log", FORCE_COLOR="1").out
