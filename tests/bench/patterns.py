"""The worst that an admitted pattern can do to a post: a search for it, on texts made to be slow.

What is admitted is bounded by counting (`bot.core.rules.patterns`); this tries to break the bound in time. The goal is 10 ms.
Each pattern is compiled anew before it runs, as a first post would meet it, and its time is the thread's own, so that neighbours on
the machine do not count.
"""

import random
import time
from dataclasses import dataclass, replace

from bot.core.rules.patterns import Pattern, PatternError

GOAL_US = 10_000
TEXT_CHARS = 20_000
KNOWN = (  # what earlier searches found
    r"\B(?:[\w\s]|[abc])(?:[\w\s])*\W(?:[^a]|(?:(?s:.)){30})(?:y|z)",
    r"\b(?:(?s:.)){1,30}q",
    r"\B(?:(?:(?:[\w\s]$|(?:[abc]|\B)))*?|((?:\pL| ))(?:(?:(?s:.)){50}|[abc]))q",
    r"(?:(?:[\w\s]){1,60}(?i:k)|\S)((?:a|(?:\W){0,10}[^a][é-ü]))[^a]",
    r"(?:(?:(?:(?i:é))?|b))?(\B)*[^\w]",
    r"\B(?:[|w\s]|[{2}bc])(?:[\w*\s])*a{2}\W(?:aa]|(?:(?s:.)){30})*a(?:y|z)",
    r"(?:(?m:^)(?:[é-ü]{2}||(\{2})))*?((?:\B)a*(a|[\w\s]){20})[a-cx-z09]q",
    r"[ab]a[ab]{50}[yz]",
    r"\B(?:(?:(?s:.)){20}\w)*?\d!",
    r"(?:[abc](?:[\w\s]){0,5})*[^a](?:.){3,9}?\B\d!",
    r"(?:(?m:^)(?:[é-ü]\w|(\B)))*?((?:\B)a*(?:[\w\s]){20})[a-cx-z0-9]q",
    r"\B(?:\s]|[ab*c])(?:\w\w\s])*a(?:[^a]*|(?:(?s:.)[ab]){30})(ay|z)",
    r"(?:(?:(?s:.)(?s:.)){5}\b(?:(?:\W*|a)){1,30})+(\w:[{2[ab]}a[ab]])[*b]?(?:ya)",
    r"(?:\w?){60}[yz]",
    r"(?:\p{L}{0,6}){15}Q",
    r"🏁(?:\p{L}{3}\p{L}*){8}$",  # the next were searched from their ends
    r"🏁(?:\p{Lu}{3}\p{Lu}*){25}$",
    r"\w(?:\p{ID_Continue}{3,3}\p{L}*){13}$",
    r"\d(?:\w{3}\w*){13}!Q",
    r"\d\w*éa",
    r"\w?(?:(?s:.){2,4}){39}\x{ff}",
    r"\w(?:(?i:k)?|(?s:.){11}){19}Q",
    r"(?i)\b(win|won|free|claim)\b.{0,40}\b(prize|voucher|iphone)\b",
)
_ATOMS = (
    *("a", "b", "x", " ", "é", "🏁", "[ab]", "[abc]", "[^a]", "[a-cx-z0-9]", "[é-ü]", r"[\w\s]", r"[^\w]", ".", "(?s:.)"),
    *(r"\w", r"\W", r"\s", r"\S", r"\d", r"\pL", r"\p{Lu}", "(?i:k)", "(?i:é)", r"\b", r"\B", "^", "$", "(?m:^)", "(?m:$)"),
)  # fmt: skip
_BITS = ("", "a", "{2}", "*", r"\w", "[ab]", "|", "(?:", "?")
_ENDS = ("", "[yz]", "q", "[^a]", "(?:y|z)", r"\d!", "$", "!Q", "éa", r"\x{ff}")
_TAILS = ("q", "Q", "!Q", "éa", "ÿ", "y", "1!")
_REPEATS = ("*", "+", "?", "*?", "{3,9}?", "{5}", "{20}", "{50}", "{0,5}", "{0,20}", "{0,100}", "{1,30}", "{10,}")
_LETTERS = [
    chr(code) for code in range(0x100, 0x30000, 13) if chr(code).isalpha()
]  # an engine keeps no states for so many
_SIGNS = (
    "".join(_LETTERS),
    "".join(letter for letter in _LETTERS if letter > "\uffff"),
    "".join(letter for letter in _LETTERS if letter.isupper()),
    *("ab", "abc ", "éa", "優勝a", "a ", "kKKs", "🏁a", "éü ", "a\n", "abcx019 .é\n", "é", "優", "a", "жa ."),
)


