"""The verbs of the rules, on a small race that has run."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.cli.small_race import Desk

CAREFUL = """

[[rule]]
id = "knees"
about = "No knees."
action = "drop"
when = ['has(text, "knee")']
catches = ["my knee"]
spares = ["my elbow"]
"""


def rules_of(desk: Desk) -> Path:
    return desk.folder / "rules" / "10-small.toml"


def edit(desk: Desk, more: str) -> None:
    rules_of(desk).write_text(rules_of(desk).read_text(encoding="utf-8") + more, encoding="utf-8")


def post_of(desk: Desk, who: str) -> str:
    (line,) = [json.loads(line) for line in desk("log", "--json", "--what", "judged", "--author", who).out.splitlines()]
    return str(line["post_id"])


def test_explain_tells_every_clause_with_the_rules_of_then(ran: Desk) -> None:
    post = post_of(ran, "cat")
    said = ran("rules", "explain", post).out
    assert "DROP   because coins" in said
    assert '✓ has(text, "coin")' in said
    rules_of(ran).write_text(
        rules_of(ran)
        .read_text(encoding="utf-8")
        .replace('"coin"', '"coin tossing"')
        .replace("buy this coin", "coin tossing")
    )
    ran("run", "--once")
    assert ran("rules", "explain", post).out == said, "the rules of then"
    today = ran("rules", "explain", post, "--now").out
    assert "HOLD   because no rule decided" in today
    assert "by the rules of today" in today


def test_explain_takes_a_post_that_was_only_typed(ran: Desk) -> None:
    assert "PUBLISH   because kind-words" in ran("rules", "explain", '{"text": "Hooray!"}').out
    found = json.loads(ran("rules", "explain", '{"text": "Hooray!", "author.seen": 0}', "--json").out)
    assert found["ruling"]["verdict"] == "publish"
    assert "did you mean 'author.seen'" in ran("rules", "explain", '{"author.sen": 0}', code=1).err
    assert "no JSON" in ran("rules", "explain", '{"text": ', code=1).err


def test_explain_names_what_cannot_be_explained(ran: Desk) -> None:
    ran("post", "write", "The desk speaks")
    (slug,) = [
        json.loads(line)["update"] for line in ran("log", "--json", "--what", "told", "--by", "wim").out.splitlines()
    ]
    assert "rules judge only posts of others" in ran("rules", "explain", slug, code=1).err
    assert "unknown" in ran("rules", "explain", "999", code=1).err


def test_why_not_names_the_fewest_clauses(ran: Desk) -> None:
    post = post_of(ran, "cat")
    said = ran("rules", "why-not", post, "--want", "publish").out
    assert "DROP, not publish" in said
    assert "kind-words (publish) would match" in said
    assert "coins (drop) would not match" in said
    assert json.loads(ran("rules", "why-not", post, "--want", "drop", "--json").out)["already"]


def test_a_backtest_shows_what_an_edit_would_change_and_ends_with_1_over_a_share(ran: Desk) -> None:
    edit(ran, CAREFUL)
    said = ran("rules", "backtest").out
    assert "     1  hold → drop  by knees" in said
    assert "1 of 3 decisions change (33.3 %)" in said
    ran("rules", "backtest", "--fail-over", "50%")
    assert "more than 20 %" in ran("rules", "backtest", "--fail-over", "20%", code=1).err
    found = json.loads(ran("rules", "backtest", "--json").out)
    assert (found["total"], found["changed"], found["changes"][0]["after"]) == (3, 1, "drop")
    assert "not a duration" in ran("rules", "backtest", "--last", "soon", code=2).err
    assert "no share" in ran("rules", "backtest", "--fail-over", "much", code=2).err


def test_a_backtest_compares_with_another_folder_or_a_revision(ran: Desk) -> None:
    other = ran.folder / "other"
    other.mkdir()
    (other / "10-small.toml").write_text(rules_of(ran).read_text(encoding="utf-8") + CAREFUL, encoding="utf-8")
    assert "drop → hold  by default (was knees)" in ran("rules", "backtest", "--against", "other").out
    assert "hold → drop  by knees" in ran("rules", "backtest", "other").out
    git = ("git", "-c", "user.email=desk@example.org", "-c", "user.name=desk")
    for words in (("init", "-q"), ("add", "rules"), ("commit", "-q", "-m", "rules")):
        subprocess.run(
            (*git, *words), cwd=ran.folder, check=True, env={**ran.environ, "GIT_CONFIG_GLOBAL": "/dev/null"}
        )
    edit(ran, CAREFUL)
    assert "hold → drop  by knees" in ran("rules", "backtest", "--against", "HEAD").out
    assert "'nope' is neither a folder nor a revision" in ran("rules", "backtest", "--against", "nope", code=1).err
    assert "neither" in ran("rules", "backtest", "--against", "--output=x", code=1).err
    assert not (ran.folder / "rules" / "x").exists()


def test_a_backtest_of_broken_rules_tells_every_mistake(ran: Desk) -> None:
    edit(ran, '\n[[rule]]\nid = "broken"\naction = "dropp"\nwhen = [\'tex == ""\']\n')
    said = ran("rules", "backtest", code=78).err
    assert "10-small.toml" in said
    assert "did you mean" in said


def test_stats_count_hits_and_what_people_overturned(ran: Desk) -> None:
    found = {row["id"]: row for row in json.loads(ran("rules", "stats", "--last", "9000d", "--json").out)["rules"]}
    assert {name: (row["hits"], row["decided"]) for name, row in found.items()} == {
        "kind-words": (1, 1),
        "coins": (1, 1),
    }
    (slug,) = [json.loads(line)["update"] for line in ran("log", "--json", "--what", "told").out.splitlines()]
    ran("withdraw", slug)
    found = {row["id"]: row for row in json.loads(ran("rules", "stats", "--last", "9000d", "--json").out)["rules"]}
    assert (found["kind-words"]["overturned"], found["kind-words"]["reviewed"]) == (1, 1)
    assert "1 of 1" in ran("rules", "stats", "--last", "9000d").out
    assert "3 posts judged since" in ran("rules", "stats").out
    assert "not a duration" in ran("rules", "stats", "--last", "long", code=2).err


def test_pin_makes_a_post_an_example_and_shadow_and_live_write_the_mode(ran: Desk) -> None:
    post = post_of(ran, "bob")
    before = rules_of(ran).read_text(encoding="utf-8")
    assert "coins has the example in spares now" in ran("rules", "pin", post, "coins", "--spares").out
    assert "my knee hurts at mile 9" in rules_of(ran).read_text(encoding="utf-8")
    assert "already" in ran("rules", "pin", post, "coins", "--spares").out
    ran("rules", "test")
    assert "in spares" in ran("rules", "pin", post, "coins", "--catches", code=1).err
    rules_of(ran).write_text(before, encoding="utf-8")
    said = ran("rules", "pin", post, "coins", "--catches")
    assert "must catch this example" in said.err
    assert ran("rules", "status", code=1).out.count("10-small.toml") >= 1
    rules_of(ran).write_text(before, encoding="utf-8")
    ran("rules", "shadow", "coins")
    assert re.search(r'mode += "shadow"', rules_of(ran).read_text(encoding="utf-8"))
    ran("run", "--once")
    assert "shadow     coins" in ran("rules", "status").out
    assert "coins is live now" in ran("rules", "live", "coins").out
    assert "did you mean 'coins'" in ran("rules", "live", "coin", code=2).err
    assert "--catches or --spares" in ran("rules", "pin", post, "coins", code=2).err


def test_an_edit_of_a_file_keeps_its_mode_and_leaves_nothing_beside_it(ran: Desk) -> None:
    rules_of(ran).chmod(0o640)
    ran("rules", "shadow", "coins")
    assert rules_of(ran).stat().st_mode & 0o777 == 0o640
    assert [path.name for path in (ran.folder / "rules").iterdir()] == ["10-small.toml"]


def test_examples_are_run_and_damages_that_nobody_notices_are_told(desk: Desk) -> None:
    assert "2 rules passed" in desk("rules", "test").out
    assert "unnoticed" in desk("rules", "test", "--thorough").out
    edit(
        desk,
        '\n[[rule]]\nid = "loose"\nabout = "Loose."\naction = "hold"\nwhen = [\'has(text, "a")\', \'lang != "de"\']\ncatches = ["a"]\nspares = ["b"]\n',
    )
    said = desk("rules", "test", "loose", "--thorough", code=1).out
    assert "no example would notice if" in said
    found = json.loads(desk("rules", "test", "--thorough", "--json", code=1).out)
    assert {one["rule"] for one in found["unnoticed"]} == {"loose"}
    edit(desk, '\n[[rule]]\nid = "wrong"\naction = "hold"\nwhen = [\'has(text, "a")\']\ncatches = ["b"]\n')
    assert "must catch this example" in desk("rules", "test", code=1).out


def test_check_warns_and_strict_ends_with_1(desk: Desk) -> None:
    edit(desk, '\n[[rule]]\nid = "bare"\naction = "hold"\nwhen = [\'has(text, "bare foot")\']\n')
    said = desk("rules", "check")
    assert "[no-about]" in said.err
    assert "warnings" in said.out
    desk("rules", "check", "--strict", code=1)
    found = json.loads(desk("rules", "check", "--json").out)
    assert {one["name"] for one in found["warnings"]} == {"no-about", "no-catches", "no-spares"}
    lines = desk("rules", "check", "--github").out.splitlines()
    assert lines[0].startswith("::warning file=rules/10-small.toml,line=")
    edit(desk, "\n[[rule]]\nid = 3\n")
    assert "::error file=rules/10-small.toml,line=" in desk("rules", "check", "--github", code=78).out


@pytest.mark.parametrize("verb", ["fields", "functions"])
def test_the_words_of_clauses_are_told_before_and_after_the_first_run(desk: Desk, verb: str) -> None:
    before = desk("rules", verb).out
    desk("run", "--once")
    after = desk("rules", verb).out
    assert before.split()[0] == after.split()[0] in {"field", "call"}
    assert len(json.loads(desk("rules", verb, "--json").out)) > 10


def test_the_schema_is_json(desk: Desk) -> None:
    assert json.loads(desk("rules", "schema").out)["$schema"].startswith("https://json-schema.org/")
