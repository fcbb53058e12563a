"""Lints: each finds its fault at its place, once, and nothing in a good rule."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.core.rules.lints import LINTS, Lint, Severity, lint
from bot.core.rules.ruleset import RuleSet, load

NOW = datetime(2016, 5, 1, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]
GOOD = """[[rule]]
id = "links"
about = "Links of strangers wait."
action = "hold"
when = ['author.seen == 0', 'links != []']
unless = ['is_official']
catches = [{ author.seen = 0, lang = "fr", links = ["https://a.example"] }]
spares = ["x"]
"""


def rules(text: str, **lists: str) -> RuleSet:
    return load(
        {"10-a.toml": text, **{f"lists/{name}.txt": entries for name, entries in lists.items()}}, name_hint="rules"
    )


def found(text: str, **lists: str) -> list[tuple[str, int, str]]:
    """Names, lines and the marked words."""
    loaded = rules(text, **lists)
    result = []
    for one in lint(loaded, now=NOW):
        at = one.mistake
        assert at.source_line or at.line == 1
        result.append((one.name, at.line, at.source_line[at.column - 1 : at.column - 1 + at.length]))
    return result


def test_a_good_rule_has_none() -> None:
    assert found(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("unless = ['is_official']", "unless = ['not links == []']", ("never-matches", 6, "not links == []")),
        ("unless = ['is_official']", "unless = ['sensitive or links != []']", ("never-matches", 6, "sensitive or links != []")),
        ("'links != []'", "'links != []', 'author.seen != 0'", ("never-matches", 5, "author.seen != 0")),
        ("'links != []'", "'links != []', 'sensitive and links == []'", ("never-matches", 5, "links == []")),
        ("'links != []'", "'links != []', 'likes < 0'", ("never-matches", 5, "likes < 0")),
        ("['is_official']", "['is_official', 'likes >= 0']", ("never-matches", 6, "likes >= 0")),
        ("'links != []'", "'links != []', 'likes >= 0'", ("constant-clause", 5, "likes >= 0")),
        ("['is_official']", "['is_official', 'likes < 0']", ("constant-clause", 6, "likes < 0")),
        ("'links != []'", "'links != []', '0 == author.seen'", ("said-twice", 5, "0 == author.seen")),
        ("['is_official']", "['is_official', '(is_official)']", ("said-twice", 6, "is_official")),
        ("catches", "until = 2016-05-01T00:00:00Z\ncatches", ("expired", 7, "2016-05-01T00:00:00Z")),
        ('about = "Links of strangers wait."\n', "", ("no-about", 1, "[[rule]]")),
        ('about = "Links of strangers wait."', 'about = " "', ("no-about", 1, "[[rule]]")),
        ('catches = [{ author.seen = 0, lang = "fr", links = ["https://a.example"] }]\n', "", ("no-catches", 1, "[[rule]]")),
        ('spares = ["x"]\n', "", ("no-spares", 1, "[[rule]]")),
        ("['is_official']", "['any_in(tags, [\"get inspired\"])']", ("dead-entry", 6, '"get inspired"')),
        ("['is_official']", "['lang in [\"english\"]']", ("dead-entry", 6, '"english"')),
        ("['is_official']", "['lang == \"deutsch\"']", ("dead-entry", 6, '"deutsch"')),
        ("['is_official']", "['\"photo\" in media.kinds']", ("dead-entry", 6, '"photo"')),
        ("['is_official']", "['has_any(text, [\"ad \", \"b\"])']", ("dead-entry", 6, '"ad "')),
        ("['is_official']", "['domain_under(domains, [\"https://a.example/x\"])']", ("dead-entry", 6, '"https://a.example/x"')),
        ("'links != []'", "'links != []', 'likes > 5 and likes < 3'", ("never-matches", 5, "likes < 3")),
        ("'links != []'", "'likes > 5', 'links != [] and 3 > likes'", ("never-matches", 5, "3 > likes")),
        ("'links != []'", "'links != []', 'likes > 5 and not likes > 5.5'", ("never-matches", 5, "not likes > 5.5")),
        ("'links != []'", "'likes == 2', 'likes >= 2.5'", ("never-matches", 5, "likes >= 2.5")),
        ("'links != []'", "'author.age < \"7d\"', 'author.age >= \"1w\"'", ("never-matches", 5, 'author.age >= "1w"')),
        ("'links != []'", '\'"2h" < age < "1h"\'', ("never-matches", 5, 'age < "1h"')),
        ("'links != []'", "'count(tags) > 3', 'count(tags) <= 3.9'", ("never-matches", 5, "count(tags) <= 3.9")),
        ("'links != []'", "'clock(\"mass\") > \"4h\"', 'clock(\"mass\") < \"3h\"'", ("never-matches", 5, 'clock("mass") < "3h"')),
        ("'links != []'", "'now > \"2016-04-24T10:00Z\"', 'now <= \"2016-04-24T11:00+01:00\"'", ("never-matches", 5, 'now <= "2016-04-24T11:00+01:00"')),
        ("['is_official']", "['author.handle in [\"ana.example\"]']", ("changing-handle", 6, "author.handle")),
        ("['is_official']", "['author.handle == \"ana.example\"']", ("changing-handle", 6, "author.handle")),
        ("['is_official']", "['matches(text, \"win.{0,80}prize\")']", ("costly-pattern", 6, '"win.{0,80}prize"')),
    ],
)  # fmt: skip
def test_each_lint_at_its_place(old: str, new: str, expected: tuple[str, int, str]) -> None:
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    if "never-matches" in expected:
        text = text.replace(
            'catches = [{ author.seen = 0, lang = "fr", links = ["https://a.example"] }]', "# allow no-catches"
        )
        assert [one for one in found(text) if one[0] != "no-catches"] == [expected]
    else:
        assert found(text) == [expected]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'links != []'", "'links != []', 'author.seen != 1'"),
        ("['is_official']", "['is_official and links != []']"),
        ("['is_official']", "['is_official', 'is_reply']"),
        ("['is_official']", "['lang == \"\"']"),
        ("['is_official']", "['author.handle == \"\"']"),
        ("['is_official']", "['author.id in [\"did:plc:ana\"]']"),
        ("'links != []'", "'likes < 5', 'reposts < 3'"),
        ("'links != []'", "'likes > 5 or likes < 3'"),
        ("'links != []'", "'count(links) > 0', 'count(links) < 2'"),
        ("'links != []'", "'likes < 5', 'likes != 4'"),
        ("'links != []'", "'author.age >= \"400d\"', 'author.age <= \"9600h\"'"),
        ("['is_official']", '[\'lang in ["en", ""]\']'),
        ("['is_official']", "['domain_under(domains, [\"*.b.example\"])']"),
        ("['is_official']", '[\'has_any(text, ["two words", "#tag"])\']'),
        ("['is_official']", "['matches(text, \" #\")']"),
        ("['is_official']", "['matches(text, \"win.{0,40}prize\")']"),
        ("['is_official']", "['\"#GetInspired\" in tags']"),
        ("catches", "until = 2016-05-01T00:00:01Z\ncatches"),
        ("catches", 'mode = "off"\nuntil = 2015-05-01T00:00:00Z\ncatches'),
    ],
)
def test_what_is_meant_has_none(old: str, new: str) -> None:
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    assert found(text) == []


def test_each_dead_entry_of_a_written_list_is_told_where_it_stands() -> None:
    text = GOOD.replace("['is_official']", '[\'any_in(tags, ["fine", "get inspired", "é", "so far"])\']')
    assert found(text) == [("dead-entry", 6, '"get inspired"'), ("dead-entry", 6, '"so far"')]


def test_two_rules_with_the_same_condition() -> None:
    other = GOOD.replace('"links"', '"other"').replace(
        "'author.seen == 0', 'links != []'", "'links != [] and 0 == author.seen'"
    )
    (one,) = lint(rules(GOOD + other))
    assert (one.name, one.rule, one.mistake.line) == ("same-condition", "other", 9)
    assert "'links' (rules/10-a.toml:1)" in one.mistake.reason
    assert lint(rules(GOOD + other.replace("action", 'mode = "off"\naction'))) == ()
    assert lint(rules(GOOD + other.replace("catches", "until = 2030-01-01T00:00:00Z\ncatches"))) == ()


def test_lists() -> None:
    asks = GOOD.replace("'is_official'", "'is_official', 'has_any(text, lists.words)'")
    assert found(asks, words="long enough\n") == []
    assert found(asks, words="kys\n\nfree #ad\nabc\n优胜\n🏁\n5 k") == [
        ("short-entry", 1, "kys"),
        ("dead-entry", 3, "free #ad"),
        ("short-entry", 4, "abc"),
    ]
    assert found(asks, words="# nothing yet\n") == [("empty-list", 1, "#")]
    assert found(GOOD, words="alone\n") == [("unused-list", 1, "a")]
    domains = GOOD.replace("'is_official'", "'is_official', 'domain_under(domains, lists.farms)'")
    assert found(domains, farms="bit.ly\nt.co\nhttps://b.example/\na b.example\nb.co #x") == [
        ("dead-entry", 3, "https://b.example/"),
        ("dead-entry", 4, "a b.example"),
        ("dead-entry", 5, "b.co #x"),
    ]
    both = domains.replace("'is_official',", "'is_official', 'has_any(text, lists.farms)',")
    assert found(both, farms="b.example/x") == []


def test_an_empty_list_names_the_rules_that_wait_for_it() -> None:
    asks = GOOD.replace("'links != []'", "'links != []', 'has_any(text, lists.words)'").replace(
        "catches", "# allow no-catches\n#"
    )
    (empty, _) = lint(rules(asks, words=""))
    if empty.name != "empty-list":
        (_, empty) = lint(rules(asks, words=""))
    assert empty.name == "empty-list"
    assert "links" in empty.mistake.reason


def test_a_comment_allows_a_warning_here_and_nowhere_else() -> None:
    asks = GOOD.replace("'is_official'", "'is_official', 'has_any(text, lists.words)'")
    assert found(asks, words="# allow short-entry\nkys\nabc\n") == [("short-entry", 3, "abc")]
    assert found(asks, words="# allow dead-entry, short-entry\n# for good\nkys\n") == []
    assert found(asks, words="# allow dead-entry\nkys\n") == [("short-entry", 2, "kys")]
    assert found("# allow no-spares\n" + GOOD.replace('spares = ["x"]\n', "")) == []
    assert found(GOOD.replace('spares = ["x"]\n', "").replace("[[rule]]", "[[rule]] # allow no-about no-spares")) == []
    assert found("# allow unused-list\n" + GOOD, words="alone") == [("unused-list", 1, "a")]


def test_an_error_cannot_be_allowed() -> None:
    text = GOOD.replace("['is_official']", "['links != []'] # allow never-matches").replace("catches", "#")
    assert ("never-matches", 6, "links != []") in found(text)


def test_every_lint_has_a_line_and_a_way_out() -> None:
    assert all(name == name.lower() and meaning for name, meaning in LINTS.items())
    shown = str(lint(rules(GOOD.replace('spares = ["x"]\n', "")))[0])
    assert shown.startswith(
        "rules/10-a.toml:1:1: 'links' has no example that it must leave alone: write one [warning: no-spares]\n"
    )
    assert shown.endswith('^^^^^^^^ spares = ["…"]')


def test_every_lint_is_documented_with_what_to_do() -> None:
    guide = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in guide.splitlines() if line.startswith("| `")]
    told = {row[1].split("`")[1]: row for row in rows}
    for name in LINTS:
        assert name in told, name
        assert len(told[name]) == 5, "name, what it says, what to do"


def test_dates_and_order() -> None:
    text = GOOD.replace("catches", "until = 2016-05-01T00:00:00Z\ncatches").replace('spares = ["x"]\n', "")
    assert [one.name for one in lint(rules(text))] == ["no-spares"]
    assert [one.name for one in lint(rules(text), now=NOW)] == ["no-spares", "expired"]


def test_the_rules_that_ship_have_no_lint_but_short_words() -> None:
    folder = ROOT / "rules"
    paths = [*folder.glob("*.toml"), *folder.glob("lists/*.txt")]
    starter = load({str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in paths})
    lints: tuple[Lint, ...] = lint(starter, now=NOW)
    assert {one.name for one in lints} <= {"short-entry"}
    assert all(one.severity is Severity.WARNING for one in lints)
