"""A day on two real servers of Mastodon's API, through the real command: collected, published, settled after a kill, taken back."""

import signal
from pathlib import Path

import pytest

from tests.flows.test_at_day import Desk, until
from tests.servers.lossy_proxy import LossyProxy
from tests.servers.mastodon_server import Person, mastodon_server

CONFIG = """
[event]
name = "London Marathon"
zone = "Europe/London"

[page]
port = 0

[collect]
every = "1s"

[publish]
sweep_every = "2s"

[consent]
disregard = ["not-indexable", "not-discoverable"]  # nobody on these servers has switched them on

[[strand]]
id = "getinspired"
name = "#GetInspired"
accounts = ["bot"]

[[source]]
name = "fediverse"
kind = "mastodon"
strand = "getinspired"
servers = ["{first}", "{second}"]
tags = ["GetInspired"]

[[account]]
name = "bot"
kind = "mastodon"
server = "{home}"
pace_s = 0.0
settle_s = 1.0
"""
RULES = """
[[rule]]
id = "kind-words"
about = "Kind words go out."
action = "publish"
when = ['has(text, "hooray")']
catches = ["hooray for all"]
spares = ["well done"]
"""


def texts(person: Person) -> list[str]:
    return [str(status["content"]) for status in person.statuses()]


@pytest.mark.timeout(180)
def test_a_day_on_two_servers(tmp_path: Path) -> None:
    with mastodon_server() as first, mastodon_server() as second, LossyProxy(second.url) as proxy:
        ada, bob, bot = first.person("ada"), second.person("bob"), second.person("desk")
        ada.post("Hooray, said before anybody looked #GetInspired")
        (tmp_path / "rules").mkdir()
        (tmp_path / "rules" / "10-rules.toml").write_text(RULES)
        (tmp_path / "config.toml").write_text(CONFIG.format(first=first.url, second=second.url, home=proxy.url))
        desk = Desk(tmp_path)
        desk.environment["MILEPOST_BOT_TOKEN"] = bot.token
        try:
            desk.start()
            until(lambda: "fediverse" in desk.say("log", "--what", "met"), "first contact")

            # both servers are heard, each post is told once, the account's own words are not told again
            said = ada.post("Hooray for Alice! #getINSPIRED")
            bob.post("Hooray for the rhino #GetInspired")
            until(lambda: "for Alice" in desk.page() and "the rhino" in desk.page(), "both posts on the page")
            until(lambda: len(texts(bot)) == 2, "both at the account")
            assert "before anybody looked" not in desk.page()
            assert {status["visibility"] for status in bot.statuses()} == {"unlisted"}

            # killed between sending and recording: the server has it, nobody knows
            proxy.when_lost = desk.kill
            proxy.lose(1, b"POST /api/v1/statuses ")
            bob.post("Hooray, mile thirteen is open again #GetInspired")
            assert desk.ended() == -signal.SIGKILL
            assert proxy.lost == 1
            assert sum("mile thirteen" in text for text in texts(bot)) == 1
            proxy.when_lost = lambda: None
            desk.start()
            until(
                lambda: any(line["what"] == "sent" and "found" in str(line["why"]) for line in desk.journal()),
                "the send to be settled by looking",
            )
            assert sum("mile thirteen" in text for text in texts(bot)) == 1

            # its author takes a post down: it goes everywhere
            ada.delete(said["id"])
            until(lambda: "for Alice" not in desk.page(), "the deleted post to leave the page")
            until(lambda: not any("for Alice" in text for text in texts(bot)), "its re-post to be retracted")

            assert desk.process is not None
            desk.process.terminate()
            assert desk.ended() == 0
            told = [line for line in desk.journal() if line["what"] == "told"]
            assert len(told) == 3
            assert len(texts(bot)) == 2
            logged = (tmp_path / "daemon.log").read_text() + "".join(map(str, desk.journal()))
            assert bot.token not in logged
        finally:
            desk.close()
