"""Scripts that do not part words by spaces: their texts are compared sign by sign.

A sign carries much more there than a letter does elsewhere: another one is another word, and two that are swapped often
are, too ("会社", "社会"). So only what can be no other word counts as a slip.
"""

import re

from bot.core.stories.closed import EMPTY

# Thai and Lao, Burmese, Khmer; kana; the ideographs.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAS = re.compile(f"[{_UNSPACED}]")
_TOKENS = re.compile(f"[{_UNSPACED}]|[^ {_UNSPACED}]+")
_NUMERALS = frozenset("〇一二三四五六七八九十百千万億零两")
_NOT = re.compile("ない|なかっ|なく|ません|まい|不|没|未|無|非|别|ไม่")
_DROPPED = re.compile("[\u3041-\u3096ー]")
_FALSE = re.compile("うそ|ウソ|デマ|でま|嘘|誤報|訂正|谣言|謠言|假|辟谣|更正")
_SOFT = re.compile("[\u3041-\u3096ーｗw]")
_KANA = re.compile("[\u3040-\u30ff]")


def is_spaced(text: str) -> bool:
    """Whether no script is in the text that writes words without spaces between them."""
    return _HAS.search(text) is None


def signs(text: str) -> list[str]:
    """The text's signs; numbers and words of other scripts stay whole."""
    return _TOKENS.findall(text)


def says_something(rest: list[str]) -> bool:
    """Whether these signs hold a number or a negation."""
    if any(sign in _NUMERALS or any(map(str.isdigit, sign)) for sign in rest):
        return True
    said = "".join(rest)
    return _NOT.search(said) is not None or _FALSE.search(said) is not None


def is_empty(rest: list[str]) -> bool:
    """Whether these signs behind a text are no more than a particle or an exclamation of a few kana."""
    return all(sign in EMPTY or _SOFT.fullmatch(sign) for sign in rest)


def swapped(one: str, other: str) -> bool:
    """Whether two neighbours can have been swapped by a slip: ideographs cannot, nobody types them one by one."""
    return _KANA.match(one) is not None or _KANA.match(other) is not None


def can_be_missing(sign: str, before: str, after: str) -> bool:
    """Whether a sign can have been left out, or put in, by a slip."""
    if sign[-1].isdigit() or sign in _NUMERALS:
        return False
    return sign in {before, after} or (_DROPPED.match(sign) is not None and sign not in "んぬず")
