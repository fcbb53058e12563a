"""A hundred thousand random clauses and as many damaged rule files: no crash, and every mistake has a place.

Every run takes a seeded sample of some seconds; MILEPOST_FUZZ=full, and MILEPOST_REQUIRE=all in CI, take them all.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.errors import Mistake, RuleError
from bot.core.rules.examples import build
from bot.core.rules.fields import FIELDS
from bot.core.rules.functions import FUNCTIONS
from bot.core.rules.language import check
from bot.core.rules.program import Condition, Program
from bot.core.rules.ruleset import load
from bot.core.rules.tree import Clause

FULL = 100_000
SAMPLE = 15_000
RULES = Path(__file__).resolve().parents[3] / "rules"
LISTS = {"spam": ("free money", "🏁"), "scams": ("x",), "link_farms": ("bit.ly",), "empty": ()}
POSTS = [build(text) for text in ("free money #a https://a.example me@example.org", "", "ÜBER 🏁 020 7946 0958 ’")]
WORDS = (
    *FIELDS,
    *FUNCTIONS,
    *("lists.spam", "lists.empty", "lists.nope", "lists", "and", "or", "not", "in", "(", ")", "[", "]", ",", "==", "!=", "<", ">="),
    *("0", "7", "1.5", "-", "1e999", '"7d"', '"en"', "'a'", 'r"\\d+"', 'r"(a{1,50}){9}"', '"2016-04-24T10:00Z"', ".", "[]", '["a", "b"]'),
    *("lambda", "if", "else", "true", "None", "é", "\x00", "\ud800", "𝔞𝔫𝔡", ":=", "{", "}", "f'", "**", "#", "\\", "\n", "\t", "&&", "!"),
)  # fmt: skip
NUMBERS = ("0", "7", "-1", "99999999999999999999", "1.5")
SIGNS = (
    "'",
    '"',
    "[",
    "]]",
    "{",
    "}",
    "=",
    "\n",
    "\\",
    "#",
    "é",
    "\x00",
    "\ud800",
    "\r",
    "\t",
    "🏁",
    "'''",
    "0",
    ",",
    ".",
)


def count() -> int:
    everything = os.environ.get("MILEPOST_FUZZ") == "full" or os.environ.get("MILEPOST_REQUIRE") == "all"
    return FULL if everything else SAMPLE


def well_formed(chance: random.Random, depth: int = 0) -> str:
    kind = chance.random()
    if depth < 3 and kind < 0.35:
        return f"{inside(chance, depth)} {chance.choice(('and', 'or'))} {inside(chance, depth)}"
    if depth < 3 and kind < 0.45:
        return f"not {inside(chance, depth)}"
    if kind < 0.7:
        return chance.choice([function.example for function in FUNCTIONS.values()])
    field = chance.choice(list(FIELDS.values()))
    match field.kind.value:
        case "text":
            return f'{field.name} {chance.choice(("==", "!="))} "x"'
        case "list of text":
            return f'{field.name} != [] and "a" not in {field.name}'
        case "number":
            return f"{chance.choice(NUMBERS)} <= {field.name} < {chance.choice(NUMBERS)}"
        case "duration":
            return f'"1h" < {field.name} <= "30d"'
        case "time":
            return f'{field.name} < "2016-04-24T10:00Z"'
    return field.name


def inside(chance: random.Random, depth: int) -> str:
    return f"({well_formed(chance, depth + 1)})"


def damaged(chance: random.Random, text: str, pieces: tuple[str, ...]) -> str:
    for _ in range(chance.randint(1, 3)):
        at = chance.randint(0, len(text))
        gone = chance.choice((0, 0, 1, 1, 2, 5, 30))
        match chance.randrange(4):
            case 0:
                text = text[:at] + text[at + gone :]
            case 1:
                text = text[:at] + chance.choice(pieces) + text[at + gone :]
            case 2:
                text = text[:at] + text[at : at + gone] + text[at:]
            case 3:
                other = chance.randint(0, len(text))
                text = text[:at] + text[other : other + gone] + text[at + gone :]
    return text


def clauses(chance: random.Random) -> Iterator[str]:
    while True:
        match chance.randrange(4):
            case 0:
                yield " ".join(chance.choices(WORDS, k=chance.randint(0, 25)))
            case 1:
                yield "".join(
                    chr(chance.choice((chance.randrange(32, 127), chance.randrange(0x2FFFF)))) for _ in range(30)
                )
            case 2:
                yield well_formed(chance)
            case 3:
                yield damaged(chance, well_formed(chance), (" ", "(", "]", '"', "\\", "\n", "x", "=", "7", "é", "not "))


@pytest.mark.timeout(300)
def test_random_clauses_have_a_value_or_troubles_with_a_place() -> None:
    texts = clauses(random.Random(20_160_424))
    good: list[Clause] = []
    wrong = 0
    for _ in range(count()):
        text = next(texts)
        found = check(text, LISTS)
        if isinstance(found, Clause):
            good.append(found)
        else:
            assert found, text
            wrong += 1
            for trouble in found:
                assert 0 <= trouble.start < trouble.end, text
                assert trouble.start <= len(text), text
                assert trouble.reason, text
        if len(good) == 100:
            have_values(good)
            good = []
    have_values(good)
    assert count() / 5 < wrong < count() * 4 / 5, "there are enough of both kinds"


def have_values(good: list[Clause]) -> None:
    program = Program([Condition((clause,)) for clause in good])
    for post, around in POSTS:
        matched = program.matched(post, around)
        value = program.values(post, around)
        for number, clause in enumerate(good):
            assert bool(value(clause.root)) is bool(matched >> number & 1), clause.text


def starter_files() -> list[str]:
    """Every rule that ships as a file of its own, and the lists."""
    found = []
    for path in sorted(RULES.glob("[0-9]*.toml")):
        head, *blocks = path.read_text(encoding="utf-8").split("[[rule]]")
        found += [f"{head}[[rule]]{block}" for block in blocks]
    return found


@pytest.mark.timeout(300)
def test_damaged_rule_files_load_or_have_mistakes_with_a_place() -> None:
    chance = random.Random(20_160_424)
    shipped = {
        f"lists/{path.name}": "\n".join(path.read_text(encoding="utf-8").splitlines()[:20]) + "\n"
        for path in sorted((RULES / "lists").glob("*.txt"))
    }
    rules = starter_files()
    assert len(rules) >= 20
    lists = sorted(shipped)
    refused = 0
    for number in range(count()):
        files = {"10-a.toml": chance.choice(rules)}
        files |= {name: shipped[name] for name in lists if f"lists.{name[6:-4]}" in files["10-a.toml"]}
        name = chance.choice(sorted(files)) if number % 10 == 0 else "10-a.toml"
        if number % 50 == 0:
            files["20-b.toml"] = chance.choice(rules)  # two rules with one id, lists that are not there
        lines = files[name].split("\n")
        if chance.random() < 0.2:
            at = chance.randrange(len(lines))
            lines[at : at + chance.randint(0, 3)] = chance.choices(lines, k=chance.randint(0, 3))
            files[name] = "\n".join(lines)
        files[name] = damaged(chance, files[name], SIGNS)
        refused += has_places(files)
    assert count() / 2 < refused < count(), "there are both kinds"


def has_places(files: dict[str, str]) -> bool:
    mistakes = mistakes_of(files)
    for mistake in mistakes:
        lines = files[mistake.file].removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
        assert 1 <= mistake.line <= len(lines), files
        assert 1 <= mistake.column <= len(lines[mistake.line - 1]) + 1, files
        assert mistake.length >= 1, files
        assert mistake.reason, files
        assert str(mistake), files
    return bool(mistakes)


def mistakes_of(files: dict[str, str]) -> tuple[Mistake, ...]:
    try:
        load(files)
    except RuleError as error:
        return error.mistakes
    return ()
