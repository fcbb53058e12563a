"""Loading: every mistake of every file at its place, and nothing loaded by half."""

import pytest

from bot.core.errors import Mistake, RuleError
from bot.core.rules.ruleset import RuleSet, load
from tests.builders import a_desk

GOOD = """[[rule]]
id = "no-scams"
action = "drop"
when = ['has(text, "scam")']
catches = ["a SCAM!"]
spares = ["scampi"]
"""


def mistakes(text: str, **lists: str) -> list[Mistake]:
    files = {"10-a.toml": text, **{f"lists/{name}.txt": entries for name, entries in lists.items()}}
    with pytest.raises(RuleError) as caught:
        load(files, name_hint="rules")
    return list(caught.value.mistakes)


def only(text: str, **lists: str) -> tuple[str, int, str, str]:
    found = mistakes(text, **lists)
    assert len(found) == 1, found
    mistake = found[0]
    line = text.split("\n")[mistake.line - 1]
    return mistake.reason, mistake.line, line[mistake.column - 1 : mistake.column - 1 + mistake.length], mistake.hint


def test_a_good_file_loads() -> None:
    rules = load({"10-a.toml": GOOD})
    assert [rule.id for rule in rules.rules] == ["no-scams"]
    assert rules.rules[0].place == "10-a.toml:1"
    assert len(rules.name) == 8
    assert int(rules.name, 16) >= 0


