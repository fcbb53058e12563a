"""Other engines for the same rules: two packages for CEL, and rule-engine. None is needed; who cannot be imported is left out.

Each gets the facts of a post once (a flat mapping, made in Python, durations as seconds) and tells which rules match. Word
lists, patterns and subdomains are not asked of them: CEL has no whole words, and help from Python would be measured instead.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from importlib import import_module
from importlib.metadata import version
from typing import Any

from bot.core.model import Post
from bot.core.rules.circumstances import Circumstances
from tests.bench.spellings import Written

Matches = Callable[[Post, Circumstances], list[str]]

_KINDS: dict[str, object] = {
    "tags": [],
    "labels": [],
    "handle": "",
    "lang": "",
    "author_seen": 0,
    "author_published": 0,
    "author_rejected": 0,
    "followers": 0,
    "story_size": 0,
    "tag_count": 0,
    "media_count": 0,
    "age_s": 0.0,
    "author_age_s": 0.0,
    "is_reply": False,
    "is_quote": False,
    "sensitive": False,
    "has_links": False,
    "story_published": False,
    "followers_known": False,
    "is_official": False,
}  # fmt: skip


def _seconds(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else (now - moment).total_seconds()


def facts(post: Post, around: Circumstances) -> dict[str, object]:
    """What the expressions may name."""
    author = post.author
    return {
        "tags": list(post.tags),
        "labels": [*post.labels, *author.labels],
        "handle": author.handle.lower(),
        "lang": post.lang,
        "author_seen": around.author_seen,
        "author_published": around.author_published,
        "author_rejected": around.author_rejected,
        "followers": author.followers or 0,
        "story_size": around.story_size,
        "tag_count": len(post.tags),
        "media_count": len(post.media),
        "age_s": _seconds(post.created_at, around.now),
        "author_age_s": _seconds(author.created_at, around.now),
        "is_reply": post.reply_to != "",
        "is_quote": post.quote_of != "",
        "sensitive": post.sensitive,
        "has_links": bool(post.links),
        "story_published": around.story_published,
        "followers_known": author.followers is not None,
        "is_official": around.is_official,
    }


def _common_expression_language(rules: Sequence[Written]) -> Matches:
    cel = import_module("cel")
    programs = [(rule.id, cel.compile(rule.joined("cel", " && ", "!")).execute) for rule in rules]

    def matches(post: Post, around: Circumstances) -> list[str]:
        context = cel.Context(variables=facts(post, around))
        return [name for name, execute in programs if execute(context)]

    return matches


def _cel_expr_python(rules: Sequence[Written]) -> Matches:
    cel = import_module("cel_expr_python.cel")
    kinds = {
        bool: cel.Type.BOOL,
        int: cel.Type.INT,
        float: cel.Type.DOUBLE,
        str: cel.Type.STRING,
        list: cel.Type.List(cel.Type.STRING),
    }
    env = cel.NewEnv(variables={name: kinds[type(value)] for name, value in _KINDS.items()})
    programs = [(rule.id, env.compile(rule.joined("cel", " && ", "!")).eval) for rule in rules]

    def matches(post: Post, around: Circumstances) -> list[str]:
        activation = env.Activation(facts(post, around))
        return [name for name, run in programs if run(activation).value() is True]

    return matches


def _rule_engine(rules: Sequence[Written]) -> Matches:
    engine = import_module("rule_engine")
    kinds: dict[type, Any] = {
        bool: engine.DataType.BOOLEAN,
        int: engine.DataType.FLOAT,
        float: engine.DataType.FLOAT,
        str: engine.DataType.STRING,
        list: engine.DataType.ARRAY(engine.DataType.STRING),
    }
    resolver = engine.type_resolver_from_dict({name: kinds[type(value)] for name, value in _KINDS.items()})
    context = engine.Context(type_resolver=resolver)
    programs = [
        (rule.id, engine.Rule(rule.joined("engine", " and ", "not "), context=context).matches) for rule in rules
    ]

    def matches(post: Post, around: Circumstances) -> list[str]:
        known = facts(post, around) | {"tags": post.tags, "labels": post.labels + post.author.labels}
        return [name for name, run in programs if run(known)]

    return matches


_ENGINES: dict[str, Callable[[Sequence[Written]], Matches]] = {
    "common-expression-language": _common_expression_language,
    "cel-expr-python": _cel_expr_python,
    "rule-engine": _rule_engine,
}
CEL = ("common-expression-language", "cel-expr-python")
SLOW = "rule-engine"


def installed(rules: Sequence[Written]) -> dict[str, Matches]:
    """The engines that are there, by their names at PyPI, each with the rules compiled."""
    found = {}
    for name, make in _ENGINES.items():
        try:
            found[name] = make(rules)
        except ImportError:
            continue
    return found


def versions() -> str:
    """For the head of the output: which engine is there, and which is not installed."""
    there = installed(())
    return ", ".join(f"{name} {version(name)}" if name in there else f"{name} is not installed" for name in _ENGINES)
