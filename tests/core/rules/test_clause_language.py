"""Clauses: what they may say, what they mean, and how a mistake in one is told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.durations import parse_signed
from bot.core.rules.examples import build
from bot.core.rules.fields import FIELDS
from bot.core.rules.functions import FUNCTIONS
from bot.core.rules.language import check
from bot.core.rules.program import Condition, Program
from bot.core.rules.tree import Clause
from bot.core.rules.values import Kind, parse_moment, show, show_duration

LISTS = {"spam": ("free money", "casino"), "reporters": ("@Ana", "jo.example"), "farms": ("*.bit.ly",)}


def holds(text: str, example: object) -> bool:
    clause = check(text, LISTS)
    assert isinstance(clause, Clause), clause
    post, around = build(example)
    program = Program([Condition((clause,))])
    matched = program.matched(post, around) == 1
    assert bool(program.values(post, around)(clause.root)) is matched
    return matched


@pytest.mark.parametrize(
    ("clause", "example", "expected"),
    [
        ("is_official", {"is_official": True}, True),
        ("not is_official", {"is_official": True}, False),
        ('has(text, "sold out")', "SOLD OUT!", True),
        ("has_any(text, lists.spam)", "free money", True),
        ("has_any(text, lists.spam)", "free the money", False),
        ('has_any(author.name, ["casino"])', {"author": {"name": "Best Casino"}}, True),
        ("author.handle in lists.reporters", {"author": {"handle": "@ANA"}}, True),
        ("author.handle not in lists.reporters", {"author": {"handle": "kim"}}, True),
        ('author.handle == "@Kim.Example"', "x", True),
        ('"GetInspired" in tags', "#getinspired", True),
        ('any_in(tags, ["#GetInspired"])', "#GETINSPIRED", True),
        ('all_in(tags, ["a", "b"])', "#a #b #c", True),
        ('all_in(tags, ["a", "b"])', "#a", False),
        ("tags != []", "#a", True),
        ("[] == tags", "none", True),
        ("count(tags) >= 2", "#a #b", True),
        ('author.age < "7d"', {"author": {"age": "6d23h59m"}}, True),
        ('author.age < "7d"', {"author": {"age": "7d"}}, False),
        ('"1d" < author.age < "7d"', {"author": {"age": "2d"}}, True),
        ('"1d" < author.age < "7d"', {"author": {"age": "1d"}}, False),
        ('now >= "2016-04-24T10:00+01:00"', {"now": "2016-04-24T09:00Z"}, True),
        ('now >= "2016-04-24T10:00+01:00"', {"now": "2016-04-24T08:59:59Z"}, False),
        ('clock("mass") > "4h"', {"clock": {"mass": "4h1s"}}, True),
        ('clock("mass") > "4h"', {"clock": {"mass": "4h"}}, False),
        ('clock("mass") > "-30m"', {"clock": {"mass": "-29m"}}, True),
        ('clock("mass") > "-30m"', "no such clock", False),
        ("domain_under(domains, lists.farms)", {"domains": ["x.bit.ly"]}, True),
        ("domain_under(domains, lists.farms)", {"domains": ["rabbit.ly"]}, False),
        ("any_in(domains, lists.farms)", {"links": ["https://www.bit.ly/x"]}, True),
        (r'matches(text, r"(?i)\bmile \d+")', "MILE 20", True),
        ('matches(text, "(?i)\\\\bmile \\\\d+")', "MILE 20", True),
        ('starts(text, "Results")', "results are in", True),
        ('ends(text, "?")', "really?", True),
        ("has_phone(text) or has_email(text)", "me@example.org", True),
        ("known(author.followers)", "x", True),
        ("known(lang)", "x", False),
        ("media.count > 1 and media.with_alt == 1", {"media": {"count": 2, "with_alt": 1}}, True),
        ('"video" in media.kinds', {"media": {"kinds": ["video"]}}, True),
        ("is_reply or is_repost or is_quote or is_edit", {"is_edit": True}, True),
        ("story.size > 2 and not story.published", {"story": {"size": 3}}, True),
        ("author.followers > -1.5", "x", True),
        ('lang in ["en", ""]', "x", True),
        ('looks_like(text, ["free money"])', "fr33 m0ney", True),
        ('  is_official or (author.seen == 5 and text != "")  ', "x", True),
    ],
)
def test_meaning(clause: str, example: Any, *, expected: bool) -> None:
    assert holds(clause, example) is expected


@pytest.mark.parametrize(
    ("clause", "start", "end", "reason", "hint"),
    [
        ("langg == 'en'", 0, 5, "unknown field 'langg'", "did you mean 'lang'?"),
        ("lang == 'é' and autor.seen == 0", 16, 26, "unknown field 'autor.seen'", "did you mean 'author.seen'?"),
        ("hasany(text, lists.spam)", 0, 6, "unknown function 'hasany'", "did you mean 'has_any'?"),
        ("has_any(text, lists.spm)", 14, 23, "there is no list 'spm'", "did you mean 'lists.spam'?"),
        ("is_official && is_reply", 12, 13, "write 'and'", ""),
        ("is_official || is_reply", 12, 13, "write 'or'", ""),
        ("!is_official", 0, 1, "write 'not'", ""),
        ("lang = 'en'", 5, 6, "write ==", ""),
        ("lang == “en”", 8, 9, "straight quotes", ""),
        ("lang == 'en", 8, 11, "no closing quote", ""),
        ("author.age < 7d", 13, 15, "write a duration in quotes", '"7d"'),
        ('author.age < "7x"', 13, 17, "is not a duration", ""),
        ('now > "2016-04-24"', 6, 18, "date, time and zone", ""),
        ("author.seen + 1 > 2", 12, 13, "does not calculate", ""),
        ("author.seen - 1 > 2", 0, 15, "", ""),
        ("tags[0] == 'a'", 0, 7, "no meaning", ""),
        ("text.lower == 'a'", 0, 10, "unknown field 'text.lower'", ""),
        ("'a'.join == 'b'", 0, 8, "a dot stands only", ""),
        ('"word" in text', 10, 14, "'in' needs a list on the right", 'for a text write has(text, "word")'),
        ("any_in(tags, mentions)", 13, 21, "written down", ""),
        ("has_any(tags, ['a'])", 8, 12, "needs a text", "any_in(tags, …)"),
        ("has_any(text, 'a')", 14, 17, "needs a list of text", ""),
        ("has_any(text)", 0, 13, "takes 2 arguments (text, list), not 1", ""),
        ("has_any(text, ['a' 'b'])", 19, 22, "a comma", ""),
        ("has_any(text, [])", 14, 16, "empty", ""),
        ("has(text, '\u200b')", 10, 13, "empty text", ""),
        ("likes", 0, 5, "a condition is yes or no", "likes > 0"),
        ("tags", 0, 4, "a condition is yes or no", "tags != []"),
        ("lang == 3", 8, 9, "cannot be compared", ""),
        ("lang < 'en'", 7, 11, "texts have no order", ""),
        ("tags == ['a']", 8, 13, "only compared with []", ""),
        ("is_official == true", 15, 19, "no meaning", ""),
        ("is_official()", 0, 13, "is a field", "is_official"),
        ("has_phone", 0, 9, "is a function", "has_phone(text)"),
        ("author == 'x'", 0, 6, "is no field by itself", ""),
        ("known(text)", 6, 10, "always known", ""),
        ("known(author.age, lang)", 0, 23, "one field", ""),
        ("'a' == 'b'", 0, 3, "two written-down values", ""),
        ("matches(text, '(a')", 14, 18, "bad pattern", ""),
        ("matches(text, '(?=a)')", 14, 21, "look-ahead", ""),
        ("matches(text, '(i?)a')", 14, 21, "'(?i)'", ""),
        ("matches(text, 'a*')", 14, 18, "empty text", ""),
        ("matches(text, '\\d')", 15, 17, "backslash twice", ""),
        ("has(text, word='a')", 14, 15, "write ==", ""),
        ("lambda: 1", 0, 6, "no meaning", ""),
        ("(is_official", 0, 1, "never closed", ""),
        ("is_official)", 11, 12, "never opened", ""),
        ("is_official,", 0, 12, "comma too many", ""),
        ("is_official is_reply", 12, 13, "may be missing", ""),
        ("author.seen <", 13, 14, "may be missing", ""),
        ("", 0, 1, "empty", ""),
        ("lang == f'en'", 9, 13, "no letters right before", ""),
        ("lang ==\n'en'", 7, 8, "one line", ""),
        ("{} == tags", 0, 1, "square brackets", ""),
        ("author.seen == 007", 15, 18, "does not begin with 0", "7"),
        ("x" * 2_001, 2_000, 2_001, "longer than 2000", ""),
        ("(" * 30 + "is_official" + ")" * 30, 20, 21, "nested deeper", ""),
    ],
)
def test_mistakes_have_their_place_and_a_hint(clause: str, start: int, end: int, reason: str, hint: str) -> None:
    troubles = check(clause, LISTS)
    assert isinstance(troubles, tuple), f"{clause} was accepted"
    assert (troubles[0].start, troubles[0].end) == (start, end), troubles
    assert reason in troubles[0].reason
    if hint:
        assert troubles[0].hint == hint


def test_all_mistakes_of_a_clause_are_told() -> None:
    troubles = check("langg == 'en' and likez > 3 or foo(text)", LISTS)
    assert isinstance(troubles, tuple)
    assert [trouble.start for trouble in troubles] == [0, 18, 31]


def test_a_clause_has_at_most_200_parts() -> None:
    assert isinstance(check(" or ".join(["likes > 1"] * 66), {}), Clause)
    assert isinstance(check(" or ".join(["likes > 1"] * 67), {}), tuple)


def test_a_pattern_is_at_most_300_characters() -> None:
    assert isinstance(check(f"matches(text, '{'a' * 300}')", {}), Clause)
    assert isinstance(check(f"matches(text, '{'a' * 301}')", {}), tuple)


def test_clocks_are_checked_where_they_are_known() -> None:
    assert isinstance(check('clock("mass") > "4h"', {}, {"mass"}), Clause)
    troubles = check('clock("mas") > "4h"', {}, {"mass"})
    assert isinstance(troubles, tuple)
    assert troubles[0].hint == "did you mean 'mass'?"


def test_every_field_has_a_value_for_the_plainest_post() -> None:
    for field in FIELDS.values():
        text = {
            Kind.TEXT: f'{field.name} != "zzz"',
            Kind.TEXTS: f"count({field.name}) >= 0",
            Kind.YESNO: f"{field.name} or not {field.name}",
            Kind.NUMBER: f"{field.name} >= 0",
            Kind.DURATION: f'{field.name} >= "0s"',
            Kind.TIME: f'{field.name} > "2000-01-01T00:00Z"',
        }[field.kind]
        assert holds(text, "x"), field.name
        assert field.meaning


def test_the_example_of_every_function_is_a_clause() -> None:
    lists = dict.fromkeys(("spam", "scams", "link_farms"), ("a",))
    for function in FUNCTIONS.values():
        assert isinstance(check(function.example, lists), Clause), function.name
        assert f"{function.name}(" in function.example


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("15m", 900),
        ("6h", 21_600),
        ("30d", 2_592_000),
        ("2w", 1_209_600),
        ("1d12h", 129_600),
        ("-30m", -1_800),
    ],
)
def test_durations(text: str, seconds: int) -> None:
    assert parse_signed(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "-", "30", "d", "1.5h", "1h 2m", "12h1d"])
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_signed(text)


def test_a_duration_stays_inside_the_calendar() -> None:
    with pytest.raises(ValueError, match="is too long: a duration is at most 36500d"):
        parse_signed("999999w")


def test_times_need_a_zone() -> None:
    assert parse_moment("2016-04-24T10:00+01:00") == datetime(2016, 4, 24, 9, tzinfo=UTC)
    for text in ("2016-04-24", "10:00", "2016-04-24T10:00", "0001-01-01T00:00+12:00", "x"):
        with pytest.raises(ValueError, match="zone"):
            parse_moment(text)


def test_values_are_shown_on_one_line() -> None:
    assert show_duration(timedelta(days=6, hours=2, minutes=5)) == "6d2h"
    assert show_duration(timedelta(minutes=-30)) == "-30m"
    assert show_duration(timedelta(0)) == "0s"
    assert show(tuple("abcdefghij")) == "[a, b, c, d, e, f, g, h, … 2 more]"
    assert show("a\nb\x00\u202ec") == "“a b c”"
    assert len(show("x" * 5_000)) < 130
    assert (show(value=True), show(0)) == ("yes", "0")