@pytest.mark.parametrize(
    ("old", "new", "reason", "line", "marked", "hint"),
    [
        (
            '"drop"',
            '"dorp"',
            "must be 'drop', 'hold', 'wait' or 'publish', not 'dorp'",
            3,
            '"dorp"',
            "did you mean 'drop'?",
        ),
        ("action", "actoin", "unknown key 'actoin'", 3, "actoin", "did you mean 'action'?"),
        ('"no-scams"', '"No Scams"', "an id is lower-case words with hyphens", 2, '"No Scams"', "first-time-links"),
        ('id = "no-scams"\n', "", "the rule has no 'id'", 1, "[[rule]]", ""),
        ("when = ['has(text, \"scam\")']", "when = []", "'when' needs at least one clause", 4, "[]", ""),
        ("when = ['has(text, \"scam\")']", "when = 'x'", "'when' must be a list", 4, "'x'", "when = ['clause']"),
        ('action = "drop"', 'about = "x"', "the rule 'no-scams' does nothing", 1, "[[rule]]", ""),
        ('action = "drop"', 'action = "wait"', "wait needs 'until'", 3, '"wait"', ""),
        (
            '"drop"',
            '"drop"\nuntil = 2016-05-03',
            "'until' needs date, time and zone",
            4,
            "2016-05-03",
            "2016-04-24T10:00:00+01:00",
        ),
        (
            '"drop"',
            '"drop"\nfrom = 2016-05-03T10:00:00',
            "'from' needs date, time and zone",
            4,
            "2016-05-03T10:00:00",
            "2016-04-24T10:00:00+01:00",
        ),
        (
            '"drop"',
            '"drop"\nfrom = 2016-05-03T10:00:00Z\nuntil = 2016-05-03T10:00:00Z',
            "'until' lies before 'from'",
            5,
            "2016-05-03T10:00:00Z",
            "",
        ),
        ('"drop"', '"drop"\nscore = 1.5', "'score' must be a whole number", 4, "1.5", ""),
        ('"drop"', '"drop"\nabout = 5', "'about' must be a text in quotes", 4, "5", ""),
        ('"drop"', '"drop"\ntag = ["#"]', "the tag is empty", 4, '"#"', ""),
        (
            '"drop"',
            '"drop"\nstrand = "#GetInspired"',
            "an id of a strand is lower case",
            4,
            '"#GetInspired"',
            "getinspired",
        ),
        ('"drop"', '"drop"\nredact = ["name"]', "must be 'phone' or 'email', not 'name'", 4, '"name"', ""),
        (
            '"drop"',
            '"drop"\nmode = "shaddow"',
            "must be 'live', 'shadow' or 'off'",
            4,
            '"shaddow"',
            "did you mean 'shadow'?",
        ),
        ('"drop"', '"drop"\nlimit = { count = 3 }', "the limit has no 'per'", 4, "limit", ""),
        (
            '"drop"',
            '"drop"\nlimit = 3',
            "'limit' must be a table",
            4,
            "3",
            'limit = { count = 3, per = "10m", by = "author.id" }',
        ),
        ('"drop"', '"drop"\nlimit = { count = 0, per = "1m" }', "'count'", 4, "0", ""),
        ('"drop"', '"drop"\nlimit = { count = 3, per = "10x" }', "is not a duration", 4, '"10x"', ""),
        ('"drop"', '"drop"\nlimit = { count = 3, per = "0s" }', "a limit needs some time", 4, '"0s"', 'per = "10m"'),
        (
            '"drop"',
            '"drop"\nlimit = { count = 3, per = "9m", by = "author.hande" }',
            "is no field of text",
            4,
            '"author.hande"',
            "did you mean 'author.handle'?",
        ),
        (
            '"drop"',
            '"drop"\nlimit = { count = 3, per = "9m", by = "likes" }',
            "is no field of text",
            4,
            '"likes"',
            "a limit counts by text, lang, platform, source, strand, author.id, author.handle, author.name, author.person",
        ),
        (
            '"drop"',
            '"drop"\nlimit = { count = 3, per = "9m", buy = "lang" }',
            "unknown key 'buy'",
            4,
            "buy",
            "did you mean 'by'?",
        ),
        (
            '"drop"',
            '"publish"\nlimit = { count = 3, per = "9m" }',
            "a rule with a limit needs the action",
            4,
            "limit",
            'action = "hold"',
        ),
        (
            '"drop"',
            '"drop"\nscore = 1\nlimit = { count = 3, per = "9m" }',
            "does nothing but its action",
            5,
            "limit",
            "",
        ),
        ('"drop"', '"drop"\naccounts = []', "'accounts' needs at least one entry", 4, "[]", ""),
        ('"drop"', '"drop"\nfuse = "of"', "must be 'on' or 'off', not 'of'", 4, '"of"', "did you mean 'off'?"),
        (
            '"drop"',
            '"drop"\ntodo_catches = [{ txt = "a" }]',
            "unknown field 'txt' in an example",
            4,
            '"a"',
            "did you mean 'text'?",
        ),
        ('"scam")', '"scam") and langg == "x"', "unknown field 'langg'", 4, "langg", "did you mean 'lang'?"),
        (
            '["a SCAM!"]',
            '["a SCAM!", "fine"]',
            "must catch this example, and does not: the clause has(text",
            5,
            '"fine"',
            "",
        ),
        ('["scampi"]', '["scampi", "scam"]', "must spare this example, and matches it", 6, '"scam"', ""),
        ('["scampi"]', '[{ txt = "a" }]', "unknown field 'txt' in an example", 6, '"a"', "did you mean 'text'?"),
        ('["scampi"]', '[{ author.age = "7x" }]', "is not a duration", 6, '"7x"', ""),
        (
            '["scampi"]',
            '[{ author.age = "99999w99999d" }]',
            "is too long: a duration is at most 36500d",
            6,
            '"99999w99999d"',
            "",
        ),
        ('["scampi"]', '[{ likes = "3" }]', "'likes' must be a whole number", 6, '"3"', ""),
        ('["scampi"]', "[3]", "an example is a text or a table", 6, "3", '{ text = "…", is_official = true }'),
        ("[[rule]]", "[rule]", "a rule begins with two brackets", 1, "[rule]", "[[rule]]"),
        ("[[rule]]", "[[rules]]", "unknown table or key 'rules'", 1, "[[rules]]", "did you mean [[rule]]?"),
        ("[[rule]]", "[[file]]\nunless = []\n[[rule]]", "there is one table for the file", 1, "[[file]]", "[file]"),
        ("[[rule]]", "[file]\nunles = []\n[[rule]]", "unknown key 'unles'", 2, "unles", "did you mean 'unless'?"),
        (
            "[[rule]]",
            "[file]\nunless = ['is_reply', 'is_officia']\n[[rule]]",
            "unknown field 'is_officia'",
            2,
            "is_officia",
            "did you mean 'is_official'?",
        ),
        (
            "[[rule]]",
            "[files]\nunless = []\n[[rule]]",
            "unknown table or key 'files'",
            1,
            "[files]",
            "did you mean [file]?",
        ),
        (
            "[[rule]]",
            "[[cases]]\npost = 1\n[[rule]]",
            "unknown table or key 'cases'",
            1,
            "[[cases]]",
            "did you mean [[case]]?",
        ),
        ("[[rule]]", "[case]\npost = 1\n[[rule]]", "a case begins with two brackets", 1, "[case]", "[[case]]"),
        ("[[rule]]", "[[case]]\npost = 1\n[[rule]]", "the case has no 'expect'", 1, "[[case]]", ""),
        (
            "[[rule]]",
            "[[case]]\npost = 1\nexpect = 'hold'\n[[rule]]",
            "an example is a text or a table",
            2,
            "1",
            '{ text = "…", is_official = true }',
        ),
        (
            "[[rule]]",
            "[[case]]\npost = 'x'\nexpect = 'keep'\n[[rule]]",
            "must be 'drop', 'hold', 'wait' or 'publish'",
            3,
            "'keep'",
            "",
        ),
        ("[[rule]]", "[[case]]\npost = 'x'\nnow = 'noon'\nexpect = 'hold'\n[[rule]]", "is not a time", 3, "'noon'", ""),
        (
            "[[rule]]",
            "[[case]]\npost = 'x'\nexpect = 'hold'\nby = 'no-scam'\n[[rule]]",
            "there is no rule 'no-scam'",
            4,
            "'no-scam'",
            "did you mean 'no-scams'?",
        ),
        (
            "[[rule]]",
            "[[case]]\npost = 'a scam'\nexpect = 'hold'\n[[rule]]",
            "the case expects hold, and the rules say drop: rule no-scams (rules/10-a.toml:4)",
            3,
            "'hold'",
            "",
        ),
        (
            "[[rule]]",
            "[[case]]\npost = 'x'\nexpect = 'hold'\nby = 'no-scams'\n[[rule]]",
            "the case expects hold by 'no-scams', and the rules say hold: no rule decided",
            4,
            "'no-scams'",
            "",
        ),
        ('"drop"', "drop", "a text needs quotes", 3, "drop", '"drop"'),
        ('"drop"', "“drop”", "write straight quotes", 3, "“", '"…"'),
        ('"drop"', '"\\d"', "write patterns in single quotes", 3, "\\", ""),
        ('"drop"', '"drop"\nid = "x"', "this key is given twice", 4, "", ""),
    ],
)
def test_a_mistake_has_its_place(old: str, new: str, reason: str, line: int, marked: str, hint: str) -> None:
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    found_reason, found_line, found_marked, found_hint = only(text)
    assert reason in found_reason
    assert found_line == line
    if marked:
        assert found_marked == marked
    if hint:
        assert found_hint == hint


