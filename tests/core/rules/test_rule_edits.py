"""What an edit does to rules, and what it loses that nobody can have meant."""

import pytest

from bot.core.errors import RuleError
from bot.core.rules.edits import Edit, edit, has_rules
from bot.core.rules.ruleset import load

RULE = """[[rule]]
id = "{word}"
about = "No {word}."
action = "drop"
when = ['has(text, "{word}")']
"""
LISTED = RULE.format(word="rain").replace('has(text, "rain")', "has_any(text, lists.wet)")


def rules(*words: str) -> str:
    return "".join(RULE.format(word=word) for word in words)


def test_rules_that_come_go_and_change_are_told_by_their_ids() -> None:
    found = edit({"a.toml": rules("rain", "snow", "hail")}, {"a.toml": rules("snow", "fog").replace("drop", "hold")})
    assert found == Edit(added=("fog",), removed=("hail", "rain"), changed=("snow",), files=("a.toml changed",))
    assert str(found) == "added fog; removed hail, rain; changed snow; files a.toml changed"
    assert found.loses
    assert found.plain()["removed"] == ["hail", "rain"]


def test_a_rule_that_moves_to_another_file_is_the_same_rule() -> None:
    found = edit({"a.toml": rules("rain"), "b.toml": rules("snow")}, {"c.toml": "# wet\n" + rules("snow", "rain")})
    assert found == Edit(files=("a.toml removed", "b.toml removed", "c.toml new"))
    assert not found.loses


def test_the_exemptions_of_a_file_change_its_rules() -> None:
    found = edit({"a.toml": rules("rain")}, {"a.toml": "[file]\nunless = ['is_official']\n" + rules("rain")})
    assert found.changed == ("rain",)


def test_lists_and_milestones() -> None:
    before = {"lists/wet.txt": "rain\nsnow\n", "lists/dry.txt": "sand\n", "lists/same.txt": "x\n"}
    after = {"lists/wet.txt": "rain\nsnow\nhail\n", "lists/new.txt": "fog\n", "lists/same.txt": "# why\nx\n"}
    assert edit(before, after).lists == ("dry", "new", "wet")
    plan = '[[milestone]]\nid = "start"\nafter = "0s"\n'
    assert edit({"milestones.toml": plan}, {}).removed == ("start",)
    assert edit({"milestones.toml": plan}, {"milestones.toml": plan.replace("0s", "1m")}).changed == ("start",)


@pytest.mark.parametrize(
    ("after", "shrunk"),
    [
        ("a\nb\nc\n", False),
        ("a\nb\n", False),
        ("a\n", True),
        ("", True),
        ("x\ny\nz\nw\n", True),
        ("d\nc\nb\na\n", False),
    ],
)
def test_a_list_that_loses_more_than_half_of_its_entries_has_shrunk(after: str, shrunk: bool) -> None:
    found = edit({"lists/wet.txt": "a\nb\nc\nd\n"}, {"lists/wet.txt": after})
    assert found.shrunk == (("wet",) if shrunk else ())
    assert found.loses is shrunk


def test_many_names_are_counted_and_kept_for_scripts() -> None:
    words = [f"w{number}" for number in range(9)]
    found = edit({}, {"a.toml": rules(*words)})
    assert str(found) == "added w0, w1, w2 and 6 more; files a.toml new"
    assert found.plain()["added"] == words


def test_the_plan_of_milestones_is_no_file_of_rules() -> None:
    assert has_rules({"10-a.toml": ""})
    assert not has_rules({"milestones.toml": "", "lists/wet.txt": "rain\n"})


def mistakes(before: dict[str, str], after: dict[str, str]) -> list[str]:
    try:
        load(after, name_hint="rules", before=load(before))
    except RuleError as error:
        return [f"{one.place}: {one.reason}" for one in error.mistakes]
    return []


def test_a_list_that_lost_all_its_entries_is_a_mistake_with_or_without_examples() -> None:
    before = {"a.toml": LISTED, "lists/wet.txt": "rain\nsnow\n"}
    for emptied in ("", "\n\n", "# nothing any more\n"):
        assert mistakes(before, before | {"lists/wet.txt": emptied}) == [
            "rules/lists/wet.txt:1:1: the list lost all its entries: put them back, or delete the file and the rules that use it"
        ]
    assert mistakes({"a.toml": LISTED, "lists/wet.txt": ""}, {"a.toml": LISTED, "lists/wet.txt": "# still\n"}) == []
    assert mistakes(before, {"a.toml": rules("rain")}) == [], "deleted together with what asks it"


def test_a_file_that_ends_in_the_middle_and_lost_rules_looks_cut_off() -> None:
    whole = rules("rain", "snow", "hail")
    before = {"a.toml": whole}
    cut = whole[: whole.index("hail") - 16].rstrip("\n")
    (one,) = mistakes(before, {"a.toml": cut})
    assert one == (
        "rules/a.toml:10:28: the file ends without a line break and has lost 1 rule (hail), as if it were cut off: end its last "
        "line if it is whole"
    )
    assert mistakes(before, {"a.toml": cut + "\n"}) == [], "ended: a deletion"
    assert mistakes(before, {"a.toml": whole.rstrip("\n")}) == [], "nothing lost"
    assert mistakes({"a.toml": whole.rstrip("\n")}, {"a.toml": cut}) == [], "this editor never ends the last line"
    assert mistakes(before, {"a.toml": cut, "b.toml": rules("hail")}) == [], "moved"


def test_a_list_that_ends_in_the_middle_and_lost_most_entries_looks_cut_off() -> None:
    before = {"a.toml": LISTED, "lists/wet.txt": "rain\nsnow\nhail\nfog\n"}
    (one,) = mistakes(before, before | {"lists/wet.txt": "ra"})
    assert one == (
        "rules/lists/wet.txt:1:2: the file ends without a line break and has lost most of its entries, as if it were cut off: "
        "end its last line if it is whole"
    )
    assert mistakes(before, before | {"lists/wet.txt": "rain\nsnow\nhail"}) == []
