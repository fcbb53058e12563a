"""Loads rule files in a process whose every act is written down. Reads cases as JSON, writes what happened as JSON."""

import json
import sys

from bot.core.errors import RuleError
from bot.core.rules.examples import build
from bot.core.rules.judge import judge
from bot.core.rules.ruleset import load

HARMLESS = """[[rule]]
id = "harmless"
action = "hold"
when = ['has_any(text, lists.wet) or matches(text, "rain+") or author.age < "7d"', 'likes > 3']
catches = [{ text = "rain", likes = 4 }]
spares = ["x"]
"""
POSTS = ("rain", {"text": "{0.__class__} %s __import__('os')", "likes": 9})


def run(files: dict[str, str]) -> list[str]:
    """Load and judge; gives the mistakes."""
    try:
        rules = load(files)
    except RuleError as error:
        return [f"{mistake.place}: {mistake.reason}" for mistake in error.mistakes]
    for post in POSTS:
        judge(rules, *build(post))
    return []


def main() -> None:
    """Watch harmless rules first, then each case."""
    run({"a.toml": HARMLESS, "lists/wet.txt": "rain\n"})  # what is made once is made now
    run({"a.toml": "[[rule]]\nid = 3\nwhen = ['x y', '1 +']\n"})
    cases = json.load(sys.stdin)
    events: list[str] = []
    watching = True  # a hook can never be taken away again

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if watching:
            # what is compiled is told apart: source of ours, or an expression that is only parsed
            events.append(f"{event} {arguments[1]!r}" if event == "compile" else event)

    sys.addaudithook(hook)
    for files in (
        {"a.toml": HARMLESS, "lists/wet.txt": "rain\n"},
        {"a.toml": "[[rule]]\nid = 3\nwhen = ['x y', '1 +']\n"},
    ):
        run(files)
    harmless = sorted(set(events))
    found = []
    for files in cases:
        events.clear()
        mistakes = run(files)
        found.append({"mistakes": mistakes, "events": sorted(set(events))})
    events.clear()
    with open(sys.executable, "rb"):  # noqa: PTH123 - shows that the watch sees an open
        with_open = sorted(set(events))
    watching = False
    json.dump({"harmless": harmless, "cases": found, "open": with_open}, sys.stdout)


if __name__ == "__main__":
    main()
