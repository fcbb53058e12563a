"""Any text as a clause, any bytes as a rule file: a result or mistakes with a place, never anything else."""

from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.core.errors import Mistake, RuleError
from bot.core.rules.examples import build
from bot.core.rules.fields import FIELDS
from bot.core.rules.functions import FUNCTIONS
from bot.core.rules.language import check
from bot.core.rules.program import Condition, Program
from bot.core.rules.ruleset import load
from bot.core.rules.tree import Clause

LISTS = {"spam": ("free money", "🏁"), "empty": ()}
RULES = Path(__file__).resolve().parents[3] / "rules"
POSTS = [build(text) for text in ("free money #a https://a.example me@example.org", "", "ÜBER 🏁 020 7946 0958 ’")]
TOKENS = [
    *FIELDS,
    *FUNCTIONS,
    "lists.spam", "lists.empty", "and", "or", "not", "in", "(", ")", "[", "]", ",", "==", "!=", "<", ">=", "0", "7", "1.5", '"7d"',
    '"en"', "'a'", 'r"\\d+"', '"2016-04-24T10:00Z"', "-", ".", "[]", '["a", "b"]', "lambda", "if", "true", "é", "\x00",
]  # fmt: skip
ATOMS = st.sampled_from(
    [
        *(
            function.example.replace("lists.scams", "lists.spam").replace("lists.link_farms", "lists.spam")
            for function in FUNCTIONS.values()
        ),
        *(f'{field.name} == "x"' for field in FIELDS.values() if field.kind == "text"),
        *(f"{field.name} != []" for field in FIELDS.values() if field.kind == "list of text"),
        *(f'"a" not in {field.name}' for field in FIELDS.values() if field.kind == "list of text"),
        *(f'"1h" < {field.name} <= "30d"' for field in FIELDS.values() if field.kind == "duration"),
        *(field.name for field in FIELDS.values() if field.kind == "yes/no"),
        "lang in lists.empty",
        'now < "2016-04-24T10:00Z"',
    ],
)
GOOD = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        inner.map(lambda text: f"not ({text})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"
        ),
    ),
    max_leaves=8,
)


def run(text: str) -> bool:
    clause = check(text, LISTS)
    if not isinstance(clause, Clause):
        assert clause
        for trouble in clause:
            assert 0 <= trouble.start < trouble.end
            assert trouble.start <= len(text)
            assert trouble.reason
        return False
    program = Program([Condition((clause,)), Condition((clause,), (clause,))])
    for post, around in POSTS:
        matched = program.matched(post, around)
        assert matched in {0, 1}  # the second condition exempts what it asks for
        assert bool(program.values(post, around)(clause.root)) is bool(matched)
    return True


def mistakes_of(files: dict[str, str]) -> tuple[Mistake, ...]:
    try:
        load(files)
    except RuleError as error:
        return error.mistakes
    return ()


@given(st.text())
@example("\ud800")
@example("has(text, '\ud800')")
@example("has(text, '\x00')")
@example("(" * 1_000)
@example("not " * 400 + "is_reply")
@example("[" * 15 + "]" * 15)
@example("is_reply if is_reply else is_reply")
@example("1 is 1")
@example("0x1for x in y")
@example("likes > 99999999999999999999999999")
@example('"\\N{BULLET}" == lang')
@example("a.b.c.d.e()()()")
@example("1" * 1_999)
@example("has(text, 'x')" + " " * 1_900)
def test_any_text_is_a_clause_or_has_troubles(text: str) -> None:
    run(text)


@settings(max_examples=400)
@given(st.lists(st.sampled_from(TOKENS), max_size=25).map(" ".join))
def test_any_words_of_the_language_are_a_clause_or_have_troubles(text: str) -> None:
    run(text)


@settings(max_examples=300, deadline=None)
@given(GOOD)
def test_what_is_well_formed_is_accepted_and_always_has_a_value(text: str) -> None:
    assert run(text)


@settings(max_examples=200, deadline=None)
@given(GOOD, st.data())
def test_a_clause_with_one_letter_changed_is_a_clause_or_has_troubles(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    run(
        text[:at]
        + data.draw(st.sampled_from(["", " ", "(", "]", '"', "\\", "\n", "x", "=", "7", "é"]))
        + text[at + 1 :]
    )


STARTER = {path.name: path.read_text(encoding="utf-8") for path in sorted(RULES.glob("[0-9]*.toml"))}
STARTER_LISTS = {
    f"lists/{path.name}": path.read_text(encoding="utf-8") for path in sorted((RULES / "lists").glob("*.txt"))
}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(STARTER)), st.data())
def test_a_damaged_rule_file_loads_or_has_mistakes_with_a_place(name: str, data: st.DataObject) -> None:
    text = STARTER[name]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        gone = data.draw(st.integers(0, 30))
        text = (
            text[:at]
            + data.draw(
                st.sampled_from(["", "'", '"', "[", "]]", "{", "=", "\n", "\\", "#", "é", "\x00", "\ud800", "\r"])
            )
            + text[at + gone :]
        )
    lines = text.replace("\r\n", "\n").split("\n")
    for mistake in mistakes_of({name: text, **STARTER_LISTS}):
        assert mistake.file == name
        assert 1 <= mistake.line <= len(lines)
        assert 1 <= mistake.column <= len(lines[mistake.line - 1]) + 1
        assert mistake.length >= 1
        assert str(mistake)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_rule_file_or_has_mistakes(text: str) -> None:
    for name in ("a.toml", "lists/a.txt"):
        assert all(mistake.line >= 1 for mistake in mistakes_of({name: text}))