def test_a_place_inside_a_clause_counts_characters_and_escapes() -> None:
    text = GOOD.replace("'has(text, \"scam\")'", '"has(text, \\"scämm\\") or langg == \\"x\\""')
    reason, line, marked, _ = only(text)
    assert (reason, line, marked) == ("unknown field 'langg'", 4, "langg")
    text = GOOD.replace("'has(text, \"scam\")'", "'''\nhas(text, \"scam\") or langg == \"x\"'''")
    reason, line, marked, _ = only(text)
    assert (reason, line, marked) == ("unknown field 'langg'", 5, "langg")
    text = GOOD.replace("'has(text, \"scam\")'", "'''has(text, \"scam\") or langg == \"x\"'''")
    assert only(text)[2] == "langg"


def test_all_mistakes_of_all_files_are_told_in_order() -> None:
    second = GOOD.replace('"drop"', '"dorp"').replace("has(", "hass(")
    with pytest.raises(RuleError) as caught:
        load({"b.toml": second, "a.toml": "x = y", "lists/l.txt": "bit.ly  # a shortener"})
    assert [(one.file, one.line) for one in caught.value.mistakes] == [
        ("a.toml", 1),
        ("b.toml", 3),
        ("b.toml", 4),
        ("lists/l.txt", 1),
    ]


