"""Stories as a person sees them, and what they say of them."""

import json

import pytest

from tests.cli.small_race import Desk, day

LONG = "hooray for two hundred people who sing in the underpass at Blackfriars, every one of them out of tune"
CUT = f"RT @ann: {LONG[:70]}…"
OTHER = "hooray for the rhino who overtakes a lighthouse on Tower Bridge, and for the child who stops them both"


@pytest.fixture
def sung(desk: Desk) -> Desk:
    """A story of three, the first of them told; another one; and one post alone."""
    posts = (("ann", LONG), ("bob", LONG), ("cat", CUT), ("dan", OTHER), ("eve", "my knee hurts"))
    (desk.folder / "day.jsonl").write_text(day(*posts), encoding="utf-8")
    desk("run", "--once")
    return desk


def slugs(desk: Desk) -> list[str]:
    shown = [json.loads(desk("stories", "show", story, "--json").out)["updates"] for story in ("1", "4")]
    return [update["slug"] for updates in shown for update in updates]


def test_the_list_has_the_largest_first_and_how_each_stands(sung: Desk) -> None:
    first, second = slugs(sung)
    lines = [line.split() for line in sung("stories").out.splitlines()]
    assert [line[:4] for line in lines] == [
        ["story", "1", "3", "posts"],
        ["story", "5", "1", "post"],
        ["story", "4", "1", "post"],
    ]
    said = sung("stories", "list", "--limit", "1").out
    assert f'told, update {first}  "{LONG[:58]}…" ann.example (Bluesky)\n' in said
    assert said.count("\n") == 1
    items = json.loads(sung("stories", "--newest", "--json").out)
    assert [(item["id"], item["posts"], item["verdict"], item["update"]) for item in items] == [
        (5, 1, "held", ""),
        (4, 1, "told", second),
        (1, 3, "told", first),
    ]
    assert "No post was seen" in sung("stories", "--since", "2099-01-01").err
    assert "--since: 'teatime' is not a time" in sung("stories", "--since", "teatime", code=2).err


def test_show_says_what_leads_who_joined_and_why(sung: Desk) -> None:
    first, _ = slugs(sung)
    said = sung("stories", "show", "2").out
    assert said.startswith("Story 1  told, 3 posts\nLeads    post 1: it was told, and what was told leads\n\npost 1  ")
    assert "ann.example (Bluesky)  published: rule kind-words (rules/10-small.toml:2)" in said
    assert "  leads\n" in said
    assert "    same story as 1: same words, by ann.example (Bluesky): “hooray for two hundred" in said
    cut = "repeats nearly the same words ('every one of them out of tune' is left out)"
    assert f"    same story as 1: {cut}, by ann.example (Bluesky): “hooray" in said
    assert f"\nUpdates\n  {first}  live " in said
    life = json.loads(sung("stories", "show", first, "--json").out)
    assert (life["id"], life["lead"], life["verdict"]) == (1, 1, "told")
    assert [(one["id"], one["author"], one["verdict"]) for one in life["members"]] == [
        (1, "ann.example", "publish"),
        (2, "bob.example", "drop"),
        (3, "cat.example", "drop"),
    ]
    assert [one["joined"] and one["joined"]["reason"] for one in life["members"]] == [
        None,
        "same words",
        cut,
    ]
    assert "same story as 1: same words" in sung("explain", "2").out


def test_a_split_says_what_becomes_of_it_and_a_join_what_stands_twice(sung: Desk) -> None:
    said = sung("stories", "split", "3", "--as", "ana", "--why", "a word of their own")
    assert (
        said.out
        == "post 3 is story 3 now, by ana; the rest stays story 1\njudged again: post 3; what the rules publish is told at once\n"
    )
    assert "Nothing runs on this database" in said.err
    sung("run", "--once")
    shown = sung("stories", "show", "3").out
    assert "Apart    from story 1, by ana at " in shown
    assert ": a word of their own\n" in shown
    assert "same story" not in shown, "the reason of before does not count any more"
    assert "split  " in shown.partition("\nLog\n")[2]
    assert "  by ana: is not story 1: a word of their own\n" in sung("log", "--what", "split").out
    assert "by ana: is not story 1" in sung("explain", "3").out
    said = sung("stories", "join", "1", "3", "--as", "bob", "--reason", "the same song")
    first, second = (line.split()[0] for line in said.out.splitlines()[3:])
    assert said.out.startswith(
        "story 3 is part of story 1 now, by bob\nthis takes the place of what kept it apart from story 3, by ana at "
    )
    assert "nothing public was changed:\n" in said.out
    assert said.err == "`milepost withdraw NAME` takes one back; choose which.\n"
    assert "withdrawn" in sung("withdraw", second).out
    assert sung("stories", "join", "1", "3").out == "story 1: they are one already, nothing was changed\n"
    assert "Log\n" in sung("stories", "show", "1").out
    assert "story 3 is part of story 1 (before, ana kept them apart): the same song" in sung("explain", "1").out
    lines = [json.loads(line) for line in sung("log", "--story", "3", "--json").out.splitlines()]
    assert {1, 2, 3} == {line["post_id"] for line in lines if line["what"] == "judged"}
    assert {line["what"] for line in lines} >= {"split", "joined", "told"}
    assert first in sung("stories", "show", "1").out


def test_answers_for_machines(sung: Desk) -> None:
    split = json.loads(sung("stories", "split", "2", "3", "--json").out)
    assert split == {"story_id": 2, "rest_id": 1, "was_id": 1, "posts": [2, 3], "again": [2, 3], "held": []}
    joined = json.loads(sung("stories", "join", "2", "4", "--json").out)
    assert (joined["story_id"], joined["others"], joined["overruled"]) == (2, [4], [])
    assert [update["post_id"] for update in joined["told"]] == [4]


@pytest.mark.parametrize(
    ("typed", "code", "why"),
    [
        (["show", "99"], 1, "'99' is unknown"),
        (["show", "--", "-9"], 1, "story -9 is unknown"),
        (["split", "99"], 1, "'99' is unknown"),
        (["split", "5"], 1, "post 5 is the only one of its story: there is nothing to split"),
        (["split", "1", "2", "3"], 1, "these are all posts of story 1: leave at least one where it is"),
        (["split", "1", "4"], 1, "not of one story (post 1 in story 1, post 4 in story 4)"),
        (["join", "1", "99"], 1, "'99' is unknown"),
        (["join", "1", "1"], 1, "1: a story cannot be joined with itself: name two"),
        (["join", "1"], 2, "STORY...: it takes two or more stories to be one"),
        (["split"], 2, "POST..."),
        (["split", "3", "--as", "rules"], 2, "--as: 'rules' is what the log calls its own doings"),
    ],
)
def test_mistakes_change_nothing(sung: Desk, typed: list[str], code: int, why: str) -> None:
    before = sung("log", "--json").out
    said = sung("stories", *typed, code=code)
    assert why in said.err
    assert not said.out
    assert sung("log", "--json").out == before
