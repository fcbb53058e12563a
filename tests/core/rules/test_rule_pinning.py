"""Pinning: what a person puts into a rule is read back letter by letter, and nothing else in the file changes."""

import difflib
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.core.errors import NotFoundError, RefusedError
from bot.core.model import Author, Media, Post
from bot.core.rules.circumstances import Circumstances
from bot.core.rules.contacts import email_spans, phone_spans
from bot.core.rules.examples import UNKNOWN, build
from bot.core.rules.likeness import example_of
from bot.core.rules.pinning import pin, set_mode, write_example
from bot.core.rules.ruleset import Mode, Rule, RuleSet, load
from bot.core.rules.words import clean

RULES = Path(__file__).resolve().parents[3] / "rules"
NOW = datetime(2016, 4, 24, 10, tzinfo=UTC)
FILE = """# Rules of the desk.

[[rule]]
id     = "first"    # never renamed
about  = "Why."
when   = ['has(text, "scam")'] # the word
catches = ["a scam",  { text = "scam", author.seen = 3 }]   # two
spares  = [
  "scampi",   # food
  { text = "x", is_official = true },
  # more to come
]

# What follows belongs to the second.
[[rule]]
id     = "second"
action = "hold"
when   = ['is_reply']
mode   = "shadow"   # until Friday

[[rule]]
id = "third"
when = ['is_quote']
tag = ["x"]
unless = [
  'is_reply',
]"""


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines that went and lines that came."""
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    return [line[2:] for line in lines if line[:1] == "-"], [line[2:] for line in lines if line[:1] == "+"]


def rule_in(text: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(block for block in tomllib.loads(text)["rule"] if block["id"] == name)
    return found


@pytest.mark.parametrize(
    ("rule", "caught", "gone", "come"),
    [
        ("first", False, [], ['  "new"']),
        (
            "first",
            True,
            ['catches = ["a scam",  { text = "scam", author.seen = 3 }]   # two'],
            ['catches = ["a scam",  { text = "scam", author.seen = 3 },  "new"]   # two'],
        ),
        ("second", True, [], ['catches = ["new"]']),
        ("second", False, [], ['spares = ["new"]']),
        ("third", True, [], ['catches = ["new"]']),
    ],
)
def test_only_the_wanted_line_changes(rule: str, caught: bool, gone: list[str], come: list[str]) -> None:
    after = pin(FILE, rule, "new", caught=caught)
    assert changed(FILE, after) == (gone, come)
    key = "catches" if caught else "spares"
    assert rule_in(after, rule)[key] == [*rule_in(FILE, rule).get(key, []), "new"]
    assert pin(after, rule, "new", caught=caught) == after


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_line_ends_and_marks_stay(line_end: str, start: str) -> None:
    text = start + FILE.replace("\n", line_end)
    for rule in ("first", "second", "third"):
        for caught in (True, False):
            after = pin(text, rule, "new", caught=caught)
            assert after.startswith(f"{start}# Rules")
            assert after.count("\n") == after.count(line_end)
            assert rule_in(after.removeprefix("\ufeff"), rule)["catches" if caught else "spares"][-1] == "new"
        assert set_mode(text, rule, Mode.OFF).count("\n") == set_mode(text, rule, Mode.OFF).count(line_end)


@pytest.mark.parametrize(
    ("rule", "mode", "gone", "come"),
    [
        ("first", Mode.OFF, [], ['mode   = "off"']),
        ("first", Mode.LIVE, [], []),
        ("second", Mode.SHADOW, [], []),
        ("second", Mode.LIVE, ['mode   = "shadow"   # until Friday'], ['mode   = "live"   # until Friday']),
        ("third", Mode.SHADOW, [], ['mode = "shadow"']),
    ],
)
def test_a_mode_is_one_line(rule: str, mode: Mode, gone: list[str], come: list[str]) -> None:
    after = set_mode(FILE, rule, mode)
    assert changed(FILE, after) == (gone, come)
    assert rule_in(after, rule).get("mode", "live") == mode.value
    assert set_mode(after, rule, mode) == after
    if come and not gone:
        before_it = after.splitlines()[after.splitlines().index(come[0]) - 1]
        assert before_it.split()[0] in {"about", "id"}


def test_modes_are_what_the_rules_do() -> None:
    text = FILE.replace("when   = ['has", 'action = "drop"\nwhen   = [\'has')
    for mode in Mode:
        rules = load({"a.toml": set_mode(text, "first", mode)})
        assert rules.rules[0].mode is mode
        assert [one.mode for one in rules.rules[1:]] == [Mode.SHADOW, Mode.LIVE]


def test_what_cannot_be_edited_says_so() -> None:
    with pytest.raises(NotFoundError, match="no rule 'fourth'"):
        pin(FILE, "fourth", "x", caught=True)
    with pytest.raises(NotFoundError):
        set_mode("", "first", Mode.OFF)
    for broken in (FILE + "\nx = ", FILE + "\nid = 'x'\nid = 'y'", "\x00", "a = " + "[" * 2_000):
        with pytest.raises(RefusedError, match="rules check"):
            pin(broken, "first", "x", caught=True)
    with pytest.raises(RefusedError, match="this example in catches"):
        pin(FILE, "first", "a scam", caught=False)
    with pytest.raises(RefusedError, match=r"cannot hold 1\.5"):
        pin(FILE, "first", {"likes": 1.5}, caught=True)
    inline = "rule = [{ id = 'first', when = ['is_reply'], tag = ['x'], catches = 'x' }]"
    with pytest.raises(RefusedError, match=r"begin it with a line \[\[rule\]\]"):
        set_mode(inline, "first", Mode.OFF)
    with pytest.raises(RefusedError):
        pin(inline, "first", "y", caught=True)


def test_the_unseen_is_escaped() -> None:
    assert write_example('a"\\\n\t\x00\x7f\u202e\u200b😀é') == '"a\\"\\\\\\n\\t\\u0000\\u007f\\u202e\\u200b😀é"'
    assert write_example("\U000e0001") == '"\\U000e0001"'
    assert write_example("\ud800") == '"\ufffd"'
    assert write_example({"text": "a", "author": {"seen": 0, "age": "7d"}, "is_official": True, "links": []}) == (
        '{ text = "a", author.seen = 0, author.age = "7d", is_official = true, links = [] }'
    )
    assert (
        write_example({"now": NOW, "clock": {"mass start": "4h"}})
        == '{ now = 2016-04-24T10:00:00+00:00, clock."mass start" = "4h" }'
    )
    assert write_example({}) == "{}"


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
HOSTILE = st.one_of(TEXTS, st.text(st.sampled_from("\"'\\\n\r\t\x00\x7f\u202e#[]{}=,é😀\u2028🏁 "), max_size=40))
TABLES = st.fixed_dictionaries(
    {"text": HOSTILE},
    optional={
        "is_official": st.booleans(),
        "likes": st.integers(0, 10**9),
        "links": st.lists(HOSTILE, max_size=3),
        "tags": st.lists(HOSTILE, max_size=3),
        "author": st.dictionaries(st.sampled_from(["name", "handle", "id"]), HOSTILE, min_size=1),
        "clock": st.dictionaries(HOSTILE, st.just("4h"), min_size=1, max_size=2),
        "now": st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0)),
    },
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(HOSTILE, TABLES), st.sampled_from(["first", "second", "third"]), st.booleans())
@example('"""', "first", True)
@example("'''\\", "first", False)
@example("# comment ]", "second", True)
def test_what_is_read_back_is_what_was_put_in(given_: object, rule: str, caught: bool) -> None:
    after = pin(FILE, rule, given_, caught=caught)
    key = "catches" if caught else "spares"
    document = tomllib.loads(after)
    assert rule_in(after, rule)[key][-1] == given_
    for block, before in zip(document["rule"], tomllib.loads(FILE)["rule"], strict=True):
        if block["id"] == rule:
            block[key] = block[key][:-1]
            before.setdefault(key, [])
        assert block == before
    gone, come = changed(FILE, after)
    assert len(gone) <= 1
    assert len(come) == 1
    assert pin(after, rule, given_, caught=caught) == after


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80), st.sampled_from(["first", "x"]))
def test_any_file_is_edited_or_refused(text: str, rule: str) -> None:
    for whole in (text, FILE[:300] + text, FILE + "\n" + text):
        for pinning in (True, False):
            try:
                after = pin(whole, rule, "new", caught=True) if pinning else set_mode(whole, rule, Mode.OFF)
            except (RefusedError, NotFoundError):
                continue
            assert tomllib.loads(after.removeprefix("\ufeff")) != tomllib.loads(whole.removeprefix("\ufeff"))