def test_the_same_id_twice_names_the_first() -> None:
    with pytest.raises(RuleError) as caught:
        load({"a.toml": GOOD, "b.toml": GOOD})
    (mistake,) = caught.value.mistakes
    assert (mistake.file, mistake.line) == ("b.toml", 2)
    assert "taken by the rule at a.toml:1" in mistake.reason


def test_an_empty_save_is_a_mistake_and_a_deleted_file_is_not() -> None:
    before = load({"a.toml": GOOD, "b.toml": ""})
    assert load({"b.toml": ""}, before=before).rules == ()
    for empty in ("", "# all gone\n"):
        with pytest.raises(RuleError, match="has no rules any more"):
            load({"a.toml": empty, "b.toml": ""}, before=before)
    with pytest.raises(RuleError, match="has no rules any more"):
        load({"a.toml": ""}, before=load({"a.toml": GOOD}, name_hint="rules"), name_hint="rules")


def test_what_is_not_ours_is_left_aside() -> None:
    rules = load({"a.toml": GOOD, "milestones.toml": "not = [toml", ".a.toml": "x", "notes.txt": "x", "a.toml~": "x"})
    assert list(rules.files) == ["a.toml"]


def test_the_name_follows_content_and_not_order() -> None:
    first = load({"a.toml": GOOD, "lists/x.txt": "a"})
    assert load({"lists/x.txt": "a", "a.toml": GOOD}).name == first.name
    assert load({"lists/x.txt": "b", "a.toml": GOOD}).name != first.name
    assert load({"lists/y.txt": "a", "a.toml": GOOD}).name != first.name
    assert load(dict(first.files)).name == first.name


def test_lists() -> None:
    text = "# comment\n#tag\nfree money\n\n#\n  spaced  \nfree money\n"
    rules = load({"lists/my-list.txt": text})
    assert rules.lists == {"my_list": ("#tag", "free money", "spaced")}
    with pytest.raises(RuleError, match="named with letters"):
        load({"lists/my list.txt": "a"})
    with pytest.raises(RuleError, match="two lists named"):
        load({"lists/my-list.txt": "a", "lists/my_list.txt": "a"})
    with pytest.raises(RuleError, match="not a character"):
        load({"lists/a.txt": "\ud800"})


def test_windows_files_load() -> None:
    assert load({"a.toml": "\ufeff" + GOOD.replace("\n", "\r\n")}).rules[0].id == "no-scams"


def test_clocks_are_checked_where_they_are_given() -> None:
    text = GOOD.replace('has(text, "scam")', 'has(text, "scam") and clock("mas") < "4h"')
    assert isinstance(load({"a.toml": text}), RuleSet)
    with pytest.raises(RuleError, match="did you mean 'mass'"):
        load({"a.toml": text}, desk=a_desk())


def test_examples_of_dates_and_exemptions_say_why_they_fail() -> None:
    dated = GOOD.replace("spares", "unless = ['is_official']\nfrom = 2016-04-24T10:00:00Z\nspares")
    late = dated.replace('["a SCAM!"]', '[{ text = "scam", now = "2016-04-24T09:59Z" }]')
    assert "outside of the rule's dates" in mistakes(late)[0].reason
    exempt = dated.replace('["a SCAM!"]', '[{ text = "scam", is_official = true }]')
    assert "exempt by unless is_official" in mistakes(exempt)[0].reason
    assert load({"a.toml": dated}).rules[0].samples[0].around.now is not None


def test_an_example_takes_tags_links_and_names_from_its_text() -> None:
    text = GOOD.replace(
        'has(text, "scam")', 'any_in(tags, ["x"]) and any_in(domains, ["a.example"]) and count(mentions) == 1'
    )
    text = text.replace('["a SCAM!"]', '["#X https://a.example/1, @Kim"]')
    assert load({"a.toml": text}).rules
