import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.small_race import Desk, free_port


def held(desk: Desk) -> str:
    """Number of the post that waits."""
    (item,) = json.loads(desk("queue", "--json").out)
    return str(item["id"])


def paper(desk: Desk) -> list[dict[str, object]]:
    path = desk.folder / "paper.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def test_one_run_publishes_holds_and_drops_and_the_log_says_why(ran: Desk) -> None:
    said = ran("log").out
    assert "published" in said
    assert '"hooray for all of you" @ann.example (Bluesky)' in said
    assert "by rule kind-words (rules/10-small.toml:2), rule set " in said
    assert "dropped" in said
    assert "my knee hurts at mile 9" in ran("queue").out
    assert len(paper(ran)) == 1


@pytest.mark.parametrize(
    ("asked", "texts"),
    [
        (["--author", "@bob.example"], {"my knee hurts at mile 9"}),
        (["--verdict", "drop"], {"buy this coin"}),
        (["--what", "published"], {"hooray for all of you"}),
        (["--what", "held"], {"my knee hurts at mile 9"}),
        (["--what", "dropped", "--verdict", "drop"], {"buy this coin"}),
        (["--what", "waits"], set()),
        (["--rule", "kind-words"], {"hooray for all of you"}),
        (["--account", "paper"], {"hooray for all of you"}),
        (["--post", "bluesky:at://did:plc:cat/app.bsky.feed.post/3"], {"buy this coin"}),
        (["--by", "nobody"], set()),
        (["--since", "2h", "--what", "sent"], {"hooray for all of you"}),
        (["--until", "2h"], set()),
        (["--since", "2001-01-01", "--until", "2001-01-02T10:00"], set()),
    ],
)
def test_the_log_filters(ran: Desk, asked: list[str], texts: set[str]) -> None:
    lines = [json.loads(line) for line in ran("log", "--json", *asked).out.splitlines()]
    assert {line["text"] for line in lines if line["text"]} == texts


def test_an_entry_of_a_feed_says_its_title_once_and_its_author_has_no_handle(desk: Desk) -> None:
    entry = (
        '{"platform":"feeds","native_id":"https://a.example#1","source":"day","author":{"id":"https://a.example","name":"Organiser"},'
        '"created_at":"2016-04-24T09:00:00Z","seen_at":"2016-04-24T09:00:00Z","title":"Water stations","text":"Water stations open at mile 3."}'
    )
    line = f'{{"at":"2016-04-24T09:00:00Z","source":"day","batch":{{"posts":[{entry}]}}}}\n'
    (desk.folder / "day.jsonl").write_text(line, encoding="utf-8")
    desk("run", "--once")
    said = desk("explain", "1").out
    assert "  Water stations open at mile 3.\n" in said.partition("\nWhy")[0]
    assert said.partition("\nWhy")[0].count("Water stations") == 1
    queue = desk("queue").out
    assert (queue.count("Water stations"), "    Water stations open at mile 3.\n" in queue) == (1, True)
    assert '"Water stations open at mile 3." Organiser (Feeds)' in desk("log").out.replace("(feeds)", "(Feeds)")


def test_what_does_not_exist_is_said(ran: Desk) -> None:
    assert "'99999' is unknown" in ran("explain", "99999", code=1).err
    assert "'99999' is unknown" in ran("log", "--post", "99999", code=1).err
    assert "story 99999 is unknown" in ran("log", "--story", "99999", code=1).err
    assert "hooray" in ran("log", "--story", "1").out
    assert "no author is called 'zoe'" in ran("log", "--author", "zoe", code=1).err


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        (["log", "--since", "teatime"], "--since: 'teatime' is not a time: write 2h, "),
        (["log", "--source", "dya"], "--source: no source is called 'dya': did you mean 'day'?"),
        (["log", "--account", "fax"], "--account: no account is called 'fax': there are paper, page"),
        (["log", "--rule", "Coins"], "--rule: no rule is called 'Coins': did you mean 'coins'?"),
        (["log", "--what", "publishd"], "--what: no kind of line is called 'publishd': did you mean 'published'?"),
        (["log", "--what", "xyz"], "judged, published, waits, held, dropped, told, "),
        (["log", "--what", "xyz"], "quiet off, signed in, retry"),
        (
            ["log", "--what", "held", "--verdict", "drop"],
            "--what: 'held' is the verdict hold: leave --verdict drop out",
        ),
        (["pause", "fax"], "ACCOUNT: no account is called 'fax': there are page, paper"),
        (["resume", "papr"], "ACCOUNT: no account is called 'papr': did you mean 'paper'?"),
        (["accounts", "login", "fax"], "NAME: no enabled account is called 'fax': there are paper"),
        (["accounts", "retry", "da"], "NAME: no account or source is called 'da': did you mean 'day'?"),
        (["rules", "test", "coin"], "RULE: no rule is called 'coin': did you mean 'coins'?"),
        (["queue", "approve", "1", "--as", "Milepost"], "--as: 'Milepost' is what the log calls its own doings"),
    ],
)
def test_a_name_or_a_time_that_is_none_ends_with_2_and_says_what_there_is(
    ran: Desk, typed: list[str], reason: str
) -> None:
    before = ran("log", "--json").out
    said = ran(*typed, code=2)
    assert not said.out
    assert "Invalid value for " in said.err
    assert reason in said.err
    assert ran("log", "--json").out == before, "nothing was done"


