"""The queue as a person sees it: scores, embargoes, and what an approval comes to."""

import json

from tests.cli.small_race import RULES, Desk, day

MORE = """
[[rule]]
id = "rhinos"
about = "Rhinos first."
score = 2
when = ['has(text, "rhino")']
catches = ["a rhino"]
spares = ["a rhine"]

[[rule]]
id = "results"
about = "Results wait."
action = "wait"
until = 2099-01-01T12:00:00Z
when = ['has(text, "result")']
catches = ["a result"]
spares = ["no news"]
"""


def test_scores_come_first_and_embargoes_say_their_time(desk: Desk) -> None:
    (desk.folder / "rules" / "10-small.toml").write_text(RULES + MORE, encoding="utf-8")
    posts = (("ann", "a slow start"), ("bob", "a rhino goes by"), ("cat", "the result is out"))
    (desk.folder / "day.jsonl").write_text(day(*posts), encoding="utf-8")
    desk("run", "--once")
    said = desk("queue").out
    assert said.index("a rhino goes by") < said.index("a slow start") < said.index("the result is out")
    assert "[fun]  score +2\n" in said
    assert desk("queue").err.startswith("3 waiting: ")
    assert desk("queue", "--limit", "3").err.startswith("3 waiting: ")
    assert desk("queue", "--limit", "2").err.startswith("The first 2 of 3 waiting (--limit shows more): ")
    assert "    embargoed until 2099-01-01 12:00 GMT\n    held: rule results (rules/10-small.toml:" in said
    items = json.loads(desk("queue", "--json").out)
    assert [(item["score"], item["until"], item["approved_by"]) for item in items] == [
        (2, None, ""),
        (0, None, ""),
        (0, "2099-01-01T12:00:00Z", ""),
    ]
    number = str(items[-1]["id"])
    said = desk("queue", "approve", number, "--as", "ana").out
    assert said == f"{number}  approved by ana: embargoed until 2099-01-01 12:00 GMT, told then\n"
    assert "    embargoed until 2099-01-01 12:00 GMT, approved by ana: told then\n" in desk("queue").out
    assert "approved already by ana" in desk("queue", "approve", number, code=1).err
    assert "embargoed until 2099-01-01 12:00 GMT, told then" in desk("log", "--by", "ana").out
    desk("queue", "reject", number, "--as", "bob")
    assert "the result is out" not in desk("queue").out


LONG = "The underpass at Blackfriars is two hundred people singing in the dark, and every one of them is out of tune"


def test_a_story_is_shown_by_its_best_copy_and_a_stock_phrase_once(desk: Desk) -> None:
    posts = (
        ("ann", f"RT @bob.example: {LONG}"),
        ("cat", "Well done all!"),
        ("bob", LONG),
        *((f"d{number}", "well done all") for number in range(2)),
    )
    (desk.folder / "day.jsonl").write_text(day(*posts), encoding="utf-8")
    desk("run", "--once")
    said = desk("queue")
    assert said.err.startswith("2 waiting: ")
    assert "@bob.example (Bluesky)  [fun], 1 more of this story\n" in said.out
    assert "@cat.example (Bluesky)  [fun], 2 others say the same\n" in said.out
    best, phrase = json.loads(desk("queue", "--json").out)
    assert [(item["others"], item["said"]) for item in (best, phrase)] == [(1, 0), (0, 2)]
    told = desk("queue", "approve", "1", "--as", "ana").out
    assert told.startswith(
        f"1  approved by ana, led by post {best['id']} (the post itself, complete), with 1 more of its story: update "
    )
    told = desk("queue", "approve", str(phrase["id"]), "--as", "ana").out
    assert told.startswith(f"{phrase['id']}  approved by ana, with 2 that say the same: update ")
    assert desk("queue").err == "Nothing waits.\n"


def test_exactly_one_is_rejected_where_a_person_asks_for_it(desk: Desk) -> None:
    posts = tuple((f"d{number}", "well done all") for number in range(3))
    (desk.folder / "day.jsonl").write_text(day(*posts), encoding="utf-8")
    desk("run", "--once")
    assert desk("queue", "reject", "2", "--exactly", "--as", "ana").out == "2  rejected by ana\n"
    assert desk("queue", "reject", "1", "--as", "ana").out == "1  rejected by ana, with 1 that says the same\n"
