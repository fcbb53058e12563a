"""A day on a real AT network, through the real command: collected, curated, published, settled after a kill, taken back."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.config.starter import starter_folder
from tests.conftest import ROOT
from tests.servers.at_network import PASSWORD, Account, Network, at_network
from tests.servers.lossy_proxy import LossyProxy

CONFIG = """
[event]
name = "London Marathon"
zone = "Europe/London"

[page]
port = 0

[collect]
every = "2s"

[[strand]]
id = "getinspired"
name = "#GetInspired"
accounts = ["bot"]

[[strand]]
id = "official"
name = "Official"
tone = "news"
accounts = ["bot"]

[[strand]]
id = "costume"
name = "Fancy dress"

[[strand]]
id = "faces"
name = "Famous faces"

[[official]]
name = "The organiser"
role = "Race office"
ids = ["bluesky:{organiser}"]

[[source]]
name = "hashtag"
kind = "bluesky"
strand = "getinspired"
tags = ["GetInspired"]
official = ["{organiser}"]
jetstream = "{jetstream}"
appview = "{appview}"

[[account]]
name = "bot"
kind = "bluesky"
identifier = "{bot}"
service = "{service}"
pace_s = 0.0
"""


class Desk:
    """A coverage in a folder, run by the real command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(ROOT),
            "MILEPOST_BOT_PASSWORD": PASSWORD,
            "HOME": str(folder),
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.output = (folder / "daemon.log").open("ab")

    def say(self, *words: str) -> str:
        """One command; its data."""
        command = [sys.executable, "-m", "bot", "-c", str(self.folder / "config.toml"), *words]
        run = subprocess.run(
            command, env=self.environment, cwd=self.folder, capture_output=True, text=True, check=False, timeout=60
        )
        assert run.returncode == 0, f"{words}: {run.stderr}"
        return run.stdout

    def start(self) -> None:
        command = [sys.executable, "-m", "bot", "-c", str(self.folder / "config.toml"), "run"]
        self.process = subprocess.Popen(
            command, env=self.environment, cwd=self.folder, stdout=self.output, stderr=self.output
        )
        until(self.page, "the page")

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)

    def ended(self) -> int:
        assert self.process is not None
        return self.process.wait(20)

    def page(self, name: str = "index.html") -> str:
        path = self.folder / "var" / "page" / name
        return path.read_text() if path.exists() else ""

    def journal(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.say("log", "--json", "--limit", "1000").splitlines()]

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.output.close()


def until(ready: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.1)


@contextmanager
def a_desk_on(network: Network, proxy: LossyProxy, folder: Path, organiser: Account, bot: Account) -> Iterator[Desk]:
    (folder / "rules" / "lists").mkdir(parents=True)
    for path in (starter_folder() / "rules").rglob("*"):
        if path.is_file() and path.name != "milestones.toml":
            (folder / "rules" / path.relative_to(starter_folder() / "rules")).write_bytes(path.read_bytes())
    config = CONFIG.format(
        organiser=organiser.did, bot=bot.handle, jetstream=network.jetstream, appview=network.appview, service=proxy.url
    )
    (folder / "config.toml").write_text(config)
    desk = Desk(folder)
    try:
        yield desk
    finally:
        desk.close()


def texts(network: Network, account: Account) -> list[str]:
    return [str(record["value"]["text"]) for record in network.records(account.did)]


@pytest.mark.timeout(300)
def test_a_day_on_a_real_at_network(tmp_path: Path) -> None:
    with at_network() as network, LossyProxy(network.pds) as proxy:
        bot, organiser, fan = (network.account(f"{name}.test") for name in ("deskbot", "race-office", "alexfan"))
        organiser.call_itself("London race office")
        fan.call_itself("Alex")
        organiser.post("Posted before anybody looked")
        with a_desk_on(network, proxy, tmp_path, organiser, bot) as desk:
            desk.start()
            until(lambda: "hashtag" in desk.say("log", "--what", "met"), "first contact")

            # people and officials post; the tag stands in mixed case
            first = organiser.post("The start has gone off on time")
            fan.post("Go on Alice! #getINSPIRED", tags=["getINSPIRED"])
            fan.post("No tag here, nobody asked")
            until(lambda: "The start has gone off on time" in desk.page(), "the page to show the official post")
            until(lambda: len(texts(network, bot)) == 1, "the account to carry it")
            assert "The organiser" in desk.page()
            assert "before anybody looked" not in desk.page()

            # a person decides on the rest
            until(lambda: "Go on Alice" in desk.say("queue", "list"), "the queue")
            assert "No tag here" not in desk.say("queue", "list")
            (waiting,) = json.loads(desk.say("queue", "list", "--json"))
            desk.say("queue", "approve", str(waiting["id"]), "--as", "ana")
            until(lambda: len(texts(network, bot)) == 2, "the approved post at the account")
            until(lambda: "Go on Alice" in desk.page(), "the approved post on the page")
            assert "@alexfan.test" in desk.page()

            # killed between sending and recording: the server has it, nobody knows
            proxy.when_lost = desk.kill
            proxy.lose(1, b"putRecord")
            organiser.post("Mile thirteen is open again")
            assert desk.ended() == -signal.SIGKILL
            assert proxy.lost == 1
            assert sum("Mile thirteen" in text for text in texts(network, bot)) == 1
            proxy.when_lost = lambda: None
            desk.start()
            until(
                lambda: any(line["what"] == "sent" and "found" in str(line["why"]) for line in desk.journal()),
                "the send to be settled by looking",
            )
            assert sum("Mile thirteen" in text for text in texts(network, bot)) == 1

            # its author takes a post down: it goes everywhere
            organiser.delete(first)
            until(lambda: "The start has gone off on time" not in desk.page(), "the deleted post to leave the page")
            until(
                lambda: not any("The start has gone off" in text for text in texts(network, bot)),
                "its re-post to be retracted",
            )

            # an account is taken down: what it said goes, too
            network.take_down(fan.did)
            until(lambda: "Go on Alice" not in desk.page(), "the taken-down author's post to leave the page")
            until(lambda: len(texts(network, bot)) == 1, "its re-post to be retracted")

            began = time.monotonic()
            assert desk.process is not None
            desk.process.terminate()
            assert desk.ended() == 0
            assert time.monotonic() - began < 5
            told = [line for line in desk.journal() if line["what"] == "told"]
            assert len(told) == 3