@pytest.mark.parametrize("name", ["99999999999999999999999", "²", "", "https://nowhere.example/1", "x:", "-1 or 1=1"])
def test_a_name_that_is_none_is_said(ran: Desk, name: str) -> None:
    for verb in (["explain"], ["withdraw"], ["queue", "approve"], ["post", "send"]):
        assert f"{name!r} is unknown" in ran(*verb, "--", name, code=1).err


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (["explain", "99999"], 1),
        (["withdraw", "99999"], 1),
        (["withdraw", "99999", "99998"], 1),
        (["queue", "approve", "99999"], 1),
        (["post", "send", "99999"], 1),
        (["post", "Later", "--at", "2001-01-01"], 1),
        (["log", "--post", "99999"], 1),
        (["pause", "fax"], 2),
        (["queue", "--limit", "many"], 2),
        (["\udcff"], 2),
    ],
)
def test_every_error_begins_alike(ran: Desk, typed: list[str], code: int) -> None:
    said = ran(*typed, code=code).err
    assert "error: " in (said if code == 2 else said[:7])
    assert "Error" not in said


def test_a_name_that_is_none_is_said_in_short(ran: Desk) -> None:
    said = ran("-c", str(ran.folder / "config.toml"), "explain", "99999", code=1).err
    assert said.count(str(ran.folder)) == 1, "a hint to paste names the configuration, once"
    assert len(said.replace(str(ran.folder), "")) < 150


def test_an_argument_that_is_no_text_is_refused(ran: Desk) -> None:
    assert "not UTF-8" in ran("post", "\udcff", code=2).err


def test_explain_shows_the_whole_life(ran: Desk) -> None:
    number = held(ran)
    said = ran("explain", number).out
    assert "my knee hurts at mile 9" in said
    assert "Verdict  hold" in said
    assert "no rule decided: default hold" in said
    life = json.loads(ran("explain", number, "--json").out)
    assert life["verdict"] == "hold"
    assert life["journal"]
    assert "no rule decided" in ran("rules", "explain", number).out


def test_approve_and_reject_carry_a_name_and_a_reason(ran: Desk) -> None:
    number = held(ran)
    assert f"{number}  approved by ana" in ran("queue", "approve", number, "--as", "ana", "-r", "good one").out
    (line,) = [json.loads(line) for line in ran("log", "--json", "--by", "ana", "--what", "judged").out.splitlines()]
    assert (line["verdict"], line["why"]) == ("publish", "good one")
    assert "is published by ana" in ran("queue", "reject", number, "--as", "tom", code=1).err
    assert ran("queue").out == ""
    ran("run", "--once")
    assert len(paper(ran)) == 2


def test_without_as_the_login_name_acts(ran: Desk) -> None:
    assert "rejected by wim" in ran("queue", "reject", held(ran)).out


def test_some_done_and_some_not_ends_with_3(ran: Desk) -> None:
    said = ran("queue", "approve", held(ran), "777", code=3)
    assert "approved" in said.out
    assert "'777' is unknown" in said.err


def test_post_writes_and_previews(ran: Desk) -> None:
    said = ran("post", "Good morning", "--strand", "results", "--byline", "Ana / At the desk", "--as", "ana")
    assert "told, strand results" in said.out
    assert "| Results: Good morning" in said.out
    assert "next `milepost run`" in said.err
    ran("run", "--once")
    assert "Good morning" in str(paper(ran)[-1]["text"])
    assert "Good morning" in (ran.folder / "var/page/index.html").read_text(encoding="utf-8")