def starter() -> RuleSet:
    paths = [*RULES.glob("*.toml"), *RULES.glob("lists/*.txt")]
    return load({str(path.relative_to(RULES)): path.read_text(encoding="utf-8") for path in paths})


STARTER = starter()
BY_ID = {rule.id: rule for rule in STARTER.rules}


def a_rule(when: str, unless: str = "", more: str = "") -> Rule:
    exempt = f"unless = ['{unless}']\n" if unless else ""
    files = {
        "a.toml": f'[[rule]]\nid = "r"\ntag = ["x"]\nwhen = [\'{when}\']\n{exempt}{more}\n',
        "lists/people.txt": "did:plc:ana\nana@mail.example",
    }
    return load(files).rules[0]


def a_post(text: str, **more: Any) -> Post:
    author = Author(
        "did:plc:kim", "kim.example", "Kim", created_at=NOW - timedelta(days=3, milliseconds=7), followers=7
    )
    plain = Post("bluesky", "1", "hashtag", author, NOW - timedelta(hours=6, milliseconds=1), NOW, text=text, lang="en")
    return replace(plain, **more)


AROUND = Circumstances(NOW, author_seen=5, clocks={"mass": NOW - timedelta(hours=4, milliseconds=5)})


@pytest.mark.parametrize(
    ("rule", "post", "expected"),
    [
        (a_rule('has(text, "scam")'), a_post("a scam"), "a scam"),
        (a_rule('has(text, "scam")', "is_official"), a_post("a scam", likes=7), "a scam"),
        (a_rule("links != []"), a_post("a", links=("https://a.example/x",)), {"text": "a", "links": ["https://a.example/x"]}),
        (a_rule("links != []"), a_post("see https://a.example/x", links=("https://a.example/x",)), "see https://a.example/x"),
        (
            a_rule('domain_under(domains, ["bit.ly"])'),
            a_post("https://t.example", links=("https://bit.ly/1",)),
            {"text": "https://t.example", "domains": ["bit.ly"], "links": []},
        ),
        (a_rule('author.age < "7d"'), a_post("x"), {"text": "x", "author": {"age": "3d"}}),
        (a_rule('age > "6h"'), a_post("x"), {"text": "x", "age": "6h1s"}),
        (a_rule('clock("mass") > "4h"'), a_post("x"), {"text": "x", "clock": {"mass": "4h1s"}}),
        (a_rule("author.followers < 10"), a_post("x"), {"text": "x", "author": {"followers": 7}}),
        (a_rule('"video" in media.kinds'), a_post("x", media=(Media("video"),) * 2), {"text": "x", "media": {"kinds": ["video", "video"]}}),
        (a_rule('lang == "en"'), a_post("x", title="T"), {"text": "T\nx", "lang": "en"}),
        (
            a_rule("is_reply", more="until = 2016-04-24T12:00:00Z"),
            a_post("x", reply_to="y"),
            {"text": "x", "is_reply": True, "now": "2016-04-24T10:00:00+00:00"},
        ),
        (a_rule("has_phone(text)"), a_post("ring 07700 900123, now"), "ring 020 7946 0958, now"),
        (a_rule("has_email(text)"), a_post("to kim.smith@corp.test."), "to someone@example.org."),
        (a_rule(r'matches(text, "\\+49 17")'), a_post("ring +49 170 1234567"), "ring +49 170 0000000"),
        (a_rule(r'matches(text, "\\(\\d")'), a_post("ring (415) 555-2671"), "ring (212) 555-0142"),
        (a_rule("is_reply"), a_post("a@b.example 0170 1234567"), "someone@example.org 020 7946 0958"),
        (a_rule('"bluesky" == platform'), a_post("x"), {"text": "x", "platform": "bluesky"}),
        (a_rule("author.seen > 3"), a_post("word " * 200), ("word " * 200)[:280].rstrip() + "…"),
        (a_rule('ends(text, "end")'), a_post("word " * 200 + "end"), "word " * 200 + "end"),
    ],
)  # fmt: skip
def test_the_likeness_of_a_post(rule: Rule, post: Post, expected: object) -> None:
    assert example_of(rule, post, AROUND) == expected


