"""Clauses apart from their words: same questions have the same shape, and what is written asks what was meant."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.rules.examples import build
from bot.core.rules.language import check
from bot.core.rules.program import Condition, Program
from bot.core.rules.shape import always, conjuncts, shape, write
from bot.core.rules.tree import Clause, NotNode

LISTS = {"spam": ("casino", "free money"), "empty": ()}
POSTS = [
    build(one)
    for one in (
        "casino #a https://a.example",
        {"is_official": True, "author": {"seen": 0, "age": "7d"}, "likes": 3},
        {"text": "hello", "is_reply": True, "author": {"seen": 5, "age": "3d"}, "lang": "en"},
        {"is_official": True, "is_reply": True, "likes": 4, "tags": ["a", "b"]},
    )
]
ATOMS = st.sampled_from(
    ["is_official", "is_reply", "author.seen > 3", "likes <= 3", '"7d" > author.age', 'lang in ["en", "fr"]', "tags != []",
     'any_in(tags, ["b", "a"])', "has_any(text, lists.spam)", '"1d" < author.age < "7d"', "author.seen == likes"],
)  # fmt: skip
CLAUSES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        inner.map(lambda text: f"not ({text})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"
        ),
    ),
    max_leaves=6,
)


def clause(text: str) -> Clause:
    found = check(text, LISTS)
    assert isinstance(found, Clause), found
    return found


def values(*clauses: Clause) -> list[tuple[bool, ...]]:
    program = Program([Condition((one,)) for one in clauses])
    return [
        tuple(bool(program.matched(post, around) >> at & 1) for at in range(len(clauses))) for post, around in POSTS
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("is_official and is_reply", "is_reply and (is_official)"),
        ("not (is_official or is_reply)", "not is_reply and not is_official"),
        ("not not is_official", "is_official"),
        ("is_official and (is_reply and sensitive)", "is_official and is_reply and sensitive"),
        ("is_official or is_official", "is_official"),
        ("likes > 3", "3 < likes"),
        ("not likes > 3", "likes <= 3"),
        ("likes == author.seen", "author.seen == likes"),
        ('lang not in ["en", "fr"]', 'not lang in ["fr", "en"]'),
        ('"casino" in tags', '"#CASINO" in tags'),
        ("has_any(text, lists.spam)", 'has_any(text, ["free money", "casino"])'),
        ('author.age < "7d"', 'author.age < "1w"'),
    ],
)
def test_the_same_question_in_other_words(one: str, other: str) -> None:
    assert shape(clause(one).root) == shape(clause(other).root)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("is_official and is_reply", "is_official or is_reply"),
        ("likes > 3", "likes >= 3"),
        ("likes > 3", "reposts > 3"),
        ("likes > 3", "3 > likes"),
        ("is_official", "not is_official"),
        ('any_in(tags, ["a"])', 'all_in(tags, ["a"])'),
        ('has(text, "a")', 'has(author.name, "a")'),
        ("is_official and not is_reply", "is_official and is_reply"),
    ],
)
def test_other_questions(one: str, other: str) -> None:
    assert shape(clause(one).root) != shape(clause(other).root)


@settings(max_examples=200, deadline=None)
@given(CLAUSES, CLAUSES)
def test_equal_shapes_have_equal_values_and_opposites_differ(one: str, other: str) -> None:
    first, second = clause(one), clause(other)
    opposite = Clause("", NotNode(0, 1, first.root))
    assert shape(opposite.root) == shape(first.root, negated=True)
    same = shape(first.root) == shape(second.root)
    against = shape(first.root) == shape(second.root, negated=True)
    for a, b, c in values(first, second, opposite):
        assert a is not c
        assert not same or a is b
        assert not against or a is not b


@settings(max_examples=200, deadline=None)
@given(CLAUSES)
def test_what_is_written_is_read_as_the_same(text: str) -> None:
    first = clause(text)
    again = clause(write(first.root, text))
    assert shape(again.root) == shape(first.root)
    assert write(again.root, again.text) == again.text
    assert all(a is b for a, b in values(first, again))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("likes >= 0", True),
        ("likes < 0", False),
        ("0 > likes", False),
        ("likes > -1", True),
        ("likes == -1", False),
        ("likes != 1.5", True),
        ("likes <= -1", False),
        ("story.size > 0", True),
        ("story.size == 0", False),
        ("story.size >= 1", True),
        ("story.size > 1", None),
        ("likes > 0", None),
        ("count(tags) < 0", False),
        ('author.age >= "0s"', True),
        ('age < "0s"', False),
        ('age <= "0s"', None),
        ('clock("mass") < "0s"', None),
        ("lang in lists.empty", False),
        ("lang not in lists.empty", True),
        ("any_in(tags, lists.empty)", False),
        ("all_in(tags, lists.empty)", True),
        ("not has_any(text, lists.empty)", True),
        ("is_official or likes >= 0", True),
        ("is_official and likes < 0", False),
        ("is_official and likes >= 0", None),
        ("is_official", None),
        ("author.seen == likes", None),
    ],
)
def test_what_is_always_so(text: str, expected: bool | None) -> None:
    assert always(clause(text).root) is expected
    if expected is not None:
        assert all(value is expected for (value,) in values(clause(text)))


def test_what_must_hold_together() -> None:
    text = "is_official and (is_reply and sensitive) and (likes > 1 or is_quote)"
    assert [write(part, text) for part in conjuncts(clause(text).root)] == [
        "is_official",
        "is_reply",
        "sensitive",
        "likes > 1 or is_quote",
    ]