@dataclass(frozen=True)
class Worst:
    """The slowest found: microseconds, the pattern, the beginning of the text, and how many patterns were tried."""

    us: float
    pattern: str
    text: str
    tried: int


def search(seconds: float, seed: int = 20_160_424) -> Worst:
    """Look for the slowest pattern and text for so many seconds: change the slowest known ones, and try new ones."""
    chance = random.Random(seed)
    end = time.perf_counter() + seconds
    slowest: list[Worst] = []
    tried = 0
    left = list(KNOWN)
    while left or time.perf_counter() < end:
        signs_tried = _SIGNS if left else chance.sample(_SIGNS, 3)
        source = left.pop() if left else _next(chance, slowest)
        if not _is_admitted(source):
            continue
        tried += 1
        for signs in signs_tried:
            text = _text(chance, signs)
            us = min(_first_us(source, text) for _ in range(3))
            slowest.append(Worst(us, source, text[:20], tried))
        slowest = sorted(
            {one.pattern: one for one in sorted(slowest, key=lambda one: one.us)}.values(), key=lambda one: -one.us
        )[:30]
    return replace(slowest[0], tried=tried)


def _next(chance: random.Random, slowest: list[Worst]) -> str:
    if chance.random() < 0.2:
        return _pattern(chance) + _pattern(chance) + chance.choice(_ENDS)
    source = chance.choice(slowest).pattern
    at = chance.randrange(len(source) + 1)
    return source[:at] + chance.choice((_pattern(chance, 2), *_BITS)) + source[at + chance.choice((0, 0, 1, 1, 2, 3)) :]


def _is_admitted(source: str) -> bool:
    try:
        Pattern(source)
    except PatternError:
        return False
    return True


def _first_us(source: str, text: str) -> float:
    pattern = Pattern(source)
    before = time.thread_time()
    pattern.found(text)
    return (time.thread_time() - before) * 1e6


def _pattern(chance: random.Random, depth: int = 0) -> str:
    kind = chance.random()
    if depth > 3 or kind < 0.3:
        return chance.choice(_ATOMS)
    inner = _pattern(chance, depth + 1)
    if kind < 0.5:
        return inner + _pattern(chance, depth + 1)
    if kind < 0.6:
        return f"(?:{inner}|{_pattern(chance, depth + 1)})"
    return f"({inner})" if kind < 0.7 else f"(?:{inner}){chance.choice(_REPEATS)}"


def _text(chance: random.Random, signs: str) -> str:
    """Many of some signs, in half of the cases with an end that a pattern can have: an engine may begin to search there."""
    text = _many(chance, signs)
    if chance.random() < 0.5:
        at = chance.randrange(100, 1_500)
        text = text[:at] + chance.choice(_TAILS) + text[at:]
    return text


def _many(chance: random.Random, signs: str) -> str:
    if chance.random() < 0.6:
        weights = [chance.random() ** 2 + 0.01 for _ in signs]
        return "".join(chance.choices(signs, weights, k=TEXT_CHARS))
    period = "".join(chance.choices(signs, k=chance.choice((1, 2, 3, 7, 31, 57))))
    return (period * (TEXT_CHARS // len(period) + 1))[:TEXT_CHARS]
