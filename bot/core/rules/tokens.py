"""The letters of a clause: which signs it may hold, before Python's parser sees it.

This gives plain messages for what people really type (`&&`, `=`, curly quotes, `30d` without quotes, a missing comma) and keeps
from the parser what could trouble it: deep brackets, odd escapes, string prefixes, null bytes.
"""

import re
from dataclasses import dataclass
from keyword import iskeyword

MOST_CHARS = 2_000
DEEPEST = 20

_TOKEN = re.compile(
    r"""(?P<space>[ \t]+)
    |(?P<text>[rR]?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<number>[0-9]+(?:\.[0-9]+)?)
    |(?P<mark>==|!=|<=|>=|[<>()\[\],.\-])""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:([\\'\"nt])|u([0-9a-fA-F]{4})|(.))")
_SHORT_DURATION = re.compile(r"[0-9]+[wdhms](?:[0-9]+[dhms])*\b")
_INSTEAD = {
    "&": "write 'and', not '&&'",
    "|": "write 'or', not '||'",
    "!": "write 'not', not '!'",
    "=": "write == to compare",
    "“": 'write straight quotes: "…"',
    "”": 'write straight quotes: "…"',
    "‘": "write straight quotes: '…'",
    "’": "write straight quotes: '…'",
    "#": "write a tag in quotes and without '#'",
    "@": "write an account in quotes",
    "{": 'write lists with square brackets: ["a", "b"]',
    "\n": "a clause is one line",
    "\r": "a clause is one line",
}  # fmt: skip
_WORDS_INSTEAD = {
    "true": "leave it out: 'is_official' alone asks for yes, 'not is_official' for no",
    "false": "write 'not' before the field",
    "yes": "leave it out: 'is_official' alone asks for yes, 'not is_official' for no",
    "no": "write 'not' before the field",
    "none": 'every field has a value: compare with "", 0 or [], or ask known(…)',
    "null": 'every field has a value: compare with "", 0 or [], or ask known(…)',
    "is": "write == to compare",
    "contains": 'write has(text, "word")',
    "if": "put the condition into a clause of its own: all clauses of 'when' must hold",
    "else": "write two rules",
}
_ALLOWED_KEYWORDS = frozenset({"and", "or", "not", "in"})
_PAIRS = {")": "(", "]": "["}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong in a clause.

    Attributes:
        start: Index in the clause.
        end: Index after it; may lie behind the text's end.
        reason: What is wrong, and what to do.
        hint: What to write instead, "" where nothing is near.
    """

    start: int
    end: int
    reason: str
    hint: str = ""


def first_trouble(text: str) -> Trouble | None:
    """The first sign that cannot stand in a clause, None where Python's parser may read it."""
    if not text.strip():
        return Trouble(0, 1, "the clause is empty: write a condition or delete the line")
    if len(text) > MOST_CHARS:
        return Trouble(MOST_CHARS, MOST_CHARS + 1, f"the clause is longer than {MOST_CHARS} characters: use a list")
    at = 0
    before = ""
    opened: list[tuple[str, int]] = []
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            return _strange(text, at)
        group, token = str(found.lastgroup), found.group()
        trouble = None
        if group == "text":
            trouble = _text(text, at, token, before)
        elif group == "name":
            trouble = _name(at, token)
        elif group == "number":
            trouble = _number(text, at, token)
        elif group == "mark":
            trouble = _bracket(token, at, opened)
        if trouble:
            return trouble
        before = before if group == "space" else group
        at = found.end()
    if opened:
        sign, where = opened[-1]
        return Trouble(where, where + 1, f"the bracket '{sign}' is never closed")
    return None


def _strange(text: str, at: int) -> Trouble:
    sign = text[at]
    if sign in "\"'" or (sign in "rR" and text[at + 1 : at + 2] in {'"', "'"}):
        return Trouble(at, len(text), "this text has no closing quote")
    if sign in "+*/%^~":
        return Trouble(at, at + 1, "a clause does not calculate: compare with the finished number")
    shown = sign if sign.isprintable() else repr(sign)
    return Trouble(at, at + 1, _INSTEAD.get(sign, f"'{shown}' has no meaning in a clause"))


def _text(text: str, at: int, token: str, before: str) -> Trouble | None:
    if before == "text":
        return Trouble(at, at + len(token), "a comma, 'and' or 'or' is missing before this text")
    if before == "name" and at and (text[at - 1].isalnum() or text[at - 1] == "_"):
        return Trouble(at, at + len(token), "a text has no letters right before its quote, except r for a pattern")
    if "\n" in token or "\r" in token:
        return Trouble(at, at + 1, "a clause is one line")
    if token[0] in "rR":
        return None
    for found in _ESCAPE.finditer(token):
        surrogate = found.group(2) is not None and 0xD800 <= int(found.group(2), 16) <= 0xDFFF
        if found.group(3) is not None or surrogate:
            start = at + found.start()
            return Trouble(start, start + 2, "write a backslash twice, or r before the quote", f"r{token[:40]}")
    return None


def _name(at: int, token: str) -> Trouble | None:
    if token in _ALLOWED_KEYWORDS:
        return None
    instead = _WORDS_INSTEAD.get(token.casefold())
    if instead or iskeyword(token):
        return Trouble(
            at, at + len(token), f"'{token}' has no meaning in a clause" + (f": {instead}" if instead else "")
        )
    return None


def _number(text: str, at: int, token: str) -> Trouble | None:
    end = at + len(token)
    duration = _SHORT_DURATION.match(text, at)
    if duration:
        found = duration.group()
        return Trouble(at, duration.end(), "write a duration in quotes", f'"{found}"')
    if len(token) > 15 or text[end : end + 1].isalpha() or text[end : end + 1] == "_":
        return Trouble(at, end + 1, "this is not a number")
    if len(token) > 1 and token[0] == "0" and token[1] != ".":
        return Trouble(at, end, "a number does not begin with 0", token.lstrip("0") or "0")
    return None


def _bracket(sign: str, at: int, opened: list[tuple[str, int]]) -> Trouble | None:
    if sign in "([":
        opened.append((sign, at))
        if len(opened) > DEEPEST:
            return Trouble(at, at + 1, f"brackets are nested deeper than {DEEPEST}: write more clauses")
    elif sign in _PAIRS:
        if not opened or opened[-1][0] != _PAIRS[sign]:
            return Trouble(at, at + 1, f"the bracket '{sign}' was never opened")
        opened.pop()
    return None
