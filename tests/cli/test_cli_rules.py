"""The verbs of the rules, on a small race that has run."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.cli.small_race import ROOT, Desk, day

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


def come(desk: Desk, *posts: tuple[str, str]) -> None:
    """More posts, a minute after the first ones."""
    recording = desk.folder / "day.jsonl"
    later = day(*posts).replace("T09:00:", "T09:01:")
    recording.write_text(recording.read_text(encoding="utf-8") + later, encoding="utf-8")
    desk("run", "--once")


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
    assert "by the rules in force; it was decided: drop" in today


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
    assert "     1  hold → drop by knees" in said
    assert "1 of 3 decisions change (33.3 %)" in said
    ran("rules", "backtest", "--fail-over", "50%")
    assert "more than 20 %" in ran("rules", "backtest", "--fail-over", "20%", code=1).err
    found = json.loads(ran("rules", "backtest", "--json").out)
    assert (found["total"], found["changed"], found["changes"][0]["after"]) == (3, 1, "drop")
    assert "not a duration" in ran("rules", "backtest", "--last", "soon", code=2).err
    assert "no share" in ran("rules", "backtest", "--fail-over", "much", code=2).err
    assert "more than 20 %" in ran("rules", "backtest", "--fail-over", "20", code=1).err
    assert "write 2% or 0.02%" in ran("rules", "backtest", "--fail-over", "0.02", code=2).err


def test_a_backtest_compares_with_another_folder_or_a_revision(ran: Desk) -> None:
    other = ran.folder / "other"
    other.mkdir()
    (other / "10-small.toml").write_text(rules_of(ran).read_text(encoding="utf-8") + CAREFUL, encoding="utf-8")
    assert "drop → hold by default (was knees)" in ran("rules", "backtest", "--against", "other").out
    assert "hold → drop by knees" in ran("rules", "backtest", "other").out
    git = ("git", "-c", "user.email=desk@example.org", "-c", "user.name=desk")
    for words in (("init", "-q"), ("add", "rules"), ("commit", "-q", "-m", "rules")):
        subprocess.run(
            (*git, *words), cwd=ran.folder, check=True, env={**ran.environ, "GIT_CONFIG_GLOBAL": "/dev/null"}
        )
    edit(ran, CAREFUL)
    assert "hold → drop by knees" in ran("rules", "backtest", "--against", "HEAD").out
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
    said = ran("rules", "pin", post, "coins", "--catches", code=1)
    assert "must catch this example" in said.err
    assert "Now change the rule until `" in said.err
    assert ran("rules", "status", code=1).out.count("10-small.toml") >= 1
    rules_of(ran).write_text(before, encoding="utf-8")
    ran("rules", "shadow", "coins")
    assert re.search(r'mode += "shadow"', rules_of(ran).read_text(encoding="utf-8"))
    ran("run", "--once")
    assert "shadow     coins" in ran("rules", "status").out
    assert "coins is live now" in ran("rules", "live", "coins").out
    assert "mode" not in rules_of(ran).read_text(encoding="utf-8"), "live is what a rule is without saying so"
    assert "did you mean 'coins'" in ran("rules", "live", "coin", code=2).err
    assert "--catches or --spares" in ran("rules", "pin", post, "coins", code=2).err


def test_a_rule_whose_fuse_has_blown_is_shown_and_put_back(ran: Desk) -> None:
    eager = '[[rule]]\nid = "eager"\nabout = "Far too much."\naction = "drop"\nwhen = [\'has(text, "mile")\']\n'
    eager += 'catches = ["a mile"]\nspares = ["well done"]\n'
    (ran.folder / "rules" / "20-eager.toml").write_text(eager, encoding="utf-8")
    told = [(f"eve{number}", f"mile {number} of it") for number in range(21)]
    with (ran.folder / "day.jsonl").open("a", encoding="utf-8") as file:
        file.write(day(*[("ann", "x")] * 3, *told).split("\n", 3)[3])
    ran("run", "--once")
    said = ran("rules", "status").out
    assert "shadow" not in said.replace("20-eager", "")
    assert "fused      eager, out of action by itself: `" in said
    assert "log --what fused` tells why; change it and save it, or `" in said
    assert "rules live eager` puts it back as it is" in said
    assert json.loads(ran("rules", "status", "--json").out)["fused"] == ["eager"]
    assert "rules live eager`" in ran("status").out
    assert "eager is back in action as it was adopted, and its fuse is armed again" in (
        ran("rules", "live", "eager", "--as", "ana").out
    )
    assert "fused" not in ran("rules", "status").out
    assert "by ana: rules " in ran("log", "--what", "re-armed").out
    assert "rules/20-eager.toml:1: eager is live already" in ran("rules", "live", "eager").out
    assert (ran.folder / "rules" / "20-eager.toml").read_text(encoding="utf-8") == eager


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
    said = desk("rules", "test", code=1).out
    assert "must catch this example" in said
    assert '✗ has(text, "a")   ← text = “b”' in said, "each clause with what it saw"
    found = json.loads(desk("rules", "test", "--json", code=1).out)
    assert [(one["rule"], one["clauses"][0]["passed"]) for one in found["failing"]] == [("wrong", False)]


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
    assert "::error file=rules/10-small.toml,line=" in desk("rules", "check", "--github", code=1).out
    assert "either --json or --github" in desk("rules", "check", "--github", "--json", code=2).err


@pytest.mark.parametrize("verb", ["fields", "functions"])
def test_the_words_of_clauses_are_told_before_and_after_the_first_run(desk: Desk, verb: str) -> None:
    before = desk("rules", verb).out
    desk("run", "--once")
    after = desk("rules", verb).out
    assert before.split()[0] == after.split()[0] in {"field", "call"}
    assert len(json.loads(desk("rules", verb, "--json").out)) > 10


def test_the_schema_lies_beside_the_rules_that_ship_and_they_name_it(desk: Desk) -> None:
    said = desk("rules", "schema").out
    assert json.loads(said)["$schema"].startswith("https://json-schema.org/")
    shipped = ROOT / "rules"
    assert (shipped / "schema.json").read_text(encoding="utf-8") == said, "write it anew: milepost rules schema"
    for path in shipped.glob("[0-9]*.toml"):
        assert path.read_text(encoding="utf-8").startswith("#:schema ./schema.json\n"), path.name


def test_init_writes_the_schema_and_no_reload_minds_it(bare: Desk) -> None:
    bare("init", ".")
    schema = bare.folder / "rules" / "schema.json"
    before = bare("rules", "check", "--json").out
    assert schema.is_file()
    schema.write_text("{}", encoding="utf-8")
    assert bare("rules", "check", "--json").out == before


def test_an_eager_rule_can_be_stopped_although_another_file_is_broken(ran: Desk) -> None:
    post = post_of(ran, "bob")
    (ran.folder / "rules" / "20-broken.toml").write_text("[[rule]\n", encoding="utf-8")
    said = ran("rules", "shadow", "coins", code=1)
    assert "coins is shadow now" in said.out
    assert "no effect until `" in said.err
    assert re.search(r'mode += "shadow"', rules_of(ran).read_text(encoding="utf-8"))
    assert "coins is live now" in ran("rules", "live", "coins", code=1).out
    assert "coins has the example in spares now" in ran("rules", "pin", post, "coins", "--spares", code=1).out
    (ran.folder / "rules" / "20-broken.toml").unlink()
    ran("rules", "pin", post, "coins", "--catches", code=1)
    ran("rules", "shadow", "kind-words")


def test_a_rule_with_mistakes_takes_no_example(ran: Desk) -> None:
    edit(ran, '\n[[rule]]\nid = "wrong"\naction = "hold"\nwhen = [\'tex == ""\']\n')
    assert "'wrong' itself has mistakes" in ran("rules", "pin", post_of(ran, "bob"), "wrong", "--catches", code=1).err


def test_a_small_edit_keeps_the_line_ends_of_the_file(ran: Desk) -> None:
    rules_of(ran).write_bytes(rules_of(ran).read_bytes().replace(b"\n", b"\r\n"))
    ran("rules", "shadow", "coins")
    assert rules_of(ran).read_bytes().count(b"\n") == rules_of(ran).read_bytes().count(b"\r\n")


def test_check_reports_the_files_that_are_named(desk: Desk) -> None:
    other = desk.folder / "rules" / "20-other.toml"
    other.write_text('[[rule]]\nid = "coins"\naction = "hold"\nwhen = [\'is_reply\']\n', encoding="utf-8")
    words = desk.folder / "rules" / "lists" / "words.txt"
    words.parent.mkdir()
    words.write_text("a word\n", encoding="utf-8")
    assert (
        "the id 'coins' is taken by the rule at rules/10-small.toml" in desk("rules", "check", str(other), code=1).err
    )
    said = desk("rules", "check", "rules/10-small.toml", "rules/lists/words.txt")
    assert said.out == "rules/10-small.toml, rules/lists/words.txt: good\n"
    assert "Other files of the folder have 1 mistake" in said.err
    other.write_text('[[rule]]\nid = "bare"\naction = "hold"\nwhen = [\'is_reply\']\n', encoding="utf-8")
    assert "no-about" not in desk("rules", "check", "rules/10-small.toml", "--strict").err
    assert "no-about" in desk("rules", "check", "rules/20-other.toml", "--strict", code=1).err
    assert "no such file" in desk("rules", "check", "rules/30-none.toml", code=1).err
    assert "one folder, or files" in desk("rules", "check", "rules", "rules/20-other.toml", code=2).err


def test_verbs_that_need_no_posts_work_before_the_first_run(desk: Desk) -> None:
    said = desk("rules", "explain", '{"text": "Hooray!"}')
    assert "a post as you typed it, by the rules on disk" in said.out
    assert "There is no store yet" in said.err
    assert "HOLD, not publish" in desk("rules", "why-not", '{"text": "Well"}').out
    assert "in force   none" in desk("rules", "status").out
    assert (
        "coins has the example in catches now"
        in desk("rules", "pin", '{"text": "a coin for you"}', "coins", "--catches").out
    )
    desk("rules", "shadow", "coins")
    desk("rules", "live", "coins")
    assert "no rules are in force yet" in desk("rules", "explain", "--now", '{"text": "Hooray!"}', code=1).err
    assert not (desk.folder / "var").exists(), "nothing was made"


def test_a_post_is_asked_of_the_rules_of_then_in_force_or_on_disk(ran: Desk) -> None:
    post = post_of(ran, "bob")
    edit(ran, CAREFUL)
    assert "HOLD   because no rule decided" in ran("rules", "explain", post).out
    assert "HOLD   because no rule decided" in ran("rules", "explain", post, "--now").out
    said = ran("rules", "explain", post, "--files").out
    assert "by the rules on disk; it was decided: hold" in said
    assert "DROP   because knees" in said
    typed = '{"text": "my knee"}'
    assert "DROP   because knees" in ran("rules", "explain", typed).out
    assert "HOLD   because no rule decided" in ran("rules", "explain", typed, "--now").out
    assert "either --now or --files" in ran("rules", "explain", typed, "--now", "--files", code=2).err
    edit(ran, "\n[[rule]]\nid = 3\n")
    assert "10-small.toml" in ran("rules", "explain", typed, code=78).err


def test_the_first_line_tells_who_gave_the_verdict_that_stands(ran: Desk) -> None:
    post = post_of(ran, "bob")
    ran("queue", "approve", post, "--as", "ana", "--reason", "she is fine")
    said = ran("rules", "explain", post).out
    assert "PUBLISH   by ana: she is fine   (the rules said: hold because no rule decided; rule set " in said
    assert "PUBLISH   by ana" in ran("explain", post).out


def test_a_receipt_offers_what_to_take_back_and_withdraw_takes_several(ran: Desk) -> None:
    assert "no receipt" in ran("rules", "receipt", code=1).err
    come(ran, ("dan", "hooray for the bands"), ("eve", "hooray for the rain"))
    slugs = [json.loads(line)["update"] for line in ran("log", "--json", "--what", "told").out.splitlines()]
    assert len(slugs) == 3
    edit(ran, CAREFUL.replace("knee", "rain").replace("elbow", "sun").replace("knees", "rains"))
    ran("run", "--once")
    said = ran("rules", "receipt")
    assert slugs[2] in said.out
    assert "drop by rains" in said.out
    assert '"hooray for the rain"' in said.out
    assert f"withdraw {slugs[2]} --reason WHY`" in said.err
    found = json.loads(ran("rules", "receipt", "--json").out)
    assert [(one["update"], one["rule"], one["approved_by"]) for one in found["left"]] == [(slugs[2], "rains", "")]
    assert '    publish → drop by rains: post 5 "hooray for the rain"' in ran("log", "--what", "receipt").out
    said = ran("withdraw", slugs[1], slugs[2], "nothing", "--reason", "enough", "--as", "ana", code=3)
    assert said.out.count("  withdrawn: ") == 2
    assert "'nothing' is unknown" in said.err
    assert "Nothing that is live now is against the rules" in ran("rules", "receipt").err
    assert [one["already"] for one in json.loads(ran("withdraw", *slugs[1:], "--json").out)] == [True, True]
    assert json.loads(ran("withdraw", slugs[1], "--json").out)["already"]
    assert "unknown" in ran("withdraw", "no", "way", code=1).err


def test_a_backtest_lists_live_updates_with_their_words(ran: Desk) -> None:
    edit(ran, CAREFUL.replace("knee", "hooray").replace("elbow", "sun"))
    said = ran("rules", "backtest").out
    assert "1 update live now would not be told any more" in said
    assert re.search(r'  [a-z0-9]{8}  drop by hoorays +"hooray for all of you"', said)


def test_shadow_hits_are_told_apart(ran: Desk) -> None:
    edit(ran, CAREFUL.replace("knee", "comet").replace("elbow", "sun").replace("about =", 'mode = "shadow"\nabout ='))
    come(ran, ("flo", "a comet over mile 9"))
    row = next(line for line in ran("rules", "stats", "--last", "9000d").out.splitlines() if line.startswith("comets"))
    assert row.split()[:6] == ["comets", "drop", "[shadow]", "0", "0", "1"]
    said = ran("log", "--rule", "comets").out
    assert said.endswith("no rule decided: default hold; shadow: comets would drop\n")
