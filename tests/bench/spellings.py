"""Rules in several spellings: Milepost's own, a Python lambda as a programmer writes it by hand, CEL, rule-engine.

The lambdas are written for speed as far as plain code goes: sets for words and tags, compiled patterns, and a post's words are
taken apart once for all lambdas (`Hand`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from bot.core.model import Post
from bot.core.rules.circumstances import Circumstances
from bot.core.rules.ruleset import RuleSet, load

Test = Callable[[Post, Circumstances], object]
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Said:
    """One condition, four times.

    Attributes:
        clause: As Milepost's rules write it.
        python: As the lambda has it.
        cel: "" where CEL needs help from Python.
        engine: The same for rule-engine.
    """

    clause: str
    python: str
    cel: str = ""
    engine: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """One rule.

    Attributes:
        id: Its name in every spelling.
        when: All must hold.
        unless: None may hold.
        action: A line of the rule's table: what it does.
    """

    id: str
    when: tuple[Said, ...]
    unless: tuple[Said, ...]
    action: str

    def joined(self, spelling: str, both: str, negation: str) -> str:
        """The whole condition as one expression."""
        parts = [f"({getattr(one, spelling)})" for one in self.when]
        parts += [f"{negation}({getattr(one, spelling)})" for one in self.unless]
        return both.join(parts)


@dataclass(slots=True)
class Rules:
    """Many rules.

    Attributes:
        written: In file order.
        lists: Entries of the word lists by name.
        bound: What the lambdas call by name.
    """

    written: list[Written] = field(default_factory=list)
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    bound: dict[str, object] = field(default_factory=dict)

    def keep(self, letter: str, value: object) -> str:
        """Give a value a name for the lambdas."""
        name = f"{letter}{len(self.bound)}"
        self.bound[name] = value
        return name

    def milepost(self) -> RuleSet:
        """The rule set, loaded from texts like any other."""
        blocks = []
        for rule in self.written:
            when = ", ".join(f"'{one.clause}'" for one in rule.when)
            unless = ", ".join(f"'{one.clause}'" for one in rule.unless)
            blocks.append(f'[[rule]]\nid = "{rule.id}"\n{rule.action}\nwhen = [{when}]\nunless = [{unless}]\n')
        files = {f"lists/{name}.txt": "\n".join(entries) + "\n" for name, entries in self.lists.items()}
        return load({"rules.toml": "\n".join(blocks), **files})

    def lambdas(self) -> list[tuple[str, Test]]:
        """The rules' names with their lambdas."""
        hand = Hand()
        names = {"words": hand.words, "folded": hand.folded, "hosts": hand.hosts, "timedelta": timedelta, **self.bound}
        return [
            (rule.id, eval(f"lambda post, around: {rule.joined('python', ' and ', 'not ')}", names))  # noqa: S307 - our own words
            for rule in self.written
        ]


class Hand:
    """What hand-written tests share: the last post, taken apart once."""

    def __init__(self) -> None:
        self._post: Post | None = None
        self._folded = ""
        self._words: frozenset[str] = frozenset()

    def folded(self, post: Post) -> str:
        """Its text in lower case: less than Milepost folds, and the same for the posts of this benchmark."""
        if post is not self._post:
            self._take(post)
        return self._folded

    def words(self, post: Post) -> frozenset[str]:
        """Its words."""
        if post is not self._post:
            self._take(post)
        return self._words

    def _take(self, post: Post) -> None:
        self._post = post
        self._folded = post.text.casefold()
        self._words = frozenset(_WORD.findall(self._folded))

    @staticmethod
    def hosts(post: Post) -> list[str]:
        """The hosts it points to."""
        return [urlsplit(link).hostname or "" for link in post.links]
