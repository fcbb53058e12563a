"""Rules for the tests of the steps: a rule in one line, and a folder that is adopted at once."""

import pytest

from bot.app import look
from tests.conftest import House

LOVELY = """
[[rule]]
id = "lovely"
about = "What is lovely goes out by itself."
action = "publish"
when = ['has(text, "lovely")']
catches = ["how lovely"]
spares = ["hello"]
"""


def rule(name: str, when: str, **keys: str) -> str:
    """A rule with one clause; `keys` as the file has them, without their quotes for what is no list or table."""
    lines = [f'[[rule]]\nid = "{name}"\nabout = "A rule of a test."', f"when = ['{when}']"]
    for key, value in keys.items():
        bare = value[:1] in "[{" or value[:1].isdigit() or value[:1] == "-"
        lines.append(f"{key} = {value}" if bare else f'{key} = "{value}"')
    return "\n".join(lines) + "\n"


def save(house: House, text: str, name: str = "10-rules.toml") -> None:
    """Save a rule file, and have it adopted; a mistake fails the test."""
    (house.rules / name).write_text(text, encoding="utf-8")
    if house.app.adopt(at_once=True).refused:
        pytest.fail(look.status(house.app).rules_refused)


def verdicts(house: House) -> dict[str, str]:
    """The verdict that stands on each post, by its text."""
    found = {}
    with house.app.database.read() as tx:
        numbers = [int(row[0]) for row in tx.raw("SELECT id FROM posts ORDER BY id")]
    for number in numbers:
        life = look.explain(house.app, str(number))
        found[life.versions[-1].text] = life.verdict
    return found