def test_who_stands_in_a_list_is_named_and_who_does_not_is_not() -> None:
    listed = a_rule("author.id in lists.people")
    known = replace(a_post("x"), author=Author("ana@mail.example"))
    assert example_of(listed, known, AROUND) == {"text": "x", "author": {"id": "ana@mail.example"}}
    stranger = replace(a_post("x"), author=Author("secret@mail.example"))
    assert example_of(listed, stranger, AROUND) == {"text": "x", "author": {"id": "someone@example.org"}}


def test_what_no_example_can_say_is_refused() -> None:
    with pytest.raises(RefusedError, match="write one by hand"):
        example_of(a_rule('has(text, "07700 900123")'), a_post("ring 07700 900123"), AROUND)


@pytest.mark.parametrize("name", ["author.age", "author.followers"])
def test_an_example_says_that_a_value_is_unknown(name: str) -> None:
    unknown = replace(a_post("x"), author=Author("kim"))
    made = example_of(a_rule(f"known({name})"), unknown, AROUND)
    assert made == {"text": "x", "author": {name.removeprefix("author."): "unknown"}}
    assert UNKNOWN not in str(example_of(a_rule(f"known({name})"), a_post("x"), AROUND))


POSTS = st.builds(
    a_post,
    st.one_of(
        TEXTS,
        st.lists(
            st.sampled_from(
                ["scam", "free bitcoin", "kys", "BREAKING:", "#GetInspired", "https://bit.ly/x", "+44 7700 900123", "07700900123",
                 "kim@corp.test", "a@b.cc@d.ee", "212-555-1234 99", "mile 20", "@ana", "\u202e", "bib 40312", "2:04:11", ",", "\n"],
            ),
            max_size=8,
        ).map(" ".join),
    ),
    tags=st.lists(st.sampled_from(["getinspired", "londonmarathon", "x y"]), max_size=3, unique=True).map(tuple),
    links=st.lists(st.sampled_from(["https://bit.ly/x", "https://a.example/?m=kim@corp.test", "mailto:x"]), max_size=2).map(tuple),
    labels=st.lists(st.sampled_from(["nudity", "!hide"]), max_size=1).map(tuple),
    lang=st.sampled_from(["", "en", "nl"]),
    title=st.sampled_from(["", "A title"]),
    sensitive=st.booleans(),
    repost_of=st.sampled_from(["", "x"]),
    reply_to=st.sampled_from(["", "x"]),
    media=st.lists(st.builds(Media, st.sampled_from(["image", "video"]), alt=st.sampled_from(["", "A"])), max_size=3).map(tuple),
)  # fmt: skip
AROUNDS = st.builds(
    Circumstances,
    st.sampled_from([NOW, NOW + timedelta(days=3, microseconds=5), NOW - timedelta(days=900)]),
    is_official=st.booleans(),
    author_seen=st.integers(0, 9),
    author_published=st.integers(0, 2),
    author_rejected=st.integers(0, 4),
)