def test_post_drafts_edits_schedules_and_sends(ran: Desk) -> None:
    draft = json.loads(ran("post", "--draft", "First words", "--json").out)["update"]["slug"]
    assert "First words" in ran("post", "list").out
    assert (
        "Better words"
        in ran("post", "edit", draft, "--text", "Better words", "--strand", "results").out + ran("post", "list").out
    )
    assert "scheduled" in ran("post", "edit", draft, "--at", "in 2h").out
    (waiting,) = json.loads(ran("post", "list", "--json").out)
    assert waiting["state"] == "scheduled"
    assert "told" in ran("post", "send", draft).out
    assert "told already" in ran("post", "send", draft, code=1).err
    assert "told already" in ran("post", "edit", draft, "--at", "in 2h", code=1).err
    assert "nothing is to be changed: say what with --text" in ran("post", "edit", draft, code=2).err


def test_a_draft_with_a_time_says_that_it_does_not_go_out_then(ran: Desk) -> None:
    written = ran("post", "Perhaps", "--draft", "--at", "10m")
    slug = written.out.split()[0]
    assert "It is kept with its time, " in written.err
    assert f"does not go out by itself: `milepost post send {slug}` tells it." in written.err
    assert "A draft does not go out by itself: `milepost post send " in ran("post", "Maybe", "--draft").err
    assert "also one that has a time" in ran("post", "list").err
    assert "by itself" not in ran("post", "edit", slug, "--at", "in 2h").err, "it is scheduled now"
    assert "by itself" not in ran("post", "Certainly", "--at", "in 2h").err


def test_help_says_which_day_a_time_of_day_is_of(ran: Desk) -> None:
    assert "yesterday's before 14:00" in " ".join(ran("log", "--help").out.split())
    assert "today's; refused when it is past" in " ".join(ran("post", "write", "--help").out.split())


def test_post_edit_says_what_accounts_carry_and_where_it_is_taken_down(ran: Desk) -> None:
    slug = json.loads(ran("post", "First words", "--strand", "results", "--json").out)["update"]["slug"]
    ran("run", "--once")
    said = ran("post", "edit", slug, "--text", "Corrected words")
    assert "being corrected at paper" in said.err
    assert "of 300" not in said.out
    assert "To the page alone" not in said.err
    said = ran("post", "edit", slug, "--no-accounts")
    assert "taken down at paper" in said.err
    assert "To the page alone." in said.err


def test_post_from_standard_input_and_dry(ran: Desk) -> None:
    said = ran("post", "-", "--dry-run", "--strand", "fun", typed="Piped words\n")
    assert "would be told" in said.out
    assert "| #Fun: Piped words" in said.out
    assert "Piped" not in ran("log").out


def test_post_with_a_picture_needs_its_alt_text(ran: Desk, tmp_path: Path) -> None:
    path = tmp_path / "dot.png"
    Image.new("RGB", (40, 30), "red").save(path)
    assert "needs its --alt" in ran("post", "Look", "--picture", str(path), code=2).err
    assert (
        "[image] a red dot"
        in ran("post", "Look", "--picture", str(path), "--alt", "a red dot", "--account", "paper").out
    )
    assert "no such file" in ran("post", "Look", "--picture", "gone.png", "--alt", "x", code=1).err


@pytest.mark.parametrize(
    ("typed", "code", "reason"),
    [
        (["  "], 1, "says nothing"),
        (["x", "--at", "2001-01-01"], 1, "is past"),
        (["x", "--strand", "nope"], 2, "no strand is called 'nope': there are fun, results"),
        (["x", "--account", "fax"], 2, "no account is called 'fax': there are paper"),
        (["x", "--at", "soonish"], 2, "is not a time"),
        (["x", "--byline", " / Role"], 2, "names nobody"),
    ],
)
def test_what_cannot_be_told_is_refused_and_nothing_is_stored(
    ran: Desk, typed: list[str], code: int, reason: str
) -> None:
    before = ran("log", "--json").out
    assert reason in ran("post", *typed, code=code).err
    assert not ran("post", "list").out
    assert ran("log", "--json").out == before


def test_pause_lists_what_it_stops_and_resume_lets_it_go(ran: Desk) -> None:
    ran("queue", "approve", held(ran))
    said = ran("pause", "paper", "-r", "wrong account", "--as", "ana").out
    assert "paused: paper" in said
    assert "my knee hurts" in said
    assert "by ana" in said
    ran("run", "--once")
    assert len(paper(ran)) == 1
    assert "paused already" in ran("pause", "paper").out
    assert "paused" in ran("accounts").out
    assert "resumed: paper" in ran("resume", "paper").out
    ran("run", "--once")
    assert len(paper(ran)) == 2


def test_resume_says_what_is_still_stopped(ran: Desk) -> None:
    ran("queue", "approve", held(ran))
    ran("pause", "paper")
    ran("pause")
    said = ran("resume").out
    assert "goes on" not in said
    assert "still stopped  account paper, by wim" in said
    said = ran("resume", "paper").out
    assert "goes on: 1 delivery" in said
    assert "still stopped" not in said


