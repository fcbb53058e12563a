"""A hostile rule file can read no file, open no socket and run no code: watched by the interpreter itself."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
CLAUSES = {
    "dunder of a field": "text.__class__ == 'x'",
    "dunder of a text": "''.__class__.__mro__ == ''",
    "subclasses": "().__class__.__bases__[0].__subclasses__()",
    "dunder of a list": "lists.__class__ != []",
    "globals of a function": "has.__globals__ != ''",
    "our own names": "program.__code__ == ''",
    "import": "__import__('os').system('touch /tmp/evil')",
    "import in an argument": "has(text, __import__('os').name)",
    "open": "open('/etc/passwd').read() != ''",
    "open in an argument": "has(text, open('/etc/passwd').read())",
    "eval": "eval('1') == 1",
    "exec": "exec('import os')",
    "compile": "compile('1', 'x', 'eval') != ''",
    "getattr": "getattr(text, 'upper')() == 'A'",
    "globals": "globals() != []",
    "builtins": "__builtins__ != []",
    "breakpoint": "breakpoint()",
    "lambda": "(lambda: is_reply)()",
    "lambda as a value": "has(text, lambda: 'a')",
    "f-string": "has(text, f'{author.id}')",
    "f-string with a call": "has(text, f'{__import__(\"os\").name}')",
    "walrus": "(x := is_reply)",
    "list comprehension": "[t for t in tags] != []",
    "endless generator": "any(t for t in iter(int, 1))",
    "dict comprehension": "{t: 1 for t in tags} != []",
    "starred": "has(*[text, 'a'])",
    "keywords": "has(**{'text': 'a'})",
    "conditional": "is_reply if is_quote else is_repost",
    "await": "await text",
    "yield": "(yield text)",
    "subscript": "tags[0] == 'a'",
    "slice": "text[::-1] == 'a'",
    "huge power": "likes > 9**9**9**9",
    "huge shift": "likes > 1 << 10**10",
    "huge number": "likes > " + "9" * 1_900,
    "huge repetition": "has(text, 'a' * 10**10)",
    "format": "has(text, '{0.__class__}'.format(text))",
    "percent": "has(text, '%s' % text)",
    "method": "text.upper() == 'A'",
    "deep brackets": "(" * 900 + "is_reply" + ")" * 900,
    "deep not": "not " * 480 + "is_reply",
    "deep lists": "has_any(text, " + "[" * 90 + "]" * 90 + ")",
    "many parts": " or ".join(["is_reply"] * 190),
    "very long": "has(text, '" + "a" * 100_000 + "')",
    "two statements": "is_reply; import os",
    "line break": "is_reply\nimport os",
    "form feed and null": "is_reply\x0c\x00import os",
    "coding comment": "# coding: utf-7\nis_reply",
    "line continued": "is_reply \\\n and is_quote",
    "disguised name": "__ｉｍｐｏｒｔ__('os')",
    "disguised open": "ｏｐｅｎ('/etc/passwd')",
    "bytes": "has(text, b'a')",
    "a path for a list": "has_any(text, lists.etc.passwd)",
    "recursive pattern": "matches(text, '(?R)(?1)*')",
    "pattern with code": "matches(text, '(?{system(1)})')",
    "pattern whose repeats multiply": "matches(text, '((a{1,50}){1,50}){1,50}b')",
}
FILES = {
    "an include": 'include = "/etc/passwd"\n',
    "a table of Python": "[python]\nrun = 'import os'\n",
    "a key that is a dunder": "[[rule]]\nid = 'a'\nwhen = ['is_reply']\naction = 'hold'\n__class__ = 'x'\n",
    "an id that is a path": "[[rule]]\nid = '../../etc/passwd'\nwhen = ['is_reply']\naction = 'hold'\n",
    "an example that is a dunder": "[[rule]]\nid = 'a'\nwhen = ['is_reply']\naction = 'hold'\ncatches = [{ __class__ = 'x' }]\n",
    "an example that is an inner dunder": (
        "[[rule]]\nid = 'a'\nwhen = ['is_reply']\naction = 'hold'\ncatches = [{ author.__class__ = 'x' }]\n"
    ),
    "a schema to fetch": "#:schema http://evil.example/schema.json\n[[rule]]\nid = 'a'\n",
    "deep TOML": "a = " + "[" * 5_000 + "]" * 5_000 + "\n",
    "deep tables": ".".join("a" * 3_000) + " = 1\n",
}
# Words that only stand in texts are harmless, and are let through.
HARMLESS = {
    "code in a text": 'has(text, \'__import__("os").system("true")\')',
    "a format in a text": "has_any(text, ['{0.__class__.__init__.__globals__}', '%s', '${HOME}'])",
    "a path in a text": "text == '/etc/passwd' or \"file:///etc/passwd\" in links",
}


def file_of(clause: str) -> str:
    return f"[[rule]]\nid = 'attack'\naction = 'hold'\nwhen = [{json.dumps(clause)}]\n"


def rule_files() -> dict[str, dict[str, str]]:
    named = {**{name: file_of(text) for name, text in (CLAUSES | HARMLESS).items()}, **FILES}
    return {name: {"10-a.toml": text, "lists/wet.txt": "rain\n"} for name, text in named.items()}


@cache
def watched() -> dict[str, Any]:
    """What the interpreter saw, by the name of the case."""
    cases = rule_files()
    run = subprocess.run(
        [sys.executable, "-X", "utf8", "-m", "tests.core.rules.watched"],
        input=json.dumps(list(cases.values())),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
    )
    found: dict[str, Any] = json.loads(run.stdout)
    found["cases"] = dict(zip(cases, found["cases"], strict=True))
    return found


def test_the_watch_sees_an_open_file_and_harmless_rules_do_nothing_but_compile() -> None:
    assert "open" in watched()["open"]
    assert {event for event in watched()["harmless"] if event.startswith("compile")}
    assert not {
        event for event in watched()["harmless"] if event.split(".")[0] in {"open", "import", "exec", "socket", "os"}
    }


@pytest.mark.parametrize("name", [*CLAUSES, *FILES])
def test_an_attack_is_refused_with_its_place_and_does_nothing(name: str) -> None:
    case = watched()["cases"][name]
    assert case["mistakes"], "it is let through"
    assert all(one.startswith("10-a.toml:") for one in case["mistakes"])
    assert set(case["events"]) <= set(watched()["harmless"])


@pytest.mark.parametrize("name", list(HARMLESS))
def test_code_that_only_stands_in_a_text_is_a_text(name: str) -> None:
    case = watched()["cases"][name]
    assert case["mistakes"] == []
    assert set(case["events"]) <= set(watched()["harmless"])
