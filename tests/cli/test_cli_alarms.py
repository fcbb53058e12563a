"""alarms as a person uses them, up to a real server that is told."""

import json
import signal

import pytest
from pytest_httpserver import HTTPServer

from tests.cli.small_race import Desk

HOOK = '\n[[alarm]]\nname = "ops"\nkind = "webhook"\n\n[[alarm]]\nname = "chat"\nkind = "slack"\n'


@pytest.fixture
def watched(desk: Desk, httpserver: HTTPServer) -> Desk:
    """The small race with two ways of telling: the second one is not there."""
    config = desk.folder / "config.toml"
    config.write_text(config.read_text() + HOOK)
    httpserver.expect_request("/ops/hush-hush").respond_with_data("ok")
    httpserver.expect_request("/chat/hush-hush").respond_with_data("gone", status=404)
    desk.environ["MILEPOST_OPS_URL"] = httpserver.url_for("/ops/hush-hush")
    desk.environ["MILEPOST_CHAT_URL"] = httpserver.url_for("/chat/hush-hush")
    return desk


def test_a_trial_is_sent_before_the_first_run_and_each_way_is_said(watched: Desk, httpserver: HTTPServer) -> None:
    said = watched.command("alarms", "test", code=3)
    assert said.out == "ops: a trial was sent; look whether it came\n"
    assert "alarm chat: refuses it (404): check its address or make a new one" in said.err
    assert "hush-hush" not in said.out + said.err
    assert json.loads(httpserver.log[0][0].get_data())["type"] == "trial"
    assert "there are ops, chat" in watched("alarms", "test", "siren", code=1).err
    assert "hush-hush" not in watched("config", "show").out


def test_without_an_alarm_it_says_how_to_have_one(ran: Desk) -> None:
    assert "give config.toml an [[alarm]]" in ran("alarms").err
    assert "there is no enabled [[alarm]]" in ran("alarms", "test", code=1).err


def test_an_address_that_is_missing_is_told_by_the_check(desk: Desk) -> None:
    config = desk.folder / "config.toml"
    config.write_text(config.read_text() + HOOK)
    assert "alarm ops: there is no url: give it in MILEPOST_OPS_URL, " in desk("config", "check").err
    said = desk("alarms", "test", "ops", code=1).err
    assert "alarm ops: its address is not given" in said


def test_a_running_daemon_tells_what_goes_on_and_it_is_listed_and_hushed(watched: Desk, httpserver: HTTPServer) -> None:
    config = watched.folder / "config.toml"
    config.write_text(config.read_text() + '\n[alarms]\nold_hold = "1s"\n')
    process = watched.start("run", "--no-web")
    assert process.stdout is not None
    lines = (json.loads(line) for line in process.stdout)
    assert any(line["event"] == "alarmed" for line in lines)
    told = [json.loads(request.get_data()) for request, _ in httpserver.log if request.path.startswith("/ops")]
    assert told[0]["alarms"][0]["mend"] == "milepost queue"
    listed = watched("alarms").out
    assert listed.startswith("queue: old  since ")
    assert "  mend it  milepost queue\n" in listed
    assert "  told by ops\n" in listed
    assert "  not told by chat: alarm chat: refuses it (404)" in listed
    assert watched("alarms", "hush", "queue: old", "--as", "ana").out.startswith("queue: old: not told any more")
    assert json.loads(watched("alarms", "list", "--json").out)[0]["hushed_by"] == "ana"
    assert "what does: 'queue: old'" in watched("alarms", "hush", "nothing", code=1).err
    assert "alarm chat cannot tell anybody" in watched("status").out
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0
