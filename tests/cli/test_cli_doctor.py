"""doctor: everything is looked at before the event, over real servers."""

import json
import shutil
from typing import Any

from pytest_httpserver import HTTPServer

from tests.cli.small_race import Desk, free_port
from tests.servers.mastodon_server import mastodon_server

MASTODON = '[[account]]\nname = "toot"\nkind = "mastodon"\nserver = "{}"\npace_s = 0\n'


def add(desk: Desk, block: str) -> None:
    path = desk.folder / "config.toml"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{block}", encoding="utf-8")


def findings(said: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in json.loads(said)["findings"]:
        found.setdefault(one["about"], []).append(one)
    return found


def test_before_the_first_run_it_says_what_is_there_and_ends_with_0(desk: Desk) -> None:
    said = desk("doctor", "--as", "ana").out
    assert "rules on disk are good" in said
    assert "was never read" in said
    assert "is configured; nothing can be asked of this kind" in said
    assert "GB free in" in said
    assert "mode 0600" in said


def test_milestones_to_come_are_told_in_local_time(desk: Desk) -> None:
    (desk.folder / "rules" / "milestones.toml").write_text(
        '[[milestone]]\nid = "four"\nclock = "mass"\nafter = "4h"\ntext = "Four hours"\n', encoding="utf-8"
    )
    path = desk.folder / "config.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("2016-04-24T10", "2099-04-24T10"), encoding="utf-8")
    desk("run", "--once")
    assert "2099-04-24 14:00 BST four" in desk("doctor").out


def test_where_nothing_is_to_come_it_says_so(ran: Desk) -> None:
    assert "none is to come" in ran("doctor").out


def test_a_store_that_others_can_read_is_bad(ran: Desk) -> None:
    (store,) = (ran.folder / "var").glob("*.db")
    store.chmod(0o644)
    said = ran("doctor", code=1)
    assert f"chmod 600 {store}" in said.out
    assert "1 thing fails" in said.err


def test_rules_with_mistakes_are_bad(desk: Desk) -> None:
    (desk.folder / "rules" / "10-small.toml").write_text("[[rule]]\nid = 3\n", encoding="utf-8")
    said = desk("doctor", "--json", code=1)
    found = json.loads(said.out)
    assert found["ok"] is False
    assert any(one["about"] == "rules" and one["outcome"] == "bad" for one in found["findings"])


def test_an_account_that_nobody_signed_in_to_ends_with_77(desk: Desk) -> None:
    with mastodon_server() as server:
        add(desk, MASTODON.format(server.url))
        said = desk("doctor", code=77)
        assert "milepost accounts login toot" in said.out


def test_a_server_that_is_away_ends_with_75(desk: Desk) -> None:
    add(desk, MASTODON.format(f"http://127.0.0.1:{free_port()}"))
    assert "cannot connect" in desk("doctor", code=75, MILEPOST_TOOT_TOKEN="a_token").out


def test_it_says_who_we_are_and_what_the_server_is_like_and_a_test_is_posted_and_taken_down(desk: Desk) -> None:
    with mastodon_server() as server:
        person = server.person("desk")
        add(desk, MASTODON.format(server.url))
        said = desk("doctor", "--post-test", "--json", MILEPOST_TOOT_TOKEN=person.token)
        mine = [one["said"] for one in findings(said.out)["account toot"]]
        assert f"signed in as desk@{server.host}" in mine
        assert any(text.startswith("server: ") for text in mine)
        assert any("clock is" in text for text in mine)
        assert "a test was posted and taken down" in mine
        assert person.statuses() == []
        assert "a test was posted and taken down" in desk("log", "--what", "tested", "--account", "toot").out
        assert person.token not in said.out + said.err
    assert "retract" in (desk.folder / "paper.jsonl").read_text(encoding="utf-8"), "the file account, too"


def test_no_test_is_posted_at_an_account_that_is_paused(ran: Desk) -> None:
    before = (ran.folder / "paper.jsonl").read_bytes()
    ran("pause", "paper")
    assert "no test is posted: it is paused" in ran("doctor", "--post-test").out
    assert (ran.folder / "paper.jsonl").read_bytes() == before


def test_a_disk_without_room_is_bad(ran: Desk, monkeypatch: Any) -> None:
    usage = shutil.disk_usage(ran.folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=100_000_000))
    assert "make room before the event" in ran("doctor", code=1).out


def test_what_cannot_be_labelled_from_here_says_where(ran: Desk, httpserver: HTTPServer) -> None:
    del httpserver
    assert "settings of its platform" in ran("accounts", "mark", "paper", code=1).err