def texts_of(given_: object) -> list[str]:
    match given_:
        case str():
            return [given_]
        case dict():
            return [text for value in given_.values() for text in texts_of(value)]
        case list():
            return [text for value in given_ for text in texts_of(value)]
    return []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(POSTS, AROUNDS, st.sampled_from(sorted(BY_ID)))
def test_a_likeness_matches_as_its_post_does_and_names_nobody(post: Post, around: Circumstances, name: str) -> None:
    rule = BY_ID[name]
    matched = STARTER.program.matched(post, around) if rule.mode is not Mode.OFF else None
    found = example_of(rule, post, around)
    again = example_of(rule, post, around)
    assert found == again
    if matched is not None:
        at = STARTER.active.index(rule)
        caught = bool(matched >> at & 1)
        assert bool(STARTER.program.matched(*build(found)) >> at & 1) is caught
        pinned = pin(STARTER.files[rule.file], rule.id, found, caught=caught)
        assert load({**STARTER.files, rule.file: pinned}).rules
    for text in texts_of(found):
        assert clean(text) == text
        assert {text[start:end] for start, end in email_spans(text)} <= {"someone@example.org", "someone@example.com"}
        assert all(
            number in {"020 7946 0958", "+44 20 7946 0958", "(212) 555-0142"} or set(number[6:]) <= set("0 .-()/")
            for number in (text[start:end] for start, end in phone_spans(text))
        )