def test_quiet_goes_on_and_off_and_survives(ran: Desk) -> None:
    assert "quiet mode is off" in ran("quiet").out
    ran("post", "Later", "--at", "in 3h")
    assert "Later" in ran("quiet", "on", "--as", "ana", "-r", "an accident").out
    assert "quiet mode is light" not in ran("quiet", "on").out
    assert "stays in the queue" in ran("queue", "approve", held(ran), code=1).err
    (brake,) = json.loads(ran("quiet", "status", "--json").out)
    assert (brake["scope"], brake["by"], brake["why"]) == ("quiet", "ana", "an accident")
    assert "an accident" in ran("status").out
    assert "quiet mode is off" in ran("quiet", "off").out


def test_a_post_and_its_update_are_withdrawn_once(ran: Desk) -> None:
    (line,) = [json.loads(line) for line in ran("log", "--what", "told", "--json").out.splitlines()]
    said = ran("withdraw", str(line["post_id"]), line["update"]).out
    assert said.count("  withdrawn: ") == 1
    assert "already" not in said
    assert len(ran("log", "--what", "withdrawn").out.splitlines()) == 1


@pytest.mark.parametrize("form", ["words", "json"])
def test_where_the_store_fails_the_receipts_of_what_was_withdrawn_before_are_printed(ran: Desk, form: str) -> None:
    first, second, third = (json.loads(ran("post", f"Word {n}", "--json").out)["update"]["slug"] for n in range(3))
    with closing(sqlite3.connect(ran.folder / "var" / "milepost.db")) as store:
        store.execute(
            f"CREATE TRIGGER full BEFORE UPDATE ON updates WHEN OLD.slug = '{second}' "
            "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
        store.commit()
    options = ["--json"] if form == "json" else []
    said = ran("withdraw", first, second, third, *options, code=1)
    assert "the disk is full: make room" in said.err
    if form == "json":
        assert [one["update"]["slug"] for one in json.loads(said.out)] == [first]
    else:
        assert said.out.startswith(f'{first}  withdrawn: "Word 0"')
        assert third not in said.out


def test_withdraw_gives_a_receipt_for_each_account(ran: Desk) -> None:
    post = "bluesky:at://did:plc:ann/app.bsky.feed.post/1"
    said = ran("withdraw", post, "--wait", "0.3", "--note", "She asked us to", code=3)
    assert "paper" in said.out
    assert "retracting" in said.out
    ran("run", "--once")
    found = json.loads(ran("withdraw", post, "--json").out)
    assert found["already"]
    assert [one["state"] for one in found["deliveries"]] == ["retracted"]
    assert "retract" in paper(ran)[-1]
    assert "never told" in ran("withdraw", held(ran), code=1).err


def test_status_and_accounts_for_people_and_scripts(ran: Desk) -> None:
    said = ran("status").out
    assert "A small race, not running" in said
    assert "start it with `milepost run`" in said
    found = json.loads(ran("status", "--json").out)
    assert [source["state"] for source in found["sources"]] == ["ok"]
    assert [account["name"] for account in json.loads(ran("accounts", "--json").out)] == ["paper"]
    assert "tried again at once" in ran("accounts", "retry", "paper").out
    assert "needs no password" in ran("accounts", "login", "paper", code=1).err


def test_a_hostile_post_cannot_steer_the_terminal(desk: Desk) -> None:
    recording = desk.folder / "day.jsonl"
    text = recording.read_text(encoding="utf-8").replace("my knee", r"\u001b[2J\u001b]0;owned\u0007\u202emy knee")
    recording.write_text(text, encoding="utf-8")
    desk("run", "--once")
    for verb in (["log"], ["queue"], ["explain", held(desk)]):
        said = desk(*verb).out
        assert "my knee" in said
        assert not {"\x1b", "\x07", "\u202e"} & set(said)


@pytest.mark.parametrize("verb", [["status"], ["queue"], ["run", "--once"], ["migrate"], ["post", "Hello"]])
def test_a_database_that_does_not_answer_ends_with_75_and_is_said_once(desk: Desk, verb: list[str]) -> None:
    url = f"postgresql://ana@127.0.0.1:{free_port()}/race"
    said = desk(*verb, code=75, MILEPOST_STORE__URL=url)
    assert (said.out + said.err).count("PostgreSQL does not answer: check that it runs") == 1
    assert said.err.startswith("error: ")
    assert "leases" not in said.out + said.err
